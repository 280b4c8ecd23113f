/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/workload/workload_describe.h"

#include <fnmatch.h>
#include <inttypes.h>

#include "core/text.h"
#include "core/workload/fold.h"

enum {
    PERSON_UID_MIN = 1000,   /* UID_MIN of login.defs in every distribution of today */
    DYNAMIC_UID_MIN = 61184, /* systemd's DynamicUser=, docs/UIDS-GIDS.md */
    DYNAMIC_UID_MAX = 65519,
    NOBODY_UID = 65534,
    CONTAINER_ID_LENGTH = 64,
    CONTAINER_ID_SHOWN = 12, /* what `docker ps` shows */
    CUT_HASH_DIGITS = 16,
};

static const char users[] = "users";

bool workload_uid_is_person(uint32_t uid)
{
    return uid >= PERSON_UID_MIN && uid != NOBODY_UID && uid != UINT32_MAX &&
           !(uid >= DYNAMIC_UID_MIN && uid <= DYNAMIC_UID_MAX);
}

/* Escapes a name into a field. The hash has a fixed key: a name is the same on all hosts and after
 * every start. */
static void fit(char *field, size_t size, const char *name)
{
    static const struct siphash_key key = {
        {0, 0}
    };
    char escaped[WORKLOAD_UNIT_MAX + 8]; /* longer than the field by more than one character */
    size_t length = strlen(name);
    if (text_escape(escaped, MIN(sizeof(escaped), size + 8), name, length) < size) {
        (void)str_copy(field, size, escaped);
        return;
    }
    size_t kept = text_escape(field, size - CUT_HASH_DIGITS - 1, name, length);
    (void)snprintf(field + kept, size - kept, "~%016" PRIx64, siphash(&key, name, length));
}

/* ---- Users ---- */

void workload_user_name(char target[WORKLOAD_USER_MAX], const char *account)
{
    fit(target, WORKLOAD_USER_MAX, account);
}

static int compare_uid(const void *key, const void *element)
{
    uint32_t uid = *(const uint32_t *)key;
    const struct workload_user *user = element;
    return uid < user->uid ? -1 : uid > user->uid;
}

static void name_user(const struct workload_rules *rules, uint32_t uid, char *field)
{
    const struct workload_user *user =
        rules->n_users == 0
            ? NULL
            : bsearch(&uid, rules->users, rules->n_users, sizeof(*rules->users), compare_uid);
    if (user)
        fit(field, WORKLOAD_USER_MAX, user->name);
    else if (uid == 0)
        (void)str_copy(field, WORKLOAD_USER_MAX, "root");
    else
        (void)snprintf(field, WORKLOAD_USER_MAX, "uid:%" PRIu32, uid);
}

static bool is_persons(const struct process_identity *process)
{
    return process->cgroup.kind == CGROUP_USER || process->cgroup.owner != UINT32_MAX ||
           workload_uid_is_person(process->uid);
}

static void describe_user(const struct workload_rules *rules,
                          const struct process_identity *process, char *field)
{
    bool owned = process->cgroup.owner != UINT32_MAX;
    uint32_t uid = owned ? process->cgroup.owner : process->uid;
    if (is_persons(process) && !rules->show_users)
        (void)str_copy(field, WORKLOAD_USER_MAX, users);
    else if (uid == UINT32_MAX)
        (void)str_copy(field, WORKLOAD_USER_MAX, "?");
    else if (process->cgroup.kind == CGROUP_CONTAINER && !owned && uid != 0)
        (void)snprintf(field, WORKLOAD_USER_MAX, "uid:%" PRIu32, uid);
    else
        name_user(rules, uid, field);
}

/* ---- Units ---- */

/* "docker:<64 hex>" is known by the first 12. */
static void shorten_container_id(char *unit)
{
    char *id = strchr(unit, ':');
    if (id && strlen(id + 1) == CONTAINER_ID_LENGTH &&
        strspn(id + 1, "0123456789abcdef") == CONTAINER_ID_LENGTH)
        id[1 + CONTAINER_ID_SHOWN] = '\0';
}

static void describe_unit(const struct workload_rules *rules, const char *raw, char *field)
{
    for (size_t i = 0; i < rules->n_names; i++) {
        if (fnmatch(rules->names[i].glob, raw, 0) == 0) {
            fit(field, WORKLOAD_UNIT_MAX, rules->names[i].name);
            return;
        }
    }
    char unit[UNIT_MAX];
    (void)str_copy(unit, sizeof(unit), raw);
    shorten_container_id(unit);
    fold_unit(unit);
    fit(field, WORKLOAD_UNIT_MAX, unit);
}

static enum workload_kind kind_of(const struct process_identity *process)
{
    switch (process->cgroup.kind) {
    case CGROUP_CONTAINER:
        return WORKLOAD_CONTAINER;
    case CGROUP_VM:
        return WORKLOAD_VM;
    case CGROUP_USER:
        return WORKLOAD_USER;
    case CGROUP_NONE:
        return is_persons(process) ? WORKLOAD_USER : WORKLOAD_SERVICE;
    default:
        return WORKLOAD_SERVICE;
    }
}

/* ---- Both ---- */

static bool is_boxed(uint32_t kind)
{
    return kind == WORKLOAD_CONTAINER || kind == WORKLOAD_VM;
}

static void describe_command(const struct process_identity *process, char *field)
{
    char command[COMM_MAX];
    (void)str_copy(command, sizeof(command), process->comm);
    if (process->kernel_thread)
        fold_kernel_thread(command);
    else
        fold_command(command);
    fit(field, WORKLOAD_COMMAND_MAX, command[0] != '\0' ? command : "?");
}

void workload_describe(const struct workload_rules *rules, const struct process_identity *process,
                       struct workload *ret_workload)
{
    memset(ret_workload, 0, sizeof(*ret_workload));
    describe_command(process, ret_workload->command);
    if (process->kernel_thread) {
        ret_workload->kind = WORKLOAD_KERNEL;
        (void)str_copy(ret_workload->unit, sizeof(ret_workload->unit), "kernel");
        (void)str_copy(ret_workload->user, sizeof(ret_workload->user), "root");
        return;
    }
    ret_workload->kind = kind_of(process);
    describe_user(rules, process, ret_workload->user);
    bool hidden = is_persons(process) && !rules->show_users && !is_boxed(ret_workload->kind);
    if (hidden) {
        ret_workload->kind = WORKLOAD_USER;
        (void)str_copy(ret_workload->unit, sizeof(ret_workload->unit), users);
    } else if (process->cgroup.unit[0] == '\0') {
        (void)str_copy(ret_workload->unit, sizeof(ret_workload->unit), "host");
    } else {
        describe_unit(rules, process->cgroup.unit, ret_workload->unit);
    }
}

void workload_describe_unit(const struct workload_rules *rules, const struct reserved_unit *unit,
                            struct workload *ret_workload)
{
    struct process_identity process = {.uid = UINT32_MAX, .cgroup = unit->cgroup};
    for (uint32_t i = 0; i < MIN(unit->n_uids, RESERVED_UIDS); i++) {
        process.uid = unit->uids[i];
        if (!workload_uid_is_person(process.uid))
            break;
    }
    workload_describe(rules, &process, ret_workload);
    memset(ret_workload->command, 0, sizeof(ret_workload->command));
    if (!is_persons(&process))
        memset(ret_workload->user, 0, sizeof(ret_workload->user));
}

/* ---- Texts that are there already ---- */

/* Whether a user field can name a person: a name that the host has no account for may have been one
 * that was deleted. */
static bool names_person(const struct workload_rules *rules, const char *user)
{
    static const char *const impersonal[] = {"", "?", "*", "root", users};
    for (size_t i = 0; i < ARRAY_SIZE(impersonal); i++)
        if (str_equal(user, impersonal[i]))
            return false;
    if (str_starts(user, "uid:"))
        return workload_uid_is_person((uint32_t)strtoul(user + strlen("uid:"), NULL, 10));
    for (size_t i = 0; i < rules->n_users; i++) {
        char name[WORKLOAD_USER_MAX];
        fit(name, sizeof(name), rules->users[i].name);
        if (str_equal(user, name))
            return workload_uid_is_person(rules->users[i].uid);
    }
    return true;
}

bool workload_hide_users(const struct workload_rules *rules, struct workload *workload)
{
    bool hide_user = names_person(rules, workload->user);
    bool hide_unit = workload->kind == WORKLOAD_USER ? !str_equal(workload->unit, users)
                                                     : hide_user && !is_boxed(workload->kind);
    if (hide_user || hide_unit) {
        memset(workload->user, 0, sizeof(workload->user));
        (void)str_copy(workload->user, sizeof(workload->user), users);
    }
    if (hide_unit) {
        workload->kind = WORKLOAD_USER;
        memset(workload->unit, 0, sizeof(workload->unit));
        (void)str_copy(workload->unit, sizeof(workload->unit), users);
    }
    return hide_user || hide_unit;
}

/* A field of a foreign entry: terminated or not, escaped or not. */
static bool field_is_clean(const char *field, size_t size)
{
    char name[WORKLOAD_UNIT_MAX];
    return memchr(field, '\0', size) &&
           text_escape(name, sizeof(name), field, strlen(field)) == strlen(field) &&
           str_equal(name, field);
}

bool workload_is_sound(const struct workload *entry)
{
    uint32_t generation = ring_workload_generation(ring_workload_id(0, entry->generation));
    return entry->generation != 0 && generation == entry->generation &&
           entry->kind <= WORKLOAD_KERNEL && field_is_clean(entry->unit, sizeof(entry->unit)) &&
           field_is_clean(entry->command, sizeof(entry->command)) &&
           field_is_clean(entry->user, sizeof(entry->user)) && entry->unit[0] != '\0';
}

/* ---- Display ---- */

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t workload_display_unit(char *target, size_t size, const char *unit)
{
    char plain[UNIT_MAX];
    size_t length = 0;
    while (*unit != '\0' && length < sizeof(plain)) {
        int high = unit[0] == '\\' && unit[1] == 'x' ? hex_value(unit[2]) : -1;
        int low = high >= 0 ? hex_value(unit[3]) : -1;
        unsigned char byte = (unsigned char)(low >= 0 ? high << 4 | low : *unit);
        memcpy(plain + length++, &byte, 1);
        unit += low >= 0 ? 4 : 1;
    }
    return text_escape(target, size, plain, length);
}
