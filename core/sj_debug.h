/*
 * What debug builds assert: that a client's state is one that the machine can
 * reach, and that what it borrows does not change. Release builds (NDEBUG) do
 * not call these functions, which then take no flash.
 */
#ifndef SJ_DEBUG_H
#define SJ_DEBUG_H

#include <assert.h>

#include "segjob_fetch.h"
#include "sj_fields.h"
#include "sj_operation.h"
#include "sj_retry.h"
#include "sj_transition.h"
#include "sj_writer.h"

/* FNV-1a, 32 bits. */
static inline uint32_t sj_hash(uint32_t hash, const void *at, size_t n)
{
    const unsigned char *bytes = at;

    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ bytes[i]) * UINT32_C(16777619);
    }
    return hash;
}

static inline uint32_t sj_hash_spans(uint32_t hash, const void *spans, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct segjob_str s = sj_span(spans, i);

        hash = sj_hash(sj_hash(hash, &s, sizeof(s)), s.ptr, s.len);
    }
    return hash;
}

/* A hash of what the operation borrows, except credentials. */
static inline uint32_t sj_fingerprint(const struct segjob_client *c)
{
    const struct segjob_create_request *create = c->op.request;
    const struct segjob_fetch_request *fetch = c->op.fetch;
    uint32_t hash = UINT32_C(2166136261);

    if (create != NULL) { /* member by member: padding may be anything */
        hash = sj_hash_spans(hash, create, SJ_TEXT_FIELDS);
        hash = sj_hash(hash, &create->has_num_results, sizeof(bool));
        hash = sj_hash(hash, &create->num_results, sizeof(int32_t));
        hash = sj_hash(hash, &create->tags_len, sizeof(size_t));
        return sj_hash_spans(hash, create->tags, 2 * create->tags_len);
    }
    if (fetch != NULL) {
        hash = sj_hash_spans(hash, fetch->path, 3);
        for (size_t i = 0; i < SEGJOB_FETCH_HEADERS; i++) {
            hash = sj_hash_spans(hash, &fetch->headers[i].value, 1);
        }
        return sj_hash_spans(hash, &fetch->body, 1);
    }
    return sj_hash_spans(hash, &c->op.target_arn, 1);
}

/* The bytes to send, and the space to receive into, are in the buffer. */
static inline bool sj_buffer_is_sound(const struct segjob_client *c)
{
    const struct sj_attempt *a = &c->attempt;

    if (c->op.tail_len > c->setup.cap) {
        return false;
    }
    switch ((int)c->want) {
    case SEGJOB_WANT_CONNECTION:
        return a->head_len > 0 && a->head_len <= sj_room(c) &&
               a->body_len <= sj_room(c) - a->head_len;
    case SEGJOB_WANT_SEND:
        return a->head_len <= sj_room(c) &&
               a->body_len <= sj_room(c) - a->head_len &&
               a->sent < a->head_len + a->body_len;
    case SEGJOB_WANT_RECEIVE:
        return a->body_len < sj_room(c);
    default:
        return true;
    }
}

/* An operation that creates has an outcome, which agrees with its status. */
static inline bool sj_outcome_is_sound(const struct segjob_client *c,
                                       bool is_over)
{
    const enum segjob_outcome outcome = (enum segjob_outcome)c->op.outcome;
    const bool creates =
        c->op.phase == SJ_CREATING || c->op.phase == SJ_SETTLING;

    if (!creates) {
        return outcome == SEGJOB_NOT_APPLICABLE;
    }
    return outcome != SEGJOB_NOT_APPLICABLE &&
           (outcome == SEGJOB_NOT_SENT || c->op.creations > 0) &&
           (is_over || c->op.request != NULL) &&
           (is_over || c->op.unknown_outcomes == 0 ||
            outcome == SEGJOB_UNKNOWN) &&
           (outcome == SEGJOB_CREATED) ==
               (is_over && c->op.status == SEGJOB_OK);
}

static inline bool sj_is_sound(const struct segjob_client *c)
{
    const bool is_over =
        c->want == SEGJOB_WANT_NOTHING ||
        (c->want == SEGJOB_WANT_CLOSE && c->op.step == SJ_STEP_END);

    if (c->op.operation == NULL) { /* none was started */
        return c->want == SEGJOB_WANT_NOTHING;
    }
    return sj_buffer_is_sound(c) && sj_outcome_is_sound(c, is_over) &&
           c->op.phase < SJ_PHASES &&
           c->op.attempts <= c->setup.config.max_attempts &&
           (!is_over || c->op.status != SEGJOB_PENDING);
}

#endif
