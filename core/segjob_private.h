/*
 * The memory layout of a client, so that a caller can allocate one. Private:
 * use the functions of segjob.h. segjob.h includes this file.
 *
 * A client's members are grouped by lifetime. Each group is reset by assigning
 * zeros, so that no member can be forgotten.
 */
#ifndef SEGJOB_PRIVATE_H
#define SEGJOB_PRIVATE_H

#ifndef SEGJOB_H
#error "include segjob.h, which includes this file"
#endif

/* The longest line of a response's head that is read; longer fields that do
 * not matter are skipped. */
#define SJ_HTTP_LINE_CAP 128u
/* The longest request id and error code that are kept from a head. */
#define SJ_HTTP_ID_CAP 64u

/* Reader of one HTTP response: core/sj_http.h. */
struct sj_http {
    uint32_t left; /* bytes left of the body or of the chunk */
    uint32_t content_length;
    uint32_t head_len; /* bytes of head, chunk lines and trailers so far */
    int status;
    uint8_t state;
    uint8_t part;  /* of a chunk's line */
    uint8_t minor; /* HTTP/1.minor */
    bool has_length;
    bool chunked;
    bool after_cr;
    bool tunnel; /* the response is one to CONNECT */
    bool closes; /* Connection: close, or the body ends at the close */
    bool keeps;  /* Connection: keep-alive */
    bool has_age;
    uint8_t id_rank;
    uint8_t id_len;
    uint8_t error_len;
    uint32_t retry_after;    /* Retry-After: seconds, UINT32_MAX without ... */
    uint32_t retry_after_ms; /* X-Amz-Retry-After, UINT32_MAX without */
    uint32_t retry_at;       /* ... or a date, 0 without */
    uint32_t date;           /* Date; 0 if absent or invalid */
    size_t line_len;         /* of the whole line, more than is kept once cut */
    char line[SJ_HTTP_LINE_CAP];
    char id[SJ_HTTP_ID_CAP];
    char error[SJ_HTTP_ID_CAP];
};

/* An HMAC key of one block, as core/sj_sha256.h keeps it. */
struct sj_hmac_key {
    uint32_t words[16];
};

/*
 * A SigV4 signing key and what it was derived from, except for the client's
 * region: core/sj_sigv4.h.
 */
struct sj_signing_key {
    unsigned char secret[64]; /* HMAC block of "AWS4" and the secret */
    char day[8];
    bool valid;
    struct sj_hmac_key hmac;
};

/* From segjob_init() to segjob_wipe(): what the caller set. */
struct sj_setup {
    char *buf;
    size_t cap;
    struct segjob_config config;
    uint32_t poll_interval_ms;
};

/* From segjob_init() to segjob_wipe(): what operations leave to later ones. */
struct sj_session {
    int64_t clock_skew_s; /* the service's clock minus the device's */
    uint16_t tokens_used; /* of the retry quota: core/sj_retry.h */
    bool keep_alive;      /* the connection was left open */
    struct sj_signing_key key;
};

struct sj_operation; /* core/sj_operation.h */

/* From the function that starts an operation to the next such function. */
struct sj_progress {
    uint8_t phase; /* enum sj_phase */
    uint8_t step;  /* what follows the attempt: enum sj_step */
    uint8_t attempts;
    uint8_t backoffs;  /* in a row: each doubles the next */
    uint8_t last_cost; /* tokens of the last retry; a success returns them */
    uint8_t creations; /* requests to create that began to be sent ... */
    uint8_t unknown_outcomes; /* ... and of those, which may have worked */
    bool throttled;           /* the backoff is that of throttling */
    bool is_ensure;
    bool name_taken;
    bool refresh_attempted; /* new credentials were wanted once ... */
    bool refresh_needed;    /* ... and are wanted still */
    bool not_found_before;  /* at the last look of a wait */
    bool out_of_turn;       /* a function was called out of turn */
    int8_t status;          /* the result, or that of the last attempt */
    uint8_t outcome;
    const struct sj_operation *operation; /* of the current attempt */
    /* Borrowed; NULL if the operation has ended or is another one. */
    const struct segjob_create_request *request;
    const struct segjob_fetch_request *fetch;
    struct segjob_str target_arn; /* to describe, or whose jobs to list */
    struct segjob_str arn;        /* the result, in the buffer */
    /* Bytes at the end of the buffer that attempts leave alone: a list's
     * nextToken, or an ARN that Describe has not confirmed yet. */
    size_t tail_len;
    uint32_t page_size;   /* maxResults, or SJ_PAGE_ANY; 0: not a list */
    uint32_t fingerprint; /* of what is borrowed; debug builds */
};

/* The result of an attempt: core/sj_result.h. */
struct sj_result {
    int8_t status;   /* enum segjob_status, if it is the last attempt */
    uint8_t event;   /* enum sj_event */
    uint8_t outcome; /* enum segjob_outcome, of this attempt alone */
};

/* From the start of an attempt to the next. */
struct sj_attempt {
    const struct segjob_credentials *credentials; /* borrowed */
    struct sj_result result;
    void *tokens; /* of a response about jobs, NULL if there is none ... */
    int tokens_len;
    int job; /* ... and the current job there */
    bool connection_reused;
    bool body_overflow; /* the body does not fit and is discarded */
    size_t head_len;    /* of the request, at the start of the buffer ... */
    size_t body_len;    /* ... and its body; then the response's body */
    size_t sent;
    size_t result_len; /* bytes at the start of the buffer that results use */
    struct segjob_error error;
    uint64_t attempt_deadline_ms;
    uint64_t sent_ms; /* when the request was signed ... */
    int64_t sent_s;   /* ... on the device's clock, Unix seconds */
    struct sj_http http;
};

/* How many dates of requests to create an operation keeps. */
#define SJ_DATES 3u

/* When a request was signed: its X-Amz-Date, Unix seconds, and its now_ms. */
struct sj_date {
    int64_t s;
    uint64_t ms;
};

/* From the function that starts an operation to the next such function. */
struct sj_times {
    uint64_t now_ms;
    uint64_t deadline_ms; /* UINT64_MAX: none */
    uint64_t wake_ms;     /* the limit of what is wanted now */
    /* Of the first requests to create that may have worked. */
    struct sj_date dates[SJ_DATES];
};

/*
 * What core uses most comes first: a 16-bit Thumb instruction reaches 32 bytes
 * and 32 words.
 */
struct segjob_client {
    enum segjob_want want;
    struct sj_progress op;
    struct sj_setup setup;
    struct sj_attempt attempt;
    struct sj_times times;
    struct sj_session session;
};

#endif
