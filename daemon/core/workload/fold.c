/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/workload/fold.h"

#include "greend/base.h"

enum {
    HASH_MIN = 32,       /* hex digits that can only be a hash: MD5, a UUID without dashes */
    SHORT_HASH_MIN = 8,  /* hex digits that are one at the end of a scope's name */
    UUID_LENGTH = 36,    /* 8-4-4-4-12 */
    NUMBER_LONG_MIN = 5, /* digits that are a PID or a random number, never a version */
    PORT_MAX = 65535,
};

static const char digits[] = "0123456789";
static const char hex_digits[] = "0123456789abcdef";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether the first `length` bytes are all in the set, and there are any. */
static bool all_of(const char *text, size_t length, const char *set)
{
    return length > 0 && strspn(text, set) >= length;
}

static bool is_number(const char *text)
{
    return all_of(text, strlen(text), digits);
}

static bool is_uuid(const char *text, size_t length)
{
    if (length != UUID_LENGTH)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : text[i] == '\0' || !strchr(hex_digits, text[i]))
            return false;
    }
    return true;
}

static bool is_hash(const char *text, size_t length)
{
    return is_uuid(text, length) || (length >= HASH_MIN && all_of(text, length, hex_digits));
}

/* ---- Units ---- */

static const char *const unit_types[] = {".service", ".scope", ".slice",
                                         ".socket",  ".mount", ".swap"};

/* The ".service" of a unit's name, NULL for other names. */
static const char *unit_type(const char *unit)
{
    const char *type = strrchr(unit, '.');
    for (size_t i = 0; type && type != unit && i < ARRAY_SIZE(unit_types); i++)
        if (str_equal(type, unit_types[i]))
            return unit_types[i];
    return NULL;
}

/* What systemd makes up for a socket with Accept=yes: a counter, then both addresses
 * ("3-10.0.0.1:22-10.0.0.2:4711") or of AF_UNIX the PID and UID ("3-4711-1000", newer ones with
 * more numbers; "3-unknown"). "15-main" and "15-2" are PostgreSQL clusters. */
static bool is_connection(const char *instance)
{
    size_t counter = strspn(instance, digits);
    if (counter == 0 || instance[counter] != '-')
        return false;
    const char *peer = instance + counter + 1;
    if (strchr(peer, ':') || str_equal(peer, "unknown"))
        return true;
    const char *next = strpbrk(peer, "-_");
    return next && is_digit(peer[0]) && is_digit(next[1]) &&
           strspn(peer, "0123456789-_") == strlen(peer);
}

/* user-runtime-dir@1000.service runs in system.slice and would tell who was there. */
static bool is_user_template(const char *stem, size_t length)
{
    return (length == strlen("user") && str_starts(stem, "user@")) ||
           (length == strlen("user-runtime-dir") && str_starts(stem, "user-runtime-dir@"));
}

/* "redis@6379" is a choice, what is above all ports is not. */
static bool is_random_number(const char *instance)
{
    return is_number(instance) &&
           (strlen(instance) > NUMBER_LONG_MIN || strtoul(instance, NULL, 10) > PORT_MAX);
}

/* ":1.36", the bus name of a caller, in "dbus-:1.36-org.example@0": made for each activation. */
static void fold_bus_name(char *stem)
{
    static const char prefix[] = "dbus-:";
    if (!str_starts(stem, prefix))
        return;
    char *name = stem + strlen(prefix) - 1;
    char *rest = name + 1;
    while (is_digit(*rest) || *rest == '.')
        rest++;
    if (rest == name + 1 || *rest != '-')
        return;
    *name = '*';
    memmove(name + 1, rest, strlen(rest) + 1);
    char *instance = strchr(stem, '@');
    if (instance && is_number(instance + 1))
        instance[1] = '\0';
}

static void fold_instance(char *stem, char *instance)
{
    if (is_connection(instance) || is_random_number(instance) ||
        is_hash(instance, strlen(instance)) ||
        (is_number(instance) && is_user_template(stem, (size_t)(instance - stem) - 1)))
        instance[0] = '\0';
}

/* What systemd-run makes up: "u12", a random "r<32 hex>", since version 257 "p4711-i815"; before
 * 229 a PID. */
static bool is_run_name(const char *name)
{
    if (name[0] == 'r')
        return is_hash(name + 1, strlen(name + 1));
    if (name[0] != 'p')
        return is_number(name + (name[0] == 'u'));
    size_t pid = strspn(name + 1, digits);
    return pid > 0 && str_starts(name + 1 + pid, "-i") && is_number(name + 1 + pid + 2);
}

/* Replaces the text behind a prefix by '*'. */
static bool fold_behind(char *stem, const char *prefix, bool (*matches)(const char *rest))
{
    char *rest = stem + strlen(prefix);
    if (!str_starts(stem, prefix) || !matches(rest))
        return false;
    (void)str_copy(rest, 2, "*");
    return true;
}

/* "3", and "c1" for the greeter's. */
static bool is_session(const char *name)
{
    return is_number(name + (name[0] == 'c'));
}

/* "libpod-conmon-<64 hex>", "vte-spawn-<UUID>": a hash behind the last separator. */
static bool fold_hash(char *stem, size_t least)
{
    size_t length = strlen(stem);
    if (length > UUID_LENGTH && strchr("-._", stem[length - UUID_LENGTH - 1]) &&
        is_uuid(stem + length - UUID_LENGTH, UUID_LENGTH)) {
        (void)str_copy(stem + length - UUID_LENGTH, 2, "*");
        return true;
    }
    char *last = stem + length;
    while (last > stem && !strchr("-._", last[-1]))
        last--;
    size_t tail = strlen(last);
    if (last - stem < 2 || tail < least || !all_of(last, tail, hex_digits) ||
        !strpbrk(last, digits))
        return false;
    (void)str_copy(last, 2, "*");
    return true;
}

/* A scope is made at run time, never configured: the numbers at its end are PIDs or counters. */
static void fold_scope_numbers(char *stem)
{
    size_t length = strlen(stem);
    size_t kept = length;
    for (;;) {
        size_t number = kept;
        while (number > 0 && is_digit(stem[number - 1]))
            number--;
        if (number == kept || number < 2 || stem[number - 1] != '-')
            break;
        kept = number - 1;
    }
    if (kept < length)
        (void)str_copy(stem + kept, sizeof("-*"), "-*");
}

static void fold_stem(char *stem, const char *type)
{
    fold_bus_name(stem);
    char *instance = strchr(stem, '@');
    if (instance) {
        fold_instance(stem, instance + 1);
        return;
    }
    bool scope = str_equal(type, ".scope");
    if (fold_behind(stem, "run-", is_run_name) ||
        (scope && fold_behind(stem, "session-", is_session)) ||
        (str_equal(type, ".slice") && fold_behind(stem, "user-", is_number)))
        return;
    if (!fold_hash(stem, scope ? SHORT_HASH_MIN : HASH_MIN) && scope)
        fold_scope_numbers(stem);
}

void fold_unit(char *unit)
{
    const char *type = unit_type(unit);
    if (!type)
        return;
    unit[strlen(unit) - strlen(type)] = '\0';
    fold_stem(unit, type);
    memcpy(unit + strlen(unit), type, strlen(type) + 1);
}

/* ---- Commands ---- */

/* "name: what it does now" is a title that a program gave itself. What follows may be a host, a
 * user, a query: it is too much and not ours to keep. The kernel cuts it to 15 bytes anyway. */
static void fold_title(char *command)
{
    for (char *colon = strchr(command, ':'); colon; colon = strchr(colon + 1, ':')) {
        if (colon != command && (colon[1] == ' ' || colon[1] == '\0')) {
            *colon = '\0';
            return;
        }
    }
}

/* How much of the name is left without one number at its end; `length` where none can go. A number
 * behind a separator is an instance ("worker-12", "writer/3"), or at worst the version of a tool
 * ("gcc-12"), which is the same tool. Digits that follow letters or a dot are part of the name
 * ("python3.11"), unless there are too many of them for that. */
static size_t without_number(const char *command, size_t length)
{
    size_t number = length;
    while (number > 0 && is_digit(command[number - 1]))
        number--;
    size_t count = length - number;
    if (count == 0 || number == 0)
        return length;
    if (strchr("-/:# ", command[number - 1]))
        return number > 1 ? number - 1 : length;
    return count >= NUMBER_LONG_MIN ? number : length;
}

void fold_command(char *command)
{
    size_t before = 0;
    size_t length = 0;
    do {
        before = strlen(command);
        fold_title(command);
        length = without_number(command, strlen(command));
        command[length] = '\0';
    } while (length != before);
}

/* The raid threads carry their meaning behind the number: "md127_raid1". */
static bool fold_raid(char *name)
{
    if (!str_starts(name, "md"))
        return false;
    char *number = name + strlen("md");
    char *rest = number;
    while (is_digit(*rest))
        rest++;
    if (rest == number || *rest != '_')
        return false;
    memmove(number, rest, strlen(rest) + 1);
    return true;
}

void fold_kernel_thread(char *name)
{
    /* "kworker/u8:2+flush-btrfs-1" names what it works on right now, not what it is. */
    char *slash = strchr(name, '/');
    if (slash && slash != name) {
        *slash = '\0';
        return;
    }
    if (fold_raid(name))
        return;
    size_t length = strlen(name);
    while (length > 1 && strchr("0123456789-_.:", name[length - 1]))
        length--;
    name[length] = '\0';
}
