/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/exposition/exposition.h"

#include <strings.h>

/* Content negotiation, RFC 9110 section 12.5: comma-separated elements, each a name and parameters
 * behind semicolons, q= among them from 0 to 1 with three decimals. What is not understood does
 * not match. Quality is in thousandths. */

enum { QUALITY_ONE = 1000, QUALITY_NONE = -1 };

/* A part of a header. */
struct span {
    const char *text;
    size_t length;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Cuts the part before the separator off a span; both ends without blanks. */
static struct span span_next(struct span *rest, char separator)
{
    const char *end = memchr(rest->text, separator, rest->length);
    struct span part = {rest->text, end ? (size_t)(end - rest->text) : rest->length};
    size_t taken = part.length + (end ? 1 : 0);
    rest->text += taken;
    rest->length -= taken;
    while (part.length > 0 && is_blank(part.text[0])) {
        part.text++;
        part.length--;
    }
    while (part.length > 0 && is_blank(part.text[part.length - 1]))
        part.length--;
    return part;
}

static bool span_is(struct span span, const char *text)
{
    return span.length == strlen(text) && strncasecmp(span.text, text, span.length) == 0;
}

/* "1", "0.5", "0.125": thousandths; QUALITY_NONE where it is none. */
static int parse_quality(struct span span)
{
    if (span.length == 0 || span.length > 5 || (span.text[0] != '0' && span.text[0] != '1') ||
        (span.length > 1 && span.text[1] != '.'))
        return QUALITY_NONE;
    int quality = (span.text[0] - '0') * QUALITY_ONE;
    int scale = QUALITY_ONE / 10;
    for (size_t i = 2; i < span.length; i++, scale /= 10) {
        if (span.text[i] < '0' || span.text[i] > '9')
            return QUALITY_NONE;
        quality += (span.text[i] - '0') * scale;
    }
    return quality <= QUALITY_ONE ? quality : QUALITY_NONE;
}

/* Reads the parameters of an element: its quality, and the version of a media type. */
static int read_parameters(struct span parameters, struct span *ret_version)
{
    int quality = QUALITY_ONE;
    while (parameters.length > 0) {
        struct span value = span_next(&parameters, ';');
        struct span name = span_next(&value, '=');
        if (span_is(name, "q"))
            quality = parse_quality(value);
        else if (span_is(name, "version"))
            *ret_version = value;
    }
    return quality;
}

/* How well a media range fits: 0 not at all, 3 best; more specific ranges override others. */
static int match_type(struct span range, const char *type, const char *group)
{
    return span_is(range, type) ? 3 : span_is(range, group) ? 2 : span_is(range, "*/*") ? 1 : 0;
}

static bool version_fits(struct span version, const char *const *versions)
{
    if (version.length == 0)
        return true;
    while (*versions && !span_is(version, *versions))
        versions++;
    return *versions;
}

/* The quality of a media type; ret_named: it was named itself, not by a wildcard. */
static int type_quality(const char *accept, const char *type, const char *group,
                        const char *const *versions, bool *ret_named)
{
    struct span rest = {accept, strlen(accept)};
    int best = 0;
    int best_match = 0;
    while (rest.length > 0) {
        struct span element = span_next(&rest, ',');
        struct span range = span_next(&element, ';');
        struct span version = {0};
        int quality = read_parameters(element, &version);
        int match = match_type(range, type, group);
        if (quality == QUALITY_NONE || match == 0 || match < best_match ||
            !version_fits(version, versions))
            continue;
        best = match > best_match ? quality : MAX(best, quality);
        best_match = match;
    }
    *ret_named = best_match == 3;
    return best;
}

enum exposition_format exposition_negotiate(const char *accept)
{
    /* Prometheus before 2.39 asks for OpenMetrics 0.0.1 and reads 1.0.0 alike. */
    static const char *const openmetrics_versions[] = {"1.0.0", "0.0.1", NULL};
    static const char *const text_versions[] = {"0.0.4", NULL};
    if (!accept)
        return EXPOSITION_PROMETHEUS;
    bool named = false;
    bool text_named = false;
    int openmetrics = type_quality(accept, "application/openmetrics-text", "application/*",
                                   openmetrics_versions, &named);
    int text = type_quality(accept, "text/plain", "text/*", text_versions, &text_named);
    /* Who only says that anything will do may be a person, for whom text is better. */
    return named && openmetrics > 0 && openmetrics >= text ? EXPOSITION_OPENMETRICS
                                                           : EXPOSITION_PROMETHEUS;
}

bool exposition_accepts_gzip(const char *accept_encoding)
{
    int gzip = QUALITY_NONE;
    int any = QUALITY_NONE;
    int identity = QUALITY_NONE;
    struct span rest = {accept_encoding ? accept_encoding : "",
                        accept_encoding ? strlen(accept_encoding) : 0};
    while (rest.length > 0) {
        struct span element = span_next(&rest, ',');
        struct span coding = span_next(&element, ';');
        struct span version = {0};
        int quality = read_parameters(element, &version);
        if (span_is(coding, "gzip") || span_is(coding, "x-gzip"))
            gzip = quality;
        else if (span_is(coding, "identity"))
            identity = quality;
        else if (span_is(coding, "*"))
            any = quality;
    }
    if (gzip == QUALITY_NONE)
        gzip = any;
    return gzip > 0 && gzip >= identity;
}
