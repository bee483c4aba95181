#include "rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SKEW_MAX_MS (5 * (int64_t)MINUTE)

/* From 2026-01-01 to the end of 2099. */
#define DATE_MIN INT64_C(1767225600)
#define DATE_MAX INT64_C(4102444799)

/* A page of this many bytes fits in a client's buffer with its tokens, and a
 * longer one does not: see make_listed() of simulation.c. */
#define PAGE_FITS 2400

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

/* ---------------------------------------------------------------- attempts */

void rules_attempt(struct device *d, bool force_refresh)
{
    TRACE("device: attempt %u of operation %ld", d->seen.attempts + 1u,
          d->op.number);
    RULE(!d->seen.paused || world.now <= d->seen.pause_until,
         "an attempt too late");
    observer_attempt(&d->seen, world.now, force_refresh);
    link_attempt(&d->link);
    TRACE("device: its fault: %s", fault_names[d->link.x.fault]);
}

/* The response describes a job, under its own ARN. */
static bool has_job(const struct exchange *x)
{
    const struct reply *r = &x->reply;

    return r->job != NULL &&
           (r->arn == NULL || strcmp(r->arn, r->job->arn) == 0);
}

static enum cause cause_of(const struct device *d)
{
    const struct exchange *x = &d->link.x;

    if (x->reply.http >= 300) {
        return x->reply.cause;
    }
    if (x->reply.is_page) {
        return x->body_len <= PAGE_FITS ? GOOD : LARGE;
    }
    return has_job(x) && same_text(x->reply.job->params.of[JOB_NAME],
                                   d->op.params.of[JOB_NAME])
               ? GOOD
               : BAD;
}

static void see_response(struct attempt *seen, const struct device *d)
{
    const struct exchange *x = &d->link.x;
    const struct reply *r = &x->reply;
    const char *arn = r->job != NULL ? r->job->arn : NULL;

    seen->http = (int16_t)r->http;
    seen->has_id = !r->is_proxys;
    seen->code = r->http >= 300 ? r->code : r->arn != NULL ? r->arn : arn;
    seen->cause = (uint8_t)cause_of(d);
    seen->is_done = r->job != NULL && job_is_final(r->job, x->replied_at);
    seen->keeps = x->heard && r->http != 0 && !d->link.closes &&
                  d->link.out_taken == d->link.out_response;
}

/* Its dates and delays, as far as the client can have read them. */
static void see_advice(struct attempt *seen, const struct device *d)
{
    const struct advice *a = &d->link.x.advice;

    seen->learns = a->has_date && !a->has_age && a->date >= DATE_MIN &&
                   a->date <= DATE_MAX;
    seen->date = a->date;
    if (d->link.x.offered && d->link.out_taken > a->from) {
        seen->is_partly = d->link.out_taken < a->to;
        seen->retry_after_ms = (uint32_t)a->retry_after_ms;
        seen->x_retry_after_ms =
            (uint32_t)(a->x_retry_after > 0 ? a->x_retry_after : 0);
    }
}

/* What there is to see of the attempt, in a step after which it wants `want` */
static void see_attempt(struct device *d, enum segjob_want before,
                        enum segjob_want want)
{
    struct attempt *seen = &d->seen.x;

    seen->failure = (int8_t)d->link.x.failure;
    seen->dead = d->link.x.dead;
    seen->heard = d->link.x.heard;
    if (!seen->supplied && want == SEGJOB_WANT_CONNECTION) {
        d->link.x.supplied = true;
        seen->reused = segjob_keep_alive(&d->client);
    }
    if (before == SEGJOB_WANT_CONNECTION && want == SEGJOB_WANT_SEND) {
        seen->wall = d->link.platform.wall_clock(&d->link.platform);
    }
    see_response(seen, d);
    see_advice(seen, d);
}

/* A page is for the operation's list, and begins where the last one ended. */
static void check_request(struct device *d)
{
    const struct request *r = &d->link.x.request;
    const struct job *job = service_find(d->op.params.of[JOB_NAME]);

    TRACE("device: sends %s, dated %" PRId64 " s after the service's clock",
          target_names[r->target], r->date - service_clock() / 1000);
    observer_request(&d->seen, r, job == NULL ? NULL : job->arn);
    if (r->target == CREATE_JOB) {
        d->op.first_sent =
            d->op.first_sent == NEVER ? world.now : d->op.first_sent;
    } else if (r->target == LIST_JOBS) {
        RULE(same_text(r->params.of[SOLUTION_VERSION_ARN],
                       d->op.params.of[SOLUTION_VERSION_ARN]),
             "a list for another solution version");
        RULE(service_page(r) == d->list.next, "a request for another page");
    }
}

/* Time that is up is not waited for, and all time is used before. */
static void check_patience(const struct device *d, uint64_t limit)
{
    const struct attempt *last = &d->seen.last;

    TRACE("device: the attempt ends%s", last->heard ? ", with a response" : "");
    RULE(last->heard || last->failure != SEGJOB_OK || d->seen.cancelled ||
             d->client.op.status != SEGJOB_TIMEOUT || world.now == limit,
         "an attempt is given up after %" PRIu64 " ms",
         world.now - last->begun);
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

static enum owner owner_of(const struct operation *op, const struct job *job)
{
    if (job == NULL) {
        return NOBODY;
    }
    if (job->creator == op->number) {
        return OURS;
    }
    if (!is_wanted(op, job)) {
        return OTHERS;
    }
    return is_older(op, job) ? OLD : SAME;
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
    RULE(i < MEMBERS && job != NULL &&
             !same_text(job->params.of[i], op->params.of[i]),
         "a conflict in a member that agrees");
}

static void check_creation(const struct device *d)
{
    const struct operation *op = &d->op;
    const struct job *job = service_find(op->params.of[JOB_NAME]);
    struct segjob_job reported;

    if (op->outcome == SEGJOB_CREATED && job != NULL) {
        RULE(is_wanted(op, job), "a job with other parameters is reported");
        RULE(!segjob_get_job(&d->client, &reported) ||
                 same_text(reported.batch_segment_job_arn,
                           segjob_cstr(job->arn)),
             "another job is reported");
    }
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
    const struct exchange *x = &d->link.x;
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
                 !service_lists(&d->link.x.request, &service.jobs[i]),
             "job %zu is not listed", i);
    }
}

static void check_list(struct device *d)
{
    const struct exchange *x = &d->link.x;
    struct segjob_job reported;

    RULE(!segjob_get_job(&d->client, &reported), "a list describes a job");
    if (d->op.status == SEGJOB_NO_SPACE) {
        RULE(segjob_get_error(&d->client)->size_needed > CLIENT_CAP,
             "a smaller buffer would do");
    }
    if (d->op.status != SEGJOB_OK) {
        return;
    }
    RULE(is_cause(&d->seen.last, GOOD), "a list without a page");
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

static void operation_ends(struct device *d, const struct step *s)
{
    struct operation *op = &d->op;
    const struct job *job = service_find(op->params.of[JOB_NAME]);

    op->ended = true;
    op->status = segjob_get_status(&d->client);
    op->outcome = segjob_get_outcome(&d->client);
    TRACE("device: operation %ld ends as %s, %s", op->number,
          segjob_status_name(op->status), outcome_names[op->outcome]);
    RULE(world.now <= d->seen.deadline,
         "it ends %" PRIu64 " ms after its deadline",
         world.now - d->seen.deadline);
    observer_end(&d->seen, s, owner_of(op, job), job == NULL ? NULL : job->arn);
    if (creates(&d->seen)) {
        check_creation(d);
    } else if (lists(&d->seen)) {
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

void rules_step(struct device *d, enum segjob_want before)
{
    struct observer *o = &d->seen;
    const uint64_t limit = attempt_limit(o, &o->x);
    const bool was_trying = o->trying;
    const struct step step = {
        .client = &d->client,
        .before = before,
        .now = world.now,
        .wake = link_time(&d->link, segjob_wake_ms(&d->client)),
        .random = d->link.random};

    if (d->op.ended) {
        return;
    }
    if (before == SEGJOB_WANT_SEND && d->link.x.offered && !d->link.x.checked) {
        d->link.x.checked = true;
        check_request(d);
    }
    if (was_trying) {
        RULE(world.now <= limit, "an attempt takes too long");
        see_attempt(d, before, segjob_get_want(&d->client));
    }
    observer_step(o, &step);
    if (was_trying && !o->trying) {
        d->op.sent += d->link.x.accepted > 0;
        d->must_refresh = d->must_refresh || is_cause(&o->last, EXPIRED);
        check_patience(d, limit);
    }
    if (segjob_get_want(&d->client) == SEGJOB_WANT_NOTHING) {
        operation_ends(d, &step);
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
