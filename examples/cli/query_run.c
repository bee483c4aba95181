#include "query_tree.h"

#include <string.h>

#include "number.h"

/* A few seconds of work, and some hundred megabytes, at most. */
#define STEPS_MAX ((size_t)1 << 22)

const struct value *query_null(void)
{
    static const struct value null = {.type = VALUE_NULL};

    return &null;
}

const struct value *query_fail(struct run *run, const struct node *at,
                               const char *what)
{
    if (!run->error->what) {
        run->error->at = at ? at->at : 0;
        run->error->what = what;
    }
    return query_null();
}

bool query_spend(struct run *run, size_t steps)
{
    if (steps > run->left) {
        query_fail(run, NULL, "it is too much work");
    } else {
        run->left -= steps;
    }
    return !run->error->what;
}

void query_append(struct run *run, struct value *array,
                  const struct value *element)
{
    if (query_spend(run, 1)) {
        value_append(array, value_copy(element));
    }
}

/* ------------------------------------------------------------ comparison */

bool query_is_true(const struct value *value)
{
    switch ((int)value->type) {
    case VALUE_NULL:
    case VALUE_FALSE:
        return false;
    case VALUE_STRING:
        return value->text.len > 0;
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        return value->first != NULL;
    default:
        return true;
    }
}

static int order_text(struct segjob_str a, struct segjob_str b)
{
    const size_t n = a.len < b.len ? a.len : b.len;
    const int order = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

int query_order(const struct value *a, const struct value *b)
{
    double left, right;

    if (a->type == VALUE_STRING) {
        return order_text(a->text, b->text);
    }
    left = number_of(a);
    right = number_of(b);
    return (left > right) - (left < right);
}

static bool has_equal_elements(struct run *run, const struct value *a,
                               const struct value *b)
{
    const struct value *left = a->first, *right = b->first;

    while (left && right && query_is_equal(run, left, right, false)) {
        left = left->next;
        right = right->next;
    }
    return !left && !right;
}

/* The member of this name, which is `guess`, most often. */
static const struct value *find(struct run *run, const struct value *object,
                                const struct value *guess,
                                struct segjob_str name)
{
    if (guess && order_text(guess->name, name) == 0) {
        return guess;
    }
    query_spend(run, value_count(object));
    return value_member(object, name);
}

static bool has_equal_members(struct run *run, const struct value *a,
                              const struct value *b)
{
    const struct value *guess = b->first;

    if (!query_spend(run, (value_count(a) + value_count(b)) / QUERY_PER_STEP) ||
        value_count(a) != value_count(b)) {
        return false;
    }
    for (const struct value *left = a->first; left; left = left->next) {
        const struct value *right = find(run, b, guess, left->name);

        if (!right || !query_is_equal(run, left, right, false)) {
            return false;
        }
        guess = guess ? guess->next : NULL;
    }
    return true;
}

static bool is_bool(const struct value *value)
{
    return value->type == VALUE_FALSE || value->type == VALUE_TRUE;
}

static double number_or_bool(const struct value *value)
{
    return is_bool(value) ? value->type == VALUE_TRUE : number_of(value);
}

bool query_is_equal(struct run *run, const struct value *a,
                    const struct value *b, bool is_strict)
{
    const bool a_counts = a->type == VALUE_NUMBER || is_bool(a);
    const bool b_counts = b->type == VALUE_NUMBER || is_bool(b);

    if (!query_spend(run, 1 + (a->text.len + b->text.len) / QUERY_PER_STEP)) {
        return false;
    }
    if (a_counts && b_counts) {
        return (!is_strict || is_bool(a) == is_bool(b)) &&
               number_or_bool(a) == number_or_bool(b);
    }
    if (a->type != b->type) {
        return false;
    }
    switch ((int)a->type) {
    case VALUE_STRING:
        return order_text(a->text, b->text) == 0;
    case VALUE_ARRAY:
        return has_equal_elements(run, a, b);
    case VALUE_OBJECT:
        return has_equal_members(run, a, b);
    default:
        return true;
    }
}

static bool has_order(const struct value *value)
{
    return value->type == VALUE_NUMBER || value->type == VALUE_STRING;
}

static const struct value *compare(struct run *run, const struct node *node,
                                   const struct value *value)
{
    const struct value *a = query_evaluate(run, node->left, value);
    const struct value *b = query_evaluate(run, node->right, value);
    int order;

    if (node->op == IS_EQUAL || node->op == IS_UNEQUAL) {
        return value_bool(query_is_equal(run, a, b, true) ==
                          (node->op == IS_EQUAL));
    }
    if (!has_order(a) || !has_order(b)) {
        return query_null();
    }
    if (a->type != b->type) {
        return query_fail(run, node, "a number and a string have no order");
    }
    query_spend(run, (a->text.len + b->text.len) / QUERY_PER_STEP);
    order = query_order(a, b);
    return value_bool(node->op == IS_LESS               ? order < 0
                      : node->op == IS_LESS_OR_EQUAL    ? order <= 0
                      : node->op == IS_GREATER_OR_EQUAL ? order >= 0
                                                        : order > 0);
}

/* ---------------------------------------------------- arrays and objects */

static const struct value *element(struct run *run, const struct value *array,
                                   int64_t index)
{
    const struct value *value = array->first;
    const size_t n = value_count(array);

    query_spend(run, n / QUERY_PER_STEP);
    if (index < 0) {
        index += (int64_t)n;
    }
    for (; value && index > 0; index--) {
        value = value->next;
    }
    return value && index == 0 ? value : query_null();
}

/* A bound of a slice of `n` elements, from `lowest` to `lowest + n`. */
static int64_t bound(const struct node *slice, int part, int64_t n,
                     int64_t lowest)
{
    const int64_t at = slice->parts[part];
    const int64_t from_start = at < 0 ? at + n : at;

    if (!slice->has[part]) {
        return (part == 0) == (lowest == 0) ? lowest : lowest + n;
    }
    return from_start < lowest       ? lowest
           : from_start > lowest + n ? lowest + n
                                     : from_start;
}

static const struct value *slice(struct run *run, const struct node *node,
                                 const struct value *array)
{
    const size_t n = value_count(array);
    const int64_t step = node->has[2] ? node->parts[2] : 1;
    const int64_t lowest = step < 0 ? -1 : 0;
    const int64_t end = bound(node, 1, (int64_t)n, lowest);
    struct value *part = value_new(VALUE_ARRAY);
    const struct value **elements;
    size_t i = 0;

    if (step == 0) {
        return query_fail(run, node, "the step of a slice is 0");
    }
    if (!query_spend(run, n)) {
        return query_null();
    }
    elements = value_memory(n * sizeof(*elements));
    for (const struct value *v = array->first; v; v = v->next) {
        elements[i++] = v;
    }
    for (int64_t at = bound(node, 0, (int64_t)n, lowest);
         step < 0 ? at > end : at < end; at += step) {
        query_append(run, part, elements[at]);
    }
    return part;
}

static const struct value *flatten(struct run *run, const struct value *array)
{
    struct value *flat = value_new(VALUE_ARRAY);

    for (const struct value *v = array->first; v; v = v->next) {
        if (v->type != VALUE_ARRAY) {
            query_append(run, flat, v);
            continue;
        }
        for (const struct value *inner = v->first; inner; inner = inner->next) {
            query_append(run, flat, inner);
        }
    }
    return flat;
}

static const struct value *project(struct run *run, const struct node *node,
                                   const struct value *base)
{
    struct value *array = value_new(VALUE_ARRAY);

    for (const struct value *v = base->first; v && !run->error->what;
         v = v->next) {
        const struct value *result;

        if (node->third &&
            !query_is_true(query_evaluate(run, node->third, v))) {
            continue;
        }
        result = query_evaluate(run, node->right, v);
        if (result->type != VALUE_NULL) {
            query_append(run, array, result);
        }
    }
    return array;
}

/* What is done with an array, or with an object; anything else gives null. */
static const struct value *of_base(struct run *run, const struct node *node,
                                   const struct value *base)
{
    const enum value_type type =
        node->type == NODE_VALUES ? VALUE_OBJECT : VALUE_ARRAY;

    if (base->type != type) {
        return query_null();
    }
    switch ((int)node->type) {
    case NODE_INDEX:
        return element(run, base, node->parts[0]);
    case NODE_SLICE:
        return slice(run, node, base);
    case NODE_FLATTEN:
        return flatten(run, base);
    default:
        return project(run, node, base);
    }
}

/* ------------------------------------------------------------ evaluation */

static const struct value *multi(struct run *run, const struct node *node,
                                 const struct value *value)
{
    const bool is_hash = node->type == NODE_HASH;
    struct value *all = value_new(is_hash ? VALUE_OBJECT : VALUE_ARRAY);
    size_t members = 0;

    if (value->type == VALUE_NULL) {
        return value;
    }
    for (const struct node *child = node->children;
         child && query_spend(run, is_hash ? ++members / 16 + 1 : 1);
         child = child->next) {
        const struct value *one = query_evaluate(run, child, value);

        if (is_hash) {
            value_set(all, child->name, value_copy(one));
        } else {
            value_append(all, value_copy(one));
        }
    }
    return all;
}

static const struct value *call(struct run *run, const struct node *node,
                                const struct value *value)
{
    const struct value **args;
    size_t n = 0;

    for (const struct node *arg = node->children; arg; arg = arg->next) {
        n++;
    }
    args = value_memory(n * sizeof(*args));
    n = 0;
    for (const struct node *arg = node->children; arg; arg = arg->next) {
        args[n] = NULL;
        if (node->function->takes[n > 0 && !node->function->is_variadic] !=
            TAKES_EXPRESSION) {
            args[n] = query_evaluate(run, arg, value);
        }
        n++;
    }
    return run->error->what ? query_null() : query_call(run, node, args, n);
}

static const struct value *logic(struct run *run, const struct node *node,
                                 const struct value *value)
{
    const struct value *left = query_evaluate(run, node->left, value);
    const bool is_true = query_is_true(left);

    if (node->type == NODE_NOT) {
        return value_bool(!is_true);
    }
    return is_true == (node->type == NODE_OR)
               ? left
               : query_evaluate(run, node->right, value);
}

static const struct value *field(struct run *run, const struct node *node,
                                 const struct value *value)
{
    const struct value *member =
        value->type == VALUE_OBJECT ? value->first : NULL;
    size_t passed = 0;

    while (member && order_text(member->name, node->name) != 0) {
        member = member->next;
        passed++;
    }
    query_spend(run, passed / QUERY_PER_STEP);
    return member ? member : query_null();
}

const struct value *query_evaluate(struct run *run, const struct node *node,
                                   const struct value *value)
{
    if (!query_spend(run, 1)) {
        return query_null();
    }
    switch ((int)node->type) {
    case NODE_CURRENT:
        return value;
    case NODE_FIELD:
        return field(run, node, value);
    case NODE_LITERAL:
        return node->literal;
    case NODE_THEN:
        return query_evaluate(run, node->right,
                              query_evaluate(run, node->left, value));
    case NODE_COMPARE:
        return compare(run, node, value);
    case NODE_OR:
    case NODE_AND:
    case NODE_NOT:
        return logic(run, node, value);
    case NODE_LIST:
    case NODE_HASH:
        return multi(run, node, value);
    case NODE_CALL:
        return call(run, node, value);
    default:
        return of_base(run, node, query_evaluate(run, node->left, value));
    }
}

/* Count all values in it, which it may share, and more than once. */
static void measure(struct run *run, const struct value *value, unsigned depth)
{
    if (depth > VALUE_DEPTH_MAX) {
        query_fail(run, NULL, "its result is nested too deep");
        return;
    }
    for (const struct value *v = value->first; v && query_spend(run, 1);
         v = v->next) {
        measure(run, v, depth + (v->type >= VALUE_ARRAY));
    }
}

struct value *query_run(const struct query *query, const struct value *document,
                        struct value_error *error)
{
    struct run run = {.error = error, .left = STEPS_MAX};
    const struct value *result;

    *error = (struct value_error){0, NULL};
    result = query_evaluate(&run, query->root, document);
    measure(&run, result, result->type >= VALUE_ARRAY);
    return error->what ? NULL : value_copy(result);
}
