/*
 * What the tests of the TLS stream share: the stream over a pipe in memory,
 * with mbedTLS's own server at its other end.
 *
 * The pipe is the lower stream: it can move a few bytes at a time, block at
 * every other call, fail, lie, and end. It does not report bytes that it holds,
 * as a network card that has raised its interrupt already. Peers other than
 * mbedTLS are in test_posix.c.
 */
#ifndef TLS_FIXTURE_H
#define TLS_FIXTURE_H

#include "tls_peer.h"

#include "segjob_tls.h"

#define HOST "personalize.example.test"

/* ------------------------------------------------------------ allocations */

/*
 * If mbedTLS is linked statically, its allocations are counted here; those of a
 * shared library are not.
 */
extern unsigned allocations;
extern unsigned allocation_fails_at; /* number of the call, 0: none */

/* Skip a test whose first allocation, number `k` = 1, was not noticed. */
void skip_if_shared(unsigned k);

/* ------------------------------------------------------------------- pipe */

struct pipe {
    unsigned char bytes[1 << 17];
    size_t at;
    size_t len;
    bool ended;
};

enum lie {
    HONEST,
    MOVES_NONE,
    MOVES_TOO_MANY
};

struct wire {
    struct segjob_stream stream;
    struct pipe up;   /* to the server */
    struct pipe down; /* to the client */
    size_t most;      /* bytes that a call moves at most */
    bool stutters;    /* every other call would block */
    unsigned calls;
    unsigned fail_at; /* number of the call that fails, 0: none */
    enum lie lie;
    const char *host; /* that `open` must receive */
    int opens;
    int closes;
};

extern struct wire wire;

size_t pipe_left(const struct pipe *p);
void pipe_put(struct pipe *p, const void *bytes, size_t n);
void wire_reset(void);

/* --------------------------------------------------------------- platform */

struct world {
    struct segjob_platform platform;
    int64_t now;
    unsigned random_calls;
    unsigned random_fails_at; /* number of the call, 0: none */
    bool in_client;           /* while its `open` runs */
};

extern struct world world;

bool world_random(struct segjob_platform *p, void *bytes, size_t n);

/* ------------------------------------------------------------- both sides */

extern struct peer_identity ca;
extern struct peer_identity host;
extern struct peer_server server;
extern struct segjob_tls tls;
extern bool has_tls13; /* whether the server may speak TLS 1.3 */

/* The set-up and the tear-down of a group: `ca` and `host`. */
int make_certificates(void **state);
int free_certificates(void **state);

/* Prepare both sides; the server shows `id`, the client trusts `roots`. */
void begin_with(struct peer_identity *id, mbedtls_x509_crt *roots);

/* The same with `host` and `ca`. */
void begin(void);

void finish(void);

/* Initialize the TLS stream again, as a device after deep sleep does. */
void wake_up(mbedtls_x509_crt *roots);

/* Start the server again with another certificate, and without sessions. */
void serve(struct peer_identity *id);

/* Let the server continue its handshake; an error ends the connection. */
bool server_handshake(void);

enum segjob_io client_open(const char *name);

/* Run the handshake of both sides until it ends. */
enum segjob_io handshake(const char *name);

/*
 * Let the allocation with this number fail in the client's part of the
 * handshake, where alone they are counted.
 */
enum segjob_io handshake_short_of_memory(unsigned fails_at);

void server_sends(const char *text);

/* Whether `wants` asks for a call at once. */
bool wants_now(void);

/*
 * Receive as an event loop that gets one event and no other: call again only
 * while bytes arrive or `wants` says now.
 */
enum segjob_io receive_all(char *text, size_t cap, size_t room);

/* Let the server send a word, and receive it. */
void expect_text(const char *word);

/* --------------------------------------------------------------- sessions */

/* The fixed part of a saved session, see sj_tls_session.h. */
#define SUM_LEN 32u
#define BOUNDS_LEN 48u

extern struct peer_memory memory;
extern bool by_ticket; /* how the server resumes; ids are TLS 1.2's alone */

/* As begin() and finish(), with a server that resumes. */
void begin_sessions(void);
void finish_sessions(void);

/* Let the server resume, after begin_with(). */
void remember(void);

/* Let the server forget all sessions. */
void forget(void);

/* As serve(), but with sessions. */
void serve_as(struct peer_identity *id);

/* Close, and prepare both ends for a new connection. */
void disconnect(void);

/*
 * Connect, and receive some text, which follows the ticket of TLS 1.3. Returns
 * whether the server did a full handshake.
 */
bool reconnect_to(const char *name);

/* The same with HOST. */
bool reconnect(void);

extern unsigned char saved[4096];

/* Connect, and save the session. Returns its length. */
size_t save(void);

#endif
