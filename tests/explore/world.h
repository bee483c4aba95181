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

#include "observer.h"

#define CAP 2560                    /* of the client's buffer */
#define RANDOM UINT32_C(0x80000000) /* all random numbers */

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

#define NAME "nightly"
#define ARN JOB_ARN_FRONT NAME
#define ALIAS JOB_ARN_FRONT "a1b2"       /* another name of that job */
#define OTHER_ARN JOB_ARN_FRONT "weekly" /* another job */

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
    ALIASED = 512,       /* the job gets another name in its ARN */
    WITH_ACCOUNT = 1024, /* not if the request names no account */
    AS_DATE = 2048,      /* Retry-After is a date */
    AGED = 4096,         /* from a cache, an hour ago */
    FAR_DATE = 8192      /* the Date is in 2100 */
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

/* What the world has done in an attempt. */
struct exchange {
    bool offered; /* some bytes of the request were sent */
    bool arrived; /* all were */
    uint8_t reaction;
    uint8_t record;  /* the next of the response */
    uint8_t owner;   /* of the job in the response */
    int64_t created; /* the same */
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
    struct exchange x;
    bool ended;
    struct observer seen; /* of the operation; its times are uptimes */
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
const char *job_arn(void);

/* ------------------------------------------------------------------- rules */

/* An operation has started. */
void rules_begin(void);

/* This request is about to leave. */
void rules_request(const struct request *r);

/* The client wanted `before`, and was driven. */
void rules_step(enum segjob_want before);

#endif
