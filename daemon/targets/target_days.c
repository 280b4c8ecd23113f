/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "targets/target_days.h"

#include <fnmatch.h>

#include "targets/targets.h"

enum { DAY_S = 86400, DOMAINS_MOST = 64, DAYS_MOST = 3 * 366 };

/* A domain of one day, for how sure the host's energy is: that of whole domains, not of the split.
 */
struct domain_sum {
    char name[DOMAIN_NAME_MAX];
    uint32_t source;
    bool used; /* some of its energy is in the host's */
    bool told; /* the store says how sure the whole is */
    double half_uj;
    bool unstated;
};

struct gather {
    struct target_days *days;
    const struct settings *settings;
    const struct target *targets;
    size_t n_targets;
    bool has_workload;
    int64_t workload_id; /* that `matches` speaks of */
    uint32_t matches;    /* bit i: counts for target i */
    bool has_day;
    int64_t begin_s; /* of the day that `domains` speaks of */
    struct domain_sum domains[DOMAINS_MOST];
    size_t n_domains;
};

_Static_assert(SETTINGS_TARGETS_MAX <= 32, "a bit for each target");

static int64_t civil_day(int64_t time_s)
{
    time_t time = (time_t)time_s;
    struct tm wall;
    if (!localtime_r(&time, &wall))
        return time_s / DAY_S;
    wall.tm_hour = 12;
    wall.tm_min = wall.tm_sec = 0;
    wall.tm_isdst = 0;
    return timegm(&wall) / DAY_S;
}

/* The midnight that a civil day begins with. */
static int64_t midnight_of(int64_t day)
{
    time_t noon = (time_t)(day * DAY_S + DAY_S / 2);
    struct tm wall;
    if (!gmtime_r(&noon, &wall))
        return day * DAY_S;
    wall.tm_hour = 0;
    wall.tm_isdst = -1;
    return mktime(&wall);
}

size_t target_days_index(const struct target_days *days, int64_t time_s)
{
    int64_t index = civil_day(time_s) - days->first_day;
    if (index < 0 || days->n == 0)
        return 0;
    return MIN((size_t)index, days->n - 1);
}

unsigned target_days_weekday(const struct target_days *days, size_t index)
{
    enum { THURSDAY = 4 /* 1970-01-01 */ };
    return (unsigned)((days->first_day + (int64_t)index + THURSDAY) % WEEKDAYS);
}

void target_days_done(struct target_days *days)
{
    free(days->length_s);
    free(days->covered_s);
    free(days->energies);
    *days = (struct target_days){0};
}

static int allocate(struct target_days *days, size_t n_targets, int64_t since_s, int64_t until_s)
{
    days->first_day = civil_day(since_s);
    days->n = (size_t)MIN(civil_day(until_s - 1) - days->first_day + 1, DAYS_MOST);
    days->length_s = calloc(days->n, sizeof(*days->length_s));
    days->covered_s = calloc(days->n, sizeof(*days->covered_s));
    days->energies = calloc(days->n * n_targets + 1, sizeof(*days->energies));
    if (!days->length_s || !days->covered_s || !days->energies)
        return -ENOMEM;
    for (size_t i = 0; i < days->n; i++) {
        int64_t day = days->first_day + (int64_t)i;
        days->length_s[i] = (double)MAX(midnight_of(day + 1) - midnight_of(day), 1);
    }
    return 0;
}

/* ---- Which targets a workload counts for ---- */

static bool counts_for(const struct gather *gather, const struct target *target,
                       const struct workload *workload)
{
    if (target->scope == TARGET_HOST)
        return true;
    if (workload->kind > WORKLOAD_OTHER)
        return false;
    if (target->scope == TARGET_UNIT)
        return fnmatch(target->what, workload->unit, 0) == 0;
    const char *environment = targets_environment(gather->settings, workload->unit);
    return environment && str_equal(environment, target->what);
}

/* Rows of one workload follow each other. */
static void find_matches(struct gather *gather, const struct store_usage *usage)
{
    if (gather->has_workload && gather->workload_id == usage->workload_id)
        return;
    gather->has_workload = true;
    gather->workload_id = usage->workload_id;
    gather->matches = 0;
    for (size_t i = 0; i < gather->n_targets; i++)
        if (counts_for(gather, &gather->targets[i], usage->workload))
            gather->matches |= UINT32_C(1) << i;
}

/* ---- How sure the host's energy is ---- */

static struct domain_sum *domain_of(struct gather *gather, const struct ring_domain_entry *domain)
{
    static const struct domain_sum none = {.used = false};
    for (size_t i = 0; i < gather->n_domains; i++) {
        struct domain_sum *sum = &gather->domains[i];
        if (sum->source == domain->source &&
            strncmp(sum->name, domain->name, sizeof(sum->name)) == 0)
            return sum;
    }
    if (gather->n_domains == DOMAINS_MOST)
        return NULL;
    struct domain_sum *sum = &gather->domains[gather->n_domains++];
    *sum = none;
    memcpy(sum->name, domain->name, sizeof(sum->name));
    sum->source = domain->source;
    return sum;
}

static void settle_day(struct gather *gather)
{
    size_t day = target_days_index(gather->days, gather->begin_s);
    double half_uj = 0;
    bool unstated = false;
    for (size_t i = 0; i < gather->n_domains; i++) {
        const struct domain_sum *sum = &gather->domains[i];
        half_uj += sum->used ? sum->half_uj : 0;
        unstated |= sum->used && (!sum->told || sum->unstated);
    }
    for (size_t i = 0; i < gather->n_targets && gather->has_day; i++) {
        struct target_energy *energy = &gather->days->energies[i * gather->days->n + day];
        energy->unmetered |= unstated && energy->uj > 0;
        if (gather->targets[i].scope != TARGET_HOST)
            continue;
        energy->half_uj += half_uj;
        energy->unstated |= unstated;
    }
    gather->n_domains = 0;
}

/* ---- Rows ---- */

static void add_energy(struct gather *gather, const struct store_usage *usage)
{
    size_t day = target_days_index(gather->days, usage->begin_s);
    bool stated = usage->uncertainty_uj != UINT64_MAX;
    struct domain_sum *domain = domain_of(gather, usage->domain);
    if (domain && usage->energy_uj > 0)
        domain->used = true;
    for (size_t i = 0; i < gather->n_targets; i++) {
        struct target_energy *energy = &gather->days->energies[i * gather->days->n + day];
        if (!(gather->matches & UINT32_C(1) << i))
            continue;
        energy->uj += (double)usage->energy_uj;
        energy->modelled_uj += store_usage_modelled(usage) ? (double)usage->energy_uj : 0;
        if (gather->targets[i].scope == TARGET_HOST)
            energy->unstated |= !domain;
        else if (stated)
            energy->half_uj += (double)usage->uncertainty_uj;
        else
            energy->unstated |= usage->energy_uj > 0;
    }
}

/* Where hours are pruned and the time zone was changed, a day may begin before what was asked. */
static bool is_asked(const struct target_days *days, int64_t begin_s)
{
    int64_t index = civil_day(begin_s) - days->first_day;
    return index >= 0 && index < (int64_t)days->n;
}

static int on_usage(void *userdata, const struct store_usage *usage)
{
    struct gather *gather = userdata;
    if (!is_asked(gather->days, usage->begin_s))
        return 0;
    if (!gather->has_day || gather->begin_s != usage->begin_s) {
        settle_day(gather);
        gather->has_day = true;
        gather->begin_s = usage->begin_s;
    }
    if (!usage->domain)
        return 0;
    if (usage->workload->kind != WORKLOAD_UNSPLIT) {
        find_matches(gather, usage);
        add_energy(gather, usage);
        return 0;
    }
    /* Of a domain whose energy stands in its parts: how sure it is as a whole. */
    struct domain_sum *domain = usage->energy_uj == 0 ? domain_of(gather, usage->domain) : NULL;
    if (domain) {
        domain->told = true;
        if (usage->uncertainty_uj == UINT64_MAX)
            domain->unstated = true;
        else
            domain->half_uj += (double)usage->uncertainty_uj;
    }
    return 0;
}

static int on_span(void *userdata, int64_t begin_s, int64_t length_s, uint64_t covered_ns,
                   uint64_t gap_ns)
{
    struct gather *gather = userdata;
    (void)length_s;
    (void)gap_ns;
    if (!is_asked(gather->days, begin_s))
        return 0;
    gather->days->covered_s[target_days_index(gather->days, begin_s)] += (double)covered_ns / 1e9;
    return 0;
}

int target_days_read(struct target_days *days, struct store_reader *reader,
                     const struct settings *settings, const struct target *targets,
                     size_t n_targets, int64_t since_s, int64_t until_s)
{
    struct store_period period;
    struct gather gather = {
        .days = days, .settings = settings, .targets = targets, .n_targets = n_targets};
    int r = allocate(days, n_targets, since_s, until_s);
    if (r < 0)
        return r;
    r = store_reader_period(reader, since_s, until_s, &period);
    if (r == STORE_NO_DATA)
        return 0;
    if (r == 0)
        r = store_reader_usage(reader, &period, STORE_BY_DAY, on_usage, &gather);
    if (r == 0)
        settle_day(&gather);
    return r == 0 ? store_reader_spans(reader, &period, STORE_BY_DAY, on_span, &gather) : r;
}
