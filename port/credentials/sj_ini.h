/*
 * Reader of AWS's INI files: the settings of one profile.
 *
 * Lines are read as Python's configparser does for the AWS CLI: `name = value`
 * or `name: value`, names without regard to case, comments on lines of their
 * own after # or ;, lines indented more than the one above as a continuation of
 * its value, and [DEFAULT] for settings that a section omits. The name of a
 * profile is a shell word, as in botocore.
 *
 * Text that the AWS CLI rejects, or takes for credentials that cannot be, is
 * read as in the parser tests that AWS's SDKs share: the last of two sections
 * or settings of a name wins, a comment may follow a value and a blank, and
 * sections with an invalid name are skipped.
 */
#ifndef SJ_INI_H
#define SJ_INI_H

#include "segjob_profile.h"

/* Why a text is malformed, static; and the number of the line, from 1. */
struct sj_ini_error {
    const char *message;
    int line;
};

/*
 * Read the section of `profile` from `text`, `len` bytes and a NUL, which is
 * changed. `prefixed` means that a profile's section is called `profile
 * NAME`, as in the config file (except `default`).
 *
 * Returns true, or false and sets `*error` if the text is malformed anywhere.
 */
bool sj_ini_read(char *text, size_t len, const char *profile, bool prefixed,
                 struct segjob_profile_section *section,
                 struct sj_ini_error *error);

#endif
