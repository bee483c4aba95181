#include "query_tree.h"

#include <string.h>

#include "number.h"
#include "text.h"

/* ---------------------------------------------------------- any value */

static const char *const type_names[] = {
    [VALUE_NULL] = "null",     [VALUE_FALSE] = "boolean",
    [VALUE_TRUE] = "boolean",  [VALUE_NUMBER] = "number",
    [VALUE_STRING] = "string", [VALUE_ARRAY] = "array",
    [VALUE_OBJECT] = "object",
};

static const struct value *call_type(struct run *run, const struct node *call,
                                     const struct value **args, size_t n)
{
    (void)run, (void)call, (void)n;
    return value_cstr(type_names[args[0]->type]);
}

static const struct value *call_not_null(struct run *run,
                                         const struct node *call,
                                         const struct value **args, size_t n)
{
    size_t i = 0;

    (void)run, (void)call;
    while (i + 1 < n && args[i]->type == VALUE_NULL) {
        i++;
    }
    return args[i];
}

static const struct value *call_to_array(struct run *run,
                                         const struct node *call,
                                         const struct value **args, size_t n)
{
    struct value *array;

    (void)call, (void)n;
    if (args[0]->type == VALUE_ARRAY) {
        return args[0];
    }
    array = value_new(VALUE_ARRAY);
    query_append(run, array, args[0]);
    return array;
}

/* ------------------------------------------------------------------- texts */

/* Written twice: to measure it, with no room yet, and to have it. */
struct text {
    struct run *run;
    char *room;
    size_t len;
};

static void put(struct text *t, struct segjob_str s)
{
    if (t->room && s.len > 0) {
        memcpy(t->room + t->len, s.ptr, s.len);
    }
    t->len += s.len;
}

static void put_cstr(struct text *t, const char *s)
{
    put(t, segjob_cstr(s));
}

/* Gives room for what was measured; NULL if that is too much. */
static bool make_room(struct text *t)
{
    if (!query_spend(t->run, t->len / QUERY_PER_STEP)) {
        return false;
    }
    t->room = value_memory(t->len + 1);
    t->len = 0;
    return true;
}

static struct value *text_value(const struct text *t)
{
    struct value *value = value_new(VALUE_STRING);

    value->text = (struct segjob_str){t->room, t->len};
    return value;
}

static bool is_inner_byte(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The bytes of the character that is first in `s`. */
static size_t char_len(struct segjob_str s)
{
    size_t n = 1;

    while (n < s.len && is_inner_byte(s.ptr[n])) {
        n++;
    }
    return n;
}

/* A character beyond ASCII as \uNNNN, or a pair of those. */
static void put_unicode(struct text *t, const char *s, size_t n)
{
    unsigned long c = (unsigned char)s[0] & (n > 1 ? 0x7fu >> n : 0xffu);
    char escape[16];

    for (size_t i = 1; i < n; i++) {
        c = c << 6 | ((unsigned char)s[i] & 0x3f);
    }
    if (c >= 0x10000) {
        text_format(escape, sizeof(escape), "\\u%04lx",
                    (0xd800 + ((c - 0x10000) >> 10)) & 0xffff);
        put_cstr(t, escape);
        c = 0xdc00 + (c & 0x3ff);
    }
    text_format(escape, sizeof(escape), "\\u%04lx", c);
    put_cstr(t, escape);
}

static void put_string(struct text *t, struct segjob_str s)
{
    static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    size_t n;

    query_spend(t->run, s.len / QUERY_PER_STEP);
    put_cstr(t, "\"");
    for (; s.len > 0; s.ptr += n, s.len -= n) {
        const char *name = *s.ptr ? strchr(named, *s.ptr) : NULL;

        n = char_len(s);
        if (name) {
            const char escape[] = {'\\', names[name - named], '\0'};

            put_cstr(t, escape);
        } else if (n > 1 || *s.ptr < ' ' || *s.ptr > '~') {
            put_unicode(t, s.ptr, n < 4 ? n : 4);
        } else {
            put(t, (struct segjob_str){s.ptr, 1});
        }
    }
    put_cstr(t, "\"");
}

/* As json.dumps(value, separators=(",", ":")) in Python. */
static void put_json(struct text *t, const struct value *value)
{
    const bool is_object = value->type == VALUE_OBJECT;

    if (!query_spend(t->run, 1)) {
        return;
    }
    if (value->type == VALUE_STRING) {
        put_string(t, value->text);
    } else if (value->type == VALUE_NUMBER) {
        put(t, number_text(value));
    } else if (!is_object && value->type != VALUE_ARRAY) {
        put_cstr(t, value->type == VALUE_NULL   ? "null"
                    : value->type == VALUE_TRUE ? "true"
                                                : "false");
    } else {
        put_cstr(t, is_object ? "{" : "[");
        for (const struct value *v = value->first; v; v = v->next) {
            if (is_object) {
                put_string(t, v->name);
                put_cstr(t, ":");
            }
            put_json(t, v);
            put_cstr(t, v->next ? "," : "");
        }
        put_cstr(t, is_object ? "}" : "]");
    }
}

static const struct value *call_to_string(struct run *run,
                                          const struct node *call,
                                          const struct value **args, size_t n)
{
    struct text t = {run, NULL, 0};

    (void)call, (void)n;
    if (args[0]->type == VALUE_STRING) {
        return args[0];
    }
    put_json(&t, args[0]);
    if (!make_room(&t)) {
        return query_null();
    }
    put_json(&t, args[0]);
    return run->error->what ? query_null() : text_value(&t);
}

static void put_joined(struct text *t, const struct value *array,
                       struct segjob_str between)
{
    for (const struct value *v = array->first; v && query_spend(t->run, 1);
         v = v->next) {
        put(t, v->text);
        if (v->next) {
            put(t, between);
        }
    }
}

static const struct value *call_join(struct run *run, const struct node *call,
                                     const struct value **args, size_t n)
{
    struct text t = {run, NULL, 0};

    (void)call, (void)n;
    put_joined(&t, args[1], args[0]->text);
    if (!make_room(&t)) {
        return query_null();
    }
    put_joined(&t, args[1], args[0]->text);
    return run->error->what ? query_null() : text_value(&t);
}

static const struct value *reverse_text(struct run *run, struct segjob_str s)
{
    struct text t = {run, NULL, s.len};

    if (!make_room(&t)) {
        return query_null();
    }
    t.len = s.len;
    for (size_t n, at = s.len; s.len > 0; s.ptr += n, s.len -= n) {
        n = char_len(s);
        at -= n;
        memcpy(t.room + at, s.ptr, n);
    }
    return text_value(&t);
}

static const struct value *call_length(struct run *run, const struct node *call,
                                       const struct value **args, size_t n)
{
    struct segjob_str s = args[0]->text;
    size_t length = 0;

    (void)run, (void)call;
    if (args[0]->type != VALUE_STRING) {
        return value_integer((int64_t)value_count(args[0]));
    }
    for (; s.len > 0; s.ptr += n, s.len -= n) {
        n = char_len(s);
        length++;
    }
    return value_integer((int64_t)length);
}

/* Whether `part` is in `s`, `from` bytes from its start. */
static bool is_at(struct segjob_str s, struct segjob_str part, size_t from)
{
    return part.len == 0 || memcmp(s.ptr + from, part.ptr, part.len) == 0;
}

static const struct value *call_starts_with(struct run *run,
                                            const struct node *call,
                                            const struct value **args, size_t n)
{
    const struct segjob_str s = args[0]->text, part = args[1]->text;

    (void)run, (void)call, (void)n;
    return value_bool(part.len <= s.len && is_at(s, part, 0));
}

static const struct value *call_ends_with(struct run *run,
                                          const struct node *call,
                                          const struct value **args, size_t n)
{
    const struct segjob_str s = args[0]->text, part = args[1]->text;

    (void)run, (void)call, (void)n;
    return value_bool(part.len <= s.len && is_at(s, part, s.len - part.len));
}

static const struct value *contains_text(struct run *run, struct segjob_str s,
                                         struct segjob_str part)
{
    for (size_t at = 0; part.len <= s.len && at <= s.len - part.len; at++) {
        if (is_at(s, part, at)) {
            return value_bool(true);
        }
        if (at % QUERY_PER_STEP == 0 &&
            !query_spend(run, 1 + part.len / QUERY_PER_STEP)) {
            break;
        }
    }
    return value_bool(false);
}

static const struct value *call_contains(struct run *run,
                                         const struct node *call,
                                         const struct value **args, size_t n)
{
    const struct value *v = args[0]->first;

    (void)n;
    if (args[0]->type == VALUE_STRING) {
        return args[1]->type == VALUE_STRING
                   ? contains_text(run, args[0]->text, args[1]->text)
                   : query_fail(run, call,
                                "contains() takes, after a string, a string");
    }
    while (v && !query_is_equal(run, v, args[1], false)) {
        v = v->next;
    }
    return value_bool(v != NULL);
}

/* ---------------------------------------------------------------- numbers */

static const struct value *finite(struct run *run, const struct node *call,
                                  const struct value *number)
{
    return number ? number : query_fail(run, call, "the number is too large");
}

static const struct value *call_to_number(struct run *run,
                                          const struct node *call,
                                          const struct value **args, size_t n)
{
    const struct value *number = NULL;

    (void)call, (void)n;
    if (args[0]->type == VALUE_NUMBER) {
        return args[0];
    }
    /* It is copied three times. */
    if (args[0]->type == VALUE_STRING &&
        query_spend(run, args[0]->text.len * 4 / QUERY_PER_STEP)) {
        number = number_read(args[0]->text);
    }
    return number ? number : query_null();
}

static const struct value *call_abs(struct run *run, const struct node *call,
                                    const struct value **args, size_t n)
{
    struct value *number = value_copy(args[0]);

    (void)run, (void)call, (void)n;
    if (number->text.ptr[0] == '-') {
        number->text.ptr++;
        number->text.len--;
    }
    return number;
}

static const struct value *rounded(struct run *run, const struct node *call,
                                   const struct value *number,
                                   double (*to_whole)(double number))
{
    if (number_is_integer(number)) {
        return number;
    }
    return finite(run, call, number_integer(to_whole(number_of(number))));
}

static const struct value *call_ceil(struct run *run, const struct node *call,
                                     const struct value **args, size_t n)
{
    (void)n;
    return rounded(run, call, args[0], number_ceil);
}

static const struct value *call_floor(struct run *run, const struct node *call,
                                      const struct value **args, size_t n)
{
    (void)n;
    return rounded(run, call, args[0], number_floor);
}

static double add_all(const struct value *array, bool *is_integer)
{
    double sum = 0;

    *is_integer = true;
    for (const struct value *v = array->first; v; v = v->next) {
        sum += number_of(v);
        *is_integer = *is_integer && number_is_integer(v);
    }
    return sum;
}

static const struct value *call_sum(struct run *run, const struct node *call,
                                    const struct value **args, size_t n)
{
    bool is_integer;
    const double sum = add_all(args[0], &is_integer);

    (void)n;
    return finite(run, call,
                  is_integer ? number_integer(sum) : number_real(sum));
}

static const struct value *call_avg(struct run *run, const struct node *call,
                                    const struct value **args, size_t n)
{
    bool is_integer;
    const double sum = add_all(args[0], &is_integer);

    (void)n;
    if (!args[0]->first) {
        return query_null();
    }
    return finite(run, call, number_real(sum / (double)value_count(args[0])));
}

/* ----------------------------------------------------- arrays and objects */

static const struct node *expression_of(const struct node *call)
{
    const struct function *f = call->function;

    return f->takes[0] == TAKES_EXPRESSION   ? call->children
           : f->takes[1] == TAKES_EXPRESSION ? call->children->next
                                             : NULL;
}

static const struct value *call_map(struct run *run, const struct node *call,
                                    const struct value **args, size_t n)
{
    struct value *mapped = value_new(VALUE_ARRAY);

    (void)n;
    for (const struct value *v = args[1]->first; v && !run->error->what;
         v = v->next) {
        query_append(run, mapped, query_evaluate(run, expression_of(call), v));
    }
    return mapped;
}

static const struct value *call_reverse(struct run *run,
                                        const struct node *call,
                                        const struct value **args, size_t n)
{
    struct value *reversed;

    (void)call, (void)n;
    if (args[0]->type == VALUE_STRING) {
        return reverse_text(run, args[0]->text);
    }
    reversed = value_new(VALUE_ARRAY);
    for (const struct value *v = args[0]->first; v && query_spend(run, 1);
         v = v->next) {
        struct value *copy = value_copy(v);

        copy->next = reversed->first;
        reversed->first = copy;
        reversed->last = reversed->last ? reversed->last : copy;
    }
    return reversed;
}

static const struct value *call_keys(struct run *run, const struct node *call,
                                     const struct value **args, size_t n)
{
    struct value *keys = value_new(VALUE_ARRAY);

    (void)call, (void)n;
    for (const struct value *v = args[0]->first; v; v = v->next) {
        const struct value key = {.type = VALUE_STRING, .text = v->name};

        query_append(run, keys, &key);
    }
    return keys;
}

static const struct value *call_values(struct run *run, const struct node *call,
                                       const struct value **args, size_t n)
{
    struct value *values = value_new(VALUE_ARRAY);

    (void)call, (void)n;
    for (const struct value *v = args[0]->first; v; v = v->next) {
        query_append(run, values, v);
    }
    return values;
}

static const struct value *call_merge(struct run *run, const struct node *call,
                                      const struct value **args, size_t n)
{
    struct value *merged = value_new(VALUE_OBJECT);
    size_t members = 0;

    (void)call;
    for (size_t i = 0; i < n; i++) {
        for (const struct value *v = args[i]->first;
             v && query_spend(run, ++members / 16 + 1); v = v->next) {
            value_set(merged, v->name, value_copy(v));
        }
    }
    return merged;
}

/* ---------------------------------------------------------------- sorting */

struct item {
    const struct value *element, *key;
    struct item *next;
};

/* The elements with their keys, which are all numbers, or all strings. */
static struct item *items_of(struct run *run, const struct node *call,
                             const struct value *array)
{
    const struct node *by = expression_of(call);
    struct item *first = NULL, **to = &first;

    for (const struct value *v = array->first; v && query_spend(run, 1);
         v = v->next) {
        const struct value *key = by ? query_evaluate(run, by, v) : v;

        query_spend(run, key->text.len / QUERY_PER_STEP);
        *to = value_memory(sizeof(**to));
        (*to)->element = v;
        (*to)->key = key;
        to = &(*to)->next;
        if ((key->type != VALUE_NUMBER && key->type != VALUE_STRING) ||
            key->type != first->key->type) {
            query_fail(run, call,
                       query_text("%s() takes keys that are all numbers, or "
                                  "all strings; here is: %s",
                                  call->function->name, type_names[key->type]));
        }
    }
    return run->error->what ? NULL : first;
}

static struct item *merge_items(struct item *a, struct item *b)
{
    struct item *first = NULL, **to = &first;

    while (a && b) {
        struct item **lower = query_order(a->key, b->key) <= 0 ? &a : &b;

        *to = *lower;
        to = &(*to)->next;
        *lower = *to;
    }
    *to = a ? a : b;
    return first;
}

/* The first `n`, which are no longer in their list, in a stable order. */
static struct item *sort_items(struct item **items, size_t n)
{
    struct item *half, *one = *items;

    if (n == 0) {
        return NULL;
    }
    if (n == 1) {
        *items = one->next;
        one->next = NULL;
        return one;
    }
    half = sort_items(items, n / 2);
    return merge_items(half, sort_items(items, n - n / 2));
}

static const struct value *call_sort(struct run *run, const struct node *call,
                                     const struct value **args, size_t n)
{
    struct value *sorted = value_new(VALUE_ARRAY);
    struct item *items = items_of(run, call, args[0]);

    (void)n;
    if (items) {
        items = sort_items(&items, value_count(args[0]));
    }
    for (; items; items = items->next) {
        query_append(run, sorted, items->element);
    }
    return sorted;
}

/* The first of those whose key times `sign` is the largest. */
static const struct value *most(struct run *run, const struct node *call,
                                const struct value *array, int sign)
{
    const struct item *items = items_of(run, call, array);
    const struct item *best = items;

    for (; items; items = items->next) {
        const int order = query_order(items->key, best->key);

        if (sign > 0 ? order > 0 : order < 0) {
            best = items;
        }
    }
    return best ? best->element : query_null();
}

static const struct value *call_max(struct run *run, const struct node *call,
                                    const struct value **args, size_t n)
{
    (void)n;
    return most(run, call, args[0], 1);
}

static const struct value *call_min(struct run *run, const struct node *call,
                                    const struct value **args, size_t n)
{
    (void)n;
    return most(run, call, args[0], -1);
}

/* ----------------------------------------------------------- all of them */

#define TAKES_NUMBER (1u << VALUE_NUMBER)
#define TAKES_STRING (1u << VALUE_STRING)
#define TAKES_ARRAY (1u << VALUE_ARRAY)
#define TAKES_OBJECT (1u << VALUE_OBJECT)

/* The elements of max(), min() and sort() are looked at by items_of(). */
static const struct function functions[] = {
    {"abs", {TAKES_NUMBER}, false, call_abs},
    {"avg", {TAKES_NUMBERS}, false, call_avg},
    {"ceil", {TAKES_NUMBER}, false, call_ceil},
    {"contains", {TAKES_ARRAY | TAKES_STRING, TAKES_ANY}, false, call_contains},
    {"ends_with", {TAKES_STRING, TAKES_STRING}, false, call_ends_with},
    {"floor", {TAKES_NUMBER}, false, call_floor},
    {"join", {TAKES_STRING, TAKES_STRINGS}, false, call_join},
    {"keys", {TAKES_OBJECT}, false, call_keys},
    {"length", {TAKES_STRING | TAKES_ARRAY | TAKES_OBJECT}, false, call_length},
    {"map", {TAKES_EXPRESSION, TAKES_ARRAY}, false, call_map},
    {"max", {TAKES_ARRAY}, false, call_max},
    {"max_by", {TAKES_ARRAY, TAKES_EXPRESSION}, false, call_max},
    {"merge", {TAKES_OBJECT}, true, call_merge},
    {"min", {TAKES_ARRAY}, false, call_min},
    {"min_by", {TAKES_ARRAY, TAKES_EXPRESSION}, false, call_min},
    {"not_null", {TAKES_ANY}, true, call_not_null},
    {"reverse", {TAKES_STRING | TAKES_ARRAY}, false, call_reverse},
    {"sort", {TAKES_ARRAY}, false, call_sort},
    {"sort_by", {TAKES_ARRAY, TAKES_EXPRESSION}, false, call_sort},
    {"starts_with", {TAKES_STRING, TAKES_STRING}, false, call_starts_with},
    {"sum", {TAKES_NUMBERS}, false, call_sum},
    {"to_array", {TAKES_ANY}, false, call_to_array},
    {"to_number", {TAKES_ANY}, false, call_to_number},
    {"to_string", {TAKES_ANY}, false, call_to_string},
    {"type", {TAKES_ANY}, false, call_type},
    {"values", {TAKES_OBJECT}, false, call_values},
};

const struct function *query_function(struct segjob_str name)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (value_is(name, functions[i].name)) {
            return &functions[i];
        }
    }
    return NULL;
}

static const struct value *type_error(struct run *run, const struct node *call,
                                      unsigned takes, enum value_type type)
{
    char wanted[64] = "";

    for (unsigned i = 0; i <= VALUE_OBJECT; i++) {
        if (takes >> i & 1) {
            const size_t len = strlen(wanted);

            text_format(wanted + len, sizeof(wanted) - len, "%s%s",
                        len > 0 ? ", " : "", type_names[i]);
        }
    }
    return query_fail(run, call,
                      query_text("%s() takes%s: %s; here is: %s",
                                 call->function->name,
                                 takes > TAKES_ANY ? " an array of" : "",
                                 wanted, type_names[type]));
}

/* What is wrong with an argument; NULL if nothing is. */
static const struct value *bad_argument(struct run *run,
                                        const struct value *arg, unsigned takes,
                                        unsigned inner)
{
    const struct value *v;

    if (!arg) {
        return NULL;
    }
    query_spend(run, (arg->text.len + value_count(arg)) / QUERY_PER_STEP);
    if ((takes >> arg->type & 1)) {
        return NULL;
    }
    if (inner == 0 || arg->type != VALUE_ARRAY) {
        return arg;
    }
    v = arg->first;
    while (v && (inner >> v->type & 1)) {
        v = v->next;
    }
    return v;
}

const struct value *query_call(struct run *run, const struct node *call,
                               const struct value **args, size_t n)
{
    const struct function *f = call->function;

    for (size_t i = 0; i < n; i++) {
        const unsigned takes = f->takes[i > 0 && !f->is_variadic];
        const unsigned inner = takes == TAKES_STRINGS   ? TAKES_STRING
                               : takes == TAKES_NUMBERS ? TAKES_NUMBER
                                                        : 0;
        const struct value *bad = bad_argument(run, args[i], takes, inner);

        if (bad) {
            return type_error(run, call, inner != 0 ? inner | takes : takes,
                              bad->type);
        }
    }
    return f->call(run, call, args, n);
}
