#include "rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The figures of the standard retry mode and of segjob.h. */
#define ATTEMPTS 3 /* if none are configured */
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
#define SKEW_MAX_MS (5 * (int64_t)MINUTE)

/* From 2026-01-01 to the end of 2099. */
#define DATE_MIN INT64_C(1767225600)
#define DATE_MAX INT64_C(4102444799)

/* A page of this many bytes fits in a client's buffer with its tokens, and a
 * longer one does not: see make_listed() of simulation.c. */
#define PAGE_FITS 2400

#define ALREADY_EXISTS "ResourceAlreadyExistsException"
#define NOT_FOUND "ResourceNotFoundException"

static const char *const kind_names[] = {"create",   "ensure", "wait",
                                         "describe", "list",   "list more"};
static const char *const outcome_names[] = {
    "outcome not applicable", "not sent", "refused", "unknown", "created"};

/* What an operation reported, and what it did. */
struct account {
    bool denied;  /* it reported that it created no job, and will not */
    bool created; /* it created one */
};

static struct account *accounts; /* by the operations' numbers */
static long accounts_cap;

void rules_begin(long operations)
{
    if (operations >= accounts_cap) {
        free(accounts);
        accounts_cap = operations + 1;
        accounts = malloc((size_t)accounts_cap * sizeof(*accounts));
        if (accounts == NULL) {
            abort();
        }
    }
    memset(accounts, 0, (size_t)(operations + 1) * sizeof(*accounts));
}

static bool creates(const struct operation *op)
{
    return op->kind == CREATING || op->kind == ENSURING;
}

static bool lists(const struct operation *op)
{
    return op->kind == LISTING || op->kind == LISTING_MORE;
}

/* Any error of the service ends it, also a proxy's. */
static bool reads(const struct operation *op)
{
    return op->kind == DESCRIBING || lists(op);
}

static bool is_code(const struct exchange *x, const char *code)
{
    return x->heard && !x->reply.is_proxys && x->reply.code != NULL &&
           strcmp(x->reply.code, code) == 0;
}

/* The service itself refused the request. */
static bool is_definitive(const struct exchange *x)
{
    return x->heard && !x->reply.is_proxys && x->reply.code != NULL &&
           x->reply.http >= 400 && x->reply.http <= 499 &&
           x->reply.cause != TRANSIENT;
}

/* The response describes a job, under its own ARN. */
static bool has_job(const struct exchange *x)
{
    return x->heard && x->reply.job != NULL &&
           (x->reply.arn == NULL ||
            strcmp(x->reply.arn, x->reply.job->arn) == 0);
}

static bool has_page(const struct exchange *x)
{
    return x->heard && x->reply.is_page && x->body_len <= PAGE_FITS;
}

static bool is_too_large(const struct exchange *x)
{
    return x->heard && x->reply.is_page && x->body_len > PAGE_FITS;
}

/* The response to a request to create has an ARN to look at. */
static bool has_other_name(const struct operation *op, const struct exchange *x)
{
    const char *arn = x->reply.arn;

    return x->heard && arn != NULL &&
           strncmp(arn, JOB_ARN_FRONT, sizeof(JOB_ARN_FRONT) - 1) == 0 &&
           !same_text(segjob_cstr(arn + sizeof(JOB_ARN_FRONT) - 1),
                      op->params.of[JOB_NAME]);
}

static bool is_cause(const struct exchange *x, enum cause cause)
{
    return x->heard && x->reply.cause == cause;
}

/* A kept connection had ended before the request was sent on it. */
static bool was_dead(const struct exchange *x)
{
    return x->reused && x->dead;
}

/* ---------------------------------------------------------------- attempts */

/* Whether the client must find out what became of a request to create. */
static bool settles(const struct operation *op)
{
    return creates(op) && (op->outcome_unknown || op->name_taken);
}

/* Whether the last look found no job. */
static bool has_seen_none(const struct operation *op)
{
    return op->last.request.target == DESCRIBE_JOB &&
           is_code(&op->last, NOT_FOUND);
}

static unsigned max_attempts(const struct device *d)
{
    return d->config.max_attempts > 0 ? d->config.max_attempts : ATTEMPTS;
}

/* Whether an attempt that begins now can only be one to create. */
static bool must_create(const struct device *d)
{
    const struct operation *op = &d->op;

    return creates(op) && !op->name_taken && op->confirming == NULL &&
           (!op->outcome_unknown ||
            (has_seen_none(op) && op->creations < max_attempts(d)));
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Check that the last attempt allows another without backoff. */
static void check_haste(struct device *d)
{
    struct operation *op = &d->op;
    const struct exchange *last = &op->last;
    const bool creation = last->request.target == CREATE_JOB;

    if (is_cause(last, SKEWED) || is_cause(last, EXPIRED)) {
        d->quota -= COST;
        d->last_cost = COST;
        RULE(d->quota >= 0, "the retry quota is exceeded");
        return;
    }
    RULE((is_code(last, NOT_FOUND) && !creation) ||
             (is_code(last, ALREADY_EXISTS) && creation) ||
             (op->confirming != NULL && creation) || was_dead(last) ||
             is_too_large(last),
         "an attempt without backoff");
    op->attempts -= was_dead(last); /* it did not count */
    op->attempts = is_too_large(last) ? 0 : op->attempts;
}

void rules_attempt(struct device *d, bool force_refresh)
{
    struct operation *op = &d->op;
    const bool first = op->attempts == 0 && !op->paused;

    TRACE("device: attempt %u of operation %ld", op->attempts + 1, op->number);
    RULE(!op->over, "an attempt after a definitive end");
    RULE(!op->cancelled, "an attempt after the operation was cancelled");
    RULE(op->deadline != NEVER || first || op->kind == WAITING,
         "another attempt without a deadline");
    RULE(!op->paused || world.now == op->pause_until,
         "an attempt at the wrong time");
    if (!first && !op->paused) {
        check_haste(d);
    }
    if (is_cause(&op->last, EXPIRED) && !op->paused) {
        op->refreshes++;
        RULE(op->refreshes <= 1, "credentials are refreshed twice");
    }
    op->attempts++;
    op->creating = must_create(d) && (!op->outcome_unknown || !op->paused);
    op->creations += op->creating;
    op->paused = false;
    op->trying = true;
    RULE(force_refresh == op->expired,
         force_refresh ? "a refresh of credentials that are good"
                       : "expired credentials are not refreshed");
    RULE(op->creations <= max_attempts(d), "%u attempts to create",
         op->creations);
    RULE(creates(op) || op->attempts <= max_attempts(d), "%u attempts",
         op->attempts);
    link_attempt(&d->link);
    TRACE("device: its fault: %s", fault_names[d->link.x.fault]);
}

static void attempt_is_supplied(struct device *d)
{
    const uint64_t deadline = d->op.deadline;
    struct exchange *x = &d->link.x;

    x->supplied = true;
    x->begun = world.now;
    x->left = deadline == NEVER ? NEVER : deadline - world.now;
    x->reused = segjob_keep_alive(&d->client);
    d->op.expired = false;
}

static void attempt_connects(struct device *d)
{
    struct exchange *x = &d->link.x;

    x->connected = true;
    x->connected_at = world.now;
    x->wall = d->link.platform.wall_clock(&d->link.platform);
    d->op.connected = d->op.connected || d->op.creating;
    d->op.left += d->op.creating;
    RULE(!d->op.creating || segjob_get_outcome(&d->client) == SEGJOB_UNKNOWN,
         "a request to create leaves, but its outcome is not unknown");
}

/* From 1970 to the end of 9999. */
static bool is_date(int64_t unix_time)
{
    return unix_time >= 0 && unix_time <= INT64_C(253402300799);
}

/* The signed date is the device's, corrected by the skew that it learnt. */
static void check_date(struct device *d)
{
    const struct exchange *x = &d->link.x;
    const int64_t clock_skew = x->request.date - x->wall;
    const int64_t change = d->candidate - d->clock_skew;

    if (d->has_candidate && (change >= SKEW_MIN || change <= -SKEW_MIN)) {
        d->clock_skew = d->candidate;
    }
    if (!is_date(x->wall + d->clock_skew)) {
        d->clock_skew = 0; /* learnt before the clock was set */
    }
    d->has_candidate = false;
    RULE(clock_skew == d->clock_skew,
         "the clock skew is %" PRId64 " s, not %" PRId64, clock_skew,
         d->clock_skew);
}

static void check_creation(struct device *d)
{
    struct operation *op = &d->op;
    const struct exchange *x = &d->link.x;

    RULE(params_difference(&x->request.params, &op->params) == MEMBERS,
         "other parameters are sent");
    RULE(!op->outcome_unknown || op->looked, "sent again before a look");
    RULE(!op->name_taken, "sent again though the name is taken");
    RULE(op->creating, "sent again after %u attempts", op->creations);
    op->connected = true;
    op->first_sent = world.now < op->first_sent ? world.now : op->first_sent;
}

/* After a page that is too large the client asks for fewer jobs. */
static void check_page_request(struct device *d)
{
    const struct request *r = &d->link.x.request;
    const unsigned long jobs =
        r->max_results.ptr == NULL ? 0 : strtoul(r->max_results.ptr, NULL, 10);
    struct list *list = &d->list;

    RULE(lists(&d->op), "an unexpected request to list");
    RULE(same_text(r->params.of[SOLUTION_VERSION_ARN],
                   d->op.params.of[SOLUTION_VERSION_ARN]),
         "a list for another solution version");
    RULE(service_page(r) == list->next, "a request for another page");
    RULE(jobs >= 1 && jobs <= 100 &&
             (list->max_jobs == 0  ? d->op.kind == LISTING
              : list->is_too_large ? jobs < list->max_jobs
                                   : jobs == list->max_jobs),
         "a page of %lu jobs after one of %lu", jobs, list->max_jobs);
    list->max_jobs = jobs;
    list->is_too_large = false;
}

static void check_request(struct device *d)
{
    const struct request *r = &d->link.x.request;

    TRACE("device: sends %s, dated %" PRId64 " s after the service's clock",
          target_names[r->target], r->date - service_clock() / 1000);
    check_date(d);
    if (r->target == CREATE_JOB) {
        RULE(creates(&d->op), "an unexpected request to create");
        check_creation(d);
    } else if (r->target == LIST_JOBS) {
        check_page_request(d);
    } else {
        const struct job *job = service_find(d->op.params.of[JOB_NAME]);

        RULE(!d->op.creating && !lists(&d->op), "an unexpected look");
        RULE(d->op.confirming != NULL
                 ? same_text(r->arn, segjob_cstr(d->op.confirming))
                 : job == NULL || same_text(r->arn, segjob_cstr(job->arn)),
             "a look at another job");
    }
}

/* --------------------------------------------------------- ends of attempts */

static void check_duration(const struct operation *op, const struct exchange *x)
{
    const uint64_t all = world.now - x->begun;
    const uint64_t connecting = x->connected ? x->connected_at - x->begun : all;

    if (!x->supplied) {
        return;
    }
    RULE(connecting <= CONNECT_MS, "connecting took %" PRIu64 " ms",
         connecting);
    RULE(all - connecting <= RESPONSE_MS, "the response took %" PRIu64 " ms",
         all - connecting);
    RULE(!op->creating || op->deadline == NEVER || all <= (x->left + 1) / 2,
         "an attempt to create took %" PRIu64 " of %" PRIu64 " ms", all,
         x->left);
}

/* When the client may stop waiting for a connection or a response. */
static uint64_t end_of_patience(const struct operation *op,
                                const struct exchange *x)
{
    const uint64_t share = op->creating ? (x->left + 1) / 2 : x->left;
    const uint64_t limit =
        x->connected ? x->connected_at + RESPONSE_MS : x->begun + CONNECT_MS;

    if (!x->supplied) {
        return op->deadline; /* a source of credentials has its own limits */
    }
    return op->deadline == NEVER ? limit : least(x->begun + share, limit);
}

static void check_patience(const struct device *d, const struct exchange *x)
{
    const struct operation *op = &d->op;

    if (x->heard || x->failure != SEGJOB_OK || op->cancelled ||
        d->client.op.status != SEGJOB_TIMEOUT) {
        return;
    }
    RULE(world.now == end_of_patience(op, x),
         "an attempt is given up after %" PRIu64 " ms", world.now - x->begun);
}

/* A connection is kept if and only if it can be used again. */
static void check_keeping(const struct device *d, const struct exchange *x)
{
    const bool can_be = x->heard && x->reply.http != 0 && !d->link.closes &&
                        d->link.out_taken == d->link.out_response;

    if (!x->supplied) {
        return; /* the connection of an earlier attempt was not used */
    }
    RULE(segjob_keep_alive(&d->client) == can_be,
         can_be ? "a good connection is not kept" : "a bad one is kept");
}

/* Compute the clock skew from the response. */
static void learn(struct device *d, const struct exchange *x)
{
    const uint64_t took = world.now - x->connected_at;
    const struct advice *a = &x->advice;

    if (is_cause(x, SKEWED) && a->has_date && !a->has_age &&
        a->date >= DATE_MIN && a->date <= DATE_MAX) {
        d->has_candidate = true;
        d->candidate = a->date - x->wall - (int64_t)(took / 2000);
    }
}

/* Whether an error of this kind ends an operation for certain. */
static bool is_end(const struct device *d, const struct exchange *x)
{
    const int64_t change = d->candidate - d->clock_skew;

    switch (x->reply.cause) {
    case SKEWED:
        return !d->has_candidate || (change < SKEW_MIN && change > -SKEW_MIN);
    case EXPIRED:
        return d->op.refreshes > 0;
    case FINAL:
        return true;
    case TRANSIENT:
    case THROTTLED:
        break;
    }
    return false;
}

static void note_creation(struct device *d, const struct exchange *x)
{
    struct operation *op = &d->op;
    const bool is_created = x->reply.http == 200 && has_job(x);

    if (is_code(x, ALREADY_EXISTS) && (op->left > 1 || op->kind == ENSURING)) {
        op->name_taken = true;
    } else if (is_definitive(x)) {
        op->over = !op->outcome_unknown && is_end(d, x);
    } else if (!is_created) {
        op->outcome_unknown = true;
        op->looked = false;
        op->confirming = has_other_name(op, x) ? x->reply.arn : NULL;
    }
}

/* Reading once, a client takes a proxy's error for the service's. */
static void note_look(struct device *d, const struct exchange *x)
{
    struct operation *op = &d->op;

    if (op->confirming != NULL && has_job(x)) {
        op->confirming = NULL; /* it is the ARN of another's job */
    } else if (op->kind == WAITING && has_job(x)) {
        op->over = job_is_final(x->reply.job, x->replied_at);
    } else if (is_code(x, NOT_FOUND) && !reads(op)) {
        op->looked = true;
    } else if (reads(op) ? x->heard && x->reply.http >= 300
                         : is_definitive(x)) {
        op->over = is_end(d, x);
    }
}

static void attempt_ends(struct device *d)
{
    struct operation *op = &d->op;
    const struct exchange *x = &d->link.x;

    TRACE("device: the attempt ends%s", x->heard ? ", with a response" : "");
    op->trying = false;
    op->sent += x->accepted > 0;
    op->last = *x;
    op->last_taken = x->offered ? d->link.out_taken : 0;
    check_duration(op, x);
    check_patience(d, x);
    check_keeping(d, x);
    learn(d, x);
    if (x->heard && x->reply.http == 200) {
        d->quota += d->last_cost > 0 ? d->last_cost : 1;
        d->quota = d->quota > QUOTA ? QUOTA : d->quota;
        d->last_cost = 0;
    }
    d->list.is_too_large = d->list.is_too_large || is_too_large(x);
    d->must_refresh = d->must_refresh || is_cause(x, EXPIRED);
    op->expired = op->expired || (is_cause(x, EXPIRED) && op->refreshes == 0);
    if (!op->creating) {
        note_look(d, x);
    } else if (x->connected) {
        note_creation(d, x);
    }
    op->over = op->over || x->failure == SEGJOB_CERTIFICATE ||
               x->failure == SEGJOB_CREDENTIALS;
}

/* ----------------------------------------------------------------- backoff */

/* By the formula; false if it depends on how much the client has read. */
static bool know_backoff(const struct device *d, uint64_t *pause)
{
    const struct operation *op = &d->op;
    const struct exchange *x = &op->last;
    const uint64_t base = is_cause(x, THROTTLED) ? THROTTLED_BASE_MS : BASE_MS;
    const unsigned doublings = (unsigned)least(op->backoffs, 20);
    const uint64_t share =
        least(base << doublings, BACKOFF_MAX_MS) * d->link.random >> 32;
    uint64_t other;

    *pause = share;
    if (op->last_taken <= x->advice.from) {
        return true;
    }
    if (op->last_taken < x->advice.to) {
        return false;
    }
    *pause = share + (uint64_t)x->advice.retry_after_ms;
    if (x->advice.x_retry_after >= 0) {
        other = least((uint64_t)x->advice.x_retry_after, share + EXTRA_MS);
        *pause = other > *pause ? other : *pause;
    }
    return true;
}

/* Credential failures never reach the service, so they cost no tokens. */
static int cost_of_retry(const struct operation *op)
{
    if (op->last.failure == SEGJOB_CREDENTIALS_UNAVAILABLE) {
        return 0;
    }
    return is_cause(&op->last, THROTTLED) ? THROTTLED_COST : COST;
}

/* Whether the next attempt needs only new credentials or another date. */
static bool needs_no_backoff(const struct device *d, const struct exchange *x)
{
    return (is_cause(x, SKEWED) || is_cause(x, EXPIRED)) && !is_end(d, x);
}

/* A retry costs tokens. */
static void retry_begins(struct device *d)
{
    const struct exchange *last = &d->op.last;

    RULE(!d->op.cancelled, "backoff after the operation was cancelled");
    RULE(
        !needs_no_backoff(d, last) && !was_dead(last) && !is_too_large(last) &&
            !(is_code(last, ALREADY_EXISTS) && d->op.name_taken) &&
            !(d->op.confirming != NULL && last->request.target == CREATE_JOB) &&
            !(has_seen_none(&d->op) && must_create(d)),
        "backoff without a reason");
    if (cost_of_retry(&d->op) > 0) { /* a success returns the last cost */
        d->last_cost = cost_of_retry(&d->op);
    }
    d->quota -= cost_of_retry(&d->op);
    RULE(d->quota >= 0, "the retry quota is exceeded");
}

static void backoff_begins(struct device *d)
{
    struct operation *op = &d->op;
    uint64_t wake = link_time(&d->link, segjob_wake_ms(&d->client));
    uint64_t pause;

    if (know_backoff(d, &pause)) {
        RULE(wake == world.now + pause,
             "backoff %u is %" PRIu64 " ms, not %" PRIu64, op->backoffs + 1,
             wake - world.now, pause);
    }
    RULE(wake < op->deadline, "backoff beyond the deadline");
    TRACE("device: backs off for %" PRIu64 " ms", wake - world.now);
    op->backoffs++;
    op->paused = true;
    op->pause_until = wake;
}

static void backoff_is_given_up(struct device *d)
{
    uint64_t pause;

    d->op.gave_up = true;
    if (!d->op.cancelled && know_backoff(d, &pause)) {
        RULE(world.now + pause >= d->op.deadline,
             "it ends with time for a backoff of %" PRIu64 " ms", pause);
    }
}

/* After a look without a job the interval is the default or more. */
static uint64_t poll_interval(const struct device *d)
{
    return has_job(&d->op.last) || d->poll_ms > POLL_MS ? d->poll_ms : POLL_MS;
}

static void poll_begins(struct device *d)
{
    struct operation *op = &d->op;
    const uint64_t poll_ms = poll_interval(d);

    RULE(op->kind == WAITING, "an unexpected pause");
    RULE(!needs_no_backoff(d, &op->last),
         "a poll with a wrong clock or expired credentials");
    RULE(has_job(&op->last) || op->attempts >= max_attempts(d) ||
             d->quota < cost_of_retry(op),
         "a poll takes the place of a retry");
    RULE(!op->not_found_before || !is_code(&op->last, NOT_FOUND),
         "a second poll for a job that is not found");
    RULE(least(world.now + poll_ms, op->deadline) ==
             link_time(&d->link, segjob_wake_ms(&d->client)),
         "a poll at another time");
    op->not_found_before = is_code(&op->last, NOT_FOUND);
    op->attempts = 0;
    op->backoffs = 0;
    op->paused = true;
    op->pause_until = world.now + poll_ms;
}

/* -------------------------------------------------------------------- ends */

/* Whether the job has the parameters that were asked for. */
static bool is_wanted(const struct operation *op, const struct job *job)
{
    struct params asked = op->params;
    struct params there = job->params;

    if (asked.of[NUM_RESULTS].ptr == NULL ||
        (there.of[NUM_RESULTS].ptr == NULL && !service.fills_in)) {
        asked.of[NUM_RESULTS] = there.of[NUM_RESULTS];
    } else if (there.of[NUM_RESULTS].ptr == NULL) {
        there.of[NUM_RESULTS] = segjob_cstr("25");
    }
    if (job->creator != op->number) {
        asked.of[TAGS] = there.of[TAGS];
    }
    return params_difference(&asked, &there) == MEMBERS;
}

/* Allows for the skew of both dates, and for the time of the look. */
static bool is_older(const struct operation *op, const struct job *job)
{
    const int64_t slack =
        2 * SKEW_MAX_MS + RESPONSE_MS + 3 * (int64_t)SECOND; /* rounding */

    return job->creator != op->number &&
           job->created < (int64_t)op->first_sent - slack;
}

static void check_created(struct device *d)
{
    const struct operation *op = &d->op;
    const struct job *job = service_find(op->params.of[JOB_NAME]);
    const struct segjob_str arn = segjob_batch_segment_job_arn(&d->client);
    struct segjob_job reported;

    RULE(op->status == SEGJOB_OK, "created, but not a success");
    if (job == NULL || !is_wanted(op, job)) {
        RULE(false, "a job is reported that does not exist");
        return;
    }
    RULE(same_text(arn, segjob_cstr(job->arn)), "another ARN");
    RULE(op->kind == ENSURING || !is_older(op, job),
         "an older job is reported");
    if (segjob_get_job(&d->client, &reported)) {
        RULE(same_text(reported.batch_segment_job_arn, arn),
             "another job is reported");
    }
}

static void check_conflict(const struct device *d)
{
    static const enum segjob_field fields[MEMBERS] = {
#define FIELD(name, path) SEGJOB_FIELD_##name,
        MEMBER_LIST(FIELD)
#undef FIELD
    };
    const struct operation *op = &d->op;
    const struct segjob_error *e = segjob_get_error(&d->client);
    const struct job *job = service_find(op->params.of[JOB_NAME]);
    int i = 0;

    while (i < MEMBERS && fields[i] != e->field) {
        i++;
    }
    RULE(e->rule == SEGJOB_RULE_DIFFERS && i < MEMBERS,
         "a conflict without its member");
    RULE(job != NULL && i < MEMBERS && !is_wanted(op, job) &&
             !same_text(job->params.of[i], op->params.of[i]),
         "a conflict in a member that agrees");
    RULE(op->outcome == SEGJOB_REFUSED, "a conflict, but not refused");
}

/* The client reports that it created no job: it must know. */
static void check_refused(const struct device *d)
{
    const struct operation *op = &d->op;
    const struct job *job = service_find(op->params.of[JOB_NAME]);

    RULE(op->creations > 0, "refused before a request to create");
    if (op->status != SEGJOB_CONFLICT &&
        (op->outcome_unknown || op->name_taken)) {
        RULE(op->status == SEGJOB_SERVICE && op->kind == CREATING &&
                 job != NULL && job->creator != op->number &&
                 same_text(segjob_get_error(&d->client)->code,
                           segjob_cstr(ALREADY_EXISTS)),
             "refused, but an earlier attempt is unknown");
    }
}

static void check_outcome(struct device *d)
{
    const struct operation *op = &d->op;

    RULE((op->status == SEGJOB_OK) == (op->outcome == SEGJOB_CREATED),
         "a success without a job, or a job without one");
    RULE((op->status == SEGJOB_OK) ==
             (segjob_batch_segment_job_arn(&d->client).ptr != NULL),
         "an ARN without a success, or a success without one");
    switch (op->outcome) {
    case SEGJOB_NOT_APPLICABLE:
        break;
    case SEGJOB_NOT_SENT:
        RULE(!op->connected, "sent, but reported as not sent");
        break;
    case SEGJOB_REFUSED:
        check_refused(d);
        break;
    case SEGJOB_UNKNOWN:
        RULE(op->outcome_unknown || op->name_taken, "unknown without a reason");
        break;
    case SEGJOB_CREATED:
        check_created(d);
        break;
    }
    RULE(op->connected || op->outcome == SEGJOB_NOT_SENT,
         "not sent, but not reported as such");
    if (op->status == SEGJOB_CONFLICT) {
        check_conflict(d);
    }
    accounts[op->number].denied =
        op->outcome == SEGJOB_NOT_SENT || op->outcome == SEGJOB_REFUSED;
}

/* A job that was waited for or described. */
static void check_job(struct device *d)
{
    const struct operation *op = &d->op;
    const struct job *job = service_find(op->params.of[JOB_NAME]);
    struct segjob_job reported;

    if (op->status != SEGJOB_OK) {
        return;
    }
    RULE(segjob_get_job(&d->client, &reported) && job != NULL &&
             same_text(reported.batch_segment_job_arn, segjob_cstr(job->arn)) &&
             same_text(reported.role_arn, job->params.of[ROLE_ARN]) &&
             (reported.creation_ms == 0 ||
              reported.creation_ms / 1000 ==
                  (service.epoch_ms + job->created) / 1000),
         "another job is reported");
    RULE(op->kind != WAITING ||
             (job != NULL && job_is_final(job, world.now) &&
              same_text(reported.status,
                        segjob_cstr(job_status(job, world.now)))),
         "a wait ends before the job does");
}

/* A job of a page. */
static void check_listed(struct device *d, const struct segjob_job *reported)
{
    const struct exchange *x = &d->op.last;
    const struct job *job = service_find(reported->job_name);
    const size_t i = job == NULL ? 0 : (size_t)(job - service.jobs);

    RULE(job != NULL && i >= x->reply.from && i < x->reply.to &&
             service_lists(&x->request, job) &&
             same_text(reported->batch_segment_job_arn, segjob_cstr(job->arn)),
         "another job is listed");
    RULE((d->list.seen >> i & 1) == 0, "a job is listed twice");
    d->list.seen |= UINT64_C(1) << i;
}

static void check_all_listed(const struct device *d)
{
    for (size_t i = 0; i < d->list.known; i++) {
        RULE((d->list.seen >> i & 1) != 0 ||
                 !service_lists(&d->op.last.request, &service.jobs[i]),
             "job %zu is not listed", i);
    }
}

static void check_list(struct device *d)
{
    const struct exchange *x = &d->op.last;
    struct segjob_job reported;

    RULE(!segjob_get_job(&d->client, &reported), "a list describes a job");
    if (d->op.status == SEGJOB_NO_SPACE) {
        RULE(is_too_large(x), "a page that fits is reported as too large");
        RULE(segjob_get_error(&d->client)->size_needed > CLIENT_CAP,
             "a smaller buffer would do");
    }
    if (d->op.status != SEGJOB_OK) {
        return;
    }
    RULE(has_page(x), "a list without a page");
    while (segjob_next_job(&d->client, &reported)) {
        check_listed(d, &reported);
    }
    RULE(!segjob_get_job(&d->client, &reported), "a list describes a job");
    d->list.next = x->reply.next;
    RULE(segjob_has_more(&d->client) == (d->list.next > 0),
         "has_more is wrong");
    if (d->list.next == 0) {
        check_all_listed(d);
    }
}

/* Whether a job's ARN follows from the parameters. */
static bool can_look(const struct operation *op)
{
    static const struct segjob_str front =
        SEGJOB_STR_INIT("arn:aws:personalize:us-east-1:" ACCOUNT ":");
    const struct segjob_str arn = op->params.of[SOLUTION_VERSION_ARN];

    return arn.len > front.len && memcmp(arn.ptr, front.ptr, front.len) == 0;
}

/* Whether no attempt is left. */
static bool has_tried_all(const struct device *d)
{
    const struct operation *op = &d->op;
    const struct exchange *last = &op->last;
    const unsigned tried = settles(op)   ? 0
                           : creates(op) ? op->creations
                                         : op->attempts;

    if (op->kind == WAITING && !is_cause(last, SKEWED) &&
        !is_cause(last, EXPIRED) &&
        !(op->not_found_before && is_code(last, NOT_FOUND))) {
        return false;
    }
    return tried >= max_attempts(d) || d->quota < cost_of_retry(op) ||
           (settles(op) && op->confirming == NULL && !can_look(op));
}

/* Whether the operation may end before its deadline. */
static bool may_end(const struct device *d)
{
    const struct operation *op = &d->op;

    return op->deadline == NEVER || op->cancelled || op->over || op->gave_up ||
           has_job(&op->last) || has_page(&op->last) ||
           (is_too_large(&op->last) && d->list.max_jobs == 1) ||
           has_tried_all(d);
}

static bool is_odd(enum segjob_status status)
{
    return status == SEGJOB_PENDING || status == SEGJOB_INVALID ||
           status == SEGJOB_CONFIG || status == SEGJOB_MISUSE ||
           status == SEGJOB_CRYPTO;
}

/* A retry that was cancelled before it began may have cost tokens. */
static void check_quota(struct device *d)
{
    const int left = QUOTA - (int)d->client.session.tokens_used;

    if (d->op.cancelled && left == d->quota - cost_of_retry(&d->op)) {
        d->quota = left;
    }
    RULE(left == d->quota, "%d tokens are left, not %d", left, d->quota);
}

static void operation_ends(struct device *d)
{
    struct operation *op = &d->op;

    op->ended = true;
    op->status = segjob_get_status(&d->client);
    op->outcome = segjob_get_outcome(&d->client);
    TRACE("device: operation %ld ends as %s, %s", op->number,
          segjob_status_name(op->status), outcome_names[op->outcome]);
    RULE(op->deadline == NEVER || world.now <= op->deadline,
         "it ends %" PRIu64 " ms after its deadline", world.now - op->deadline);
    RULE(!is_odd(op->status) && (op->status != SEGJOB_NO_SPACE || lists(op)),
         "it ends as %s", segjob_status_name(op->status));
    RULE(world.now == op->deadline || may_end(d), "it gives up as %s",
         segjob_status_name(op->status));
    RULE(!creates(op) || op->status != SEGJOB_SERVICE || !has_seen_none(op),
         "refused, but the job may yet be created");
    RULE(creates(op) == (op->outcome != SEGJOB_NOT_APPLICABLE),
         "an outcome that does not apply, or none");
    check_quota(d);
    if (creates(op)) {
        check_outcome(d);
    } else if (lists(op)) {
        check_list(d);
    } else {
        check_job(d);
    }
}

/* ------------------------------------------------------------------- steps */

void rules_started(struct device *d, enum segjob_status status)
{
    struct operation *op = &d->op;

    TRACE("device: operation %ld, %s, until %.3f", op->number,
          kind_names[op->kind], (double)op->deadline / 1000);
    if (op->kind == LISTING) {
        d->list = (struct list){.known = service.jobs_len};
    }
    if (status != SEGJOB_PENDING) {
        op->ended = true;
        op->status = status;
        op->outcome = segjob_get_outcome(&d->client);
        RULE(status == SEGJOB_INVALID && op->kind == ENSURING &&
                 segjob_get_error(&d->client)->rule == SEGJOB_RULE_NO_JOB_ARN &&
                 op->outcome == SEGJOB_NOT_SENT,
             "it does not start: %s", segjob_status_name(status));
        accounts[op->number].denied = true;
    }
}

/* Whether the attempt goes on. */
static bool is_trying(const struct device *d, enum segjob_want want)
{
    if (!d->link.x.supplied) {
        return want == SEGJOB_WANT_CREDENTIALS;
    }
    return want == SEGJOB_WANT_CONNECTION || want == SEGJOB_WANT_SEND ||
           want == SEGJOB_WANT_RECEIVE;
}

static void check_want(struct device *d, enum segjob_want before,
                       enum segjob_want want)
{
    if (want == SEGJOB_WANT_RANDOM) {
        retry_begins(d);
    } else if (want == SEGJOB_WANT_PAUSE) {
        if (before == SEGJOB_WANT_RANDOM) {
            backoff_begins(d);
        } else {
            poll_begins(d);
        }
    } else if (want == SEGJOB_WANT_NOTHING && before == SEGJOB_WANT_RANDOM) {
        backoff_is_given_up(d);
    }
}

void rules_step(struct device *d, enum segjob_want before)
{
    struct operation *op = &d->op;
    const enum segjob_want want = segjob_get_want(&d->client);
    const bool offered = d->link.x.offered;
    bool ended = false;

    if (op->ended) {
        return;
    }
    if (before == SEGJOB_WANT_CONNECTION && want == SEGJOB_WANT_SEND) {
        attempt_connects(d);
    }
    if (before == SEGJOB_WANT_SEND && offered && !d->link.x.checked) {
        d->link.x.checked = true;
        check_request(d);
    }
    if (op->trying && !d->link.x.supplied && want == SEGJOB_WANT_CONNECTION) {
        attempt_is_supplied(d);
    }
    if (op->trying && !is_trying(d, want)) {
        attempt_ends(d);
        ended = true;
    }
    if (before != want || ended) {
        check_want(d, before, want);
    }
    RULE(op->deadline == NEVER || world.now <= op->deadline,
         "it goes on after its deadline");
    if (want == SEGJOB_WANT_NOTHING) {
        operation_ends(d);
    }
}

void rules_finish(void)
{
    for (size_t i = 0; i < service.jobs_len; i++) {
        const long creator = service.jobs[i].creator;

        if (creator == 0) {
            continue; /* another device's */
        }
        RULE(!accounts[creator].denied,
             "operation %ld denied the job that it created", creator);
        RULE(!accounts[creator].created, "operation %ld created two jobs",
             creator);
        accounts[creator].created = true;
    }
}
