#include "sj_endpoint.h"

#include <string.h>

#define LABEL_MAX 63
#define HOST_MAX 253

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_label_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
           c == '-';
}

/* One label of a host name, without its dots. */
static bool is_label(const char *label, size_t len)
{
    if (len == 0 || len > LABEL_MAX || label[0] == '-' ||
        label[len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_label_char(label[i])) {
            return false;
        }
    }
    return true;
}

bool sj_endpoint_is_region(struct segjob_str region)
{
    size_t digits = 0;

    if (region.ptr == NULL || !is_label(region.ptr, region.len)) {
        return false;
    }
    while (digits < region.len && is_digit(region.ptr[digits])) {
        digits++;
    }
    return digits < region.len;
}

static bool is_name(struct segjob_str host)
{
    size_t start = 0;

    for (size_t i = 0; i < host.len; i++) {
        if (host.ptr[i] == '.') {
            if (!is_label(host.ptr + start, i - start)) {
                return false;
            }
            start = i + 1;
        }
    }
    return is_label(host.ptr + start, host.len - start);
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/*
 * Groups of 1 to 4 digits between colons: eight, or fewer with `::` once (RFC
 * 4291 section 2.2, forms 1 and 2).
 */
bool sj_endpoint_is_ipv6(struct segjob_str s)
{
    size_t groups = 0, digits = 0, gaps = 0;

    for (size_t i = 0; i < s.len; i++) {
        const bool is_colon = s.ptr[i] == ':';

        if (!is_colon && !is_hex(s.ptr[i])) {
            return false;
        }
        groups += !is_colon && digits == 0;
        digits = is_colon ? 0 : digits + 1;
        gaps += is_colon && i > 0 && s.ptr[i - 1] == ':';
        if (s.len < 2 || digits > 4 ||
            (is_colon && i == 0 && s.ptr[1] != ':') ||
            (is_colon && i + 1 == s.len && s.ptr[i - 1] != ':')) {
            return false;
        }
    }
    return gaps == 1 ? groups < 8 : gaps == 0 && groups == 8;
}

bool sj_endpoint_is_host(struct segjob_str host)
{
    return host.ptr != NULL && host.len <= HOST_MAX &&
           (is_name(host) || sj_endpoint_is_ipv6(host));
}

static bool has_prefix(struct segjob_str s, const char *prefix)
{
    size_t n = strlen(prefix);

    return s.len >= n && memcmp(s.ptr, prefix, n) == 0;
}

static bool is_same(struct segjob_str s, const char *text)
{
    return s.len == strlen(text) && has_prefix(s, text);
}

bool sj_endpoint_is_loopback(struct segjob_str host)
{
    static const char names[][10] = {"localhost", "127.0.0.1", "::1"};
    size_t i = 0;

    while (i < 3 && !is_same(host, names[i])) {
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

    while (!has_prefix(config->region, partitions[i].prefix)) {
        i++; /* the last prefix fits every region */
    }
    sj_write_text(w, config->fips ? "personalize-fips." : "personalize.");
    sj_write_str(w, config->region);
    sj_write_char(w, '.');
    sj_write_text(w, partitions[i].suffixes[config->dual_stack]);
}
