/*
 * Print the credentials that IAM Roles Anywhere gives a device:
 *
 *   anywhere KIND CERTIFICATE KEY NAME=VALUE...
 *
 * device.h has the kinds of keys, provide.h the output, and `texts` below the
 * names. With host=HOST requests go there, without TLS if plain=1; without a
 * host the program prints the name of AWS's own, and ends. Exits with 77 if
 * mbedTLS has no such keys, and with 1 if the configuration is refused.
 */
#include "device.h"
#include "provide.h"
#include "segjob_anywhere.h"

static struct segjob_posix posix;
static struct segjob_anywhere anywhere;
static struct device device;
static struct segjob_anywhere_config config;
static char memory[65536];
static size_t cap = sizeof(memory);

static const struct {
    const char *name;
    struct segjob_str *text;
} texts[] = {
    {"region", &config.service.region},   {"host", &config.service.host},
    {"anchor", &config.trust_anchor_arn}, {"profile", &config.profile_arn},
    {"role", &config.role_arn},           {"session", &config.session_name},
};

static int fail(const char *why)
{
    fprintf(stderr, "anywhere: %s\n", why);
    return 1;
}

static void set_number(const char *name, unsigned long number)
{
    if (strcmp(name, "port") == 0) {
        config.service.port = (uint16_t)number;
    } else if (strcmp(name, "duration") == 0) {
        config.duration_s = (uint32_t)number;
    } else if (strcmp(name, "buffer") == 0) {
        cap = number;
    } else if (strcmp(name, "plain") == 0) {
        config.service.plain = number != 0;
    } else if (strcmp(name, "fips") == 0) {
        config.service.fips = number != 0;
    } else if (strcmp(name, "dual-stack") == 0) {
        config.service.dual_stack = number != 0;
    } else {
        exit(fail(name));
    }
}

static void set(char *word)
{
    char *value = strchr(word, '=');
    size_t i;

    if (value == NULL) {
        exit(fail(word));
    }
    *value++ = '\0';
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(word, texts[i].name) == 0) {
            *texts[i].text = segjob_cstr(value);
            return;
        }
    }
    set_number(word, strtoul(value, NULL, 10));
}

static int begin(char *argv[])
{
    struct segjob_port_error error;
    int ret;

    if (segjob_posix_init(&posix, getenv("AWS_CA_BUNDLE"), NULL) != SEGJOB_OK) {
        return fail(posix.port.error.message);
    }
    if (device_read(&device, argv[2], argv[3], posix.port.platform, &error) !=
        SEGJOB_OK) {
        return fail(error.message);
    }
    ret = device_key(&device, argv[1], &config.key);
    if (ret != 0) {
        return ret == DEVICE_HAS_NO_SUCH_KEY ? ret
                                             : fail("the key cannot be set up");
    }
    config.chain = &device.identity.chain;
    return segjob_anywhere_init(&anywhere, &config, memory, cap) == SEGJOB_OK
               ? 0
               : fail(anywhere.source.message);
}

int main(int argc, char *argv[])
{
    int code, i;

    if (argc < 4) {
        return fail("KIND CERTIFICATE KEY NAME=VALUE...");
    }
    for (i = 4; i < argc; i++) {
        set(argv[i]);
    }
    code = begin(argv);
    if (code != 0) {
        return code;
    }
    if (config.service.host.ptr == NULL) {
        puts(anywhere.host);
        return 0;
    }
    code = provide(&posix, &anywhere.source.provider);
    if (anywhere.source.size_needed > 0) {
        fprintf(stderr, "%zu bytes\n", anywhere.source.size_needed);
    }
    segjob_source_wipe(&anywhere.source);
    return code;
}
