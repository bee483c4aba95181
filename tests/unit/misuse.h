/*
 * Calls out of turn, and arguments that break a contract: release builds
 * return SEGJOB_MISUSE, debug builds abort by an assert.
 */
#ifndef MISUSE_H
#define MISUSE_H

#ifdef NDEBUG

#define MISUSE_ASSERTS false
#define assert_misuse(call) assert_int_equal((call), SEGJOB_MISUSE)

#else

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define MISUSE_ASSERTS true
#define assert_misuse(call)                                        \
    do {                                                           \
        const pid_t child = fork();                                \
        int how = 0;                                               \
                                                                   \
        if (child == 0) {                                          \
            (void)signal(SIGABRT, SIG_DFL);                        \
            (void)freopen("/dev/null", "w", stderr);               \
            _exit((call) == SEGJOB_MISUSE);                        \
        }                                                          \
        assert_int_equal(waitpid(child, &how, 0), child);          \
        assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT); \
    } while (0)

#endif

#endif
