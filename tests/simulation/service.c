#include "service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SKEW_MAX_MS (5 * (int64_t)MINUTE)

struct service service;

/* A hash table of the jobs by name: 0, or an index plus 1. */
static uint32_t *slots;
static size_t slots_len, jobs_cap;

/* The burst that is left, in thousandths of a request, and since when. */
static uint64_t allowance, allowed_at;

/* ------------------------------------------------------------------- jobs */

static size_t slot_of(struct segjob_str name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)name.ptr[i]) * 16777619u;
    }
    hash &= (uint32_t)slots_len - 1;
    while (
        slots[hash] != 0 &&
        !same_text(service.jobs[slots[hash] - 1].params.of[JOB_NAME], name)) {
        hash = (hash + 1) & ((uint32_t)slots_len - 1);
    }
    return hash;
}

static void make_room(size_t cap)
{
    free(service.jobs);
    free(slots);
    for (slots_len = 16; slots_len < 2 * cap; slots_len *= 2) {
    }
    service.jobs = calloc(cap, sizeof(*service.jobs));
    slots = calloc(slots_len, sizeof(*slots));
    if (service.jobs == NULL || slots == NULL) {
        abort();
    }
    jobs_cap = cap;
}

void service_begin(size_t cap)
{
    struct job *jobs;

    if (cap > jobs_cap) {
        make_room(cap);
    }
    for (size_t i = 0; i < slots_len; i++) {
        slots[i] = 0;
    }
    jobs = service.jobs;
    memset(&service, 0, sizeof(service));
    service.jobs = jobs;
    allowance = 0;
    allowed_at = 0;
}

int64_t service_clock(void)
{
    return service.epoch_ms + (int64_t)world.now;
}

const struct job *service_find(struct segjob_str name)
{
    const size_t slot = slot_of(name);

    return slots[slot] == 0 ? NULL : &service.jobs[slots[slot] - 1];
}

static void copy_params(struct job *job, const struct params *params)
{
    size_t len = 0;

    job->params = *params;
    for (int i = 0; i < MEMBERS; i++) {
        struct segjob_str *s = &job->params.of[i];

        if (s->ptr == NULL) {
            continue;
        }
        if (s->len > sizeof(job->text) - len) {
            abort(); /* no parameters of the simulation are that long */
        }
        memcpy(job->text + len, s->ptr, s->len);
        s->ptr = job->text + len;
        len += s->len;
    }
}

struct job *service_create(const struct params *params, long creator,
                           int64_t created)
{
    const size_t slot = slot_of(params->of[JOB_NAME]);
    const struct segjob_str name = params->of[JOB_NAME];
    struct job *job = &service.jobs[service.jobs_len];
    const uint64_t from = created > 0 ? (uint64_t)created : 0;

    if (slots[slot] != 0 || service.jobs_len == jobs_cap ||
        sizeof(JOB_ARN_FRONT) + name.len > sizeof(job->arn)) {
        abort();
    }
    slots[slot] = (uint32_t)++service.jobs_len;
    copy_params(job, params);
    memcpy(job->arn, JOB_ARN_FRONT, sizeof(JOB_ARN_FRONT) - 1);
    memcpy(job->arn + sizeof(JOB_ARN_FRONT) - 1, name.ptr, name.len);
    job->arn[sizeof(JOB_ARN_FRONT) - 1 + name.len] = '\0';
    job->creator = creator;
    job->created = created;
    job->visible =
        created < 0 ? 0 : from + between(service.lag_min, service.lag_max);
    job->running = from + below(3 * MINUTE);
    job->final = job->running + below(5 * MINUTE);
    job->fails = chance(20);
    job->bulk = 0;
    TRACE("service: job %s is created by %ld, visible from %.3f", job->arn,
          creator, (double)job->visible / 1000);
    return job;
}

const char *job_status(const struct job *job, uint64_t at)
{
    if (at < job->running) {
        return job->running % 2 == 0 ? "PENDING" : "CREATE PENDING";
    }
    if (at < job->final) {
        return job->running % 2 == 0 ? "IN PROGRESS" : "CREATE IN_PROGRESS";
    }
    return job->fails ? "CREATE FAILED" : "ACTIVE";
}

bool job_is_final(const struct job *job, uint64_t at)
{
    return at >= job->final;
}

/* ---------------------------------------------------------------- replies */

static void refuse(struct reply *reply, int http, const char *code,
                   enum cause cause)
{
    reply->http = http;
    reply->code = code;
    reply->cause = cause;
}

/* The codes with which services refuse a date. */
static void refuse_date(struct reply *reply)
{
    static const char *const codes[] = {
        "SignatureDoesNotMatch", "InvalidSignatureException",
        "RequestTimeTooSkewed",  "RequestExpired",
        "RequestInTheFuture",    "AccessDeniedException",
        "AuthFailure",
    };
    const char *code = codes[below(LENGTH(codes))];

    refuse(reply, chance(50) ? 400 : 403, code, SKEWED);
}

static bool is_in_time(const struct request *r)
{
    const int64_t off = r->date * 1000 - service_clock();

    return off <= SKEW_MAX_MS && off >= -SKEW_MAX_MS;
}

/* Tokens are called token-0, token-1 ... */
static bool has_expired(const struct request *r)
{
    return r->token.len > 0 &&
           world.now >=
               service.expiry[(r->token.ptr[r->token.len - 1] - '0') % TOKENS];
}

static bool is_too_much(void)
{
    const uint64_t most = (uint64_t)service.burst * 1000;

    if (service.rate == 0) {
        return false;
    }
    allowance += (world.now - allowed_at) * service.rate;
    allowance = allowance > most || allowed_at == 0 ? most : allowance;
    allowed_at = world.now;
    if (allowance < 1000) {
        service.throttled++;
        return true;
    }
    allowance -= 1000;
    return false;
}

static void reply_to_create(const struct request *r, long creator,
                            struct reply *reply)
{
    if (service_find(r->params.of[JOB_NAME]) != NULL) {
        refuse(reply, 400, "ResourceAlreadyExistsException", FINAL);
    } else if (service.refuses != NULL) {
        refuse(reply, 400, service.refuses, service.refusal);
    } else {
        reply->job = service_create(&r->params, creator, (int64_t)world.now);
    }
}

static const struct job *find_by_arn(struct segjob_str arn)
{
    const size_t front = sizeof(JOB_ARN_FRONT) - 1;
    struct segjob_str name = arn;

    if (arn.len <= front || memcmp(arn.ptr, JOB_ARN_FRONT, front) != 0) {
        return NULL;
    }
    name.ptr += front;
    name.len -= front;
    return service_find(name);
}

static void reply_to_describe(const struct request *r, struct reply *reply)
{
    const struct job *job = find_by_arn(r->arn);

    if (service.hides) {
        refuse(reply, 400, "AccessDeniedException", SKEWED);
    } else if (job == NULL || world.now < job->visible) {
        refuse(reply, 400, "ResourceNotFoundException", FINAL);
    } else {
        reply->job = job;
    }
}

bool service_lists(const struct request *request, const struct job *job)
{
    const struct segjob_str wanted = request->params.of[SOLUTION_VERSION_ARN];

    return wanted.ptr == NULL ||
           same_text(wanted, job->params.of[SOLUTION_VERSION_ARN]);
}

/* The token of a page is where it begins. */
size_t service_page(const struct request *request)
{
    const char *token = request->next_token.ptr;

    return token == NULL ? 0 : (size_t)strtoul(token, NULL, 10);
}

static void reply_to_list(const struct request *r, struct reply *reply)
{
    size_t left = (size_t)strtoul(r->max_results.ptr, NULL, 10);
    size_t i = service_page(r);

    reply->is_page = true;
    reply->from = i;
    for (; i < service.jobs_len && left > 0; i++) {
        left -= service_lists(r, &service.jobs[i]);
    }
    reply->to = i;
    while (i < service.jobs_len && !service_lists(r, &service.jobs[i])) {
        i++;
    }
    reply->next = i < service.jobs_len ? i : 0;
}

void service_respond(const struct request *request, long creator,
                     struct reply *reply)
{
    memset(reply, 0, sizeof(*reply));
    reply->http = 200;
    service.requests++;
    if (!is_in_time(request)) {
        refuse_date(reply);
    } else if (has_expired(request)) {
        refuse(reply, 400, "ExpiredTokenException", EXPIRED);
    } else if (is_too_much()) {
        refuse(reply, 400, "ThrottlingException", THROTTLED);
    } else if (request->target == CREATE_JOB) {
        reply_to_create(request, creator, reply);
    } else if (request->target == LIST_JOBS) {
        reply_to_list(request, reply);
    } else {
        reply_to_describe(request, reply);
    }
}
