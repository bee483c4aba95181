#include "segjob_chain.h"

#include <stdlib.h>
#include <string.h>

#include "segjob_text.h"
#include "segjob_uri.h"
#include "sj_message.h"

#define DURATION_MIN_S 900u
#define DURATION_MAX_S 43200u

static const char environment[] = "the environment";
static const char container[] = "a container";
static const char instance[] = "EC2 instance metadata";

static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

/* --------------------------------------------------------------- messages */

static void add(struct segjob_chain *c, const char *text)
{
    sj_message_add(c->message, sizeof(c->message), text);
}

/* "AWS_ROLE_ARN: why" */
static enum segjob_status refuse(struct segjob_chain *c, const char *what,
                                 const char *why)
{
    c->message[0] = '\0';
    add(c, what);
    add(c, *what != '\0' ? ": " : "");
    add(c, why);
    return SEGJOB_CONFIG;
}

/* "profile work: why" */
static enum segjob_status refuse_profile(struct segjob_chain *c,
                                         const char *profile, const char *why)
{
    (void)refuse(c, "", "profile ");
    add(c, profile);
    add(c, ": ");
    add(c, why);
    return SEGJOB_CONFIG;
}

/* "profile work: source_profile: why" */
static enum segjob_status refuse_setting(struct segjob_chain *c,
                                         const char *profile,
                                         enum segjob_profile_setting setting,
                                         const char *why)
{
    (void)refuse_profile(c, profile, segjob_profile_setting_name(setting));
    add(c, ": ");
    add(c, why);
    return SEGJOB_CONFIG;
}

/* Note that the source is used, or why it is not: PENDING. */
static enum segjob_status find(struct segjob_chain *c, const char *source,
                               const char *profile, const char *why)
{
    const struct segjob_chain_finding finding = {source, profile, why};

    c->findings[c->findings_len++] = finding;
    return why == NULL ? SEGJOB_OK : SEGJOB_PENDING;
}

/* ----------------------------------------------------------------- memory */

/* A part of the buffer: one for each role, and one for the source. */
static void *part(const struct segjob_chain *c, size_t i, size_t *cap)
{
    *cap = c->cap / (c->roles_len + 1);
    return c->buf + i * *cap;
}

/* Use a source, unless it was refused. */
static enum segjob_status use_base(struct segjob_chain *c,
                                   struct segjob_source *source,
                                   const char *name, const char *profile,
                                   enum segjob_status status)
{
    if (status == SEGJOB_OK) {
        c->base = source;
        c->provider = &source->provider;
        return find(c, name, profile, NULL);
    }
    return profile != NULL ? refuse_profile(c, profile, source->message)
                           : refuse(c, "", source->message);
}

/* ---------------------------------------------- sources without a profile */

static enum segjob_status use_environment(struct segjob_chain *c)
{
    const char *flaw, *variable;

    if (!segjob_environment_credentials(&c->environment)) {
        return find(c, environment, NULL, "AWS_ACCESS_KEY_ID is not set");
    }
    if (c->environment.secret_access_key.ptr == NULL) {
        return refuse(c, "credentials from the environment",
                      "there is an access key id, but no secret access key");
    }
    flaw = segjob_environment_flaw(&c->environment, &variable);
    if (flaw != NULL) {
        return refuse(c, variable, flaw);
    }
    c->credentials = &c->environment;
    return find(c, environment, NULL, NULL);
}

static enum segjob_status use_container(struct segjob_chain *c)
{
    struct segjob_environment_container *found = &c->sources.container;
    size_t cap;
    void *buf = part(c, c->roles_len, &cap);
    const enum segjob_status status =
        segjob_environment_container_init(found, buf, cap);

    return status == SEGJOB_PENDING
               ? find(c, container, NULL,
                      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
                      "..._FULL_URI are not set")
               : use_base(c, &found->container.source, container, NULL, status);
}

static enum segjob_status use_instance(struct segjob_chain *c)
{
    size_t cap;
    void *buf = part(c, c->roles_len, &cap);
    const enum segjob_status status =
        segjob_environment_imds_init(&c->sources.imds, buf, cap);

    return status == SEGJOB_PENDING
               ? find(c, instance, NULL, "AWS_EC2_METADATA_DISABLED is true")
               : use_base(c, &c->sources.imds.source, instance, NULL, status);
}

/* -------------------------------------------------------------- endpoints */

/* Set where a service is, in `region`. */
static enum segjob_status find_service(struct segjob_chain *c,
                                       enum segjob_profile_service service,
                                       struct segjob_str region,
                                       struct segjob_config *config)
{
    const char *url, *from, *error;

    memset(config, 0, sizeof(*config));
    config->region = region;
    config->fips = c->config.fips;
    config->dual_stack = c->config.dual_stack;
    if (segjob_profile_endpoint_url(c->profile, service, &url, &from) !=
        SEGJOB_OK) {
        return refuse(c, "", c->profile->message);
    }
    error =
        url == NULL ? NULL : segjob_uri_read_endpoint(segjob_cstr(url), config);
    if (error == NULL) {
        return SEGJOB_OK;
    }
    (void)refuse(c, "", service == SEGJOB_PROFILE_STS ? "sts" : "sso");
    add(c, " endpoint, from ");
    add(c, from);
    add(c, ": ");
    add(c, error);
    return SEGJOB_CONFIG;
}

/* ------------------------------------------------------------------ roles */

/* Add a role, of which the ARN is set. All are assumed at one endpoint. */
static enum segjob_status add_role(struct segjob_chain *c, const char *profile,
                                   struct segjob_sts_config *role)
{
    enum segjob_status status = SEGJOB_OK;

    if (c->roles_len == SEGJOB_CHAIN_ROLES) {
        return refuse_setting(c, profile, SEGJOB_PROFILE_ROLE_ARN,
                              "more than 5 roles follow from one another");
    }
    if (c->roles_len == 0) {
        status = find_service(c, SEGJOB_PROFILE_STS, c->config.region,
                              &role->service);
    } else {
        role->service = c->roles[0].service;
    }
    c->names[c->roles_len] = profile;
    c->roles[c->roles_len++] = *role;
    return status;
}

/* Whether the profile assumes a role with other credentials. */
static bool has_role(const struct segjob_profile *p)
{
    return segjob_profile_value(p, SEGJOB_PROFILE_ROLE_ARN) != NULL &&
           segjob_profile_value(p, SEGJOB_PROFILE_WEB_IDENTITY_TOKEN_FILE) ==
               NULL;
}

static bool has_keys(const struct segjob_profile *p)
{
    return segjob_profile_value(p, SEGJOB_PROFILE_ACCESS_KEY_ID) != NULL ||
           segjob_profile_value(p, SEGJOB_PROFILE_SECRET_ACCESS_KEY) != NULL;
}

/* Add the role of the profile, without what it is assumed with. */
static enum segjob_status use_role(struct segjob_chain *c,
                                   const struct segjob_profile *p)
{
    const char *duration =
        segjob_profile_value(p, SEGJOB_PROFILE_DURATION_SECONDS);
    struct segjob_sts_config role = {
        .role_arn =
            segjob_cstr(segjob_profile_value(p, SEGJOB_PROFILE_ROLE_ARN)),
        .session_name = segjob_cstr(
            segjob_profile_value(p, SEGJOB_PROFILE_ROLE_SESSION_NAME)),
        .external_id =
            segjob_cstr(segjob_profile_value(p, SEGJOB_PROFILE_EXTERNAL_ID))};

    if (segjob_profile_value(p, SEGJOB_PROFILE_MFA_SERIAL) != NULL) {
        return refuse_setting(c, p->name, SEGJOB_PROFILE_MFA_SERIAL,
                              "nobody is there to type a code");
    }
    if (duration != NULL) {
        role.duration_s = segjob_decimal(segjob_cstr(duration));
        if (role.duration_s < DURATION_MIN_S ||
            role.duration_s > DURATION_MAX_S) {
            return refuse_setting(c, p->name, SEGJOB_PROFILE_DURATION_SECONDS,
                                  "must be a number from 900 to 43200");
        }
    }
    (void)find(c, "a role", p->name, NULL);
    return add_role(c, p->name, &role);
}

/* Use what the profile's credential_source names. */
static enum segjob_status use_named(struct segjob_chain *c,
                                    const struct segjob_profile *p)
{
    static const struct {
        const char *name;
        enum segjob_status (*use)(struct segjob_chain *c);
    } sources[] = {{"Environment", use_environment},
                   {"EcsContainer", use_container},
                   {"Ec2InstanceMetadata", use_instance}};
    const enum segjob_profile_setting setting =
        SEGJOB_PROFILE_CREDENTIAL_SOURCE;
    const char *name = segjob_profile_value(p, setting);
    enum segjob_status status;
    size_t i = 0;

    while (i < 3 && strcmp(name, sources[i].name) != 0) {
        i++;
    }
    if (i == 3) {
        return refuse_setting(c, p->name, setting,
                              "must be Environment, EcsContainer or "
                              "Ec2InstanceMetadata");
    }
    status = sources[i].use(c);
    return status != SEGJOB_PENDING
               ? status
               : refuse_setting(c, p->name, setting,
                                c->findings[c->findings_len - 1].why);
}

/*
 * Read the profile that `p` names as its source. It must not lead back to one
 * whose role is assumed already, unless that is `p` itself, which has keys.
 */
static enum segjob_status read_source(struct segjob_chain *c,
                                      const struct segjob_profile *p)
{
    static const enum segjob_profile_setting setting =
        SEGJOB_PROFILE_SOURCE_PROFILE;
    struct segjob_profile *first = c->profile;
    const char *const parent = p->name;
    const char *const name = segjob_profile_value(p, setting);
    const enum segjob_status status = segjob_profile_read(
        &c->source, name, first->buf + first->used, first->cap - first->used);
    bool loops = false;
    size_t i;

    first->used += c->source.used;
    if (status != SEGJOB_OK) {
        return refuse_setting(c, parent, setting, c->source.message);
    }
    for (i = 0; i < c->roles_len; i++) {
        loops = loops || strcmp(name, c->names[i]) == 0;
    }
    if (loops && (strcmp(name, parent) != 0 || !has_keys(&c->source))) {
        (void)refuse_setting(c, parent, setting, "profile ");
        add(c, name);
        add(c, " is a source of itself");
        return SEGJOB_CONFIG;
    }
    return SEGJOB_OK;
}

/* Assume each role with the credentials of the one after it. */
static enum segjob_status assume_roles(struct segjob_chain *c)
{
    size_t i, cap;
    void *buf;

    for (i = c->roles_len; i > 0; i--) {
        struct segjob_sts_config *role = &c->roles[i - 1];
        struct segjob_sts *sts = &c->sts[i - 1];

        if (role->read_token == NULL) {
            role->base = c->provider;
            role->credentials = c->provider == NULL ? c->credentials : NULL;
        }
        buf = part(c, i - 1, &cap);
        if (segjob_sts_init(sts, role, buf, cap) != SEGJOB_OK) {
            return refuse_profile(c, c->names[i - 1], sts->source.message);
        }
        c->credentials = NULL;
        c->provider = &sts->source.provider;
    }
    return SEGJOB_OK;
}

/* --------------------------------------------------- sources of a profile */

/* A setting of web identity: the variable, unless the profile was named. */
static const char *find_web(const struct segjob_chain *c,
                            const struct segjob_profile *p,
                            const char *variable,
                            enum segjob_profile_setting setting)
{
    const char *value = c->is_named || p == &c->source ? NULL : env(variable);

    return value != NULL ? value : segjob_profile_value(p, setting);
}

static enum segjob_status use_web_identity(struct segjob_chain *c,
                                           const struct segjob_profile *p)
{
    struct segjob_sts_config role = {.read_token = segjob_token_file_read,
                                     .arg = &c->token_file};

    c->token_file.path = find_web(c, p, "AWS_WEB_IDENTITY_TOKEN_FILE",
                                  SEGJOB_PROFILE_WEB_IDENTITY_TOKEN_FILE);
    if (c->token_file.path == NULL) {
        return find(c, "web identity", p->name,
                    "there is no web_identity_token_file");
    }
    role.role_arn =
        segjob_cstr(find_web(c, p, "AWS_ROLE_ARN", SEGJOB_PROFILE_ROLE_ARN));
    role.session_name = segjob_cstr(find_web(c, p, "AWS_ROLE_SESSION_NAME",
                                             SEGJOB_PROFILE_ROLE_SESSION_NAME));
    if (role.role_arn.ptr == NULL) {
        return refuse_profile(c, p->name,
                              "web identity needs role_arn or AWS_ROLE_ARN");
    }
    (void)find(c, "web identity", p->name, NULL);
    return add_role(c, p->name, &role);
}

static enum segjob_status use_sso(struct segjob_chain *c,
                                  struct segjob_profile *p)
{
    static const enum segjob_profile_setting required[] = {
        SEGJOB_PROFILE_SSO_REGION, SEGJOB_PROFILE_SSO_START_URL,
        SEGJOB_PROFILE_SSO_ACCOUNT_ID, SEGJOB_PROFILE_SSO_ROLE_NAME};
    const char *values[4];
    struct segjob_sso_config config = {.profile = p->name};
    enum segjob_status status;
    size_t i, cap;
    void *buf;

    if (segjob_profile_value(p, required[2]) == NULL &&
        segjob_profile_value(p, required[3]) == NULL) {
        return find(c, "SSO", p->name,
                    "there is no sso_account_id and no sso_role_name");
    }
    if (segjob_profile_add_sso_session(p) != SEGJOB_OK) {
        return refuse(c, "", p->message);
    }
    for (i = 0; i < 4; i++) {
        values[i] = segjob_profile_value(p, required[i]);
        if (values[i] == NULL) {
            return refuse_setting(c, p->name, required[i],
                                  "is not set, and SSO needs it");
        }
    }
    if (p == &c->source) {
        c->profile->used = (size_t)(p->buf - c->profile->buf) + p->used;
    }
    status = find_service(c, SEGJOB_PROFILE_SSO, segjob_cstr(values[0]),
                          &config.service);
    if (status != SEGJOB_OK) {
        return status;
    }
    config.session = segjob_profile_value(p, SEGJOB_PROFILE_SSO_SESSION);
    config.start_url = values[1];
    config.account_id = values[2];
    config.role_name = values[3];
    buf = part(c, c->roles_len, &cap);
    status = segjob_sso_init(&c->sources.sso, &config, buf, cap);
    return use_base(c, &c->sources.sso.source, "SSO", p->name, status);
}

static enum segjob_status use_keys(struct segjob_chain *c,
                                   struct segjob_profile *p,
                                   const struct segjob_profile_file *file)
{
    const char *id = file->section.value[SEGJOB_PROFILE_ACCESS_KEY_ID];
    const char *name = file == &p->credentials_file ? "the credentials file"
                                                    : "the config file";

    if (id == NULL || *id == '\0') {
        return find(c, name, p->name, "it has no aws_access_key_id");
    }
    if (segjob_profile_credentials(p) != SEGJOB_OK) {
        return refuse(c, "", p->message);
    }
    c->credentials = &p->credentials;
    c->provider = &p->provider;
    return find(c, name, p->name, NULL);
}

static enum segjob_status use_process(struct segjob_chain *c,
                                      const struct segjob_profile *p)
{
    struct segjob_process *process = &c->sources.process;
    const char *command =
        segjob_profile_value(p, SEGJOB_PROFILE_CREDENTIAL_PROCESS);
    enum segjob_status status;
    size_t cap;
    void *buf = part(c, c->roles_len, &cap);

    if (segjob_profile_value(p, SEGJOB_PROFILE_LOGIN_SESSION) != NULL) {
        return refuse_setting(
            c, p->name, SEGJOB_PROFILE_LOGIN_SESSION,
            "give another profile the setting credential_process = aws "
            "configure export-credentials --format process --profile NAME, "
            "with this one's name");
    }
    if (command == NULL) {
        return find(c, "credential_process", p->name, "it is not set");
    }
    status = segjob_process_init(process, command, buf, cap);
    return use_base(c, &process->source, "credential_process", p->name, status);
}

/* Use a source of the profile itself, without what it is assumed with. */
static enum segjob_status use_profile(struct segjob_chain *c,
                                      struct segjob_profile *p)
{
    enum segjob_status status = use_web_identity(c, p);

    if (status == SEGJOB_PENDING) {
        status = use_sso(c, p);
    }
    if (status == SEGJOB_PENDING) {
        status = use_keys(c, p, &p->credentials_file);
    }
    if (status == SEGJOB_PENDING) {
        status = use_process(c, p);
    }
    return status == SEGJOB_PENDING ? use_keys(c, p, &p->config_file) : status;
}

/* ------------------------------------------------------------------ chain */

/* Go from the profile to its sources, and to what the last one is from. */
static enum segjob_status follow(struct segjob_chain *c)
{
    struct segjob_profile *p = c->profile;
    enum segjob_status status = SEGJOB_OK;

    while (has_role(p) && !(p == &c->source && has_keys(p))) {
        const char *source =
            segjob_profile_value(p, SEGJOB_PROFILE_SOURCE_PROFILE);
        const char *named =
            segjob_profile_value(p, SEGJOB_PROFILE_CREDENTIAL_SOURCE);

        if ((source == NULL) == (named == NULL)) {
            return refuse_setting(
                c, p->name, SEGJOB_PROFILE_ROLE_ARN,
                "needs one of source_profile and credential_source");
        }
        status = use_role(c, p);
        if (status != SEGJOB_OK || named != NULL) {
            return status == SEGJOB_OK ? use_named(c, p) : status;
        }
        status = read_source(c, p);
        if (status != SEGJOB_OK) {
            return status;
        }
        p = &c->source;
    }
    if (c->roles_len == 0) {
        (void)find(c, "a role", p->name, "there is no role_arn");
    }
    status = use_profile(c, p);
    return status == SEGJOB_PENDING && c->roles_len > 0
               ? refuse_profile(c, p->name,
                                "it is a source_profile, and has no "
                                "credentials")
               : status;
}

static enum segjob_status find_source(struct segjob_chain *c)
{
    enum segjob_status status =
        c->is_named ? find(c, environment, NULL, "the profile is named")
                    : use_environment(c);

    if (status == SEGJOB_PENDING) {
        status = follow(c);
    }
    if (status == SEGJOB_PENDING) {
        status = use_container(c);
    }
    if (status == SEGJOB_PENDING) {
        status = use_instance(c);
    }
    if (status != SEGJOB_PENDING) {
        return status;
    }
    (void)refuse(c, "no credentials",
                 "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write "
                 "them into profile ");
    add(c, c->profile->name);
    add(c, " of the credentials file");
    return SEGJOB_CONFIG;
}

enum segjob_status segjob_chain_init(struct segjob_chain *c,
                                     struct segjob_profile *profile,
                                     bool is_named,
                                     const struct segjob_config *config,
                                     void *buf, size_t cap)
{
    enum segjob_status status;

    memset(c, 0, sizeof(*c));
    c->profile = profile;
    c->is_named = is_named;
    c->config = *config;
    c->buf = buf;
    c->cap = cap;
    status = find_source(c);
    if (status == SEGJOB_OK) {
        status = assume_roles(c);
    }
    if (status !=
        SEGJOB_OK) { /* that of a base must not be used in its place */
        c->credentials = NULL;
        c->provider = NULL;
    }
    return status;
}

void segjob_chain_wipe(struct segjob_chain *c)
{
    size_t i;

    if (c->base != NULL) {
        segjob_source_wipe(c->base);
    }
    for (i = 0; i < c->roles_len; i++) {
        if (c->sts[i].source.buf != NULL) { /* else it was not reached */
            segjob_source_wipe(&c->sts[i].source);
        }
    }
    if (c->source.buf != NULL) {
        segjob_profile_wipe(&c->source);
    }
}
