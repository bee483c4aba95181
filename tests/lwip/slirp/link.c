#define _DEFAULT_SOURCE

#include "link.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "lwip/init.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#define FRAMES_CAP 256u

/* lwIP's 32 bits of milliseconds wrap in the middle of each run. */
#define START_MS (UINT64_C(0x100000000) - 2000)

/* How long to look for what the peer is about to send, in real time. */
#define PEER_AT_WORK_MS 1

struct frame {
    uint64_t due_ms;
    uint64_t number; /* frames due at the same time keep their order */
    bool to_lwip;
    size_t len; /* 0: the slot is free */
    uint8_t bytes[HOST_FRAME_CAP];
};

static struct frame frames[FRAMES_CAP];
static uint64_t frames_sent;
static struct impair to_lwip;
static struct impair to_slirp;

static uint64_t now_ms = START_MS;
static uint64_t slirp_due_ms;
static uint64_t random_state;
static pid_t peer;

/* ------------------------------------------------------ what lwIP calls */

uint32_t sys_now(void)
{
    return (uint32_t)now_ms;
}

uint32_t sj_test_random(void)
{
    return (uint32_t)impair_random(&random_state);
}

/* ---------------------------------------------------------------- frames */

static struct frame *free_slot(void)
{
    size_t i;

    for (i = 0; i < FRAMES_CAP; i++) {
        if (frames[i].len == 0) {
            return &frames[i];
        }
    }
    return NULL;
}

/* The frame that is due first, or NULL. */
static struct frame *first_frame(void)
{
    struct frame *first = NULL;
    size_t i;

    for (i = 0; i < FRAMES_CAP; i++) {
        struct frame *f = &frames[i];

        if (f->len > 0 &&
            (first == NULL || f->due_ms < first->due_ms ||
             (f->due_ms == first->due_ms && f->number < first->number))) {
            first = f;
        }
    }
    return first;
}

/* A wire holds so many frames: others are lost. */
static void put_on_wire(struct impair *direction, uint8_t *bytes, size_t len)
{
    const struct impair_fate fate = impair_frame(direction, bytes, len);
    size_t i;

    for (i = 0; i < fate.copies; i++) {
        struct frame *f = free_slot();

        if (f == NULL) {
            return;
        }
        f->due_ms = now_ms + LINK_MS + fate.late_ms[i];
        f->number = ++frames_sent;
        f->to_lwip = direction == &to_lwip;
        f->len = len;
        memcpy(f->bytes, bytes, len);
    }
}

/* Returns whether there was one. */
static bool deliver_due(void)
{
    struct frame *first = first_frame();
    bool any = false;

    while (first != NULL && first->due_ms <= now_ms) {
        if (first->to_lwip) {
            host_give_lwip(first->bytes, first->len);
        } else {
            host_give(first->bytes, first->len);
        }
        first->len = 0;
        any = true;
        first = first_frame();
    }
    return any;
}

static void from_host(uint8_t *bytes, size_t len)
{
    put_on_wire(&to_lwip, bytes, len);
}

static void from_lwip(uint8_t *bytes, size_t len)
{
    put_on_wire(&to_slirp, bytes, len);
}

/* ------------------------------------------------------------------ time */

static int64_t slirp_clock_ns(void *unused)
{
    (void)unused;
    return (int64_t)(now_ms * 1000000);
}

static bool poll_slirp(int real_ms)
{
    uint32_t due_ms;
    const bool ready = host_poll(real_ms, &due_ms);

    slirp_due_ms = now_ms + due_ms;
    return ready;
}

/* The state in /proc/PID/task/TID/stat, after the name in brackets. */
static char thread_state(const char *tid)
{
    char path[64], text[256];
    const char *bracket;
    FILE *file;
    size_t n;

    snprintf(path, sizeof(path), "/proc/%d/task/%.20s/stat", (int)peer, tid);
    file = fopen(path, "r");
    if (file == NULL) {
        return 'X'; /* it has ended */
    }
    n = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[n] = '\0';
    bracket = strrchr(text, ')');
    return bracket == NULL || bracket + 2 >= text + n ? 'X' : bracket[2];
}

/*
 * Whether all threads of the peer sleep. A send to one of them wakes it before
 * the send returns; so only time can wake them.
 */
static bool peer_rests(void)
{
    char path[64];
    const struct dirent *entry;
    bool rests = true;
    DIR *threads;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)peer);
    threads = opendir(path);
    if (threads == NULL) {
        return true; /* for ever */
    }
    while (rests && (entry = readdir(threads)) != NULL) {
        rests = entry->d_name[0] == '.' ||
                strchr("SXZ", thread_state(entry->d_name)) != NULL;
    }
    closedir(threads);
    return rests;
}

static bool move(void)
{
    const bool delivered = deliver_due();
    const bool ready = poll_slirp(0);

    sys_check_timeouts();
    return delivered || ready;
}

static void jump(uint64_t until_ms)
{
    const struct frame *first = first_frame();
    const uint64_t lwip_due_ms = now_ms + sys_timeouts_sleeptime();

    if (first != NULL && first->due_ms < until_ms) {
        until_ms = first->due_ms;
    }
    if (slirp_due_ms < until_ms) {
        until_ms = slirp_due_ms;
    }
    if (lwip_due_ms < until_ms) {
        until_ms = lwip_due_ms;
    }
    if (until_ms > now_ms) {
        now_ms = until_ms;
    }
}

void link_wait(uint64_t until_ms)
{
    if (move()) {
        return;
    }
    if (!peer_rests()) {
        poll_slirp(PEER_AT_WORK_MS);
        return;
    }
    /* What it sent before it slept has arrived by now. */
    if (!move()) {
        jump(until_ms);
    }
}

uint64_t link_now_ms(void)
{
    return now_ms;
}

/* ------------------------------------------------------ begin and end */

bool link_start(enum impair_kind kind, unsigned percent, uint64_t seed,
                pid_t process)
{
    static const struct host_wires wires = {from_host, from_lwip,
                                            slirp_clock_ns};

    random_state = seed;
    to_lwip = (struct impair){kind, percent, impair_random(&random_state), 0};
    to_slirp = (struct impair){kind, percent, impair_random(&random_state), 0};
    peer = process;
    lwip_init();
    return host_start(&wires, netif_input);
}

void link_stop(void)
{
    host_stop();
}

unsigned link_frames(void)
{
    return (unsigned)frames_sent;
}

unsigned link_impaired(void)
{
    return to_lwip.count + to_slirp.count;
}
