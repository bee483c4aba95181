#include "device.h"

#include <stdlib.h>
#include <string.h>

#include "rules.h"

#define STEPS_MAX 5000 /* without any time passing */

/* The one list of tags that is asked for, and as it stands in a request. */
static const struct segjob_tag tags[] = {
    {SEGJOB_STR("team"), SEGJOB_STR("films")},
    {SEGJOB_STR("cost"), SEGJOB_STR("")},
};

void request_fill(const struct params *params,
                  struct segjob_create_request *request)
{
    const struct segjob_str *of = params->of;

    memset(request, 0, sizeof(*request));
    request->job_name = of[JOB_NAME];
    request->solution_version_arn = of[SOLUTION_VERSION_ARN];
    request->filter_arn = of[FILTER_ARN];
    request->role_arn = of[ROLE_ARN];
    request->input.path = of[INPUT_PATH];
    request->input.kms_key_arn = of[INPUT_KMS_KEY_ARN];
    request->output.path = of[OUTPUT_PATH];
    request->output.kms_key_arn = of[OUTPUT_KMS_KEY_ARN];
    if (of[NUM_RESULTS].ptr != NULL) {
        request->has_num_results = true;
        request->num_results = (int32_t)strtol(of[NUM_RESULTS].ptr, NULL, 10);
    }
    if (of[TAGS].ptr != NULL) {
        request->tags = tags;
        request->tags_len = LENGTH(tags);
    }
}

/* ------------------------------------------------------------------- turns */

static struct device *of_link(struct link *l)
{
    return (struct device *)((uintptr_t)l - offsetof(struct device, link));
}

static void turn(void *subject, uint64_t stamp);

static void turn_by(struct device *d, uint64_t at)
{
    if (at < d->turn_at) {
        d->turn_at = at;
        world_at(at, turn, d, ++d->turn);
    }
}

static void wake(struct link *l)
{
    turn_by(of_link(l), world.now);
}

static void show(struct device *d)
{
    static const char *const tokens[TOKENS] = {"token-0", "token-1", "token-2",
                                               "token-3"};

    if (d->renews) {
        d->renews = false;
        d->token = d->token + 1 < TOKENS ? d->token + 1 : d->token;
        d->credentials.session_token = segjob_str(tokens[d->token]);
    }
}

static void cancel_in_time(struct device *d)
{
    if (d->cancel_in > 0 && --d->cancel_in == 0 && !d->op.ended) {
        TRACE("device: cancels");
        d->op.cancelled = true;
        segjob_cancel(&d->client);
    }
}

/* Step until time must pass, or the operation has ended. */
static bool step_on(struct device *d)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        enum segjob_want before;
        struct segjob_wants wants;

        cancel_in_time(d);
        before = segjob_want(&d->client);
        show(d);
        d->status = segjob_step(&d->client, &d->port);
        rules_step(d, before);
        if (d->op.ended && !d->op.told) {
            return true;
        }
        wants = segjob_wants(&d->client, &d->port);
        if (wants.wake_ms > link_ms(&d->link, world.now)) {
            turn_by(d, link_time(&d->link, wants.wake_ms));
            return false;
        }
    }
    RULE(false, "it goes on without any time passing");
    d->turn++;
    return false;
}

static void turn(void *subject, uint64_t stamp)
{
    struct device *d = subject;

    if (stamp != d->turn) {
        return;
    }
    d->turn_at = NEVER;
    if (world.now < d->asleep_until) {
        return;
    }
    if (step_on(d)) {
        d->op.told = true;
        d->ended(d);
        turn_by(d, world.now);
    }
}

/* ------------------------------------------------------------------- power */

void device_boot(struct device *d, uint64_t up)
{
    d->config = (struct segjob_config){.region = SEGJOB_STR("us-east-1")};
    link_boot(&d->link, up);
    d->link.wake = wake;
    memset(&d->port, 0, sizeof(d->port));
    d->port.stream = &d->link.stream;
    d->port.platform = &d->link.platform;
    d->port.credentials = &d->credentials;
    d->bucket = 500;
    d->last_cost = 0;
    d->correction = 0;
    d->has_candidate = false;
    d->poll_ms = MINUTE;
    d->turn_at = NEVER;
    d->cancel_in = 0;
    d->asleep_until = 0;
    d->op.ended = d->op.told = true;
    d->on = true;
    if (segjob_init(&d->client, &d->config, d->buf, sizeof(d->buf)) !=
        SEGJOB_OK) {
        abort();
    }
}

void device_die(struct device *d)
{
    d->on = false;
    d->asleep_until = 0;
    d->turn++;
    d->turn_at = NEVER;
    link_cut(&d->link);
    memset(&d->client, 0xa5, sizeof(d->client));
}

/* What the device times, begins so much later for it. */
static void wake_up(void *subject, uint64_t ms)
{
    struct device *d = subject;

    if (world.now != d->asleep_until) {
        return; /* its power was lost meanwhile */
    }
    TRACE("device: wakes up");
    d->link.ms_ahead -= (int64_t)ms;
    d->link.x.begun += ms;
    d->link.x.connected_at += ms;
    d->op.pause_until += ms;
    d->op.deadline += d->op.deadline == NEVER ? 0 : ms;
    turn_by(d, world.now);
}

void device_sleep(struct device *d, uint64_t ms)
{
    if (!d->on || d->op.ended || world.now < d->asleep_until) {
        return;
    }
    TRACE("device: sleeps for %.3f s", (double)ms / 1000);
    d->asleep_until = world.now + ms;
    world_at(d->asleep_until, wake_up, d, ms);
}

/* -------------------------------------------------------------- operations */

static enum segjob_status take_on(struct device *d)
{
    struct operation *op = &d->op;

    switch (op->kind) {
    case CREATING:
        return segjob_create(&d->client, &op->request);
    case ENSURING:
        return segjob_ensure(&d->client, &op->request);
    case WAITING:
        return segjob_wait(&d->client, segjob_str(op->arn));
    case DESCRIBING:
        break;
    }
    return segjob_describe(&d->client, segjob_str(op->arn));
}

void device_begin(struct device *d, const struct operation *op)
{
    d->op = *op;
    d->op.begun = world.now;
    d->op.first_sent = NEVER;
    d->link.maker = op->number;
    d->last_cost = 0;
    if (op->kind == CREATING || op->kind == ENSURING) {
        request_fill(&d->op.params, &d->op.request);
    }
    segjob_tick(&d->client, link_ms(&d->link, world.now));
    rules_taken_on(d, take_on(d));
    if (d->op.deadline != NEVER) {
        segjob_set_deadline(&d->client, link_ms(&d->link, d->op.deadline));
    }
    turn_by(d, world.now);
}

void device_poll(struct device *d, uint32_t ms)
{
    d->poll_ms = ms > SECOND ? ms : SECOND;
    segjob_set_poll_interval(&d->client, ms);
}

void device_cancel(struct device *d, unsigned steps)
{
    if (d->on && !d->op.ended) {
        d->cancel_in = 1 + steps;
        turn_by(d, world.now);
    }
}
