/*
 * A web identity token in a file, such as AWS_WEB_IDENTITY_TOKEN_FILE names,
 * for segjob_sts.h. For systems with POSIX files.
 *
 *   struct segjob_token_file file = {.path = "/run/token"};
 *
 *   config.read_token = segjob_token_file_read;
 *   config.arg = &file;
 */
#ifndef SEGJOB_TOKEN_FILE_H
#define SEGJOB_TOKEN_FILE_H

#include "segjob_source.h"

#ifdef __cplusplus
extern "C" {
#endif

struct segjob_token_file {
    const char *path;
    char message[SEGJOB_SOURCE_MESSAGE_MAX]; /* private */
};

/*
 * `read_token` of struct segjob_sts_config; `file` is a struct
 * segjob_token_file. The token is the whole file, which is read each time: a
 * line end is an error, not cut off.
 *
 * Returns NULL, or a message with the path.
 */
const char *segjob_token_file_read(void *file, char *room, size_t cap,
                                   struct segjob_str *token);

#ifdef __cplusplus
}
#endif

#endif
