/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/contained.h"

/* Parts are decimals: their sum may be off from a whole one by this. */
static const double sum_error = 1e-9;

/* A machine in a list that is sorted by the name that counts: its own, or its host's. */
struct entry {
    const char *name;
    size_t place;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    int order = strcmp(x->name, y->name);
    if (order != 0)
        return order;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* The first entry of a name, or n. */
static size_t find_first(const struct entry *list, size_t n, const char *name)
{
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(list[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && str_equal(list[low].name, name) ? low : n;
}

static bool overlap(const struct contained_machine *a, const struct contained_machine *b)
{
    return a->since_s < b->until_s && b->since_s < a->until_s;
}

static bool is_guest(const struct contained_machine *machine)
{
    return !machine->physical && machine->host[0] != '\0';
}

/* ---- Who runs on whom ---- */

/* Of hosts of one name, one after the other, the first that was there when the guest was; else the
 * first. */
static int find_host(const struct contained_machine *machines, const struct entry *list, size_t n,
                     const struct contained_machine *guest, size_t *ret_host)
{
    const struct contained_machine *found = NULL;
    *ret_host = CONTAINED_IN_NONE;
    for (size_t i = find_first(list, n, guest->host); i < n && str_equal(list[i].name, guest->host);
         i++) {
        const struct contained_machine *host = &machines[list[i].place];
        if (!host->recorded)
            continue;
        if (found && overlap(found, host))
            return CONTAINED_AMBIGUOUS;
        if (found && (overlap(found, guest) || !overlap(host, guest)))
            continue;
        found = host;
        *ret_host = list[i].place;
    }
    return 0;
}

static bool runs_in_circle(const size_t *hosts, size_t n, size_t from)
{
    size_t at = hosts[from];
    for (size_t steps = 0; at != CONTAINED_IN_NONE && steps < n; steps++) {
        if (at == from)
            return true;
        at = hosts[at];
    }
    return false;
}

int contained_find(const struct contained_machine *machines, size_t n, size_t *ret_hosts,
                   size_t *ret_wrong)
{
    CLEANUP(free_p) struct entry *list = calloc(MAX(n, (size_t)1), sizeof(*list));
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        list[i] = (struct entry){machines[i].name, i};
    qsort(list, n, sizeof(*list), compare_entries);
    for (size_t i = 0; i < n; i++) {
        ret_hosts[i] = CONTAINED_IN_NONE;
        *ret_wrong = i;
        if (is_guest(&machines[i]) &&
            find_host(machines, list, n, &machines[i], &ret_hosts[i]) != 0)
            return CONTAINED_AMBIGUOUS;
    }
    for (size_t i = 0; i < n; i++) {
        *ret_wrong = i;
        if (runs_in_circle(ret_hosts, n, i))
            return CONTAINED_CIRCLE;
    }
    return 0;
}

/* ---- Parts of a host ---- */

/* Those of a run of guests of one host that were there when the one at `now` began. */
static bool is_overfull(const struct contained_machine *machines, const struct entry *run, size_t n,
                        size_t now, size_t *ret_members, size_t *ret_n, double *ret_sum)
{
    int64_t time_s = machines[run[now].place].since_s;
    *ret_n = 0;
    *ret_sum = 0;
    for (size_t i = 0; i < n; i++) {
        const struct contained_machine *guest = &machines[run[i].place];
        if (time_s < guest->since_s || time_s >= guest->until_s)
            continue;
        ret_members[(*ret_n)++] = run[i].place;
        *ret_sum += guest->share;
    }
    return *ret_sum > 1 + sum_error;
}

int contained_overfull(const struct contained_machine *machines, size_t n, size_t *ret_members,
                       size_t *ret_n, double *ret_sum)
{
    size_t guests = 0;
    CLEANUP(free_p) struct entry *list = calloc(MAX(n, (size_t)1), sizeof(*list));
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (is_guest(&machines[i]) && machines[i].recorded && machines[i].share > 0)
            list[guests++] = (struct entry){machines[i].host, i};
    qsort(list, guests, sizeof(*list), compare_entries);
    for (size_t begin = 0, end = 0; begin < guests; begin = end) {
        for (end = begin; end < guests && str_equal(list[begin].name, list[end].name);)
            end++;
        for (size_t i = 0; i < end - begin; i++)
            if (is_overfull(machines, list + begin, end - begin, i, ret_members, ret_n, ret_sum))
                return 1;
    }
    return 0;
}
