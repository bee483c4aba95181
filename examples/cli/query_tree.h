/* An expression as it was read, for the files query_*.c alone. */
#ifndef CLI_QUERY_TREE_H
#define CLI_QUERY_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "query.h"

enum node_type {
    NODE_CURRENT,
    NODE_FIELD,   /* name */
    NODE_LITERAL, /* literal */
    NODE_THEN,    /* right, of what left is: a.b and a | b */
    NODE_INDEX,   /* of left: parts[0] */
    NODE_SLICE,   /* of left: parts, where `has` says so */
    NODE_FLATTEN, /* left */
    NODE_EACH,    /* right, of each element of left */
    NODE_VALUES,  /* right, of the value of each member of left */
    NODE_FILTER,  /* right, of each element of left for which third is true */
    NODE_COMPARE, /* left and right, by `op` */
    NODE_OR,
    NODE_AND,
    NODE_NOT,  /* left */
    NODE_LIST, /* the children, by `next` */
    NODE_HASH, /* the children, each with its name */
    NODE_CALL  /* function, with the children as arguments */
};

enum comparison {
    IS_EQUAL,
    IS_UNEQUAL,
    IS_LESS_OR_EQUAL,
    IS_LESS,
    IS_GREATER_OR_EQUAL,
    IS_GREATER
};

struct node {
    enum node_type type;
    enum comparison op;
    size_t at;       /* offset in the expression */
    unsigned height; /* 1 more than that of the highest in it */
    struct node *left, *right, *third;
    struct node *children, *last, *next;
    struct segjob_str name;
    const struct value *literal;
    const struct function *function;
    int64_t parts[3];
    bool has[3];
};

struct query {
    struct node *root;
};

/* Numbers in an expression are cut to this. */
#define NUMBER_MAX (INT64_C(1) << 40)

/* An evaluation. Once it has failed, all that is evaluated is null. */
struct run {
    struct value_error *error; /* `what` is NULL as long as all is well */
    size_t left;               /* steps */
};

/* What an argument may be: a set of 1 << type; and: */
#define TAKES_ANY 0x7fu
#define TAKES_EXPRESSION 0x80u /* &, nothing else */
#define TAKES_STRINGS 0x100u   /* an array of strings */
#define TAKES_NUMBERS 0x200u   /* an array of numbers */

/*
 * The arguments were checked. That which is an expression is call->children or
 * what follows it, and NULL in `args`.
 */
typedef const struct value *function_call(struct run *run,
                                          const struct node *call,
                                          const struct value **args, size_t n);

struct function {
    const char *name;
    unsigned takes[2]; /* 0 if there is one argument alone */
    bool is_variadic;  /* it takes 1 or more, all by takes[0] */
    function_call *call;
};

/* NULL if there is none. */
const struct function *query_function(struct segjob_str name);

/* Check the values of arguments, and call. */
const struct value *query_call(struct run *run, const struct node *call,
                               const struct value **args, size_t n);

const struct value *query_evaluate(struct run *run, const struct node *node,
                                   const struct value *value);

/* Bytes of a text, or elements that are passed by, that count as a step. */
#define QUERY_PER_STEP 64u

/* Count steps of work. Returns whether the evaluation has not failed yet. */
bool query_spend(struct run *run, size_t steps);

/* Set the error if there is none yet. Returns null. */
const struct value *query_fail(struct run *run, const struct node *at,
                               const char *what);

const struct value *query_null(void);

/* Neither null, false nor empty. */
bool query_is_true(const struct value *value);

/*
 * Equality as Python has it: true is 1 and false is 0, which only `is_strict`
 * tells apart, and only there, not in arrays and objects.
 */
bool query_is_equal(struct run *run, const struct value *a,
                    const struct value *b, bool is_strict);

/* Below 0, 0 or above, of two numbers, or two strings by code points. */
int query_order(const struct value *a, const struct value *b);

/* Put a copy of the element at the end. */
void query_append(struct run *run, struct value *array,
                  const struct value *element);

/* A text from value_memory(). */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
const char *
query_text(const char *format, ...);

#endif
