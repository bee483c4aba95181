/*
 * The firmware's parameters: board_parameters() returns them as NAME=VALUE,
 * separated by blanks.
 *
 *   region, access-key-id, secret-access-key, session-token
 *   job-name, solution-version-arn, role-arn, input-path, output-path,
 *   num-results                      the job
 *   iot=HOST[:PORT], role-alias, thing-name
 *                                    where a device with a certificate gets its
 *                                    credentials; then none are given above
 *   trust-anchor-arn, profile-arn, device-role-arn, anywhere=HOST[:PORT]
 *                                    the same of IAM Roles Anywhere; without
 *                                    a host AWS's own in that region
 *   endpoint=HOST[:PORT]             else AWS's own in that region
 *   address=A.B.C.D                  the address of HOST, a name other than
 *                                    localhost; else DNS resolves it
 *   jobs=N                           so many, 1 to 9, over one connection
 *   resume=yes                       one more over a new connection
 *   sntp=A.B.C.D[:PORT]              a time server
 *   rtc=off                          the board's clock is not used
 *   timeout=MS                       for each job
 *   arena=BYTES                      less of the arena than there is
 */
#ifndef FIRMWARE_PARAMETERS_H
#define FIRMWARE_PARAMETERS_H

#include <lwip/ip_addr.h>

#include "segjob.h"
#if defined(SEGJOB_ROLES_ANYWHERE)
#include "segjob_anywhere.h"
#elif defined(SEGJOB_DEVICE)
#include "segjob_iot.h"
#endif

/* Parameters that are not given are zero, or the default in the comment. */
struct parameters {
    struct segjob_config config;
    struct segjob_credentials credentials;
    struct segjob_create_request job;
#if defined(SEGJOB_ROLES_ANYWHERE)
    struct segjob_anywhere_config anywhere;
#elif defined(SEGJOB_DEVICE)
    struct segjob_iot_config iot;
#endif
    bool has_address;
    ip_addr_t address;
    bool has_sntp;
    ip_addr_t sntp;
    uint16_t sntp_port; /* 123 */
    uint32_t jobs;      /* 1, at most 9 */
    bool resume;
    bool rtc_off;
    uint32_t timeout_ms; /* 30000 */
    uint32_t arena;      /* 0: all */
};

/*
 * Set `*p` from `text`, which is changed and borrowed. Returns false after
 * reporting on the console what is wrong.
 */
bool parameters_read(char *text, struct parameters *p);

#endif
