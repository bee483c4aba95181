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

bool sj_endpoint_is_host(struct segjob_str host)
{
    size_t start = 0;

    if (host.ptr == NULL || host.len > HOST_MAX) {
        return false;
    }
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

/* Regions that begin with `prefix` belong to the partition with `suffix`. */
static const struct {
    const char *prefix;
    const char *suffix;
} partitions[] = {
    {"cn-", "amazonaws.com.cn"},    {"us-iso-", "c2s.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov"},  {"eu-isoe-", "cloud.adc-e.uk"},
    {"us-isof-", "csp.hci.ic.gov"}, {"eusc-", "amazonaws.eu"},
    {"", "amazonaws.com"}, /* aws, aws-us-gov */
};

static bool has_prefix(struct segjob_str s, const char *prefix)
{
    size_t n = strlen(prefix);

    return s.len >= n && memcmp(s.ptr, prefix, n) == 0;
}

void sj_endpoint_write_host(struct sj_writer *w, struct segjob_str region)
{
    size_t i = 0;

    while (!has_prefix(region, partitions[i].prefix)) {
        i++; /* the last prefix fits every region */
    }
    sj_write_text(w, "personalize.");
    sj_write_str(w, region);
    sj_write_char(w, '.');
    sj_write_text(w, partitions[i].suffix);
}
