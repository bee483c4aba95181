/*
 * Reader of AWS's INI files: the settings of one section.
 *
 * Lines are read as Python's configparser does for the AWS CLI: `name = value`
 * or `name: value`, names without regard to case, comments on lines of their
 * own after # or ;, lines indented more than the one above as a continuation of
 * its value, and [DEFAULT] for settings that a section omits. The name of a
 * profile is a shell word, as in botocore.
 *
 * A services section has a setting for each service, whose value is the lines
 * below, each `name = value` with exactly this name. Of these only the endpoint
 * URL of one service is read:
 *
 *   [services NAME]
 *   personalize =
 *     endpoint_url = http://localhost:4567
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

/* Longer titles of sections in the config file name no profile. */
#define SJ_INI_TITLE_CAP 1024u

/* How the section of a name is spelled. */
enum sj_ini_kind {
    SJ_INI_BARE,       /* [NAME]: a profile in the credentials file */
    SJ_INI_PROFILE,    /* [profile NAME] or [default]: one in the config file */
    SJ_INI_SERVICES,   /* [services NAME], in the config file */
    SJ_INI_SSO_SESSION /* [sso-session NAME], in the config file */
};

/* The section to read. */
struct sj_ini_section {
    enum sj_ini_kind kind;
    const char *name;
    const char *service; /* of SJ_INI_SERVICES, such as "personalize" */
};

/*
 * Read the section `wanted` from `text`, `len` bytes and a NUL, which is
 * changed.
 *
 * Returns true, or false and sets `*error` if the text is malformed anywhere.
 */
bool sj_ini_read(char *text, size_t len, const struct sj_ini_section *wanted,
                 struct segjob_profile_section *section,
                 struct sj_ini_error *error);

#endif
