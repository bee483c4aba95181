#include "sj_answer.h"

#include <string.h>

#include "sj_json.h"
#include "sj_request.h"
#include "sj_scan.h"

static const struct segjob_str absent = {NULL, 0};

static bool parse(struct sj_json *json, char *buf, size_t len, size_t cap)
{
    return sj_json_parse(json, buf, len, buf + len, cap - len) == SJ_JSON_OK &&
           sj_json_is_object(json, SJ_JSON_ROOT);
}

static struct segjob_str member(const struct sj_json *json, const char *name)
{
    return sj_json_string(json, sj_json_member(json, SJ_JSON_ROOT, name));
}

struct segjob_str sj_answer_arn(char *buf, size_t len, size_t cap)
{
    struct sj_json json;
    struct segjob_error unused;
    struct segjob_str arn;

    if (!parse(&json, buf, len, cap)) {
        return absent;
    }
    arn = member(&json, "batchSegmentJobArn");
    if (!sj_request_check_arn(arn, SEGJOB_FIELD_JOB_ARN, &unused)) {
        return absent;
    }
    memmove(buf, arn.ptr, arn.len);
    arn.ptr = buf;
    return arn;
}

/* --------------------------------------------------------------- errors */

struct segjob_str sj_answer_bare_code(struct segjob_str code)
{
    struct segjob_str bare = sj_take_until(&code, ':');
    struct segjob_str left = bare;

    if (sj_take_until(&left, '#').len < bare.len) {
        bare = left;
    }
    return bare.len > 0 ? bare : absent;
}

void sj_answer_error(char *buf, size_t len, size_t cap,
                     struct segjob_error *error)
{
    struct sj_json json;
    struct segjob_str code;

    if (!parse(&json, buf, len, cap)) {
        return;
    }
    code = sj_answer_bare_code(member(&json, "__type"));
    if (code.ptr == NULL) {
        code = sj_answer_bare_code(member(&json, "code"));
    }
    if (code.ptr != NULL) {
        error->code = code;
    }
    error->message = member(&json, "message");
    if (error->message.ptr == NULL) {
        error->message = member(&json, "Message");
    }
}

/* -------------------------------------------------------------- secrets */

static size_t longer_match(size_t best, struct segjob_str s,
                           struct segjob_str text)
{
    return text.len > best && sj_begins_with(s, text) ? text.len : best;
}

/* The length of the longest secret that `s` begins with. */
static size_t secret_at(struct segjob_str s,
                        const struct segjob_create_request *request,
                        struct segjob_str token)
{
    size_t best = longer_match(0, s, token);

    for (size_t i = 0; request != NULL && i < request->tags_len; i++) {
        best = longer_match(best, s, request->tags[i].key);
        best = longer_match(best, s, request->tags[i].value);
    }
    return best;
}

static size_t quotation(struct segjob_str s)
{
    static const struct segjob_str begin = SEGJOB_STR("The Canonical String");
    size_t n = s.len;

    for (size_t i = 0; i < s.len && n == s.len; i++) {
        struct segjob_str rest = {s.ptr + i, s.len - i};

        if (sj_begins_with(rest, begin)) {
            n = i;
        }
    }
    while (n > 0 && (s.ptr[n - 1] == '\n' || s.ptr[n - 1] == ' ')) {
        n--;
    }
    return n;
}

/*
 * The message is moved to the end of the buffer, and what remains of it is
 * written from the start, never past what is still to be read. Secrets may
 * overlap: whatever any of them covers is left out.
 */
struct segjob_str sj_answer_clean(char *buf, size_t cap,
                                  struct segjob_str message,
                                  const struct segjob_create_request *request,
                                  struct segjob_str token)
{
    struct segjob_str left = {buf + cap - message.len, message.len};
    struct segjob_str out = {buf, 0};
    size_t covered = 0; /* bytes at the front of `left` */
    const char *end;    /* of what is written; a secret may reach beyond */

    memmove(buf + cap - message.len, message.ptr, message.len);
    end = left.ptr + quotation(left);
    for (; left.ptr < end; left.len--, left.ptr++) {
        size_t secret = secret_at(left, request, token);
        const char *add = covered > 0 ? "" : left.ptr;
        size_t add_len = covered > 0 ? 0 : 1;

        if (secret > 0 && covered == 0) {
            add = "***";
            add_len = 3;
        }
        if (out.len + add_len > (size_t)(left.ptr + 1 - buf)) {
            break;
        }
        memmove(buf + out.len, add, add_len);
        out.len += add_len;
        covered = secret > covered ? secret : covered;
        covered -= covered > 0;
    }
    return out;
}
