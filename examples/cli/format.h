/*
 * A result as the AWS CLI writes it for --output json, text and table. Facts
 * are from awscli 2.9.19, modules formatter, text and table; a difference is
 * that control characters are escaped in all formats (put.h).
 */
#ifndef CLI_FORMAT_H
#define CLI_FORMAT_H

#include <stdio.h>

#include "value.h"

enum format {
    FORMAT_JSON,
    FORMAT_TEXT,
    FORMAT_TABLE
};

/*
 * Write a value as JSON, an empty object too. Returns false if it would be more
 * than PUT_MAX.
 */
bool format_json(FILE *file, const struct value *value);

/*
 * Write a value on `file`. An empty object is nothing in all formats; so are
 * null, false, 0 and what is empty in a table. In tables `title` is above, an
 * operation's name such as ListBatchSegmentJobs; `width` is the terminal's in
 * columns, 80 if there is none: if the table is wider, a section of one row is
 * written with a line for each of its columns. `colour` adds a table's escape
 * sequences for a terminal.
 *
 * Returns NULL; or why the format cannot show the value, where the AWS CLI ends
 * with 255, too, or that it would be more than PUT_MAX. A part may be written
 * then.
 */
const char *format_write(FILE *file, enum format format,
                         const struct value *value, const char *title,
                         size_t width, bool colour);

#endif
