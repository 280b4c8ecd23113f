/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Names of control groups tell of people, hosts and containers. What greend goes by is their shape:
 * that stays. */

#include <inttypes.h>

#include "doctor/capture.h"

enum { ID_LENGTH = 64, UUID_LENGTH = 36, PERSON_UID = 1000 };

struct capture_name {
    char *text; /* what it was, behind a mark for what it was of: "u:alice" */
};

void capture_names_done(struct capture_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->list[i].text);
    free(names->list);
    *names = (struct capture_names){0};
}

/* The number of a text among those of its mark, from 1; 0: out of memory. Few thousand at most. */
static size_t number_of(struct capture_names *names, char mark, const char *text, size_t length)
{
    CLEANUP(free_p) char *key = text_print("%c:%.*s", mark, (int)length, text);
    size_t of_mark = 1;
    if (!key)
        return 0;
    for (size_t i = 0; i < names->n; i++) {
        if (str_equal(names->list[i].text, key))
            return of_mark;
        of_mark += names->list[i].text[0] == mark;
    }
    if (names->n == names->capacity) {
        size_t capacity = MAX(2 * names->capacity, (size_t)64);
        struct capture_name *list = realloc(names->list, capacity * sizeof(*list));
        if (!list)
            return 0;
        names->list = list;
        names->capacity = capacity;
    }
    names->list[names->n++].text = TAKE_PTR(key);
    return of_mark;
}

/* ---- Shapes ---- */

static bool is_hex(const char *text, size_t length)
{
    return strspn(text, "0123456789abcdef") >= length;
}

static bool is_number(const char *text, size_t length)
{
    return length > 0 && strspn(text, "0123456789") >= length;
}

/* Names of systemd and of runtimes themselves. */
static bool is_known(const char *name)
{
    static const char *const known[] = {
        "system.slice",
        "user.slice",
        "machine.slice",
        "init.scope",
        "-.slice",
        "app.slice",
        "session.slice",
        "background.slice",
        "user.service",
        "kubepods",
        "kubepods.slice",
        "kubepods-burstable.slice",
        "kubepods-besteffort.slice",
        "burstable",
        "besteffort",
        "docker",
        "libpod_parent",
        "lxc",
        "lxc.payload",
        "lxc.monitor",
        "machine",
        "container",
        "payload",
        "supervisor",
        "emulator",
        "greend.service",
        "unified",
        "systemd",
        "cpu",
        "cpuacct",
        "cpu,cpuacct",
        "memory",
        "vcpu0",
        "libvirt",
    };
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (str_equal(name, known[i]))
            return true;
    return false;
}

static const char *suffix_of(const char *name)
{
    static const char *const suffixes[] = {".service", ".scope",  ".slice",    ".socket",
                                           ".mount",   ".swap",   ".target",   ".timer",
                                           ".path",    ".device", ".automount"};
    size_t length = strlen(name);
    for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
        size_t tail = strlen(suffixes[i]);
        if (length > tail && str_equal(name + length - tail, suffixes[i]))
            return suffixes[i];
    }
    return "";
}

/* What stands before an identity: "docker-", "libpod-conmon-"; the longest that fits. */
static size_t prefix_of(const char *name)
{
    static const char *const prefixes[] = {
        "docker-",
        "libpod-",
        "libpod-conmon-",
        "libpod-payload-",
        "crio-",
        "crio-conmon-",
        "cri-containerd-",
        "containerd-",
        "lxc.payload.",
        "lxc.monitor.",
        "machine-",
        "machine-qemu\\x2d",
        "machine-lxc\\x2d",
        "systemd-nspawn@",
        "run-",
        "kubepods-pod",
        "kubepods-burstable-pod",
        "kubepods-besteffort-pod",
        "pod",
    };
    size_t longest = 0;
    for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
        if (str_starts(name, prefixes[i]) && name[strlen(prefixes[i])] != '\0')
            longest = MAX(longest, strlen(prefixes[i]));
    return longest;
}

/* libvirt numbers its machines: "qemu\\x2d3\\x2dweb". The number tells nothing. */
static size_t behind_number(const char *name, size_t prefix)
{
    static const char dash[] = "\\x2d";
    size_t digits = strspn(name + prefix, "0123456789");
    bool numbered = prefix > 0 && digits > 0 && str_starts(name + prefix + digits, dash);
    return numbered ? prefix + digits + strlen(dash) : prefix;
}

/* "user-1000", "user@1000", "session-c3": persons are numbered, 0 and daemons stay. */
static int rename_login(struct capture_names *names, const char *name, size_t length,
                        const char *suffix, char ret[CAPTURE_NAME_MAX])
{
    const char *uid = name + strlen("user-");
    size_t digits = length - strlen("user-");
    uint64_t value = strtoull(uid, NULL, 10);
    if (value >= PERSON_UID && value != 65534)
        value = PERSON_UID + number_of(names, 'u', uid, digits);
    (void)snprintf(ret, CAPTURE_NAME_MAX, "%.5s%" PRIu64 "%s", name, value, suffix);
    return value == PERSON_UID ? -ENOMEM : 0;
}

/* An identity of the same form: 64 hexadecimal digits, a UUID with its marks, or a word. */
static int rename_identity(struct capture_names *names, const char *name, size_t prefix,
                           size_t length, const char *suffix, char ret[CAPTURE_NAME_MAX])
{
    const char *identity = name + prefix;
    size_t left = length - prefix;
    bool id = left == ID_LENGTH && is_hex(identity, left);
    bool uuid = left == UUID_LENGTH && (identity[8] == '-' || identity[8] == '_');
    const char *at = memchr(identity, '@', left);
    size_t base = at ? (size_t)(at - identity) : left;
    char mark = (char)(id ? 'c' : uuid ? 'p' : 'n');
    size_t number = number_of(names, mark, identity, base);
    size_t instance =
        at && base + 1 < left ? number_of(names, 'i', at + 1, left - base - 1) : SIZE_MAX;
    if (number == 0 || instance == 0)
        return -ENOMEM;
    if (id)
        (void)snprintf(ret, CAPTURE_NAME_MAX, "%.*s%064zx%s", (int)prefix, name, number, suffix);
    else if (uuid)
        (void)snprintf(ret, CAPTURE_NAME_MAX, "%.*s00000000%c0000%c4000%c8000%c%012zx%s",
                       (int)prefix, name, identity[8], identity[8], identity[8], identity[8],
                       number, suffix);
    else if (instance != SIZE_MAX)
        (void)snprintf(ret, CAPTURE_NAME_MAX, "%.*sunit%zu@%zu%s", (int)prefix, name, number,
                       instance, suffix);
    else
        (void)snprintf(ret, CAPTURE_NAME_MAX, "%.*sunit%zu%s%s", (int)prefix, name, number,
                       at ? "@" : "", suffix);
    return 0;
}

int capture_rename(struct capture_names *names, const char *name, char ret[CAPTURE_NAME_MAX])
{
    const char *suffix = suffix_of(name);
    size_t length = strlen(name) - strlen(suffix);
    bool login = (str_starts(name, "user-") || str_starts(name, "user@")) &&
                 is_number(name + strlen("user-"), length - MIN(length, strlen("user-")));
    if (is_known(name)) {
        (void)str_copy(ret, CAPTURE_NAME_MAX, name);
        return 0;
    }
    if (login)
        return rename_login(names, name, length, suffix, ret);
    if (str_starts(name, "session-") && length > strlen("session-")) {
        size_t number = number_of(names, 's', name, length);
        (void)snprintf(ret, CAPTURE_NAME_MAX, "session-%zu%s", number, suffix);
        return number == 0 ? -ENOMEM : 0;
    }
    size_t prefix = behind_number(name, prefix_of(name));
    return rename_identity(names, name, prefix < length ? prefix : 0, length, suffix, ret);
}
