/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sampler/identity.h"

#include <pwd.h>
#include <sys/random.h>

enum { USERS_MAX = 65536 };

struct identity {
    struct workload_user *users; /* names owned */
    size_t n_users;
    struct workload_name *names; /* point into the settings */
    struct workload_rules rules;
    struct workload_table *table;
};

static int compare_uid(const void *left, const void *right)
{
    const struct workload_user *a = left, *b = right;
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    return strcmp(a->name, b->name); /* the same order, whatever the file's */
}

static int add_user(struct identity *identity, size_t *capacity, const struct passwd *entry)
{
    if (identity->n_users == *capacity) {
        size_t more = MAX(*capacity * 2, 64);
        struct workload_user *users = realloc(identity->users, more * sizeof(struct workload_user));
        if (!users)
            return -ENOMEM;
        identity->users = users;
        *capacity = more;
    }
    char *name = strdup(entry->pw_name);
    if (!name)
        return -ENOMEM;
    identity->users[identity->n_users++] = (struct workload_user){entry->pw_uid, name};
    return 0;
}

/* Several accounts may share a UID: one of them is its name. */
static void keep_one_of_each(struct identity *identity)
{
    size_t kept = 0;
    for (size_t i = 0; i < identity->n_users; i++) {
        if (kept > 0 && identity->users[kept - 1].uid == identity->users[i].uid)
            free((void *)identity->users[i].name);
        else
            identity->users[kept++] = identity->users[i];
    }
    identity->n_users = kept;
}

static int read_users(struct identity *identity)
{
    CLEANUP(fclose_p) FILE *file = fopen("/etc/passwd", "re");
    if (!file)
        return 0; /* users are shown by number then */
    size_t capacity = 0;
    for (const struct passwd *entry; identity->n_users < USERS_MAX && (entry = fgetpwent(file));) {
        int r = add_user(identity, &capacity, entry);
        if (r < 0)
            return r;
    }
    if (identity->n_users > 0)
        qsort(identity->users, identity->n_users, sizeof(*identity->users), compare_uid);
    keep_one_of_each(identity);
    return 0;
}

static int point_at_names(struct identity *identity, const struct settings *settings)
{
    if (settings->n_names == 0)
        return 0;
    identity->names = calloc(settings->n_names, sizeof(*identity->names));
    if (!identity->names)
        return -ENOMEM;
    for (size_t i = 0; i < settings->n_names; i++)
        identity->names[i] =
            (struct workload_name){settings->names[i].pattern, settings->names[i].name};
    return 0;
}

/* Records of the daemon before refer to its names: they stay where they are. */
static void take_over(struct identity *identity, const struct ring *ring, uint64_t now_ns)
{
    for (uint32_t slot = RING_WORKLOAD_FIRST; slot < RING_WORKLOADS_MAX; slot++) {
        struct workload entry;
        bool read = ring_table_get(ring, RING_TABLE_WORKLOAD, slot, &entry) == 0;
        workload_table_restore(identity->table, slot, read ? &entry : NULL, now_ns);
    }
}

struct identity *identity_free(struct identity *identity)
{
    if (!identity)
        return NULL;
    identity->table = workload_table_free(identity->table);
    for (size_t i = 0; i < identity->n_users; i++)
        free((void *)identity->users[i].name);
    free(identity->users);
    free(identity->names);
    free(identity);
    return NULL;
}

static void identity_free_p(struct identity **identity)
{
    (void)identity_free(*identity);
}

int identity_new(struct identity **ret_identity, const struct settings *settings,
                 const struct ring *ring, uint64_t now_ns)
{
    CLEANUP(identity_free_p) struct identity *identity = calloc(1, sizeof(*identity));
    if (!identity)
        return -ENOMEM;
    int r = read_users(identity);
    if (r >= 0)
        r = point_at_names(identity, settings);
    if (r < 0)
        return r;
    identity->rules = (struct workload_rules){.show_users = settings->show_users,
                                              .names = identity->names,
                                              .n_names = settings->n_names,
                                              .users = identity->users,
                                              .n_users = identity->n_users};
    struct siphash_key key = {0};
    if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key))
        return -EIO;
    identity->table = workload_table_new(&identity->rules, &key);
    if (!identity->table)
        return -ENOMEM;
    take_over(identity, ring, now_ns);
    *ret_identity = TAKE_PTR(identity);
    return 0;
}

struct workload_table *identity_workloads(struct identity *identity)
{
    return identity->table;
}
