/*
 * Rules, and what happens if one is broken: each world has its own way.
 */
#ifndef SJ_SIMULATION_RULE_H
#define SJ_SIMULATION_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEVER UINT64_MAX
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__GNUC__)
#define LIKE_PRINTF __attribute__((format(printf, 1, 2)))
#else
#define LIKE_PRINTF
#endif

/* If the rule is broken, say how. */
#define RULE(truth, ...) ((truth) ? (void)0 : break_rule(__VA_ARGS__))
LIKE_PRINTF void break_rule(const char *format, ...);

#endif
