#include "segjob_source.h"

#include <string.h>

#include "sj_words.h"

static const struct segjob_credentials no_keys = {.session_token = {NULL, 0}};

static struct segjob_source *as_source(struct segjob_provider *p)
{
    return (struct segjob_source *)p; /* its first member */
}

/* ----------------------------------------------------------------- memory */

/* Bytes of the buffer that are free for a request and its answer. */
static size_t room(const struct segjob_source *s)
{
    return s->cap - s->kept;
}

/* Have the client begin anew in what is free. */
static bool begin_client(struct segjob_source *s)
{
    return segjob_init(&s->client, &s->config, s->buf, room(s)) == SEGJOB_OK;
}

/* Overwrite all but the keys, and what `kept` holds in front of them. */
static void wipe_room(struct segjob_source *s)
{
    (void)begin_client(s);
    segjob_wipe(&s->client);
}

struct segjob_str segjob_source_keep(struct segjob_source *s,
                                     struct segjob_str text)
{
    struct segjob_str kept = {NULL, 0};

    if (text.len <= room(s)) {
        s->kept += text.len;
        kept.ptr = s->buf + room(s);
        kept.len = text.len;
        memmove(s->buf + room(s), text.ptr, text.len);
    }
    return kept;
}

/* The span that stands first of those that are there and not moved yet. */
static struct segjob_str *first_behind(struct segjob_credentials *keys,
                                       const char *at)
{
    struct segjob_str *const spans[] = {
        &keys->access_key_id, &keys->secret_access_key, &keys->session_token};
    struct segjob_str *first = NULL;
    size_t i;

    for (i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        if (spans[i]->len > 0 && spans[i]->ptr >= at &&
            (first == NULL || spans[i]->ptr < first->ptr)) {
            first = spans[i];
        }
    }
    return first;
}

/*
 * Move the keys from the answer to the end of the buffer, over the old ones:
 * close together first, so that one cannot overwrite another.
 */
static void keep_keys(struct segjob_source *s, struct segjob_credentials *keys)
{
    struct segjob_str *span;
    const char *at = s->buf;
    size_t len = 0;
    ptrdiff_t by;

    while ((span = first_behind(keys, at)) != NULL) {
        at = span->ptr + span->len;
        memmove(s->buf + len, span->ptr, span->len);
        span->ptr = s->buf + len;
        len += span->len;
    }
    by = (s->buf + s->cap - len) - s->buf;
    memmove(s->buf + by, s->buf, len);
    keys->access_key_id.ptr += by;
    keys->secret_access_key.ptr += by;
    if (keys->session_token.len > 0) {
        keys->session_token.ptr += by; /* an absent one stays absent */
    }
    s->keys = *keys;
    s->keys_len = len;
}

/* ---------------------------------------------------------------- failures */

static void add_words(struct segjob_source *s, const char *text)
{
    sj_words_add(s->words, sizeof(s->words), text);
}

static void begin_words(struct segjob_source *s)
{
    s->words[0] = '\0';
    add_words(s, s->kind->name);
    add_words(s, ": ");
}

/* "EC2 instance metadata: cannot connect: Connection refused" */
static void say(struct segjob_source *s, const struct segjob_fault *fault)
{
    size_t at;

    begin_words(s);
    if (s->refusal != NULL) {
        add_words(s, s->refusal);
        return;
    }
    at = strlen(s->words);
    (void)segjob_explain(&s->client, s->words + at, sizeof(s->words) - at);
    if (fault->status == segjob_status(&s->client) && fault->text != NULL) {
        add_words(s, ": ");
        add_words(s, fault->text);
    }
}

/* Whether the same request may do better in a moment. */
static bool may_pass(const struct segjob_source *s)
{
    const int status = segjob_error(&s->client)->http_status;

    if (s->refusal != NULL) {
        return false;
    }
    switch ((int)segjob_status(&s->client)) {
    case SEGJOB_RESOLVE:
    case SEGJOB_CONNECT:
    case SEGJOB_TLS:
    case SEGJOB_CUT_OFF:
    case SEGJOB_TIMEOUT:
        return !s->kind->may_be_absent || s->keys_len > 0;
    case SEGJOB_SERVICE:
        return status == 429 || status >= 500;
    default:
        return false;
    }
}

static enum segjob_io fail(struct segjob_source *s, struct segjob_port *port)
{
    say(s, &port->fault);
    s->size_needed = segjob_error(&s->client)->size_needed;
    if (s->size_needed > 0) {
        s->size_needed += s->kept;
    }
    s->provider.fault = (struct segjob_fault){
        may_pass(s) ? SEGJOB_SOURCE : SEGJOB_CREDENTIALS, s->words,
        port->fault.status == segjob_status(&s->client) ? port->fault.code : 0};
    return SEGJOB_IO_FAILED;
}

/* ------------------------------------------------------------------ asking */

static void stop(struct segjob_source *s, struct segjob_port *port)
{
    segjob_disconnect(port);
    s->is_asking = false;
    s->kept = s->keys_len;
    wipe_room(s);
}

/* Send the request that was set up: SEGJOB_PENDING, or why it cannot be. */
static enum segjob_status ask(struct segjob_source *s, struct segjob_port *port)
{
    struct segjob_platform *p = port->platform;

    segjob_disconnect(port); /* a kept connection may be dead */
    s->step++;
    s->moved = true;
    if (!begin_client(s) || s->refusal != NULL) {
        return SEGJOB_CONFIG;
    }
    return segjob_fetch(&s->client, &s->request, p->monotonic_ms(p),
                        s->kind->timeout_ms);
}

static enum segjob_io begin(struct segjob_source *s, struct segjob_port *port)
{
    const struct segjob_str nothing = {NULL, 0};

    s->step = 0;
    s->size_needed = 0;
    s->refusal = NULL;
    memset(&s->request, 0, sizeof(s->request));
    (void)s->kind->turn(s, nothing);
    s->is_asking = true;
    return ask(s, port) == SEGJOB_PENDING ? SEGJOB_IO_WOULD_BLOCK
                                          : fail(s, port);
}

/* An answer is there: it is the credentials, or there is more to ask. */
static enum segjob_io answered(struct segjob_source *s,
                               struct segjob_port *port)
{
    struct segjob_credentials keys;
    int64_t expiration;

    if (s->kind->turn(s, segjob_fetched(&s->client))) {
        return ask(s, port) == SEGJOB_PENDING ? SEGJOB_IO_WOULD_BLOCK
                                              : fail(s, port);
    }
    if (segjob_fetched_credentials(&s->client, s->kind->form, &keys,
                                   &expiration) != SEGJOB_OK) {
        return fail(s, port);
    }
    s->expiration = expiration;
    s->is_refused = false;
    keep_keys(s, &keys);
    return SEGJOB_IO_OK;
}

static enum segjob_io go_on(struct segjob_source *s, struct segjob_port *port)
{
    const enum segjob_status status = segjob_step(&s->client, port);

    s->moved = port->moved;
    if (status == SEGJOB_PENDING) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    return status == SEGJOB_OK ? answered(s, port) : fail(s, port);
}

static bool is_valid(const struct segjob_source *s, int64_t now)
{
    return now < s->expiration;
}

static bool may_serve(const struct segjob_source *s)
{
    return s->keys_len > 0 && !s->is_refused;
}

/* Whether there is no need to ask now. */
static bool will_do(const struct segjob_source *s, uint64_t now_ms, int64_t now)
{
    return may_serve(s) && (now < s->expiration - SEGJOB_SOURCE_EARLY_S ||
                            now_ms < s->again_ms);
}

/*
 * Leave the source alone for a while: longer if it has no valid keys to give,
 * and for a random time, since a whole fleet waits for it then.
 */
static void set_again(struct segjob_source *s, struct segjob_platform *p,
                      int64_t now)
{
    uint64_t pause_ms = SEGJOB_SOURCE_AGAIN_MS;
    uint32_t random = 0;

    if (!is_valid(s, now)) {
        (void)p->random(p, &random, sizeof(random));
        pause_ms = SEGJOB_SOURCE_STALE_MS +
                   (random * (uint64_t)SEGJOB_SOURCE_STALE_MS >> 32);
    }
    s->again_ms = p->monotonic_ms(p) + pause_ms;
}

static enum segjob_io get(struct segjob_provider *p, struct segjob_port *port,
                          int64_t now, bool anew,
                          const struct segjob_credentials **credentials)
{
    struct segjob_source *s = as_source(p);
    const uint64_t now_ms = port->platform->monotonic_ms(port->platform);
    enum segjob_io io;

    *credentials = &s->keys;
    s->is_refused = s->is_refused || anew;
    if (s->is_asking) {
        io = go_on(s, port);
    } else if (will_do(s, now_ms, now)) {
        return SEGJOB_IO_OK;
    } else {
        set_again(s, port->platform, now); /* it may be cancelled */
        io = begin(s, port);
    }
    if (io == SEGJOB_IO_WOULD_BLOCK) {
        return io;
    }
    stop(s, port);
    set_again(s, port->platform, now);
    /* Old keys serve on, whatever the clocks say: the service will judge. */
    return io == SEGJOB_IO_FAILED && may_serve(s) ? SEGJOB_IO_OK : io;
}

static void cancel(struct segjob_provider *p, struct segjob_port *port)
{
    stop(as_source(p), port);
}

static void wants(const struct segjob_provider *p,
                  const struct segjob_port *port, struct segjob_wants *wants)
{
    const struct segjob_source *s = (const struct segjob_source *)p;

    *wants = segjob_wants(&s->client, port);
    if (s->moved) {
        wants->wake_ms = 0;
    }
}

void segjob_source_init(struct segjob_source *s,
                        const struct segjob_source_kind *kind,
                        const struct segjob_config *config, void *buf,
                        size_t cap)
{
    memset(s, 0, sizeof(*s));
    s->provider.get = get;
    s->provider.cancel = cancel;
    s->provider.wants = wants;
    s->kind = kind;
    s->config = *config;
    s->buf = buf;
    s->cap = cap;
}

enum segjob_status segjob_source_refuse(struct segjob_source *s,
                                        const char *why)
{
    begin_words(s);
    add_words(s, why);
    return SEGJOB_CONFIG;
}

/* Whether the host may be asked without TLS. */
static bool may_be_plain(const struct segjob_source *s)
{
    const struct segjob_str host = s->config.host;
    const char *const *text = s->kind->plain_hosts;

    for (; text != NULL && *text != NULL; text++) {
        if (host.len == strlen(*text) &&
            memcmp(host.ptr, *text, host.len) == 0) {
            return true;
        }
    }
    return segjob_is_loopback(host);
}

enum segjob_status segjob_source_check(struct segjob_source *s)
{
    char line[SEGJOB_SOURCE_WORDS];

    if (s->config.plain && !may_be_plain(s)) {
        return segjob_source_refuse(
            s, "http:// is for loopback and AWS's own addresses only");
    }
    if (begin_client(s)) {
        return SEGJOB_OK;
    }
    (void)segjob_explain(&s->client, line, sizeof(line));
    return segjob_source_refuse(s, line);
}

void segjob_source_wipe(struct segjob_source *s)
{
    s->keys = no_keys;
    s->keys_len = 0;
    s->kept = 0;
    s->is_asking = false;
    wipe_room(s);
}
