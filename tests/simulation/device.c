#include "device.h"

#include <stdlib.h>
#include <string.h>

#include "rules.h"

#define STEPS_MAX 5000 /* without any time passing */

/* The only tags that are asked for; simulation.c has them as JSON. */
static const struct segjob_tag tags[] = {
    {SEGJOB_STR_INIT("team"), SEGJOB_STR_INIT("films")},
    {SEGJOB_STR_INIT("cost"), SEGJOB_STR_INIT("")},
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

/* ------------------------------------------------------------- credentials */

static struct device *of_provider(const struct segjob_provider *p)
{
    return (struct device *)((uintptr_t)p - offsetof(struct device, provider));
}

/* Replace the session token if the service said that it has expired. */
static void refresh(struct device *d)
{
    static const char *const tokens[TOKENS] = {"token-0", "token-1", "token-2",
                                               "token-3"};

    if (d->must_refresh) {
        d->must_refresh = false;
        d->token = d->token + 1 < TOKENS ? d->token + 1 : d->token;
        d->credentials.session_token = segjob_cstr(tokens[d->token]);
    }
}

/* In the climate of this fault a source may fail for good, or hang. */
static bool is_bad_source(void)
{
    return weather.fault == NO_CREDENTIALS;
}

static uint64_t pick_supply_time(const struct exchange *x)
{
    const uint64_t most = is_bad_source() && chance(10) ? HOUR : SECOND;
    const bool is_slow = x->fault == NO_CREDENTIALS ? x->variant % 3 == 0
                                                    : chance(weather.others);

    return world.now + (is_slow ? below(most) : 0);
}

static enum segjob_io v_get(struct segjob_provider *p, struct segjob_port *port,
                            int64_t now, bool force_refresh,
                            const struct segjob_credentials **credentials)
{
    struct device *d = of_provider(p);
    struct exchange *x = &d->link.x;

    (void)port, (void)now;
    if (!d->seen.trying) {
        rules_attempt(d, force_refresh);
        d->supply_at = pick_supply_time(x);
    }
    if (world.now < d->supply_at) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    if (x->fault == NO_CREDENTIALS) {
        x->failure = is_bad_source() && x->variant % 16 == 0
                         ? SEGJOB_CREDENTIALS
                         : SEGJOB_CREDENTIALS_UNAVAILABLE;
        p->error.status = x->failure;
        p->error.message = "simulated";
        return SEGJOB_IO_FAILED;
    }
    refresh(d);
    *credentials = &d->credentials;
    return SEGJOB_IO_OK;
}

static void v_cancel(struct segjob_provider *p, struct segjob_port *port)
{
    (void)port;
    of_provider(p)->supply_at = 0;
}

static void v_wants(const struct segjob_provider *p,
                    const struct segjob_port *port, struct segjob_wants *wants)
{
    const struct device *d = of_provider(p);
    const uint64_t ms = link_ms(&d->link, d->supply_at);

    (void)port;
    wants->wake_ms = ms < wants->wake_ms ? ms : wants->wake_ms;
}

/* ------------------------------------------------------------------- steps */

static void cancel_in_time(struct device *d)
{
    if (d->cancel_in > 0 && --d->cancel_in == 0 && !d->op.ended) {
        TRACE("device: cancels");
        d->seen.cancelled = true;
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
        before = segjob_get_want(&d->client);
        d->status = segjob_step(&d->client, &d->port);
        rules_step(d, before);
        if (d->op.ended && !d->op.reported) {
            return true;
        }
        wants = segjob_get_wants(&d->client, &d->port);
        if (wants.wake_ms > link_ms(&d->link, world.now)) {
            turn_by(d, link_time(&d->link, wants.wake_ms));
            return false;
        }
    }
    RULE(false, "endless steps without any time passing");
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
        d->op.reported = true;
        d->ended(d);
        turn_by(d, world.now);
    }
}

/* ------------------------------------------------------------------- power */

void device_boot(struct device *d, uint64_t up, unsigned max_attempts)
{
    d->config = (struct segjob_config){.region = SEGJOB_STR("us-east-1"),
                                       .max_attempts = (uint8_t)max_attempts};
    link_boot(&d->link, up);
    d->link.wake = wake;
    memset(&d->port, 0, sizeof(d->port));
    d->port.stream = &d->link.stream;
    d->port.platform = &d->link.platform;
    d->port.provider = &d->provider;
    d->provider.get = v_get;
    d->provider.cancel = v_cancel;
    d->provider.wants = v_wants;
    observer_boot(&d->seen, max_attempts);
    d->turn_at = NEVER;
    d->cancel_in = 0;
    d->asleep_until = 0;
    d->op.ended = d->op.reported = true;
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

/* Shift what the device measures by its monotonic clock. */
static void wake_up(void *subject, uint64_t ms)
{
    struct device *d = subject;

    if (world.now != d->asleep_until) {
        return; /* it lost its power meanwhile */
    }
    TRACE("device: wakes up");
    d->link.ms_ahead -= (int64_t)ms;
    d->seen.x.begun += ms;
    d->seen.x.connected_at += ms;
    d->seen.pause_until += ms;
    d->seen.deadline += d->seen.deadline == NEVER ? 0 : ms;
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

static enum segjob_status start(struct device *d)
{
    struct operation *op = &d->op;

    switch (op->kind) {
    case CREATING:
        return segjob_create(&d->client, &op->request);
    case ENSURING:
        return segjob_ensure(&d->client, &op->request);
    case WAITING:
        return segjob_wait(&d->client, segjob_cstr(op->arn));
    case LISTING:
        return segjob_list(&d->client, op->params.of[SOLUTION_VERSION_ARN]);
    case LISTING_MORE:
        return segjob_list_more(&d->client);
    case DESCRIBING:
        break;
    }
    return segjob_describe(&d->client, segjob_cstr(op->arn));
}

void device_begin(struct device *d, const struct operation *op)
{
    d->op = *op;
    d->op.begun = world.now;
    d->op.first_sent = NEVER;
    d->link.creator = op->number;
    observer_begin(&d->seen, op->kind, &d->op.params, op->deadline);
    if (op->kind == CREATING || op->kind == ENSURING) {
        request_fill(&d->op.params, &d->op.request);
    }
    segjob_tick(&d->client, link_ms(&d->link, world.now));
    rules_started(d, start(d));
    if (d->op.deadline != NEVER && !d->op.ended) {
        RULE(segjob_set_deadline(
                 &d->client, link_ms(&d->link, d->op.deadline)) == SEGJOB_OK,
             "the deadline is rejected");
    }
    turn_by(d, world.now);
}

void device_poll(struct device *d, uint32_t ms)
{
    d->seen.session.poll_ms = ms > SECOND ? ms : (uint32_t)SECOND;
    segjob_set_poll_interval(&d->client, ms);
}

void device_cancel(struct device *d, unsigned steps)
{
    if (d->on && !d->op.ended) {
        d->cancel_in = 1 + steps;
        turn_by(d, world.now);
    }
}
