#define _XOPEN_SOURCE 700

#include "watch.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "output.h"
#include "text.h"

/* A program has one of these, since a signal handler can be given none. */
static struct watch {
    struct segjob_stream stream;
    struct segjob_stream *lower;
    enum segjob_io (*resolve)(struct segjob_platform *p, const char *host,
                              struct segjob_address *addresses, size_t cap,
                              size_t *len);
    uint64_t deadline_ms;
    bool opening;
} watch;

/* What is known about the job; a handler can only write it. */
static const char *volatile job = "";

void watch_job(const char *message)
{
    job = message;
}

static void put(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0) {
        return; /* nobody reads it */
    }
}

/* In a signal handler: a line, with what is known of the job. */
static void put_end(const char *line)
{
    put(live_end());
    put(line);
    put(job);
    put("\n");
}

static void on_end(int signal_number)
{
    static volatile sig_atomic_t is_reported;

    if (!is_reported) { /* else the first one is still writing */
        is_reported = true;
        put_end(signal_number == SIGINT    ? "segjob: interrupted"
                : signal_number == SIGTERM ? "segjob: terminated"
                                           : "segjob: hung up");
    }
    end_by(signal_number);
}

static void on_alarm(int signal_number)
{
    (void)signal_number;
    put_end("segjob: time ran out while resolving the host name");
    _exit(EXIT_OTHER);
}

static void handle(int signal_number, void (*handler)(int))
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = handler;
    action.sa_flags = SA_NODEFER; /* it may come again meanwhile */
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

void watch_signals(void)
{
    static const int ends[] = {SIGHUP, SIGINT, SIGTERM};
    struct sigaction action;

    handle(SIGPIPE, SIG_IGN);
    handle(SIGXFSZ, SIG_IGN);
    handle(SIGCHLD, SIG_DFL); /* ignored, it hides exit statuses */
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (sigaction(ends[i], NULL, &action) == 0 &&
            action.sa_handler != SIG_IGN) {
            handle(ends[i], on_end);
        }
    }
}

/* Raise SIGALRM in `ms` milliseconds; 0 cancels that. */
static void set_alarm(uint64_t ms)
{
    struct itimerval timer;

    memset(&timer, 0, sizeof(timer));
    timer.it_value.tv_sec = (time_t)(ms / 1000);
    timer.it_value.tv_usec = (suseconds_t)(ms % 1000 * 1000);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void debug_address(const struct segjob_address *address)
{
    const uint8_t *b = address->bytes;
    char text[48] = "";

    if (!address->is_ipv6) {
        debug("address %u.%u.%u.%u", b[0], b[1], b[2], b[3]);
        return;
    }
    for (size_t i = 0; i < sizeof(address->bytes); i += 2) {
        text_format(text + strlen(text), 6, "%s%x", i > 0 ? ":" : "",
                    256u * b[i] + b[i + 1]);
    }
    debug("address %s", text);
}

static void debug_addresses(const struct segjob_address *addresses, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        debug_address(&addresses[i]);
    }
}

static enum segjob_io watched_resolve(struct segjob_platform *p,
                                      const char *host,
                                      struct segjob_address *addresses,
                                      size_t cap, size_t *len)
{
    const uint64_t now = now_ms();
    enum segjob_io io;

    debug("resolving %s", host);
    handle(SIGALRM, on_alarm);
    set_alarm(watch.deadline_ms > now ? watch.deadline_ms - now : 1);
    io = watch.resolve(p, host, addresses, cap, len);
    set_alarm(0);
    if (io == SEGJOB_IO_OK) {
        debug_addresses(addresses, *len);
    }
    return io;
}

/* Return the lower stream's result, with its error as this stream's. */
static enum segjob_io passed_on(enum segjob_io io)
{
    if (io == SEGJOB_IO_FAILED) {
        watch.stream.error = watch.lower->error;
    }
    return io;
}

static enum segjob_io watched_open(struct segjob_stream *s,
                                   const struct segjob_peer *peer)
{
    enum segjob_io io;

    (void)s;
    if (!watch.opening) {
        watch.opening = true;
        debug("connecting to %s port %u", peer->host, (unsigned)peer->port);
    }
    io = passed_on(watch.lower->open(watch.lower, peer));
    if (io == SEGJOB_IO_OK) {
        debug("connected, and the certificate is verified");
    }
    return io;
}

/*
 * The operation of a request, from the bytes at its beginning. No body can
 * contain the text before it, so that nothing of a body is shown.
 */
static struct segjob_str operation(const char *bytes, size_t n)
{
    static const char before[] = "\r\nX-Amz-Target: AmazonPersonalize.";
    const size_t len = sizeof(before) - 1;
    struct segjob_str name = {"more", 4};

    for (size_t i = 0; i + len < n; i++) {
        if (memcmp(bytes + i, before, len) == 0) {
            name.ptr = bytes + i + len;
            name.len = 0;
            while (i + len + name.len < n && name.ptr[name.len] != '\r') {
                name.len++;
            }
            break;
        }
    }
    return name;
}

static enum segjob_io watched_send(struct segjob_stream *s, const void *bytes,
                                   size_t n, size_t *sent)
{
    struct segjob_str name;
    enum segjob_io io;

    (void)s;
    io = passed_on(watch.lower->send(watch.lower, bytes, n, sent));
    if (io == SEGJOB_IO_OK) {
        name = operation(bytes, *sent);
        debug("sent %lu bytes: %.*s", (unsigned long)*sent, (int)name.len,
              name.ptr);
    }
    return io;
}

/* The length of "HTTP/1.1 200", if the bytes begin a response. */
static int status_len(const char *bytes, size_t n)
{
    static const char line[] = "HTTP/1.1 200";

    return n >= sizeof(line) && memcmp(bytes, line, 5) == 0
               ? (int)sizeof(line) - 1
               : 0;
}

static enum segjob_io watched_recv(struct segjob_stream *s, void *room,
                                   size_t n, size_t *received)
{
    enum segjob_io io;
    int len;

    (void)s;
    io = passed_on(watch.lower->recv(watch.lower, room, n, received));
    if (io == SEGJOB_IO_OK) {
        len = status_len(room, *received);
        debug("received %lu bytes%s%.*s", (unsigned long)*received,
              len ? ": " : "", len, (const char *)room);
    } else if (io == SEGJOB_IO_CLOSED) {
        debug("the service closed the connection");
    }
    return io;
}

static void watched_close(struct segjob_stream *s)
{
    (void)s;
    watch.opening = false;
    watch.lower->close(watch.lower);
}

static void watched_wants(const struct segjob_stream *s,
                          struct segjob_wants *wants)
{
    (void)s;
    watch.lower->wants(watch.lower, wants);
}

static const char *watched_via(const struct segjob_stream *s, const char *host)
{
    (void)s;
    return watch.lower->via ? watch.lower->via(watch.lower, host) : NULL;
}

void watch_deadline(uint64_t deadline_ms)
{
    watch.deadline_ms = deadline_ms;
}

void watch_begin(struct segjob_port *port)
{
    watch.lower = port->stream;
    watch.resolve = port->platform->resolve;
    watch.stream = (struct segjob_stream){.open = watched_open,
                                          .send = watched_send,
                                          .recv = watched_recv,
                                          .close = watched_close,
                                          .wants = watched_wants,
                                          .via = watched_via};
    port->stream = &watch.stream;
    port->platform->resolve = watched_resolve;
}
