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
    while (s.len > 0 && (segjob_is_alnum(s.ptr[0]) || s.ptr[0] == '-')) {
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

/* Labels separated by dots. A dot at the end would add an empty label. */
static bool is_name(struct segjob_str host)
{
    const char *end = host.ptr + host.len;
    struct segjob_str label;
    bool valid;

    do {
        label = sj_take_until(&host, '.');
        valid = is_label(label);
    } while (valid && host.len > 0);
    return valid && label.ptr + label.len == end;
}

bool sj_endpoint_is_ipv6(struct segjob_str host)
{
    uint8_t bytes[16];

    return segjob_read_ipv6(host, bytes);
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
 * Four texts for each partition: the prefix of its regions, its pseudo-region,
 * its suffix, and its suffix for dual-stack. The last row is for all other
 * regions: those of aws and aws-us-gov.
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
                            const struct segjob_config *config,
                            const char *service)
{
    const char *const *partition = partitions;
    /* Pseudo-regions begin with `a`: do not compare others, to save time. */
    const bool is_aws = config->region.len > 0 && config->region.ptr[0] == 'a';
    struct segjob_str region = config->region;
    const char *suffix;

    while (!sj_take_text(&region, *partition) &&
           !(is_aws && sj_is_text(region, sj_next_text(*partition)))) {
        partition++;
    }
    suffix = sj_next_text(sj_next_text(*partition));
    sj_write_text(w, service);
    sj_write_text(w, config->fips ? "-fips." : ".");
    sj_write_str(w, config->region);
    sj_write_char(w, '.');
    sj_write_text(w, config->dual_stack ? sj_next_text(suffix) : suffix);
}
