#include "table.h"

#include "members.h"
#include "number.h"
#include "output.h"

/*
 * Sections below each other, each with a title, headers and rows, all as wide
 * as the widest. A section of an object in another is indented.
 */

/* A cell of NULL is empty. */
struct row {
    const struct value **cells;
    struct row *next;
};

struct title {
    struct segjob_str text; /* NULL: there is none */
    size_t width;
};

struct section {
    struct title title;
    size_t indent;
    bool has_columns; /* their number is known */
    size_t columns;
    size_t *widths; /* of each column's widest cell */
    const struct value **headers;
    struct row *first, *last;
    struct section *next;
};

struct table {
    struct section *first, *last;
    struct put measure; /* all that was measured, and memory for it */
};

/* -------------------------------------------------------------- sections */

/* Cells of the AWS CLI have this many columns more than their texts. */
#define PADDING 4u

static struct title title_of(struct table *table, struct segjob_str text)
{
    const size_t before = table->measure.width;

    put_text(&table->measure, text);
    return (struct title){text, table->measure.width - before};
}

static struct section *add_section(struct table *table, struct title title,
                                   size_t indent)
{
    struct section *section = value_memory(sizeof(*section));

    section->title = title;
    section->indent = indent;
    if (table->last) {
        table->last->next = section;
    } else {
        table->first = section;
    }
    table->last = section;
    return section;
}

static size_t cell_width(struct put *measure, const struct value *cell)
{
    const size_t before = measure->width;

    if (cell) {
        put_value(measure, cell);
    }
    return measure->width - before;
}

/* Count cells in the last section's columns, which there must be as many. */
static bool add_cells(struct table *table, const struct value **cells, size_t n)
{
    struct section *section = table->last;

    if (!section->has_columns) {
        section->has_columns = true;
        section->columns = n;
        section->widths = value_memory(n * sizeof(*section->widths));
    }
    if (section->columns != n) {
        table->measure.error = "--output table needs rows of as many elements";
        return false;
    }
    put_repeat(&table->measure, ' ', (PADDING + sizeof(*cells)) * n);
    for (size_t i = 0; i < n && !table->measure.is_full; i++) {
        const size_t width = cell_width(&table->measure, cells[i]);

        if (width > section->widths[i]) {
            section->widths[i] = width;
        }
    }
    if (table->measure.is_full) {
        table->measure.error = "the result is too large for --output table";
    }
    return !table->measure.is_full;
}

static bool add_headers(struct table *table, const struct value **cells,
                        size_t n)
{
    table->last->headers = n > 0 ? cells : NULL;
    return add_cells(table, cells, n);
}

static bool add_row(struct table *table, const struct value **cells, size_t n)
{
    struct section *section = table->last;
    struct row *row = value_memory(sizeof(*row));

    row->cells = cells;
    if (section->last) {
        section->last->next = row;
    } else {
        section->first = row;
    }
    section->last = row;
    return add_cells(table, cells, n);
}

/* -------------------------------------------------------------- building */

static bool add_value(struct table *table, const struct title *title,
                      const struct value *value, size_t indent);

static const struct value **new_cells(size_t n)
{
    return value_memory(n * sizeof(const struct value *));
}

/* The name of a member as a cell. */
static const struct value *name_cell(const struct value *member)
{
    struct value *cell = value_new(VALUE_STRING);

    cell->text = member->name;
    return cell;
}

static const struct value **name_cells(struct members members)
{
    const struct value **cells = new_cells(members.count);

    for (size_t i = 0; i < members.count; i++) {
        cells[i] = name_cell(members.at[i]);
    }
    return cells;
}

static bool add_nested(struct table *table, const struct value *member,
                       size_t indent)
{
    const struct title title = title_of(table, member->name);

    return add_value(table, &title, member, indent + 1);
}

/* One scalar is a row of name and value; more are headers and a row. */
static bool add_object(struct table *table, const struct value *object,
                       size_t indent)
{
    const struct members scalars = members_of(object, MEMBERS_SCALAR);
    const struct members nested = members_of(object, MEMBERS_NESTED);

    if (scalars.count == 1) {
        const struct value **cells = new_cells(2);

        cells[0] = name_cell(scalars.at[0]);
        cells[1] = scalars.at[0];
        if (!add_row(table, cells, 2)) {
            return false;
        }
    } else if (scalars.count > 1 &&
               (!add_headers(table, name_cells(scalars), scalars.count) ||
                !add_row(table, scalars.at, scalars.count))) {
        return false;
    }
    for (size_t i = 0; i < nested.count; i++) {
        if (!add_nested(table, nested.at[i], indent)) {
            return false;
        }
    }
    return true;
}

/*
 * Whether an element is an object; or if it makes no difference, because it is
 * empty and so are the rows: Python goes through any empty sequence.
 */
static bool is_row(const struct value *element, struct members columns,
                   struct members nested)
{
    if (element->type == VALUE_OBJECT) {
        return true;
    }
    if (columns.count > 0 || element->first) {
        return false;
    }
    return element->type == VALUE_ARRAY ||
           (element->type == VALUE_STRING && element->text.len == 0 &&
            (nested.count == 0 || nested.at[0]->name.len > 0));
}

/* The row of an object, and below it what is nested in it. */
static bool add_element(struct table *table, const struct value *element,
                        const struct members *columns,
                        const struct members *nested, size_t indent)
{
    const struct members own = members_of(element, MEMBERS_ALL);
    const struct value **cells = new_cells(columns->count);

    for (size_t i = 0; i < columns->count; i++) {
        cells[i] = members_find(&own, columns->at[i]->name);
    }
    if (!add_row(table, cells, columns->count)) {
        return false;
    }
    for (size_t i = 0; i < own.count; i++) {
        if (members_find(nested, own.at[i]->name) &&
            !add_nested(table, own.at[i], indent)) {
            return false;
        }
    }
    return true;
}

/* All have the same columns. If some have more, each is a section. */
static bool add_objects(struct table *table, const struct title *title,
                        const struct value *array, size_t indent)
{
    const struct members columns = members_of(array, MEMBERS_SCALAR);
    const struct members nested = members_of(array, MEMBERS_NESTED);
    const struct value **headers = name_cells(columns);

    for (const struct value *v = array->first; v; v = v->next) {
        if (!is_row(v, columns, nested)) {
            table->measure.error = "--output table cannot show a list of "
                                   "objects and other values";
            return false;
        }
        if (v != array->first && nested.count > 0) {
            add_section(table, *title, indent);
        }
        if ((v == array->first || nested.count > 0) &&
            !add_headers(table, headers, columns.count)) {
            return false;
        }
        if (!add_element(table, v, &columns, &nested, indent)) {
            return false;
        }
    }
    return true;
}

static bool is_flat(const struct value *array)
{
    for (const struct value *v = array->first; v; v = v->next) {
        if (!value_is_scalar(v)) {
            return false;
        }
    }
    return true;
}

/* A row: of a scalar, of a list of them, or of the names in an object. */
static bool add_flat(struct table *table, const struct value *element)
{
    const bool is_scalar = value_is_scalar(element);
    const size_t n = is_scalar ? 1 : value_count(element);
    const struct value *v = is_scalar ? element : element->first;
    const struct value **cells = new_cells(n);

    for (size_t i = 0; i < n; i++, v = v->next) {
        cells[i] = element->type == VALUE_OBJECT ? name_cell(v) : v;
    }
    return add_row(table, cells, n);
}

static bool add_elements(struct table *table, const struct value *array)
{
    for (const struct value *v = array->first; v; v = v->next) {
        const bool is_one = v->type != VALUE_ARRAY || is_flat(v);

        if (is_one ? !add_flat(table, v) : !add_value(table, NULL, v, 0)) {
            return false;
        }
    }
    return true;
}

/* Python's truth. */
static bool is_false(const struct value *value)
{
    switch (value->type) {
    case VALUE_NULL:
    case VALUE_FALSE:
        return true;
    case VALUE_NUMBER:
        return number_of(value) == 0;
    case VALUE_STRING:
        return value->text.len == 0;
    case VALUE_TRUE:
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        break;
    }
    return value->type != VALUE_TRUE && !value->first;
}

/* Without a title, in the last section. */
static bool add_value(struct table *table, const struct title *title,
                      const struct value *value, size_t indent)
{
    /* The AWS CLI takes this one's width for a title that is not there. */
    static const struct title none = {{NULL, 0}, sizeof("None") - 1};

    if (is_false(value)) {
        return true;
    }
    if (title) {
        add_section(table, *title, indent);
    }
    if (value->type == VALUE_OBJECT) {
        return add_object(table, value, indent);
    }
    if (value->type == VALUE_ARRAY) {
        return value->first->type == VALUE_OBJECT
                   ? add_objects(table, title ? title : &none, value, indent)
                   : add_elements(table, value);
    }
    return true;
}

/* --------------------------------------------------------------- drawing */

struct drawing {
    struct put *put;
    bool colour;
};

/* colorama resets after each text that the AWS CLI writes. */
static void reset(const struct drawing *to)
{
    put_cstr(to->put, to->colour ? "\x1b[0m" : "");
}

static void draw_indent(const struct drawing *to, size_t indent)
{
    for (size_t i = 0; i < indent; i++) {
        put_cstr(to->put, to->colour ? "\x1b[2m\x1b[33m|\x1b[0m" : "|");
    }
    reset(to);
}

static void end_line(const struct drawing *to, size_t indent)
{
    reset(to);
    draw_indent(to, indent);
    put_cstr(to->put, "\n");
    reset(to);
}

static size_t minus(size_t a, size_t b)
{
    return a > b ? a - b : 0;
}

/* Spaces before a text that is in the middle, between edges. */
static size_t space_before(size_t width, size_t text)
{
    return minus(width / 2, text / 2 + 1);
}

static void draw_title(const struct drawing *to, const struct section *section,
                       size_t width)
{
    const size_t before = space_before(width, section->title.width);

    if (section->title.text.len == 0) {
        return;
    }
    draw_indent(to, section->indent);
    put_cstr(to->put, "|");
    put_repeat(to->put, ' ', before);
    put_text(to->put, section->title.text);
    put_repeat(to->put, ' ', minus(width, before + section->title.width + 2));
    put_cstr(to->put, "|");
    end_line(to, section->indent);
    if (section->headers || section->first) {
        return;
    }
    draw_indent(to, section->indent);
    put_cstr(to->put, "+");
    put_repeat(to->put, '-', width - 2);
    put_cstr(to->put, "+");
    end_line(to, section->indent);
}

static void draw_break(const struct drawing *to, const struct section *section,
                       const size_t *widths)
{
    draw_indent(to, section->indent);
    for (size_t i = 0; i < section->columns; i++) {
        put_cstr(to->put, i == 0 ? "+" : "");
        put_repeat(to->put, '-', widths[i] - (i == 0 ? 2 : 1));
        put_cstr(to->put, "+");
    }
    end_line(to, section->indent);
}

static void draw_header(const struct drawing *to, const struct value *header,
                        size_t width, size_t edge)
{
    const size_t text = value_width(header);
    const size_t before = space_before(width, text);

    put_repeat(to->put, '|', edge);
    put_repeat(to->put, ' ', before);
    put_value(to->put, header);
    put_repeat(to->put, ' ', minus(width, edge + before + text + 1));
    put_cstr(to->put, "|");
}

static void draw_cell(const struct drawing *to, const struct value *cell,
                      size_t width, size_t edge)
{
    const size_t text = cell ? value_width(cell) : 0;
    const size_t before = edge + 2 + text + 1 <= width ? 2 : 0;

    put_repeat(to->put, '|', edge);
    put_repeat(to->put, ' ', before);
    put_cstr(to->put, to->colour ? "\x1b[1m\x1b[34m" : "");
    if (cell) {
        put_value(to->put, cell);
    }
    reset(to);
    put_repeat(to->put, ' ', minus(width, edge + before + text + 1));
    put_cstr(to->put, "|");
}

/* Round a positive number, a half to the even one. */
static size_t round_even(double number)
{
    const size_t whole = (size_t)number;
    const double rest = number - (double)whole;

    return whole + (rest > 0.5 || (rest == 0.5 && whole % 2 == 1));
}

/* The widths of columns that together are so wide. */
static size_t *scale(const struct section *section, size_t width)
{
    const size_t n = section->columns;
    size_t *widths = value_memory(n * sizeof(*widths));
    size_t sum = PADDING * n, scaled = 0;
    double factor;

    for (size_t i = 0; i < n; i++) {
        sum += section->widths[i];
    }
    factor = (double)width / (double)sum;
    for (size_t i = 0; i < n; i++) {
        widths[i] = round_even(factor * (double)(section->widths[i] + PADDING));
        scaled += widths[i];
    }
    /* The first lose what is too much, and the last get what lacks. */
    for (size_t i = 0; scaled > width; i = (i + 1) % n, scaled--) {
        widths[i]--;
    }
    for (size_t i = 0; scaled < width; i = (i + 1) % n, scaled++) {
        widths[n - 1 - i]++;
    }
    return widths;
}

static void draw_rows(const struct drawing *to, const struct section *section,
                      const size_t *widths)
{
    draw_break(to, section, widths);
    for (const struct row *row = section->first; row && !to->put->is_full;
         row = row->next) {
        draw_indent(to, section->indent);
        for (size_t i = 0; i < section->columns; i++) {
            draw_cell(to, row->cells[i], widths[i], i == 0);
        }
        end_line(to, section->indent);
    }
    draw_break(to, section, widths);
}

static void draw_section(const struct drawing *to,
                         const struct section *section, size_t width)
{
    size_t *widths;

    draw_title(to, section, width);
    if (section->columns == 0) {
        return;
    }
    widths = scale(section, width);
    if (section->headers) {
        draw_break(to, section, widths);
        draw_indent(to, section->indent);
        for (size_t i = 0; i < section->columns; i++) {
            draw_header(to, section->headers[i], widths[i], i == 0);
        }
        end_line(to, section->indent);
    }
    if (section->first) {
        draw_rows(to, section, widths);
    }
}

static size_t section_width(const struct section *section)
{
    size_t width = PADDING * section->columns;

    for (size_t i = 0; i < section->columns; i++) {
        width += section->widths[i];
    }
    if (width < section->title.width) {
        width = section->title.width;
    }
    return width + 2 + 2 * section->indent;
}

static size_t widest(const struct table *table)
{
    size_t max = 0;

    for (const struct section *s = table->first; s; s = s->next) {
        const size_t width = section_width(s);

        max = width > max ? width : max;
    }
    return max;
}

/* Turn each single row under headers into rows of a header and a value. */
static bool turn(struct table *table)
{
    for (struct section *s = table->first; s; s = s->next) {
        const struct value **headers = s->headers;
        const size_t n = s->columns;
        const struct value **row;

        if (!headers || !s->first || s->first->next) {
            continue;
        }
        row = s->first->cells;
        s->headers = NULL;
        s->first = s->last = NULL;
        s->has_columns = false;
        table->last = s; /* where rows are added */
        for (size_t i = 0; i < n; i++) {
            const struct value **cells = new_cells(2);

            cells[0] = headers[i];
            cells[1] = row[i];
            if (!add_row(table, cells, 2)) {
                return false;
            }
        }
    }
    return true;
}

void table_write(struct put *put, const struct value *value, const char *title,
                 size_t width, bool colour)
{
    struct table table = {.measure = {.left = PUT_MAX}};
    const struct title top = title_of(&table, segjob_cstr(title));
    const struct drawing to = {put, colour};

    if (!add_value(&table, &top, value, 0) ||
        (table.first && widest(&table) > width && !turn(&table))) {
        put->error = table.measure.error;
        return;
    }
    if (!table.first) {
        return;
    }
    width = widest(&table);
    put_repeat(put, '-', width);
    put_cstr(put, "\n");
    reset(&to);
    for (const struct section *s = table.first; s && !put->is_full;
         s = s->next) {
        draw_section(&to, s, width - 2 * s->indent);
    }
}
