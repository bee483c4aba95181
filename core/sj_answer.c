#include "sj_answer.h"

#include <string.h>

#include "sj_json.h"
#include "sj_request.h"
#include "sj_scan.h"

/* What is shown of a secret, however long. */
#define STARS_MAX 3u

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

/*
 * What is written never passes what is still to be read, so this is done in
 * place. Secrets may overlap: whatever any of them covers is left out.
 */
struct segjob_str sj_answer_clean(char *buf, struct segjob_str message,
                                  const struct segjob_create_request *request,
                                  struct segjob_str token)
{
    static const struct segjob_str quotation =
        SEGJOB_STR("The Canonical String");
    struct segjob_str left = message;
    struct segjob_str out = {buf, 0};
    size_t covered = 0; /* bytes at the front of `left` */
    size_t stars = 0;   /* in a row */

    for (; left.len > 0 && !sj_begins_with(left, quotation);
         sj_skip(&left, 1)) {
        const size_t secret = secret_at(left, request, token);

        covered = secret > covered ? secret : covered;
        stars = covered > 0 ? stars + 1 : 0;
        if (stars <= STARS_MAX) {
            buf[out.len++] = stars > 0 ? '*' : left.ptr[0];
        }
        covered -= covered > 0;
    }
    while (out.len > 0 &&
           (buf[out.len - 1] == '\n' || buf[out.len - 1] == ' ')) {
        out.len--;
    }
    return out;
}
