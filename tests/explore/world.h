/*
 * The world of the exploration: one client, the service, and what has been
 * observed of the client from outside. All of it is in one block of memory, so
 * that a state is saved and restored by copying bytes.
 *
 * The world has a choice at whatever the client wants: choice 0 is the ordinary
 * one, and each other is an event.
 */
#ifndef SJ_EXPLORE_WORLD_H
#define SJ_EXPLORE_WORLD_H

#include "request.h"
#include "segjob.h"

#define NEVER UINT64_MAX
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define CAP 2560 /* of the client's buffer */

/* A mark in all secrets, and nowhere else. */
#define MARK '@'
#define TOKEN_0 "@t@o@k@e@n@0"
#define TOKEN_1 "@t@o@k@e@n@1"
#define SECRET "@s@e@c@r@e@t"
#define TAG "@h@u@s@h"

#define SOLUTION_VERSION ARN_FRONT "solution/films/1"
#define OPAQUE_VERSION "arn:aws:personalize:::films" /* gives no job's ARN */
#define ROLE "arn:aws:iam::123456789012:role/segments"
#define INPUT "s3://bucket/users.json"
#define OUTPUT "s3://bucket/segments/"

#define ARN_FRONT "arn:aws:personalize:us-east-1:123456789012:"
#define ARN ARN_FRONT "batch-segment-job/nightly"
#define ALIAS ARN_FRONT "batch-segment-job/a1b2" /* another name of that job */
#define OTHER_ARN ARN_FRONT "batch-segment-job/weekly" /* another job */

enum start {
    CREATE,
    ENSURE,
    CREATE_ONCE,   /* without a deadline */
    CREATE_TIRED,  /* with few tokens */
    CREATE_LONG,   /* with an hour's time */
    CREATE_OPAQUE, /* no ARN follows from the request */
    DESCRIBE,
    WAIT,
    LIST,
    STARTS
};

/* Whose job has the name, as the service knows. */
enum owner {
    NOBODY,
    OURS,  /* this operation's */
    SAME,  /* an earlier operation's, with the same parameters */
    OLD,   /* the same, but from before this operation */
    OTHERS /* with other parameters */
};

/* What a response means to the next attempt. */
enum cause {
    NOTHING, /* there is none */
    GOOD,    /* a result */
    LARGE,   /* a result that is larger than the buffer */
    BAD,     /* HTTP, but no result */
    FINAL,
    TRANSIENT,
    THROTTLED,
    EXPIRED,
    SKEWED
};

/* Kinds of requests, as bits. */
#define CREATES (1 << CREATE_JOB)
#define LOOKS (1 << DESCRIBE_JOB)
#define ANY (1 << CREATE_JOB | 1 << DESCRIBE_JOB | 1 << LIST_JOBS)

/* What becomes of a request, in bits. Without either it is lost. */
enum {
    DO = 1,   /* it is done as asked */
    DELAY = 2 /* it arrives later */
};

/* How a response is, in bits. */
enum {
    NO_ID = 1, /* without a request id, as a proxy's */
    CLOSES = 2,
    UNTIL_CLOSE = 4,
    CHUNKED = 8,
    DOUBLED = 16, /* more bytes follow the response */
    NO_TIME = 32, /* a job without its time */
    LAGS = 64,    /* a job that is not seen yet */
    TOO_LONG = 128,
    NO_DATE = 256,
    ALIASED = 512,  /* the job gets another name in its ARN */
    ACCOUNT = 1024, /* not if the request names no account */
    AS_DATE = 2048, /* Retry-After is a date */
    AGED = 4096,    /* from a cache, an hour ago */
    FAR_DATE = 8192 /* the Date is in 2100 */
};

/* What the service, or what is in between, does with a request. */
struct reaction {
    const char *name;
    int targets; /* of the requests for which it is a choice */
    int deed;
    enum {
        AS_ASKED,
        SILENT,    /* no response comes */
        BROKEN,    /* the connection breaks */
        ERRONEOUS, /* with `code`, or a page if that is NULL */
        TEXT,      /* whose body is `code` */
        NAMED      /* with the ARN in `code` */
    } response;
    int http;
    const char *code;
    enum cause cause;
    int how;
    int retry_after;    /* seconds */
    int retry_after_ms; /* X-Amz-Retry-After */
};

extern const struct reaction reactions[];
extern const int reactions_len;

/* An attempt, as observed. */
struct exchange {
    bool supplied;
    bool connected;
    bool reused;  /* on a kept connection */
    bool offered; /* some bytes of the request were sent */
    bool arrived; /* all were */
    bool heard;   /* the whole response was received */
    bool dead;    /* the connection broke before the response */
    uint8_t target;
    uint8_t reaction;
    uint8_t record; /* the next of the response */
    uint8_t owner;  /* of the job in the response */
    int16_t http;
    uint8_t cause;
    bool has_id;
    bool learns; /* the response has a Date */
    int8_t failure;
    const char *code;
    uint64_t begun;        /* when it got credentials: uptime */
    uint64_t connected_at; /* the same */
    int64_t wall;          /* the device's clock then */
    int64_t date;          /* the service's clock when the request arrived */
    int64_t created;       /* of the job in the response */
};

struct world {
    /* The truth. */
    uint64_t now;    /* in ms since the world began */
    uint64_t behind; /* uptime is that much less */
    int64_t offset;  /* the device's clock minus the service's, seconds */
    uint8_t start;   /* enum start */
    uint8_t owner;   /* enum owner */
    uint8_t flying;  /* delayed: the owner that it will create */
    bool alias;      /* the job's ARN is ALIAS */
    bool is_done;    /* the job's status is final */
    bool is_open;    /* the connection */
    bool clocks_err; /* since a request to create left: sleep, clock set */
    int64_t created; /* the service's clock */
    int64_t flying_date;
    uint64_t deadline; /* uptime; NEVER: none */
    /* What is observed of the operation, as tests/simulation does. */
    uint8_t attempts;
    uint8_t creations;
    uint8_t left; /* requests to create of which something may have left */
    uint8_t refreshes;
    uint8_t backoffs;
    bool trying;
    bool creating;
    bool paused;
    bool outcome_unknown;
    bool looked;
    bool name_taken;
    bool connected;
    bool confirming;       /* the ARN of a response with another name ... */
    const char *confirmed; /* ... which is this */
    bool expired;
    bool not_found_before;
    bool over;
    bool gave_up;
    bool cancelled;
    bool ended;
    bool has_candidate;
    int64_t candidate;
    int64_t skew;
    int16_t quota;
    int8_t last_cost;
    uint8_t page;   /* of a list: the jobs that were asked for ... */
    bool too_large; /* ... which were too many */
    uint64_t pause_until;
    struct exchange x;
    struct exchange last;
};

struct state {
    struct segjob_client client;
    struct world world;
    char buf[CAP];
};

extern struct state state;
extern bool hash_fails;
extern const char *broken; /* the first rule that was broken, or NULL */
extern bool traced;

#define RULE(truth, text) \
    ((truth) || broken != NULL ? (void)0 : (void)(broken = (text)))

/* ------------------------------------------------------------------- world */

void world_begin(enum start start);
extern const char *const start_names[STARTS];

/* Choices are 0 to world_choices() - 1. */
int world_choices(void);
const char *world_choice_name(int choice);

/* Make a choice. Returns false, and does nothing, if it is none now. */
bool world_choose(int choice);

uint64_t uptime(void);
int64_t service_clock(void); /* Unix seconds */
bool creates(void);
const char *job_arn(void);

/* ------------------------------------------------------------------- rules */

/* An operation has started. */
void rules_begin(void);

/* This request is about to leave. */
void rules_request(const struct request *r);

/* The client wanted `before`, and was driven. */
void rules_step(enum segjob_want before);

#endif
