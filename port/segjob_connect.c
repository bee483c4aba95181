#include "segjob_connect.h"

const struct segjob_address *segjob_connect_next(struct segjob_connect *c,
                                                 const struct segjob_peer *peer,
                                                 uint64_t now_ms)
{
    if (c->next >= peer->addresses_len) {
        return NULL;
    }
    c->end_ms =
        c->next + 1 < peer->addresses_len ? now_ms + SEGJOB_CONNECT_TRY_MS : 0;
    return &peer->addresses[c->next++];
}

bool segjob_connect_expired(const struct segjob_connect *c, uint64_t now_ms)
{
    return c->end_ms != 0 && now_ms >= c->end_ms;
}

bool segjob_connect_failed(struct segjob_connect *c,
                           enum segjob_connect_failure failure)
{
    if (failure < c->failure) {
        return false;
    }
    c->failure = failure;
    return true;
}

void segjob_connect_wants(const struct segjob_connect *c,
                          struct segjob_wants *wants)
{
    if (c->end_ms != 0 && c->end_ms < wants->wake_ms) {
        wants->wake_ms = c->end_ms;
    }
}
