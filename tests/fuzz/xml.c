/*
 * The reader of XML against Expat: the input is a document.
 *
 * What the reader accepts Expat accepts, and both read the same texts. What it
 * refuses and Expat accepts is beyond the part of XML that sj_xml.h lists, or
 * has an element twice whose text is wanted; then there are no texts.
 */
#include "fuzz.h"

#include <expat.h>

#include "../../port/credentials/sj_xml.h"

#define TEXT_MAX 8192u

static const char *const paths[] = {
    "a/b",
    "a/c/d",
    "AssumeRoleResponse/AssumeRoleResult/Credentials/SessionToken",
    "ErrorResponse/Error/Code",
    "ErrorResponse/Error/Message",
};

/* The document as Expat reads it. */
struct theirs {
    bool is_beyond; /* it has what the reader refuses */
    unsigned depth;
    size_t path_len;
    char path[TEXT_MAX]; /* of the open elements, with slashes */
    bool is_leaf;
    size_t text_len;
    char text[TEXT_MAX]; /* since the last tag */
    unsigned found[LENGTH(paths)];
    struct room texts[LENGTH(paths)];
};

static bool is_name(const char *name)
{
    for (; *name != '\0'; name++) {
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                   "0123456789_-.",
                   *name) == NULL) {
            return false;
        }
    }
    return true;
}

static void XMLCALL on_start(void *data, const char *name,
                             const char **attributes)
{
    struct theirs *t = data;
    const size_t n = strlen(name);
    size_t len = 0;

    if (t->is_beyond) {
        return; /* an entity may expand to any length */
    }
    while (attributes[len] != NULL) {
        len++;
    }
    t->depth++;
    t->is_beyond |= len > 2 || t->depth > SJ_XML_DEPTH || !is_name(name) ||
                    (len == 2 && !is_name(attributes[0]));
    t->is_leaf = true;
    t->text_len = 0;
    REQUIRE(t->path_len + n + 2 <= TEXT_MAX);
    t->path[t->path_len++] = '/';
    memcpy(t->path + t->path_len, name, n + 1);
    t->path_len += n;
}

static void XMLCALL on_end(void *data, const char *name)
{
    struct theirs *t = data;

    if (t->is_beyond) {
        return;
    }
    for (size_t i = 0; i < LENGTH(paths); i++) {
        if (strcmp(t->path + 1, paths[i]) == 0) {
            t->is_beyond |= !t->is_leaf || t->found[i] > 0;
            if (t->found[i]++ == 0) {
                t->texts[i] = room_copy(t->text, t->text_len);
            }
        }
    }
    t->is_leaf = false;
    t->text_len = 0;
    t->depth--;
    t->path_len -= strlen(name) + 1;
    t->path[t->path_len] = '\0';
}

static void XMLCALL on_text(void *data, const char *text, int n)
{
    struct theirs *t = data;

    if (t->is_beyond) {
        return;
    }
    REQUIRE(n >= 0 && t->text_len + (size_t)n <= TEXT_MAX);
    memcpy(t->text + t->text_len, text, (size_t)n);
    t->text_len += (size_t)n;
}

static void XMLCALL on_declaration(void *data, const char *version,
                                   const char *encoding, int standalone)
{
    struct theirs *t = data;

    (void)standalone;
    t->is_beyond |= version == NULL || strcmp(version, "1.0") != 0 ||
                    (encoding != NULL && strcmp(encoding, "UTF-8") != 0 &&
                     strcmp(encoding, "utf-8") != 0);
}

static void XMLCALL on_comment(void *data, const char *text)
{
    (void)text;
    ((struct theirs *)data)->is_beyond = true;
}

static void XMLCALL on_instruction(void *data, const char *target,
                                   const char *text)
{
    (void)target;
    on_comment(data, text);
}

static void XMLCALL on_section(void *data)
{
    on_comment(data, NULL);
}

static void XMLCALL on_doctype(void *data, const char *name, const char *system,
                               const char *public, int has_subset)
{
    (void)name;
    (void)system;
    (void)has_subset;
    on_comment(data, public);
}

/* Whether Expat accepts the document. */
static bool read_theirs(struct theirs *t, const uint8_t *bytes, size_t n)
{
    XML_Parser parser = XML_ParserCreate("UTF-8");
    bool ok;

    REQUIRE(parser != NULL);
    XML_SetUserData(parser, t);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetXmlDeclHandler(parser, on_declaration);
    XML_SetCommentHandler(parser, on_comment);
    XML_SetProcessingInstructionHandler(parser, on_instruction);
    XML_SetCdataSectionHandler(parser, on_section, on_section);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    ok = XML_Parse(parser, (const char *)bytes, (int)n, 1) == XML_STATUS_OK;
    XML_ParserFree(parser);
    t->is_beyond |= n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
    return ok;
}

static void require_text(struct segjob_str ours, const struct theirs *t,
                         size_t i)
{
    const struct segjob_str theirs = {t->texts[i].ptr, t->texts[i].cap};

    REQUIRE((ours.ptr != NULL) == (t->found[i] > 0));
    REQUIRE(ours.ptr == NULL || is_same(ours, theirs));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct theirs theirs;
    struct sj_xml_text texts[LENGTH(paths)];
    struct room document;
    bool ours, ok;

    if (n > TEXT_MAX / 2) {
        return 0;
    }
    memset(&theirs, 0, sizeof(theirs));
    document = room_copy(bytes, n);
    for (size_t i = 0; i < LENGTH(paths); i++) {
        texts[i].path = paths[i];
    }
    ours = sj_xml_read(document.ptr, n, texts, LENGTH(paths));
    ok = read_theirs(&theirs, bytes, n);
    REQUIRE(ours == (ok && !theirs.is_beyond));
    for (size_t i = 0; i < LENGTH(paths); i++) {
        const struct segjob_str text = texts[i].text;

        REQUIRE(text.ptr == NULL ? text.len == 0
                                 : text.ptr >= document.ptr && text.len <= n &&
                                       text.ptr + text.len <= document.ptr + n);
        if (ours) {
            require_text(text, &theirs, i);
        } else {
            REQUIRE(text.ptr == NULL);
        }
        if (theirs.found[i] > 0) {
            room_free(&theirs.texts[i]);
        }
    }
    room_free(&document);
    return 0;
}
