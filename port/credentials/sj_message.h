/*
 * Messages in memory of a fixed size; what does not fit is cut.
 */
#ifndef SJ_MESSAGE_H
#define SJ_MESSAGE_H

#include <stddef.h>

/* Append `text` to `message`, NUL-terminated in `cap` bytes. */
void sj_message_add(char *message, size_t cap, const char *text);

/* Append a number in decimal. */
void sj_message_add_number(char *message, size_t cap, unsigned number);

#endif
