/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/text.h"

#include <inttypes.h>

size_t text_decode(const char *bytes, size_t left, uint32_t *ret_code)
{
    const unsigned char *s = (const unsigned char *)bytes;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (length == 0 || length > left || s[0] > 0xf4)
        return 0;
    if (length == 1) {
        *ret_code = s[0];
        return 1;
    }
    uint32_t code = s[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = (code << 6) | (s[i] & 0x3fU);
    }
    if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *ret_code = code;
    return length;
}

static bool code_is_safe(uint32_t code)
{
    return code >= 0x20 && !(code >= 0x7f && code <= 0x9f) && /* controls */
           code != 0xfeff && code != 0xad &&                  /* invisible: BOM, soft hyphen */
           !(code >= 0x200b && code <= 0x200f) &&             /* zero width, direction marks */
           !(code >= 0x2028 && code <= 0x202e) &&             /* separators, direction overrides */
           !(code >= 0x2060 && code <= 0x2069);
}

size_t text_safe_length(const char *bytes, size_t length)
{
    size_t safe = 0;
    while (safe < length) {
        uint32_t code = 0;
        size_t step = text_decode(bytes + safe, length - safe, &code);
        if (step == 0 || !code_is_safe(code))
            break;
        safe += step;
    }
    return safe;
}

size_t text_escape(char *target, size_t size, const char *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *s = (const unsigned char *)bytes;
    size_t written = 0;
    for (size_t i = 0; i < length;) {
        uint32_t code = 0;
        size_t step = text_decode(bytes + i, length - i, &code);
        if (step != 0 && code_is_safe(code)) {
            if (written + step >= size)
                break;
            memcpy(target + written, s + i, step);
            written += step;
            i += step;
            continue;
        }
        if (written + 4 >= size)
            break;
        target[written++] = '\\';
        target[written++] = 'x';
        target[written++] = digits[s[i] >> 4];
        target[written++] = digits[s[i] & 0xf];
        i++;
    }
    target[written] = '\0';
    return written;
}

static char *cut_blanks(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        text[--length] = '\0';
    return text;
}

char *text_split_pair(char **pair)
{
    char *value = strchr(*pair, '=');
    if (value)
        *value++ = '\0';
    value = value ? cut_blanks(value) : *pair + strlen(*pair);
    *pair = cut_blanks(*pair);
    return value;
}

/* Threads may write texts at the same time. */
static bool lacked;

bool text_lacked_memory(void)
{
    return __atomic_exchange_n(&lacked, false, __ATOMIC_SEQ_CST);
}

void text_note_lack(void)
{
    __atomic_store_n(&lacked, true, __ATOMIC_SEQ_CST);
}

static bool text_fail(struct text *text)
{
    text->error = -ENOMEM;
    text_note_lack();
    return false;
}

void text_done(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

void text_clear(struct text *text)
{
    text->length = 0;
    text->error = 0;
}

/* Room for `more` bytes and a terminator. */
static bool text_reserve(struct text *text, size_t more)
{
    if (text->error)
        return false;
    size_t needed = 0;
    if (__builtin_add_overflow(text->length, more + 1, &needed) || more == SIZE_MAX)
        return text_fail(text);
    if (needed <= text->capacity)
        return true;
    size_t capacity = MAX(needed, text->capacity * 2);
    char *data = realloc(text->data, capacity);
    if (!data)
        return text_fail(text);
    text->data = data;
    text->capacity = capacity;
    return true;
}

void text_append(struct text *text, const char *bytes, size_t length)
{
    if (!text_reserve(text, length))
        return;
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
    text_append(text, string, strlen(string));
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0) { /* printf needs memory of its own at times */
        (void)text_fail(text);
    } else if (text_reserve(text, (size_t)length)) {
        (void)vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

char *text_print(const char *format, ...)
{
    char *string = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&string, format, arguments);
    va_end(arguments);
    return length < 0 ? NULL : string;
}

void text_add_micro(struct text *text, uint64_t millionths)
{
    char digits[32];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64 ".%06" PRIu64, millionths / 1000000,
                          millionths % 1000000);
    while (digits[length - 1] == '0')
        length--;
    if (digits[length - 1] == '.')
        length--;
    text_append(text, digits, (size_t)length);
}
