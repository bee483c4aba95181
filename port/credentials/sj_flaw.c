#include "sj_flaw.h"

#include <string.h>

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_blank(char c)
{
    return is_one_of(c, " \t\r\n\v\f");
}

static bool is_line_end(char c)
{
    return c == '\r' || c == '\n';
}

static const char *flaw_within(struct segjob_str text)
{
    const char *flaw = NULL;
    size_t i;

    for (i = 0; i < text.len && flaw == NULL; i++) {
        if (is_line_end(text.ptr[i])) {
            flaw = "contains a line end";
        } else if (is_blank(text.ptr[i])) {
            flaw = "contains white space";
        } else if (text.ptr[i] < '!' || text.ptr[i] > '~') {
            flaw = "must be visible ASCII characters";
        }
    }
    return flaw;
}

const char *sj_flaw_of_text(struct segjob_str text)
{
    char first, last;

    if (text.len == 0) {
        return NULL;
    }
    first = text.ptr[0];
    last = text.ptr[text.len - 1];
    if (is_blank(last)) {
        return "ends in white space";
    }
    if (is_blank(first)) {
        return "begins with white space";
    }
    if (text.len > 1 && first == last && is_one_of(first, "\"'")) {
        return "is in quotes";
    }
    return flaw_within(text);
}

const char *sj_flaw_of_header(struct segjob_str text)
{
    size_t n = 0;

    while (n < text.len && !is_line_end(text.ptr[n])) {
        n++;
    }
    if (n == text.len) {
        return NULL;
    }
    return is_line_end(text.ptr[text.len - 1]) ? "ends in white space"
                                               : "contains a line end";
}

const char *sj_flaw_of_credentials(const struct segjob_credentials *credentials,
                                   size_t *which)
{
    const struct segjob_str texts[] = {credentials->access_key_id,
                                       credentials->secret_access_key,
                                       credentials->session_token};
    const char *flaw = NULL;
    size_t i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]) && flaw == NULL; i++) {
        flaw = sj_flaw_of_text(texts[i]);
        *which = i;
    }
    for (i = 0; i < credentials->access_key_id.len && flaw == NULL; i++) {
        if (is_one_of(credentials->access_key_id.ptr[i], ",/")) {
            flaw = "must contain neither , nor /";
            *which = 0;
        }
    }
    return flaw;
}
