#include "segjob_source.h"

#include <string.h>

#include "sj_message.h"

/* A date that is wrong by less is no reason to refuse a request. */
#define CLOCK_SKEW_MIN_S UINT64_C(240)

static const struct segjob_credentials no_credentials = {
    .session_token = {NULL, 0}};

static struct segjob_source *as_source(struct segjob_provider *p)
{
    return (struct segjob_source *)p; /* its first member */
}

/* ----------------------------------------------------------------- memory */

/* Bytes of the buffer that a request and its response may use. */
static size_t room(const struct segjob_source *s)
{
    return s->cap - s->kept;
}

/* Initialize the client with the free part of the buffer. */
static bool begin_client(struct segjob_source *s)
{
    return segjob_init(&s->client, &s->config, s->buf, room(s)) == SEGJOB_OK;
}

/* Overwrite all but the credentials and what is kept before them. */
static void wipe_room(struct segjob_source *s)
{
    (void)begin_client(s);
    segjob_wipe(&s->client);
}

char *segjob_source_room(struct segjob_source *s, size_t *cap)
{
    *cap = begin_client(s) ? room(s) : 0;
    return s->buf;
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

/* The first span at or after `at` that is not empty, or NULL. */
static struct segjob_str *first_after(struct segjob_credentials *fetched,
                                      const char *at)
{
    struct segjob_str *const spans[] = {&fetched->access_key_id,
                                        &fetched->secret_access_key,
                                        &fetched->session_token};
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
 * Move the credentials from the response to the end of the buffer, over the old
 * ones. First they are moved together, so that none overwrites another.
 */
static void keep_credentials(struct segjob_source *s,
                             struct segjob_credentials *fetched)
{
    struct segjob_str *span;
    const char *at = s->buf;
    size_t len = 0;
    ptrdiff_t by;

    while ((span = first_after(fetched, at)) != NULL) {
        at = span->ptr + span->len;
        memmove(s->buf + len, span->ptr, span->len);
        span->ptr = s->buf + len;
        len += span->len;
    }
    by = (s->buf + s->cap - len) - s->buf;
    memmove(s->buf + by, s->buf, len);
    fetched->access_key_id.ptr += by;
    fetched->secret_access_key.ptr += by;
    if (fetched->session_token.len > 0) {
        fetched->session_token.ptr += by; /* absent stays absent */
    }
    s->credentials = *fetched;
    s->credentials_len = len;
}

/* ---------------------------------------------------------------- failures */

static void add_text(struct segjob_source *s, const char *text)
{
    sj_message_add(s->message, sizeof(s->message), text);
}

static void begin_message(struct segjob_source *s)
{
    s->message[0] = '\0';
    add_text(s, s->kind->name);
    add_text(s, ": ");
}

/* "EC2 instance metadata: cannot connect: Connection refused (111)" */
static void set_message(struct segjob_source *s, const struct segjob_port *port)
{
    const char *remedy = NULL;
    size_t at;

    begin_message(s);
    if (s->error != NULL) {
        add_text(s, s->error);
        return;
    }
    if (s->kind->remedy != NULL &&
        segjob_get_status(&s->client) == SEGJOB_SERVICE) {
        remedy = s->kind->remedy(s);
    }
    if (remedy != NULL) {
        add_text(s, remedy);
        add_text(s, ": ");
    }
    at = strlen(s->message);
    (void)segjob_run_explain(&s->client, port, s->message + at,
                             sizeof(s->message) - at);
}

/* Whether the request is to be retried, as one to the service would be. */
static bool may_retry(const struct segjob_source *s)
{
    if (s->error != NULL) {
        return s->failed == SEGJOB_CREDENTIALS_UNAVAILABLE;
    }
    switch ((int)segjob_get_status(&s->client)) {
    case SEGJOB_RESOLVE:
    case SEGJOB_CONNECT:
    case SEGJOB_TLS:
    case SEGJOB_CONNECTION_CLOSED:
    case SEGJOB_TIMEOUT:
        return !s->kind->may_be_absent || s->credentials_len > 0;
    case SEGJOB_SERVICE:
        return segjob_get_error(&s->client)->http_status >= 500 ||
               segjob_fetch_classify(&s->client) == SEGJOB_FETCH_TRANSIENT;
    default:
        return false;
    }
}

/* Set the provider's error after FAILED. */
static void explain(struct segjob_source *s, const struct segjob_port *port)
{
    const size_t size_needed = segjob_get_error(&s->client)->size_needed;

    set_message(s, port);
    if (size_needed > 0) {
        s->size_needed = size_needed + s->kept;
    }
    s->provider.error = (struct segjob_port_error){
        may_retry(s) ? SEGJOB_CREDENTIALS_UNAVAILABLE : SEGJOB_CREDENTIALS,
        s->message, 0};
}

/* ---------------------------------------------------------------- requests */

/* Start to send the request, or return FAILED if it cannot be sent. */
static enum segjob_io send_request(struct segjob_source *s,
                                   struct segjob_port *port)
{
    struct segjob_platform *p = port->platform;

    segjob_disconnect(port); /* an idle connection may be dead */
    s->step++;
    s->moved = true;
    return begin_client(s) && s->error == NULL &&
                   segjob_fetch(&s->client, &s->request, p->monotonic_ms(p),
                                s->kind->timeout_ms) == SEGJOB_PENDING
               ? SEGJOB_IO_WOULD_BLOCK
               : SEGJOB_IO_FAILED;
}

static enum segjob_io begin_request(struct segjob_source *s,
                                    struct segjob_port *port)
{
    const struct segjob_str none = {NULL, 0};

    memset(&s->request, 0, sizeof(s->request));
    (void)s->kind->next_request(s, none);
    return send_request(s, port);
}

static enum segjob_io fail_as(struct segjob_source *s, const char *error,
                              enum segjob_status failed)
{
    s->error = error != NULL ? error : "no credentials to sign with";
    s->failed = failed;
    return SEGJOB_IO_FAILED;
}

/* Whether the credentials that are to sign can be sent at all. */
static bool check_base(struct segjob_source *s)
{
    const struct segjob_str none = {NULL, 0};
    int64_t expiration;

    return s->base_credentials != NULL && begin_client(s) &&
           segjob_check_credentials(&s->client, s->base_credentials, none,
                                    &expiration) == SEGJOB_OK;
}

/* Get the credentials that sign the request, and then begin it. */
static enum segjob_io get_base(struct segjob_source *s,
                               struct segjob_port *port)
{
    const enum segjob_io io = s->base->get(
        s->base, port, s->now, s->base_is_expired, &s->base_credentials);

    s->awaits_base = io == SEGJOB_IO_WOULD_BLOCK;
    if (io == SEGJOB_IO_FAILED) {
        return fail_as(s, s->base->error.message, s->base->error.status);
    }
    if (io == SEGJOB_IO_OK) {
        return check_base(s) ? begin_request(s, port)
                             : fail_as(s,
                                       "the credentials to sign with cannot "
                                       "be used",
                                       SEGJOB_CREDENTIALS);
    }
    return io;
}

static enum segjob_status read_credentials(struct segjob_source *s, size_t len,
                                           struct segjob_credentials *fetched,
                                           int64_t *expiration)
{
    struct segjob_str text;

    if (s->kind->reader == NULL) {
        return segjob_read_credentials(&s->client, len, s->kind->format,
                                       fetched, expiration);
    }
    s->kind->reader->credentials(s->buf, len, fetched, &text);
    return segjob_check_credentials(&s->client, fetched, text, expiration);
}

enum segjob_io segjob_source_read(struct segjob_source *s, size_t len)
{
    struct segjob_credentials fetched;
    int64_t expiration;

    if (read_credentials(s, len, &fetched, &expiration) != SEGJOB_OK) {
        return SEGJOB_IO_FAILED;
    }
    s->expiration = expiration;
    s->is_expired = false;
    keep_credentials(s, &fetched);
    return SEGJOB_IO_OK;
}

static void read_error(struct segjob_source *s)
{
    const struct segjob_str body = segjob_fetched(&s->client);
    struct segjob_str code, message;

    if (s->kind->reader != NULL && body.ptr != NULL) {
        s->kind->reader->error(s->buf, body.len, &code, &message);
        if (code.ptr != NULL) { /* else core may have read one */
            segjob_fetch_set_error(&s->client, code, message,
                                   s->request.secret);
        }
    }
}

/* The sum; a clock that is beyond all dates stays as it is. */
static int64_t add_skew(int64_t unix_time, int64_t skew)
{
    return unix_time >= 0 && unix_time < INT64_MAX / 2 ? unix_time + skew
                                                       : unix_time;
}

/* Whether the date was wrong, by as much as matters: then it is corrected. */
static bool correct_clock(struct segjob_source *s, struct segjob_platform *p)
{
    int64_t skew, now;

    if (s->is_clock_corrected ||
        !segjob_fetched_clock_skew(&s->client, &skew)) {
        return false;
    }
    now = add_skew(p->wall_clock(p), skew);
    if ((uint64_t)now - (uint64_t)s->now + CLOCK_SKEW_MIN_S - 1 <
        2 * CLOCK_SKEW_MIN_S - 1) { /* unsigned: any time may be shown */
        return false;
    }
    s->is_clock_corrected = true;
    s->clock_skew_s = skew;
    s->now = now;
    return true;
}

/* What the error of a signed request says is mended once, and at once. */
static enum segjob_io resend(struct segjob_source *s, struct segjob_port *port)
{
    const bool had_expired = s->base_is_expired;

    s->kept = s->credentials_len;
    s->step = 0;
    switch (segjob_fetch_classify(&s->client)) {
    case SEGJOB_FETCH_SKEWED:
        return correct_clock(s, port->platform) ? begin_request(s, port)
                                                : SEGJOB_IO_FAILED;
    case SEGJOB_FETCH_EXPIRED:
        s->base_is_expired = s->base != NULL;
        return s->base_is_expired && !had_expired ? get_base(s, port)
                                                  : SEGJOB_IO_FAILED;
    case SEGJOB_FETCH_FINAL:
    case SEGJOB_FETCH_TRANSIENT:
    default:
        return SEGJOB_IO_FAILED;
    }
}

/* A response contains the credentials, or another request follows. */
static enum segjob_io resume_request(struct segjob_source *s,
                                     struct segjob_port *port)
{
    const enum segjob_status status = segjob_step(&s->client, port);
    const struct segjob_str fetched = segjob_fetched(&s->client);

    s->moved = port->moved;
    if (status == SEGJOB_PENDING) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    if (status == SEGJOB_SERVICE) {
        read_error(s);
        return s->kind->is_signed ? resend(s, port) : SEGJOB_IO_FAILED;
    }
    if (status != SEGJOB_OK) {
        return SEGJOB_IO_FAILED;
    }
    return s->kind->next_request(s, fetched)
               ? send_request(s, port)
               : segjob_source_read(s, fetched.len);
}

/* ---------------------------------------------------------------- provider */

static enum segjob_io begin(struct segjob_source *s, struct segjob_port *port)
{
    s->step = 0;
    s->size_needed = 0;
    s->error = NULL;
    s->failed = SEGJOB_CREDENTIALS;
    s->base_is_expired = false;
    s->is_clock_corrected = false;
    s->is_fetching = true;
    if (s->kind->way != NULL) {
        return s->kind->way->begin(s, port);
    }
    return s->base != NULL ? get_base(s, port) : begin_request(s, port);
}

static enum segjob_io resume(struct segjob_source *s, struct segjob_port *port)
{
    if (s->awaits_base) {
        return get_base(s, port);
    }
    return s->kind->way != NULL ? s->kind->way->resume(s, port)
                                : resume_request(s, port);
}

static void end(struct segjob_source *s, struct segjob_port *port)
{
    if (s->awaits_base) {
        s->base->cancel(s->base, port);
    }
    if (s->kind->way != NULL) {
        s->kind->way->end(s);
    } else {
        segjob_disconnect(port);
    }
    s->awaits_base = false;
    s->is_fetching = false;
    s->kept = s->credentials_len;
    wipe_room(s);
}

static bool is_valid(const struct segjob_source *s, int64_t now)
{
    return now < s->expiration;
}

static bool is_usable(const struct segjob_source *s)
{
    return s->credentials_len > 0 && !s->is_expired;
}

/* Whether the credentials are used without a new request. */
static bool is_fresh(const struct segjob_source *s, uint64_t now_ms,
                     int64_t now)
{
    return is_usable(s) && (now < s->expiration - SEGJOB_SOURCE_EARLY_S ||
                            now_ms < s->retry_ms);
}

/*
 * Set when the next request may follow. Without valid credentials that takes
 * longer, and a random time, since a whole fleet has none then.
 */
static void set_retry(struct segjob_source *s, struct segjob_platform *p,
                      int64_t now)
{
    uint64_t interval_ms = SEGJOB_SOURCE_RETRY_MS;
    uint32_t random = 0;

    if (!is_valid(s, now)) {
        (void)p->random(p, &random, sizeof(random));
        interval_ms = SEGJOB_SOURCE_EXPIRED_RETRY_MS +
                      (random * (uint64_t)SEGJOB_SOURCE_EXPIRED_RETRY_MS >> 32);
    }
    s->retry_ms = p->monotonic_ms(p) + interval_ms;
}

/* The time to sign: `now`, unless the source has corrected the clock. */
static int64_t service_time(const struct segjob_source *s,
                            struct segjob_platform *p, int64_t now)
{
    return s->clock_skew_s != 0 ? add_skew(p->wall_clock(p), s->clock_skew_s)
                                : now;
}

static enum segjob_io get(struct segjob_provider *p, struct segjob_port *port,
                          int64_t now, bool force_refresh,
                          const struct segjob_credentials **credentials)
{
    struct segjob_source *s = as_source(p);
    const uint64_t now_ms = port->platform->monotonic_ms(port->platform);
    enum segjob_io io;

    s->platform = port->platform;
    s->now = service_time(s, port->platform, now);
    *credentials = &s->credentials;
    s->is_expired = s->is_expired || force_refresh;
    if (s->is_fetching) {
        io = resume(s, port);
    } else if (is_fresh(s, now_ms, now)) {
        return SEGJOB_IO_OK;
    } else {
        set_retry(s, port->platform, now); /* for one that is cancelled */
        io = begin(s, port);
    }
    if (io == SEGJOB_IO_WOULD_BLOCK) {
        return io;
    }
    if (io == SEGJOB_IO_FAILED) {
        explain(s, port);
    }
    end(s, port);
    set_retry(s, port->platform, now);
    /* Old credentials are used on, whatever the clock says: the service
     * judges them. */
    return io == SEGJOB_IO_FAILED && is_usable(s) ? SEGJOB_IO_OK : io;
}

static void cancel(struct segjob_provider *p, struct segjob_port *port)
{
    end(as_source(p), port);
}

static void wants(const struct segjob_provider *p,
                  const struct segjob_port *port, struct segjob_wants *wants)
{
    const struct segjob_source *s = (const struct segjob_source *)p;
    struct segjob_platform *platform = port->platform;

    if (s->awaits_base) {
        s->base->wants(s->base, port, wants);
        return;
    }
    if (s->kind->way != NULL) {
        wants->wake_ms =
            platform->monotonic_ms(platform) + SEGJOB_SOURCE_POLL_MS;
        return;
    }
    *wants = segjob_get_wants(&s->client, port);
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
    begin_message(s);
    add_text(s, why);
    return SEGJOB_CONFIG;
}

/* Whether http:// to the host is allowed. */
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
    char line[SEGJOB_SOURCE_MESSAGE_MAX];

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
    s->credentials = no_credentials;
    s->credentials_len = 0;
    s->kept = 0;
    if (s->is_fetching && s->kind->way != NULL) {
        s->kind->way->end(s);
    }
    s->awaits_base = false;
    s->is_fetching = false;
    wipe_room(s);
}
