/*
 * The matchers and the UTF-8 reader against PCRE2: the input is a value.
 *
 * PCRE2 reads `.` and `\d` differently from the API, so the patterns spell them
 * out. Characters that PCRE2's Unicode does not know yet are checked by
 * tests/conformance, which has Unicode's data.
 */
#include "fuzz.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "sj_match.h"
#include "sj_unicode.h"

#define VALUE_MAX 1024 /* longer ones cost PCRE2 too much backtracking */

#define DOT "[^\\n\\r\\x{85}\\x{2028}\\x{2029}]"
#define PARTITION "arn:([a-z0-9-]+)"
#ifdef SEGJOB_ASCII_TAGS
#define WORD "A-Za-z0-9 "
#else
#define WORD "\\p{L}\\p{Z}\\p{N}"
#endif

static struct {
    const char *pattern;
    bool (*match)(struct segjob_str s); /* NULL: core has none */
    pcre2_code *code;
} subjects[] = {
    {"[a-zA-Z0-9][a-zA-Z0-9\\-_]*", sj_match_name, NULL},
    {PARTITION ":personalize:" DOT "*:" DOT "*:" DOT "+", sj_match_arn, NULL},
    {PARTITION ":iam::[0-9]{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
     sj_match_role_arn, NULL},
    {"(s3|http|https)://" DOT "+", sj_match_path, NULL},
    {"arn:aws" DOT "*:kms:" DOT "*:[0-9]{12}:key/" DOT "*", sj_match_kms_arn,
     NULL},
    {"([" WORD "_.:/=+\\-@]*)", sj_match_tag, NULL},
    {"\\P{Cn}*", NULL, NULL}, /* all characters are assigned */
};

#define MATCHERS (LENGTH(subjects) - 1)
#define ASSIGNED MATCHERS

static pcre2_match_data *data;
static pcre2_match_context *context;

static void open_oracle(void)
{
    pcre2_jit_stack *stack = pcre2_jit_stack_create(32768, 4194304, NULL);
    PCRE2_SIZE offset;
    int error;

    data = pcre2_match_data_create(8, NULL);
    context = pcre2_match_context_create(NULL);
    REQUIRE(data != NULL && context != NULL);
    pcre2_jit_stack_assign(context, NULL, stack);
    for (size_t i = 0; i < LENGTH(subjects); i++) {
        subjects[i].code = pcre2_compile(
            (PCRE2_SPTR)subjects[i].pattern, PCRE2_ZERO_TERMINATED,
            PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED, &error, &offset,
            NULL);
        REQUIRE(subjects[i].code != NULL);
        pcre2_jit_compile(subjects[i].code, PCRE2_JIT_COMPLETE);
    }
}

static int ask(size_t subject, struct segjob_str s)
{
    return pcre2_match(subjects[subject].code, (PCRE2_SPTR)s.ptr, s.len, 0, 0,
                       data, context);
}

static bool is_utf8_error(int rc)
{
    return rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21;
}

/* Well-formed text has one byte per character that is no continuation byte. */
static size_t count_leads(struct segjob_str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
    }
    return n;
}

static void check(size_t subject, struct segjob_str s)
{
    int rc = ask(subject, s);
    bool ours = subjects[subject].match(s);

    REQUIRE(rc > 0 || rc == PCRE2_ERROR_NOMATCH);
    REQUIRE(ours == (rc > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct segjob_str s = {(const char *)bytes, n};
    size_t count;
    bool well_formed;
    int rc;

    if (data == NULL) {
        open_oracle();
    }
    if (n > VALUE_MAX) {
        return 0;
    }
    rc = ask(ASSIGNED, s);
    well_formed = sj_utf8_count(s, &count);
    REQUIRE(well_formed == !is_utf8_error(rc));
    if (!well_formed) {
        REQUIRE(!sj_match_tag(s)); /* PCRE2 checks UTF-8 itself */
        return 0;
    }
    REQUIRE(count == count_leads(s));
    for (size_t i = 0; i < MATCHERS; i++) {
        if (rc > 0 || subjects[i].match != sj_match_tag) {
            check(i, s);
        }
    }
    return 0;
}
