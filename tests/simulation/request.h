/*
 * A request, parsed from its bytes without the library's code.
 */
#ifndef SJ_SIMULATION_REQUEST_H
#define SJ_SIMULATION_REQUEST_H

#include "segjob.h"

/* The members of a job's parameters, in the order of the wire. */
#define MEMBER_LIST(X)                                             \
    X(JOB_NAME, "jobName")                                         \
    X(SOLUTION_VERSION_ARN, "solutionVersionArn")                  \
    X(FILTER_ARN, "filterArn")                                     \
    X(NUM_RESULTS, "numResults")                                   \
    X(INPUT_PATH, "jobInput.s3DataSource.path")                    \
    X(INPUT_KMS_KEY_ARN, "jobInput.s3DataSource.kmsKeyArn")        \
    X(OUTPUT_PATH, "jobOutput.s3DataDestination.path")             \
    X(OUTPUT_KMS_KEY_ARN, "jobOutput.s3DataDestination.kmsKeyArn") \
    X(ROLE_ARN, "roleArn")                                         \
    X(TAGS, "tags")

enum member {
#define MEMBER_ENUM(name, path) name,
    MEMBER_LIST(MEMBER_ENUM)
#undef MEMBER_ENUM
    MEMBERS
};

extern const char *const member_paths[MEMBERS];

/*
 * A job's parameters: of a string the text between its quotes, of anything else
 * its JSON text. Absent ones have `ptr` NULL.
 */
struct params {
    struct segjob_str of[MEMBERS];
};

bool same_text(struct segjob_str a, struct segjob_str b);

/* The first member that differs, or MEMBERS. */
enum member params_difference(const struct params *a, const struct params *b);

enum target {
    NO_TARGET,
    CREATE_JOB,
    DESCRIBE_JOB,
    LIST_JOBS,
    TARGETS
};

extern const char *const target_names[TARGETS];

struct request {
    enum target target;
    int64_t date; /* X-Amz-Date, Unix seconds */
    struct segjob_str token;
    struct params params;  /* to create; to list, the solution version */
    struct segjob_str arn; /* to describe */
    struct segjob_str max_results;
    struct segjob_str next_token;
};

/*
 * Parse a whole request; the spans point into it. Returns false if it is not
 * one, or has what no request of this simulation has: an unknown or repeated
 * member, or an escaped character.
 */
bool request_read(struct segjob_str bytes, struct request *r);

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
int64_t days_to(int64_t year, int64_t month, int64_t day);

#endif
