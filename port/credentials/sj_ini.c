#define _XOPEN_SOURCE 700

#include "sj_ini.h"

#include <string.h>
#include <strings.h>

/* How the file is gone through. */
struct ini_reader {
    const char *profile;
    bool prefixed;
    struct segjob_profile_section *section; /* of the profile ... */
    const char *title;                      /* ... as it is spelled */
    struct segjob_profile_section defaults; /* of all sections */
    /* Where the settings of the section at hand go: one of these, or NULL. */
    struct segjob_profile_section *into;
    bool in_section;  /* some section has begun */
    bool has_setting; /* a setting stands above in this section ... */
    char *end;        /* ... whose value ends here, if it is looked for */
    size_t indent;    /* ... and so far in */
    int line;
};

const char *segjob_profile_setting_name(enum segjob_profile_setting setting)
{
    static const char *const names[SEGJOB_PROFILE_COUNT] = {
#define NAME(name, text) text,
        SEGJOB_PROFILE_LIST(NAME)
#undef NAME
    };

    return names[setting];
}

static enum segjob_profile_setting find_setting(const char *name)
{
    size_t i = 0;

    while (i < SEGJOB_PROFILE_COUNT &&
           strcasecmp(name, segjob_profile_setting_name(
                                (enum segjob_profile_setting)i)) != 0) {
        i++;
    }
    return (enum segjob_profile_setting)i;
}

/* Bytes of the blank at `at`, 0 if there is none: Python's, in UTF-8. */
static size_t blank_at(const char *at)
{
    static const char blanks[] =
        " \0\t\0\v\0\f\0\x1c\0\x1d\0\x1e\0\x1f\0\xc2\x85\0\xc2\xa0\0"
        "\xe1\x9a\x80\0\xe2\x80\x80\0\xe2\x80\x81\0\xe2\x80\x82\0"
        "\xe2\x80\x83\0\xe2\x80\x84\0\xe2\x80\x85\0\xe2\x80\x86\0"
        "\xe2\x80\x87\0\xe2\x80\x88\0\xe2\x80\x89\0\xe2\x80\x8a\0"
        "\xe2\x80\xa8\0\xe2\x80\xa9\0\xe2\x80\xaf\0\xe2\x81\x9f\0"
        "\xe3\x80\x80\0";
    const char *const end = blanks + sizeof(blanks) - 1;
    const char *blank = *at > ' ' && *at <= '~' ? end : blanks;

    while (blank < end && strncmp(at, blank, strlen(blank)) != 0) {
        blank += strlen(blank) + 1;
    }
    return strlen(blank);
}

/* What stands behind blanks; `*n`, if it is there, counts them. */
static char *skip_blanks(char *text, size_t *n)
{
    size_t len, count = 0;

    while ((len = blank_at(text)) > 0) {
        text += len;
        count++;
    }
    if (n) {
        *n = count;
    }
    return text;
}

/* Cut the blanks off the end. */
static char *trim_end(char *text)
{
    char *end = text;

    for (char *at = text; *at;) {
        const size_t len = blank_at(at);

        at += len ? len : 1;
        end = len ? end : at;
    }
    *end = '\0';
    return text;
}

static bool is_comment(const char *text)
{
    return *text == '#' || *text == ';';
}

/* Cut a comment off, with the blank that must stand before it. */
static void cut_comment(char *text)
{
    size_t len;

    while (*text && !((len = blank_at(text)) && is_comment(text + len))) {
        text += len ? len : 1;
    }
    *text = '\0';
}

/* --------------------------------------------------------------- sections */

/*
 * Take a word as a POSIX shell reads it off `*at`, and compare it. Returns
 * false if there is none, or it does not end.
 */
static bool take_word(const char **at, const char *wanted, bool *same)
{
    static const char ends[] = " \t\r\n";
    const char *p = *at + strspn(*at, ends);
    const bool is_word = *p;
    char quote = '\0';

    *same = true;
    for (; *p && (quote || !strchr(ends, *p)); p++) {
        if (*p == quote) {
            quote = '\0';
            continue;
        }
        if (!quote && (*p == '"' || *p == '\'')) {
            quote = *p;
            continue;
        }
        if (*p == '\\' &&
            (!quote || (quote == '"' && p[1] && strchr("\"\\", p[1])))) {
            p++;
        }
        if (!*p) {
            return false;
        }
        *same = *same && *p == *wanted;
        wanted += *same;
    }
    *same = *same && !*wanted;
    *at = p;
    return is_word && !quote;
}

/* Whether a section of the config file is the profile's: `profile NAME` */
static bool is_profile(const char *title, const char *profile)
{
    bool same, is_two;

    if (strcmp(title, "default") == 0) {
        return strcmp(profile, title) == 0;
    }
    if (strncmp(title, "profile", 7) != 0) {
        return false;
    }
    is_two = take_word(&title, "", &same) && take_word(&title, profile, &same);
    return is_two && same && title[strspn(title, " \t\r\n")] == '\0';
}

/* The bracket that ends a section's name: the last one, but in a comment. */
static char *find_end(char *line)
{
    char *first = strchr(line, ']');

    return first && is_comment(skip_blanks(first + 1, NULL))
               ? first
               : strrchr(line, ']');
}

/*
 * A section that stands twice goes on. One for the same profile that is spelled
 * in another way takes its place.
 */
static void begin_section(struct ini_reader *r, const char *title)
{
    r->in_section = true;
    r->has_setting = false;
    r->into = NULL;
    if (strcmp(title, "DEFAULT") == 0) {
        r->into = &r->defaults;
    } else if (r->prefixed ? is_profile(title, r->profile)
                           : strcmp(title, r->profile) == 0) {
        if (r->title && strcmp(title, r->title) != 0) {
            memset(r->section, 0, sizeof(*r->section));
        }
        r->into = r->section;
        r->section->found = true;
        r->title = title;
    }
}

/* --------------------------------------------------------------- settings */

/* `name = value` or `name: value` */
static const char *read_setting(struct ini_reader *r, char *line)
{
    char *value = line + strcspn(line, "=:");
    enum segjob_profile_setting setting;

    if (*value == '\0' || value == line) {
        return *line == '[' ? "a section is written [NAME]"
                            : "a setting is written NAME = VALUE";
    }
    if (!r->in_section) {
        return "a setting stands before the first section";
    }
    *value++ = '\0';
    r->has_setting = true;
    r->end = NULL;
    setting = find_setting(trim_end(line));
    if (!r->into || setting == SEGJOB_PROFILE_COUNT) {
        return NULL;
    }
    if (setting != SEGJOB_PROFILE_CA_BUNDLE) { /* a path may hold " #" */
        cut_comment(value);
    }
    value = skip_blanks(trim_end(value), NULL);
    r->into->value[setting] = value;
    r->into->line[setting] = r->line;
    r->end = value + strlen(value);
    return NULL;
}

/* One line more of the value above. */
static void go_on(struct ini_reader *r, const char *line)
{
    const size_t len = strlen(line);

    if (r->end) {
        *r->end++ = '\n';
        memmove(r->end, line, len + 1);
        r->end += len;
    }
}

static const char *read_line(struct ini_reader *r, char *line)
{
    size_t indent;
    char *text = skip_blanks(trim_end(line), &indent);
    char *end;

    if (*text == '\0' || is_comment(text)) {
        return NULL;
    }
    if (r->has_setting && indent > r->indent) {
        go_on(r, text);
        return NULL;
    }
    r->indent = indent;
    end = *text == '[' ? find_end(text) : NULL;
    if (!end) {
        return read_setting(r, text);
    }
    *end = '\0';
    begin_section(r, text + 1);
    return NULL;
}

/* What the profile leaves open is as [DEFAULT] has it. */
static void fill_up(struct ini_reader *r)
{
    struct segjob_profile_section *section = r->section;

    for (size_t i = 0; section->found && i < SEGJOB_PROFILE_COUNT; i++) {
        if (!section->value[i]) {
            section->value[i] = r->defaults.value[i];
            section->line[i] = r->defaults.line[i];
        }
    }
}

bool sj_ini_read(char *text, size_t len, const char *profile, bool prefixed,
                 struct segjob_profile_section *section,
                 struct sj_ini_error *error)
{
    static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, as on Windows */
    struct ini_reader reader = {
        .profile = profile, .prefixed = prefixed, .section = section};
    char *end;

    memset(section, 0, sizeof(*section));
    error->line = 1;
    error->what = strlen(text) == len ? NULL : "the file holds a NUL";
    text += strncmp(text, mark, 3) == 0 ? 3 : 0;
    for (char *line = text; *line && !error->what; line = end) {
        end = line + strcspn(line, "\r\n");
        reader.line++;
        if (*end) {
            const bool is_pair = end[0] == '\r' && end[1] == '\n';

            *end++ = '\0';
            end += is_pair;
        }
        error->what = read_line(&reader, line);
        error->line = reader.line;
    }
    fill_up(&reader);
    return !error->what;
}
