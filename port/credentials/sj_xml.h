/*
 * A reader of one small XML document, in place. It accepts the part of XML 1.0
 * that AWS STS uses, and no more:
 * - UTF-8 without a byte order mark;
 * - the XML declaration, and after it no other processing instruction;
 * - elements with at most one attribute, such as a default namespace, which is
 *   ignored. Names are ASCII, without a prefix of a namespace. Elements are
 *   nested SJ_XML_DEPTH deep at most;
 * - text with the five entities of XML, and with characters by number, which
 *   writers of XML use for line ends and apostrophes.
 *
 * So DTDs, entities of their own, comments and CDATA sections are refused.
 *
 * Source: Extensible Markup Language (XML) 1.0, Fifth Edition.
 */
#ifndef SJ_XML_H
#define SJ_XML_H

#include "segjob.h"

#define SJ_XML_DEPTH 8u

/* The text of the one element at a path such as "ErrorResponse/Error/Code". */
struct sj_xml_text {
    const char *path;
    struct segjob_str text; /* absent if there is no such element */
};

/*
 * Read the document in the `len` bytes at `buf`, which are changed, and set the
 * `text` of each of the `n` paths at `texts`. The texts are in `buf`.
 *
 * Returns false, with all texts absent, if it is not such a document, or if an
 * element at one of the paths occurs twice or contains elements.
 */
bool sj_xml_read(char *buf, size_t len, struct sj_xml_text *texts, size_t n);

#endif
