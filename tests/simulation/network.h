/*
 * The network: a port's stream and platform over virtual time, and what can
 * go wrong between a device and the service.
 */
#ifndef SJ_SIMULATION_NETWORK_H
#define SJ_SIMULATION_NETWORK_H

#include "segjob_port.h"
#include "service.h"

/* What befalls an attempt. */
#define FAULT_LIST(X)                       \
    X(NO_FAULT, "none")                     \
    X(NO_ADDRESS, "no address")             \
    X(NO_CONNECTION, "no connection")       \
    X(NO_HANDSHAKE, "no handshake")         \
    X(SEND_BREAKS, "send breaks")           \
    X(LOST, "request lost")                 \
    X(LATE, "request late")                 \
    X(UNREAD, "closed before reading")      \
    X(THROTTLE, "throttled")                \
    X(REFUSAL, "refused")                   \
    X(ERROR_BEFORE, "5xx before making")    \
    X(ERROR_AFTER, "5xx after making")      \
    X(UNANSWERED, "4xx after making")       \
    X(GATE_BEFORE, "gateway before making") \
    X(GATE_AFTER, "gateway after making")   \
    X(FOREIGN, "another ARN")               \
    X(PAGE_BEFORE, "page before making")    \
    X(PAGE_AFTER, "page after making")      \
    X(GARBAGE, "200 that says nothing")     \
    X(REDIRECT, "redirect")                 \
    X(NO_ANSWER, "closed before answering") \
    X(CUT, "answer cut")                    \
    X(DRIP, "answer drips")                 \
    X(STALL, "answer late")                 \
    X(DOUBLE, "answer doubled")             \
    X(TWICE, "request doubled")             \
    X(WRONG_DATE, "wrong Date")             \
    X(DYING, "kept connection dies")

enum fault {
#define FAULT_ENUM(name, text) name,
    FAULT_LIST(FAULT_ENUM)
#undef FAULT_ENUM
    FAULTS
};

extern const char *const fault_names[FAULTS];

/*
 * How often faults come: `fault` so many times of a hundred, NO_FAULT standing
 * for any; and any in so many of the rest. From `dark_from` to `dark_until`
 * nothing gets through.
 */
extern struct weather {
    unsigned percent;
    enum fault fault;
    unsigned others;
    uint64_t dark_from;
    uint64_t dark_until;
} weather;

#define REQUEST_CAP 2048
#define ANSWER_CAP 2048 /* what is beyond is filled up with blanks */

/* What an answer advises, as its reader should have it. */
struct advice {
    size_t from; /* where it stands in the answer ... */
    size_t to;   /* ... and up to where */
    bool has_date;
    int64_t date;
    bool has_age;
    int64_t retry_after_ms; /* by Retry-After; 0: none */
    int64_t x_retry_after;  /* X-Amz-Retry-After; -1: none */
};

/* An attempt, as seen from outside: from a connection wanted to its end. */
struct exchange {
    enum fault fault;
    unsigned variant; /* of the fault */
    uint64_t begun;
    uint64_t left; /* until the deadline then; NEVER: there is none */
    bool connected;
    uint64_t connected_at;
    int64_t wall;               /* the device's clock then */
    bool reused;                /* the connection may have served before */
    bool offered;               /* the request was written ... */
    bool judged;                /* (and seen by the rules) */
    size_t accepted;            /* ... and so many bytes of it were taken */
    enum segjob_status failure; /* of the connection; OK: none */
    bool dead;                  /* it failed before a byte of the answer came */
    struct request request;
    struct reply reply; /* on its way since `answered_at` */
    struct advice advice;
    uint64_t answered_at;
    bool heard; /* the reply came whole */
};

/* A device's only connection, with the port that makes it. */
struct link {
    struct segjob_stream stream;
    struct segjob_platform platform;
    int64_t wall_offset_ms;       /* of the device's clock to the service's */
    int64_t ms_ahead;             /* of its other clock to the world's time */
    uint32_t random;              /* that was given last ... */
    bool steady;                  /* ... or always: the greatest */
    void (*wake)(struct link *l); /* an answer is on its way */
    long maker;                   /* the operation that is going on */
    struct exchange x;
    uint64_t serial;      /* of the connection */
    uint64_t resolved_at; /* and connected: when it is, 0 if not asked for */
    uint64_t opened_at;
    bool open;
    bool used;           /* a request was sent on it */
    bool surplus;        /* more was received than was asked for */
    uint64_t busy_until; /* no byte can be sent before */
    size_t bytes_len;    /* of the request */
    char bytes[REQUEST_CAP];
    /* The answer arrives from `out_at` in steps every `out_every` ms. */
    uint64_t out_at;
    uint64_t out_every;
    size_t out_step;
    size_t out_len;    /* of all that comes */
    size_t out_answer; /* of that, the answer */
    size_t out_stored;
    size_t out_taken;
    bool closes;      /* the connection ends behind it ... */
    bool until_close; /* ... and so does its body */
    uint64_t gone_at; /* from then on nothing gets through */
    uint64_t ends_at; /* when the connection does ... */
    bool ends_well;   /* ... and whether in good order */
    char out[ANSWER_CAP];
};

/* Prepare for `links` devices at most at a time. */
void network_begin(size_t links);

void link_init(struct link *l);

/* A device is powered on, and has been for `up` ms by its other clock. */
void link_boot(struct link *l, uint64_t up);

/* A device loses its power: nothing of the connection is left on its side. */
void link_cut(struct link *l);

/* An attempt begins, `left` ms before its deadline; a connection was `kept`. */
void link_attempt(struct link *l, uint64_t left, bool kept);

/* Milliseconds by the device's monotonic clock, and back. */
uint64_t link_ms(const struct link *l, uint64_t at);
uint64_t link_time(const struct link *l, uint64_t ms);

/* Whether nothing of the answer was received. */
bool link_is_silent(const struct link *l);

#endif
