/*
 * Jobs on standard output: as the API's JSON, or as plain text.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdio.h>

#include "segjob.h"

/* Write `{"batchSegmentJobArn": "...", "status": "..."}`, or as text the ARN,
 * a tab and the status; without the latter if it is absent. */
void json_arn(FILE *file, struct segjob_str arn, struct segjob_str status,
              bool as_text);

/* Write a job as a JSON object, in the API's order. */
void json_job(FILE *file, const struct segjob_job *job);

/* Write a line: ARN, status and time of creation in ISO 8601, with tabs. */
void json_text(FILE *file, const struct segjob_job *job);

#endif
