/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/exposition/exposition_writer.h"

enum { RAW_LABEL_MAX = 64 }; /* the longest field that writer_raw_label() shows */

/* OpenMetrics describes the family, whose name lacks the suffix of its samples. */
static void add_family_name(struct writer *w)
{
    static const char *const suffixes[] = {[METRIC_COUNTER] = "_total", [METRIC_INFO] = "_info"};
    size_t length = strlen(w->metric->name);
    if (w->format == EXPOSITION_OPENMETRICS && w->metric->type != METRIC_GAUGE)
        length -= strlen(suffixes[w->metric->type]);
    text_append(w->text, w->metric->name, length);
}

static void describe(struct writer *w)
{
    static const char *const types[EXPOSITION_FORMATS][3] = {
        [EXPOSITION_PROMETHEUS] = {"counter", "gauge", "gauge"},
        [EXPOSITION_OPENMETRICS] = {"counter", "gauge", "info" },
    };
    text_add(w->text, "# HELP ");
    add_family_name(w);
    text_add(w->text, " ");
    text_add(w->text, w->metric->help);
    text_add(w->text, "\n# TYPE ");
    add_family_name(w);
    text_add(w->text, " ");
    text_add(w->text, types[w->format][w->metric->type]);
    if (w->format == EXPOSITION_OPENMETRICS && w->metric->unit[0] != '\0') {
        text_add(w->text, "\n# UNIT ");
        add_family_name(w);
        text_add(w->text, " ");
        text_add(w->text, w->metric->unit);
    }
    text_add(w->text, "\n");
}

void writer_begin(struct writer *w)
{
    if (!w->described)
        describe(w);
    w->described = true;
    w->labelled = false;
    text_add(w->text, w->metric->name);
}

void writer_label(struct writer *w, const char *name, const char *value)
{
    text_add(w->text, w->labelled ? "," : "{");
    w->labelled = true;
    text_add(w->text, name);
    text_add(w->text, "=\"");
    for (;;) {
        size_t plain = strcspn(value, "\\\"\n");
        text_append(w->text, value, plain);
        value += plain;
        if (*value == '\0')
            break;
        text_add(w->text, *value == '\n' ? "\\n" : *value == '"' ? "\\\"" : "\\\\");
        value++;
    }
    text_add(w->text, "\"");
}

void writer_raw_label(struct writer *w, const char *name, const char *value, size_t size)
{
    char clean[4 * RAW_LABEL_MAX + 1];
    text_escape(clean, sizeof(clean), value, strnlen(value, MIN(size, (size_t)RAW_LABEL_MAX)));
    writer_label(w, name, clean);
}

void writer_value(struct writer *w, uint64_t magnitude, unsigned decimals, bool negative)
{
    char digits[32];
    size_t at = sizeof(digits);
    digits[--at] = '\n';
    for (; decimals > 0 && magnitude % 10 == 0; decimals--)
        magnitude /= 10;
    for (unsigned i = 0; i < decimals; i++, magnitude /= 10)
        digits[--at] = (char)('0' + magnitude % 10);
    if (decimals > 0)
        digits[--at] = '.';
    for (; magnitude >= 10; magnitude /= 10)
        digits[--at] = (char)('0' + magnitude % 10);
    digits[--at] = (char)('0' + magnitude);
    if (negative)
        digits[--at] = '-';
    text_add(w->text, w->labelled ? "} " : " ");
    text_append(w->text, digits + at, sizeof(digits) - at);
}
