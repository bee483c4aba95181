/*
 * For test programs: print what a provider gives.
 *
 *   return provide(&posix, &sts.source.provider);
 *
 * Each round prints a line of JSON, with the members AccessKeyId,
 * SecretAccessKey and Token, or with Error and Retry, which is true or false.
 * The first round begins by itself, others with a line "get" or "refresh" on
 * standard input.
 */
#ifndef PROVIDE_H
#define PROVIDE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "segjob_posix.h"

static inline void print_member(const char *name, struct segjob_str value)
{
    printf("\"%s\": \"", name);
    for (size_t i = 0; i < value.len; i++) {
        printf("\\u%04x", (unsigned char)value.ptr[i]);
    }
    printf("\"");
}

static inline void print_round(const struct segjob_provider *p,
                               enum segjob_io io,
                               const struct segjob_credentials *credentials)
{
    printf("{");
    if (io == SEGJOB_IO_OK) {
        print_member("AccessKeyId", credentials->access_key_id);
        printf(", ");
        print_member("SecretAccessKey", credentials->secret_access_key);
        printf(", ");
        print_member("Token", credentials->session_token);
    } else {
        print_member("Error", segjob_cstr(p->error.message));
        printf(", \"Retry\": %s",
               p->error.status == SEGJOB_CREDENTIALS_UNAVAILABLE ? "true"
                                                                 : "false");
    }
    printf("}\n");
    fflush(stdout);
}

static inline enum segjob_io provide_once(
    struct segjob_port *port, bool force_refresh,
    const struct segjob_credentials **credentials)
{
    struct segjob_provider *p = port->provider;
    struct segjob_platform *platform = port->platform;
    enum segjob_io io;

    while ((io = p->get(p, port, platform->wall_clock(platform), force_refresh,
                        credentials)) == SEGJOB_IO_WOULD_BLOCK) {
        struct segjob_wants wants = {false, false, UINT64_MAX};

        p->wants(p, port, &wants);
        platform->wait(platform, &wants);
        force_refresh = false;
    }
    return io;
}

static inline int provide(struct segjob_posix *posix,
                          struct segjob_provider *provider)
{
    char line[32] = "get\n";
    const struct segjob_credentials *credentials = NULL;

    posix->port.provider = provider;
    do {
        const enum segjob_io io = provide_once(
            &posix->port, strcmp(line, "refresh\n") == 0, &credentials);

        print_round(provider, io, credentials);
    } while (fgets(line, sizeof(line), stdin) != NULL);
    segjob_disconnect(&posix->port);
    return 0;
}

#endif
