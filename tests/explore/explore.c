/*
 * explore [--first] [DEPTH]: try every sequence of up to DEPTH events. An event
 * is a choice of the world that is not the ordinary one; after it the world
 * goes on as usual, until the next event or the end. To begin otherwise than by
 * segjob_create() with a deadline counts as an event. Equal states are merged.
 * --first stops at the first rule that is broken.
 *
 * explore START [STEP:EVENT]...: replay one sequence, with all its steps. That
 * is how a broken rule is printed.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "world.h"

#include "sj_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEPTH 5
#define STEPS_MAX 2000 /* an operation that takes more never ends */
#define BROKEN_MAX 10  /* sequences that are printed */
#define NO_NODE UINT32_MAX

/* An event, after those of its parent. */
struct node {
    uint32_t parent;
    uint16_t step;   /* since the start */
    uint16_t length; /* new states that the ordinary choices lead to */
    uint16_t choice; /* of a node without parent the start */
};

static struct node *nodes;
static size_t nodes_len, nodes_cap;
static bool only_first;

/* What a process counts. Policy: by event and phase; SJ_PHASES stands for an
 * unknown outcome. */
struct tally {
    uint64_t states;
    uint64_t transitions;
    uint64_t violations;
    uint64_t policy[SJ_EVENTS][SJ_PHASES + 1];
};

static struct tally *tallies; /* of all processes, in shared memory */
static struct tally *tally;   /* of this one */

static void *grow(void *at, size_t size)
{
    at = realloc(at, size);
    if (at == NULL) {
        fprintf(stderr, "explore: no memory for %zu bytes\n", size);
        exit(2);
    }
    return at;
}

/* Memory that processes share. What is not used is not there. */
static void *share(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED) {
        perror("explore");
        exit(2);
    }
    return at;
}

/* ------------------------------------------------------------------ states */

struct key {
    uint64_t of[2];
};

static struct key *set;
static size_t set_cap; /* a power of 2 */

static uint64_t mix(uint64_t a, uint64_t b)
{
    const uint64_t z = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);

    return (z ^ z >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
}

static void hash(struct key *key, const void *at, size_t n)
{
    const unsigned char *bytes = at;

    while (n > 0) {
        uint64_t word = 0;
        const size_t len = n < sizeof(word) ? n : sizeof(word);

        memcpy(&word, bytes, len);
        key->of[0] = mix(key->of[0], word);
        key->of[1] = mix(key->of[1] + word, UINT64_C(0xd6e8feb86659fd93));
        bytes += len;
        n -= len;
    }
}

/* Texts count, and not their places. */
static void hash_text(struct key *key, const char **text)
{
    const char *at = *text != NULL ? *text : "";

    hash(key, at, strlen(at) + 1);
    *text = NULL;
}

/* Times that ages of jobs are judged by: that has minutes of slack. */
static int64_t minutes(int64_t seconds)
{
    return seconds < 0 ? -(-seconds / 60) - 1 : seconds / 60;
}

/* Times are relative to now; what did not happen has none. */
static void relate(struct attempt *x, bool arrived)
{
    x->begun -= x->supplied ? uptime() : 0;
    x->connected_at -= x->connected ? uptime() : 0;
    x->wall -= x->connected ? service_clock() : 0;
    x->date -= arrived ? service_clock() : 0;
}

/* Forget what nothing depends on any more. */
static void forget(struct segjob_client *c, struct world *w)
{
    struct observer *o = &w->seen;

    o->asked = NULL; /* it depends on the start */
    if (!o->session.has_candidate) {
        o->session.candidate = 0;
    }
    if (!o->paused) {
        o->pause_until = 0;
    }
    if (creates(o)) { /* counts its attempts to create alone */
        o->attempts = o->attempts > 0;
    }
    if (o->trying) { /* the result of the last attempt */
        c->op.status = c->op.status != SEGJOB_OK;
        c->op.step = 0;
        c->op.throttled = false;
        memset(&o->last, 0, sizeof(o->last));
    } else { /* the attempt, but for what the backoff depends on */
        const uint32_t advice[4] = {
            c->attempt.http.retry_after, c->attempt.http.retry_after_ms,
            c->attempt.http.retry_at, c->attempt.tokens != NULL};

        memset(&c->attempt, 0, sizeof(c->attempt));
        memset(&o->x, 0, sizeof(o->x));
        if (o->paused) {
            memset(&w->x, 0, sizeof(w->x));
            o->last = (struct attempt){.target = o->last.target,
                                       .heard = o->last.heard,
                                       .cause = o->last.cause,
                                       .failure = o->last.failure,
                                       .code = o->last.code};
        } else {
            memcpy(&c->attempt, advice, sizeof(advice));
        }
    }
    if (w->start != CREATE_TIRED && w->start != CREATE_LONG) {
        /* tokens are never used up */
        c->session.tokens_used = 0;
        c->op.last_cost = 0;
        o->session.quota = 0;
        o->session.last_cost = 0;
    }
}

/* A date counts if its request has left and may have worked. */
static void forget_date(struct sj_date *date, bool counts)
{
    date->s = counts ? minutes(date->s - service_clock()) : 0;
    date->ms =
        counts ? (uint64_t)minutes(((int64_t)(date->ms - uptime())) / 1000) : 0;
}

/*
 * What the future depends on. The buffer is left out but for its end, which
 * attempts leave alone: the rest follows from the exchange.
 */
static struct key key_of_state(void)
{
    struct key key = {{1, 2}};
    struct segjob_client c = state.client;
    struct world w = state.world;
    const uint64_t now = uptime();

    c.times.deadline_ms -= now;
    c.times.wake_ms -= c.times.wake_ms == NEVER ? 0 : now;
    for (unsigned i = 0; i < SJ_DATES; i++) {
        forget_date(&c.times.dates[i],
                    i < c.op.unknown_outcomes + (w.seen.x.connected ? 1u : 0));
    }
    c.times.now_ms = 0;
    c.attempt.attempt_deadline_ms -= w.seen.x.supplied ? now : 0;
    c.attempt.sent_ms -= w.seen.x.connected ? now : 0;
    c.attempt.sent_s -= w.seen.x.connected ? service_clock() : 0;
    c.attempt.http.date -=
        c.attempt.http.date > 0 ? (uint32_t)service_clock() : 0;
    w.created = w.owner != NOBODY ? minutes(w.created - service_clock()) : 0;
    w.flying_date =
        w.flying != NOBODY ? minutes(w.flying_date - service_clock()) : 0;
    w.seen.deadline -= now;
    w.seen.pause_until -= w.seen.paused ? now : 0;
    w.now = 0;
    w.behind = 0;
    w.x.created = w.x.arrived ? minutes(w.x.created - service_clock()) : 0;
    relate(&w.seen.x, w.x.arrived);
    relate(&w.seen.last, w.x.arrived);
    forget(&c, &w);
    hash_text(&key, &w.seen.x.code);
    hash_text(&key, &w.seen.last.code);
    hash_text(&key, &w.seen.confirming);
    hash(&key, &c, sizeof(c));
    hash(&key, &w, sizeof(w));
    hash(&key, state.buf + CAP - c.op.tail_len, c.op.tail_len);
    return key;
}

/* Several processes may do so at once: the first word is taken by one. */
static bool put(struct key key)
{
    size_t i = key.of[1] & (set_cap - 1);

    key.of[0] |= key.of[0] == 0; /* 0 is an empty place */
    for (size_t tries = 0; tries < set_cap / 2; tries++) {
        struct key *at = &set[i];

        if (__sync_bool_compare_and_swap(&at->of[0], 0, key.of[0])) {
            at->of[1] = key.of[1];
            return true;
        }
        if (at->of[0] == key.of[0] &&
            (at->of[1] == key.of[1] || at->of[1] == 0)) {
            return false;
        }
        i = (i + 1) & (set_cap - 1);
    }
    fprintf(stderr, "explore: there are too many states\n");
    exit(2);
}

/* Whether the state is new. One that has ended has no future. */
static bool is_new(void)
{
    if (state.world.ended) {
        return false;
    }
    if (!put(key_of_state())) {
        return false;
    }
    tally->states++;
    return true;
}

/* ------------------------------------------------------------------ policy */

/* Of create, settle, read, wait and create with an unknown outcome. */
static const char *const reachable[SJ_EVENTS] = {
    [SJ_FINAL] = "csrwu",       [SJ_TRANSIENT] = "csrwu",
    [SJ_THROTTLED] = "csrwu",   [SJ_EXPIRED] = "csrwu",
    [SJ_SKEWED] = "csrwu",      [SJ_NO_CREDENTIALS] = "csrwu",
    [SJ_UNCONFIRMED] = " srwu", [SJ_STALE] = " srwu",
    [SJ_NAME_TAKEN] = "    u",  [SJ_NOT_FOUND] = " s w ",
    [SJ_RUNNING] = "   w ",     [SJ_TOO_LARGE] = " srw ",
    [SJ_DONE] = "csrwu",        [SJ_ABORTED] = "csrwu",
};
static const int columns[] = {SJ_CREATING, SJ_SETTLING, SJ_READING, SJ_WAITING,
                              SJ_PHASES};

static bool is_reachable(int event, int phase)
{
    size_t i = 0;

    while (i < LENGTH(columns) && columns[i] != phase) {
        i++;
    }
    return i < LENGTH(columns) && reachable[event][i] != ' ';
}

enum sj_action __real_sj_policy(const struct segjob_client *c);
enum sj_action __wrap_sj_policy(const struct segjob_client *c);

enum sj_action __wrap_sj_policy(const struct segjob_client *c)
{
    const bool is_unknown =
        c->op.phase == SJ_CREATING && c->op.unknown_outcomes > 0;
    const int phase = is_unknown ? SJ_PHASES : c->op.phase;
    const int event = c->attempt.result.event;

    RULE(is_reachable(event, phase), "an event that its phase cannot have");
    tally->policy[event][phase]++;
    return __real_sj_policy(c);
}

/* Returns how many cells of the policy's table were not reached. */
static unsigned count_unreached(const struct tally *sum)
{
    unsigned cells = 0, unreached = 0;

    for (int event = 0; event < SJ_EVENTS; event++) {
        for (size_t i = 0; i < LENGTH(columns); i++) {
            if (reachable[event][i] != ' ') {
                cells++;
                unreached += sum->policy[event][columns[i]] == 0;
            }
        }
    }
    printf("policy: %u of %u cells reached, %zu unreachable\n",
           cells - unreached, cells, SJ_EVENTS * LENGTH(columns) - cells);
    return unreached;
}

/* ------------------------------------------------------------------ search */

static void print_events(uint32_t node)
{
    if (nodes[node].parent == NO_NODE) {
        printf("%s", start_names[nodes[node].choice]);
        return;
    }
    print_events(nodes[node].parent);
    printf(" %d:%s", nodes[node].step, world_choice_name(nodes[node].choice));
}

/* Whether a rule was broken, after the node's events and then this one. */
static bool is_broken(uint32_t node, unsigned step, int choice)
{
    if (broken == NULL) {
        return false;
    }
    if (++tally->violations <= BROKEN_MAX) {
        printf("BROKEN %s: explore ", broken);
        print_events(node);
        if (choice > 0) {
            printf(" %u:%s", step, world_choice_name(choice));
        }
        printf("\n");
    }
    if (only_first) {
        exit(1);
    }
    return true;
}

static void choose(int choice)
{
    if (!world_choose(choice)) {
        broken = "an event is not possible any more";
    }
}

/* Go to the state of a node. Those of one parent are visited in turn. */
static void go_to(uint32_t node, unsigned *step)
{
    static struct state reached; /* ... from `parent` at `at`, by choice 0 */
    static uint32_t parent = NO_NODE;
    static unsigned at;
    const struct node *n = &nodes[node];

    if (n->parent == NO_NODE) {
        world_begin((enum start)n->choice);
        *step = 0;
        return;
    }
    if (parent == n->parent && at <= n->step) {
        state = reached;
        *step = at;
    } else {
        go_to(n->parent, step);
    }
    for (; *step < n->step; ++*step) {
        choose(0);
    }
    reached = state;
    parent = n->parent;
    at = *step;
    choose(n->choice);
    ++*step;
}

/* After the last event only the states where attempts begin are looked up. */
static bool goes_on(bool is_last)
{
    return (is_last && state.client.want != SEGJOB_WANT_CREDENTIALS) ||
           is_new();
}

/* Go on as usual while states are new. Returns the number of steps. */
static uint16_t run_on(uint32_t node, unsigned step, int choice, bool is_last)
{
    uint16_t length = 0;

    while (!state.world.ended) {
        choose(0);
        tally->transitions++;
        length++;
        if (length == STEPS_MAX) {
            broken = "it never ends";
        }
        if (is_broken(node, step, choice) || !goes_on(is_last)) {
            break;
        }
    }
    return length;
}

static void add_node(uint32_t parent, unsigned step, int choice)
{
    if (nodes_len == nodes_cap) {
        nodes_cap = nodes_cap == 0 ? 1024 : 2 * nodes_cap;
        nodes = grow(nodes, nodes_cap * sizeof(*nodes));
    }
    nodes[nodes_len++] =
        (struct node){parent, (uint16_t)step, 0, (uint16_t)choice};
}

/* Try each event in this state. The last of a sequence needs no node. */
static void branch(uint32_t node, unsigned step, bool is_last)
{
    static struct state saved;

    saved = state;
    for (int choice = 1; choice < world_choices(); choice++) {
        if (!world_choose(choice)) {
            continue;
        }
        tally->transitions++;
        if (!is_broken(node, step, choice)) {
            if (!is_last && is_new()) {
                add_node(node, step, choice);
            } else if (is_last && goes_on(true)) {
                run_on(node, step, choice, true);
            }
        }
        state = saved;
        broken = NULL;
    }
}

/* Try the events after all states of some nodes: each `by`th. */
static void branch_from(size_t i, size_t end, size_t by, bool is_last)
{
    unsigned step;

    for (; i < end; i += by) {
        go_to((uint32_t)i, &step);
        for (unsigned n = nodes[i].length; n > 0 && broken == NULL; n--) {
            branch((uint32_t)i, step++, is_last);
            choose(0);
        }
        broken = NULL;
    }
}

/* The same by all processors, for the last event. */
static void share_out(size_t first, size_t end, unsigned processes)
{
    int status;

    fflush(stdout);
    for (unsigned k = 0; k < processes; k++) {
        if (fork() == 0) {
            tally = &tallies[1 + k];
            branch_from(first + k, end, processes, true);
            fflush(stdout);
            _exit(0);
        }
    }
    while (wait(&status) > 0) {
        if (status != 0 && only_first) {
            exit(1);
        }
        tally->violations += status != 0; /* it has failed in some way */
    }
}

static struct tally sum_up(unsigned processes)
{
    struct tally sum = *tally;

    for (unsigned k = 1; k <= processes; k++) {
        sum.states += tallies[k].states;
        sum.transitions += tallies[k].transitions;
        sum.violations += tallies[k].violations;
        for (int event = 0; event < SJ_EVENTS; event++) {
            for (int phase = 0; phase <= SJ_PHASES; phase++) {
                sum.policy[event][phase] += tallies[k].policy[event][phase];
            }
        }
    }
    return sum;
}

/*
 * At each level first all states that need no more events than its nodes, then
 * those that need one more: so that each is reached by the fewest.
 */
static struct tally explore(unsigned depth, unsigned processes)
{
    size_t first = 0;
    struct tally sum = {0};

    add_node(NO_NODE, 0, CREATE);
    for (unsigned level = 1; level <= depth; level++) {
        const size_t end = nodes_len;
        unsigned step;

        for (size_t i = first; i < end; i++) {
            go_to((uint32_t)i, &step);
            nodes[i].length = run_on((uint32_t)i, step, 0, false);
        }
        if (level == depth) {
            share_out(first, end, processes);
        } else {
            branch_from(first, end, 1, false);
        }
        for (int start = CREATE + 1; level == 1 && start < STARTS; start++) {
            add_node(NO_NODE, 0, start);
        }
        first = end;
        sum = sum_up(processes);
        printf("%u events: %llu states, %llu transitions, %llu violations\n",
               level, (unsigned long long)sum.states,
               (unsigned long long)sum.transitions,
               (unsigned long long)sum.violations);
        fflush(stdout);
    }
    return sum;
}

/* ------------------------------------------------------------------ replay */

static const char *const want_names[] = {"nothing", "credentials", "connection",
                                         "send",    "receive",     "close",
                                         "random",  "pause"};

static int find_choice(const char *name)
{
    for (int i = 0; i < world_choices(); i++) {
        if (strcmp(world_choice_name(i), name) == 0) {
            return i;
        }
    }
    fprintf(stderr, "explore: there is no event '%s'\n", name);
    exit(2);
}

static void print_end(void)
{
    char why[256];

    segjob_explain(&state.client, why, sizeof(why));
    printf("ends as %s, outcome %d: %s\n",
           segjob_status_name(segjob_get_status(&state.client)),
           (int)segjob_get_outcome(&state.client), why);
}

static int replay(enum start start, char *events[])
{
    world_begin(start);
    for (unsigned step = 0; !state.world.ended && broken == NULL; step++) {
        char *name = NULL;
        int choice = 0;

        if (*events != NULL && strtoul(*events, &name, 10) == step) {
            choice = find_choice(name + (*name == ':'));
            events++;
        }
        printf("%4u %10.3f s  %-11s %s\n", step, (double)uptime() / 1000,
               want_names[segjob_get_want(&state.client)],
               world_choice_name(choice));
        choose(choice);
        if (step > STEPS_MAX) {
            broken = "it never ends";
        }
    }
    if (state.world.ended) {
        print_end();
    }
    RULE(*events == NULL, "it ends before the last event");
    if (broken != NULL) {
        printf("BROKEN %s\n", broken);
    }
    return broken != NULL;
}

int main(int argc, char *argv[])
{
    const unsigned processes = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    unsigned depth = DEPTH;
    struct tally sum;

    tallies = share((1 + processes) * sizeof(*tallies));
    tally = tallies;
    for (int i = 0; argc > 1 && i < STARTS; i++) {
        if (strcmp(argv[1], start_names[i]) == 0) {
            return replay((enum start)i, argv + 2);
        }
    }
    if (argc > 1 && strcmp(argv[1], "--first") == 0) {
        only_first = true;
        argc--;
        argv++;
    }
    if (argc > 1) {
        depth = (unsigned)strtoul(argv[1], NULL, 10);
    }
    set_cap = (size_t)1 << (3 * depth + 9);
    set = share(set_cap * sizeof(*set));
    sum = explore(depth, processes);
    return (count_unreached(&sum) > 0 && depth >= 3) || sum.violations > 0;
}
