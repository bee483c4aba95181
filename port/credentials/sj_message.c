#include "sj_message.h"

#include <string.h>

#include "segjob_text.h"

void sj_message_add(char *message, size_t cap, const char *text)
{
    const size_t at = strlen(message);
    const size_t left = cap - 1 - at;
    const size_t n = strlen(text) < left ? strlen(text) : left;

    memcpy(message + at, text, n);
    message[at + n] = '\0';
}

void sj_message_add_number(char *message, size_t cap, unsigned number)
{
    char digits[SEGJOB_DECIMAL_DIGITS + 1];
    char *const end = digits + SEGJOB_DECIMAL_DIGITS;

    *end = '\0';
    sj_message_add(message, cap, segjob_write_decimal(end, number));
}
