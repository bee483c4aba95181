#include "nearest.h"

#include <string.h>

#define CHANGES_MAX 2u
#define LETTERS_MAX 40

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Levenshtein's distance, row by row: `row[k]` is that of the letters of `word`
 * so far to the first k of `name`.
 */
static size_t distance(const char *word, size_t n, const char *name)
{
    const size_t len = strlen(name);
    size_t row[LETTERS_MAX + 1];

    for (size_t k = 0; k <= len; k++) {
        row[k] = k;
    }
    for (size_t i = 0; i < n; i++) {
        size_t diagonal = row[0]++;

        for (size_t k = 0; k < len; k++) {
            const size_t changed = diagonal + (word[i] != name[k]);

            diagonal = row[k + 1];
            row[k + 1] = least(changed, least(diagonal, row[k]) + 1);
        }
    }
    return row[len];
}

const char *nearest(const char *word, size_t n, name_at *names)
{
    const char *found = NULL;
    size_t best = CHANGES_MAX + 1;

    for (size_t i = 0; names(i); i++) {
        const size_t changes = strlen(names(i)) <= LETTERS_MAX
                                   ? distance(word, n, names(i))
                                   : best;

        if (changes < best && changes < n) {
            best = changes;
            found = names(i);
        }
    }
    for (size_t i = 0; !found && names(i); i++) {
        found = n > 0 && strncmp(names(i), word, n) == 0 ? names(i) : NULL;
    }
    return found;
}
