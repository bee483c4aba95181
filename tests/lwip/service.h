/*
 * A service that creates every job, over lwIP's netconns, in a thread of its
 * own. Call its functions without lwIP's lock, and not from its thread.
 */
#ifndef SJ_TEST_SERVICE_H
#define SJ_TEST_SERVICE_H

#include <pthread.h>
#include <stddef.h>

#include <lwip/api.h>

/* The job's ARN in all responses. */
#define SERVICE_ARN \
    "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/nightly"

enum manner {
    RESPONDS,
    SILENT,
    ENDLESS /* sends without end */
};

struct service {
    struct netconn *listener;
    pthread_t thread;
    enum manner manner;
    size_t padding;  /* spaces in the response */
    unsigned serves; /* so many connections */
};

/* Listen at `port`, for the connections that `s` says. */
void service_start(struct service *s, u16_t port);

/* Wait until all of them are closed, and listen no more. */
void service_join(struct service *s);

#endif
