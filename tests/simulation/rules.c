#include "rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* PROTOCOL's figures. */
#define ATTEMPTS 3
#define BUCKET 500
#define COST 14
#define THROTTLED_COST 5
#define BASE_MS 50
#define THROTTLED_BASE_MS 1000
#define PAUSE_MAX_MS 20000
#define EXTRA_MS 5000
#define CONNECT_MS 5000
#define ANSWER_MS 15000
#define POLL_MS 60000
#define SKEW_MIN 240
#define SKEW_MAX_MS (5 * (int64_t)MINUTE)
#define ROUND_TRIP_MAX (15 * MINUTE)

/* From 2026-01-01 to the end of 2099. */
#define DATE_MIN INT64_C(1767225600)
#define DATE_MAX INT64_C(4102444799)

#define ALREADY_EXISTS "ResourceAlreadyExistsException"
#define NOT_FOUND "ResourceNotFoundException"

/* What an operation said, and what came of it. */
struct account {
    bool says_none; /* that there is no job of it, and will be none */
    bool made;      /* there is one */
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

static bool is_code(const struct exchange *x, const char *code)
{
    return x->heard && !x->reply.is_gateways && x->reply.code != NULL &&
           strcmp(x->reply.code, code) == 0;
}

/* The service said no to the request. */
static bool is_certain(const struct exchange *x)
{
    return x->heard && !x->reply.is_gateways && x->reply.code != NULL &&
           x->reply.http >= 400 && x->reply.http <= 499 &&
           x->reply.cause != TRANSIENT;
}

/* The answer is of a job, and names it. */
static bool has_job(const struct exchange *x)
{
    return x->heard && x->reply.job != NULL &&
           (x->reply.arn == NULL ||
            strcmp(x->reply.arn, x->reply.job->arn) == 0);
}

/* The ARN in an answer to a creation is one to look at. */
static bool has_other_name(const struct operation *op, const struct exchange *x)
{
    const char *arn = x->reply.arn;

    return x->heard && arn != NULL &&
           strncmp(arn, JOB_ARN_FRONT, sizeof(JOB_ARN_FRONT) - 1) == 0 &&
           !same_text(segjob_str(arn + sizeof(JOB_ARN_FRONT) - 1),
                      op->params.of[JOB_NAME]);
}

static bool is_cause(const struct exchange *x, enum cause cause)
{
    return x->heard && x->reply.cause == cause;
}

/* A connection that was kept had ended before anything was sent on it. */
static bool was_dead(const struct exchange *x)
{
    return x->reused && x->dead;
}

/* ---------------------------------------------------------------- attempts */

/* Whether it is to be found out what became of a creation. */
static bool settles(const struct operation *op)
{
    return creates(op) && (op->doubt || op->name_taken);
}

/* Whether the last look at the job said that there is none. */
static bool has_seen_none(const struct operation *op)
{
    return op->last.request.target == DESCRIBE_JOB &&
           is_code(&op->last, NOT_FOUND);
}

/* Whether what comes at once can only be another attempt to create. */
static bool must_create(const struct operation *op)
{
    return creates(op) && !op->name_taken && op->confirming == NULL &&
           (!op->doubt || (has_seen_none(op) && op->creations < ATTEMPTS));
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Whether what ended the last attempt lets another follow without a pause. */
static void judge_haste(struct device *d)
{
    struct operation *op = &d->op;
    const struct exchange *last = &op->last;
    const bool creation = last->request.target == CREATE_JOB;

    if (is_cause(last, SKEWED) || is_cause(last, EXPIRED)) {
        d->bucket -= COST;
        d->last_cost = COST;
        RULE(d->bucket >= 0, "the bucket is overdrawn");
        return;
    }
    RULE((is_code(last, NOT_FOUND) && !creation) ||
             (is_code(last, ALREADY_EXISTS) && creation) ||
             (op->confirming != NULL && creation) || was_dead(last),
         "an attempt follows without a pause");
    op->attempts -= was_dead(last); /* it was none */
}

static void attempt_begins(struct device *d)
{
    struct operation *op = &d->op;
    const bool first = op->attempts == 0 && !op->paused;

    TRACE("device: attempt %u of operation %ld", op->attempts + 1, op->number);
    RULE(!op->over, "an attempt follows a certain end");
    RULE(!op->cancelled, "an attempt after it was cancelled");
    RULE(op->deadline != NEVER || first || op->kind == WAITING,
         "more attempts without a deadline");
    RULE(!op->paused || world.now == op->pause_until,
         "a pause of other length");
    if (!first && !op->paused) {
        judge_haste(d);
    }
    if (is_cause(&op->last, EXPIRED) && !op->paused) {
        op->renewals++;
        RULE(op->renewals <= 1, "keys are renewed again");
    }
    op->attempts++;
    op->creating = must_create(op) && (!op->doubt || !op->paused);
    op->creations += op->creating;
    op->paused = false;
    op->trying = true;
    RULE(op->creations <= ATTEMPTS, "creation is attempted %u times",
         op->creations);
    RULE(creates(op) || op->attempts <= ATTEMPTS, "%u attempts", op->attempts);
    link_attempt(&d->link,
                 op->deadline == NEVER ? NEVER : op->deadline - world.now,
                 segjob_keeps_connection(&d->client));
    TRACE("device: it is befallen by: %s", fault_names[d->link.x.fault]);
}

static void attempt_connects(struct device *d)
{
    struct exchange *x = &d->link.x;

    x->connected = true;
    x->connected_at = world.now;
    x->wall = d->link.platform.wall_clock(&d->link.platform);
    d->op.connected = d->op.connected || d->op.creating;
    d->op.left += d->op.creating;
}

/* From 1970 to the end of 9999. */
static bool is_date(int64_t unix_time)
{
    return unix_time >= 0 && unix_time <= INT64_C(253402300799);
}

/* The date that was signed is the clock's, corrected as was learnt. */
static void judge_date(struct device *d)
{
    const struct exchange *x = &d->link.x;
    const int64_t correction = x->request.date - x->wall;
    const int64_t change = d->candidate - d->correction;

    if (d->has_candidate && (change >= SKEW_MIN || change <= -SKEW_MIN)) {
        d->correction = d->candidate;
    }
    if (!is_date(x->wall + d->correction)) {
        d->correction = 0; /* it was of another time of this clock */
    }
    d->has_candidate = false;
    RULE(correction == d->correction,
         "the clock is corrected by %" PRId64 " s, not by %" PRId64, correction,
         d->correction);
}

static void judge_creation(struct device *d)
{
    struct operation *op = &d->op;
    const struct exchange *x = &d->link.x;

    RULE(params_difference(&x->request.params, &op->params) == MEMBERS,
         "something else is to be created");
    RULE(!op->doubt || op->looked, "sent again before a look at the job");
    RULE(!op->name_taken, "sent again though the name is taken");
    RULE(op->creating, "sent again though it was tried %u times",
         op->creations);
    op->connected = true;
    op->first_sent = world.now < op->first_sent ? world.now : op->first_sent;
}

static void judge_request(struct device *d)
{
    const struct request *r = &d->link.x.request;

    TRACE("device: sends %s, dated %" PRId64 " s after the service's clock",
          r->target == CREATE_JOB ? "create" : "describe",
          r->date - service_clock() / 1000);
    judge_date(d);
    if (r->target == CREATE_JOB) {
        RULE(creates(&d->op), "a creation that was not asked for");
        judge_creation(d);
    } else {
        const struct job *job = service_find(d->op.params.of[JOB_NAME]);

        RULE(!d->op.creating, "a look without a reason");
        RULE(d->op.confirming != NULL
                 ? same_text(r->arn, segjob_str(d->op.confirming))
                 : job == NULL || same_text(r->arn, segjob_str(job->arn)),
             "another job is looked for");
    }
}

/* ------------------------------------------------------------ their ends */

static void judge_duration(const struct operation *op, const struct exchange *x)
{
    const uint64_t all = world.now - x->begun;
    const uint64_t connecting = x->connected ? x->connected_at - x->begun : all;

    if (op->deadline == NEVER) {
        return;
    }
    RULE(connecting <= CONNECT_MS, "connecting took %" PRIu64 " ms",
         connecting);
    RULE(all - connecting <= ANSWER_MS, "the answer took %" PRIu64 " ms",
         all - connecting);
    RULE(!op->creating || all <= (x->left + 1) / 2,
         "a creation took %" PRIu64 " of %" PRIu64 " ms", all, x->left);
}

/* When the client may stop to wait for a connection or an answer. */
static uint64_t end_of_patience(const struct exchange *x, bool creation)
{
    const uint64_t share = creation ? (x->left + 1) / 2 : x->left;

    return least(x->begun + share, x->connected ? x->connected_at + ANSWER_MS
                                                : x->begun + CONNECT_MS);
}

static void judge_patience(const struct device *d, const struct exchange *x)
{
    const struct operation *op = &d->op;

    if (x->heard || x->failure != SEGJOB_OK || op->cancelled ||
        d->client.result != SEGJOB_TIMEOUT) {
        return;
    }
    RULE(op->deadline != NEVER, "it gives up though there is no deadline");
    RULE(op->deadline == NEVER || world.now == end_of_patience(x, op->creating),
         "an attempt is given up after %" PRIu64 " ms", world.now - x->begun);
}

/* Whether the connection was kept that could be, and no other. */
static void judge_keeping(const struct device *d, const struct exchange *x)
{
    const bool can_be = x->heard && x->reply.http != 0 && !d->link.closes &&
                        d->link.out_taken == d->link.out_answer;

    RULE(segjob_keeps_connection(&d->client) == can_be,
         can_be ? "a good connection is not kept" : "a bad one is kept");
}

/* What the answer says of the difference between the clocks. */
static void learn(struct device *d, const struct exchange *x)
{
    const uint64_t took = world.now - x->connected_at;
    const struct advice *a = &x->advice;

    if (is_cause(x, SKEWED) && a->has_date && !a->has_age &&
        a->date >= DATE_MIN && a->date <= DATE_MAX && took <= ROUND_TRIP_MAX) {
        d->has_candidate = true;
        d->candidate = a->date - x->wall - (int64_t)(took / 2000);
    }
}

/* Whether an error that the service is certain of is the operation's end. */
static bool is_end(const struct device *d, const struct exchange *x)
{
    const int64_t change = d->candidate - d->correction;

    switch (x->reply.cause) {
    case SKEWED:
        return !d->has_candidate || (change < SKEW_MIN && change > -SKEW_MIN);
    case EXPIRED:
        return d->op.renewals > 0;
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
    const bool is_made = x->reply.http == 200 && has_job(x);

    if (is_code(x, ALREADY_EXISTS) && (op->left > 1 || op->kind == ENSURING)) {
        op->name_taken = true;
    } else if (is_certain(x)) {
        op->over = !op->doubt && is_end(d, x);
    } else if (!is_made) {
        op->doubt = true;
        op->looked = false;
        op->confirming = has_other_name(op, x) ? x->reply.arn : NULL;
    }
}

/* A no to who describes a job once may come from somebody in between. */
static void note_look(struct device *d, const struct exchange *x)
{
    struct operation *op = &d->op;

    if (op->confirming != NULL && has_job(x)) {
        op->confirming = NULL; /* it is another's */
    } else if (op->kind == WAITING && has_job(x)) {
        op->over = job_is_final(x->reply.job, x->answered_at);
    } else if (is_code(x, NOT_FOUND) && op->kind != DESCRIBING) {
        op->looked = true;
    } else if (op->kind == DESCRIBING ? x->heard && x->reply.http >= 300
                                      : is_certain(x)) {
        op->over = is_end(d, x);
    }
}

static void attempt_ends(struct device *d)
{
    struct operation *op = &d->op;
    const struct exchange *x = &d->link.x;

    TRACE("device: the attempt ends%s", x->heard ? ", with an answer" : "");
    op->trying = false;
    op->sent += x->accepted > 0;
    op->last = *x;
    op->last_taken = x->offered ? d->link.out_taken : 0;
    judge_duration(op, x);
    judge_patience(d, x);
    judge_keeping(d, x);
    learn(d, x);
    if (x->heard && x->reply.http == 200) {
        d->bucket += d->last_cost > 0 ? d->last_cost : 1;
        d->bucket = d->bucket > BUCKET ? BUCKET : d->bucket;
        d->last_cost = 0;
    }
    d->renews = d->renews || is_cause(x, EXPIRED);
    if (!op->creating) {
        note_look(d, x);
    } else if (x->connected) {
        note_creation(d, x);
    }
    op->over = op->over || x->failure == SEGJOB_CERTIFICATE;
}

/* ------------------------------------------------------------------ pauses */

/* By the formula; false if it cannot be known what the client has read. */
static bool know_pause(const struct device *d, uint64_t *pause)
{
    const struct operation *op = &d->op;
    const struct exchange *x = &op->last;
    const uint64_t base = is_cause(x, THROTTLED) ? THROTTLED_BASE_MS : BASE_MS;
    const unsigned doublings = (unsigned)least(op->pauses, 20);
    const uint64_t share =
        least(base << doublings, PAUSE_MAX_MS) * d->link.random >> 32;
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

static int cost_of_retry(const struct operation *op)
{
    return is_cause(&op->last, THROTTLED) ? THROTTLED_COST : COST;
}

/* Whether new keys or another time are all that the next attempt needs. */
static bool needs_no_pause(const struct device *d, const struct exchange *x)
{
    return (is_cause(x, SKEWED) || is_cause(x, EXPIRED)) && !is_end(d, x);
}

/* A retry is to be paid for. */
static void retry_begins(struct device *d)
{
    const struct exchange *last = &d->op.last;

    RULE(!d->op.cancelled, "it goes on after it was cancelled");
    RULE(
        !needs_no_pause(d, last) && !was_dead(last) &&
            !(is_code(last, ALREADY_EXISTS) && d->op.name_taken) &&
            !(d->op.confirming != NULL && last->request.target == CREATE_JOB) &&
            !(has_seen_none(&d->op) && must_create(&d->op)),
        "a pause without a reason");
    d->last_cost = cost_of_retry(&d->op);
    d->bucket -= d->last_cost;
    RULE(d->bucket >= 0, "the bucket is overdrawn");
}

static void pause_begins(struct device *d)
{
    struct operation *op = &d->op;
    uint64_t wake = link_time(&d->link, segjob_wake_ms(&d->client));
    uint64_t pause;

    if (know_pause(d, &pause)) {
        RULE(wake == world.now + pause,
             "pause %u is %" PRIu64 " ms, not %" PRIu64, op->pauses + 1,
             wake - world.now, pause);
    }
    RULE(wake < op->deadline, "a pause beyond the deadline");
    TRACE("device: pauses for %" PRIu64 " ms", wake - world.now);
    op->pauses++;
    op->paused = true;
    op->pause_until = wake;
}

static void pause_is_given_up(struct device *d)
{
    uint64_t pause;

    d->op.gave_up = true;
    if (!d->op.cancelled && know_pause(d, &pause)) {
        RULE(world.now + pause >= d->op.deadline,
             "it ends with time for a pause of %" PRIu64 " ms", pause);
    }
}

/* A look that told of no job is not repeated sooner than by default. */
static uint64_t pause_of_poll(const struct device *d)
{
    const struct exchange *x = &d->op.last;
    const bool has_told = x->heard && x->reply.job != NULL;

    return has_told || d->poll_ms > POLL_MS ? d->poll_ms : POLL_MS;
}

static void poll_begins(struct device *d)
{
    struct operation *op = &d->op;
    const uint64_t poll_ms = pause_of_poll(d);

    RULE(op->kind == WAITING, "a pause that nobody asked for");
    RULE(has_job(&op->last) || op->attempts >= ATTEMPTS ||
             d->bucket < cost_of_retry(op),
         "a poll takes the place of a retry");
    RULE(!op->absent || !is_code(&op->last, NOT_FOUND),
         "a job that is not there is waited for");
    RULE(least(world.now + poll_ms, op->deadline) ==
             link_time(&d->link, segjob_wake_ms(&d->client)),
         "a poll at another time");
    op->absent = is_code(&op->last, NOT_FOUND);
    op->attempts = 0;
    op->pauses = 0;
    op->paused = true;
    op->pause_until = world.now + poll_ms;
}

/* -------------------------------------------------------------------- ends */

/* Whether the job is as was asked for, as far as the service tells. */
static bool is_wanted(const struct operation *op, const struct job *job)
{
    struct params asked = op->params;
    struct params there = job->params;

    if (asked.of[NUM_RESULTS].ptr == NULL ||
        (there.of[NUM_RESULTS].ptr == NULL && !service.fills_in)) {
        asked.of[NUM_RESULTS] = there.of[NUM_RESULTS];
    } else if (there.of[NUM_RESULTS].ptr == NULL) {
        there.of[NUM_RESULTS] = segjob_str("25");
    }
    if (job->maker != op->number) {
        asked.of[TAGS] = there.of[TAGS];
    }
    return params_difference(&asked, &there) == MEMBERS;
}

/* The look's date may be off either way, and its answer may take its time. */
static bool is_older(const struct operation *op, const struct job *job)
{
    const int64_t slack =
        2 * SKEW_MAX_MS + ANSWER_MS + 3 * (int64_t)SECOND; /* rounding */

    return job->maker != op->number &&
           job->created < (int64_t)op->first_sent - slack;
}

static void judge_made(struct device *d)
{
    const struct operation *op = &d->op;
    const struct job *job = service_find(op->params.of[JOB_NAME]);
    const struct segjob_str arn = segjob_batch_segment_job_arn(&d->client);
    struct segjob_job told;

    RULE(op->status == SEGJOB_OK, "made, but not as a success");
    if (job == NULL || !is_wanted(op, job)) {
        RULE(false, "told of a job that is not there");
        return;
    }
    RULE(same_text(arn, segjob_str(job->arn)), "another ARN");
    RULE(op->kind == ENSURING || !is_older(op, job), "told of an older job");
    if (segjob_job(&d->client, &told)) {
        RULE(same_text(told.batch_segment_job_arn, arn), "told of another job");
    }
}

static void judge_conflict(const struct device *d)
{
    static const enum segjob_field fields[MEMBERS] = {
#define FIELD(name, path) SEGJOB_FIELD_##name,
        MEMBER_LIST(FIELD)
#undef FIELD
    };
    const struct operation *op = &d->op;
    const struct segjob_error *e = segjob_error(&d->client);
    const struct job *job = service_find(op->params.of[JOB_NAME]);
    int i = 0;

    while (i < MEMBERS && fields[i] != e->field) {
        i++;
    }
    RULE(e->rule == SEGJOB_RULE_DIFFERS && i < MEMBERS, "in which member?");
    RULE(job != NULL && i < MEMBERS && !is_wanted(op, job) &&
             !same_text(job->params.of[i], op->params.of[i]),
         "there is no conflict");
    RULE(op->outcome == SEGJOB_REFUSED, "a conflict leaves a doubt");
}

/* There is no job, says the client: what has it heard? */
static void judge_refused(const struct device *d)
{
    const struct operation *op = &d->op;
    const struct job *job = service_find(op->params.of[JOB_NAME]);

    RULE(op->creations > 0, "refused before it was asked for");
    if (op->status != SEGJOB_CONFLICT && (op->doubt || op->name_taken)) {
        RULE(op->status == SEGJOB_SERVICE && op->kind == CREATING &&
                 job != NULL && job->maker != op->number &&
                 same_text(segjob_error(&d->client)->code,
                           segjob_str(ALREADY_EXISTS)),
             "refused after a doubt");
    }
}

static void judge_outcome(struct device *d)
{
    const struct operation *op = &d->op;

    RULE((op->status == SEGJOB_OK) == (op->outcome == SEGJOB_MADE),
         "done, but not made");
    RULE((op->status == SEGJOB_OK) ==
             (segjob_batch_segment_job_arn(&d->client).ptr != NULL),
         "an ARN without a success, or none with it");
    switch (op->outcome) {
    case SEGJOB_NOT_SENT:
        RULE(!op->connected, "something was sent");
        break;
    case SEGJOB_REFUSED:
        judge_refused(d);
        break;
    case SEGJOB_MAYBE:
        RULE(op->doubt || op->name_taken, "there is no doubt");
        break;
    case SEGJOB_MADE:
        judge_made(d);
        break;
    }
    RULE(op->connected || op->outcome == SEGJOB_NOT_SENT,
         "nothing was sent, but that is not told");
    if (op->status == SEGJOB_CONFLICT) {
        judge_conflict(d);
    }
    accounts[op->number].says_none =
        op->outcome == SEGJOB_NOT_SENT || op->outcome == SEGJOB_REFUSED;
}

/* A job that was waited for, or described. */
static void judge_job(struct device *d)
{
    const struct operation *op = &d->op;
    const struct job *job = service_find(op->params.of[JOB_NAME]);
    struct segjob_job told;

    if (op->status != SEGJOB_OK) {
        return;
    }
    RULE(segjob_job(&d->client, &told) && job != NULL &&
             same_text(told.batch_segment_job_arn, segjob_str(job->arn)) &&
             same_text(told.role_arn, job->params.of[ROLE_ARN]) &&
             (told.creation_ms == 0 ||
              told.creation_ms / 1000 ==
                  (service.epoch_ms + job->created) / 1000),
         "told of another job");
    RULE(op->kind != WAITING ||
             (job != NULL && job_is_final(job, world.now) &&
              same_text(told.status, segjob_str(job_status(job, world.now)))),
         "told of an end that is not there");
}

/* Whether a job's ARN follows from the parameters. */
static bool can_look(const struct operation *op)
{
    static const struct segjob_str front =
        SEGJOB_STR("arn:aws:personalize:us-east-1:" ACCOUNT ":");
    const struct segjob_str arn = op->params.of[SOLUTION_VERSION_ARN];

    return arn.len > front.len && memcmp(arn.ptr, front.ptr, front.len) == 0;
}

/* Whether all was tried that may be. */
static bool has_tried_all(const struct device *d)
{
    const struct operation *op = &d->op;
    const struct exchange *last = &op->last;
    const unsigned tried = settles(op)   ? 0
                           : creates(op) ? op->creations
                                         : op->attempts;

    if (op->kind == WAITING && !is_cause(last, SKEWED) &&
        !is_cause(last, EXPIRED) && !(op->absent && is_code(last, NOT_FOUND))) {
        return false;
    }
    return tried >= ATTEMPTS || d->bucket < cost_of_retry(op) ||
           (settles(op) && op->confirming == NULL && !can_look(op));
}

/* Whether it may end before its deadline. */
static bool may_end(const struct device *d)
{
    const struct operation *op = &d->op;

    return op->deadline == NEVER || op->cancelled || op->over || op->gave_up ||
           has_job(&op->last) || has_tried_all(d);
}

static bool is_odd(enum segjob_status status)
{
    return status == SEGJOB_PENDING || status == SEGJOB_INVALID ||
           status == SEGJOB_CONFIG || status == SEGJOB_NO_SPACE ||
           status == SEGJOB_MISUSE || status == SEGJOB_CRYPTO;
}

/* A retry that was cancelled before it began may have been paid for. */
static void judge_bucket(struct device *d)
{
    const int left = BUCKET - (int)d->client.retry.spent;

    if (d->op.cancelled && left == d->bucket - cost_of_retry(&d->op)) {
        d->bucket = left;
    }
    RULE(left == d->bucket, "%d tokens are left, not %d", left, d->bucket);
}

static void operation_ends(struct device *d)
{
    struct operation *op = &d->op;

    op->ended = true;
    op->status = segjob_status(&d->client);
    op->outcome = segjob_outcome(&d->client);
    TRACE("device: operation %ld ends as %s, outcome %d", op->number,
          segjob_status_name(op->status), (int)op->outcome);
    RULE(op->deadline == NEVER || world.now <= op->deadline,
         "it ends %" PRIu64 " ms after its deadline", world.now - op->deadline);
    RULE(!is_odd(op->status), "it ends as %s", segjob_status_name(op->status));
    RULE(world.now == op->deadline || may_end(d), "it gives up as %s",
         segjob_status_name(op->status));
    RULE(!creates(op) || op->status != SEGJOB_SERVICE || !has_seen_none(op),
         "a job that may yet come is told to be refused");
    judge_bucket(d);
    if (creates(op)) {
        judge_outcome(d);
    } else {
        judge_job(d);
    }
}

/* ------------------------------------------------------------------- steps */

void rules_taken_on(struct device *d, enum segjob_status status)
{
    struct operation *op = &d->op;

    TRACE("device: operation %ld, kind %d, until %.3f", op->number,
          (int)op->kind, (double)op->deadline / 1000);
    if (status != SEGJOB_PENDING) {
        op->ended = true;
        op->status = status;
        op->outcome = segjob_outcome(&d->client);
        RULE(status == SEGJOB_INVALID && op->kind == ENSURING &&
                 segjob_error(&d->client)->rule == SEGJOB_RULE_NO_JOB_ARN &&
                 op->outcome == SEGJOB_NOT_SENT,
             "it is not taken on: %s", segjob_status_name(status));
        accounts[op->number].says_none = true;
    }
}

static bool is_trying(enum segjob_want want)
{
    return want == SEGJOB_WANT_CONNECTION || want == SEGJOB_WANT_SEND ||
           want == SEGJOB_WANT_RECEIVE;
}

static void judge_want(struct device *d, enum segjob_want before,
                       enum segjob_want want)
{
    if (want == SEGJOB_WANT_RANDOM) {
        retry_begins(d);
    } else if (want == SEGJOB_WANT_PAUSE) {
        if (before == SEGJOB_WANT_RANDOM) {
            pause_begins(d);
        } else {
            poll_begins(d);
        }
    } else if (want == SEGJOB_WANT_NOTHING && before == SEGJOB_WANT_RANDOM) {
        pause_is_given_up(d);
    }
}

void rules_step(struct device *d, enum segjob_want before)
{
    struct operation *op = &d->op;
    const enum segjob_want want = segjob_want(&d->client);
    const bool offered = d->link.x.offered;

    if (op->ended) {
        return;
    }
    if (before == SEGJOB_WANT_CONNECTION && want == SEGJOB_WANT_SEND) {
        attempt_connects(d);
    }
    if (before == SEGJOB_WANT_SEND && offered && !d->link.x.judged) {
        d->link.x.judged = true;
        judge_request(d);
    }
    if (op->trying && !is_trying(want)) {
        attempt_ends(d);
    }
    if (!op->trying && want == SEGJOB_WANT_CONNECTION) {
        attempt_begins(d);
    }
    if (before != want) {
        judge_want(d, before, want);
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
        const long maker = service.jobs[i].maker;

        if (maker == 0) {
            continue; /* another device's */
        }
        RULE(!accounts[maker].says_none,
             "operation %ld denied a job that it made", maker);
        RULE(!accounts[maker].made, "operation %ld made two jobs", maker);
        accounts[maker].made = true;
    }
}
