/*
 * The published patterns, matched against the whole value. Expectations follow
 * from the patterns; each row was also checked by python3-regex's fullmatch(),
 * with `.` spelled [^\n\r\x85\u2028\u2029], except for characters that its
 * Unicode, 15.0, does not know.
 */
#include "rows.h"

#include "sj_match.h"

typedef bool matcher(struct segjob_str s);

struct match_row {
    int line;
    struct segjob_str text;
    bool ok;
    const char *name;
};

/* A row is named by its text. */
#define YES(text)                                \
    {                                            \
        __LINE__, SEGJOB_STR(text), true, (text) \
    }
#define NO(text)                                  \
    {                                             \
        __LINE__, SEGJOB_STR(text), false, (text) \
    }

static void check(const struct match_row *rows, size_t n, matcher *match)
{
    for (size_t i = 0; i < n; i++) {
        ROW(&rows[i], match(rows[i].text) == rows[i].ok);
    }
}

#define CHECK(rows, match) check((rows), LENGTH(rows), (match))

/* What `.` does not match: LF, CR, NEL, LS, PS. */
#define LF "\n"
#define CR "\r"
#define NEL "\xc2\x85"
#define LS "\xe2\x80\xa8"
#define PS "\xe2\x80\xa9"
/* Neighbours of those, and others that some engines treat as line ends. */
#define GOOD                       \
    "\x0b\x0c\x1c\xc2\x84\xc2\x86" \
    "\xe2\x80\xa7\xe2\x80\xaa\xf0\x9f\x98\x80"

static const struct match_row names[] = {
    YES("a"),    YES("Z"),  YES("0"),       YES("9"),
    YES("a-"),   YES("a_"), YES("A0-_z9"),  YES("nightly-2026_07"),
    NO(""),      NO("-a"),  NO("_a"),       NO("-"),
    NO("a."),    NO("a b"), NO(" a"),       NO("a\n"),
    NO("a\0"),   NO("\0"),  NO("a/"),       NO("a@"),
    NO("a["),    NO("a`"),  NO("a{"),       NO("a:"),
    NO("@"),     NO("["),   NO("`"),        NO("{"),
    NO("/"),     NO(":"),   NO("\xc3\xbc"), NO("a\xc3\xbc"),
    NO("a\x7f"),
};

static const struct match_row arns[] = {
    YES("arn:aws:personalize:us-east-1:123456789012:solution/a/b"),
    YES("arn:aws:personalize:::x"),
    YES("arn:-:personalize:::x"),
    YES("arn:a0-z9:personalize:::x"),
    YES("arn:aws:personalize:::::"),
    YES("arn:aws:personalize:" GOOD ":" GOOD ":" GOOD),
    YES("arn:aws:personalize:::\0"),
    YES("arn:aws:personalize::: "),
    NO(""),
    NO("arn:"),
    NO("arn:aws"),
    NO("arn::personalize:::x"),
    NO("arn:aws:personalize:::"),
    NO("arn:aws:personalize::x"),
    NO("arn:aws:personalize:x"),
    NO("arn:aws:personalize"),
    NO("arn:aws:personalized:::x"),
    NO("arn:aws:personaliz:::x"),
    NO("arn:Aws:personalize:::x"),
    NO("arn:aw_s:personalize:::x"),
    NO("arn:aw\xc3\xbc:personalize:::x"),
    NO("Arn:aws:personalize:::x"),
    NO(" arn:aws:personalize:::x"),
    NO("xarn:aws:personalize:::x"),
    NO("arn:aws:iam:::x"),
    NO("arn:aws::personalize:::x"),
    NO("arn:aws:personalize:::x" LF),
    NO("arn:aws:personalize:::x" CR),
    NO("arn:aws:personalize:::x" NEL),
    NO("arn:aws:personalize:::x" LS),
    NO("arn:aws:personalize:::" PS "x"),
    NO("arn:aws:personalize:" LF "::x"),
    NO("arn:aws:personalize::" CR ":x"),
    NO("arn:aws:personalize:::" LF),
    NO("arn:\xd9\xa0:personalize:::x"), /* ARABIC-INDIC DIGIT ZERO */
};

static const struct match_row role_arns[] = {
    YES("arn:aws:iam::123456789012:role/PersonalizeRole"),
    YES("arn:aws:iam::123456789012:rolex"),
    YES("arn:aws:iam::123456789012:role/"),
    YES("arn:aws:iam::123456789012:role//"),
    YES("arn:-:iam::000000000000:role_"),
    YES("arn:aws:iam::123456789012:role/azAZ09_+=,.@-/"),
    NO("arn:aws:iam::123456789012:role"),
    NO("arn:aws:iam::123456789012:rol"),
    NO("arn:aws:iam::12345678901:role/x"),
    NO("arn:aws:iam::1234567890123:role/x"),
    NO("arn:aws:iam::12345678901x:role/x"),
    NO("arn:aws:iam::x23456789012:role/x"),
    NO("arn:aws:iam::12345678901/:role/x"),
    NO("arn:aws:iam::12345678901::role/x"),
    NO("arn:aws:iam::\xd9\xa0\xd9\xa0\xd9\xa0\xd9\xa0\xd9\xa0\xd9\xa0:role/x"),
    NO("arn:aws:iam:r:123456789012:role/x"),
    NO("arn:aws:iam:123456789012:role/x"),
    NO("arn::iam::123456789012:role/x"),
    NO("arn:aws:sts::123456789012:role/x"),
    NO("arn:aws:iam::123456789012:user/x"),
    NO("arn:aws:iam::123456789012role/x"),
    NO("arn:aws:iam::1"),
    NO("arn:aws:iam::"),
    NO("arn:aws:iam"),
    NO("arn:"),
    NO(""),
    NO("arn:aws:iam::123456789012:role/x" LF),
    NO("arn:aws:iam::123456789012:role/x "),
    NO("arn:aws:iam::123456789012:role/x:"),
    NO("arn:aws:iam::123456789012:role/x*"),
    NO("arn:aws:iam::123456789012:role/\xc3\xbc"),
    NO("arn:aws:iam::123456789012:role/\0"),
    NO("arn:aws:iam::123456789012:role/x["),
    NO("arn:aws:iam::123456789012:role/x`"),
    NO("arn:aws:iam::123456789012:role/x{"),
    NO("arn:aws:iam::123456789012:role/x<"),
};

static const struct match_row paths[] = {
    YES("s3://b"),
    YES("http://b"),
    YES("https://b"),
    YES("s3://bucket/users.json"),
    YES("s3:///"),
    YES("s3://" GOOD),
    YES("https://\0"),
    YES("s3://s3://"),
    NO(""),
    NO("s3://"),
    NO("http://"),
    NO("https://"),
    NO("s3:/b"),
    NO("s3:b"),
    NO("s3"),
    NO("S3://b"),
    NO("s3a://b"),
    NO("ftp://b"),
    NO("httpss://b"),
    NO("http:s//b"),
    NO(" s3://b"),
    NO("xs3://b"),
    NO("s3://b" LF),
    NO("s3://b" CR),
    NO("s3://" NEL),
    NO("s3://" LS "b"),
    NO("s3://b" PS),
    NO("\ns3://b"),
};

static const struct match_row kms_arns[] = {
    YES("arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab"),
    YES("arn:aws:kms::123456789012:key/"),
    YES("arn:aws-cn:kms:r:123456789012:key/x"),
    YES("arn:aws" GOOD ":kms:" GOOD ":123456789012:key/" GOOD),
    YES("arn:aws:kms:kms:r:123456789012:key/"),
    YES("arn:aws:x:kms:r:123456789012:key/"),
    YES("arn:aws:kms:a:b:c:123456789012:key/"),
    YES("arn:aws:kms:::::123456789012:key/"),
    YES("arn:aws:kms::1:key/:123456789012:key/"),
    YES("arn:aws:kms:r:123456789012:key/::"),
    YES("arn:aws:kms::123456789012:123456789012:key/"),
    YES("arn:aws:kms::kms::123456789012:key/"),
    YES("arn:aws:kms::000000000000:key/\0"),
    NO("arn:aws:kms:123456789012:key/x"),
    NO("arn:aws:kms:r:12345678901:key/x"),
    NO("arn:aws:kms:r:1234567890123:key/x"),
    NO("arn:aws:kms:r:123456789012:key"),
    NO("arn:aws:kms:r:123456789012:alias/x"),
    NO("arn:aws:kms:r:123456789012key/x"),
    NO("arn:aws:kms:r:12345678901a:key/x"),
    NO("arn:aws:kms:rx123456789012:key/x"),
    NO("arn:aws:km:r:123456789012:key/x"),
    NO("arn:aws:kms"),
    NO("arn:aws:kms:"),
    NO("arn:aws"),
    NO("arn:aw:kms:r:123456789012:key/x"),
    NO(""),
    NO("arn:aws:KMS:r:123456789012:key/x"),
    NO("Arn:aws:kms:r:123456789012:key/x"),
    NO("arn:awskms:r:123456789012:key/x"),
    NO("xarn:aws:kms:r:123456789012:key/x"),
    NO("arn:aws" LF ":kms:r:123456789012:key/x"),
    NO("arn:aws:kms:" CR ":123456789012:key/x"),
    NO("arn:aws:kms:r:123456789012:key/x" LF),
    NO("arn:aws:kms:r:123456789012:key/" NEL),
    NO("arn:aws:kms:r:123456789012:key/" LS),
    NO("arn:aws:kms:r:123456789012:key/" PS "x"),
    NO("arn:aws:kms:r:\xd9\xa0\xd9\xa0\xd9\xa0\xd9\xa0\xd9\xa0\xd9\xa0:key/x"),
};

static const struct match_row tags[] = {
    YES(""),
    YES("a"),
    YES("Z"),
    YES("5"),
    YES("_.:/=+-@"),
    YES(" "),
    YES("a b"),
    YES("\xc3\xbc"),
    YES("\xc2\xa0"),
    YES("\xe2\x80\xa8"),
    YES("\xe2\x80\xa9"),
    YES("\xd9\xa0"),
    YES("\xc2\xbd"),
    YES("\xe2\x85\xa7"),
    YES("\xf0\x90\x90\x80"),
    YES("\xe4\xb8\xad\xe6\x96\x87"),
    YES("\xf0\xaf\xa8\x9d"),
    YES("\xf0\x90\xb5\x90"), /* U+10D50, a letter since Unicode 16.0 */
    YES("\xf0\x96\xba\xa0"), /* U+16EA0, a letter since Unicode 17.0 */
    YES("\xcd\xb8"),         /* U+0378: not assigned, nor are the next */
    YES("\xf0\xbf\xbf\xbd"),
    YES("\xef\xbf\xbe"), /* a noncharacter, U+FFFE */
    YES("\xf4\x8f\xbf\xbf"),
    NO("\n"),
    NO("\t"),
    NO("\0"),
    NO("a\0"),
    NO("\x7f"),
    NO("\xc2\x85"),
    NO("a\n"),
    NO("!"),
    NO("\""),
    NO("#"),
    NO("$"),
    NO("%"),
    NO("&"),
    NO("'"),
    NO("("),
    NO(")"),
    NO("*"),
    NO(","),
    NO(";"),
    NO("<"),
    NO(">"),
    NO("?"),
    NO("["),
    NO("\\"),
    NO("]"),
    NO("^"),
    NO("`"),
    NO("{"),
    NO("|"),
    NO("}"),
    NO("~"),
    NO("\xc3\x97"),
    NO("\xcc\x88"),
    NO("a\xcc\x88"),
    NO("\xe2\x82\xac"),
    NO("\xf0\x9f\x98\x80"),
    NO("\xe2\x80\x8b"),
    NO("\xef\xbb\xbf"),
    NO("a,b"),
    NO("\xef\xbf\xbd"),
    NO("\xf0\x9f\xab\xa9"), /* U+1FAE9, a symbol since Unicode 16.0 */
    NO("\xee\x80\x80"),     /* private use is assigned */
    NO("\xed\xa0\x80"),     /* a surrogate is not well-formed */
    NO("\xff"),
};

static void test_names(void **state)
{
    (void)state;
    CHECK(names, sj_match_name);
}

static void test_arns(void **state)
{
    (void)state;
    CHECK(arns, sj_match_arn);
}

static void test_role_arns(void **state)
{
    (void)state;
    CHECK(role_arns, sj_match_role_arn);
}

static void test_paths(void **state)
{
    (void)state;
    CHECK(paths, sj_match_path);
}

static void test_kms_arns(void **state)
{
    (void)state;
    CHECK(kms_arns, sj_match_kms_arn);
}

static void test_tags(void **state)
{
    (void)state;
    CHECK(tags, sj_match_tag);
}

/* A value with its beginning cut off does not match. One with its end cut off
 * matches if it is long enough. */
static void test_cut_values(void **state)
{
    static const struct {
        const char *text;
        matcher *match;
        size_t least; /* characters of the shortest beginning that matches */
    } rows[] = {
        {"arn:aws:personalize:r:1:s/x", sj_match_arn, 25},
        {"arn:aws:iam::123456789012:role/x", sj_match_role_arn, 31},
        {"https://b", sj_match_path, 9},
        {"arn:aws:kms:r:123456789012:key/x", sj_match_kms_arn, 31},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct segjob_str whole = segjob_cstr(rows[i].text);

        for (size_t n = 0; n <= whole.len; n++) {
            struct segjob_str front = {whole.ptr, n};
            struct segjob_str rest = {whole.ptr + n, whole.len - n};

            assert_int_equal(rows[i].match(front), n >= rows[i].least);
            assert_int_equal(rows[i].match(rest), n == 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),      cmocka_unit_test(test_arns),
        cmocka_unit_test(test_role_arns),  cmocka_unit_test(test_paths),
        cmocka_unit_test(test_kms_arns),   cmocka_unit_test(test_tags),
        cmocka_unit_test(test_cut_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
