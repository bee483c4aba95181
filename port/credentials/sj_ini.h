/*
 * The AWS INI files: settings of one profile out of a file's text.
 *
 * Lines are read as Python's configparser does for the AWS CLI: `name = value`
 * or `name: value`, names without regard to case, comments on lines of their
 * own after # or ;, lines indented more than the one above as more of its
 * value, and [DEFAULT] for what a section leaves open. Profiles are found in
 * sections as botocore does: the name is a word of a shell.
 *
 * What the AWS CLI fails at, or where it takes what no key can be, is read as
 * AWS's SDKs do by the tests of parsing that they share: of a section or
 * setting that stands twice the last wins, a comment may stand behind a value
 * and a blank, and what is no name of a profile is passed over.
 */
#ifndef SJ_INI_H
#define SJ_INI_H

#include "segjob_profile.h"

/* Why a text is not such a file, and in which line. */
struct sj_ini_error {
    const char *what;
    int line;
};

/*
 * Read the section of `profile` from `text`, `len` bytes and a NUL behind
 * them, which is changed. `prefixed` if a profile's section is called
 * `profile NAME`, as in the config file (all but `default`).
 *
 * Returns false if the text is malformed anywhere; `error` then says why.
 */
bool sj_ini_read(char *text, size_t len, const char *profile, bool prefixed,
                 struct segjob_profile_section *section,
                 struct sj_ini_error *error);

#endif
