/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "fake_store.h"

#include "storage/reader/store_copy.h"
#include "storage/writer/store_lock.h"

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

int store_reader_check(struct store_reader *reader, uint64_t most_ns, char *ret_complaint,
                       size_t size)
{
    (void)reader;
    (void)most_ns;
    (void)snprintf(ret_complaint, size, "%s", fake_store.error ? fake_store.error : "");
    return fake_store.check_result;
}

int store_reader_facts(struct store_reader *reader,
                       int (*fact)(void *userdata, const struct store_fact *fact),
                       int (*part)(void *userdata, const struct store_part *part), void *userdata)
{
    (void)reader;
    int r = 0;
    const struct store_facts *facts = fake_store.facts;
    for (size_t i = 0; facts && r == 0 && i < facts->n_facts; i++)
        r = fact(userdata, &facts->facts[i]);
    for (size_t i = 0; facts && r == 0 && i < facts->n_parts; i++)
        r = part(userdata, &facts->parts[i]);
    return r;
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

/* A row of a span: the period's, unless rows are by the hour or day. */
static struct store_usage usage_of(enum store_group group, int64_t begin_s, int64_t length_s,
                                   size_t workload)
{
    const struct store_period *period = &fake_store.period;
    bool whole = group == STORE_BY_WORKLOAD;
    return (struct store_usage){
        .begin_s = whole ? period->since_s : begin_s,
        .length_s = whole ? period->until_s - period->since_s : length_s,
        .workload_id = (int64_t)workload,
        .workload = &fake_store.workloads[workload],
        .covered_ns = period->covered_ns,
        .memory_ns = period->memory_ns,
        .weight_ns = period->weight_ns,
    };
}

static int tell_reserved(enum store_group group, int64_t begin_s,
                         int (*row)(void *userdata, const struct store_usage *usage),
                         void *userdata)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < fake_store.n_reserved; i++) {
        const struct fake_reserved *reserved = &fake_store.reserved[i];
        if (reserved->begin_s != begin_s)
            continue;
        struct store_usage usage = usage_of(group, begin_s, reserved->length_s, reserved->workload);
        usage.memory_kib_s = reserved->memory_kib_s;
        usage.weight_ppb_s = reserved->weight_ppb_s;
        r = row(userdata, &usage);
    }
    return r;
}

int store_reader_usage(struct store_reader *reader, const struct store_period *period,
                       enum store_group group,
                       int (*row)(void *userdata, const struct store_usage *usage), void *userdata)
{
    (void)reader;
    (void)period;
    fake_store.usage_calls++;
    for (size_t i = 0; i < fake_store.n_usages; i++) {
        const struct fake_usage *u = &fake_store.usages[i];
        struct store_usage usage = usage_of(group, u->begin_s, u->length_s, u->workload);
        usage.domain = u->domain < 0 ? NULL : &fake_store.domains[u->domain];
        usage.energy_uj = u->energy_uj;
        usage.uncertainty_uj = u->uncertainty_uj;
        usage.cpu_ns = u->cpu_ns;
        int r = row(userdata, &usage);
        if (r == 0 && (i + 1 == fake_store.n_usages || u[1].begin_s != u->begin_s))
            r = tell_reserved(group, u->begin_s, row, userdata);
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

int store_copy(const char *path, const char *target, struct store_copy *ret)
{
    (void)path;
    (void)target;
    *ret = (struct store_copy){0};
    return -ENOENT;
}
