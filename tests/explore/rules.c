/*
 * The rules of tests/simulation/rules.c for one operation, whose times are
 * known exactly, and what the truth allows it to report.
 */
#include "world.h"

#include "segjob_list.h"
#include "sj_debug.h"

#include <stdlib.h>

/* The figures of the standard retry mode and of segjob.h. */
#define ATTEMPTS 3
#define QUOTA 500
#define COST 14
#define THROTTLED_COST 5
#define BASE_MS 50
#define THROTTLED_BASE_MS 1000
#define BACKOFF_MAX_MS 20000
#define EXTRA_MS 5000
#define CONNECT_MS 5000
#define RESPONSE_MS 15000
#define POLL_MS 60000
#define SKEW_MIN 240
#define RETRY_RANDOM UINT64_C(0x80000000)

#define ALREADY_EXISTS "ResourceAlreadyExistsException"
#define NOT_FOUND "ResourceNotFoundException"

static struct world *const w = &state.world;

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* --------------------------------------------------------------- exchanges */

/* Any error of the service ends it, also a proxy's. */
static bool reads(void)
{
    return w->start == DESCRIBE || w->start == LIST;
}

static bool is_cause(const struct exchange *x, enum cause cause)
{
    return x->heard && x->cause == cause;
}

static bool is_code(const struct exchange *x, const char *code)
{
    return x->heard && x->has_id && x->http >= 300 && x->code != NULL &&
           strcmp(x->code, code) == 0;
}

/* The service itself refused the request. */
static bool is_definitive(const struct exchange *x)
{
    return x->heard && x->has_id && x->code != NULL && x->http >= 400 &&
           x->http <= 499 && x->cause != TRANSIENT;
}

/* An ARN of the right kind with another name. */
static bool has_other_name(const struct exchange *x)
{
    return x->heard && x->http == 200 && x->code != NULL &&
           (strcmp(x->code, OTHER_ARN) == 0 || strcmp(x->code, ALIAS) == 0);
}

/* A kept connection had ended before the request was sent on it. */
static bool was_dead(const struct exchange *x)
{
    return x->reused && x->dead;
}

/* --------------------------------------------------------------- beginning */

/* Whether the client must find out what became of a request to create. */
static bool settles(void)
{
    return creates() && (w->outcome_unknown || w->name_taken);
}

static bool has_seen_none(void)
{
    return w->last.target == DESCRIBE_JOB && is_code(&w->last, NOT_FOUND);
}

/* Whether an attempt that begins now can only be one to create. */
static bool must_create(void)
{
    return creates() && !w->name_taken && !w->confirming &&
           (!w->outcome_unknown ||
            (has_seen_none() && w->creations < ATTEMPTS));
}

/* Check that the last attempt allows another without backoff. */
static void check_haste(void)
{
    const struct exchange *last = &w->last;
    const bool creation = last->target == CREATE_JOB;

    if (is_cause(last, SKEWED) || is_cause(last, EXPIRED)) {
        w->quota = (int16_t)(w->quota - COST);
        w->last_cost = COST;
        RULE(w->quota >= 0, "the retry quota is exceeded");
        return;
    }
    RULE((is_code(last, NOT_FOUND) && !creation) ||
             (is_code(last, ALREADY_EXISTS) && creation) ||
             (w->confirming && creation) || was_dead(last) ||
             is_cause(last, LARGE),
         "an attempt without backoff");
    w->attempts = (uint8_t)(w->attempts - was_dead(last));
    w->attempts = is_cause(last, LARGE) ? 0 : w->attempts;
}

static void attempt_begins(void)
{
    const bool first = w->attempts == 0 && !w->paused;

    RULE(!w->over, "an attempt after a definitive end");
    RULE(!w->cancelled, "an attempt after the operation was cancelled");
    RULE(w->deadline != NEVER || first, "another attempt without a deadline");
    RULE(!w->paused || uptime() >= w->pause_until, "an attempt too early");
    if (!first && !w->paused) {
        check_haste();
    }
    if (is_cause(&w->last, EXPIRED) && !w->paused) {
        w->refreshes++;
        RULE(w->refreshes <= 1, "credentials are refreshed twice");
    }
    w->attempts++;
    w->creating = must_create() && (!w->outcome_unknown || !w->paused);
    w->creations = (uint8_t)(w->creations + w->creating);
    w->paused = false;
    w->trying = true;
    RULE(segjob_refresh_needed(&state.client) == w->expired,
         "credentials are refreshed if and only if they have expired");
    RULE(w->creations <= ATTEMPTS, "too many attempts to create");
    RULE(creates() || w->attempts <= ATTEMPTS, "too many attempts");
    w->x = (struct exchange){0};
}

void rules_begin(void)
{
    attempt_begins();
}

static void attempt_is_supplied(void)
{
    w->x.supplied = true;
    w->x.begun = uptime();
    w->expired = false;
}

static void attempt_connects(void)
{
    w->x.connected = true;
    w->x.connected_at = uptime();
    w->connected = w->connected || w->creating;
    w->left = (uint8_t)(w->left + w->creating);
    RULE(!w->creating || segjob_get_outcome(&state.client) == SEGJOB_UNKNOWN,
         "a request to create leaves, but its outcome is not unknown");
}

/* ----------------------------------------------------------------- request */

/* The signed date is the device's, corrected by the skew that it learnt. */
static void check_date(const struct request *r)
{
    const int64_t change = w->candidate - w->skew;
    int64_t off; /* by rounding */

    if (w->has_candidate && (change >= SKEW_MIN || change <= -SKEW_MIN)) {
        w->skew = w->candidate;
        w->clocks_err = w->clocks_err || w->left > w->creating;
    }
    w->has_candidate = false;
    off = r->date - w->x.wall - w->skew;
    RULE(off >= -1 && off <= 1, "another clock skew");
    w->skew += off;
}

static void check_creation(const struct request *r)
{
    const struct params params = {
        {[JOB_NAME] = SEGJOB_STR("nightly"),
         [SOLUTION_VERSION_ARN] = segjob_cstr(
             w->start == CREATE_OPAQUE ? OPAQUE_VERSION : SOLUTION_VERSION),
         [INPUT_PATH] = SEGJOB_STR(INPUT),
         [OUTPUT_PATH] = SEGJOB_STR(OUTPUT),
         [ROLE_ARN] = SEGJOB_STR(ROLE),
         [TAGS] =
             SEGJOB_STR("[{\"tagKey\":\"team\",\"tagValue\":\"" TAG "\"}]")}};

    RULE(creates(), "an unexpected request to create");
    RULE(params_difference(&r->params, &params) == MEMBERS,
         "other parameters are sent");
    RULE(!w->outcome_unknown || w->looked, "sent again before a look");
    RULE(!w->name_taken, "sent again though the name is taken");
    RULE(w->creating, "sent again after too many attempts");
}

void rules_request(const struct request *r)
{
    const char *token = w->refreshes > 0 ? TOKEN_1 : TOKEN_0;

    w->x.target = (uint8_t)r->target;
    check_date(r);
    RULE(same_text(r->token, segjob_cstr(token)), "other credentials");
    if (r->target == CREATE_JOB) {
        check_creation(r);
    } else if (r->target == LIST_JOBS) {
        const unsigned long page = strtoul(r->max_results.ptr, NULL, 10);

        RULE(w->start == LIST, "an unexpected request to list");
        RULE(w->page == 0 || (w->too_large ? page < w->page : page == w->page),
             "a page of another size");
        w->page = (uint8_t)page;
        w->too_large = false;
    } else {
        RULE(w->start != LIST && !w->creating, "an unexpected look");
        RULE(same_text(r->arn, segjob_cstr(w->confirming ? w->confirmed : ARN)),
             "a look at another job");
    }
}

/* ------------------------------------------------------------------ ending */

/* When the attempt must be given up. */
static uint64_t end_of_share(void)
{
    return w->creating && w->deadline != NEVER
               ? w->deadline - (w->deadline - w->x.begun) / 2
               : w->deadline;
}

static void check_wake(enum segjob_want want)
{
    uint64_t wake = w->deadline;

    if (want == SEGJOB_WANT_NOTHING || want == SEGJOB_WANT_CLOSE) {
        wake = NEVER;
    } else if (want == SEGJOB_WANT_CONNECTION) {
        wake = least(w->x.begun + CONNECT_MS, end_of_share());
    } else if (want == SEGJOB_WANT_SEND || want == SEGJOB_WANT_RECEIVE) {
        wake = least(w->x.connected_at + RESPONSE_MS, end_of_share());
    } else if (want == SEGJOB_WANT_PAUSE) {
        wake = least(w->pause_until, w->deadline);
    }
    RULE(segjob_wake_ms(&state.client) == wake, "it waits until another time");
}

/* A connection is kept if and only if it can be used again. */
static void check_keeping(const struct exchange *x)
{
    const bool can_be = x->heard && (reactions[x->reaction].how &
                                     (CLOSES | UNTIL_CLOSE | DOUBLED)) == 0;

    RULE(!x->supplied || segjob_keep_alive(&state.client) == can_be,
         "a connection is kept if and only if it can be used again");
}

/* Compute the clock skew from the response. */
static void learn(const struct exchange *x)
{
    if (is_cause(x, SKEWED) && x->learns) {
        w->has_candidate = true;
        w->candidate =
            x->date - x->wall - (int64_t)((uptime() - x->connected_at) / 2000);
    }
}

/* Whether an error of this kind ends an operation for certain. */
static bool is_end(const struct exchange *x)
{
    const int64_t change = w->candidate - w->skew;

    switch (x->cause) {
    case SKEWED:
        return !w->has_candidate || (change < SKEW_MIN && change > -SKEW_MIN);
    case EXPIRED:
        return w->refreshes > 0;
    case FINAL:
        return true;
    default:
        return false;
    }
}

static void note_creation(const struct exchange *x)
{
    if (is_code(x, ALREADY_EXISTS) && (w->left > 1 || w->start == ENSURE)) {
        w->name_taken = true;
    } else if (is_definitive(x)) {
        w->over = !w->outcome_unknown && is_end(x);
    } else if (!is_cause(x, GOOD)) {
        w->outcome_unknown = true;
        w->looked = false;
        w->confirming = has_other_name(x);
        w->confirmed = x->code;
    }
}

static void note_look(const struct exchange *x)
{
    if (w->confirming && is_cause(x, BAD) && x->code != NULL &&
        strcmp(x->code, w->confirmed) == 0) {
        w->confirming = false; /* it is the ARN of another job */
    } else if (w->start == WAIT && is_cause(x, GOOD)) {
        w->over = w->is_done;
    } else if (is_code(x, NOT_FOUND) && !reads()) {
        w->looked = true;
    } else if (reads() ? x->heard && x->http >= 300 : is_definitive(x)) {
        w->over = is_end(x);
    }
}

static bool is_final(enum segjob_status failure)
{
    return failure == SEGJOB_CERTIFICATE || failure == SEGJOB_CREDENTIALS ||
           failure == SEGJOB_CONFIG || failure == SEGJOB_PROXY ||
           failure == SEGJOB_CRYPTO || failure == SEGJOB_CLOCK;
}

static void attempt_ends(void)
{
    const struct exchange *x = &w->last;

    w->trying = false;
    w->last = w->x;
    check_keeping(x);
    learn(x);
    if (x->heard && x->http == 200) {
        w->quota = (int16_t)(w->quota + (w->last_cost > 0 ? w->last_cost : 1));
        w->quota = w->quota > QUOTA ? QUOTA : w->quota;
        w->last_cost = 0;
    }
    w->too_large = w->too_large || is_cause(x, LARGE);
    w->expired = w->expired || (is_cause(x, EXPIRED) && w->refreshes == 0);
    if (!w->creating) {
        note_look(x);
    } else if (x->connected) {
        note_creation(x);
    }
    w->over = w->over || is_final((enum segjob_status)x->failure);
}

/* ----------------------------------------------------------------- backoff */

static uint64_t backoff_ms(void)
{
    const struct exchange *x = &w->last;
    const struct reaction *how = &reactions[x->reaction];
    const uint64_t base = is_cause(x, THROTTLED) ? THROTTLED_BASE_MS : BASE_MS;
    const uint64_t share =
        least(base << least(w->backoffs, 20), BACKOFF_MAX_MS) * RETRY_RANDOM >>
        32;
    uint64_t pause = share, other;

    if (x->record == 0) {
        return share; /* the head was not read */
    }
    pause += (uint64_t)how->retry_after * 1000;
    other = least((uint64_t)how->retry_after_ms, share + EXTRA_MS);
    return other > pause ? other : pause;
}

/* Credential failures never reach the service, so they cost no tokens. */
static int cost_of_retry(void)
{
    if (w->last.failure == SEGJOB_CREDENTIALS_UNAVAILABLE) {
        return 0;
    }
    return is_cause(&w->last, THROTTLED) ? THROTTLED_COST : COST;
}

/* Whether the next attempt needs only new credentials or another date. */
static bool needs_no_backoff(const struct exchange *x)
{
    return (is_cause(x, SKEWED) || is_cause(x, EXPIRED)) && !is_end(x);
}

/* A retry costs tokens. */
static void retry_begins(void)
{
    const struct exchange *last = &w->last;

    RULE(!w->cancelled, "backoff after the operation was cancelled");
    RULE(!needs_no_backoff(last) && !was_dead(last) &&
             !(is_cause(last, LARGE) && w->start == LIST) &&
             !(is_code(last, ALREADY_EXISTS) && w->name_taken) &&
             !(w->confirming && last->target == CREATE_JOB) &&
             !(has_seen_none() && must_create()),
         "backoff without a reason");
    if (cost_of_retry() > 0) { /* a success returns the last cost */
        w->last_cost = (int8_t)cost_of_retry();
    }
    w->quota = (int16_t)(w->quota - cost_of_retry());
    RULE(w->quota >= 0, "the retry quota is exceeded");
}

static void backoff_begins(void)
{
    w->pause_until = uptime() + backoff_ms();
    RULE(w->pause_until < w->deadline, "backoff beyond the deadline");
    w->backoffs++;
    w->paused = true;
}

static void poll_begins(void)
{
    RULE(w->start == WAIT, "an unexpected pause");
    RULE(!needs_no_backoff(&w->last),
         "a poll with a wrong clock or expired credentials");
    RULE(is_cause(&w->last, GOOD) || w->attempts >= ATTEMPTS ||
             w->quota < cost_of_retry(),
         "a poll takes the place of a retry");
    RULE(!w->not_found_before || !is_code(&w->last, NOT_FOUND),
         "a second poll for a job that is not found");
    w->not_found_before = is_code(&w->last, NOT_FOUND);
    w->attempts = 0;
    w->backoffs = 0;
    w->paused = true;
    w->pause_until = uptime() + POLL_MS;
}

/* -------------------------------------------------------------------- ends */

static void check_refused(enum segjob_status status)
{
    const struct segjob_error *e = segjob_get_error(&state.client);

    RULE(w->creations > 0, "refused before a request to create");
    RULE(w->owner != OURS, "refused, but this operation created the job");
    RULE(w->owner != NOBODY || w->flying != OURS,
         "refused, but the job may yet be created");
    if (status != SEGJOB_CONFLICT && settles()) {
        RULE(status == SEGJOB_SERVICE && w->start != ENSURE &&
                 w->owner != NOBODY &&
                 same_text(e->code, SEGJOB_STR(ALREADY_EXISTS)),
             "refused, but an earlier attempt is unknown");
    }
}

static void check_outcome(enum segjob_status status)
{
    const enum segjob_outcome outcome = segjob_get_outcome(&state.client);
    const struct segjob_str arn = segjob_batch_segment_job_arn(&state.client);
    const struct segjob_error *e = segjob_get_error(&state.client);

    RULE((status == SEGJOB_OK) == (outcome == SEGJOB_CREATED),
         "a success without a job, or a job without one");
    RULE((status == SEGJOB_OK) == (arn.ptr != NULL),
         "an ARN without a success, or a success without one");
    RULE(w->connected == (outcome != SEGJOB_NOT_SENT),
         "sent and reported as not sent, or the other way round");
    RULE(outcome != SEGJOB_UNKNOWN || settles(), "unknown without a reason");
    RULE(outcome != SEGJOB_UNKNOWN || !is_cause(&w->last, GOOD) ||
             w->clocks_err || (reactions[w->last.reaction].how & NO_TIME) != 0,
         "whose job it is should be known");
    if (outcome == SEGJOB_REFUSED) {
        check_refused(status);
    }
    if (outcome == SEGJOB_CREATED) {
        RULE(w->owner == OURS ||
                 (w->start == ENSURE && (w->owner == SAME || w->owner == OLD)),
             "another job is reported, or none");
        RULE(same_text(arn, segjob_cstr(job_arn())), "a foreign ARN");
    }
    if (status == SEGJOB_CONFLICT) {
        RULE(outcome == SEGJOB_REFUSED && w->owner == OTHERS &&
                 e->rule == SEGJOB_RULE_DIFFERS &&
                 e->field == SEGJOB_FIELD_ROLE_ARN,
             "a conflict with a job that is the same");
    }
}

/* A job that was described, waited for or listed. */
static void check_job(enum segjob_status status)
{
    struct segjob_job job = {.job_name = {NULL, 0}};

    RULE(segjob_get_outcome(&state.client) == SEGJOB_NOT_APPLICABLE,
         "an outcome that does not apply");
    if (status != SEGJOB_OK) {
        return;
    }
    RULE(w->start != LIST || !segjob_get_job(&state.client, &job),
         "a list describes a job");
    RULE(w->start == LIST ? segjob_next_job(&state.client, &job)
                          : segjob_get_job(&state.client, &job),
         "there is no job");
    RULE(same_text(job.batch_segment_job_arn, SEGJOB_STR(ARN)) &&
             same_text(job.job_name, SEGJOB_STR("nightly")),
         "another job is reported");
    RULE(w->start != WAIT || w->is_done, "a wait ends before the job does");
    RULE(w->start != LIST || (!segjob_next_job(&state.client, &job) &&
                              !segjob_has_more(&state.client)),
         "more is listed than is there");
}

/* Whether no attempt is left. */
static bool has_tried_all(void)
{
    const struct exchange *last = &w->last;
    const unsigned tried = settles()   ? 0
                           : creates() ? w->creations
                                       : w->attempts;

    if (w->start == WAIT && !is_cause(last, SKEWED) &&
        !is_cause(last, EXPIRED) &&
        !(w->not_found_before && is_code(last, NOT_FOUND))) {
        return false;
    }
    return tried >= ATTEMPTS || w->quota < cost_of_retry() ||
           (settles() && !w->confirming && w->start == CREATE_OPAQUE);
}

/* Whether the operation may end before its deadline. */
static bool may_end(void)
{
    return w->deadline == NEVER || w->cancelled || w->over || w->gave_up ||
           is_cause(&w->last, GOOD) ||
           (is_cause(&w->last, LARGE) && w->page <= 1) || has_tried_all() ||
           is_final((enum segjob_status)w->x.failure);
}

static bool is_odd(enum segjob_status status)
{
    return status == SEGJOB_PENDING || status == SEGJOB_INVALID ||
           status == SEGJOB_MISUSE ||
           ((status == SEGJOB_CONFIG || status == SEGJOB_CRYPTO ||
             status == SEGJOB_CLOCK) &&
            status != (enum segjob_status)w->x.failure &&
            status != SEGJOB_CLOCK) ||
           (status == SEGJOB_NO_SPACE && !is_cause(&w->last, LARGE));
}

static void operation_ends(void)
{
    const enum segjob_status status = segjob_get_status(&state.client);
    const int left = QUOTA - (int)state.client.session.tokens_used;

    w->ended = true;
    RULE(!is_odd(status), "it ends with another status");
    RULE(uptime() >= w->deadline || may_end(), "it gives up");
    RULE(!creates() || status != SEGJOB_SERVICE || !has_seen_none(),
         "refused, but the job may yet be created");
    /* A retry that was cancelled before it began may have cost tokens. */
    RULE(left == w->quota || left == w->quota - cost_of_retry(),
         "another number of tokens is left");
    RULE(!w->is_open || segjob_keep_alive(&state.client),
         "a connection is left open");
    if (creates()) {
        check_outcome(status);
    } else {
        check_job(status);
    }
}

/* ------------------------------------------------------------------- steps */

/* Whether the attempt goes on. */
static bool is_trying(enum segjob_want want)
{
    if (!w->x.supplied) {
        return want == SEGJOB_WANT_CREDENTIALS;
    }
    return want == SEGJOB_WANT_CONNECTION || want == SEGJOB_WANT_SEND ||
           want == SEGJOB_WANT_RECEIVE;
}

static void check_want(enum segjob_want before, enum segjob_want want)
{
    if (want == SEGJOB_WANT_RANDOM && before != want) {
        retry_begins();
    } else if (want == SEGJOB_WANT_PAUSE && before == SEGJOB_WANT_RANDOM) {
        backoff_begins();
    } else if (want == SEGJOB_WANT_PAUSE && before != want) {
        poll_begins();
    } else if (want == SEGJOB_WANT_NOTHING && before == SEGJOB_WANT_RANDOM &&
               !w->cancelled) {
        w->gave_up = uptime() + backoff_ms() >= w->deadline;
    }
}

static void check_secrets(enum segjob_want want)
{
    const bool in_use = want == SEGJOB_WANT_CONNECTION ||
                        want == SEGJOB_WANT_SEND || want == SEGJOB_WANT_RECEIVE;

    RULE(in_use || memchr(state.buf, MARK, CAP) == NULL,
         "a secret is not wiped");
}

void rules_step(enum segjob_want before)
{
    const enum segjob_want want = segjob_get_want(&state.client);

    check_secrets(want);
    if (w->trying && !w->x.supplied && want == SEGJOB_WANT_CONNECTION) {
        attempt_is_supplied();
    }
    if (before == SEGJOB_WANT_CONNECTION && want == SEGJOB_WANT_SEND) {
        attempt_connects();
    }
    if (w->trying && !is_trying(want)) {
        attempt_ends();
    }
    check_want(before, want);
    if (want == SEGJOB_WANT_CREDENTIALS && !w->trying) {
        attempt_begins();
    }
    RULE(uptime() < w->deadline || want == SEGJOB_WANT_NOTHING ||
             want == SEGJOB_WANT_CLOSE,
         "it goes on after its deadline");
    check_wake(want);
    if (want == SEGJOB_WANT_NOTHING && !w->ended) {
        operation_ends();
    }
    RULE(sj_is_sound(&state.client), "the client is not sound");
}
