#include "members.h"

#include <stdlib.h>
#include <string.h>

/* In UTF-8 the order of bytes is that of code points. */
static int compare_names(struct segjob_str a, struct segjob_str b)
{
    const size_t n = a.len < b.len ? a.len : b.len;
    const int order = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare(const void *a, const void *b)
{
    const struct value *const *one = a, *const *other = b;

    return compare_names((*one)->name, (*other)->name);
}

static bool is_of(enum members_kind kind, const struct value *member)
{
    return kind == MEMBERS_ALL ||
           value_is_scalar(member) == (kind == MEMBERS_SCALAR);
}

/* Add an object's members to `to`, if that is there. Returns their number. */
static size_t collect(const struct value *object, enum members_kind kind,
                      const struct value **to)
{
    size_t n = 0;

    if (object->type != VALUE_OBJECT) {
        return 0;
    }
    for (const struct value *v = object->first; v; v = v->next) {
        if (is_of(kind, v)) {
            if (to) {
                to[n] = v;
            }
            n++;
        }
    }
    return n;
}

static size_t collect_all(const struct value *value, enum members_kind kind,
                          const struct value **to)
{
    size_t n = 0;

    if (value->type == VALUE_OBJECT) {
        return collect(value, kind, to);
    }
    for (const struct value *v = value->first; v; v = v->next) {
        n += collect(v, kind, to ? to + n : NULL);
    }
    return n;
}

struct members members_of(const struct value *value, enum members_kind kind)
{
    const size_t n = collect_all(value, kind, NULL);
    struct members members = {value_memory(n * sizeof(*members.at)), 0};

    collect_all(value, kind, members.at);
    if (n > 0) {
        qsort(members.at, n, sizeof(*members.at), compare);
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || compare(&members.at[i - 1], &members.at[i]) != 0) {
            members.at[members.count++] = members.at[i];
        }
    }
    return members;
}

const struct value *members_find(const struct members *members,
                                 struct segjob_str name)
{
    size_t low = 0, high = members->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare_names(name, members->at[middle]->name);

        if (order == 0) {
            return members->at[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}
