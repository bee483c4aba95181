#define _XOPEN_SOURCE 700

#include "sj_ini.h"

#include <string.h>
#include <strings.h>

static const char blanks[] = " \t\r\v\f";

/* How the file is gone through. */
struct ini_reader {
    const char *profile;
    bool prefixed;
    struct segjob_profile_section *section;
    bool in_section;  /* some section has begun */
    bool wanted;      /* ... and it is the profile's */
    bool has_setting; /* a setting stands above in this section ... */
    enum segjob_profile_setting
        above;     /* ... and this one, if it is looked for */
    size_t indent; /* of the setting above */
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

/* Cut the blanks off the end. */
static char *trim_end(char *text)
{
    size_t len = strlen(text);

    while (len > 0 && strchr(blanks, text[len - 1])) {
        text[--len] = '\0';
    }
    return text;
}

static char *skip_blanks(char *text)
{
    return text + strspn(text, blanks);
}

/* The profile that section `name` of the config file is for, or NULL. */
static const char *profile_of(char *name)
{
    size_t len;

    if (strcmp(name, "default") == 0) {
        return name;
    }
    if (strncmp(name, "profile", 7) != 0 || !strchr(blanks, name[7])) {
        return NULL;
    }
    name = trim_end(skip_blanks(name + 7));
    len = strlen(name);
    if (len > 1 && (*name == '"' || *name == '\'') && name[len - 1] == *name) {
        name[len - 1] = '\0';
        name++;
    }
    return name;
}

/* `[name]`, and whatever behind it */
static const char *read_section(struct ini_reader *r, char *line)
{
    char *end = strrchr(line, ']');
    const char *profile;

    if (!end || end == line + 1) {
        return "a section is written [NAME]";
    }
    *end = '\0';
    profile = r->prefixed ? profile_of(line + 1) : line + 1;
    r->in_section = true;
    r->has_setting = false;
    r->wanted = profile && strcmp(profile, r->profile) == 0;
    if (r->wanted && r->section->found) {
        return "the profile stands twice";
    }
    r->section->found = r->section->found || r->wanted;
    return NULL;
}

/* `name = value` or `name: value` */
static const char *read_setting(struct ini_reader *r, char *line)
{
    char *value = line + strcspn(line, "=:");

    if (*value == '\0' || value == line) {
        return "a setting is written NAME = VALUE";
    }
    if (!r->in_section) {
        return "a setting stands before the first section";
    }
    *value++ = '\0';
    r->has_setting = true;
    r->above = find_setting(trim_end(line));
    if (!r->wanted || r->above == SEGJOB_PROFILE_COUNT) {
        return NULL;
    }
    if (r->section->value[r->above]) {
        return "the setting stands twice";
    }
    r->section->value[r->above] = skip_blanks(value);
    return NULL;
}

static const char *read_line(struct ini_reader *r, char *line)
{
    char *text = skip_blanks(trim_end(line));
    size_t indent = (size_t)(text - line);

    if (*text == '\0' || *text == '#' || *text == ';') {
        return NULL;
    }
    if (r->has_setting && indent > r->indent) {
        return r->wanted && r->above != SEGJOB_PROFILE_COUNT
                   ? "the setting above takes one line"
                   : NULL;
    }
    r->indent = indent;
    return *text == '[' ? read_section(r, text) : read_setting(r, text);
}

bool sj_ini_read(char *text, size_t len, const char *profile, bool prefixed,
                 struct segjob_profile_section *section,
                 struct sj_ini_error *error)
{
    struct ini_reader reader = {
        .profile = profile, .prefixed = prefixed, .section = section};
    char *end;

    memset(section, 0, sizeof(*section));
    error->line = 1;
    error->what = strlen(text) == len ? NULL : "the file holds a NUL";
    for (char *line = text; line && !error->what; line = end) {
        end = strchr(line, '\n');
        if (end) {
            *end++ = '\0';
        }
        error->what = read_line(&reader, line);
        error->line += !error->what;
    }
    return !error->what;
}
