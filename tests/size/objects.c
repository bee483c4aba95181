/*
 * The RAM of each object that a caller provides, as the size of an array.
 */
#include "segjob.h"
#include "segjob_tunnel.h"
#include "segjob_run.h"
#include "segjob_tls.h"

char ram_segjob_client[sizeof(struct segjob_client)];
char ram_segjob_port[sizeof(struct segjob_port)];
char ram_segjob_create_request[sizeof(struct segjob_create_request)];
char ram_segjob_tunnel[sizeof(struct segjob_tunnel)];
