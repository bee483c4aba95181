#include "observer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The figures of the standard retry mode and of segjob.h. */
#define COST 14
#define THROTTLED_COST 5
#define BASE_MS 50
#define THROTTLED_BASE_MS 1000
#define BACKOFF_MAX_MS 20000
#define EXTRA_MS 5000
#define CONNECT_MS 5000
#define SKEW_MIN 240

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

bool creates(const struct observer *o)
{
    return o->kind == CREATING || o->kind == ENSURING;
}

bool lists(const struct observer *o)
{
    return o->kind == LISTING || o->kind == LISTING_MORE;
}

/* Any error of the service ends it, also a proxy's. */
static bool reads(const struct observer *o)
{
    return o->kind == DESCRIBING || lists(o);
}

/* --------------------------------------------------------------- exchanges */

bool is_cause(const struct attempt *x, enum cause cause)
{
    return x->heard && x->cause == cause;
}

static bool is_code(const struct attempt *x, const char *code)
{
    return x->heard && x->has_id && x->http >= 300 && x->code != NULL &&
           strcmp(x->code, code) == 0;
}

/* The service itself refused the request. */
static bool is_definitive(const struct attempt *x)
{
    return x->heard && x->has_id && x->code != NULL && x->http >= 400 &&
           x->http <= 499 && x->cause != TRANSIENT;
}

/* The result has this ARN. */
static bool has_arn(const struct attempt *x, const char *arn)
{
    return x->heard && x->http == 200 && x->cause != LARGE && x->code != NULL &&
           strcmp(x->code, arn) == 0;
}

/* The response to a request to create has an ARN to look at. */
static bool has_other_name(const struct observer *o, const struct attempt *x)
{
    const size_t front = sizeof(JOB_ARN_FRONT) - 1;

    return x->heard && x->http == 200 && x->code != NULL &&
           strncmp(x->code, JOB_ARN_FRONT, front) == 0 &&
           !same_text(segjob_cstr(x->code + front), o->asked->of[JOB_NAME]);
}

/* A kept connection had ended before the request was sent on it. */
static bool was_dead(const struct attempt *x)
{
    return x->reused && x->dead;
}

/* No attempt can do better. */
static bool is_final(const struct attempt *x)
{
    switch ((int)x->failure) {
    case SEGJOB_CERTIFICATE:
    case SEGJOB_CREDENTIALS:
    case SEGJOB_CONFIG:
    case SEGJOB_PROXY:
    case SEGJOB_CRYPTO:
    case SEGJOB_CLOCK:
        return true;
    default:
        return false;
    }
}

/* --------------------------------------------------------------- beginning */

void observer_boot(struct observer *o, unsigned max_attempts)
{
    memset(o, 0, sizeof(*o));
    o->session.max_attempts =
        (uint8_t)(max_attempts > 0 ? max_attempts : ATTEMPTS);
    o->session.poll_ms = POLL_MS;
    o->session.quota = QUOTA;
}

void observer_begin(struct observer *o, enum kind kind,
                    const struct params *asked, uint64_t deadline)
{
    const struct session session = o->session;

    memset(o, 0, sizeof(*o));
    o->session = session;
    o->session.last_cost = 0;
    if (kind == LISTING) {
        o->session.page = 0;
        o->session.too_large = false;
    }
    o->kind = (uint8_t)kind;
    o->asked = asked;
    o->deadline = deadline;
}

/* Whether the client must find out what became of a request to create. */
static bool settles(const struct observer *o)
{
    return creates(o) && (o->outcome_unknown || o->name_taken);
}

/* Whether the last look found no job. */
static bool has_seen_none(const struct observer *o)
{
    return o->last.target == DESCRIBE_JOB && is_code(&o->last, NOT_FOUND);
}

/* Whether an attempt that begins now can only be one to create. */
static bool must_create(const struct observer *o)
{
    return creates(o) && !o->name_taken && o->confirming == NULL &&
           (!o->outcome_unknown ||
            (has_seen_none(o) && o->creations < o->session.max_attempts));
}

static void pay(struct observer *o, int cost)
{
    if (cost > 0) { /* a success returns the last cost */
        o->session.last_cost = (int8_t)cost;
    }
    o->session.quota = (int16_t)(o->session.quota - cost);
    RULE(o->session.quota >= 0, "the retry quota is exceeded");
}

static void be_paid(struct session *s)
{
    const int quota = s->quota + (s->last_cost > 0 ? s->last_cost : 1);

    s->quota = (int16_t)(quota < QUOTA ? quota : QUOTA);
    s->last_cost = 0;
}

/* Check that the last attempt allows another without backoff. */
static void check_haste(struct observer *o)
{
    const struct attempt *last = &o->last;
    const bool creation = last->target == CREATE_JOB;

    if (is_cause(last, SKEWED) || is_cause(last, EXPIRED)) {
        pay(o, COST);
        return;
    }
    RULE((is_code(last, NOT_FOUND) && !creation) ||
             (is_code(last, ALREADY_EXISTS) && creation) ||
             (o->confirming != NULL && creation) || was_dead(last) ||
             is_cause(last, LARGE),
         "an attempt without backoff");
    if (is_cause(last, LARGE)) {
        o->attempts = 0;
    } else if (was_dead(last)) {
        o->attempts--; /* it did not count */
    }
}

void observer_attempt(struct observer *o, uint64_t now, bool refresh)
{
    const bool first = o->attempts == 0 && !o->paused;
    const unsigned most = o->session.max_attempts;

    RULE(!o->over, "an attempt after a definitive end");
    RULE(!o->cancelled, "an attempt after the operation was cancelled");
    RULE(o->deadline != NEVER || first || o->kind == WAITING,
         "another attempt without a deadline");
    RULE(!o->paused || now >= o->pause_until, "an attempt too early");
    if (!first && !o->paused) {
        check_haste(o);
    }
    if (is_cause(&o->last, EXPIRED) && !o->paused) {
        o->refreshes++;
        RULE(o->refreshes <= 1, "credentials are refreshed twice");
    }
    o->attempts++;
    o->creating = must_create(o) && (!o->outcome_unknown || !o->paused);
    o->creations = (uint8_t)(o->creations + o->creating);
    o->paused = false;
    o->trying = true;
    RULE(refresh == o->expired, refresh
                                    ? "a refresh of credentials that are good"
                                    : "expired credentials are not refreshed");
    RULE(o->creations <= most, "%u attempts to create", o->creations);
    RULE(creates(o) || o->attempts <= most, "%u attempts", o->attempts);
    memset(&o->x, 0, sizeof(o->x));
}

static void attempt_is_supplied(struct observer *o, uint64_t now)
{
    o->x.supplied = true;
    o->x.begun = now;
    o->expired = false;
}

static void attempt_connects(struct observer *o, const struct step *s)
{
    o->x.connected = true;
    o->x.connected_at = s->now;
    o->connected = o->connected || o->creating;
    o->left = (uint8_t)(o->left + o->creating);
    RULE(!o->creating || segjob_get_outcome(s->client) == SEGJOB_UNKNOWN,
         "a request to create leaves, but its outcome is not unknown");
}

/* ----------------------------------------------------------------- request */

/* From 1970 to the end of 9999. */
static bool is_date(int64_t unix_time)
{
    return unix_time >= 0 && unix_time <= INT64_C(253402300799);
}

static bool is_slight(const struct session *s)
{
    const int64_t change = s->candidate - s->skew;

    return change < SKEW_MIN && change > -SKEW_MIN;
}

/* The signed date is the device's, corrected by the skew that it learnt. */
static void check_date(struct observer *o, int64_t date)
{
    struct session *s = &o->session;
    const int64_t skew = date - o->x.wall;

    if (s->has_candidate && !is_slight(s)) {
        s->skew = s->candidate;
    }
    if (!is_date(o->x.wall + s->skew)) {
        s->skew = 0; /* learnt before the clock was set */
    }
    s->has_candidate = false;
    RULE(skew == s->skew, "the clock skew is %" PRId64 " s, not %" PRId64, skew,
         s->skew);
}

static void check_creation(const struct observer *o, const struct request *r)
{
    RULE(creates(o), "an unexpected request to create");
    RULE(params_difference(&r->params, o->asked) == MEMBERS,
         "other parameters are sent");
    RULE(!o->outcome_unknown || o->looked, "sent again before a look");
    RULE(!o->name_taken, "sent again though the name is taken");
    RULE(o->creating, "sent again after %u attempts", o->creations);
}

/* After a page that is too large the client asks for fewer jobs. */
static void check_page(struct observer *o, const struct request *r)
{
    struct session *s = &o->session;
    const unsigned long jobs =
        r->max_results.ptr == NULL ? 0 : strtoul(r->max_results.ptr, NULL, 10);

    RULE(lists(o), "an unexpected request to list");
    RULE(jobs >= 1 && jobs <= 100 &&
             (s->page == 0   ? o->kind == LISTING
              : s->too_large ? jobs < s->page
                             : jobs == s->page),
         "a page of %lu jobs after one of %u", jobs, s->page);
    s->page = (uint8_t)jobs;
    s->too_large = false;
}

void observer_request(struct observer *o, const struct request *r,
                      const char *arn)
{
    const char *there = o->confirming != NULL ? o->confirming : arn;

    o->x.target = (uint8_t)r->target;
    check_date(o, r->date);
    if (r->target == CREATE_JOB) {
        check_creation(o, r);
    } else if (r->target == LIST_JOBS) {
        check_page(o, r);
    } else {
        RULE(!o->creating && !lists(o), "an unexpected look");
        RULE(there == NULL || same_text(r->arn, segjob_cstr(there)),
             "a look at another job");
    }
}

/* -------------------------------------------------------- end of an attempt */

uint64_t attempt_limit(const struct observer *o, const struct attempt *x)
{
    const uint64_t left = o->deadline - x->begun;
    const uint64_t share = o->creating && o->deadline != NEVER
                               ? x->begun + (left + 1) / 2
                               : o->deadline;

    if (!x->supplied) {
        return o->deadline; /* a source of credentials has its own limits */
    }
    return least(x->connected ? x->connected_at + RESPONSE_MS
                              : x->begun + CONNECT_MS,
                 share);
}

static void check_wake(const struct observer *o, const struct step *s)
{
    uint64_t wake = o->deadline;

    switch (segjob_get_want(s->client)) {
    case SEGJOB_WANT_NOTHING:
    case SEGJOB_WANT_CLOSE:
        wake = NEVER;
        break;
    case SEGJOB_WANT_CONNECTION:
    case SEGJOB_WANT_SEND:
    case SEGJOB_WANT_RECEIVE:
        wake = attempt_limit(o, &o->x);
        break;
    case SEGJOB_WANT_PAUSE:
        wake = least(o->pause_until, o->deadline);
        break;
    case SEGJOB_WANT_CREDENTIALS:
    case SEGJOB_WANT_RANDOM:
        break;
    }
    RULE(s->wake == wake, "it waits until another time");
    RULE(wake == NEVER || s->now < o->deadline,
         "it goes on after its deadline");
}

/* Compute the clock skew from the response. */
static void learn(struct session *s, const struct attempt *x, uint64_t now)
{
    if (is_cause(x, SKEWED) && x->learns) {
        s->has_candidate = true;
        s->candidate =
            x->date - x->wall - (int64_t)((now - x->connected_at) / 2000);
    }
}

/* Whether an error of this kind ends an operation for certain. */
static bool is_end(const struct observer *o, const struct attempt *x)
{
    switch ((int)x->cause) {
    case SKEWED:
        return !o->session.has_candidate || is_slight(&o->session);
    case EXPIRED:
        return o->refreshes > 0;
    case FINAL:
        return true;
    default:
        return false;
    }
}

static void note_creation(struct observer *o, const struct attempt *x)
{
    if (is_code(x, ALREADY_EXISTS) && (o->left > 1 || o->kind == ENSURING)) {
        o->name_taken = true;
    } else if (is_definitive(x)) {
        o->over = !o->outcome_unknown && is_end(o, x);
    } else if (!is_cause(x, GOOD)) {
        o->outcome_unknown = true;
        o->looked = false;
        o->confirming = has_other_name(o, x) ? x->code : NULL;
    }
}

/* Reading once, a client takes a proxy's error for the service's. */
static void note_look(struct observer *o, const struct attempt *x)
{
    if (o->confirming != NULL && has_arn(x, o->confirming)) {
        o->confirming = NULL; /* it is the ARN of another's job */
    } else if (o->kind == WAITING && is_cause(x, GOOD)) {
        o->over = x->is_done;
    } else if (is_code(x, NOT_FOUND) && !reads(o)) {
        o->looked = true;
    } else if (reads(o) ? x->heard && x->http >= 300 : is_definitive(x)) {
        o->over = is_end(o, x);
    }
}

static void attempt_ends(struct observer *o, const struct step *s)
{
    struct session *session = &o->session;
    const struct attempt *x = &o->last;

    o->trying = false;
    o->last = o->x;
    RULE(!x->supplied || segjob_keep_alive(s->client) == x->keeps,
         x->keeps ? "a good connection is not kept" : "a bad one is kept");
    learn(session, x, s->now);
    if (x->heard && x->http == 200) {
        be_paid(session);
    }
    session->too_large = session->too_large || is_cause(x, LARGE);
    o->expired = o->expired || (is_cause(x, EXPIRED) && o->refreshes == 0);
    if (!o->creating) {
        note_look(o, x);
    } else if (x->connected) {
        note_creation(o, x);
    }
    o->over = o->over || is_final(x);
}

/* ----------------------------------------------------------------- backoff */

/* The shortest and the longest that it can be. */
struct span {
    uint64_t least;
    uint64_t most;
};

static struct span backoff(const struct observer *o, uint32_t random)
{
    const struct attempt *x = &o->last;
    const uint64_t base = is_cause(x, THROTTLED) ? THROTTLED_BASE_MS : BASE_MS;
    const uint64_t share =
        least(base << least(o->backoffs, 20), BACKOFF_MAX_MS) * random >> 32;
    const uint64_t pause = share + x->retry_after_ms;
    const uint64_t other = least(x->x_retry_after_ms, share + EXTRA_MS);
    const uint64_t most = other > pause ? other : pause;

    return (struct span){x->is_partly ? share : most, most};
}

/* Credential failures never reach the service, so they cost no tokens. */
static int cost_of_retry(const struct observer *o)
{
    if (o->last.failure == SEGJOB_CREDENTIALS_UNAVAILABLE) {
        return 0;
    }
    return is_cause(&o->last, THROTTLED) ? THROTTLED_COST : COST;
}

/* Whether the next attempt needs only new credentials or another date. */
static bool needs_no_backoff(const struct observer *o)
{
    const struct attempt *x = &o->last;

    return (is_cause(x, SKEWED) || is_cause(x, EXPIRED)) && !is_end(o, x);
}

/* A retry costs tokens. */
static void retry_begins(struct observer *o)
{
    const struct attempt *last = &o->last;

    RULE(!o->cancelled, "backoff after the operation was cancelled");
    RULE(!needs_no_backoff(o) && !was_dead(last) &&
             !(is_cause(last, LARGE) && lists(o)) &&
             !(is_code(last, ALREADY_EXISTS) && o->name_taken) &&
             !(o->confirming != NULL && last->target == CREATE_JOB) &&
             !(has_seen_none(o) && must_create(o)),
         "backoff without a reason");
    pay(o, cost_of_retry(o));
}

static void backoff_begins(struct observer *o, const struct step *s)
{
    const struct span pause = backoff(o, s->random);

    RULE(s->wake >= s->now + pause.least && s->wake <= s->now + pause.most,
         "backoff %u is until %" PRIu64 ", not %" PRIu64, o->backoffs + 1u,
         s->wake, s->now + pause.most);
    RULE(s->wake < o->deadline, "backoff beyond the deadline");
    o->backoffs++;
    o->paused = true;
    o->pause_until = s->wake;
}

static void backoff_is_given_up(struct observer *o, const struct step *s)
{
    const struct span pause = backoff(o, s->random);

    o->gave_up = true;
    RULE(o->cancelled || is_final(&o->x) || s->now + pause.most >= o->deadline,
         "it ends with time for a backoff of %" PRIu64 " ms", pause.most);
}

static void poll_begins(struct observer *o, uint64_t now)
{
    const struct attempt *last = &o->last;
    const uint32_t poll_ms = o->session.poll_ms;

    RULE(o->kind == WAITING, "an unexpected pause");
    RULE(!needs_no_backoff(o),
         "a poll with a wrong clock or expired credentials");
    RULE(is_cause(last, GOOD) || o->attempts >= o->session.max_attempts ||
             o->session.quota < cost_of_retry(o),
         "a poll takes the place of a retry");
    RULE(!o->not_found_before || !is_code(last, NOT_FOUND),
         "a second poll for a job that is not found");
    o->not_found_before = is_code(last, NOT_FOUND);
    o->attempts = 0;
    o->backoffs = 0;
    o->paused = true;
    /* After a look without a job the interval is the default or more. */
    o->pause_until =
        now + (is_cause(last, GOOD) || poll_ms > POLL_MS ? poll_ms : POLL_MS);
}

/* -------------------------------------------------------------------- ends */

/* Whether a job's ARN follows from the parameters. */
static bool can_look(const struct observer *o)
{
    const struct segjob_str arn = o->asked->of[SOLUTION_VERSION_ARN];
    const size_t front = sizeof(ARN_FRONT) - 1;

    return arn.len > front && memcmp(arn.ptr, ARN_FRONT, front) == 0;
}

/* Whether no attempt is left. */
static bool has_tried_all(const struct observer *o)
{
    const struct attempt *last = &o->last;
    const unsigned tried = settles(o)   ? 0
                           : creates(o) ? o->creations
                                        : o->attempts;

    if (o->kind == WAITING && !is_cause(last, SKEWED) &&
        !is_cause(last, EXPIRED) &&
        !(o->not_found_before && is_code(last, NOT_FOUND))) {
        return false;
    }
    return tried >= o->session.max_attempts ||
           o->session.quota < cost_of_retry(o) ||
           (settles(o) && o->confirming == NULL && !can_look(o));
}

/* Whether the operation may end before its deadline. */
static bool may_end(const struct observer *o)
{
    return o->deadline == NEVER || o->cancelled || o->over || o->gave_up ||
           is_cause(&o->last, GOOD) ||
           (is_cause(&o->last, LARGE) && o->session.page <= 1) ||
           is_final(&o->x) || has_tried_all(o);
}

static bool is_odd(const struct observer *o, enum segjob_status status)
{
    return status == SEGJOB_PENDING || status == SEGJOB_INVALID ||
           status == SEGJOB_MISUSE ||
           ((status == SEGJOB_CONFIG || status == SEGJOB_CRYPTO) &&
            o->x.failure != (int8_t)status) ||
           (status == SEGJOB_NO_SPACE && !is_cause(&o->last, LARGE));
}

/* A retry that was cancelled before it began may have cost tokens. */
static void check_quota(struct observer *o, const struct segjob_client *c)
{
    const int left = QUOTA - (int)c->session.tokens_used;

    if (o->cancelled && left == o->session.quota - cost_of_retry(o)) {
        o->session.quota = (int16_t)left;
    }
    RULE(left == o->session.quota, "%d tokens are left, not %d", left,
         o->session.quota);
}

/* The client reports that it created no job: it must know. */
static void check_refused(const struct observer *o,
                          const struct segjob_client *c, enum owner owner)
{
    const enum segjob_status status = segjob_get_status(c);

    RULE(o->creations > 0, "refused before a request to create");
    RULE(owner != OURS, "refused, but this operation created the job");
    if (status != SEGJOB_CONFLICT && settles(o)) {
        RULE(status == SEGJOB_SERVICE && o->kind == CREATING &&
                 owner != NOBODY &&
                 same_text(segjob_get_error(c)->code,
                           segjob_cstr(ALREADY_EXISTS)),
             "refused, but an earlier attempt is unknown");
    }
}

static void check_outcome(const struct observer *o,
                          const struct segjob_client *c, enum owner owner,
                          const char *arn)
{
    const enum segjob_status status = segjob_get_status(c);
    const enum segjob_outcome outcome = segjob_get_outcome(c);
    const struct segjob_str reported = segjob_batch_segment_job_arn(c);

    RULE((status == SEGJOB_OK) == (outcome == SEGJOB_CREATED),
         "a success without a job, or a job without one");
    RULE((status == SEGJOB_OK) == (reported.ptr != NULL),
         "an ARN without a success, or a success without one");
    RULE(o->connected == (outcome != SEGJOB_NOT_SENT),
         "sent and reported as not sent, or the other way round");
    RULE(outcome != SEGJOB_UNKNOWN || settles(o), "unknown without a reason");
    if (outcome == SEGJOB_REFUSED) {
        check_refused(o, c, owner);
    }
    if (outcome == SEGJOB_CREATED) {
        RULE(owner != NOBODY && owner != OTHERS,
             "a job is reported that does not exist");
        RULE(owner != OLD || o->kind == ENSURING, "an older job is reported");
        RULE(same_text(reported, segjob_cstr(arn)), "another ARN");
    }
    if (status == SEGJOB_CONFLICT) {
        RULE(outcome == SEGJOB_REFUSED, "a conflict, but not refused");
        RULE(owner == OTHERS &&
                 segjob_get_error(c)->rule == SEGJOB_RULE_DIFFERS,
             "a conflict with a job that agrees");
    }
}

void observer_end(struct observer *o, const struct step *s, enum owner owner,
                  const char *arn)
{
    const enum segjob_status status = segjob_get_status(s->client);

    RULE(!is_odd(o, status), "it ends as %s", segjob_status_name(status));
    RULE(s->now >= o->deadline || may_end(o), "it gives up as %s",
         segjob_status_name(status));
    RULE(!creates(o) || status != SEGJOB_SERVICE || !has_seen_none(o),
         "refused, but the job may yet be created");
    RULE(creates(o) == (segjob_get_outcome(s->client) != SEGJOB_NOT_APPLICABLE),
         "an outcome that does not apply, or none");
    check_quota(o, s->client);
    if (creates(o)) {
        check_outcome(o, s->client, owner, arn);
    }
}

/* ------------------------------------------------------------------- steps */

/* Whether the attempt goes on. */
static bool is_trying(const struct observer *o, enum segjob_want want)
{
    if (!o->x.supplied) {
        return want == SEGJOB_WANT_CREDENTIALS;
    }
    return want == SEGJOB_WANT_CONNECTION || want == SEGJOB_WANT_SEND ||
           want == SEGJOB_WANT_RECEIVE;
}

static void check_want(struct observer *o, const struct step *s,
                       enum segjob_want want)
{
    const bool has_random = s->before == SEGJOB_WANT_RANDOM;

    if (want == SEGJOB_WANT_RANDOM) {
        retry_begins(o);
    } else if (want == SEGJOB_WANT_PAUSE && has_random) {
        backoff_begins(o, s);
    } else if (want == SEGJOB_WANT_PAUSE) {
        poll_begins(o, s->now);
    } else if (want == SEGJOB_WANT_NOTHING && has_random) {
        backoff_is_given_up(o, s);
    }
}

void observer_step(struct observer *o, const struct step *s)
{
    const enum segjob_want want = segjob_get_want(s->client);
    const bool was_trying = o->trying;

    if (o->trying && !o->x.supplied && want == SEGJOB_WANT_CONNECTION) {
        attempt_is_supplied(o, s->now);
    }
    if (s->before == SEGJOB_WANT_CONNECTION && want == SEGJOB_WANT_SEND) {
        attempt_connects(o, s);
    }
    if (o->trying && !is_trying(o, want)) {
        attempt_ends(o, s);
    }
    if (s->before != want || was_trying != o->trying) {
        check_want(o, s, want);
    }
    check_wake(o, s);
}
