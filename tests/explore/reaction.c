#include "world.h"

#define ERROR(status, name, meaning) ERRONEOUS, status, name, meaning
#define PAGE(status, meaning) ERRONEOUS, status, NULL, meaning
#define RESULT(how) AS_ASKED, 0, NULL, NOTHING, how
#define NO_RESPONSE SILENT, 0, NULL, NOTHING
#define BREAKS BROKEN, 0, NULL, NOTHING
#define NOT_ARN(arn) NAMED, 200, arn, BAD
#define EXISTS "ResourceAlreadyExistsException"
#define MISSING "ResourceNotFoundException"

/* The first one is the ordinary one. */
const struct reaction reactions[] = {
    {"as-asked", ANY, DO, RESULT(0), 0, 0},
    /* Nothing comes back. */
    {"request-lost", ANY, 0, BREAKS, 0, 0, 0},
    {"request-lost-silently", ANY, 0, NO_RESPONSE, 0, 0, 0},
    {"response-lost", CREATES, DO, BREAKS, 0, 0, 0},
    {"response-lost-silently", CREATES, DO, NO_RESPONSE, 0, 0, 0},
    {"request-late", CREATES, DELAY, BREAKS, 0, 0, 0},
    {"request-late-silently", CREATES, DELAY, NO_RESPONSE, 0, 0, 0},
    /* The result, in other ways. */
    {"then-close", ANY, DO, RESULT(CLOSES), 0, 0},
    {"until-close", ANY, DO, RESULT(UNTIL_CLOSE), 0, 0},
    {"chunked", ANY, DO, RESULT(CHUNKED), 0, 0},
    {"response-doubled", ANY, DO, RESULT(DOUBLED), 0, 0},
    {"too-long", ANY, DO, RESULT(TOO_LONG), 0, 0},
    {"look-lags", LOOKS, DO, RESULT(LAGS), 0, 0},
    {"job-without-time", LOOKS, DO, RESULT(NO_TIME), 0, 0},
    {"aliased", CREATES, DO, RESULT(ALIASED), 0, 0},
    /* Throttled. */
    {"throttled", ANY, 0, ERROR(400, "ThrottlingException", THROTTLED), 0, 0,
     0},
    {"throttled-5-s", ANY, 0, ERROR(400, "ThrottlingException", THROTTLED), 0,
     5, 0},
    {"throttled-9000-ms", ANY, 0, ERROR(503, "SlowDown", THROTTLED), 0, 0,
     9000},
    {"throttled-1-h", ANY, 0, ERROR(400, "LimitExceededException", THROTTLED),
     0, 3600, 0},
    {"throttled-10-ms", ANY, 0, ERROR(503, "SlowDown", THROTTLED), 0, 0, 10},
    {"throttled-until", ANY, 0, ERROR(503, "SlowDown", THROTTLED), AS_DATE, 5,
     0},
    {"429", ANY, 0, PAGE(429, THROTTLED), 0, 0, 0},
    {"429-proxy", ANY, 0, ERROR(429, "TooManyRequestsException", THROTTLED),
     NO_ID, 0, 0},
    {"429-proxy-done", CREATES, DO, PAGE(429, THROTTLED), NO_ID, 0, 0},
    /* Refused. */
    {"refused", ANY, 0, ERROR(400, "ValidationException", FINAL), 0, 0, 0},
    {"denied", ANY, 0, ERROR(403, "AccessDeniedException", SKEWED), 0, 0, 0},
    {"denied-no-date", ANY, 0, ERROR(403, "RequestExpired", SKEWED), NO_DATE, 0,
     0},
    {"denied-in-cache", ANY, 0, ERROR(403, "RequestExpired", SKEWED), AGED, 0,
     0},
    {"denied-in-2100", ANY, 0, ERROR(403, "RequestExpired", SKEWED), FAR_DATE,
     0, 0},
    {"expired", ANY, 0, ERROR(400, "ExpiredTokenException", EXPIRED), 0, 0, 0},
    /* What is no refusal. */
    {"500", ANY, 0, ERROR(500, "InternalServerError", TRANSIENT), 0, 0, 0},
    {"500-done", CREATES, DO, ERROR(500, "InternalServerError", TRANSIENT), 0,
     0, 0},
    {"503-2-s", ANY, 0, PAGE(503, TRANSIENT), 0, 2, 0},
    {"504-late", CREATES, DELAY, PAGE(504, TRANSIENT), NO_ID, 0, 0},
    {"501", ANY, 0, ERROR(501, "NotImplemented", FINAL), 0, 0, 0},
    {"501-done", CREATES, DO, ERROR(501, "NotImplemented", FINAL), 0, 0, 0},
    {"400-internal", ANY, 0, ERROR(400, "InternalFailure", TRANSIENT), 0, 0, 0},
    {"400-internal-done", CREATES, DO, ERROR(400, "InternalFailure", TRANSIENT),
     0, 0, 0},
    {"403-page", ANY, 0, PAGE(403, FINAL), NO_ID, 0, 0},
    {"403-page-done", CREATES, DO, PAGE(403, FINAL), NO_ID, 0, 0},
    {"403-page-of-service", CREATES, DO, PAGE(403, FINAL), 0, 0, 0},
    {"redirect", ANY, 0, PAGE(307, FINAL), 0, 0, 0},
    {"redirect-done", CREATES, DO, PAGE(307, FINAL), 0, 0, 0},
    /* A proxy's errors. */
    {"exists-proxy", ANY, 0, ERROR(409, EXISTS, FINAL), NO_ID, 0, 0},
    {"missing-proxy", ANY, 0, ERROR(404, MISSING, FINAL), NO_ID, 0, 0},
    {"missing-proxy-done", CREATES, DO, ERROR(404, MISSING, FINAL), NO_ID, 0,
     0},
    {"denied-proxy-done", CREATES, DO,
     ERROR(403, "AccessDeniedException", SKEWED), NO_ID, 0, 0},
    {"expired-proxy", ANY, 0, ERROR(400, "ExpiredTokenException", EXPIRED),
     NO_ID, 0, 0},
    {"expired-proxy-done", CREATES, DO,
     ERROR(400, "ExpiredTokenException", EXPIRED), NO_ID, 0, 0},
    /* No result. */
    {"200-empty", ANY, 0, TEXT, 200, "{}", BAD, 0, 0, 0},
    {"200-empty-done", CREATES, DO, TEXT, 200, "{}", BAD, 0, 0, 0},
    {"200-page", ANY, 0, TEXT, 200, "<html>", BAD, NO_ID, 0, 0},
    {"204-done", ANY, DO, TEXT, 204, "", BAD, 0, 0, 0},
    {"not-http-done", ANY, DO, TEXT, 0, "", NOTHING, 0, 0, 0},
    {"other-type", CREATES, 0, NOT_ARN(ARN_FRONT "solution/nightly"), 0, 0, 0},
    {"other-account", CREATES | LOOKS, DO,
     NOT_ARN("arn:aws:personalize:us-east-1:999999999999:"
             "batch-segment-job/nightly"),
     WITH_ACCOUNT, 0, 0},
    {"other-partition", CREATES, 0,
     NOT_ARN("arn:aws-cn:personalize:us-east-1:123456789012:"
             "batch-segment-job/nightly"),
     WITH_ACCOUNT, 0, 0},
    {"other-job", CREATES | LOOKS, 0, NOT_ARN(OTHER_ARN), 0, 0, 0},
    {"other-job-done", CREATES, DO, NOT_ARN(OTHER_ARN), 0, 0, 0},
};

const int reactions_len = LENGTH(reactions);
