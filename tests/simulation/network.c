#include "network.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "response.h"

#define HOST "personalize.us-east-1.amazonaws.com"

/* Nothing is silent for longer. */
#define LONG (2 * HOUR)

const char *const fault_names[FAULTS] = {
#define FAULT_NAME(name, text) text,
    FAULT_LIST(FAULT_NAME)
#undef FAULT_NAME
};

struct weather weather;

/* A request under way. */
struct flight {
    struct flight *next; /* in the list of unused ones */
    struct link *link;
    uint64_t serial; /* of the connection that waits for the response */
    long creator;
    struct manner manner;
    size_t len;
    char bytes[REQUEST_CAP];
};

static struct flight *flights, *unused_flights;
static size_t flights_cap;
static uint64_t serials;

/* Few requests of a device are under way: late ones of few operations. */
#define FLIGHTS_EACH 64

void network_begin(size_t links)
{
    const size_t cap = links == 1 ? FLIGHTS_EACH : links + links / 2;

    if (cap > flights_cap) {
        free(flights);
        flights = malloc(cap * sizeof(*flights));
        flights_cap = cap;
        if (flights == NULL) {
            abort();
        }
    }
    for (size_t i = 0; i < flights_cap; i++) {
        flights[i].next = i + 1 < flights_cap ? &flights[i + 1] : NULL;
    }
    unused_flights = flights;
    memset(&weather, 0, sizeof(weather));
}

static struct link *of_stream(const struct segjob_stream *s)
{
    return (struct link *)((uintptr_t)s - offsetof(struct link, stream));
}

static struct link *of_platform(const struct segjob_platform *p)
{
    return (struct link *)((uintptr_t)p - offsetof(struct link, platform));
}

/* --------------------------------------------------------------- platform */

uint64_t link_ms(const struct link *l, uint64_t at)
{
    return at + (uint64_t)l->ms_ahead;
}

uint64_t link_time(const struct link *l, uint64_t ms)
{
    return ms == NEVER ? NEVER : ms - (uint64_t)l->ms_ahead;
}

static int64_t v_wall_clock(struct segjob_platform *p)
{
    const int64_t ms = service_clock() + of_platform(p)->wall_offset_ms;

    return ms / 1000 - (ms % 1000 < 0);
}

static uint64_t v_monotonic_ms(struct segjob_platform *p)
{
    return link_ms(of_platform(p), world.now);
}

static bool v_random(struct segjob_platform *p, void *bytes, size_t n)
{
    struct link *l = of_platform(p);

    if (n != sizeof(l->random)) {
        return false;
    }
    l->random = l->steady ? UINT32_MAX : any_number();
    memcpy(bytes, &l->random, n);
    return true;
}

/* Before an attempt has credentials, the runner only probes a connection. */
static void note_failure(struct link *l, enum segjob_status status)
{
    if (l->x.supplied) {
        l->x.failure = status;
        l->x.dead = l->x.offered && l->out_taken == 0;
    }
}

static enum segjob_io fail(struct link *l, struct segjob_port_error *fault,
                           enum segjob_status status)
{
    note_failure(l, status);
    fault->status = status;
    fault->message = "so it happened";
    return SEGJOB_IO_FAILED;
}

static bool is_dark(void)
{
    return world.now >= weather.dark_from && world.now < weather.dark_until;
}

static enum segjob_io v_resolve(struct segjob_platform *p, const char *host,
                                struct segjob_address *addresses, size_t cap,
                                size_t *len)
{
    struct link *l = of_platform(p);
    const bool fails = l->x.fault == NO_ADDRESS;

    RULE(strcmp(host, HOST) == 0 && cap > 0, "another host is resolved");
    if (l->resolved_at == 0) {
        l->resolved_at = world.now + (chance(95) ? 0 : below(2 * SECOND));
        l->resolved_at += fails && l->x.variant % 4 == 0 ? LONG : 0;
    }
    if (world.now < l->resolved_at) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    l->resolved_at = 0;
    if (fails) {
        return fail(l, &p->error, SEGJOB_RESOLVE);
    }
    memset(addresses, 0, sizeof(*addresses));
    *len = 1;
    return SEGJOB_IO_OK;
}

static void v_resolve_cancel(struct segjob_platform *p)
{
    of_platform(p)->resolved_at = 0;
}

/* ------------------------------------------------------------- connecting */

static enum segjob_io connect_badly(struct link *l)
{
    static const enum segjob_status handshakes[] = {
        SEGJOB_TLS, SEGJOB_CONNECTION_CLOSED, SEGJOB_TIMEOUT};

    if (l->x.fault == NO_CONNECTION || is_dark()) {
        return fail(l, &l->stream.error, SEGJOB_CONNECT);
    }
    return fail(l, &l->stream.error,
                l->x.variant % 16 == 0
                    ? SEGJOB_CERTIFICATE
                    : handshakes[l->x.variant % LENGTH(handshakes)]);
}

static enum segjob_io v_open(struct segjob_stream *s,
                             const struct segjob_peer *peer)
{
    struct link *l = of_stream(s);
    const bool fails =
        l->x.fault == NO_CONNECTION || l->x.fault == NO_HANDSHAKE || is_dark();

    RULE(peer->port == 443, "a connection to another port");
    if (l->opened_at == 0) {
        l->serial = ++serials;
        l->opened_at = world.now + between(1, 200);
        l->opened_at += fails && l->x.variant % 3 == 0 ? LONG : 0;
    }
    if (world.now < l->opened_at) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    l->opened_at = 0;
    if (fails) {
        return connect_badly(l);
    }
    l->open = true;
    l->used = false;
    l->x.failure = SEGJOB_OK; /* a kept connection may have failed */
    l->surplus = false;
    l->out_len = l->out_taken = 0;
    l->ends_at = NEVER;
    l->gone_at = NEVER;
    return SEGJOB_IO_OK;
}

static void v_close(struct segjob_stream *s)
{
    struct link *l = of_stream(s);

    l->open = false;
    l->opened_at = 0;
    l->serial = 0;
}

void link_boot(struct link *l, uint64_t up)
{
    l->ms_ahead = (int64_t)up - (int64_t)world.now;
}

void link_cut(struct link *l)
{
    v_close(&l->stream);
    l->resolved_at = 0;
}

/* ---------------------------------------------------------------- sending */

static void end_connection(struct link *l, uint64_t at, bool well)
{
    if (at < l->ends_at) {
        l->ends_at = at;
        l->ends_well = well;
    }
}

/* The connection stays, but silent for long. */
static void fall_silent(struct link *l)
{
    end_connection(l, world.now + LONG, false);
}

static void arrive(void *subject, uint64_t stamp);

static struct flight *take_flight(void)
{
    struct flight *f = unused_flights;

    if (f == NULL) {
        abort();
    }
    unused_flights = f->next;
    return f;
}

static void launch(const struct link *l, uint64_t after, bool is_awaited)
{
    struct flight *f = take_flight();

    f->link = (struct link *)(uintptr_t)l;
    f->serial = is_awaited ? l->serial : 0;
    f->creator = l->creator;
    f->manner = (struct manner){l->x.fault, l->x.variant};
    f->len = l->bytes_len;
    memcpy(f->bytes, l->bytes, l->bytes_len);
    world_at(world.now + after, arrive, f, 0);
}

static uint64_t lateness(void)
{
    static const uint64_t most[] = {SECOND, 10 * SECOND, MINUTE, 6 * MINUTE};

    return 1 + below(most[below(LENGTH(most))]);
}

/* The request has left: it travels, unless it is lost. */
static void send_off(struct link *l)
{
    const bool is_slow = l->x.fault == STALL && l->x.variant % 2 == 0;
    const uint64_t travel = between(1, is_slow ? 15 * SECOND : 100);

    l->used = true;
    if (is_dark() || world.now >= l->gone_at || l->x.fault == LOST) {
        fall_silent(l);
        if (l->x.variant % 2 == 0) {
            end_connection(l, world.now + between(1, 20000), false);
        }
    } else if (l->ends_at <= world.now + travel) {
        if (l->x.variant % 4 == 0) {
            launch(l, travel,
                   false); /* the peer reads it, and closes all the same */
        }
    } else if (l->x.fault == LATE ||
               (l->x.fault == TWICE && l->x.variant / 4 % 2 == 0)) {
        if (l->x.fault == TWICE) {
            launch(l, lateness(), false);
        }
        launch(l, lateness(), false);
        fall_silent(l);
        if (l->x.variant % 4 != 0) {
            end_connection(l, world.now + travel, l->x.variant % 4 == 1);
        }
    } else if (l->x.fault == UNREAD) {
        end_connection(l, world.now + travel, l->x.variant % 2 == 0);
    } else {
        launch(l, travel, true);
    }
}

static size_t arrived(const struct link *l);

/* The first send of a request offers all of it. */
static void take_offer(struct link *l, const char *bytes, size_t n)
{
    RULE(!l->surplus && arrived(l) == l->out_taken,
         "a connection with surplus bytes is used again");
    RULE(world.now < l->ends_at, "a connection that has ended is used again");
    if (n > sizeof(l->bytes)) {
        abort();
    }
    memcpy(l->bytes, bytes, n);
    l->bytes_len = n;
    l->out_len = l->out_taken = l->out_response = 0;
    l->x.offered = true;
    l->busy_until = 0;
    RULE(request_read((struct segjob_str){l->bytes, n}, &l->x.request),
         "the request cannot be read");
}

static enum segjob_io v_send(struct segjob_stream *s, const void *bytes,
                             size_t n, size_t *sent)
{
    struct link *l = of_stream(s);

    if (!l->x.offered) {
        take_offer(l, bytes, n);
    }
    RULE(n == l->bytes_len - l->x.accepted &&
             memcmp(bytes, l->bytes + l->x.accepted, n) == 0,
         "a request changes while it is sent");
    if (world.now < l->busy_until) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    if ((world.now >= l->ends_at && !l->ends_well) ||
        (l->x.fault == SEND_BREAKS && l->x.variant % n < 200)) {
        return fail(l, &s->error, SEGJOB_CONNECTION_CLOSED);
    }
    *sent = l->x.fault == SEND_BREAKS || chance(10) ? (size_t)between(1, n) : n;
    l->x.accepted += *sent;
    if (*sent == n) {
        send_off(l);
    } else if (chance(weather.others)) {
        l->busy_until = world.now + below(chance(90) ? SECOND : 30 * SECOND);
    }
    return SEGJOB_IO_OK;
}

/* -------------------------------------------------------------- responding */

/* A kept connection breaks some time later, in one of three ways. */
static void let_die(struct link *l, uint64_t from, unsigned variant)
{
    const uint64_t at = from + below(variant % 2 == 0 ? 100 : 20 * SECOND);

    if (variant % 3 == 0) {
        l->gone_at = at;
    } else {
        end_connection(l, at, variant % 3 == 1);
    }
}

/* When the bytes of the response arrive. */
static void pace(struct link *l, const struct manner *m)
{
    l->out_at = world.now + between(1, 100);
    l->out_step = l->out_len;
    l->out_every = 1;
    if (m->fault == STALL && m->variant % 2 == 1) {
        l->out_at += below(m->variant % 4 == 1 ? HOUR : 30 * SECOND);
    } else if (m->fault == DRIP) {
        l->out_step = m->variant % 4 == 0 ? 1 + m->variant / 4 % 20 : 1;
        l->out_every = m->variant % 3 == 0 ? 10 : SECOND;
    } else if (m->fault == DOUBLE && m->variant % 2 == 0) {
        l->out_step = l->out_response; /* the second one comes later */
        l->out_every = 1 + below(2 * SECOND);
    } else if (m->fault != DOUBLE && chance(30)) {
        l->out_step = (size_t)between(1 + l->out_len / 5, l->out_len);
        l->out_every = below(300) + 1;
    }
}

static uint64_t last_byte_at(const struct link *l)
{
    return l->out_at + (l->out_len - 1) / l->out_step * l->out_every;
}

static void shape(struct link *l, const struct manner *m)
{
    const size_t len = l->out_len;
    uint64_t last;

    if (m->fault == CUT) {
        l->out_len = m->variant % (len - 1) + 1;
    } else if (m->fault == DOUBLE && !l->until_close && len == l->out_stored &&
               2 * len <= sizeof(l->out)) {
        memcpy(l->out + len, l->out, len);
        l->out_stored = 2 * len;
        l->out_len = len + m->variant % len + 1;
    }
    pace(l, m);
    last = last_byte_at(l);
    if (l->until_close && (l->ends_at < last || m->fault == CUT)) {
        l->ends_well = false; /* a proper end would be the body's */
        end_connection(l, last, false);
    } else if (m->fault == CUT) {
        end_connection(l, last, m->variant % 3 == 0);
    } else if (l->closes) {
        end_connection(l, last, l->until_close || chance(80));
    } else if (m->fault == DYING) {
        let_die(l, last, m->variant);
    }
}

static void respond(struct link *l, const struct manner *m,
                    const struct reply *reply)
{
    if (m->fault == NO_RESPONSE) {
        end_connection(l, world.now + between(1, 100), m->variant % 2 == 0);
        return;
    }
    l->x.reply = *reply;
    l->x.replied_at = world.now;
    response_write(l, m, reply);
    shape(l, m);
}

/* The same request arrives once more. */
static void launch_copy(const struct flight *f)
{
    struct flight *copy = take_flight();

    *copy = *f;
    copy->serial = 0;
    world_at(world.now + lateness(), arrive, copy, 0);
}

static void arrive(void *subject, uint64_t stamp)
{
    struct flight *f = subject;
    struct request request;
    struct reply reply = {.http = 0};

    (void)stamp;
    if (!response_instead(&f->manner, &reply)) {
        request_read((struct segjob_str){f->bytes, f->len}, &request);
        service_respond(&request, f->creator, &reply);
        TRACE("service: %s of operation %ld gets %d %s",
              target_names[request.target], f->creator, reply.http,
              reply.code == NULL ? "" : reply.code);
        response_spoil(&f->manner, &reply);
    }
    if (f->manner.fault == TWICE && f->serial != 0 && reply.http == 200) {
        launch_copy(f);
    }
    if (f->serial != 0 && f->serial == f->link->serial) {
        TRACE("network: the response is %d %s", reply.http,
              reply.code == NULL ? "" : reply.code);
        respond(f->link, &f->manner, &reply);
        f->link->wake(f->link);
    }
    f->next = unused_flights;
    unused_flights = f;
}

/* --------------------------------------------------------------- receiving */

static size_t arrived(const struct link *l)
{
    const uint64_t at = world.now < l->ends_at ? world.now : l->ends_at;
    uint64_t steps;

    if (l->out_len == 0 || at < l->out_at) {
        return 0;
    }
    steps = 1 + (at - l->out_at) / l->out_every;
    return steps > l->out_len / l->out_step ? l->out_len
                                            : (size_t)steps * l->out_step;
}

/* Bytes after the stored ones are blanks. */
static void copy_out(struct link *l, char *room, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        room[i] = l->out_taken < l->out_stored ? l->out[l->out_taken] : ' ';
        l->out_taken++;
    }
}

static enum segjob_io v_recv(struct segjob_stream *s, void *room, size_t n,
                             size_t *received)
{
    struct link *l = of_stream(s);
    const size_t there = arrived(l) - l->out_taken;

    if (there > 0) {
        *received = there < n ? there : n;
        copy_out(l, room, *received);
        l->surplus = l->out_taken > l->out_response;
        l->x.heard =
            l->x.offered && l->out_taken >= l->out_response && !l->until_close;
        return SEGJOB_IO_OK;
    }
    if (world.now < l->ends_at) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    if (!l->ends_well) {
        return fail(l, &s->error, SEGJOB_CONNECTION_CLOSED);
    }
    note_failure(l, SEGJOB_CONNECTION_CLOSED);
    l->x.heard =
        l->x.offered && l->out_len > 0 && l->out_taken >= l->out_response;
    return SEGJOB_IO_CLOSED;
}

static void lower(uint64_t *wake, uint64_t at)
{
    if (at > world.now && at < *wake) {
        *wake = at;
    }
}

static void v_wants(const struct segjob_stream *s, struct segjob_wants *wants)
{
    const struct link *l = of_stream(s);
    uint64_t wake = NEVER;

    lower(&wake, l->opened_at);
    lower(&wake, l->busy_until);
    if (l->open) {
        lower(&wake, l->ends_at);
    }
    if (l->open && l->out_taken < l->out_len) {
        lower(&wake, l->out_at + l->out_taken / l->out_step * l->out_every);
    }
    if (wake != NEVER && link_ms(l, wake) < wants->wake_ms) {
        wants->wake_ms = link_ms(l, wake);
    }
}

/* ------------------------------------------------------------------- links */

/* Refusals and wrong ARNs occur only in their own climates. */
static enum fault any_fault(void)
{
    const enum fault fault = (enum fault)between(NO_FAULT + 1, FAULTS - 1);

    return fault == REFUSAL || fault == FOREIGN ? NO_FAULT : fault;
}

static enum fault next_fault(void)
{
    if (chance(weather.percent)) {
        return weather.fault == NO_FAULT ? any_fault() : weather.fault;
    }
    return chance(weather.others) ? any_fault() : NO_FAULT;
}

void link_attempt(struct link *l)
{
    const enum fault fault = next_fault();
    const unsigned variant = any_number() >> 8;

    l->x = (struct exchange){.fault = fault, .variant = variant};
}

void link_init(struct link *l)
{
    memset(l, 0, sizeof(*l) - sizeof(l->out) - sizeof(l->bytes));
    l->stream.open = v_open;
    l->stream.send = v_send;
    l->stream.recv = v_recv;
    l->stream.close = v_close;
    l->stream.wants = v_wants;
    l->platform.wall_clock = v_wall_clock;
    l->platform.monotonic_ms = v_monotonic_ms;
    l->platform.random = v_random;
    l->platform.resolve = v_resolve;
    l->platform.resolve_cancel = v_resolve_cancel;
}
