/*
 * Tables, as module table of the AWS CLI draws them.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "put.h"

/*
 * As format_write(). It is an error if rows under the same title have different
 * numbers of columns, or a list of objects has other elements; nothing is
 * written then.
 */
void table_write(struct put *put, const struct value *value, const char *title,
                 size_t width, bool colour);

#endif
