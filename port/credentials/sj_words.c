#include "sj_words.h"

#include <stdbool.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

struct room {
    char *at;
    const char *end;
};

/* Append a byte. Returns whether there is room for it and a NUL. */
static bool put(struct room *room, char byte)
{
    if (room->at + 1 >= room->end) {
        return false;
    }
    *room->at++ = byte;
    *room->at = '\0';
    return true;
}

/* Whether the backslash at `at` escapes the next byte. */
static bool escapes(const char *at, char quote)
{
    return *at == '\\' && (quote == '\0' || (quote == '"' && at[1] != '\0' &&
                                             strchr("\"\\", at[1]) != NULL));
}

/* Copy the word at `*text`, without quotes. */
static const char *take_word(const char **text, struct room *room)
{
    const char *at = *text;
    char quote = '\0';

    for (; *at != '\0' && (quote != '\0' || strchr(blanks, *at) == NULL);
         at++) {
        if (quote == '\0' ? *at == '"' || *at == '\'' : *at == quote) {
            quote = quote == '\0' ? *at : '\0';
            continue;
        }
        at += escapes(at, quote);
        if (*at == '\0') {
            return "ends in a backslash";
        }
        if (!put(room, *at)) {
            return "is too long";
        }
    }
    *text = at;
    return quote == '\0' ? NULL : "has a quote that is not closed";
}

const char *sj_words_split(const char *text, char *room, size_t cap,
                           char **words, size_t max)
{
    struct room left = {room, room + cap};
    const char *flaw = NULL;
    size_t n = 0;

    text += strspn(text, blanks);
    while (*text != '\0' && flaw == NULL) {
        if (n + 1 >= max) {
            return "has too many words";
        }
        if (left.at >= left.end) {
            return "is too long";
        }
        words[n++] = left.at;
        *left.at = '\0'; /* a word may be empty */
        flaw = take_word(&text, &left);
        left.at++;
        text += strspn(text, blanks);
    }
    words[n] = NULL;
    return flaw != NULL || n > 0 ? flaw : "has no words";
}
