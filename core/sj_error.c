#include "sj_error.h"

#include "sj_json.h"
#include "sj_match.h"
#include "sj_scan.h"
#include "sj_unicode.h"
#include "sj_writer.h"

/* Stars in place of a secret. */
#define STARS 3u

/* Shorter tags, in characters, are not hidden: many words contain them. */
#define TAG_MIN 4u

static const struct segjob_str absent = {NULL, 0};

static bool parse(struct sj_json *json, char *buf, size_t len, size_t cap)
{
    return sj_json_parse(json, buf, len, buf + len, cap - len) == SJ_JSON_OK &&
           sj_json_is_object(json, SJ_JSON_ROOT);
}

/* --------------------------------------------------------------- errors */

struct segjob_str sj_error_bare_code(struct segjob_str code)
{
    struct segjob_str bare = sj_take_until(&code, ':');
    struct segjob_str left = bare;

    if (sj_take_until(&left, '#').len < bare.len) {
        bare = left;
    }
    return bare.len > 0 ? bare : absent;
}

void sj_error_read(char *buf, size_t len, size_t cap,
                   struct segjob_error *error)
{
    struct sj_json json;
    struct segjob_str code;

    if (!parse(&json, buf, len, cap)) {
        return;
    }
    code = sj_error_bare_code(sj_json_text(&json, SJ_JSON_ROOT, "__type"));
    if (code.ptr == NULL) {
        code = sj_error_bare_code(sj_json_text(&json, SJ_JSON_ROOT, "code"));
    }
    if (code.ptr != NULL) {
        error->code = code;
    }
    error->message = sj_json_text(&json, SJ_JSON_ROOT, "message");
    if (error->message.ptr == NULL) {
        error->message = sj_json_text(&json, SJ_JSON_ROOT, "Message");
    }
}

/* -------------------------------------------------------------- secrets */

static bool begins_with_text(struct segjob_str s, const char *text)
{
    return sj_take_text(&s, text);
}

/*
 * Whether `s` begins with a character of a word: one that a tag may contain,
 * except for a space. Returns `before` if `s` is empty or does not begin with a
 * whole character.
 */
static bool begins_with_word(struct segjob_str s, bool before)
{
    struct segjob_str first = s;
    uint32_t c;

    if (s.len == 0 || !sj_utf8_next(&s, &c)) {
        return before;
    }
    first.len -= s.len;
    return c != ' ' && sj_match_tag(first);
}

/* Whether `s` begins with a tag's `text`, long enough, at the end of a word. */
static bool begins_with_tag(struct segjob_str s, struct segjob_str text)
{
    size_t count;

    if (!sj_begins_with(s, text) || !sj_utf8_count(text, &count)) {
        return false;
    }
    sj_skip(&s, text.len);
    return count >= TAG_MIN && !begins_with_word(s, false);
}

/* The state of reading a message. */
struct reading {
    struct segjob_str left;
    const struct segjob_create_request *request;
    size_t secret; /* bytes at the start of `left` that belong to a secret */
    bool in_word;
    bool in_arn;
};

/* Look for a tag at the start of `left`, unless within a word or an ARN. */
static void look(struct reading *r)
{
    const struct segjob_create_request *request = r->request;

    r->in_arn = (r->in_arn && r->in_word) || begins_with_text(r->left, "arn:");
    if (request != NULL && !r->in_word && !r->in_arn) {
        for (size_t i = 0; i < 2 * request->tags_len; i++) {
            const struct segjob_str text = sj_span(request->tags, i);

            if (text.len > r->secret && begins_with_tag(r->left, text)) {
                r->secret = text.len;
            }
        }
    }
    r->in_word = begins_with_word(r->left, r->in_word) ||
                 (r->in_arn && r->left.ptr[0] == ',');
}

/*
 * Writes at most one byte for each that it reads, so it can work in place.
 * Secrets that overlap are one. An ARN is a word that may contain commas, as
 * the names of roles do.
 */
struct segjob_str sj_error_redact(char *buf, struct segjob_str message,
                                  const struct segjob_create_request *request,
                                  struct segjob_str token)
{
    struct reading r = {message, request, 0, false, false};
    struct segjob_str out = {buf, 0};
    size_t stars = 0; /* still to be written */

    for (; r.left.len > 0 && !begins_with_text(r.left, "The Canonical String");
         sj_skip(&r.left, 1)) {
        stars = r.secret > 0 ? stars : STARS;
        if (token.len > r.secret && sj_begins_with(r.left, token)) {
            r.secret = token.len;
        }
        look(&r);
        if (r.secret == 0) {
            buf[out.len++] = r.left.ptr[0];
            continue;
        }
        r.secret--;
        if (stars > 0) {
            stars--;
            buf[out.len++] = '*';
        }
    }
    while (out.len > 0 &&
           (buf[out.len - 1] == '\n' || buf[out.len - 1] == ' ')) {
        out.len--;
    }
    return out;
}
