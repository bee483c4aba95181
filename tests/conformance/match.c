/*
 * Compare the matchers and the UTF-8 reader with PCRE2.
 *
 *     conformance_match patterns
 *     conformance_match run < ASSIGNED
 *
 * `patterns` prints the name of each matcher and its pattern. `run` matches the
 * same values with both. ASSIGNED has a line for each code point that the
 * core's version of Unicode assigns: the code point in hexadecimal, and 1 for
 * the general categories L, Z and N, 0 for others, or 2 for a code point of
 * unknown category that it may assign. Each line of output has the reference,
 * what was matched, the numbers of values accepted and refused, and the number
 * of differences. Exits with 1 after a difference, or if too few values were
 * accepted or refused.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "sj_match.h"
#include "sj_unicode.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define CODE_POINTS 0x110000u
#define FRAGMENTS_MAX 6
#define MUTATIONS 1000000
#define VALUE_MAX 512 /* bytes of a value that is still mutated */
#define TEXTS 20000   /* for each limit of length */
#define SHOWN_MAX 10  /* differences shown for each line */

/* The least numbers of values to accept, and to refuse, of each kind. */
#define FRAGMENTS_FLOOR 5000
#define MUTATIONS_FLOOR 100000
#define CODE_POINTS_FLOOR 64
#define TEXTS_FLOOR 4000

/* ------------------------------------------------------------- subjects */

/* Characters that `.` does not match, and neighbours that it matches. */
#define NEL "\xc2\x85"
#define LS "\xe2\x80\xa8"
#define PS "\xe2\x80\xa9"
#define BEFORE_NEL "\xc2\x84"
#define AFTER_PS "\xe2\x80\xaa"
#define LETTER_4 "\xf0\x90\x90\x80" /* U+10400 */
#define EMOJI "\xf0\x9f\x98\x80"
#define DIGITS_11 "01234567890"
#define DIGITS_12 "123456789012"
#define DIGITS_13 "1234567890123"

/* A pattern as published, its matcher, and parts to make values of. */
struct subject {
    const char *name;
    const char *pattern;
    bool (*match)(struct segjob_str s);
    struct segjob_str front; /* of a value, to which one character is added */
    struct segjob_str valid[5];
    struct segjob_str fragments[13];
};

#define S(literal) SEGJOB_STR(literal)

static const struct subject subjects[] = {
    {"sj_match_name",
     "^[a-zA-Z0-9][a-zA-Z0-9\\-_]*",
     sj_match_name,
     S("a"),
     {S("a"), S("nightly-2026_07"), S("0"), S("Z9"), S("A-_")},
     {S("a"), S("z"), S("A"), S("Z"), S("09"), S("-"), S("_"), S("."), S("/"),
      S("\n"), S("\0"), S(NEL), S(LETTER_4)}},
    {"sj_match_arn",
     "arn:([a-z\\d-]+):personalize:.*:.*:.+",
     sj_match_arn,
     S("arn:aws:personalize:::"),
     {S("arn:aws:personalize:us-east-1:123456789012:solution/a/b"),
      S("arn:aws-cn:personalize:::x"), S("arn:-:personalize::::"),
      S("arn:aws:personalize:" LETTER_4 ":" BEFORE_NEL ":" AFTER_PS),
      S("arn:0:personalize:arn:aws:personalize:::x:x:x")},
     {S("arn:"), S("aws"), S("-09"), S("A"), S(":personalize:"),
      S("arn:aws:personalize:"), S(":"), S("x"), S("\n"), S("\r"), S(NEL),
      S(PS), S(LETTER_4)}},
    {"sj_match_role_arn",
     "arn:([a-z\\d-]+):iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
     sj_match_role_arn,
     S("arn:aws:iam::" DIGITS_12 ":role/"),
     {S("arn:aws:iam::" DIGITS_12 ":role/PersonalizeRole"),
      S("arn:aws-us-gov:iam::" DIGITS_12 ":role/a/b_c+=,.@-"),
      S("arn:-:iam::000000000000:role/"), S("arn:9:iam::999999999999:rolex"),
      S("arn:aws:iam::" DIGITS_12 ":role//")},
     {S("arn:"), S("aws"), S(":iam::"), S(DIGITS_11), S(DIGITS_12),
      S(DIGITS_13), S(":role"), S("/"), S("arn:aws:iam::" DIGITS_12 ":role"),
      S("Z+=,.@-_"), S(":"), S(NEL), S(LETTER_4)}},
    {"sj_match_path",
     "(s3|http|https)://.+",
     sj_match_path,
     S("s3://"),
     {S("s3://bucket/users.json"), S("http://a"), S("https://b/c"), S("s3:///"),
      S("https://" LETTER_4 BEFORE_NEL AFTER_PS)},
     {S("s3"), S("http"), S("s"), S("://"), S(":"), S("/"), S("S3://"),
      S("s3://"), S("\n"), S("\r"), S(LS), S(BEFORE_NEL), S(LETTER_4)}},
    {"sj_match_kms_arn",
     "arn:aws.*:kms:.*:[0-9]{12}:key/.*",
     sj_match_kms_arn,
     S("arn:aws:kms::" DIGITS_12 ":key/"),
     {S("arn:aws:kms:us-east-1:" DIGITS_12 ":key/1234abcd-12ab"),
      S("arn:aws-cn:kms::" DIGITS_12 ":key/"),
      S("arn:aws:kms:kms::" DIGITS_12 ":" DIGITS_12 ":key/:key/"),
      S("arn:aws" LETTER_4 ":kms:" LETTER_4 ":" DIGITS_12 ":key/" LETTER_4),
      S("arn:aws:kms:" DIGITS_13 ":" DIGITS_12 ":key/x")},
     {S("arn:aws"), S("-cn"), S(":kms:"), S("arn:aws:kms:"), S(":"),
      S(DIGITS_11), S(DIGITS_12), S(DIGITS_13), S(":key/"),
      S(":" DIGITS_12 ":key/"), S("\r"), S(NEL), S(LETTER_4)}},
    {"sj_match_tag",
     "^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$",
     sj_match_tag,
     S(""),
     {S("team"), S("_.:/=+-@ "), S("\xc3\xbc\xe2\x82\x80\xe3\x80\x80"),
      S(LS PS LETTER_4 "\xd9\xa0"), S("")},
     {S("a"), S("9"), S(" "), S("_.:/=+-@"), S("\\"), S("\n"), S("\0"), S(NEL),
      S(LS), S("\xcc\x81"), S("\xd9\xa0"), S(LETTER_4), S(EMOJI)}},
};

/* --------------------------------------------------------------- tallies */

struct tally {
    unsigned long accepted;
    unsigned long refused;
    unsigned long differences;
};

static bool failed;

static void die(const char *why, int code)
{
    fprintf(stderr, "conformance_match: %s (%d)\n", why, code);
    exit(2);
}

static void show(struct segjob_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        printf(c > ' ' && c < 0x7f && c != '\\' ? "%c" : "\\x%02x", c);
    }
}

/* Count a value, and show it if the reference and the core differ. */
static void count(struct tally *t, struct segjob_str s, bool theirs, bool ours)
{
    t->accepted += theirs;
    t->refused += !theirs;
    t->differences += theirs != ours;
    if (theirs != ours && t->differences <= SHOWN_MAX) {
        printf("  %s by the reference alone: ",
               theirs ? "accepted" : "refused");
        show(s);
        printf("\n");
    }
}

static void report(const struct tally *t, const char *reference,
                   const char *what, unsigned long floor)
{
    bool few = t->accepted < floor || t->refused < floor;

    printf("reference %s %s: %lu accepted, %lu refused, %lu differences%s\n",
           reference, what, t->accepted, t->refused, t->differences,
           few ? ": too few" : "");
    fflush(stdout);
    failed = failed || few || t->differences > 0;
}

/* ---------------------------------------------------------------- oracle */

struct oracle {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

static char pcre2_name[64];
static char pcre2_unicode[32];

/*
 * Spell out `.` and `\d`, which PCRE2 reads differently: here `.` is any
 * character but Java's line terminators, and `\d` is [0-9]. Where letters are
 * allowed, so are unassigned code points: the service checks those.
 */
static void spell_out(const char *pattern, char *to, size_t cap)
{
    static const char dot[] = "[^\\n\\r\\x{85}\\x{2028}\\x{2029}]";
    bool in_class = false;
    size_t n = 0;

    for (const char *at = pattern; *at != '\0'; at++) {
        char plain[3] = {*at, '\0', '\0'};
        const char *add = plain;

        if (*at == '\\' && at[1] == 'd') {
            add = in_class ? "0-9" : "[0-9]";
            at++;
        } else if (strncmp(at, "\\p{L}", 5) == 0) {
            add = "\\p{L}\\p{Cn}";
            at += 4;
        } else if (*at == '\\') {
            plain[1] = *++at;
        } else if (*at == '.' && !in_class) {
            add = dot;
        } else if (*at == '[' || *at == ']') {
            in_class = *at == '[';
        }
        if (n + strlen(add) >= cap) {
            die("a pattern is too long", 0);
        }
        strcpy(to + n, add);
        n += strlen(add);
    }
}

/* `options` are in addition to UTF and both ends anchored. */
static struct oracle open_oracle(const char *pattern, uint32_t options)
{
    struct oracle o;
    PCRE2_SIZE offset;
    int error;

    options |= PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    o.code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options,
                           &error, &offset, NULL);
    if (o.code == NULL) {
        die("PCRE2 refuses a pattern", error);
    }
    pcre2_jit_compile(o.code, PCRE2_JIT_COMPLETE);
    o.data = pcre2_match_data_create_from_pattern(o.code, NULL);
    o.context = pcre2_match_context_create(NULL);
    o.stack = pcre2_jit_stack_create(32 * 1024, 4 * 1024 * 1024, NULL);
    if (o.data == NULL || o.context == NULL) {
        die("no memory", 0);
    }
    pcre2_jit_stack_assign(o.context, NULL, o.stack);
    return o;
}

static void close_oracle(struct oracle *o)
{
    pcre2_jit_stack_free(o->stack);
    pcre2_match_context_free(o->context);
    pcre2_match_data_free(o->data);
    pcre2_code_free(o->code);
}

/* The number of the last matched group plus 1; 0: no match, or no UTF-8. */
static int groups(const struct oracle *o, struct segjob_str s)
{
    int rc = pcre2_match(o->code, (PCRE2_SPTR)s.ptr, s.len, 0, 0, o->data,
                         o->context);

    if (rc > 0) {
        return rc;
    }
    if (rc != PCRE2_ERROR_NOMATCH &&
        (rc > PCRE2_ERROR_UTF8_ERR1 || rc < PCRE2_ERROR_UTF8_ERR21)) {
        die("PCRE2 could not match", rc);
    }
    return 0;
}

static bool is_value(const struct subject *subject, struct segjob_str s)
{
    size_t n;

    return sj_utf8_count(s, &n) && subject->match(s);
}

/* -------------------------------------------------------------- Unicode */

/* The kind of each code point in the core's version of Unicode. */
enum kind {
    UNASSIGNED,
    WORD,
    OTHER,
    UNKNOWN
};

static enum kind kind_of[CODE_POINTS];
static bool pcre2_has[CODE_POINTS];

static void read_assigned(void)
{
    static const enum kind kinds[] = {OTHER, WORD, UNKNOWN};
    uint32_t c;
    unsigned kind;

    while (scanf("%" SCNx32 " %u", &c, &kind) == 2 && c < CODE_POINTS &&
           kind < LENGTH(kinds)) {
        kind_of[c] = kinds[kind];
    }
}

/* One of the two versions of Unicode has not assigned it, or may not have. */
static bool is_newer(uint32_t c)
{
    return c < CODE_POINTS && (kind_of[c] == UNKNOWN ||
                               (kind_of[c] != UNASSIGNED) != pcre2_has[c]);
}

/* Encode by table 3-6 of The Unicode Standard, also surrogates. */
static size_t encode(uint32_t c, char *to)
{
    static const unsigned char leads[] = {0x00, 0xc0, 0xe0, 0xf0};
    size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;

    to[0] = (char)(leads[more] | c >> 6 * more);
    for (size_t i = 1; i <= more; i++) {
        to[i] = (char)(0x80 | (c >> 6 * (more - i) & 0x3f));
    }
    return more + 1;
}

static void read_what_pcre2_has(void)
{
    struct oracle o = open_oracle("\\p{Cn}", 0);
    unsigned long newer = 0;

    for (uint32_t c = 0; c < CODE_POINTS; c++) {
        char bytes[4];
        struct segjob_str s = {bytes, encode(c, bytes)};

        pcre2_has[c] = groups(&o, s) == 0;
        newer += is_newer(c);
    }
    close_oracle(&o);
    printf("  %s has Unicode %s: %lu code points are not compared, since "
           "only one of the two versions assigns them, or may\n",
           pcre2_name, pcre2_unicode, newer);
}

static void each_code_point(const struct subject *subject,
                            const struct oracle *o)
{
    bool tags = subject->match == sj_match_tag;
    struct tally t = {0, 0, 0};
    char value[VALUE_MAX];
    char what[64];

    memcpy(value, subject->front.ptr, subject->front.len);
    for (uint32_t c = 0; c < CODE_POINTS; c++) {
        size_t n = subject->front.len;
        struct segjob_str s = {value, n + encode(c, value + n)};

        if (!tags || !is_newer(c)) {
            count(&t, s, groups(o, s) > 0, is_value(subject, s));
        }
    }
    snprintf(what, sizeof(what), "%s, every code point", subject->name);
    report(&t, pcre2_name, what, CODE_POINTS_FLOOR);
}

static void each_category(void)
{
    struct tally t = {0, 0, 0};

    for (uint32_t c = 0; c < CODE_POINTS; c++) {
        char bytes[4];
        struct segjob_str s = {bytes, encode(c, bytes)};

        if (kind_of[c] != UNKNOWN) {
            count(&t, s, kind_of[c] != OTHER, sj_unicode_is_word(c));
        }
    }
    report(&t, "unicode-data", "sj_unicode_is_word, every code point", 100000);
}

/* ------------------------------------------------------------- fragments */

/* The `n` bytes of `value`, alone and with up to `left` fragments appended. */
static void sequences(const struct subject *subject, const struct oracle *o,
                      struct tally *t, char *value, size_t n, unsigned left)
{
    struct segjob_str s = {value, n};

    count(t, s, groups(o, s) > 0, is_value(subject, s));
    for (size_t i = 0; left > 0 && i < LENGTH(subject->fragments); i++) {
        struct segjob_str f = subject->fragments[i];

        memcpy(value + n, f.ptr, f.len);
        sequences(subject, o, t, value, n + f.len, left - 1);
    }
}

static void all_sequences(const struct subject *subject, const struct oracle *o)
{
    struct tally t = {0, 0, 0};
    char value[VALUE_MAX];
    char what[64];

    sequences(subject, o, &t, value, 0, FRAGMENTS_MAX);
    snprintf(what, sizeof(what), "%s, sequences of fragments", subject->name);
    report(&t, pcre2_name, what, FRAGMENTS_FLOOR);
}

/* ------------------------------------------------------------- mutations */

static uint64_t random_state;

/* splitmix64: the same numbers in every run. */
static uint64_t random_bits(void)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t random_below(size_t n)
{
    return (size_t)(random_bits() % n);
}

/* A scalar value that both assign or neither, short ones more often. */
static uint32_t random_scalar(void)
{
    static const uint32_t ends[] = {0x80, 0x800, 0x10000, CODE_POINTS};
    uint32_t c;

    do {
        c = (uint32_t)random_below(ends[random_below(LENGTH(ends))]);
    } while ((c >= 0xd800 && c <= 0xdfff) || is_newer(c));
    return c;
}

struct value {
    char bytes[VALUE_MAX + 64];
    size_t len;
};

static void set(struct value *v, struct segjob_str s)
{
    memcpy(v->bytes, s.ptr, s.len);
    v->len = s.len;
}

/* Replace `n` bytes at `at` by `s`. */
static void splice(struct value *v, size_t at, size_t n, struct segjob_str s)
{
    memmove(v->bytes + at + s.len, v->bytes + at + n, v->len - at - n);
    memcpy(v->bytes + at, s.ptr, s.len);
    v->len = v->len - n + s.len;
}

static void mutate(struct value *v, const struct subject *subject)
{
    size_t at = random_below(v->len + 1);
    size_t n = random_below(v->len - at + 1);
    size_t fragment = random_below(LENGTH(subject->fragments));
    struct segjob_str none = {"", 0};
    struct segjob_str again;
    char bytes[16];
    struct segjob_str scalar = {bytes, encode(random_scalar(), bytes)};

    switch (random_below(7)) {
    case 0:
        splice(v, at, 0, scalar);
        break;
    case 1: /* may leave half a character */
        splice(v, at, v->len > at, scalar);
        break;
    case 2:
        splice(v, at, 0, subject->fragments[fragment]);
        break;
    case 3:
        splice(v, at, n, subject->fragments[fragment]);
        break;
    case 4:
        splice(v, at, v->len > at, none);
        break;
    case 5: /* repeat a part */
        again.ptr = bytes;
        again.len = n < sizeof(bytes) ? n : sizeof(bytes);
        memcpy(bytes, v->bytes + at, again.len);
        splice(v, at, 0, again);
        break;
    default:
        if (v->len > at) {
            v->bytes[at] = (char)(v->bytes[at] ^ 1 << random_below(8));
        }
        break;
    }
}

/* A flipped bit may make a character that one of them does not assign. */
static bool knows_all(struct segjob_str s)
{
    uint32_t c;

    while (s.len > 0 && sj_utf8_next(&s, &c)) {
        if (is_newer(c)) {
            return false;
        }
    }
    return true;
}

/*
 * A random walk: a value that is valid after a mutation may be mutated again;
 * now and then the walk restarts.
 */
static void all_mutations(const struct subject *subject, const struct oracle *o)
{
    struct tally t = {0, 0, 0};
    struct value valid;
    char what[64];

    random_state = 3;
    while (t.accepted + t.refused < MUTATIONS) {
        struct value v;
        struct segjob_str s = {v.bytes, 0};
        bool theirs;

        if ((t.accepted + t.refused) % 64 == 0) {
            set(&valid, subject->valid[random_below(LENGTH(subject->valid))]);
        }
        v = valid;
        for (size_t k = 1 + random_below(2); k > 0; k--) {
            mutate(&v, subject);
        }
        s.len = v.len;
        if (!knows_all(s)) {
            continue;
        }
        theirs = groups(o, s) > 0;
        count(&t, s, theirs, is_value(subject, s));
        if (theirs && v.len < VALUE_MAX - 128) {
            valid = v;
        }
    }
    snprintf(what, sizeof(what), "%s, mutations of values", subject->name);
    report(&t, pcre2_name, what, MUTATIONS_FLOOR);
}

/* ----------------------------------------------------------------- UTF-8 */

/* `n` bytes: well-formed or not, and how many characters. */
static void compare_utf8(struct tally *t, const struct oracle *o,
                         const unsigned char *bytes, size_t n)
{
    struct segjob_str s = {(const char *)bytes, n};
    int theirs = groups(o, s);
    size_t ours;
    bool well_formed = sj_utf8_count(s, &ours);

    count(t, s, theirs > 0, well_formed);
    if (theirs > 0 && well_formed && (size_t)theirs - 1 != ours) {
        printf("  %d characters, not %zu: ", theirs - 1, ours);
        show(s);
        printf("\n");
        t->differences++;
    }
}

static void all_utf8(void)
{
    struct oracle o = open_oracle("(.)?(.)?(.)?(.)?", PCRE2_DOTALL);
    struct tally t = {0, 0, 0};

    for (uint32_t i = 0; i < 0x1000000; i++) {
        const unsigned char bytes[] = {(unsigned char)(i >> 16),
                                       (unsigned char)(i >> 8),
                                       (unsigned char)i};

        if ((i & 0xffff) == 0) {
            compare_utf8(&t, &o, bytes, 1);
        }
        if ((i & 0xff) == 0) {
            compare_utf8(&t, &o, bytes, 2);
        }
        compare_utf8(&t, &o, bytes, 3);
    }
    report(&t, pcre2_name, "UTF-8, all of 1 to 3 bytes", 1000000);
    close_oracle(&o);
}

/* The last two bytes only at the limits of their ranges. */
static void four_bytes(void)
{
    static const unsigned char edges[] = {0x00, 0x41, 0x7f, 0x80, 0x8f,
                                          0x90, 0xbf, 0xc0, 0xff};
    struct oracle o = open_oracle("(.)?(.)?(.)?(.)?", PCRE2_DOTALL);
    struct tally t = {0, 0, 0};

    for (size_t i = 0; i < 0x10000; i++) {
        for (size_t k = 0; k < LENGTH(edges) * LENGTH(edges); k++) {
            const unsigned char bytes[] = {
                (unsigned char)(i >> 8), (unsigned char)i,
                edges[k / LENGTH(edges)], edges[k % LENGTH(edges)]};

            compare_utf8(&t, &o, bytes, 4);
        }
    }
    report(&t, pcre2_name, "UTF-8, 4 bytes", 100000);
    close_oracle(&o);
}

/* Random text about as long as the limit, sometimes ill-formed. */
static struct segjob_str random_text(char *bytes, size_t max)
{
    size_t chars = max - 3 + random_below(7);
    struct segjob_str s = {bytes, 0};

    while (chars-- > 0) {
        s.len += encode(random_scalar(), bytes + s.len);
    }
    switch (random_below(4)) {
    case 0:
        bytes[random_below(s.len)] = (char)random_bits();
        break;
    case 1:
        s.len -= random_below(4);
        break;
    default:
        break;
    }
    return s;
}

/* Whether a text has 1 to `max` characters. */
static void lengths(size_t max)
{
    static char bytes[4 * (2048 + 8)];
    struct tally t = {0, 0, 0};
    struct oracle o;
    char text[64];

    snprintf(text, sizeof(text), ".{1,%zu}", max);
    o = open_oracle(text, PCRE2_DOTALL);
    random_state = max;
    for (long i = 0; i < TEXTS; i++) {
        struct segjob_str s = random_text(bytes, max);
        size_t n;

        count(&t, s, groups(&o, s) > 0, sj_utf8_count(s, &n) && n <= max);
    }
    snprintf(text, sizeof(text), "lengths about %zu", max);
    report(&t, pcre2_name, text, TEXTS_FLOOR);
    close_oracle(&o);
}

/* ------------------------------------------------------------------ main */

static void compare(const struct subject *subject)
{
    char pattern[256];
    struct oracle o;

    spell_out(subject->pattern, pattern, sizeof(pattern));
    o = open_oracle(pattern, 0);
    all_sequences(subject, &o);
    all_mutations(subject, &o);
    each_code_point(subject, &o);
    close_oracle(&o);
}

static void run(void)
{
    static const size_t limits[] = {63, 128, 256, 2048};
    char text[64];

    pcre2_config(PCRE2_CONFIG_VERSION, text);
    snprintf(pcre2_name, sizeof(pcre2_name), "PCRE2 %.*s",
             (int)strcspn(text, " "), text);
    pcre2_config(PCRE2_CONFIG_UNICODE_VERSION, pcre2_unicode);
    read_assigned();
    read_what_pcre2_has();
    each_category();
    for (size_t i = 0; i < LENGTH(subjects); i++) {
        compare(&subjects[i]);
    }
    all_utf8();
    four_bytes();
    for (size_t i = 0; i < LENGTH(limits); i++) {
        lengths(limits[i]);
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "patterns") == 0) {
        for (size_t i = 0; i < LENGTH(subjects); i++) {
            printf("%s %s\n", subjects[i].name, subjects[i].pattern);
        }
        return 0;
    }
    if (argc != 2 || strcmp(argv[1], "run") != 0) {
        fprintf(stderr, "usage: conformance_match patterns | run < LETTERS\n");
        return 2;
    }
    run();
    return failed ? 1 : 0;
}
