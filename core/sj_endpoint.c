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
    static const char names[][10] = {"localhost", "127.0.0.1", "::1"};
    size_t i = 0;

    while (i < 3 && !sj_is_text(host, names[i])) {
        i++;
    }
    return i < 3;
}

/* Regions that begin with `prefix` belong to the partition with the suffix. */
static const struct {
    const char *prefix;
    const char *suffixes[2]; /* and for dual-stack */
} partitions[] = {
    {"cn-", {"amazonaws.com.cn", "api.amazonwebservices.com.cn"}},
    {"us-iso-", {"c2s.ic.gov", "api.aws.ic.gov"}},
    {"us-isob-", {"sc2s.sgov.gov", "api.aws.scloud"}},
    {"eu-isoe-", {"cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"}},
    {"us-isof-", {"csp.hci.ic.gov", "api.aws.hci.ic.gov"}},
    {"eusc-", {"amazonaws.eu", "api.amazonwebservices.eu"}},
    {"", {"amazonaws.com", "api.aws"}}, /* aws, aws-us-gov */
};

void sj_endpoint_write_host(struct sj_writer *w,
                            const struct segjob_config *config)
{
    size_t i = 0;

    while (!sj_begins_with(config->region, segjob_str(partitions[i].prefix))) {
        i++; /* the last prefix fits every region */
    }
    sj_write_text(w, config->fips ? "personalize-fips." : "personalize.");
    sj_write_str(w, config->region);
    sj_write_char(w, '.');
    sj_write_text(w, partitions[i].suffixes[config->dual_stack]);
}
