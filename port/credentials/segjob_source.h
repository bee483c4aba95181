/*
 * A source of credentials that is asked by HTTP: what segjob_iot.h,
 * segjob_container.h and segjob_imds.h have in common.
 *
 * It asks over the port that it serves, with the core's client and the runner,
 * when an operation wants credentials and those at hand last for less than
 * SEGJOB_SOURCE_EARLY_S, or the service says that they have expired. Until
 * then nothing is asked. Old ones serve on where new ones cannot be had, and
 * there is another try a minute later.
 *
 * Keys that have expired are used too, be it that the source gives no others
 * ("static stability": EC2 does so while AWS cannot make new ones, and AWS's
 * services take them) or that a clock is wrong. Then there is another try
 * after 5 to 10 minutes, at random, as AWS's SDKs have it. Keys for which the
 * source names no expiration last. Only what the service has refused as
 * expired is not used again, unless the source gives it anew.
 *
 * All that it keeps is in the buffer that it is given, and one set of keys at a
 * time, which is wiped when another takes its place. The buffer holds those
 * keys and, in front of them, the answer that brings the next ones: twice the
 * longest answer, and 512 bytes, do. AWS's tokens have 1 to 4 KB and no
 * greatest length. One that is too long is a failure that says how many bytes
 * are needed.
 */
#ifndef SEGJOB_SOURCE_H
#define SEGJOB_SOURCE_H

#include "segjob_port.h"
#include "segjob_run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How many seconds before they expire new keys are asked for. */
#define SEGJOB_SOURCE_EARLY_S 300

/*
 * After one answer, or none, keys that are still valid serve for so long; and
 * expired ones for this to twice as long.
 */
#define SEGJOB_SOURCE_AGAIN_MS 60000u
#define SEGJOB_SOURCE_STALE_MS 300000u

/* Longest words for a failure; more are cut off. */
#define SEGJOB_SOURCE_WORDS 256u

struct segjob_source;

/* What the sources differ in. */
struct segjob_source_kind {
    const char *name; /* in words */
    enum segjob_keys_form form;
    uint32_t timeout_ms; /* of one request */
    bool may_be_absent;  /* if it does not answer at first, it is not there */
    /* Addresses that serve it without TLS, as loopback may; then NULL. */
    const char *const *plain_hosts;
    /*
     * Set up the next request, `s->step` counting from 0; what the last one
     * fetched is `fetched`. False: that was the credentials.
     */
    bool (*turn)(struct segjob_source *s, struct segjob_str fetched);
};

/*
 * Give `provider` to the port. `words` say why the last failure was, and whose;
 * `size_needed`, if not 0, is the size that the buffer needs.
 */
struct segjob_source {
    struct segjob_provider provider;
    const struct segjob_source_kind *kind;
    struct segjob_config config; /* where it is asked */
    struct segjob_fetch_request request;
    struct segjob_client client;
    char *buf;
    size_t cap;
    size_t size_needed;
    char words[SEGJOB_SOURCE_WORDS];
    /* The rest is its own, and that of its kind. */
    const char *refusal; /* why the next request cannot be sent, or NULL */
    size_t keys_len;     /* bytes of the keys, at the end of `buf` ... */
    size_t kept;         /* ... and with what stands in front of them */
    struct segjob_credentials keys; /* absent if there are none */
    int64_t expiration; /* of the keys, Unix seconds; INT64_MAX: none */
    uint64_t again_ms;  /* until when these keys will do */
    uint8_t step;
    bool is_refused; /* the service says that these keys have expired */
    bool is_asking;
    bool moved;
};

/*
 * Prepare a source without keys. `buf`, `cap` bytes, and what the configuration
 * and later requests point to are borrowed until segjob_source_wipe().
 */
void segjob_source_init(struct segjob_source *s,
                        const struct segjob_source_kind *kind,
                        const struct segjob_config *config, void *buf,
                        size_t cap);

/*
 * For the init of a kind: whether the configuration will do, and to say that it
 * will not. Each returns SEGJOB_OK or SEGJOB_CONFIG.
 */
enum segjob_status segjob_source_check(struct segjob_source *s);
enum segjob_status segjob_source_refuse(struct segjob_source *s,
                                        const char *why);

/*
 * Keep `text`, which was fetched, until the credentials are there. An absent
 * span is returned if there is no room.
 */
struct segjob_str segjob_source_keep(struct segjob_source *s,
                                     struct segjob_str text);

/*
 * Overwrite the keys and all else that the buffer holds. The source can be
 * used on, and asks anew.
 */
void segjob_source_wipe(struct segjob_source *s);

#ifdef __cplusplus
}
#endif

#endif
