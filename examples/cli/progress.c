#define _XOPEN_SOURCE 700

#include "progress.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

/* The last status of the job that was seen; "" at first. */
static struct {
    char state[64];
    uint64_t begun;
    bool is_terminal;
} seen;

void progress_begin(void)
{
    seen.begun = now_ms();
    seen.is_terminal = isatty(STDERR_FILENO) == 1;
}

/* Why the job could not be looked at. */
static struct segjob_str trouble(const struct session *s)
{
    const enum segjob_status status = s->posix.port.error.status;
    const struct segjob_str code = segjob_get_error(&s->client)->code;

    if (code.ptr) {
        return code;
    }
    return segjob_cstr(status < 0 ? segjob_status_text(status) : "no response");
}

/* In a pause: the job's status, or why it is unknown. */
static struct segjob_str state_now(const struct session *s)
{
    struct segjob_str state = {NULL, 0};
    struct segjob_job job;

    if (segjob_get_want(&s->client) != SEGJOB_WANT_PAUSE) {
        return state;
    }
    if (segjob_get_job(&s->client, &job)) {
        state = job.status;
    } else if (s->polls) {
        state = trouble(s);
    }
    return state;
}

/* Note the state, cut if there is no room; true if it is a new one. */
static bool note(struct segjob_str state)
{
    const size_t n = cut(state.ptr, state.len, sizeof(seen.state) - 1);
    const bool is_new =
        strlen(seen.state) != n || memcmp(seen.state, state.ptr, n) != 0;
    memcpy(seen.state, state.ptr, n);
    seen.state[n] = '\0';
    return is_new;
}

/* 1:23, or 2:01:23 */
static void live_state(unsigned long seconds)
{
    const unsigned long hours = seconds / 3600, minutes = seconds / 60 % 60;
    char line[sizeof(seen.state) + 40];

    if (hours > 0) {
        text_format(line, sizeof(line), "%s  %lu:%02lu:%02lu", seen.state,
                    hours, minutes, seconds % 60);
    } else {
        text_format(line, sizeof(line), "%s  %lu:%02lu", seen.state, minutes,
                    seconds % 60);
    }
    live(line);
}

uint64_t progress_look(struct session *s)
{
    const uint64_t now = now_ms(), elapsed = now - seen.begun;
    const struct segjob_str state = state_now(s);
    const bool is_new = state.ptr && note(state);

    if (!seen.is_terminal) {
        if (is_new) {
            notice("%s after %lu s", seen.state,
                   (unsigned long)(elapsed / 1000));
        }
        return UINT64_MAX;
    }
    if (seen.state[0]) {
        live_state((unsigned long)(elapsed / 1000));
    }
    return now + 1000 - elapsed % 1000;
}
