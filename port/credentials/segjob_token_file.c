#define _POSIX_C_SOURCE 200809L

#include "segjob_token_file.h"

#include <errno.h>
#include <string.h>

#include "sj_file.h"
#include "sj_flaw.h"
#include "sj_message.h"

const char *segjob_token_file_read(void *file, char *room, size_t cap,
                                   struct segjob_str *token)
{
    struct segjob_token_file *f = file;
    size_t len;
    const int error = sj_file_read(f->path, room, cap, &len);
    const char *flaw = NULL;

    token->ptr = room;
    token->len = len;
    if (error != 0) {
        flaw =
            error == EFBIG ? "does not fit into the buffer" : strerror(error);
    } else {
        flaw = len == 0 ? "is empty" : sj_flaw_of_text(*token);
    }
    if (flaw == NULL) {
        return NULL;
    }
    f->message[0] = '\0';
    sj_message_add(f->message, sizeof(f->message), "the token file: ");
    sj_message_add(f->message, sizeof(f->message), flaw);
    sj_message_add(f->message, sizeof(f->message), ": ");
    sj_message_add(f->message, sizeof(f->message), f->path);
    return f->message;
}
