#include "sj_endpoint.h"

#include "sj_scan.h"

#define LABEL_MAX 63
#define HOST_MAX 253

/* One label of a host name, without its dots. */
static bool is_label(struct segjob_str s)
{
    if (s.len == 0 || s.len > LABEL_MAX || s.ptr[0] == '-' ||
        s.ptr[s.len - 1] == '-') {
        return false;
    }
    while (s.len > 0 && (sj_is_alnum(s.ptr[0]) || s.ptr[0] == '-')) {
        sj_skip(&s, 1);
    }
    return s.len == 0;
}

bool sj_endpoint_is_region(struct segjob_str region)
{
    if (!is_label(region)) {
        return false;
    }
    sj_take_digits(&region);
    return region.len > 0;
}

/* What stands behind a dot at the end is a label too, and an empty one. */
static bool is_name(struct segjob_str host)
{
    const char *end = host.ptr + host.len;
    struct segjob_str label;
    bool good;

    do {
        label = sj_take_until(&host, '.');
        good = is_label(label);
    } while (good && host.len > 0);
    return good && label.ptr + label.len == end;
}

/* Take a group of hexadecimal digits; returns whether it is 1 to 4 of them. */
static bool take_group(struct segjob_str *s)
{
    const size_t before = s->len;

    while (s->len > 0 && sj_hex_value(s->ptr[0]) < 16) {
        sj_skip(s, 1);
    }
    return s->len < before && before - s->len <= 4;
}

/*
 * Eight groups between colons, or fewer with `::` once (RFC 4291 section 2.2,
 * forms 1 and 2).
 */
bool sj_endpoint_is_ipv6(struct segjob_str s)
{
    bool gap = sj_take_text(&s, "::");
    bool more = !gap || s.len > 0;
    size_t groups = 0;

    while (more) {
        if (!take_group(&s)) {
            return false;
        }
        groups++;
        more = sj_take(&s, ':');
        if (more && !gap && sj_take(&s, ':')) {
            gap = true;
            more = s.len > 0;
        }
    }
    return s.len == 0 && (gap ? groups < 8 : groups == 8);
}

bool sj_endpoint_is_host(struct segjob_str host)
{
    return host.ptr != NULL && host.len <= HOST_MAX &&
           (is_name(host) || sj_endpoint_is_ipv6(host));
}

bool sj_endpoint_is_loopback(struct segjob_str host)
{
    static const char name[] = ".localhost";
    size_t at = sizeof(name) - 1, left = host.len;

    while (at > 0 && left > 0 && (host.ptr[left - 1] | 0x20) == name[at - 1]) {
        left--;
        at--;
    }
    return at == 0 || (at == 1 && left == 0) ||
           sj_is_listed(host, "127.0.0.1\0"
                              "::1\0");
}

/*
 * Four texts for each partition: what its regions begin with, its
 * pseudo-region, its suffix, and that for dual-stack. The last is of all other
 * regions: aws, aws-us-gov.
 */
static const char *const partitions[] = {
    "cn-\0aws-cn-global\0amazonaws.com.cn\0api.amazonwebservices.com.cn",
    "us-iso-\0aws-iso-global\0c2s.ic.gov\0api.aws.ic.gov",
    "us-isob-\0aws-iso-b-global\0sc2s.sgov.gov\0api.aws.scloud",
    "eu-isoe-\0aws-iso-e-global\0cloud.adc-e.uk\0api.cloud-aws.adc-e.uk",
    "us-isof-\0aws-iso-f-global\0csp.hci.ic.gov\0api.aws.hci.ic.gov",
    "eusc-\0\0amazonaws.eu\0api.amazonwebservices.eu",
    "\0\0amazonaws.com\0api.aws",
};

void sj_endpoint_write_host(struct sj_writer *w,
                            const struct segjob_config *config)
{
    const char *const *partition = partitions;
    /* Only these can be pseudo-regions; this is done for each request. */
    const bool is_aws = config->region.len > 0 && config->region.ptr[0] == 'a';
    struct segjob_str region = config->region;
    const char *suffix;

    while (!sj_take_text(&region, *partition) &&
           !(is_aws && sj_is_text(region, sj_next_text(*partition)))) {
        partition++;
    }
    suffix = sj_next_text(sj_next_text(*partition));
    sj_write_text(w, config->fips ? "personalize-fips." : "personalize.");
    sj_write_str(w, config->region);
    sj_write_char(w, '.');
    sj_write_text(w, config->dual_stack ? sj_next_text(suffix) : suffix);
}
