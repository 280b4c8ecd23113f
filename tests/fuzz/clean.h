/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What may be shown, written apart from core/text.c: well-formed UTF-8 in one line without
 * controls, or what turns the direction of text. */

#include "fuzz.h"

static inline bool clean_code(uint32_t code)
{
    return code >= 0x20 && (code < 0x7f || code > 0x9f) && (code < 0x202a || code > 0x202e) &&
           (code < 0x2066 || code > 0x2069) && code != 0x2028 && code != 0x2029 &&
           (code < 0xd800 || code > 0xdfff) && code <= 0x10ffff;
}

static inline bool is_clean_bytes(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        size_t n = s[i] < 0x80 ? 1 : (s[i] & 0xe0) == 0xc0 ? 2 : (s[i] & 0xf0) == 0xe0 ? 3 : 4;
        uint32_t code = n == 1 ? s[i] : s[i] & (0x7fU >> n);
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if ((n == 4 && (s[i] & 0xf8) != 0xf0) || n > length - i)
            return false;
        for (size_t k = 1; k < n; k++) {
            if ((s[i + k] & 0xc0) != 0x80)
                return false;
            code = code << 6 | (s[i + k] & 0x3fU);
        }
        if (code < least[n] || !clean_code(code))
            return false;
        i += n;
    }
    return true;
}

static inline bool is_clean(const char *text)
{
    return is_clean_bytes(text, strlen(text));
}

/* Lines of it, the last one ended too. */
static inline bool are_clean_lines(const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(text + at, '\n', length - at);
        if (!newline || !is_clean_bytes(text + at, (size_t)(newline - text) - at))
            return false;
        at = (size_t)(newline - text) + 1;
    }
    return true;
}
