/*
 * Credentials from a program, on POSIX systems: what AWS's tools know as the
 * setting `credential_process`. It may ask a TPM, a vault, or the company's own
 * token service.
 *
 *   segjob_process_init(&process, "/opt/bin/helper --device 7", memory,
 *                       sizeof(memory));
 *   port.provider = &process.source.provider;
 *
 * The program is run without a shell, with /dev/null as standard input; its
 * standard error is passed on. It prints
 *
 *   {"Version": 1, "AccessKeyId": "...", "SecretAccessKey": "...",
 *    "SessionToken": "...", "Expiration": "2026-01-01T00:00:00Z"}
 *
 * and exits with 0. Token and expiration are optional. A program that takes
 * longer than SEGJOB_PROCESS_TIMEOUT_MS, or that is cancelled with the
 * operation, is killed; what it has started itself is not.
 *
 * The application must neither ignore SIGCHLD nor wait for children that it did
 * not start: else the program's exit status is lost.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
 */
#ifndef SEGJOB_PROCESS_H
#define SEGJOB_PROCESS_H

#include <sys/types.h>

#include "segjob_source.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SEGJOB_PROCESS_TIMEOUT_MS 60000u

/* A command has fewer words than this, and fewer bytes. */
#define SEGJOB_PROCESS_WORDS 128u
#define SEGJOB_PROCESS_COMMAND 4096u

struct segjob_process {
    struct segjob_source source;
    /* Private. */
    const char *command;
    char error[96];
    uint64_t deadline_ms;
    size_t len; /* bytes that were printed */
    int output; /* the pipe's descriptor, or -1 */
    pid_t pid;  /* 0: none runs */
};

/*
 * Initialize the source; segjob_source_init() describes `buf` and `cap`, which
 * limit what the program may print. `command`, NUL-terminated, is split into
 * words as a POSIX shell does, and is borrowed as `buf` is.
 *
 * Returns
 *   SEGJOB_OK      set a port's `provider` to `&process->source.provider`
 *   SEGJOB_CONFIG  the command cannot be split; `process->source.message` says
 *                  why
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_process_init(struct segjob_process *process,
                                       const char *command, void *buf,
                                       size_t cap);

#ifdef __cplusplus
}
#endif

#endif
