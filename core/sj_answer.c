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

struct segjob_str sj_answer_arn(char *buf, size_t len, size_t cap)
{
    struct sj_json json;
    struct segjob_error unused;
    struct segjob_str arn;

    if (!parse(&json, buf, len, cap)) {
        return absent;
    }
    arn = sj_json_text(&json, SJ_JSON_ROOT, "batchSegmentJobArn");
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
    code = sj_answer_bare_code(sj_json_text(&json, SJ_JSON_ROOT, "__type"));
    if (code.ptr == NULL) {
        code = sj_answer_bare_code(sj_json_text(&json, SJ_JSON_ROOT, "code"));
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

/* The length of the longest secret that `s` begins with. */
static size_t secret_at(struct segjob_str s,
                        const struct segjob_create_request *request,
                        struct segjob_str token)
{
    /* a tag is two spans */
    const size_t spans = request != NULL ? 2 * request->tags_len : 0;
    size_t best = sj_begins_with(s, token) ? token.len : 0;

    for (size_t i = 0; i < spans; i++) {
        const struct segjob_str text = sj_span(request->tags, i);

        if (text.len > best && sj_begins_with(s, text)) {
            best = text.len;
        }
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
