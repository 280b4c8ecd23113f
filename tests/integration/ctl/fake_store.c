/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "fake_store.h"

#include "storage/store_lock.h"

struct fake_store fake_store;

struct store_reader {
    int unused;
};
static struct store_reader the_reader;

int store_reader_open(struct store_reader **ret_reader, const char *path)
{
    (void)str_copy(fake_store.opened, sizeof(fake_store.opened), path);
    if (fake_store.open_result < 0)
        return fake_store.open_result;
    *ret_reader = &the_reader;
    return 0;
}

struct store_reader *store_reader_close(struct store_reader *reader)
{
    (void)reader;
    return NULL;
}

const char *store_reader_error(const struct store_reader *reader)
{
    (void)reader;
    return fake_store.error;
}

int store_reader_info(struct store_reader *reader, struct store_info *ret_info)
{
    (void)reader;
    *ret_info = fake_store.info;
    return 0;
}

int store_reader_period(struct store_reader *reader, int64_t since_s, int64_t until_s,
                        struct store_period *ret_period)
{
    (void)reader;
    if (until_s <= fake_store.period.since_s || since_s >= fake_store.period.until_s)
        return STORE_NO_DATA;
    *ret_period = fake_store.period;
    return 0;
}

int store_reader_usage(struct store_reader *reader, const struct store_period *period,
                       enum store_group group,
                       int (*row)(void *userdata, const struct store_usage *usage), void *userdata)
{
    (void)reader;
    for (size_t i = 0; i < fake_store.n_usages; i++) {
        const struct fake_usage *u = &fake_store.usages[i];
        const struct store_usage usage = {
            .begin_s = group == STORE_BY_WORKLOAD ? period->since_s : u->begin_s,
            .length_s =
                group == STORE_BY_WORKLOAD ? period->until_s - period->since_s : u->length_s,
            .workload_id = (int64_t)u->workload,
            .workload = &fake_store.workloads[u->workload],
            .domain = u->domain < 0 ? NULL : &fake_store.domains[u->domain],
            .energy_uj = u->energy_uj,
            .uncertainty_uj = u->uncertainty_uj,
            .cpu_ns = u->cpu_ns,
        };
        int r = row(userdata, &usage);
        if (r != 0)
            return r;
    }
    return fake_store.usage_result;
}

int store_reader_spans(struct store_reader *reader, const struct store_period *period,
                       enum store_group group,
                       int (*row)(void *userdata, int64_t begin_s, int64_t length_s,
                                  uint64_t covered_ns, uint64_t gap_ns),
                       void *userdata)
{
    (void)reader;
    (void)period;
    (void)group;
    for (size_t i = 0; i < fake_store.n_spans; i++) {
        const struct fake_span *s = &fake_store.spans[i];
        int r = row(userdata, s->begin_s, s->length_s, s->covered_ns, s->gap_ns);
        if (r != 0)
            return r;
    }
    return 0;
}

int store_reader_events(struct store_reader *reader, const struct store_period *period,
                        int (*row)(void *userdata, const struct store_event *event), void *userdata)
{
    (void)reader;
    (void)period;
    for (size_t i = 0; i < fake_store.n_events; i++) {
        int r = row(userdata, &fake_store.events[i]);
        if (r != 0)
            return r;
    }
    return 0;
}

/* ---- Writing ---- */

struct store {
    int unused;
};
static struct store the_store;

int store_open_existing(struct store **ret_store, const char *path)
{
    (void)str_copy(fake_store.opened, sizeof(fake_store.opened), path);
    if (fake_store.open_result < 0)
        return fake_store.open_result;
    *ret_store = &the_store;
    return 0;
}

struct store *store_close(struct store *store)
{
    (void)store;
    return NULL;
}

const char *store_error(const struct store *store)
{
    (void)store;
    return fake_store.error ? fake_store.error : "";
}

int store_forget_user(struct store *store, const char *user, uint64_t *ret_changed)
{
    (void)store;
    size_t length = strlen(fake_store.forgotten);
    (void)snprintf(fake_store.forgotten + length, sizeof(fake_store.forgotten) - length, "%s;",
                   user);
    if (fake_store.forget_result == 0)
        *ret_changed = fake_store.renamed;
    return fake_store.forget_result;
}

bool store_lock_is_held(const char *database)
{
    (void)database;
    return fake_store.locked;
}
