/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "targets/targets.h"

#include <fnmatch.h>
#include <math.h>

#include "greend/units.h"
#include "input/configuration.h"
#include "targets/target_days.h"

const char *target_lack_name(enum target_lack lack)
{
    static const char *const names[] = {
        [TARGET_COMPLETE] = "",
        [TARGET_NO_FACTOR] = "no_factor",
        [TARGET_BASELINE_AHEAD] = "baseline_not_over",
        [TARGET_BASELINE_MISSING] = "baseline_without_data",
        [TARGET_BASELINE_PARTIAL] = "baseline_partly_measured",
        [TARGET_UNCOVERED] = "period_partly_measured",
        [TARGET_FEW_DAYS] = "too_few_days",
        [TARGET_WEEKDAYS] = "weekdays_not_seen_twice",
    };
    return names[lack];
}

const char *target_verdict_name(enum target_verdict verdict)
{
    static const char *const names[] = {
        [TARGET_UNKNOWN] = "unknown",       [TARGET_EXCEEDED] = "exceeded",
        [TARGET_OFF_COURSE] = "off_course", [TARGET_UNCERTAIN] = "uncertain",
        [TARGET_ON_COURSE] = "on_course",
    };
    return names[verdict];
}

const char *targets_environment(const struct settings *settings, const char *unit)
{
    for (size_t i = 0; i < settings->n_environments; i++)
        if (fnmatch(settings->environments[i].pattern, unit, 0) == 0)
            return settings->environments[i].name;
    return NULL;
}

void target_list_done(struct target_list *list)
{
    free(list->states);
    list->states = NULL;
    list->n = 0;
}

/* ---- Periods ---- */

static struct tm wall_of(int64_t time_s)
{
    time_t time = (time_t)time_s;
    struct tm wall;
    if (!localtime_r(&time, &wall))
        wall = (struct tm){.tm_year = 70, .tm_mday = 1};
    wall.tm_hour = wall.tm_min = wall.tm_sec = 0;
    wall.tm_isdst = -1;
    return wall;
}

/* The month or year that begins `later` of them after the one of a time. */
static int64_t begin_of(enum target_per per, struct tm wall, int later)
{
    wall.tm_mday = 1;
    if (per == TARGET_YEAR)
        wall.tm_mon = 0;
    wall.tm_mon += per == TARGET_MONTH ? later : 0;
    wall.tm_year += per == TARGET_YEAR ? later : 0;
    return mktime(&wall);
}

static int64_t baseline_begin(const struct target *target, int later)
{
    struct tm wall = {.tm_year = target->baseline_year - 1900, .tm_mday = 1, .tm_isdst = -1};
    wall.tm_mon = MAX(target->baseline_month, 1) - 1;
    return begin_of(target->per, wall, later);
}

static double kwh(double energy_uj)
{
    return energy_uj / (double)UJ_PER_KWH;
}

/* Units of the target per kWh of the machine; 0: not known. */
static double per_kwh(const struct target_list *list, const struct target *target)
{
    const struct figure *gwp = &list->per_kwh.impacts[CRITERION_GWP];
    if (target->unit == TARGET_KWH)
        return 1;
    return gwp->known ? gwp->value : 0;
}

/* ---- Limits ---- */

static bool is_over(const struct target_state *state)
{
    return baseline_begin(&state->target, 1) <= state->now_s;
}

static bool is_same_baseline(const struct target *a, const struct target *b)
{
    return b->relative && a->per == b->per && a->baseline_year == b->baseline_year &&
           a->baseline_month == b->baseline_month;
}

/* Reads the baseline of a target, for all targets that have the same. */
static int read_baseline(struct store_reader *reader, const struct settings *settings,
                         const struct target_list *list, size_t first,
                         struct target_baselines *baselines)
{
    CLEANUP(target_days_done) struct target_days days = {0};
    struct target targets[SETTINGS_TARGETS_MAX];
    size_t places[SETTINGS_TARGETS_MAX];
    size_t n = 0;
    const struct target_state *state = &list->states[first];
    for (size_t i = first; i < list->n; i++)
        if (is_same_baseline(&state->target, &list->states[i].target)) {
            places[n] = i;
            targets[n++] = list->states[i].target;
        }
    int r = target_days_read(&days, reader, settings, targets, n, baseline_begin(&state->target, 0),
                             baseline_begin(&state->target, 1));
    if (r < 0)
        return r;
    for (size_t k = 0; k < n; k++) {
        struct target_baseline sum = {.known = true, .read_s = state->now_s};
        for (size_t i = 0; i < days.n; i++) {
            sum.covered_s += days.covered_s[i];
            sum.energy_uj += days.energies[k * days.n + i].uj;
            sum.modelled_uj += days.energies[k * days.n + i].modelled_uj;
        }
        baselines->of[places[k]] = sum;
    }
    return 0;
}

/* Those that are over and are needed. */
static int read_baselines(struct store_reader *reader, const struct settings *settings,
                          const struct target_list *list, struct target_baselines *baselines)
{
    enum { DAY_S = 86400 };
    int r = 0;
    for (size_t i = 0; r == 0 && i < list->n; i++) {
        const struct target_state *state = &list->states[i];
        const struct target_baseline *known = &baselines->of[i];
        bool fresh = known->known && state->now_s - known->read_s < DAY_S;
        if (state->target.relative && is_over(state) && !fresh)
            r = read_baseline(reader, settings, list, i, baselines);
    }
    return r;
}

static void take_baseline(const struct target_baseline *baseline, double factor,
                          struct target_state *state)
{
    if (!is_over(state)) {
        state->lack = TARGET_BASELINE_AHEAD;
        return;
    }
    int64_t length_s = baseline_begin(&state->target, 1) - baseline_begin(&state->target, 0);
    state->baseline_covered = baseline->covered_s / (double)length_s;
    if (baseline->covered_s <= 0)
        state->lack = TARGET_BASELINE_MISSING;
    else if (state->baseline_covered < BASELINE_COVERED_LEAST)
        state->lack = TARGET_BASELINE_PARTIAL;
    if (state->lack != TARGET_COMPLETE)
        return;
    state->baseline = kwh(baseline->energy_uj) * factor;
    state->baseline_modelled =
        baseline->energy_uj > 0 ? baseline->modelled_uj / baseline->energy_uj : 0;
    state->estimate |= baseline->modelled_uj > 0;
    state->limit = state->baseline * (1 - state->target.percent / 100);
    state->limited = true;
}

/* ---- One target ---- */

/* What of each day of the week is still to come, in parts of 24 h. */
static void find_to_come(const struct target_state *state, double to_come[WEEKDAYS])
{
    struct tm wall = wall_of(state->now_s);
    int64_t begin_s = state->now_s;
    memset(to_come, 0, WEEKDAYS * sizeof(*to_come));
    while (begin_s < state->until_s) {
        struct tm next = wall;
        next.tm_mday++;
        int64_t end_s = mktime(&next);
        if (end_s <= begin_s)
            return;
        to_come[wall.tm_wday] += (double)(end_s - begin_s) / 86400;
        begin_s = end_s;
        wall = wall_of(end_s);
    }
}

static double sum_of(const double to_come[WEEKDAYS])
{
    double sum = 0;
    for (int w = 0; w < WEEKDAYS; w++)
        sum += to_come[w];
    return sum;
}

/* Days that are over, as a projection takes them. */
static struct day *days_of(const struct target_days *days, size_t target, size_t first, size_t n)
{
    struct day *list = calloc(n + 1, sizeof(*list));
    for (size_t i = 0; list && i < n; i++) {
        double length_s = days->length_s[first + i];
        list[i].value = kwh(days->energies[target * days->n + first + i].uj) * 86400 / length_s;
        list[i].covered = fmin(days->covered_s[first + i] / length_s, 1);
    }
    return list;
}

static void set_projection(struct target_state *state, double factor)
{
    const struct projection *projection = &state->projection;
    state->projection_lack = projection->lack == PROJECTION_FEW_DAYS   ? TARGET_FEW_DAYS
                             : projection->lack == PROJECTION_WEEKDAYS ? TARGET_WEEKDAYS
                                                                       : TARGET_COMPLETE;
    if (state->covered < PERIOD_COVERED_LEAST)
        state->projection_lack = TARGET_UNCOVERED;
    if (state->projection_lack != TARGET_COMPLETE)
        return;
    /* What was not measured may have been nothing, or as much as on other days. */
    double past = (double)(state->now_s - state->since_s) / 86400;
    double missing = fmax(past * (1 - state->covered), 0) * projection->daily * factor;
    double ahead = projection->value * factor;
    /* Days that count may lack a little, and what is projected from them lacks as much. */
    if (projection->covered > 0)
        missing += ahead * (1 / projection->covered - 1);
    double half = projection->half * factor;
    double metered = state->so_far > 0 ? state->so_far_half / state->so_far : 0;
    state->value = state->so_far + ahead;
    half += metered * state->value;
    state->least = fmax(state->value - half, fmax(state->so_far - state->so_far_half, 0));
    state->most = state->value + half + missing;
    state->projected = true;
}

static enum target_verdict verdict_of(const struct target_state *state)
{
    if (!state->limited || !state->valued)
        return TARGET_UNKNOWN;
    if (state->so_far > state->limit)
        return TARGET_EXCEEDED;
    if (!state->projected)
        return TARGET_UNKNOWN;
    if (state->least > state->limit)
        return TARGET_OFF_COURSE;
    return state->most > state->limit ? TARGET_UNCERTAIN : TARGET_ON_COURSE;
}

static int evaluate(const struct target_days *days, size_t target, struct target_state *state,
                    double factor)
{
    double to_come[WEEKDAYS];
    size_t begin = target_days_index(days, state->since_s);
    size_t today = target_days_index(days, state->now_s - 1);
    double covered_s = 0, modelled = 0;
    state->stated = state->metered = true;
    for (size_t i = begin; i <= today && i < days->n; i++) {
        const struct target_energy *energy = &days->energies[target * days->n + i];
        state->so_far += kwh(energy->uj) * factor;
        state->so_far_half += kwh(energy->half_uj) * factor;
        modelled += kwh(energy->modelled_uj) * factor;
        state->stated &= !energy->unstated;
        state->metered &= !energy->unstated && !energy->unmetered;
        covered_s += days->covered_s[i];
    }
    if (!state->stated)
        state->so_far_half = 0;
    if (state->so_far > 0)
        state->so_far_modelled = modelled / state->so_far;
    state->valued = true;
    state->covered = fmin(covered_s / (double)(state->now_s - state->since_s), 1);
    find_to_come(state, to_come);
    size_t history = MIN(today, (size_t)projection_history(sum_of(to_come)));
    size_t trend = MIN(today, (size_t)2 * TREND_DAYS);
    state->estimate |= modelled > 0;
    for (size_t i = today - MAX(history, trend); i < today; i++)
        state->estimate |= days->energies[target * days->n + i].modelled_uj > 0;
    CLEANUP(free_p) struct day *past = days_of(days, target, 0, today);
    if (!past)
        return -ENOMEM;
    projection_make(past + today - history, history, target_days_weekday(days, today - history),
                    to_come, &state->projection);
    trend_make(past + today - trend, trend, target_days_weekday(days, today - trend),
               &state->trend);
    set_projection(state, factor);
    return 0;
}

/* ---- All targets ---- */

/* Where reading has to begin for all of them. */
static int64_t first_needed(const struct target_list *list)
{
    int64_t first_s = INT64_MAX;
    for (size_t i = 0; i < list->n; i++) {
        const struct target_state *state = &list->states[i];
        double ahead = (double)(state->until_s - state->now_s) / 86400 + 1;
        struct tm wall = wall_of(state->now_s - 1);
        wall.tm_mday -= MAX((int)projection_history(ahead), 2 * TREND_DAYS);
        first_s = MIN(first_s, MIN(state->since_s, (int64_t)mktime(&wall)));
    }
    return first_s;
}

static int parse_all(const struct settings *settings, int64_t now_s, struct target_list *list)
{
    char unused[TARGET_ERROR_MAX]; /* loaded settings were checked */
    list->states = calloc(settings->n_targets + 1, sizeof(*list->states));
    if (!list->states)
        return -ENOMEM;
    for (size_t i = 0; i < settings->n_targets; i++) {
        struct target_state *state = &list->states[list->n];
        if (target_parse(settings->targets[i].name, settings->targets[i].text, &state->target,
                         unused) < 0)
            continue;
        struct tm wall = wall_of(now_s - 1);
        state->now_s = now_s;
        state->since_s = begin_of(state->target.per, wall, 0);
        state->until_s = begin_of(state->target.per, wall, 1);
        list->n++;
    }
    return 0;
}

static int evaluate_all(struct store_reader *reader, const struct settings *settings,
                        struct target_baselines *baselines, struct target_list *list, int64_t now_s)
{
    CLEANUP(target_days_done) struct target_days days = {0};
    struct target targets[SETTINGS_TARGETS_MAX];
    for (size_t i = 0; i < list->n; i++)
        targets[i] = list->states[i].target;
    int r = target_days_read(&days, reader, settings, targets, list->n, first_needed(list), now_s);
    if (r == 0)
        r = read_baselines(reader, settings, list, baselines);
    for (size_t i = 0; r == 0 && i < list->n; i++) {
        struct target_state *state = &list->states[i];
        double factor = per_kwh(list, &state->target);
        state->limited = !state->target.relative;
        state->limit = state->target.amount;
        if (factor <= 0) {
            state->lack = state->projection_lack = TARGET_NO_FACTOR;
            state->limited = !state->target.relative;
            continue;
        }
        if (state->target.relative)
            take_baseline(&baselines->of[i], factor, state);
        r = evaluate(&days, i, state, factor);
        state->verdict = verdict_of(state);
    }
    return r;
}

int targets_evaluate(struct store_reader *reader, const struct settings *settings,
                     const struct site *site, const struct factor_table *factors,
                     struct target_baselines *baselines, struct target_list *ret_list)
{
    struct target_baselines once = {0};
    struct store_info info;
    struct site declared;
    struct asset asset;
    *ret_list = (struct target_list){0};
    int r = store_reader_info(reader, &info);
    if (r < 0)
        return r;
    if (info.first_s >= info.last_s)
        return STORE_NO_DATA;
    configuration_declared(settings, &declared, &asset);
    if (factors)
        use_impacts(factors, site ? site : &declared, UJ_PER_KWH, UINT64_MAX, &ret_list->per_kwh);
    r = parse_all(settings, info.last_s, ret_list);
    return r < 0 ? r
                 : evaluate_all(reader, settings, baselines ? baselines : &once, ret_list,
                                info.last_s);
}
