#include "segjob_sts.h"

#include <string.h>

#include "segjob_text.h"
#include "sj_message.h"
#include "sj_text.h"
#include "sj_xml.h"

#define TIMEOUT_MS 15000u
#define DURATION_MIN_S 900u
#define DURATION_MAX_S 43200u
#define ROLE_ARN_MIN 20u
#define ROLE_ARN_MAX 2048u
#define SESSION_NAME_MIN 2u
#define SESSION_NAME_MAX 64u
#define EXTERNAL_ID_MIN 2u
#define EXTERNAL_ID_MAX 1224u
#define TOKEN_MIN 4u
#define TOKEN_MAX 20000u

/* Bytes of a request beside what is counted: head, scope and signature. */
#define HEAD_LEN 1024u

static struct segjob_sts *as_sts(struct segjob_source *s)
{
    return (struct segjob_sts *)s; /* its first member */
}

/* -------------------------------------------------------------------- body */

/* Add a parameter that is not absent, percent-encoded (RFC 3986, 2.3). */
static void add(struct sj_text *f, const char *name, struct segjob_str value)
{
    if (value.ptr == NULL) {
        return;
    }
    sj_text_add_char(f, '&');
    sj_text_add(f, name);
    sj_text_add_char(f, '=');
    sj_text_add_encoded(f, value);
}

static void add_number(struct sj_text *f, const char *name, uint32_t number)
{
    char digits[SEGJOB_DECIMAL_DIGITS];
    char *const end = digits + sizeof(digits);
    struct segjob_str text;

    text.ptr = segjob_write_decimal(end, number);
    text.len = (size_t)(end - text.ptr);
    if (number > 0) {
        add(f, name, text);
    }
}

/* Write all parameters; `token` is absent for AssumeRole. */
static void add_parameters(struct sj_text *f, const struct segjob_sts *sts,
                           struct segjob_str token)
{
    const struct segjob_sts_config *config = &sts->config;
    const bool is_assume_role = token.ptr == NULL;

    sj_text_add(f, is_assume_role ? "Action=AssumeRole"
                                  : "Action=AssumeRoleWithWebIdentity");
    sj_text_add(f, "&Version=2011-06-15");
    add(f, "RoleArn", config->role_arn);
    add(f, "RoleSessionName",
        config->session_name.ptr != NULL ? config->session_name
                                         : segjob_cstr(sts->session_name));
    add(f, "ExternalId", config->external_id);
    add(f, "Policy", config->policy);
    add_number(f, "DurationSeconds", config->duration_s);
    add(f, "WebIdentityToken", token);
}

/* ----------------------------------------------------------------- request */

static const char *no_room(struct segjob_source *s, size_t len)
{
    s->size_needed = s->kept + 2 * len + HEAD_LEN;
    if (s->base_credentials != NULL) {
        s->size_needed += s->base_credentials->session_token.len;
    }
    return "the request does not fit into the buffer";
}

/* Name the session when the first request is sent, as botocore does. */
static void name_session(struct segjob_sts *sts)
{
    static const char prefix[] = "segjob-session-";
    char *const end = sts->session_name + sizeof(sts->session_name) - 1;
    const int64_t now = sts->source.now;
    char *number;

    if (sts->session_name[0] == '\0') {
        number = segjob_write_decimal(end, now > 0 ? (uint64_t)now : 0);
        memcpy(sts->session_name, prefix, sizeof(prefix) - 1);
        memmove(sts->session_name + sizeof(prefix) - 1, number,
                (size_t)(end + 1 - number));
    }
}

/* Set the body. Returns NULL, or why it cannot be sent. */
static const char *set_body(struct segjob_sts *sts, struct segjob_str token)
{
    struct segjob_source *s = &sts->source;
    struct segjob_str body;
    struct sj_text form = {NULL, 0, 0};

    name_session(sts);
    form.buf = segjob_source_room(s, &form.cap);
    add_parameters(&form, sts, token);
    if (form.len > form.cap) {
        return no_room(s, form.len);
    }
    body.ptr = form.buf;
    body.len = form.len;
    s->request.body = segjob_source_keep(s, body);
    return NULL;
}

static void begin_request(struct segjob_source *s)
{
    s->request.method = "POST";
    s->request.path[0] = SEGJOB_STR("/");
    s->request.headers[0].name = "content-type";
    s->request.headers[0].value =
        SEGJOB_STR("application/x-www-form-urlencoded; charset=utf-8");
}

/* Sign the request with the credentials of the base. */
static const char *sign(struct segjob_source *s)
{
    const struct segjob_credentials *base = s->base_credentials;
    const struct segjob_sign sign = {
        SEGJOB_SIGN_HMAC, "sts", base->access_key_id, &s->config, &s->request};
    struct segjob_header *header = &s->request.headers[2];
    unsigned char signature[SEGJOB_SIGN_HASH_LEN];
    struct segjob_str text;
    size_t cap;

    if (base->session_token.ptr != NULL) {
        header->name = "x-amz-security-token";
        header->value = base->session_token;
        header++;
        s->request.secret = base->session_token;
    }
    if (!segjob_sign_hmac(&sign, base->secret_access_key, signature)) {
        return "the hash function failed";
    }
    text.ptr = segjob_source_room(s, &cap);
    text.len =
        segjob_sign_write(&sign, signature, sizeof(signature), s->buf, cap);
    if (text.len > cap) {
        return no_room(s, s->request.body.len);
    }
    header->name = "authorization";
    header->value = segjob_source_keep(s, text);
    return NULL;
}

static const char *prepare_signed(struct segjob_sts *sts)
{
    struct segjob_source *s = &sts->source;
    const struct segjob_str no_token = {NULL, 0};
    const char *error = set_body(sts, no_token);

    if (error != NULL) {
        return error;
    }
    if (!segjob_sign_date(s->now, sts->date)) {
        return "the clock shows no valid date";
    }
    s->request.headers[1].name = "x-amz-date";
    s->request.headers[1].value.ptr = sts->date;
    s->request.headers[1].value.len = sizeof(sts->date);
    return sign(s);
}

static bool assume_role(struct segjob_source *s, struct segjob_str fetched)
{
    (void)fetched;
    if (s->step > 0) {
        return false;
    }
    begin_request(s);
    s->error = prepare_signed(as_sts(s));
    return true;
}

static const char *prepare_with_token(struct segjob_sts *sts)
{
    struct segjob_source *s = &sts->source;
    struct segjob_str *token = &s->request.secret;
    size_t cap;
    char *room = segjob_source_room(s, &cap);
    const char *error =
        sts->config.read_token(sts->config.arg, room, cap, token);
    size_t len = token->len;

    if (error != NULL) {
        return error;
    }
    if (len < TOKEN_MIN || len > TOKEN_MAX || !sj_text_is_visible(*token)) {
        return "the token must be 4 to 20000 visible ASCII characters";
    }
    *token = segjob_source_keep(s, *token);
    return token->ptr != NULL ? set_body(sts, *token) : no_room(s, 2 * len);
}

static bool assume_role_with_web_identity(struct segjob_source *s,
                                          struct segjob_str fetched)
{
    (void)fetched;
    if (s->step > 0) {
        return false;
    }
    begin_request(s);
    s->error = prepare_with_token(as_sts(s));
    return true;
}

/* ---------------------------------------------------------------- response */

/* Set the credentials; unlike other sources, STS returns all four always. */
static void read_response(char *body, size_t len, struct sj_xml_text texts[4],
                          struct segjob_credentials *credentials,
                          struct segjob_str *expiration)
{
    (void)sj_xml_read(body, len, texts, 4);
    credentials->access_key_id = texts[0].text;
    credentials->secret_access_key = texts[1].text;
    credentials->session_token =
        texts[2].text.ptr != NULL ? texts[2].text : SEGJOB_STR("");
    *expiration = texts[3].text.ptr != NULL ? texts[3].text : SEGJOB_STR("");
}

#define PATH(operation, member) \
    operation "Response/" operation "Result/Credentials/" member

static void read_assume_role(char *body, size_t len,
                             struct segjob_credentials *credentials,
                             struct segjob_str *expiration)
{
    struct sj_xml_text texts[] = {
        {PATH("AssumeRole", "AccessKeyId"), {NULL, 0}},
        {PATH("AssumeRole", "SecretAccessKey"), {NULL, 0}},
        {PATH("AssumeRole", "SessionToken"), {NULL, 0}},
        {PATH("AssumeRole", "Expiration"), {NULL, 0}},
    };

    read_response(body, len, texts, credentials, expiration);
}

static void read_web_identity(char *body, size_t len,
                              struct segjob_credentials *credentials,
                              struct segjob_str *expiration)
{
    struct sj_xml_text texts[] = {
        {PATH("AssumeRoleWithWebIdentity", "AccessKeyId"), {NULL, 0}},
        {PATH("AssumeRoleWithWebIdentity", "SecretAccessKey"), {NULL, 0}},
        {PATH("AssumeRoleWithWebIdentity", "SessionToken"), {NULL, 0}},
        {PATH("AssumeRoleWithWebIdentity", "Expiration"), {NULL, 0}},
    };

    read_response(body, len, texts, credentials, expiration);
}

static void read_error(char *body, size_t len, struct segjob_str *code,
                       struct segjob_str *message)
{
    struct sj_xml_text texts[] = {{"ErrorResponse/Error/Code", {NULL, 0}},
                                  {"ErrorResponse/Error/Message", {NULL, 0}}};

    (void)sj_xml_read(body, len, texts, sizeof(texts) / sizeof(texts[0]));
    *code = texts[0].text;
    *message = texts[1].text;
}

static const struct segjob_source_reader assume_role_reader = {read_assume_role,
                                                               read_error};
static const struct segjob_source_reader web_identity_reader = {
    read_web_identity, read_error};

static const struct segjob_source_kind assume_role_kind = {
    .name = "AWS STS",
    .timeout_ms = TIMEOUT_MS,
    .is_signed = true,
    .next_request = assume_role,
    .reader = &assume_role_reader,
};

static const struct segjob_source_kind web_identity_kind = {
    .name = "AWS STS",
    .timeout_ms = TIMEOUT_MS,
    .next_request = assume_role_with_web_identity,
    .reader = &web_identity_reader,
};

/* ----------------------------------------------------------- configuration */

static bool is_role_arn(struct segjob_str s)
{
    return s.ptr != NULL && s.len >= ROLE_ARN_MIN && s.len <= ROLE_ARN_MAX &&
           memcmp(s.ptr, "arn:", 4) == 0 && sj_text_is_visible(s);
}

/* Returns NULL, or what is wrong with the parameters. */
static const char *check_parameters(const struct segjob_sts_config *config)
{
    if (!is_role_arn(config->role_arn)) {
        return "role_arn must be an ARN of 20 to 2048 characters";
    }
    if (config->session_name.ptr != NULL &&
        !sj_text_is_name(config->session_name, SESSION_NAME_MIN,
                         SESSION_NAME_MAX, "_=,.@+-")) {
        return "role_session_name must be 2 to 64 of A-Z a-z 0-9 _ = , . @ + -";
    }
    if (config->external_id.ptr != NULL &&
        !sj_text_is_name(config->external_id, EXTERNAL_ID_MIN, EXTERNAL_ID_MAX,
                         "_=,.@:/+-")) {
        return "external_id must be 2 to 1224 of "
               "A-Z a-z 0-9 _ = , . @ : / + -";
    }
    if (config->policy.ptr != NULL && config->policy.len == 0) {
        return "the policy is empty";
    }
    if (config->duration_s != 0 && (config->duration_s < DURATION_MIN_S ||
                                    config->duration_s > DURATION_MAX_S)) {
        return "duration_seconds must be 900 to 43200";
    }
    return NULL;
}

/* Returns NULL, or what is wrong with the way to authenticate. */
static const char *check_identity(const struct segjob_sts_config *config)
{
    const int n = (config->base != NULL) + (config->credentials != NULL) +
                  (config->read_token != NULL);

    if (n != 1) {
        return n == 0 ? "there are neither credentials nor a token"
                      : "there must be one of credentials, their provider and "
                        "a token";
    }
    if (config->read_token != NULL) {
        return config->external_id.ptr == NULL
                   ? NULL
                   : "an external id does not go with a token";
    }
    return config->service.region.ptr != NULL ? NULL : "there is no region";
}

static void set_host(struct segjob_sts *sts, struct segjob_config *service)
{
    segjob_write_host(service, "sts", sts->host, sizeof(sts->host));
    service->host = segjob_cstr(sts->host);
    service->fips = service->dual_stack = false; /* the host has them */
}

/* Check credentials that do not change. */
static enum segjob_status check_credentials(struct segjob_source *s)
{
    const struct segjob_str no_expiration = {NULL, 0};
    char line[SEGJOB_SOURCE_MESSAGE_MAX];
    int64_t expiration;

    if (s->base_credentials == NULL ||
        segjob_check_credentials(&s->client, s->base_credentials, no_expiration,
                                 &expiration) == SEGJOB_OK) {
        return SEGJOB_OK;
    }
    (void)segjob_explain(&s->client, line, sizeof(line));
    return segjob_source_refuse(s, line);
}

enum segjob_status segjob_sts_init(struct segjob_sts *sts,
                                   const struct segjob_sts_config *config,
                                   void *buf, size_t cap)
{
    struct segjob_source *s = &sts->source;
    const struct segjob_config *service = &config->service;
    const char *error = check_parameters(config);
    enum segjob_status status;

    memset(sts, 0, sizeof(*sts));
    segjob_source_init(
        s, config->read_token != NULL ? &web_identity_kind : &assume_role_kind,
        service, buf, cap);
    sts->config = *config;
    s->base = config->base;
    s->base_credentials = config->credentials;
    if (error == NULL) {
        error = check_identity(config);
    }
    if (error == NULL && service->host.ptr == NULL &&
        service->region.ptr == NULL) {
        error = "there is neither a region nor a host";
    }
    if (error != NULL) {
        return segjob_source_refuse(s, error);
    }
    if (service->host.ptr == NULL) {
        set_host(sts, &s->config);
    }
    status = segjob_source_check(s);
    return status == SEGJOB_OK ? check_credentials(s) : status;
}
