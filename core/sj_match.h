/*
 * One matcher per pattern that the API publishes.
 *
 * Each returns whether the whole value matches. `.` matches any character other
 * than the line terminators LF, CR, U+0085, U+2028 and U+2029; `\d` matches
 * [0-9]. Values must be well-formed UTF-8. sj_check.c checks their lengths.
 */
#ifndef SJ_MATCH_H
#define SJ_MATCH_H

#include "segjob.h"

bool sj_match_name(struct segjob_str s);
bool sj_match_arn(struct segjob_str s);
bool sj_match_role_arn(struct segjob_str s);
bool sj_match_path(struct segjob_str s);
bool sj_match_kms_arn(struct segjob_str s);
bool sj_match_tag(struct segjob_str s);

#endif
