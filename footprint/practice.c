/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/practice.h"

#include <math.h>

#include "greend/language.h"

/* One practice: judge() fills state, value, threshold, saving and why of its results and returns
 * how many there are. */
struct practice {
    struct practice_info info;
    size_t (*judge)(const struct practice_evidence *evidence, const struct practice_limits *limits,
                    struct practice_result *results);
};

const char *practice_state_name(enum practice_state state)
{
    static const char *const names[] = {
        [PRACTICE_ADVISED] = "advised",
        [PRACTICE_FINE] = "fine",
        [PRACTICE_SIGN] = "sign",
        [PRACTICE_NEEDS_DATA] = "needs_data",
        [PRACTICE_NOT_OBSERVABLE] = "not_observable",
    };
    return names[state];
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

double practice_percentile(double *values, size_t n, double part)
{
    qsort(values, n, sizeof(*values), by_value);
    double rank = ceil(part * (double)n);
    size_t place = rank < 1 ? 0 : (size_t)rank - 1;
    return values[MIN(place, n - 1)];
}

/* ---- Savings ---- */

static struct practice_saving no_saving(const char *why)
{
    return (struct practice_saving){.why = why};
}

/* What a year would use, as days went so far. */
static struct practice_saving saving_of(const struct projection *year,
                                        const struct observation *modelled,
                                        const struct observation *kg_per_kwh)
{
    if (year->lack != PROJECTION_DONE)
        return no_saving(N_("a year is told from 73 recorded days on"));
    struct practice_saving saving = {.known = true, .modelled = *modelled, .days = year->days};
    saving.kwh =
        figure_banded(year->value, fmax(year->value - year->half, 0), year->value + year->half);
    saving.kwh.unbanded = true; /* what meters and split state is not in it */
    if (kg_per_kwh->known)
        saving.kg = figure_scale(saving.kwh, kg_per_kwh->value);
    return saving;
}

/* ---- Judging ---- */

/* Whether there are days enough; fills in that there are not. */
static bool has_days(const struct practice_limits *limits, unsigned days,
                     struct practice_result *result)
{
    result->days = days;
    result->days_needed = limits->days;
    if (days >= limits->days)
        return true;
    result->state = PRACTICE_NEEDS_DATA;
    return false;
}

static bool is_observed(const struct observation *observation, struct practice_result *result)
{
    if (observation->known)
        return true;
    result->state = PRACTICE_NOT_OBSERVABLE;
    result->why = observation->why ? observation->why : "";
    return false;
}

static size_t judge_comatose(const struct practice_evidence *evidence,
                             const struct practice_limits *limits, struct practice_result *result)
{
    result->threshold = limits->cpu_idle;
    result->saving = no_saving(N_("nothing is to be saved"));
    if (!has_days(limits, evidence->days, result) || !is_observed(&evidence->cpu, result))
        return 1;
    result->value = evidence->cpu.value;
    result->state = PRACTICE_FINE;
    if (evidence->cpu.value >= limits->cpu_idle)
        return 1;
    result->saving = saving_of(&evidence->host, &evidence->modelled, &evidence->kg_per_kwh);
    result->state = PRACTICE_SIGN;
    if (!evidence->network.known || !evidence->disk.known)
        result->why =
            N_("network or disk activity is not observable, and the CPU alone is no verdict");
    else if (!evidence->uptime.known || evidence->uptime.value < limits->days)
        result->why =
            N_("network and disks are counted since the machine started, which is too short");
    else if (evidence->network.value >= limits->network_idle)
        result->why = N_("the network was used, so somebody may need the machine");
    else if (evidence->disk.value >= limits->disk_idle)
        result->why = N_("disks were used, so the machine may do something useful");
    else
        result->state = PRACTICE_ADVISED;
    return 1;
}

static size_t judge_cpu(const struct practice_evidence *evidence,
                        const struct practice_limits *limits, struct practice_result *result)
{
    result->threshold = limits->cpu_low;
    result->saving =
        no_saving(N_("depends on what else can use those CPUs, and on their power there"));
    if (!has_days(limits, evidence->days, result) || !is_observed(&evidence->cpu, result))
        return 1;
    result->value = evidence->cpu.value;
    result->state = PRACTICE_FINE;
    if (evidence->cpu.value >= limits->cpu_low)
        return 1;
    result->state = PRACTICE_SIGN;
    if (!evidence->memory.known)
        result->why = N_("memory held is not known, and the CPU alone is no verdict");
    else if (evidence->memory.value >= limits->memory_low)
        result->why =
            N_("memory is in use (file caches included), and the CPU alone is no verdict");
    else
        result->state = PRACTICE_ADVISED;
    return 1;
}

static size_t judge_memory(const struct practice_evidence *evidence,
                           const struct practice_limits *limits, struct practice_result *result)
{
    result->threshold = limits->memory_low;
    result->saving = no_saving(N_("depends on the modules that can be taken out, or on the host"));
    if (!has_days(limits, evidence->days, result) || !is_observed(&evidence->memory, result))
        return 1;
    result->value = evidence->memory.value;
    result->state = evidence->memory.value < limits->memory_low ? PRACTICE_ADVISED : PRACTICE_FINE;
    return 1;
}

static void judge_environment(const struct practice_evidence *evidence,
                              const struct practice_limits *limits,
                              const struct practice_environment *environment,
                              struct practice_result *result)
{
    memcpy(result->subject, environment->name, sizeof(result->subject));
    result->threshold = limits->off_hours_used;
    result->saving = no_saving(N_("nothing is to be saved"));
    if (!has_days(limits, environment->days, result))
        return;
    result->value = environment->used;
    result->state = PRACTICE_FINE;
    if (environment->used <= limits->off_hours_used)
        return;
    result->state = PRACTICE_ADVISED;
    result->saving =
        saving_of(&environment->off_hours, &environment->modelled, &evidence->kg_per_kwh);
}

static size_t judge_off_hours(const struct practice_evidence *evidence,
                              const struct practice_limits *limits, struct practice_result *results)
{
    const struct practice_result blank = *results;
    for (size_t i = 0; i < evidence->n_environments; i++) {
        results[i] = blank;
        judge_environment(evidence, limits, &evidence->environments[i], &results[i]);
    }
    if (evidence->n_environments > 0)
        return evidence->n_environments;
    results->threshold = limits->off_hours_used;
    results->state = PRACTICE_NOT_OBSERVABLE;
    results->why = N_("no environment but production is declared in [environments]");
    results->saving = no_saving(N_("nothing is known to be saved"));
    return 1;
}

/* What is of one moment: a part that should not be above a threshold. */
static size_t judge_moment(const struct observation *observation, double threshold, bool below,
                           struct practice_result *result)
{
    result->threshold = threshold;
    if (!is_observed(observation, result))
        return 1;
    result->value = observation->value;
    bool met = below ? observation->value < threshold : observation->value > threshold;
    result->state = met ? PRACTICE_ADVISED : PRACTICE_FINE;
    return 1;
}

static size_t judge_governor(const struct practice_evidence *evidence,
                             const struct practice_limits *limits, struct practice_result *result)
{
    (void)limits;
    result->saving =
        no_saving(N_("depends on load and processor: compare weeks before and after with "
                     "greend-ctl report"));
    return judge_moment(&evidence->performance, 0, false, result);
}

static size_t judge_idle_states(const struct practice_evidence *evidence,
                                const struct practice_limits *limits,
                                struct practice_result *result)
{
    (void)limits;
    result->saving =
        no_saving(N_("depends on load and processor: compare weeks before and after with "
                     "greend-ctl report"));
    size_t n = judge_moment(&evidence->idle_states, 0, false, result);
    /* Where there are such states, they tell themselves whether they are used. */
    if (result->state == PRACTICE_NOT_OBSERVABLE && evidence->idle_word) {
        result->state = PRACTICE_ADVISED;
        result->why = "";
    }
    return n;
}

static size_t judge_psu(const struct practice_evidence *evidence,
                        const struct practice_limits *limits, struct practice_result *result)
{
    result->saving = no_saving(N_("one reading says nothing of a year"));
    return judge_moment(&evidence->psu, limits->psu_efficiency, true, result);
}

/* Manufacture spread over more years costs less each year; no energy is saved. */
static size_t judge_life(const struct practice_evidence *evidence,
                         const struct practice_limits *limits, struct practice_result *result)
{
    result->saving = no_saving(N_("manufacture is not known: see greend-ctl inventory"));
    size_t n = judge_moment(&evidence->life, limits->life_years, true, result);
    if (result->state != PRACTICE_ADVISED || !evidence->embodied.known)
        return n;
    result->saving = (struct practice_saving){.known = true, .least = evidence->embodied_least};
    result->saving.kg =
        figure_scale(evidence->embodied, 1 / evidence->life.value - 1 / limits->life_years);
    return n;
}

/* ---- The table ---- */

static const struct practice practices[PRACTICES] = {
    [PRACTICE_COMATOSE] =
        {{"comatose", N_("A machine that does nothing useful"),
          N_("RGESN 2.7 (decommissioning); Koomey and Taylor 2015: comatose is who delivered "
             "nothing "
             "for six months"),
          N_("ask who uses it; then back it up, stop it for a month, and give it to re-use"),
          N_("CPU time of the hours of those days, and bytes of network and disks since the "
             "machine started"),
          N_("whether the little that it does is useful (a standby, a licence server), and what it "
             "does outside of those days, as once a year")},
                             judge_comatose   },
    [PRACTICE_OVERSIZED_CPU] =
        {{"oversized-cpu", N_("More CPUs than are used"), N_("RGESN 3.2 (allocated against used)"),
          N_("give a virtual machine fewer CPUs; bring the services of several machines onto one"),
          N_("CPU time of the hours of those days, and memory held by units in them"),
          N_("peaks within an hour. CPUs and memory are counted as they are now: of a machine that "
             "was resized within those days, hours before are held against a size that it did not "
             "have")},
                             judge_cpu        },
    [PRACTICE_OVERSIZED_MEMORY] =
        {{"oversized-memory", N_("More memory than is used"),
          N_("RGESN 3.2 (allocated against used)"),
          N_("give a virtual machine less memory; take modules out and use them elsewhere"),
          N_("memory held by units in the hours of those days"),
          N_("what the kernel and processes outside of units hold. Memory is counted as it is now: "
             "of a machine that was resized within those days, hours before are held against a "
             "size that it did not have")},
                             judge_memory     },
    [PRACTICE_OFF_HOURS] =
        {{"off-hours", N_("Non-production on at night and at weekends"),
          N_("RGESN 3.7 (non-production off outside of working hours)"),
          N_("stop the units by a timer: systemctl stop in the evening, start in the morning"),
          N_("energy of those units in the hours of those days that are still kept, and "
             "[environments]"),
          N_("by whom it was used (backups, timers and people in other time zones count as use), "
             "and public holidays, which are taken for working days. The machine stays on: what it "
             "uses without work is not in the saving")},
                             judge_off_hours  },
    [PRACTICE_GOVERNOR] =
        {{"governor", N_("Clocks that never fall"),
          N_("EU Code of Conduct for Energy Efficiency in Data Centres, power management features"),
          N_("cpupower frequency-set -g powersave (intel_pstate, amd-pstate) or schedutil; watch "
             "latency"),
          N_("the governors of this moment"),
          N_("whether clocks fall all the same (some drivers do under performance), and whether "
             "latency asks for it")},
                             judge_governor   },
    [PRACTICE_IDLE_STATES] =
        {{"idle-states", N_("Processors that may not sleep"),
          N_("EU Code of Conduct for Energy Efficiency in Data Centres, power management features"),
          N_("cpupower idle-set -E; take idle=poll and max_cstate= from the kernel's command line; "
             "allow C-states in the firmware"),
          N_("the idle states of this moment, and the kernel's command line"),
          N_("idle states that the firmware hides, and whether latency asks for it")},
                             judge_idle_states},
    [PRACTICE_POWER_SUPPLY] =
        {{"power-supply", N_("Power supplies that lose much"),
          N_("Regulation (EU) 2019/424, Annex II, asks for minima by load and kind; the threshold "
             "here "
             "is [advise] psu_efficiency"),
          N_("run one of two redundant supplies in standby where the firmware allows; replace it "
             "by a "
             "more efficient one"),
          N_("the sensors of this moment"), N_("other loads than that of this moment")},
                             judge_psu        },
    [PRACTICE_LIFE] =
        {{"life", N_("Retired before its time"), N_("RGESN 8.2 (more than 8 years)"),
          N_("plan a later end: planned_end= or life= in [asset]; give it to re-use (later_use=)"),
          N_("the dates of [asset]"),
          N_("whether a successor would use so much less energy that manufacturing it pays")},
                             judge_life       },
};

const struct practice_info *practice_info(enum practice_id id)
{
    return &practices[id].info;
}

size_t practices_judge(const struct practice_evidence *evidence,
                       const struct practice_limits *limits,
                       struct practice_result results[PRACTICE_RESULTS_MAX])
{
    size_t n = 0;
    for (int id = 0; id < PRACTICES; id++) {
        results[n] = (struct practice_result){.id = (enum practice_id)id, .why = ""};
        n += practices[id].judge(evidence, limits, &results[n]);
    }
    return n;
}
