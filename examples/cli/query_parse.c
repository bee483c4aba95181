#include "query_tree.h"

#include <stdarg.h>
#include <string.h>

#include "text.h"

/* ---------------------------------------------------------------- tokens */

enum token {
    /* The first are spelled by `operators`. */
    T_FLATTEN,
    T_FILTER,
    T_LBRACKET,
    T_OR,
    T_PIPE,
    T_AND,
    T_EXPREF,
    T_LE,
    T_LT,
    T_GE,
    T_GT,
    T_NE,
    T_NOT,
    T_EQ,
    T_DOT,
    T_STAR,
    T_RBRACKET,
    T_COMMA,
    T_COLON,
    T_CURRENT,
    T_LPAREN,
    T_RPAREN,
    T_LBRACE,
    T_RBRACE,
    T_IDENTIFIER,
    T_QUOTED,
    T_LITERAL,
    T_NUMBER,
    T_END /* also of everything after an error */
};

/* What binds less than this ends a projection. */
#define PROJECTION_STOP 10u

/* How strong each binds what is left of it; longer before shorter ones. */
static const struct {
    char text[3];
    unsigned char power;
} operators[] = {
    [T_FLATTEN] = {"[]", 9},  [T_FILTER] = {"[?", 21}, [T_LBRACKET] = {"[", 55},
    [T_OR] = {"||", 2},       [T_PIPE] = {"|", 1},     [T_AND] = {"&&", 3},
    [T_EXPREF] = {"&", 0},    [T_LE] = {"<=", 5},      [T_LT] = {"<", 5},
    [T_GE] = {">=", 5},       [T_GT] = {">", 5},       [T_NE] = {"!=", 5},
    [T_NOT] = {"!", 45},      [T_EQ] = {"==", 5},      [T_DOT] = {".", 40},
    [T_STAR] = {"*", 20},     [T_RBRACKET] = {"]", 0}, [T_COMMA] = {",", 0},
    [T_COLON] = {":", 0},     [T_CURRENT] = {"@", 0},  [T_LPAREN] = {"(", 60},
    [T_RPAREN] = {")", 0},    [T_LBRACE] = {"{", 50},  [T_RBRACE] = {"}", 0},
    [T_IDENTIFIER] = {"", 0}, [T_QUOTED] = {"", 0},    [T_LITERAL] = {"", 0},
    [T_NUMBER] = {"", 0},     [T_END] = {"", 0},
};

struct parser {
    const char *begin, *p; /* p is after the token */
    enum token token;
    const char *at;         /* where it begins */
    struct segjob_str name; /* of an identifier */
    struct value *literal;
    int64_t number;
    unsigned depth;
    struct value_error *error;
};

const char *query_text(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    size_t n;

    va_start(arguments, format);
    n = text_format_list(NULL, 0, format, arguments);
    va_end(arguments);
    text = value_memory(n + 1);
    va_start(arguments, format);
    text_format_list(text, n + 1, format, arguments);
    va_end(arguments);
    return text;
}

/* The first error counts, and ends the expression. */
static void refuse_at(struct parser *p, const char *at, const char *what)
{
    if (!p->error->what) {
        p->error->at = (size_t)(at - p->begin);
        p->error->what = what;
    }
    p->token = T_END;
}

static void refuse(struct parser *p, const char *what)
{
    refuse_at(p, p->at, what);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static enum token lex_identifier(struct parser *p)
{
    while (is_letter(*p->p) || is_digit(*p->p)) {
        p->p++;
    }
    p->name = (struct segjob_str){p->at, (size_t)(p->p - p->at)};
    return T_IDENTIFIER;
}

static enum token lex_number(struct parser *p)
{
    const bool is_negative = *p->p == '-';

    p->p += is_negative;
    if (!is_digit(*p->p)) {
        refuse(p, "a digit is expected after -");
    }
    for (p->number = 0; is_digit(*p->p); p->p++) {
        p->number = p->number * 10 + (*p->p - '0');
        p->number = p->number < NUMBER_MAX ? p->number : NUMBER_MAX;
    }
    p->number = is_negative ? -p->number : p->number;
    return T_NUMBER;
}

/* The bytes up to the next that has no backslash before it. */
static size_t delimited_len(const char *text, char delimiter)
{
    const char *p = text;

    while (*p != '\0' && *p != delimiter) {
        p += *p == '\\' && p[1] != '\0' ? 2 : 1;
    }
    return (size_t)(p - text);
}

/*
 * What is between two delimiters, the first of them here. A backslash before a
 * delimiter is left out if `is_plain`.
 */
static struct segjob_str lex_delimited(struct parser *p, bool is_plain)
{
    const char delimiter = *p->p++;
    const char *const end = p->p + delimited_len(p->p, delimiter);
    char *const text = value_memory((size_t)(end - p->p) + 1);
    char *to = text;

    if (*end == '\0') {
        refuse(p, query_text("there is no %c that ends this", delimiter));
        return (struct segjob_str){text, 0};
    }
    for (; p->p < end; p->p++) {
        if (*p->p == '\\' && (!is_plain || p->p[1] != delimiter)) {
            *to++ = *p->p++;
        } else if (*p->p == '\\') {
            p->p++;
        }
        *to++ = *p->p;
    }
    p->p++;
    return (struct segjob_str){text, (size_t)(to - text)};
}

static struct value *read_quoted(struct segjob_str text,
                                 struct value_error *error)
{
    const char *quoted = query_text("\"%.*s\"", (int)text.len, text.ptr);

    return value_read(quoted, text.len + 2, error);
}

static enum token lex_quoted(struct parser *p)
{
    const struct segjob_str text = lex_delimited(p, false);
    struct value_error error = {0, NULL};
    const struct value *name = read_quoted(text, &error);

    if (!name) {
        refuse_at(p, p->at + error.at, error.what);
        return T_END;
    }
    p->name = name->text;
    return T_QUOTED;
}

static enum token lex_raw(struct parser *p)
{
    p->literal = value_new(VALUE_STRING);
    p->literal->text = lex_delimited(p, true);
    return T_LITERAL;
}

/* What is no JSON is read as a string without its quotation marks. */
static enum token lex_json(struct parser *p)
{
    struct segjob_str text = lex_delimited(p, true);
    struct value_error error = {0, NULL}, ignored;

    p->literal = value_read(text.ptr, text.len, &error);
    if (!p->literal && error.what != value_too_deep) {
        const size_t spaces = strspn(text.ptr, " \t\n\v\f\r\x1c\x1d\x1e\x1f");

        text.ptr += spaces;
        text.len -= spaces;
        p->literal = read_quoted(text, &ignored);
    }
    if (!p->literal) {
        refuse(p, query_text("no JSON literal: %s", error.what));
    }
    return T_LITERAL;
}

static enum token lex_operator(struct parser *p)
{
    for (unsigned i = 0; i < T_IDENTIFIER; i++) {
        const size_t n = strlen(operators[i].text);

        if (strncmp(p->p, operators[i].text, n) == 0) {
            p->p += n;
            return (enum token)i;
        }
    }
    refuse(p,
           *p->p == '=' ? "== is expected" : "this character has no meaning");
    return T_END;
}

static enum token lex(struct parser *p)
{
    p->p += strspn(p->p, " \t\n\r");
    p->at = p->p;
    switch (*p->p) {
    case '\0':
        return T_END;
    case '"':
        return lex_quoted(p);
    case '\'':
        return lex_raw(p);
    case '`':
        return lex_json(p);
    case '-':
        return lex_number(p);
    default:
        return is_letter(*p->p)  ? lex_identifier(p)
               : is_digit(*p->p) ? lex_number(p)
                                 : lex_operator(p);
    }
}

static void advance(struct parser *p)
{
    const enum token token = p->error->what ? T_END : lex(p);

    p->token = p->error->what ? T_END : token;
}

static bool take(struct parser *p, enum token token)
{
    if (p->token != token) {
        return false;
    }
    advance(p);
    return true;
}

static void expect(struct parser *p, enum token token)
{
    if (!take(p, token)) {
        refuse(p, query_text("%s is expected", operators[token].text));
    }
}

/* ----------------------------------------------------------------- nodes */

static void raise_above(struct parser *p, struct node *node,
                        const struct node *inner)
{
    if (inner && inner->height >= node->height) {
        node->height = inner->height + 1;
    }
    if (node->height > QUERY_DEPTH_MAX) {
        refuse(p, value_too_deep);
    }
}

static struct node *new_node(struct parser *p, enum node_type type,
                             struct node *left, struct node *right)
{
    struct node *node = value_memory(sizeof(*node));

    node->type = type;
    node->at = (size_t)(p->at - p->begin);
    node->left = left;
    node->right = right;
    raise_above(p, node, left);
    raise_above(p, node, right);
    return node;
}

static struct node *current(struct parser *p)
{
    return new_node(p, NODE_CURRENT, NULL, NULL);
}

static void adopt(struct parser *p, struct node *node, struct node *child)
{
    if (node->last) {
        node->last->next = child;
    } else {
        node->children = child;
    }
    node->last = child;
    raise_above(p, node, child);
}

/* ----------------------------------------------------------- expressions */

static struct node *expression(struct parser *p, unsigned power);

static struct node *multi_list(struct parser *p)
{
    struct node *list = new_node(p, NODE_LIST, NULL, NULL);

    do {
        adopt(p, list, expression(p, 0));
    } while (take(p, T_COMMA));
    if (!take(p, T_RBRACKET)) {
        refuse(p, "a comma or ] is expected");
    }
    return list;
}

/* The comma between two members may be left out. */
static struct node *multi_hash(struct parser *p)
{
    struct node *hash = new_node(p, NODE_HASH, NULL, NULL);

    do {
        const struct segjob_str name = p->name;
        struct node *member;

        if (!take(p, T_IDENTIFIER) && !take(p, T_QUOTED)) {
            refuse(p, "a name is expected");
        }
        expect(p, T_COLON);
        member = expression(p, 0);
        /* One of its own: a field has its name already. */
        member = new_node(p, NODE_THEN, current(p), member);
        member->name = name;
        adopt(p, hash, member);
    } while (!p->error->what && (take(p, T_COMMA) || !take(p, T_RBRACE)));
    return hash;
}

static struct node *after_dot(struct parser *p, unsigned power)
{
    switch ((int)p->token) {
    case T_IDENTIFIER:
    case T_QUOTED:
    case T_STAR:
        return expression(p, power);
    case T_LBRACKET:
        advance(p);
        return multi_list(p);
    case T_LBRACE:
        advance(p);
        return multi_hash(p);
    default:
        refuse(p, "a name, *, [ or { is expected");
        return current(p);
    }
}

/* What is done with each element of a projection. */
static struct node *projected(struct parser *p, unsigned power)
{
    if (operators[p->token].power < PROJECTION_STOP) {
        return current(p);
    }
    if (p->token == T_LBRACKET || p->token == T_FILTER) {
        return expression(p, power);
    }
    expect(p, T_DOT);
    return after_dot(p, power);
}

static struct node *project(struct parser *p, enum node_type type,
                            struct node *left, enum token by)
{
    struct node *node = new_node(p, type, left, NULL);

    node->right = projected(p, operators[by].power);
    raise_above(p, node, node->right);
    return node;
}

static struct node *flatten(struct parser *p, struct node *left)
{
    return project(p, NODE_EACH, new_node(p, NODE_FLATTEN, left, NULL),
                   T_FLATTEN);
}

static struct node *filter(struct parser *p, struct node *left)
{
    struct node *condition = expression(p, 0);
    struct node *node;

    expect(p, T_RBRACKET);
    node = project(p, NODE_FILTER, left, T_FILTER);
    node->third = condition;
    raise_above(p, node, condition);
    return node;
}

/* The rest of [BEGIN:END:STEP]. As in Python, of several numbers the last. */
static void read_slice(struct parser *p, struct node *slice)
{
    int part = 0;

    slice->type = NODE_SLICE;
    while (!take(p, T_RBRACKET) && !p->error->what) {
        if (p->token == T_NUMBER) {
            slice->parts[part] = p->number;
            slice->has[part] = true;
        } else if (p->token != T_COLON || ++part == 3) {
            refuse(p, "a number, ] or one of two colons is expected");
        }
        advance(p);
    }
}

/*
 * After [, at a number or a colon. As in Python, a slice of what an index gave
 * is no projection.
 */
static struct node *subscript(struct parser *p, struct node *left)
{
    const bool is_projection =
        left->type != NODE_INDEX && left->type != NODE_SLICE;
    struct node *node = new_node(p, NODE_INDEX, left, NULL);

    if (p->token == T_NUMBER) {
        node->parts[0] = p->number;
        node->has[0] = true;
        advance(p);
        if (take(p, T_RBRACKET)) {
            return node;
        }
        if (p->token != T_COLON) {
            refuse(p, "] or a colon is expected");
        }
    }
    read_slice(p, node);
    return is_projection ? project(p, NODE_EACH, node, T_STAR) : node;
}

/* Whether *] is here; it is taken then. */
static bool take_star(struct parser *p)
{
    const struct parser before = *p;

    if (take(p, T_STAR) && take(p, T_RBRACKET)) {
        return true;
    }
    *p = before;
    return false;
}

/* After [, without a value before it. */
static struct node *bracket(struct parser *p)
{
    if (p->token == T_NUMBER || p->token == T_COLON) {
        return subscript(p, current(p));
    }
    if (take_star(p)) {
        return project(p, NODE_EACH, current(p), T_STAR);
    }
    return multi_list(p);
}

static struct node *bracket_after(struct parser *p, struct node *left)
{
    if (p->token == T_NUMBER || p->token == T_COLON) {
        return subscript(p, left);
    }
    if (!take_star(p)) {
        refuse(p, "a number, a colon or *] is expected");
    }
    return project(p, NODE_EACH, left, T_STAR);
}

/* ------------------------------------------------------------- functions */

static struct node *argument(struct parser *p, bool is_expression)
{
    if (is_expression && !take(p, T_EXPREF)) {
        refuse(p, "an expression with & before it is expected");
    }
    return expression(p, 0);
}

/* The rest of a call. The comma between arguments may be left out. */
static struct node *call(struct parser *p, const struct node *name)
{
    struct node *node = new_node(p, NODE_CALL, NULL, NULL);
    const struct function *f = query_function(name->name);
    const char *at = p->begin + name->at;
    size_t n = 0, needed;

    node->at = name->at;
    if (name->type != NODE_FIELD) {
        refuse(p, "a function's name is expected before (");
    } else if (!f) {
        refuse_at(p, at,
                  query_text("function '%.*s' is not known",
                             (int)name->name.len, name->name.ptr));
    }
    while (f && !p->error->what && !take(p, T_RPAREN)) {
        const unsigned takes = f->takes[n > 0 && !f->is_variadic];

        adopt(p, node, argument(p, takes == TAKES_EXPRESSION));
        take(p, T_COMMA);
        n++;
    }
    node->function = f;
    needed = f && f->takes[1] != 0 ? 2 : 1;
    if (f && (n < needed || (n > needed && !f->is_variadic))) {
        refuse_at(p, at,
                  query_text("%s() takes %u argument%s%s", f->name,
                             (unsigned)needed, needed > 1 ? "s" : "",
                             f->is_variadic ? " or more" : ""));
    }
    return node;
}

/* --------------------------------------------------------------- operators */

static struct node *field(struct parser *p)
{
    struct node *node = new_node(p, NODE_FIELD, NULL, NULL);
    const bool is_quoted = p->token == T_QUOTED;

    node->name = p->name;
    advance(p);
    if (is_quoted && p->token == T_LPAREN) {
        refuse(p, "a function's name has no quotation marks");
    }
    return node;
}

static struct node *literal(struct parser *p)
{
    struct node *node = new_node(p, NODE_LITERAL, NULL, NULL);

    node->literal = p->literal;
    advance(p);
    return node;
}

static struct node *parenthesis(struct parser *p)
{
    struct node *node = expression(p, 0);

    expect(p, T_RPAREN);
    return node;
}

static struct node *prefix_operator(struct parser *p, enum token token)
{
    advance(p);
    switch ((int)token) {
    case T_STAR:
        return project(p, NODE_VALUES, current(p), T_STAR);
    case T_FILTER:
        return filter(p, current(p));
    case T_FLATTEN:
        return flatten(p, current(p));
    case T_LBRACKET:
        return bracket(p);
    case T_LBRACE:
        return multi_hash(p);
    case T_LPAREN:
        return parenthesis(p);
    case T_NOT:
        return new_node(p, NODE_NOT, expression(p, operators[token].power),
                        NULL);
    default:
        return current(p);
    }
}

static bool begins_expression(enum token token)
{
    return token == T_STAR || token == T_FILTER || token == T_FLATTEN ||
           token == T_LBRACKET || token == T_LBRACE || token == T_LPAREN ||
           token == T_NOT || token == T_CURRENT;
}

static struct node *prefix(struct parser *p)
{
    if (p->token == T_IDENTIFIER || p->token == T_QUOTED) {
        return field(p);
    }
    if (p->token == T_LITERAL) {
        return literal(p);
    }
    if (!begins_expression(p->token)) {
        refuse(p, p->token == T_EXPREF ? "& is for an argument of a function"
                                       : "an expression is expected");
    }
    return prefix_operator(p, p->token);
}

static struct node *binary(struct parser *p, enum node_type type,
                           struct node *left, enum token token)
{
    return new_node(p, type, left, expression(p, operators[token].power));
}

static struct node *compare(struct parser *p, struct node *left,
                            enum token token, const char *at)
{
    struct node *node = binary(p, NODE_COMPARE, left, token);

    node->at = (size_t)(at - p->begin);
    node->op = token == T_EQ   ? IS_EQUAL
               : token == T_NE ? IS_UNEQUAL
               : token == T_LE ? IS_LESS_OR_EQUAL
               : token == T_LT ? IS_LESS
               : token == T_GE ? IS_GREATER_OR_EQUAL
                               : IS_GREATER;
    return node;
}

static struct node *dot(struct parser *p, struct node *left)
{
    if (take(p, T_STAR)) {
        return project(p, NODE_VALUES, left, T_DOT);
    }
    return new_node(p, NODE_THEN, left, after_dot(p, operators[T_DOT].power));
}

static struct node *infix(struct parser *p, struct node *left)
{
    const enum token token = p->token;
    const char *at = p->at;

    if (token == T_STAR || token == T_NOT || token == T_LBRACE) {
        refuse(p, "an operator is expected");
        return left;
    }
    advance(p);
    switch ((int)token) {
    case T_DOT:
        return dot(p, left);
    case T_LBRACKET:
        return bracket_after(p, left);
    case T_FILTER:
        return filter(p, left);
    case T_FLATTEN:
        return flatten(p, left);
    case T_LPAREN:
        return call(p, left);
    case T_PIPE:
        return binary(p, NODE_THEN, left, token);
    case T_OR:
        return binary(p, NODE_OR, left, token);
    case T_AND:
        return binary(p, NODE_AND, left, token);
    default:
        return compare(p, left, token, at);
    }
}

/* All that binds more than `power`. */
static struct node *expression(struct parser *p, unsigned power)
{
    struct node *left;

    if (p->depth == QUERY_DEPTH_MAX) {
        refuse(p, value_too_deep);
    }
    p->depth++;
    left = prefix(p);
    while (power < operators[p->token].power) {
        left = infix(p, left);
    }
    p->depth--;
    return left;
}

struct query *query_read(const char *text, struct value_error *error)
{
    struct parser p = {.begin = text, .p = text, .error = error};
    struct query *query = value_memory(sizeof(*query));

    *error = (struct value_error){0, NULL};
    advance(&p);
    query->root = expression(&p, 0);
    if (p.token != T_END) {
        refuse(&p, "an operator or the end is expected");
    }
    return error->what ? NULL : query;
}
