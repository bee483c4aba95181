/*
 * A client with its port where lwIP has a thread, in two ways. With
 * LWIP_TCPIP_CORE_LOCKING 1 the port is used by the test's thread: lwIP aborts
 * if one of its functions is called without its lock. With 0 it is used by
 * lwIP's thread: lwIP aborts if one is called from another.
 */
#ifndef SJ_TEST_USER_H
#define SJ_TEST_USER_H

#include <stdbool.h>
#include <stdint.h>

#include <lwip/tcpip.h>

#include "segjob_lwip.h"

#define GENEROUS_MS 600000u /* reached only if something hangs */

extern const struct segjob_platform own;
extern mbedtls_x509_crt roots; /* none */
extern const struct segjob_credentials credentials;
extern const struct segjob_create_request nightly; /* of all jobs */

/* In allocations that end with it. */
struct user {
    struct segjob_lwip *lwip;
    struct segjob_client client;
    u16_t port;
    char host[32];
    char buf[65536];
    uint32_t ms;    /* of the operation */
    unsigned steps; /* free for the tests, from 0 */
    bool (*is_met)(struct user *u);
    sys_sem_t met; /* signalled by lwIP's thread */
};

/* Call `f` in lwIP's thread or with its lock, and wait for its end. */
void in_lwip(tcpip_callback_fn f, void *arg);

/* Call `f`, which uses the port, where that is to be used, and wait. */
void call(tcpip_callback_fn f, void *arg);

/* ------------------------------------------------- from the test's thread */

/* For cmocka. users_start() once, the others for each test. */
int users_start(void **state);
int users_before(void **state);
int users_after(void **state);

/* Its host is a name that lwIP does not know yet, on this device. */
struct user *user_new(u16_t port);
void user_free(struct user *u);

/* A new job, to its end. */
enum segjob_status run(struct user *u, uint32_t timeout_ms);

/* Step and wait, until `is_met` after a step, where that was called. */
void step_until(struct user *u, bool (*is_met)(struct user *));

/* Run an operation in progress to its end, `ms` from now at the latest. */
enum segjob_status finish_within(struct user *u, uint32_t ms);

/* As the service responds. */
void assert_created(const struct segjob_client *c);

/* Conditions. */
bool is_over(struct user *u);
bool is_sending(struct user *u); /* or over */

/* ------------------------------------------------------- from within call() */

void begin_job(void *user); /* without a deadline */
void cancel_job(void *user);
void free_user(void *user);
void step_once(struct user *u);

#endif
