#include "response.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAGE_LEN 6000 /* more than a client's buffer holds */

/* Variants of GARBAGE: jobs without times; bytes that are not HTTP. */
#define TIMELESS 6
#define MANGLED 5

/* ------------------------------------------------------------------- text */

struct text {
    char *at;
    size_t len;
    size_t cap;
};

static void append(struct text *t, struct segjob_str s)
{
    if (s.len > t->cap - t->len) {
        abort(); /* no response of the simulation is that long */
    }
    if (s.len > 0) {
        memcpy(t->at + t->len, s.ptr, s.len);
    }
    t->len += s.len;
}

static void append_text(struct text *t, const char *text)
{
    append(t, segjob_cstr(text));
}

/* With leading zeros up to `width` digits. */
static void append_number(struct text *t, uint64_t number, int width)
{
    char digits[20];
    struct segjob_str s = {digits + sizeof(digits), 0};

    for (; number > 0 || (int)s.len < width; number /= 10) {
        digits[sizeof(digits) - ++s.len] = (char)('0' + number % 10);
    }
    s.ptr = digits + sizeof(digits) - s.len;
    append(t, s);
}

/* IMF-fixdate, RFC 9110 section 5.6.7 */
static void append_date(struct text *t, int64_t unix_time)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const time_t time = (time_t)unix_time;
    const struct tm *tm = gmtime(&time);

    append(t, (struct segjob_str){days + 3 * tm->tm_wday, 3});
    append_text(t, ", ");
    append_number(t, (uint64_t)tm->tm_mday, 2);
    append_text(t, " ");
    append(t, (struct segjob_str){months + 3 * tm->tm_mon, 3});
    append_text(t, " ");
    append_number(t, (uint64_t)tm->tm_year + 1900, 4);
    append_text(t, " ");
    append_number(t, (uint64_t)tm->tm_hour, 2);
    append_text(t, ":");
    append_number(t, (uint64_t)tm->tm_min, 2);
    append_text(t, ":");
    append_number(t, (uint64_t)tm->tm_sec, 2);
    append_text(t, " GMT");
}

/* ------------------------------------------------------------------ faults */

#define SAYS(status, word, retry)                          \
    {                                                      \
        .http = (status), .code = (word), .cause = (retry) \
    }

static const struct reply throttles[] = {
    SAYS(400, "ThrottlingException", THROTTLED),
    SAYS(400, "LimitExceededException", THROTTLED),
    SAYS(429, "TooManyRequestsException", THROTTLED),
    SAYS(503, "SlowDown", THROTTLED),
    SAYS(429, NULL, THROTTLED),
};

static const struct reply refusals[] = {
    SAYS(400, "InvalidInputException", FINAL),
    SAYS(400, "ResourceInUseException", FINAL),
    SAYS(400, "ResourceNotFoundException", FINAL),
    SAYS(400, "TooManyTagsException", FINAL),
    SAYS(400, "ValidationException", FINAL),
    SAYS(403, "UnrecognizedClientException", FINAL),
    SAYS(403, "AccessDeniedException", SKEWED),
    SAYS(400, "ServiceUnavailable", TRANSIENT),
    SAYS(400, "RequestTimeoutException", TRANSIENT),
};

/* The service did create the job: these codes do not say that it refused. */
static const struct reply undecided[] = {
    SAYS(400, "InternalFailure", TRANSIENT),
    SAYS(400, "InternalServerError", TRANSIENT),
    SAYS(400, "InternalError", TRANSIENT),
    SAYS(400, "ServiceUnavailable", TRANSIENT),
    SAYS(400, "ServiceUnavailableException", TRANSIENT),
    SAYS(408, "RequestTimeout", TRANSIENT),
    SAYS(408, "RequestTimeoutException", TRANSIENT),
    SAYS(400, "RequestAbortedException", TRANSIENT),
};

static const struct reply proxies[] = {
    SAYS(429, "TooManyRequestsException", THROTTLED),
    SAYS(429, "Throttled", THROTTLED),
    SAYS(409, "ResourceAlreadyExistsException", FINAL),
    SAYS(404, "ResourceNotFoundException", FINAL),
    SAYS(400, "InvalidInputException", FINAL),
    SAYS(403, "AccessDeniedException", SKEWED),
    SAYS(400, "ExpiredTokenException", EXPIRED),
};

static const struct reply errors[] = {
    SAYS(500, "InternalServerError", TRANSIENT),
    SAYS(500, "InternalFailure", TRANSIENT),
    SAYS(503, "ServiceUnavailable", TRANSIENT),
    SAYS(500, NULL, TRANSIENT),
    SAYS(504, "ResourceNotFoundException", TRANSIENT),
    SAYS(501, "NotImplemented", FINAL),
};

static const struct reply pages[] = {
    SAYS(502, NULL, TRANSIENT), SAYS(503, NULL, TRANSIENT),
    SAYS(504, NULL, TRANSIENT), SAYS(403, NULL, FINAL),
    SAYS(408, NULL, FINAL),     SAYS(404, NULL, FINAL),
};

static const struct reply redirects[] = {
    SAYS(301, NULL, FINAL),
    SAYS(307, NULL, FINAL),
    SAYS(304, NULL, FINAL),
};

/* ARNs of another type, name, partition, region or account. */
static const char *const arns[] = {
    "arn:aws:personalize:eu-west-9:999999999999:solution/evil",
    "arn:aws:personalize:us-east-1:" ACCOUNT ":solution/nightly-2026",
    JOB_ARN_FRONT "weekly_7-1",
    JOB_ARN_FRONT "a",
    JOB_ARN_FRONT "x",
    "arn:aws-cn:personalize:us-east-1:" ACCOUNT
    ":batch-segment-job/nightly-2026",
    "arn:aws:personalize:us-east-2:" ACCOUNT ":batch-segment-job/nightly-2026",
    "arn:aws:personalize:us-east-1:123456789013:batch-segment-job/nightly-2026",
};

/* Without region and account in the solution version's ARN any are right. */
static const char *another_arn(const struct job *job, unsigned variant)
{
    static const char front[] = "arn:aws:personalize:us-east-1:";
    const struct segjob_str arn = job->params.of[SOLUTION_VERSION_ARN];
    const bool has_them = memcmp(arn.ptr, front, sizeof(front) - 1) == 0;

    return arns[variant % (has_them ? LENGTH(arns) : 4)];
}

#define ONE_OF(replies, variant) (replies)[(variant) % LENGTH(replies)]

static void reply_by_proxy(const struct manner *m, struct reply *reply)
{
    *reply = ONE_OF(proxies, m->variant);
    reply->is_proxys = true;
}

bool response_instead(const struct manner *m, struct reply *reply)
{
    switch ((int)m->fault) {
    case THROTTLE:
        *reply = ONE_OF(throttles, m->variant);
        return true;
    case REFUSAL:
        *reply = ONE_OF(refusals, m->variant);
        return true;
    case ERROR_BEFORE:
        *reply = ONE_OF(errors, m->variant);
        return true;
    case PROXY_BEFORE:
        reply_by_proxy(m, reply);
        return true;
    case FOREIGN:
        *reply =
            (struct reply){.http = 200, .cause = TRANSIENT, .arn = arns[0]};
        return m->variant % 8 == 0;
    case PAGE_BEFORE:
        *reply = ONE_OF(pages, m->variant);
        return true;
    case REDIRECT:
        *reply = ONE_OF(redirects, m->variant);
        return m->variant % 2 == 0;
    default:
        return false;
    }
}

void response_spoil(const struct manner *m, struct reply *reply)
{
    switch ((int)m->fault) {
    case ERROR_AFTER:
        *reply = ONE_OF(errors, m->variant);
        break;
    case UNDECIDED:
        *reply = ONE_OF(undecided, m->variant);
        break;
    case PROXY_AFTER:
        reply_by_proxy(m, reply);
        break;
    case FOREIGN:
        if (reply->job != NULL) {
            reply->arn = another_arn(reply->job, m->variant);
            reply->cause = TRANSIENT;
        }
        break;
    case PAGE_AFTER:
        *reply = ONE_OF(pages, m->variant);
        break;
    case REDIRECT:
        *reply = ONE_OF(redirects, m->variant);
        break;
    case GARBAGE:
        if (m->variant % 8 == TIMELESS) {
            break;
        }
        *reply = (struct reply){.http = m->variant % 8 == MANGLED ? 0
                                        : m->variant % 8 == 7     ? 204
                                                                  : 200,
                                .cause = TRANSIENT};
        break;
    default:
        break;
    }
}

/* ------------------------------------------------------------------ bodies */

static void write_error(struct text *t, const struct reply *reply,
                        unsigned variant)
{
    static const char *const fronts[] = {
        "{\"__type\":\"", "{\"__type\":\"com.amazonaws.personalize#",
        "{\"message\":\"no\",\"code\":\""};

    append_text(t, fronts[variant % LENGTH(fronts)]);
    append_text(t, reply->code);
    append_text(t, variant % 2 == 0 ? "\"}" : ":http://internal/\"}");
}

static void write_garbage(struct text *t, unsigned variant)
{
    static const char *const texts[] = {
        "",
        "{}",
        "null",
        "<html><body>Please log in</body></html>",
        "{\"batchSegmentJobArn\":null,\"batchSegmentJob\":null}",
        "{\"batchSegmentJobArn\":\"nonsense\",\"batchSegmentJob\":[]}",
        "{\"batchSegmentJobArn\":\"arn:aws:personalize:us-east-1:123",
        "{\"batchSegmentJobArn\":17,\"batchSegmentJob\":{\"status\":\"A\"}}",
    };

    append_text(t, texts[variant / 8 % LENGTH(texts)]);
}

/* Write `,"name":"value"`, without quotes for a number. */
static void write_member(struct text *t, const char *name,
                         struct segjob_str value, bool quoted)
{
    if (value.ptr == NULL) {
        return;
    }
    append_text(t, ",\"");
    append_text(t, name);
    append_text(t, quoted ? "\":\"" : "\":");
    append(t, value);
    append_text(t, quoted ? "\"" : "");
}

static void write_s3(struct text *t, const char *front, struct segjob_str path,
                     struct segjob_str kms_key_arn)
{
    append_text(t, front);
    append(t, path);
    append_text(t, "\"");
    write_member(t, "kmsKeyArn", kms_key_arn, true);
    append_text(t, "}}");
}

/* Seconds since 1970, in the forms in which AWS writes them. */
static void write_seconds(struct text *t, int64_t ms, unsigned variant)
{
    if (variant % 3 == 0) {
        append_number(t, (uint64_t)ms / 1000, 1);
        return;
    }
    if (variant % 3 == 1) { /* 1.767225600123E9 */
        append_number(t, (uint64_t)ms / (1000 * UINT64_C(1000000000)), 1);
        append_text(t, ".");
        append_number(t, (uint64_t)ms % (1000 * UINT64_C(1000000000)), 12);
        append_text(t, "E9");
        return;
    }
    append_number(t, (uint64_t)ms / 1000, 1);
    append_text(t, ".");
    append_number(t, (uint64_t)ms % 1000, 3);
}

static void write_job(struct text *t, const struct reply *reply,
                      const struct manner *m)
{
    const struct job *job = reply->job;
    const struct segjob_str *of = job->params.of;
    const struct segjob_str filled_in = SEGJOB_STR("25");

    append_text(t, "{\"batchSegmentJob\":{\"batchSegmentJobArn\":\"");
    append_text(t, reply->arn != NULL ? reply->arn : job->arn);
    append_text(t, "\"");
    write_member(t, "jobName", of[JOB_NAME], true);
    write_member(t, "solutionVersionArn", of[SOLUTION_VERSION_ARN], true);
    write_member(t, "filterArn", of[FILTER_ARN], true);
    write_member(t, "roleArn", of[ROLE_ARN], true);
    write_s3(t, ",\"jobInput\":{\"s3DataSource\":{\"path\":\"", of[INPUT_PATH],
             of[INPUT_KMS_KEY_ARN]);
    write_s3(t, ",\"jobOutput\":{\"s3DataDestination\":{\"path\":\"",
             of[OUTPUT_PATH], of[OUTPUT_KMS_KEY_ARN]);
    write_member(t, "numResults",
                 of[NUM_RESULTS].ptr == NULL && service.fills_in
                     ? filled_in
                     : of[NUM_RESULTS],
                 false);
    write_member(t, "status", segjob_cstr(job_status(job, world.now)), true);
    append_text(t, ",\"failureReason\":null");
    if (m->fault != GARBAGE) {
        append_text(t, ",\"creationDateTime\":");
        write_seconds(t, service.epoch_ms + job->created, m->variant);
    }
    append_text(t, "}}");
}

static void write_listed(struct text *t, const struct job *job,
                         const struct manner *m)
{
    append_text(t, "{\"batchSegmentJobArn\":\"");
    append_text(t, job->arn);
    append_text(t, "\"");
    write_member(t, "jobName", job->params.of[JOB_NAME], true);
    write_member(t, "solutionVersionArn", job->params.of[SOLUTION_VERSION_ARN],
                 true);
    write_member(t, "status", segjob_cstr(job_status(job, world.now)), true);
    append_text(t, ",\"creationDateTime\":");
    write_seconds(t, service.epoch_ms + job->created, m->variant);
    append_text(t, "}");
}

static void write_page(struct text *t, const struct link *l,
                       const struct reply *reply, const struct manner *m)
{
    const char *before = "";

    append_text(t, "{\"batchSegmentJobs\":[");
    for (size_t i = reply->from; i < reply->to; i++) {
        if (service_lists(&l->x.request, &service.jobs[i])) {
            append_text(t, before);
            write_listed(t, &service.jobs[i], m);
            before = ",";
        }
    }
    append_text(t, "]");
    if (reply->next > 0) {
        append_text(t, ",\"nextToken\":\"");
        append_number(t, reply->next, 20);
        append_text(t, "\"");
    }
    append_text(t, "}");
}

/* Blanks after a page stand for longer jobs. */
static size_t bulk_of_page(const struct link *l, const struct reply *reply)
{
    size_t bulk = 0;

    for (size_t i = reply->from; reply->is_page && i < reply->to; i++) {
        if (service_lists(&l->x.request, &service.jobs[i])) {
            bulk += service.jobs[i].bulk;
        }
    }
    return bulk;
}

static void write_body(struct text *t, const struct link *l,
                       const struct reply *reply, const struct manner *m)
{
    if (reply->http >= 400 && reply->code != NULL) {
        write_error(t, reply, m->variant / 4);
    } else if (reply->http >= 300) {
        append_text(t, "<html>");
    } else if (reply->is_page) {
        write_page(t, l, reply, m);
    } else if (reply->job == NULL && reply->arn == NULL) {
        write_garbage(t, m->variant);
    } else if (reply->job != NULL && l->x.request.target == DESCRIBE_JOB) {
        write_job(t, reply, m);
    } else {
        append_text(t, "{\"batchSegmentJobArn\":\"");
        append_text(t, reply->arn != NULL ? reply->arn : reply->job->arn);
        append_text(t, "\"}");
    }
}

/* ------------------------------------------------------------------ advice */

static void write_date(struct text *t, const struct manner *m,
                       struct advice *advice)
{
    const unsigned kind = m->fault == WRONG_DATE ? 1 + m->variant % 5 : 0;

    if (kind == 1) {
        return;
    }
    advice->has_date = kind != 5;
    advice->date = service_clock() / 1000;
    if (kind == 2) {
        advice->has_age = true;
        advice->date -= (int64_t)between(600, 86400);
        append_text(t, "Age: 600\r\n");
    } else if (kind == 3) {
        advice->date += (int64_t)below(7200) - 3600;
    } else if (kind == 4) {
        advice->date = (int64_t)below(2) * 3300000000 + 900000000;
    }
    append_text(t, "Date: ");
    append_date(t, advice->date);
    append_text(t, kind == 5 ? " +1\r\n" : "\r\n");
}

static void write_retry_after(struct text *t, const struct manner *m,
                              const struct reply *reply, struct advice *advice)
{
    const int64_t seconds = (int64_t)below(chance(90) ? 5 : 100);

    if ((reply->cause != THROTTLED && reply->cause != TRANSIENT) ||
        reply->http < 300 || chance(60)) {
        return;
    }
    if (chance(50)) {
        advice->x_retry_after = (int64_t)below(chance(80) ? 4000 : 40000);
        append_text(t, "x-amz-retry-after: ");
        append_number(t, (uint64_t)advice->x_retry_after, 1);
    } else if (m->fault != WRONG_DATE && chance(30)) {
        advice->retry_after_ms = seconds * 1000;
        append_text(t, "Retry-After: ");
        append_date(t, advice->date + seconds);
    } else {
        advice->retry_after_ms = seconds * 1000;
        append_text(t, "Retry-After: ");
        append_number(t, (uint64_t)seconds, 1);
    }
    append_text(t, "\r\n");
}

/* ----------------------------------------------------------------- framing */

enum framing {
    BY_LENGTH, /* three times: the usual one */
    BY_LENGTH_TOO,
    BY_LENGTH_AS_WELL,
    BY_CHUNKS,
    THEN_CLOSE,
    UNTIL_CLOSE,
    HTTP_1_0,
    FRAMINGS
};

static void write_chunk(struct text *t, struct segjob_str piece)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t digits = 4; digits-- > 0;) {
        append(t,
               (struct segjob_str){&hex[piece.len >> (4 * digits) & 0xf], 1});
    }
    append_text(t, "\r\n");
    append(t, piece);
    append_text(t, "\r\n");
}

static void write_framed(struct text *t, struct segjob_str body,
                         size_t body_len, enum framing framing)
{
    const struct segjob_str rest = {body.ptr + body.len / 2,
                                    body.len - body.len / 2};

    if (framing == BY_CHUNKS) {
        append_text(t, "Transfer-Encoding: chunked\r\n\r\n");
        if (body.len > 1) {
            write_chunk(t, (struct segjob_str){body.ptr, body.len / 2});
            write_chunk(t, rest);
        }
        append_text(t, "0\r\n\r\n");
        return;
    }
    if (framing != UNTIL_CLOSE) {
        append_text(t, "Content-Length: ");
        append_number(t, body_len, 1);
        append_text(t, "\r\n");
    }
    if (framing == THEN_CLOSE) {
        append_text(t, "Connection: close\r\n");
    }
    append_text(t, "\r\n");
    append(t, body);
}

void response_write(struct link *l, const struct manner *m,
                    const struct reply *reply)
{
    static char body_text[RESPONSE_CAP];
    const bool is_bare = reply->http == 204 || reply->http == 304;
    const bool is_page = reply->http >= 400 && reply->code == NULL;
    enum framing framing = (enum framing)below(FRAMINGS);
    struct text body = {body_text, 0, sizeof(body_text)};
    struct text t = {l->out, 0, sizeof(l->out)};
    size_t filling = bulk_of_page(l, reply); /* blanks after the body */

    if (!is_bare) {
        write_body(&body, l, reply, m);
    } else if (framing != HTTP_1_0) {
        framing = BY_LENGTH;
    }
    if (is_page && framing != BY_CHUNKS && chance(50)) {
        filling = PAGE_LEN;
    }
    if (filling > 0 && framing == BY_CHUNKS) {
        framing = BY_LENGTH;
    }
    l->x.body_len = body.len + filling;
    append_text(&t, framing == HTTP_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ");
    append_number(&t, (uint64_t)(reply->http == 0 ? 200 : reply->http), 3);
    append_text(&t, " .\r\n");
    if (!reply->is_proxys) {
        append_text(&t, "x-amzn-RequestId: 6f2c\r\n");
    }
    l->x.advice = (struct advice){.from = t.len, .x_retry_after = -1};
    write_date(&t, m, &l->x.advice);
    write_retry_after(&t, m, reply, &l->x.advice);
    l->x.advice.to = t.len;
    if (reply->http == 0) {
        t.at[m->variant / 8 % 9] ^= 0x40; /* somewhere in "HTTP/1.1 " */
    }
    write_framed(&t, (struct segjob_str){body.at, body.len}, body.len + filling,
                 framing);
    l->until_close = framing == UNTIL_CLOSE;
    l->closes = framing == THEN_CLOSE || framing == HTTP_1_0 || l->until_close;
    l->out_stored = t.len;
    l->out_len = l->out_response = t.len + filling;
}
