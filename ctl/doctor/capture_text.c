/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What of a file's content may leave the machine. */

#include <ctype.h>

#include "doctor/capture.h"

enum {
    TEXT_MAX = 64,   /* of a name or label */
    DIGITS_MOST = 5, /* that follow each other in a text: a longer number is some serial */
    HEX_MOST = 11,   /* hexadecimal digits with marks between: a MAC address has 12 */
};

static bool pass_numbers(const char *bytes, size_t length, struct text *ret)
{
    for (size_t i = 0; i < length; i++)
        if (!strchr("0123456789 ,./-\n", bytes[i]) || bytes[i] == '\0')
            return false;
    text_append(ret, bytes, length);
    return length > 0;
}

/* The length of what begins here and could tell a machine from others: digits of a serial, or
 * pairs of an address. 0: nothing. */
static size_t suspect(const char *text, size_t length)
{
    size_t run = 0, hex = 0, digits = 0, longest = 0;
    if (!isxdigit((unsigned char)text[0]))
        return 0;
    for (; run < length; run++) {
        unsigned char c = (unsigned char)text[run];
        if (isxdigit(c)) {
            hex++;
            digits = isdigit(c) ? digits + 1 : 0;
            longest = MAX(longest, digits);
        } else if (strchr(":_-", c)) {
            digits = 0;
        } else {
            break;
        }
    }
    return hex > HEX_MOST || longest > DIGITS_MOST ? run : 0;
}

static bool pass_text(const char *bytes, size_t length, struct text *ret)
{
    size_t end = 0;
    while (end < length && end < TEXT_MAX && bytes[end] >= ' ' && bytes[end] < 0x7f)
        end++;
    for (size_t i = 0; i < end;) {
        size_t skip = suspect(bytes + i, end - i);
        text_append(ret, skip > 0 ? "x" : bytes + i, 1);
        i += MAX(skip, (size_t)1);
    }
    text_add(ret, "\n");
    return end > 0;
}

/* ---- Lines ---- */

struct line {
    const char *text;
    size_t length;
};

/* The next line of a text, without its newline; false: no more. */
static bool next_line(const char **at, size_t *left, struct line *ret)
{
    if (*left == 0)
        return false;
    const char *end = memchr(*at, '\n', *left);
    size_t length = end ? (size_t)(end - *at) : *left;
    *ret = (struct line){*at, length};
    size_t taken = length + (end != NULL);
    *at += taken;
    *left -= taken;
    return true;
}

/* Whether a line begins with one of these words, of which the last is NULL. */
static bool has_key(const struct line *line, size_t key, const char *const keys[])
{
    for (size_t i = 0; keys[i]; i++)
        if (strlen(keys[i]) == key && memcmp(keys[i], line->text, key) == 0)
            return true;
    return false;
}

/* "usage_usec 12", "MemTotal:  3 kB": words of the kernel, and numbers. */
static bool is_count(const struct line *line)
{
    static const char *const keys[] = {
        "usage_usec", "user_usec", "system_usec",  "nr_periods", "nr_throttled", "throttled_usec",
        "MemTotal",   "MemFree",   "MemAvailable", "Buffers",    "Cached",       "SwapTotal",
        "SwapFree",   NULL};
    size_t key = 0;
    while (key < line->length && line->text[key] != ' ' && line->text[key] != ':')
        key++;
    size_t i = key + (key < line->length && line->text[key] == ':');
    while (i < line->length && (line->text[i] == ' ' || isdigit((unsigned char)line->text[i])))
        i++;
    bool unit = line->length - i == 2 && memcmp(line->text + i, "kB", 2) == 0;
    return has_key(line, key, keys) && (i == line->length || unit);
}

/* Keys that say what a processor is. Not among them: "Serial", "Hardware", "Revision". */
static bool tells_processor(const struct line *line)
{
    static const char *const keys[] = {"processor",   "vendor_id",
                                       "cpu family",  "model",
                                       "model name",  "stepping",
                                       "cpu MHz",     "physical id",
                                       "siblings",    "core id",
                                       "cpu cores",   "apicid",
                                       "flags",       "BogoMIPS",
                                       "Features",    "CPU implementer",
                                       "CPU variant", "CPU architecture",
                                       "CPU part",    "CPU revision",
                                       "cpu",         "clock",
                                       NULL};
    const char *colon = memchr(line->text, ':', line->length);
    size_t key = colon ? (size_t)(colon - line->text) : 0;
    while (key > 0 && (line->text[key - 1] == ' ' || line->text[key - 1] == '\t'))
        key--;
    return has_key(line, key, keys);
}

/* "cpu0 12 0 7 ...". */
static bool is_cpu_line(const struct line *line)
{
    size_t i = strlen("cpu");
    if (line->length <= i || memcmp(line->text, "cpu", i) != 0)
        return false;
    while (i < line->length && (line->text[i] == ' ' || isdigit((unsigned char)line->text[i])))
        i++;
    return i == line->length;
}

/* Values may be paths (release_agent=) and names (name=): options that tell nothing of the kind. */
static bool is_plain_option(const char *option)
{
    static const char *const words[] = {
        "rw",       "ro",      "nosuid",     "nodev",      "noexec",
        "relatime", "noatime", "nsdelegate", "subset=pid", "memory_recursiveprot"};
    static const char *const numbers[] = {"hidepid=", "gid="};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (str_equal(option, words[i]))
            return true;
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
        if (str_starts(option, numbers[i]))
            return strlen(option) < TEXT_MAX &&
                   option[strspn(option, "abcdefghijklmnopqrstuvwxyz0123456789=")] == '\0';
    return false;
}

static void add_options(char *options, struct text *ret)
{
    char *rest = NULL;
    bool first = true;
    for (char *option = strtok_r(options, ",", &rest); option;
         option = strtok_r(NULL, ",", &rest)) {
        if (!is_plain_option(option))
            continue;
        text_format(ret, "%s%s", first ? "" : ",", option);
        first = false;
    }
    text_add(ret, first ? "rw" : "");
}

static bool is_known_mount(const char *target, const char *kind)
{
    bool known = str_equal(kind, "proc") || str_equal(kind, "cgroup") || str_equal(kind, "cgroup2");
    return known && (str_equal(target, "/proc") || str_equal(target, "/sys/fs/cgroup"));
}

/* The fields of a mount are parted by blanks; what it is made from may name a person or a host. */
static void add_mount(const struct line *line, struct text *ret)
{
    char copy[512];
    char target[256], kind[32], options[256];
    (void)snprintf(copy, sizeof(copy), "%.*s", (int)MIN(line->length, sizeof(copy) - 1),
                   line->text);
    if (sscanf(copy, "%*s %255s %31s %255s", target, kind, options) != 3 ||
        !is_known_mount(target, kind))
        return;
    text_format(ret, "%s %s %s ", kind, target, kind);
    add_options(options, ret);
    text_add(ret, " 0 0\n");
}

static bool pass_lines(enum capture_kind kind, const char *bytes, size_t length, struct text *ret)
{
    struct line line;
    size_t before = ret->length;
    while (next_line(&bytes, &length, &line)) {
        bool passes = kind == CAPTURE_COUNTS   ? is_count(&line)
                      : kind == CAPTURE_STAT   ? is_cpu_line(&line)
                      : kind == CAPTURE_MOUNTS ? false
                                               : line.length == 0 || tells_processor(&line);
        if (kind == CAPTURE_MOUNTS)
            add_mount(&line, ret);
        if (!passes)
            continue;
        text_append(ret, line.text, line.length);
        text_add(ret, "\n");
    }
    return ret->length > before;
}

bool capture_filter(enum capture_kind kind, const char *bytes, size_t length, struct text *ret)
{
    switch (kind) {
    case CAPTURE_NUMBERS:
        return pass_numbers(bytes, length, ret);
    case CAPTURE_TEXT:
        return pass_text(bytes, length, ret);
    case CAPTURE_RELEASE: {
        size_t end = strspn(bytes, "0123456789.");
        text_append(ret, bytes, MIN(end, length));
        text_add(ret, "\n");
        return end > 0;
    }
    default:
        return pass_lines(kind, bytes, length, ret);
    }
}
