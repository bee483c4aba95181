/*
 * The network: a port's stream and platform over virtual time, and what can
 * go wrong between a device and the service.
 */
#ifndef SJ_SIMULATION_NETWORK_H
#define SJ_SIMULATION_NETWORK_H

#include "segjob_port.h"
#include "service.h"

/* Faults of an attempt. "Before" and "after" the service does its work. */
#define FAULT_LIST(X)                                \
    X(NO_FAULT, "none")                              \
    X(NO_CREDENTIALS, "no credentials")              \
    X(NO_ADDRESS, "no address")                      \
    X(NO_CONNECTION, "no connection")                \
    X(NO_HANDSHAKE, "no handshake")                  \
    X(SEND_BREAKS, "send breaks")                    \
    X(LOST, "request lost")                          \
    X(LATE, "request late")                          \
    X(UNREAD, "closed before reading")               \
    X(THROTTLE, "throttled")                         \
    X(REFUSAL, "refused")                            \
    X(ERROR_BEFORE, "5xx before creating")           \
    X(ERROR_AFTER, "5xx after creating")             \
    X(UNDECIDED, "4xx after creating")               \
    X(PROXY_BEFORE, "proxy's error before creating") \
    X(PROXY_AFTER, "proxy's error after creating")   \
    X(FOREIGN, "another ARN")                        \
    X(PAGE_BEFORE, "page before creating")           \
    X(PAGE_AFTER, "page after creating")             \
    X(GARBAGE, "200 without a result")               \
    X(REDIRECT, "redirect")                          \
    X(NO_RESPONSE, "closed before response")         \
    X(CUT, "response cut")                           \
    X(DRIP, "response drips")                        \
    X(STALL, "response late")                        \
    X(DOUBLE, "response doubled")                    \
    X(TWICE, "request doubled")                      \
    X(WRONG_DATE, "wrong Date")                      \
    X(DYING, "kept connection dies")

enum fault {
#define FAULT_ENUM(name, text) name,
    FAULT_LIST(FAULT_ENUM)
#undef FAULT_ENUM
    FAULTS
};

extern const char *const fault_names[FAULTS];

/*
 * How often faults occur: `fault`, or any if that is NO_FAULT, in `percent` of
 * the attempts; any in `others` percent of the rest. From `dark_from` to
 * `dark_until` nothing gets through.
 */
extern struct weather {
    unsigned percent;
    enum fault fault;
    unsigned others;
    uint64_t dark_from;
    uint64_t dark_until;
} weather;

#define REQUEST_CAP 2048
#define RESPONSE_CAP 2048 /* the rest of a longer one is blanks */

/* The dates and delays in a response's head, as a reader should read them. */
struct advice {
    size_t from; /* their place in the response ... */
    size_t to;   /* ... and its end */
    bool has_date;
    int64_t date;
    bool has_age;
    int64_t retry_after_ms; /* by Retry-After; 0: none */
    int64_t x_retry_after;  /* X-Amz-Retry-After; -1: none */
};

/* An attempt, as observed: it begins when the client wants credentials. */
struct exchange {
    enum fault fault;
    unsigned variant;           /* of the fault */
    bool supplied;              /* the client has its credentials */
    bool offered;               /* the request was written ... */
    bool checked;               /* (and checked by the rules) */
    size_t accepted;            /* ... and so many bytes of it were sent */
    enum segjob_status failure; /* of credentials or connection; OK: none */
    bool dead;                  /* it failed before a byte of the response */
    struct request request;
    struct reply reply; /* under way since `replied_at` */
    struct advice advice;
    size_t body_len;
    uint64_t replied_at;
    bool heard; /* the whole response was received */
};

/* A device's only connection, with the port that makes it. */
struct link {
    struct segjob_stream stream;
    struct segjob_platform platform;
    int64_t wall_offset_ms; /* of the device's clock to the service's */
    int64_t ms_ahead;       /* of its monotonic clock to the world's time */
    uint32_t random;        /* the last one ... */
    bool steady;            /* ... or always the greatest */
    void (*wake)(struct link *l); /* a response is under way */
    long creator;                 /* the operation in progress */
    struct exchange x;
    uint64_t serial;      /* of the connection */
    uint64_t resolved_at; /* when the query ends; 0: none */
    uint64_t opened_at;   /* when connecting does; 0: it was not begun */
    bool open;
    bool used;           /* a request was sent on it */
    bool surplus;        /* bytes came after the response */
    uint64_t busy_until; /* no byte can be sent before */
    size_t bytes_len;    /* of the request */
    char bytes[REQUEST_CAP];
    /* The response arrives from `out_at` on, `out_step` bytes every `out_every`
     * ms. */
    uint64_t out_at;
    uint64_t out_every;
    size_t out_step;
    size_t out_len;      /* of all that comes */
    size_t out_response; /* of that, the response */
    size_t out_stored;
    size_t out_taken;
    bool closes;      /* the connection ends after it ... */
    bool until_close; /* ... and so does its body */
    uint64_t gone_at; /* nothing gets through after that */
    uint64_t ends_at; /* when the connection does ... */
    bool ends_well;   /* ... and whether properly */
    char out[RESPONSE_CAP];
};

/* Prepare for at most `links` devices at a time. */
void network_begin(size_t links);

void link_init(struct link *l);

/* A device is on, since `up` ms ago by its monotonic clock. */
void link_boot(struct link *l, uint64_t up);

/* A device loses its power, and so its end of the connection. */
void link_cut(struct link *l);

/* An attempt begins: draw its fault. */
void link_attempt(struct link *l);

/* Milliseconds by the device's monotonic clock, and back. */
uint64_t link_ms(const struct link *l, uint64_t at);
uint64_t link_time(const struct link *l, uint64_t ms);

#endif
