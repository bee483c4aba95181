#define _XOPEN_SOURCE 700

/*
 * Credentials from programs: when one is run, what becomes of one that fails or
 * hangs, and that no process is left. The programs are real, the clock is not.
 * tests/credentials/test_credential_process.py compares the rest with botocore.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "segjob_process.h"
#include "sj_words.h"

#define NOW 1767225600 /* 2026-01-01T00:00:00Z */
#define LATER "2026-01-01T01:00:00Z"
#define PRINT(id, expiration)                      \
    "printf '{\"Version\":1,\"AccessKeyId\":\"" id \
    "\",\"SecretAccessKey\":\"hush\",\"Expiration\":\"" expiration "\"}'"

static uint64_t now_ms;
static char script[64]; /* a file that the command runs */
static char command[128];
static char memory[4096];
static struct segjob_process process;
static const struct segjob_credentials *credentials;

static uint64_t clock_ms(struct segjob_platform *p)
{
    (void)p;
    return now_ms;
}

static bool no_random(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    memset(bytes, 0, n);
    return true;
}

static struct segjob_platform platform = {.monotonic_ms = clock_ms,
                                          .random = no_random};
static struct segjob_port port = {.platform = &platform};

static void write_script(const char *text)
{
    FILE *file = fopen(script, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_script(void **state)
{
    int fd;

    (void)state;
    strcpy(script, "/tmp/test_process_XXXXXX");
    fd = mkstemp(script);
    snprintf(command, sizeof(command), "/bin/sh %s", script);
    now_ms = 1000;
    return fd < 0 || close(fd) != 0 ||
           segjob_process_init(&process, command, memory, sizeof(memory)) !=
               SEGJOB_OK;
}

static int remove_script(void **state)
{
    (void)state;
    segjob_source_wipe(&process.source);
    for (size_t i = 0; i < sizeof(memory); i++) {
        if (memory[i] != 0) {
            return 1;
        }
    }
    return unlink(script);
}

static enum segjob_io get_once(int64_t now, bool force_refresh)
{
    struct segjob_provider *p = &process.source.provider;

    return p->get(p, &port, now, force_refresh, &credentials);
}

/* Until the program has ended. The clock stands. */
static enum segjob_io get(int64_t now, bool force_refresh)
{
    static const struct timespec pause = {0, 1000000};
    enum segjob_io io = get_once(now, force_refresh);

    while (io == SEGJOB_IO_WOULD_BLOCK) {
        (void)nanosleep(&pause, NULL);
        io = get_once(now, false);
    }
    return io;
}

static void assert_id(const char *id)
{
    assert_int_equal(credentials->access_key_id.len, strlen(id));
    assert_memory_equal(credentials->access_key_id.ptr, id, strlen(id));
}

static void assert_no_children(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* ------------------------------------------------------------------- tests */

static void test_it_is_run_five_minutes_early(void **state)
{
    (void)state;
    write_script(PRINT("A", LATER));
    assert_int_equal(get(NOW, false), SEGJOB_IO_OK);
    assert_id("A");
    write_script(PRINT("B", LATER));
    assert_int_equal(get_once(NOW + 3299, false), SEGJOB_IO_OK);
    assert_id("A");
    now_ms += 60001;
    assert_int_equal(get(NOW + 3300, false), SEGJOB_IO_OK);
    assert_id("B");
    assert_no_children();
}

static void test_old_ones_serve_while_it_fails(void **state)
{
    (void)state;
    write_script(PRINT("A", LATER));
    assert_int_equal(get(NOW, false), SEGJOB_IO_OK);
    write_script("exit 3");
    now_ms += 60001;
    assert_int_equal(get(NOW + 3500, false), SEGJOB_IO_OK);
    assert_id("A");
    /* The service called them expired: they are not used again. */
    assert_int_equal(get(NOW + 3500, true), SEGJOB_IO_FAILED);
    assert_int_equal(process.source.provider.error.status, SEGJOB_CREDENTIALS);
    assert_string_equal(process.source.provider.error.message,
                        "credential_process: the program exited with status 3");
    write_script(PRINT("B", LATER));
    assert_int_equal(get(NOW + 3500, false), SEGJOB_IO_OK);
    assert_id("B");
    assert_no_children();
}

static void test_one_that_hangs_is_killed(void **state)
{
    (void)state;
    write_script("exec sleep 1000");
    assert_int_equal(get_once(NOW, false), SEGJOB_IO_WOULD_BLOCK);
    now_ms += SEGJOB_PROCESS_TIMEOUT_MS - 1;
    assert_int_equal(get_once(NOW, false), SEGJOB_IO_WOULD_BLOCK);
    now_ms++;
    assert_int_equal(get_once(NOW, false), SEGJOB_IO_FAILED);
    assert_string_equal(process.source.message,
                        "credential_process: the program took too long");
    assert_no_children();
}

static void test_one_that_is_cancelled_is_killed(void **state)
{
    struct segjob_provider *p = &process.source.provider;
    struct segjob_wants wants = {false, false, UINT64_MAX};

    (void)state;
    write_script("exec sleep 1000");
    assert_int_equal(get_once(NOW, false), SEGJOB_IO_WOULD_BLOCK);
    p->wants(p, &port, &wants);
    assert_true(wants.wake_ms <= now_ms + SEGJOB_SOURCE_POLL_MS);
    p->cancel(p, &port);
    assert_no_children();
    assert_int_equal(get_once(NOW, false), SEGJOB_IO_WOULD_BLOCK);
    segjob_source_wipe(&process.source);
    assert_no_children();
}

/* A program may print as much as fits with what is kept of the last one. */
static void test_the_output_is_limited(void **state)
{
    char text[256];

    (void)state;
    for (size_t n = sizeof(memory) - 4; n < sizeof(memory) + 4; n++) {
        snprintf(text, sizeof(text), "head -c %u /dev/zero", (unsigned)n);
        write_script(text);
        now_ms += 60001;
        assert_int_equal(get(NOW, false), SEGJOB_IO_FAILED);
        assert_string_equal(
            process.source.message,
            n < sizeof(memory)
                ? "credential_process: the program did not print JSON with "
                  "Version 1"
                : "credential_process: the program printed too much");
    }
    assert_no_children();
}

/* An emulated processor may report the failure as an exit with 127. */
static void test_a_command_that_cannot_be_started(void **state)
{
    const int first_free = dup(0);

    (void)state;
    assert_int_equal(close(first_free), 0);
    assert_int_equal(segjob_process_init(&process, "/nonexistent/x y", memory,
                                         sizeof(memory)),
                     SEGJOB_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(get(NOW, false), SEGJOB_IO_FAILED);
    }
    assert_true(
        strstr(process.source.message,
               "cannot be started: No such file or directory") != NULL ||
        strstr(process.source.message, "exited with status 127") != NULL);
    assert_int_equal(dup(0), first_free); /* no descriptor has leaked */
    assert_int_equal(close(first_free), 0);
    assert_no_children();
}

static void test_commands_without_words(void **state)
{
    static const char *const flawed[][2] = {
        {"", "has no words"},
        {" \t\n", "has no words"},
        {"a 'b", "has a quote that is not closed"},
        {"a \"b", "has a quote that is not closed"},
        {"a \\", "ends in a backslash"}};
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(flawed) / sizeof(flawed[0]); i++) {
        assert_int_equal(
            segjob_process_init(&process, flawed[i][0], memory, sizeof(memory)),
            SEGJOB_CONFIG);
        snprintf(text, sizeof(text), "credential_process: the command %s",
                 flawed[i][1]);
        assert_string_equal(process.source.message, text);
    }
}

/* The words are those of Python's shlex.split(). */
static void test_every_capacity(void **state)
{
    static const char text[] = " a\\ b 'c \"d' \"e 'f\\\"\" '' g";
    static const char *const expected[] = {"a b", "c \"d", "e 'f\"", "", "g"};
    enum {
        WORDS = 5,
        LEN = 18 /* with the NULs */
    };

    (void)state;
    for (size_t cap = 0; cap <= LEN; cap++) {
        for (size_t max = 1; max <= WORDS + 1; max++) {
            char *room = malloc(cap + (cap == 0));
            char *words[WORDS + 1];

            assert_int_equal(sj_words_split(text, room, cap, words, max) ==
                                 NULL,
                             cap == LEN && max == WORDS + 1);
            free(room);
        }
    }
    {
        char room[LEN], *words[WORDS + 1];

        assert_null(sj_words_split(text, room, LEN, words, WORDS + 1));
        for (size_t i = 0; i < WORDS; i++) {
            assert_string_equal(words[i], expected[i]);
        }
        assert_null(words[WORDS]);
    }
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_script, remove_script)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_is_run_five_minutes_early),
        TEST(test_old_ones_serve_while_it_fails),
        TEST(test_one_that_hangs_is_killed),
        TEST(test_one_that_is_cancelled_is_killed),
        TEST(test_the_output_is_limited),
        TEST(test_a_command_that_cannot_be_started),
        TEST(test_commands_without_words),
        TEST(test_every_capacity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
