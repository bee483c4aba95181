#include "format.h"

#include <string.h>

#include "members.h"
#include "number.h"
#include "output.h"
#include "put.h"
#include "table.h"

/* ------------------------------------------------------------------ JSON */

static void json_line(struct put *put, size_t depth)
{
    put_cstr(put, "\n");
    put_repeat(put, ' ', 4 * depth);
}

static void json_scalar(struct put *put, const struct value *value)
{
    struct segjob_str text;

    switch (value->type) {
    case VALUE_NULL:
        put_cstr(put, "null");
        return;
    case VALUE_FALSE:
        put_cstr(put, "false");
        return;
    case VALUE_TRUE:
        put_cstr(put, "true");
        return;
    case VALUE_STRING:
        put_json_string(put, value->text);
        return;
    case VALUE_NUMBER:
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        break;
    }
    text = number_python_text(value);
    if (value_is(text, "inf") || value_is(text, "-inf")) {
        put_cstr(put, *text.ptr == '-' ? "-Infinity" : "Infinity");
        return;
    }
    put_text(put, text);
}

static void json_value(struct put *put, const struct value *value, size_t depth)
{
    const bool is_object = value->type == VALUE_OBJECT;

    if (value_is_scalar(value)) {
        json_scalar(put, value);
        return;
    }
    put_cstr(put, is_object ? "{" : "[");
    for (const struct value *v = value->first; v && !put->is_full;
         v = v->next) {
        json_line(put, depth + 1);
        if (is_object) {
            put_json_string(put, v->name);
            put_cstr(put, ": ");
        }
        json_value(put, v, depth + 1);
        if (v->next) {
            put_cstr(put, ",");
        } else {
            json_line(put, depth);
        }
    }
    put_cstr(put, is_object ? "}" : "]");
}

static void json_write(struct put *put, const struct value *value)
{
    if (value->type == VALUE_OBJECT && !value->first) {
        return;
    }
    json_value(put, value, 0);
    put_cstr(put, "\n");
}

/* ------------------------------------------------------------------ text */

static bool text_value(struct put *put, const struct value *value,
                       const struct segjob_str *label);

/* A label is the name of a member in upper case, of ASCII letters. */
static struct segjob_str label_of(struct segjob_str name)
{
    char *label = value_memory(name.len);

    for (size_t i = 0; i < name.len; i++) {
        const char c = name.ptr[i];

        label[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return (struct segjob_str){label, name.len};
}

static void text_label(struct put *put, const struct segjob_str *label)
{
    if (label) {
        put_text(put, *label);
        put_cstr(put, "\t");
    }
}

/* A line of the members that `columns` names, or of all scalar ones. */
static bool text_object(struct put *put, const struct value *object,
                        const struct segjob_str *label,
                        const struct members *columns)
{
    const struct members scalars =
        columns ? *columns : members_of(object, MEMBERS_SCALAR);
    const struct members all = members_of(object, MEMBERS_ALL);

    if (scalars.count > 0) {
        text_label(put, label);
    }
    for (size_t i = 0; i < scalars.count; i++) {
        const struct value *member = members_find(&all, scalars.at[i]->name);

        if (member) {
            put_value(put, member);
        }
        put_cstr(put, i + 1 < scalars.count ? "\t" : "\n");
    }
    for (size_t i = 0; i < all.count; i++) {
        if (!members_find(&scalars, all.at[i]->name)) {
            const struct segjob_str below = label_of(all.at[i]->name);

            if (!text_value(put, all.at[i], &below)) {
                return false;
            }
        }
    }
    return true;
}

/* Each object is a line of the same columns: what one lacks is empty. */
static bool text_objects(struct put *put, const struct value *array,
                         const struct segjob_str *label)
{
    const struct members columns = members_of(array, MEMBERS_SCALAR);

    for (const struct value *v = array->first; v; v = v->next) {
        if (v->type != VALUE_OBJECT) {
            put->error = "--output text cannot show a list of objects and "
                         "other values";
            return false;
        }
    }
    for (const struct value *v = array->first; v && !put->is_full;
         v = v->next) {
        if (!text_object(put, v, label, &columns)) {
            return false;
        }
    }
    return true;
}

/* The scalars of an array: a line, or with a label a line for each. */
static void text_scalars(struct put *put, const struct value *array,
                         const struct segjob_str *label)
{
    bool is_first = true;

    for (const struct value *v = array->first; v && !put->is_full;
         v = v->next) {
        if (value_is_scalar(v)) {
            put_cstr(put, label || is_first ? "" : "\t");
            text_label(put, label);
            put_value(put, v);
            put_cstr(put, label ? "\n" : "");
            is_first = false;
        }
    }
    put_cstr(put, label || is_first ? "" : "\n");
}

static bool text_array(struct put *put, const struct value *array,
                       const struct segjob_str *label)
{
    for (const struct value *v = array->first; v; v = v->next) {
        if (v->type == VALUE_OBJECT) {
            return text_objects(put, array, label);
        }
    }
    text_scalars(put, array, label);
    for (const struct value *v = array->first; v; v = v->next) {
        if (!value_is_scalar(v) && !text_value(put, v, label)) {
            return false;
        }
    }
    return true;
}

/* `label` is NULL outside of all members. */
static bool text_value(struct put *put, const struct value *value,
                       const struct segjob_str *label)
{
    if (value->type == VALUE_OBJECT) {
        return text_object(put, value, label, NULL);
    }
    if (value->type == VALUE_ARRAY) {
        return text_array(put, value, label);
    }
    put_value(put, value);
    put_cstr(put, "\n");
    return true;
}

/* ------------------------------------------------------------------- all */

bool format_json(FILE *file, const struct value *value)
{
    struct put put = {.file = file, .left = PUT_MAX};

    json_value(&put, value, 0);
    put_cstr(&put, "\n");
    return !put.is_full;
}

const char *format_write(FILE *file, enum format format,
                         const struct value *value, const char *title,
                         size_t width, bool colour)
{
    struct put put = {.file = file, .left = PUT_MAX};

    if (format == FORMAT_JSON) {
        json_write(&put, value);
    } else if (format == FORMAT_TEXT) {
        put.is_text = true;
        (void)text_value(&put, value, NULL);
    } else {
        table_write(&put, value, title, width, colour);
    }
    if (put.is_full && !put.error) {
        put.error = "the result is too large for this --output";
    }
    return put.error;
}
