/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/settings/settings_value.h"

#include <arpa/inet.h>

#include "core/settings/duration.h"

int value_duration(const char *text, uint64_t *ret_ns)
{
    return duration_parse(text, ret_ns);
}

/* Digits at the start of the text; *ret_end points behind them. */
static int digits(const char *text, uint64_t *ret_number, const char **ret_end)
{
    uint64_t number = 0;
    const char *s = text;
    for (; *s >= '0' && *s <= '9'; s++)
        if (__builtin_mul_overflow(number, 10U, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*s - '0'), &number))
            return -ERANGE;
    if (s == text)
        return -EINVAL;
    *ret_number = number;
    *ret_end = s;
    return 0;
}

int value_number(const char *text, uint64_t *ret_number)
{
    uint64_t number = 0;
    const char *end = NULL;
    int r = digits(text, &number, &end);
    if (r < 0)
        return r;
    if (*end != '\0')
        return -EINVAL;
    *ret_number = number;
    return 0;
}

int value_size(const char *text, uint64_t *ret_bytes)
{
    static const char suffixes[] = "KMG";
    uint64_t number = 0;
    const char *end = NULL;
    int r = digits(text, &number, &end);
    if (r < 0)
        return r;
    const char *suffix = *end ? strchr(suffixes, *end) : NULL;
    if (!suffix || end[1] != '\0')
        return -EINVAL;
    uint64_t unit = UINT64_C(1024) << (10 * (suffix - suffixes));
    if (__builtin_mul_overflow(number, unit, &number))
        return -ERANGE;
    *ret_bytes = number;
    return 0;
}

/* Without its %scope, which inet_pton(3) does not know. */
static bool ipv6_valid(const char *host)
{
    char address[64];
    struct in6_addr ignored;
    if (!str_copy(address, sizeof(address), host))
        return false;
    char *scope = strchr(address, '%');
    if (scope) {
        *scope = '\0';
        if (scope[1] == '\0')
            return false;
    }
    return inet_pton(AF_INET6, address, &ignored) == 1;
}

static bool host_parse(char *text, struct settings_listen *ret)
{
    struct in_addr ignored;
    size_t length = strlen(text);
    if (*text == '[' && text[length - 1] == ']') {
        text[length - 1] = '\0';
        text++;
        if (!ipv6_valid(text))
            return false;
    } else if (*text != '\0' && inet_pton(AF_INET, text, &ignored) != 1) {
        return false;
    }
    return str_copy(ret->host, sizeof(ret->host), text);
}

static bool listen_parse(const char *token, size_t length, struct settings_listen *ret)
{
    char text[96];
    uint64_t port = 0;
    if (length >= sizeof(text))
        return false;
    memcpy(text, token, length);
    text[length] = '\0';
    char *colon = strrchr(text, ':');
    if (!colon || value_number(colon + 1, &port) < 0 || port > UINT16_MAX)
        return false;
    *colon = '\0';
    *ret = (struct settings_listen){0};
    (void)snprintf(ret->port, sizeof(ret->port), "%u", (unsigned)port & UINT16_MAX);
    return host_parse(text, ret);
}

int value_listen(const char *text, struct settings_listen ret_listen[SETTINGS_LISTEN_MAX],
                 size_t *ret_count)
{
    static const char blanks[] = " \t";
    struct settings_listen found[SETTINGS_LISTEN_MAX];
    size_t count = 0;
    if (str_equal(text, "off"))
        text = "";
    for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
        size_t length = strcspn(text, blanks);
        if (count == SETTINGS_LISTEN_MAX || !listen_parse(text, length, &found[count]))
            return -EINVAL;
        count++;
        text += length;
    }
    memcpy(ret_listen, found, count * sizeof(found[0]));
    *ret_count = count;
    return 0;
}

bool value_timezone_valid(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_+-/";
    return text[strspn(text, allowed)] == '\0' && *text != '/' && !strstr(text, "//");
}

bool value_description_valid(const char *text)
{
    char escaped[SETTINGS_DECLARED_MAX];
    size_t length = strlen(text);
    if (length == 0 || length >= sizeof(escaped) || strpbrk(text, ";\"") || strchr("=+-@", *text))
        return false;
    (void)text_escape(escaped, sizeof(escaped), text, length);
    return str_equal(escaped, text); /* else there are bytes that are no text */
}

bool value_server_type_valid(const char *text)
{
    return str_equal(text, "Server") || str_equal(text, "Dedicated Server") ||
           str_equal(text, "Shared Server");
}

bool value_cores_valid(const char *text)
{
    uint64_t cores = 0;
    return value_number(text, &cores) == 0 && cores >= 1 && cores <= 1000000;
}

int value_choice(const char *text, const char *words)
{
    size_t length = strlen(text);
    for (int i = 0; *words; i++) {
        size_t word = strcspn(words, " ");
        if (word == length && strncmp(words, text, word) == 0)
            return i;
        words += word;
        words += strspn(words, " ");
    }
    return -EINVAL;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

size_t value_distance(const char *a, const char *b)
{
    /* Levenshtein's distance, one row of its matrix at a time. */
    size_t row[32];
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    if (a_length >= ARRAY_SIZE(row) || b_length >= ARRAY_SIZE(row))
        return SIZE_MAX;
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replaced = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
            diagonal = row[j];
            row[j] = MIN(replaced, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_length];
}
