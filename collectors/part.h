/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Taking a text to pieces without copying it. Pure. */

#include "collectors/parse.h"

/* A piece of the text that is parsed; not terminated. */
struct part {
    const char *text;
    size_t length;
};

/* Whether the part is exactly that text. */
static inline bool part_is(struct part part, const char *text)
{
    return part.length == strlen(text) && memcmp(part.text, text, part.length) == 0;
}

/* Cuts a prefix or a suffix off; false, and the part unchanged, where it is not there. */
static inline bool part_cut_prefix(struct part *part, const char *prefix)
{
    size_t length = strlen(prefix);
    if (part->length < length || memcmp(part->text, prefix, length) != 0)
        return false;
    part->text += length;
    part->length -= length;
    return true;
}

static inline bool part_cut_suffix(struct part *part, const char *suffix)
{
    size_t length = strlen(suffix);
    if (part->length < length || memcmp(part->text + part->length - length, suffix, length) != 0)
        return false;
    part->length -= length;
    return true;
}

/* Takes the piece before the first separator (or everything) off the front. */
static inline struct part part_take(struct part *rest, char separator)
{
    const char *end = memchr(rest->text, separator, rest->length);
    struct part taken = {rest->text, end ? (size_t)(end - rest->text) : rest->length};
    size_t used = end ? taken.length + 1 : taken.length;
    rest->text += used;
    rest->length -= used;
    return taken;
}

/* Whether the part is a decimal number and nothing else. */
static inline bool part_is_number(struct part part, uint64_t *ret_value)
{
    return parse_u64(part.text, part.length, ret_value) == 0;
}
