/*
 * Responses as values, with the members of botocore's model, in its order.
 */
#ifndef CLI_DOCUMENT_H
#define CLI_DOCUMENT_H

#include "value.h"

/* {"batchSegmentJobArn": ..., "status": ...}; the latter may be absent. */
struct value *document_created(struct segjob_str arn, struct segjob_str status);

/*
 * A job as it is described, and as it is listed. Time stamps are texts in ISO
 * 8601 by the local time zone, or numbers as the service sends them if
 * `has_wire_times`.
 */
struct value *document_job(const struct segjob_job *job, bool has_wire_times);
struct value *document_summary(const struct segjob_job *job,
                               bool has_wire_times);

/* {name: member} */
struct value *document_of(const char *name, struct value *member);

#endif
