/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Workloads: what people talk about when they say who used the energy. A workload is a unit (of
 * systemd, a container, a virtual machine) + a command + a user. Processes come and go, workloads
 * stay: they have numbers that go into the ring's records, and an entry in the ring's table that
 * says what a number stands for.
 *
 * Pure: no file, clock or account database; what is needed of them is given. Used by one thread.
 *
 * PRIVACY, in plain words. Unless the administrator asks for names ([privacy] users=names), greend
 * keeps nothing that tells one person from another:
 *   - What runs below user.slice or in a login session, and whatever else runs under a person's
 *     UID, has the unit "users" and the user "users". The command name stays.
 *   - In a container or a virtual machine the unit stays, since it is a service that happens to be
 *     in a box; a person's UID there has the user "users".
 *   - A person's UID is 1000 or more, without nobody (65534) and the UIDs that systemd gives to
 *     services for the time that they run (61184 to 65519).
 * Command lines are never read. Command names lose what a program adds to them ("imap: alice"). */

#include "core/siphash.h"
#include "greend/ring.h"
#include "greend/sample.h"

enum {
    /* Workloads that are told apart at one time; any further one is RING_WORKLOAD_OTHER. */
    WORKLOAD_LIVE_MAX = 2000,
    /* Of these, commands and users of one unit. Whoever gives his processes ever new names fills
     * his own unit and no other; what is beyond has the command "*" and the user "*". */
    WORKLOAD_UNIT_SHARE = 512,
    /* How long an entry without processes keeps its number at least: until the energy of its last
     * process is certainly accounted. */
    WORKLOAD_KEEP_S = 300,
};

/* ---- Rules ---- */

/* "What the operator calls it": the first glob (fnmatch(3)) that matches a raw unit name
 * ("docker:4f79...", "pod:<uid>", "vm:web", "worker@3.service") gives it a name. */
struct workload_name {
    const char *glob;
    const char *name;
};

struct workload_user {
    uint32_t uid;
    const char *name;
};

/* Belongs to the caller and outlives the table, or is replaced by workload_table_set_rules(). */
struct workload_rules {
    bool show_users;                   /* [privacy] users=names; false: hidden */
    const struct workload_name *names; /* [names] */
    size_t n_names;
    const struct workload_user *users; /* the host's accounts, sorted by UID, each once */
    size_t n_users;
};

/* ---- What a process is: pure functions ---- */

/* Whether that UID can belong to a human being. */
bool workload_uid_is_person(uint32_t uid);

/* Fills kind, unit, command and user, all else 0. Names are folded (core/workload/fold.h), escaped
 * (core/text.h), and where they are longer than the field, cut and ended by '~' and a hash of the
 * whole, so that two long names stay two. What each field holds:
 *
 *     unit     "nginx.service", "docker:<12 hex>", "pod:<uid>", "vm:<name>", "users", "kernel"
 *     command  "nginx"; "?" where a process has given itself an empty name
 *     user     account name; "uid:4711" where there is none, "?" where the UID is not known
 *
 * What is in no cgroup (without systemd, everything) has the unit "host": an empty name would be no
 * label in Prometheus, and a hole in a report. A UID in a container is not the host's account of
 * that number: it is shown as "uid:999", but 0 as "root". What runs in a person's session or
 * container is that person's, whatever UID it has there. */
void workload_describe(const struct workload_rules *rules, const struct process_identity *process,
                       struct workload *ret_workload);

/* The same for a unit as a whole: without a command, and with a user only where that is a person.
 * The unit is a person's, and hidden as such, if all its processes are; one that is not has told
 * its name anyway. */
void workload_describe_unit(const struct workload_rules *rules, const struct reserved_unit *unit,
                            struct workload *ret_workload);

/* The name of an account as it stands in the field `user` where users=names. */
void workload_user_name(char target[WORKLOAD_USER_MAX], const char *account);

/* A unit as people write it: systemd's \x2d becomes a dash. For display only: two units may look
 * the same. As text_escape() otherwise. */
size_t workload_display_unit(char *target, size_t size, const char *unit);

/* ---- The table ---- */

struct workload_table;

/* `key` is random, so that no process can choose names that collide. NULL: no memory. Nothing is
 * allocated after this; the table has about 650 KB. */
struct workload_table *workload_table_new(const struct workload_rules *rules,
                                          const struct siphash_key *key);

/* Accepts NULL, returns NULL. */
struct workload_table *workload_table_free(struct workload_table *table);

/* Other rules from now on. Entries that exist keep their names, except that hiding users hides them
 * there too. */
void workload_table_set_rules(struct workload_table *table, const struct workload_rules *rules);

/* Takes over an entry that a former daemon left in the ring's table, with its number: records that
 * nobody has read yet refer to it. To be called for each entry from RING_WORKLOAD_FIRST, before the
 * first intern(). NULL: the entry cannot be read; its number is not used again. The text is not
 * trusted, and is hidden where the rules say so now. */
void workload_table_restore(struct workload_table *table, uint32_t slot,
                            const struct workload *entry, uint64_t now_ns);

/* The number of the workload that a process belongs to; the process holds it until
 * workload_release(). `now_ns` is any clock that does not go back. Costs a few hash look-ups
 * however many workloads there are. */
uint32_t workload_intern(struct workload_table *table, const struct process_identity *process,
                         uint64_t now_ns);

/* The same for a unit as a whole; CGROUP_NONE: RING_WORKLOAD_OTHER. */
uint32_t workload_intern_unit(struct workload_table *table, const struct reserved_unit *unit,
                              uint64_t now_ns);

/* One process, or unit, less. Numbers that nobody holds are passed over. */
void workload_release(struct workload_table *table, uint32_t id, uint64_t now_ns);

/* What a number stands for; NULL where its entry is another workload's by now. Valid until the
 * next call that takes a table that is not const. */
const struct workload *workload_get(const struct workload_table *table, uint32_t id);

/* The next entry that is new or changed since it was last given, and its slot; NULL: no more. The
 * sampler puts these into the ring's table before it publishes a frame. All reserved entries are
 * changed in a new table, as are restored ones that are not as they were. */
const struct workload *workload_next_changed(struct workload_table *table, uint32_t *ret_slot);

/* For `status` and greend's own metrics. */
struct workload_counts {
    uint32_t live;     /* entries in use, without the reserved ones */
    uint64_t crowded;  /* processes that were given the command "*" */
    uint64_t refused;  /* processes that were given RING_WORKLOAD_OTHER */
    uint64_t compared; /* entries that were looked at to find one: the work done so far */
};

struct workload_counts workload_table_counts(const struct workload_table *table);
