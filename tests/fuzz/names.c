/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* From what a process calls itself to what is shown of it: folding, escaping, hiding of persons,
 * and entries that another daemon left in the ring. */
#include "fuzz.h"

#include "clean.h"
#include "core/text.h"
#include "core/workload/fold.h"
#include "core/workload/workload.h"
#include "core/workload/workload_describe.h"

static const struct workload_name names[] = {
    {"docker:*ab*", "shop"    },
    {"vm:*",        "machines"},
};
static const struct workload_user users[] = {
    {0,    "root" },
    {33,   "www"  },
    {1000, "alice"},
    {1001, "bob"  },
};

static struct workload_rules rules_of(bool show_users)
{
    return (struct workload_rules){show_users, names, ARRAY_SIZE(names), users, ARRAY_SIZE(users)};
}

/* ---- Folding and escaping ---- */

static void check_fold(void (*fold)(char *name), const char *name, bool again)
{
    CLEANUP(free_p) char *once = fuzz_string(name, strlen(name));
    fold(once);
    REQUIRE(strlen(once) <= strlen(name) && (*once == '\0') == (*name == '\0'));
    CLEANUP(free_p) char *twice = fuzz_string(once, strlen(once));
    fold(twice);
    REQUIRE(!again || str_equal(once, twice));
}

static void check_escape(const char *bytes, size_t length, size_t room)
{
    CLEANUP(free_p) char *whole = fuzz_allocate(4 * length + 1);
    CLEANUP(free_p) char *cut = fuzz_allocate(room);
    CLEANUP(free_p) char *again = fuzz_allocate(4 * length + 1);
    size_t written = text_escape(whole, 4 * length + 1, bytes, length);
    REQUIRE(written == strlen(whole) && written >= length && is_clean(whole));
    REQUIRE(text_escape(again, 4 * length + 1, whole, written) == written &&
            str_equal(whole, again));
    size_t kept = text_escape(cut, room, bytes, length);
    REQUIRE(kept < room && cut[kept] == '\0' && strncmp(whole, cut, kept) == 0 && is_clean(cut));
    REQUIRE(kept == written || kept + 4 >= room - 1);
}

/* ---- Workloads ---- */

static void require_sound(const struct workload *workload)
{
    struct workload entry = *workload;
    entry.generation = 1;
    REQUIRE(workload_is_sound(&entry));
    REQUIRE(is_clean(workload->unit) && is_clean(workload->command) && is_clean(workload->user));
    REQUIRE(workload->unit[0] != '\0' && workload->command[0] != '\0');
}

static bool same(const struct workload *a, const struct workload *b)
{
    return a->kind == b->kind && str_equal(a->unit, b->unit) && str_equal(a->command, b->command) &&
           str_equal(a->user, b->user);
}

/* No person is told from another. */
static void check_hidden(const struct process_identity *process)
{
    struct workload_rules hide = rules_of(false);
    struct workload one, other;
    struct process_identity stranger = *process;
    bool boxed = process->cgroup.kind == CGROUP_CONTAINER || process->cgroup.kind == CGROUP_VM;
    if (process->kernel_thread)
        return;
    stranger.uid = stranger.uid == 1001 ? 1002 : 1001;
    workload_describe(&hide, process, &one);
    if (workload_uid_is_person(process->uid)) {
        if (!boxed)
            (void)str_copy(stranger.cgroup.unit, sizeof(stranger.cgroup.unit), "bob@1001.service");
        workload_describe(&hide, &stranger, &other);
        REQUIRE(same(&one, &other));
        REQUIRE(str_equal(one.user, "users") && (boxed || str_equal(one.unit, "users")));
    }
    if (process->cgroup.kind == CGROUP_USER)
        REQUIRE(str_equal(one.unit, "users"));
}

static void check_table(const struct process_identity *process, const struct workload *left)
{
    static const struct siphash_key key = {
        {1, 2}
    };
    struct workload_rules hide = rules_of(false);
    struct workload_table *table = workload_table_new(&hide, &key);
    uint32_t slot = 0;
    const struct workload *entry = NULL;
    if (!table)
        return;
    workload_table_restore(table, RING_WORKLOAD_FIRST, left, 1);
    uint32_t id = workload_intern(table, process, 2);
    REQUIRE(workload_intern(table, process, 3) == id && workload_get(table, id));
    while ((entry = workload_next_changed(table, &slot))) {
        REQUIRE(slot < RING_WORKLOADS_MAX);
        REQUIRE(slot < RING_WORKLOAD_FIRST || entry->generation == 0 || workload_is_sound(entry));
        REQUIRE(entry->kind != WORKLOAD_USER || str_equal(entry->unit, "users"));
    }
    workload_release(table, id, 4);
    workload_release(table, id, 5);
    (void)workload_table_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct process_identity process = {.pid = 1};
    struct workload left = {0}, described;
    char display[WORKLOAD_UNIT_MAX];
    unsigned bits = (unsigned)fuzz_take(&input, 1);
    size_t room = 1 + fuzz_take_size(&input, 1);
    process.uid =
        bits & 1 ? (uint32_t)fuzz_take(&input, 4) : (uint32_t)fuzz_below(&input, 256) + 900;
    process.kernel_thread = bits & 2;
    process.cgroup.owner = bits & 4 ? (uint32_t)fuzz_take(&input, 2) : UINT32_MAX;
    process.cgroup.kind = (enum cgroup_kind)(bits >> 3 & 7) % CGROUP_KINDS;
    check_escape((const char *)input.at, input.left, room);
    fuzz_take_text(&input, process.comm, sizeof(process.comm));
    if (process.cgroup.kind != CGROUP_NONE)
        fuzz_take_text(&input, process.cgroup.unit, sizeof(process.cgroup.unit));
    check_fold(fold_unit, process.cgroup.unit, true);
    check_fold(fold_command, process.comm, true);
    check_fold(fold_kernel_thread, process.comm, false);
    struct workload_rules show = rules_of(true), hide = rules_of(false);
    workload_describe(&show, &process, &described);
    require_sound(&described);
    (void)workload_hide_users(&hide, &described);
    require_sound(&described);
    check_hidden(&process);
    REQUIRE(workload_display_unit(display, sizeof(display), process.cgroup.unit) <
                sizeof(display) &&
            is_clean(display));
    if (bits & 0x40) {
        memcpy(&left, input.at, MIN(input.left, sizeof(left)));
        check_table(&process, &left);
    }
    return 0;
}
