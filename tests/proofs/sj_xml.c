/*
 * The reader of XML, by induction: from any state within a document, a step
 * leads to such a state, and the texts are parts of the document.
 */
#include "../../port/credentials/sj_xml.c"

#include "proof.h"

/* Any character, of any length that UTF-8 has, or none: sj_unicode.c. */
bool segjob_utf8_next(struct segjob_str *s, uint32_t *code_point)
{
    const size_t n = any_up_to(4);

    assert(s->len > 0);
    if (n == 0 || n > s->len) {
        return false;
    }
    s->ptr += n;
    s->len -= n;
    *code_point = (uint32_t)nondet_int64();
    return true;
}

/* A document at the end of its object. */
static char *document;
static size_t document_len;

static void begin_document(size_t len)
{
    document_len = len;
    document = any_bytes(BOUND) + (BOUND - len);
}

static bool is_within(struct segjob_str part)
{
    return __CPROVER_same_object(part.ptr, document) && part.ptr >= document &&
           part.len <= document_len &&
           part.ptr + part.len <= document + document_len;
}

/* An arbitrary part of the document. */
static struct segjob_str any_part(void)
{
    const size_t at = any_up_to(document_len);
    const struct segjob_str part = {document + at,
                                    any_up_to(document_len - at)};

    return part;
}

/* A reader anywhere in the document. */
static struct reader any_reader(void)
{
    struct reader r = {.depth = 0};

    begin_document(any_up_to(BOUND));
    r.at = document + any_up_to(document_len);
    r.end = document + document_len;
    return r;
}

static bool is_sound(const struct reader *r, const char *before)
{
    return __CPROVER_same_object(r->at, document) && r->at >= before &&
           r->at <= r->end && r->end == document + document_len &&
           r->depth <= SJ_XML_DEPTH;
}

void xml_names_are_within(void)
{
    struct reader r = any_reader();
    char *before = r.at;
    struct segjob_str name;

    (void)take_blanks(&r);
    if (take_name(&r, &name)) {
        assert(name.len > 0 && is_within(name));
    }
    assert(is_sound(&r, before));
}

/* One character of a text, whose end is anywhere before. */
void xml_char_stores_within(void)
{
    struct reader r = any_reader();
    char *before = r.at;
    char *to = r.at - any_up_to((size_t)(r.at - document));
    char *begin = to;

    ASSUME(r.at < r.end);
    if (take_char(&r, &to)) {
        assert(r.at > before && to > begin && to <= r.at);
    }
    assert(is_sound(&r, before));
}

void xml_text_is_within(void)
{
    struct reader r = any_reader();
    char *before = r.at;
    struct segjob_str text;

    if (take_text(&r, nondet_byte() % 2 == 0 ? '<' : '"', &text)) {
        assert(is_within(text) && text.ptr + text.len <= r.at);
        assert(r.at < r.end);
    }
    assert(is_sound(&r, before));
}

/* A value without much text: xml_text_is_within() has any. */
void xml_declaration_is_within(void)
{
    struct reader r = {.depth = 0};
    size_t i = any_up_to(DECLARED);

    begin_document(BOUND);
    r.at = document;
    r.end = document + BOUND;
    ASSUME(BOUND < 4 || (document[1] == '=' && document[2] == '"'));
    if (take_declared(&r, &i)) {
        assert(i < DECLARED);
    }
    assert(is_sound(&r, document));
}

/* A tag at any depth, where the names of the open elements are anything. */
void xml_tag_is_within(void)
{
    struct reader r = any_reader();
    char *before = r.at;
    struct sj_xml_text text = {"a/b", {NULL, 0}};

    r.depth = any_up_to(SJ_XML_DEPTH);
    for (size_t i = 0; i < r.depth; i++) {
        r.open[i] = any_part();
        ASSUME(r.open[i].len > 0);
    }
    r.text = any_part();
    r.is_leaf = nondet_byte() % 2 == 0;
    r.texts = &text;
    r.texts_len = 1;
    if (take_tag(&r)) {
        assert(r.at > before);
        assert(text.text.ptr == NULL || is_within(text.text));
    }
    assert(is_sound(&r, before));
}
