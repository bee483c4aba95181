/* value_memory() alone, so that tests can put another in its place. */
#include "value.h"

#include <stdlib.h>

#include "output.h"

#define CHUNK ((size_t)64 * 1024)

union unit {
    void *pointer;
    int64_t number;
    double real;
};

void *value_memory(size_t n)
{
    static union unit *chunks; /* the last: a search for leaks finds all */
    static char *chunk;
    static size_t left;
    const size_t size =
        (n + sizeof(union unit) - 1) / sizeof(union unit) * sizeof(union unit);
    char *memory;

    if (size > left) {
        union unit *before = chunks;

        left = size > CHUNK ? size : CHUNK;
        chunks = size < n ? NULL
                          : calloc(left / sizeof(*chunks) + 1, sizeof(*chunks));
        if (!chunks) {
            fail_memory();
        }
        chunks->pointer = before;
        chunk = (char *)(chunks + 1);
    }
    memory = chunk;
    chunk += size;
    left -= size;
    return memory;
}
