/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <time.h>

#include "advise/advise.h"
#include "greend/language.h"
#include "greend/units.h"
#include "targets/target_days.h"
#include "targets/targets.h"

enum { HOUR_S = 3600, YEAR_DAYS = 364, WEEKS_OF_YEAR = 52 };

/* One environment while hours are read. */
struct environment {
    struct practice_environment *shown;
    double *off_uj;          /* of each day: energy outside of working hours */
    double hour_uj;          /* of the hour that is read */
    double hour_modelled_uj; /* of it, what a model says and no meter */
    double off_sum_uj;
    double off_modelled_uj;
    size_t off_hours; /* of the last days */
    size_t used;      /* of them, with energy */
};

struct gather {
    const struct settings *settings;
    const struct advise_live *live;
    const struct target_days *days;
    struct environment environments[PRACTICE_ENVIRONMENTS_MAX];
    size_t n_environments;
    double *seen_s;      /* of each day: what its hours cover */
    size_t first_recent; /* index of the first day that counts for percentiles */
    bool begun;
    int64_t begin_s; /* of the hour that what follows speaks of */
    int64_t length_s;
    uint64_t covered_ns;
    uint64_t memory_ns;
    uint64_t cpu_ns;
    uint64_t memory_kib_s;
    double *cpu; /* of each hour, part of all */
    size_t n_cpu;
    double *memory;
    size_t n_memory;
    size_t capacity;
};

static void gather_done(struct gather *gather)
{
    for (size_t i = 0; i < gather->n_environments; i++)
        free(gather->environments[i].off_uj);
    free(gather->seen_s);
    free(gather->cpu);
    free(gather->memory);
}

/* ---- Hours ---- */

static bool is_off_hour(const struct settings_advise *advise, int64_t begin_s)
{
    time_t time = (time_t)begin_s;
    struct tm wall;
    if (!localtime_r(&time, &wall))
        return false;
    return wall.tm_wday == 0 || wall.tm_wday == 6 || wall.tm_hour >= (int)advise->evening ||
           wall.tm_hour < (int)advise->morning;
}

/* Rows longer than an hour are of days whose hours are no longer kept. */
static void settle_hour(struct gather *gather)
{
    size_t day = target_days_index(gather->days, gather->begin_s);
    uint64_t length_ns = (uint64_t)gather->length_s * NS_PER_S;
    uint64_t enough_ns = length_ns / 100 * 95;
    bool hour = gather->begun && gather->length_s == HOUR_S && gather->covered_ns >= enough_ns;
    bool recent = hour && day >= gather->first_recent && gather->n_cpu < gather->capacity;
    bool off = hour && is_off_hour(&gather->settings->advise, gather->begin_s);
    double cpus_ns = (double)gather->covered_ns * gather->live->cpus;
    double memory_kib_s =
        (double)gather->memory_ns / (double)NS_PER_S * (double)gather->live->memory_kib;
    if (gather->begun && gather->length_s <= HOUR_S)
        gather->seen_s[day] += (double)gather->covered_ns / (double)NS_PER_S;
    if (recent && cpus_ns > 0)
        gather->cpu[gather->n_cpu++] = MIN((double)gather->cpu_ns / cpus_ns, 1.0);
    if (recent && gather->memory_ns >= enough_ns && memory_kib_s > 0)
        gather->memory[gather->n_memory++] = (double)gather->memory_kib_s / memory_kib_s;
    for (size_t i = 0; i < gather->n_environments; i++) {
        struct environment *environment = &gather->environments[i];
        if (off) {
            environment->off_uj[day] += environment->hour_uj;
            environment->off_sum_uj += environment->hour_uj;
            environment->off_modelled_uj += environment->hour_modelled_uj;
            environment->off_hours += recent;
            environment->used += recent && environment->hour_uj > 0;
        }
        environment->hour_uj = environment->hour_modelled_uj = 0;
    }
    gather->cpu_ns = gather->memory_kib_s = 0;
}

static void add_environment(struct gather *gather, const struct store_usage *usage)
{
    if (usage->workload->kind > WORKLOAD_OTHER || gather->n_environments == 0)
        return;
    const char *name = targets_environment(gather->settings, usage->workload->unit);
    for (size_t i = 0; name && i < gather->n_environments; i++) {
        struct environment *environment = &gather->environments[i];
        if (!str_equal(environment->shown->name, name))
            continue;
        environment->hour_uj += (double)usage->energy_uj;
        environment->hour_modelled_uj += store_usage_modelled(usage) ? (double)usage->energy_uj : 0;
    }
}

static int on_usage(void *userdata, const struct store_usage *usage)
{
    struct gather *gather = userdata;
    if (!gather->begun || gather->begin_s != usage->begin_s) {
        settle_hour(gather);
        gather->begun = true;
        gather->begin_s = usage->begin_s;
        gather->length_s = usage->length_s;
    }
    gather->covered_ns = usage->covered_ns;
    gather->memory_ns = usage->memory_ns;
    gather->cpu_ns = add_saturated(gather->cpu_ns, usage->cpu_ns);
    gather->memory_kib_s = add_saturated(gather->memory_kib_s, usage->memory_kib_s);
    if (usage->domain)
        add_environment(gather, usage);
    return 0;
}

/* ---- Environments ---- */

static bool is_production(const struct settings *settings, const char *name)
{
    char words[SETTINGS_DECLARED_MAX];
    char *rest = NULL;
    (void)str_copy(words, sizeof(words), settings->advise.production);
    for (char *word = strtok_r(words, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest))
        if (str_equal(word, name))
            return true;
    return false;
}

static bool is_listed(const struct practice_evidence *evidence, const char *name)
{
    for (size_t i = 0; i < evidence->n_environments; i++)
        if (str_equal(evidence->environments[i].name, name))
            return true;
    return false;
}

static int list_environments(struct gather *gather, struct practice_evidence *evidence)
{
    for (size_t i = 0; i < gather->settings->n_environments; i++) {
        const char *name = gather->settings->environments[i].name;
        size_t n = evidence->n_environments;
        if (n == PRACTICE_ENVIRONMENTS_MAX || is_production(gather->settings, name) ||
            is_listed(evidence, name))
            continue;
        (void)str_copy(evidence->environments[n].name, sizeof(evidence->environments[n].name),
                       name);
        gather->environments[n].shown = &evidence->environments[n];
        gather->environments[n].off_uj = calloc(gather->days->n + 1, sizeof(double));
        if (!gather->environments[n].off_uj)
            return -ENOMEM;
        evidence->n_environments = gather->n_environments = n + 1;
    }
    return 0;
}

/* ---- Years ---- */

/* A year of whole weeks and a day, from days that are over. */
static void project_year(const struct target_days *days, size_t n, const struct day *list,
                         struct projection *ret)
{
    double to_come[WEEKDAYS];
    for (size_t i = 0; i < WEEKDAYS; i++)
        to_come[i] = WEEKS_OF_YEAR + 1.0 / WEEKDAYS;
    projection_make(list, n, target_days_weekday(days, 0), to_come, ret);
}

static double covered_part(const struct target_days *days, size_t day)
{
    return MIN(days->covered_s[day] / days->length_s[day], 1.0);
}

/* Of a day, what its hours cover: of those that are no longer kept nothing is known. */
static double seen_part(const struct gather *gather, size_t day)
{
    return MIN(gather->seen_s[day] / gather->days->length_s[day], 1.0);
}

static struct observation part_of(double part, double whole)
{
    return whole > 0 ? (struct observation){.known = true, .value = part / whole}
                     : (struct observation){.why = ""};
}

static int project_years(const struct gather *gather, size_t today,
                         struct practice_evidence *evidence)
{
    const struct target_days *days = gather->days;
    CLEANUP(free_p) struct day *list = calloc(today + 1, sizeof(*list));
    if (!list)
        return -ENOMEM;
    double sum_uj = 0, modelled_uj = 0;
    for (size_t i = 0; i < today; i++) {
        sum_uj += days->energies[i].uj;
        modelled_uj += days->energies[i].modelled_uj;
        list[i] =
            (struct day){days->energies[i].uj / (double)UJ_PER_KWH * 86400 / days->length_s[i],
                         covered_part(days, i)};
    }
    project_year(days, today, list, &evidence->host);
    evidence->modelled = part_of(modelled_uj, sum_uj);
    /* Days whose hours are gone have no known off-hours. */
    for (size_t e = 0; e < gather->n_environments; e++) {
        for (size_t i = 0; i < today; i++)
            list[i] = (struct day){gather->environments[e].off_uj[i] / (double)UJ_PER_KWH,
                                   seen_part(gather, i)};
        project_year(days, today, list, &gather->environments[e].shown->off_hours);
        gather->environments[e].shown->modelled =
            part_of(gather->environments[e].off_modelled_uj, gather->environments[e].off_sum_uj);
    }
    return 0;
}

/* ---- All of it ---- */

static void finish(struct gather *gather, size_t today, struct practice_evidence *evidence)
{
    for (size_t i = gather->first_recent; i < today; i++)
        evidence->days += seen_part(gather, i) >= DAY_COVERED_LEAST;
    evidence->cpu.why = gather->live->cpus == 0
                            ? N_("/proc/stat does not say how many CPUs there are")
                            : N_("no hour was recorded in whole");
    if (gather->n_cpu > 0)
        evidence->cpu = (struct observation){
            .known = true, .value = practice_percentile(gather->cpu, gather->n_cpu, 0.95)};
    evidence->memory.why = N_("what memory units hold is not known: see greend-ctl status");
    if (gather->n_memory > 0 && gather->n_memory * 4 >= 3 * gather->n_cpu)
        evidence->memory = (struct observation){
            .known = true, .value = practice_percentile(gather->memory, gather->n_memory, 0.95)};
    for (size_t i = 0; i < gather->n_environments; i++) {
        const struct environment *environment = &gather->environments[i];
        environment->shown->days = evidence->days;
        if (environment->off_hours > 0)
            environment->shown->used = (double)environment->used / (double)environment->off_hours;
    }
}

static int read_hours(struct store_reader *reader, struct gather *gather, int64_t now_s)
{
    struct store_period period;
    int r = store_reader_period(reader, now_s - (int64_t)YEAR_DAYS * 86400, now_s, &period);
    if (r != 0)
        return r;
    r = store_reader_usage(reader, &period, STORE_BY_HOUR, on_usage, gather);
    if (r == 0)
        settle_hour(gather);
    return r;
}

int advise_read_store(struct store_reader *reader, const struct settings *settings,
                      const struct advise_live *live, struct practice_evidence *evidence)
{
    CLEANUP(target_days_done) struct target_days days = {0};
    CLEANUP(gather_done)
    struct gather gather = {.settings = settings, .live = live, .days = &days};
    static const struct target host = {.scope = TARGET_HOST};
    struct store_info info;
    int r = store_reader_info(reader, &info);
    if (r == 0 && info.first_s >= info.last_s)
        return STORE_NO_DATA;
    if (r == 0)
        r = target_days_read(&days, reader, settings, &host, 1,
                             info.last_s - (int64_t)YEAR_DAYS * 86400, info.last_s);
    if (r != 0)
        return r;
    size_t today = target_days_index(&days, info.last_s - 1);
    gather.first_recent = today - MIN(today, (size_t)settings->advise.days);
    gather.capacity = (size_t)(settings->advise.days + 2) * 25;
    gather.cpu = calloc(gather.capacity, sizeof(*gather.cpu));
    gather.memory = calloc(gather.capacity, sizeof(*gather.memory));
    gather.seen_s = calloc(days.n + 1, sizeof(*gather.seen_s));
    if (!gather.cpu || !gather.memory || !gather.seen_s)
        return -ENOMEM;
    r = list_environments(&gather, evidence);
    if (r == 0)
        r = read_hours(reader, &gather, info.last_s);
    if (r == 0)
        r = project_years(&gather, today, evidence);
    if (r == 0)
        finish(&gather, today, evidence);
    return r;
}
