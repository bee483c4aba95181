/*
 * Print what the source of SSO gives:
 *
 *   sso HOST PORT REGION ACCOUNT ROLE SESSION START-URL PROFILE CAP AHEAD
 *
 * HOST and PORT are those of a portal over plain HTTP; an empty HOST is that of
 * the region. An empty text is NULL. CAP is the size of the buffer. The clock
 * is AHEAD by so many seconds. Exits with 4 if the buffer contains the text
 * TOKEN of the environment at the end, and with 3 after a bad configuration.
 */
#include "segjob_sso.h"

#include "provide.h"

static struct segjob_posix posix;
static struct segjob_sso sso;
static char memory[65536];
static int64_t (*true_clock)(struct segjob_platform *p);
static int64_t ahead_s;

static const char *optional(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static int64_t clock_ahead(struct segjob_platform *p)
{
    return true_clock(p) + ahead_s;
}

static bool holds(const char *text)
{
    const size_t n = strlen(text);

    for (size_t i = 0; i + n <= sizeof(memory); i++) {
        if (memcmp(memory + i, text, n) == 0) {
            return true;
        }
    }
    return false;
}

int main(int argc, char *argv[])
{
    struct segjob_sso_config config;

    if (argc != 11) {
        return 2;
    }
    config = (struct segjob_sso_config){
        .service = {.region = segjob_cstr(optional(argv[3])),
                    .host = segjob_cstr(optional(argv[1])),
                    .port = (uint16_t)strtoul(argv[2], NULL, 10),
                    .plain = optional(argv[1]) != NULL},
        .account_id = optional(argv[4]),
        .role_name = optional(argv[5]),
        .session = optional(argv[6]),
        .start_url = optional(argv[7]),
        .profile = optional(argv[8]),
    };
    if (segjob_posix_init(&posix, getenv("AWS_CA_BUNDLE"), NULL) != SEGJOB_OK) {
        fprintf(stderr, "sso: %s\n", posix.port.error.message);
        return 1;
    }
    true_clock = posix.port.platform->wall_clock;
    posix.port.platform->wall_clock = clock_ahead;
    ahead_s = strtol(argv[10], NULL, 10);
    if (segjob_sso_init(&sso, &config, memory, strtoul(argv[9], NULL, 10)) !=
        SEGJOB_OK) {
        printf("%s\n", sso.source.message);
        return 3;
    }
    (void)provide(&posix, &sso.source.provider);
    return holds(getenv("TOKEN")) ? 4 : 0;
}
