/*
 * Members of objects by their names, as the AWS CLI's formats list them.
 */
#ifndef CLI_MEMBERS_H
#define CLI_MEMBERS_H

#include "value.h"

enum members_kind {
    MEMBERS_SCALAR,
    MEMBERS_NESTED, /* arrays and objects */
    MEMBERS_ALL
};

/* Members, sorted by the code points of their names. */
struct members {
    const struct value **at;
    size_t count;
};

/*
 * The members of this kind of an object; or those of all objects in an array,
 * of each name one.
 */
struct members members_of(const struct value *value, enum members_kind kind);

/* The one with this name, or NULL. */
const struct value *members_find(const struct members *members,
                                 struct segjob_str name);

#endif
