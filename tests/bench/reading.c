/*
 * reading SHAPE BYTES: read a text of at most that length, for a tool that
 * counts the instructions of read_text(). Prints the length, and "read" or
 * "refused".
 *
 *   members   one object of as many members as there is space for
 *   crowded   objects of as many members as an object may have
 *   prefixes  the same, with long names that differ at their ends
 *   jobs      a list, of which each job is read
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sj_job.h"
#include "sj_json.h"

#define PIECE_MAX 64u
#define PREFIX "the-same-beginning-of-a-long-name-"

struct shape {
    const char *name;
    const char *begin;
    const char *piece;  /* a format for its number */
    unsigned in_object; /* pieces, then `between` */
    const char *between;
    const char *end;
};

static const struct shape shapes[] = {
    {"members", "{", "\"%x\":1,", 0, "", "\"\":1}"},
    {"crowded", "[{", "\"%x\":1,", SJ_JSON_MEMBERS_MAX - 1, "\"\":1},{",
     "\"\":1}]"},
    {"prefixes", "[{", "\"" PREFIX "%x\":1,", SJ_JSON_MEMBERS_MAX - 1,
     "\"\":1},{", "\"\":1}]"},
    {"jobs", "{\"batchSegmentJobs\":[",
     "{\"jobName\":\"%x\",\"status\":\"ACTIVE\",\"creationDateTime\":1.5},", 0,
     "", "{}]}"},
};

static const struct shape *find(const char *name)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (strcmp(shapes[i].name, name) == 0) {
            return &shapes[i];
        }
    }
    exit(2);
}

/* Returns the length; `text` has `cap` bytes. */
static size_t write_text(const struct shape *s, char *text, size_t cap)
{
    size_t len = (size_t)sprintf(text, "%s", s->begin);

    for (unsigned n = 1; len + 3 * PIECE_MAX < cap; n++) {
        len += (size_t)sprintf(text + len, s->piece, n);
        if (s->in_object > 0 && n % s->in_object == 0) {
            len += (size_t)sprintf(text + len, "%s", s->between);
        }
    }
    return len + (size_t)sprintf(text + len, "%s", s->end);
}

__attribute__((noinline)) static bool read_text(char *text, size_t len,
                                                void *room, size_t cap)
{
    struct sj_json json;
    struct segjob_job job;
    int i;

    if (sj_json_parse(&json, text, len, room, cap) != SJ_JSON_OK) {
        return false;
    }
    i = sj_json_first(&json,
                      sj_json_member(&json, SJ_JSON_ROOT, "batchSegmentJobs"));
    for (; i != SJ_JSON_NONE; i = sj_json_next(&json, i)) {
        sj_job_read(&json, i, &job);
    }
    return true;
}

int main(int argc, char **argv)
{
    const size_t bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    char *text = malloc(bytes + 4 * PIECE_MAX);
    const size_t cap = bytes * SJ_JSON_TOKEN;
    char *room = malloc(cap);
    size_t len;

    if (text == NULL || room == NULL || bytes == 0) {
        return 2;
    }
    len = write_text(find(argv[1]), text, bytes);
    printf("%zu %s\n", len,
           read_text(text, len, room, cap) ? "read" : "refused");
    return 0;
}
