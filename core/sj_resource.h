/*
 * The API's names for a batch segment job: in the names of operations, in
 * members of JSON, and in ARNs.
 */
#ifndef SJ_RESOURCE_H
#define SJ_RESOURCE_H

#define SJ_RESOURCE "BatchSegmentJob"
#define SJ_RESOURCE_MEMBER "batchSegmentJob"
#define SJ_RESOURCE_ARN_MEMBER SJ_RESOURCE_MEMBER "Arn"
#define SJ_RESOURCE_TYPE "batch-segment-job/"

#endif
