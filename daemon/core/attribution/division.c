/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/attribution/division.h"

#include <math.h>

#include "core/attribution/uncertainty.h"

static const uint32_t unknown_workload = 1 << 12 | RING_WORKLOAD_UNATTRIBUTED;

/* Where CPU time alone divides, workloads differ by a standard deviation of 35 % in what they take
 * per CPU-second (the estimator's prior). */
static const uint64_t unlearned_ppm = 686000;

/* Bits of a time that its weight may have: 16 more are the watts', and one frame's sum of both must
 * stay below 2^63. */
enum { TIME_BITS = 46, SHARE_ONE = 1 << 16 };

/* Watts that one more busy CPU costs: mean and standard deviation of the prior. Of 619 published
 * SPECpower_ssj2008 results (wall power), (P at 100 % - P at idle) / threads has a median of 6.0 W
 * and lies between 2.2 and 11.7 W for 80 %; a package meter sees less than the wall. Memory takes
 * about a tenth of that (RAPL dram against package on the two-socket server of docs/model.md). */
static struct estimator_prior prior_of(enum domain_kind kind)
{
    if (kind == DOMAIN_DRAM)
        return (struct estimator_prior){.slope_w = 0.5, .slope_sd_w = 0.5};
    return (struct estimator_prior){.slope_w = 5, .slope_sd_w = 3};
}

void division_forget(struct division *division, size_t number)
{
    if (division->domains[number])
        estimator_done(&division->domains[number]->estimator);
    free(division->domains[number]);
    division->domains[number] = NULL;
}

void division_done(struct division *division)
{
    for (size_t i = 0; i < TOPOLOGY_DOMAINS_MAX; i++)
        division_forget(division, i);
}

/* Once for each domain that appears. NULL: no memory, or not to be learned. */
static struct division_domain *get_domain(struct division *division, size_t number,
                                          const struct domain_energy *domain)
{
    if (division->domains[number])
        return division->domains[number];
    struct division_domain *new = calloc(1, sizeof(*new));
    struct estimator_prior prior = prior_of(domain->kind);
    if (new &&estimator_init(&new->estimator, &prior) < 0) {
        free(new);
        new = NULL;
    }
    if (new) {
        const struct learned_domain *known =
            division->recalled
                ? learned_find(division->recalled, domain->name, (uint32_t)domain->source)
                : NULL;
        if (known)
            estimator_recall(&new->estimator, known);
    }
    division->domains[number] = new;
    return new;
}

/* ---- From one daemon to the next ---- */

void division_recall(struct division *division, const struct learned *learned)
{
    division->recalled = learned;
}

void division_name(struct division *division, uint32_t slot, const struct workload *workload)
{
    if (slot < RING_WORKLOADS_MAX)
        division->keys[slot] = workload->generation ? learned_key(workload) : 0;
}

/* A name that is no single word could not be read back. */
static bool is_word(const char *name)
{
    return name[0] != '\0' && strpbrk(name, " \t\n\v\f\r") == NULL;
}

void division_keep(const struct division *division, const struct topology_result *topology,
                   struct learned *ret)
{
    ret->n_domains = 0;
    for (size_t i = 0; i < topology->n_domains && ret->n_domains < LEARNED_DOMAINS_MAX; i++) {
        const struct domain_energy *domain = &topology->domains[i];
        struct learned_domain *kept = &ret->domains[ret->n_domains];
        if (!division->domains[i] || !is_word(domain->name) ||
            !estimator_keep(&division->domains[i]->estimator, kept))
            continue;
        (void)str_copy(kept->name, sizeof(kept->name), domain->name);
        kept->source = (uint32_t)domain->source;
        ret->n_domains++;
    }
}

/* ---- A frame ---- */

void division_begin(struct division *division, const struct division_frame *frame)
{
    packages_fit(&division->packages, frame->busy, frame->activities, frame->n_activities,
                 frame->unknown_ns);
    /* A saturated sum would be too small for what is divided by it. */
    struct wide time_ns = wide_of(frame->unknown_ns);
    for (size_t i = 0; i < frame->n_activities; i++)
        time_ns = wide_add(time_ns, wide_of(activity_time_ns(&frame->activities[i])));
    unsigned bits = wide_bits(time_ns);
    division->shift = bits > TIME_BITS ? bits - TIME_BITS : 0;
}

/* ---- Loads ---- */

static void add_load(struct division *division, uint32_t workload, double time_ns)
{
    uint16_t *place = &division->load_of[ring_workload_slot(workload) % RING_WORKLOADS_MAX];
    if (*place == 0) {
        division->loads[division->n_loads] = (struct estimator_load){
            .workload = workload,
            .key = division->keys[ring_workload_slot(workload) % RING_WORKLOADS_MAX]};
        division->load_ns[division->n_loads] = 0;
        *place = (uint16_t)++division->n_loads;
    }
    division->load_ns[*place - 1] += time_ns;
}

/* The busy CPUs of each workload on one package. Returns those of all. */
static double fill_loads(struct division *division, const struct division_frame *frame,
                         int32_t package, double elapsed_ns)
{
    memset(division->load_of, 0, sizeof(division->load_of));
    division->n_loads = 0;
    for (size_t i = 0; i < frame->n_activities; i++) {
        const struct activity *activity = &frame->activities[i];
        double time_ns = (double)activity_time_ns(activity);
        add_load(division, activity->workload,
                 time_ns * packages_share(&division->packages, activity, package));
    }
    if (frame->unknown_ns > 0)
        add_load(division, unknown_workload,
                 (double)frame->unknown_ns * packages_share(&division->packages, NULL, package));
    double busy_cpus = 0;
    for (size_t i = 0; i < division->n_loads; i++) {
        division->loads[i].cpus = division->load_ns[i] / elapsed_ns;
        busy_cpus += division->loads[i].cpus;
    }
    return busy_cpus;
}

static uint32_t cpus_of(const struct busy *busy, int32_t package)
{
    if (package < 0 || busy->packages < 2 || package >= (int32_t)MIN(busy->packages, PACKAGES_MAX))
        return busy->cpus;
    return busy->package_cpus[package];
}

/* ---- Weights ---- */

static uint16_t code_of(double uncertainty)
{
    return (uint16_t)uncertainty_set(0, 0, (uint64_t)(fmin(uncertainty, 40) * (double)PPM));
}

static void take_weights(struct division *division, struct division_domain *own)
{
    double most = 0;
    for (size_t i = 0; i < division->n_loads; i++)
        most = fmax(most, division->loads[i].weight);
    for (size_t i = 0; i < division->n_loads; i++) {
        const struct estimator_load *load = &division->loads[i];
        uint32_t slot = ring_workload_slot(load->workload) % RING_WORKLOADS_MAX;
        double weight = most > 0 ? load->weight / most * UINT16_MAX : UINT16_MAX;
        own->weights[slot] = (uint16_t)fmin(fmax(weight, 1), UINT16_MAX);
        own->codes[slot] = code_of(load->uncertainty);
    }
}

uint64_t division_domain(struct division *division, const struct division_frame *frame,
                         size_t number, const struct domain_energy *domain, uint64_t energy_uj)
{
    division->apart[number] = domain->kind == DOMAIN_GPU;
    if (division->apart[number])
        return 0;
    if (domain->source == SOURCE_MODEL)
        return MIN(domain->idle_uj, energy_uj); /* unknown is all */
    struct division_domain *own = get_domain(division, number, domain);
    if (!own)
        return energy_uj; /* nobody's, rather than anybody's */
    uint64_t elapsed_ns = frame->busy->elapsed_ns ? frame->busy->elapsed_ns : domain->interval_ns;
    own->learned = false;
    own->package = domain->package;
    if (elapsed_ns == 0)
        return energy_uj;
    double busy_cpus = fill_loads(division, frame, own->package, (double)elapsed_ns);
    struct estimator_tick tick = {.energy_j = (double)energy_uj / (double)UJ_PER_J,
                                  .dt_s = (double)domain->interval_ns / (double)NS_PER_S,
                                  .busy_cpus = busy_cpus,
                                  .elapsed_s = (double)elapsed_ns / (double)NS_PER_S,
                                  .cpus = cpus_of(frame->busy, own->package),
                                  .loads = division->loads,
                                  .n_loads = division->n_loads};
    struct estimator_answer answer;
    estimator_tick(&own->estimator, &tick, &answer);
    own->learned = true;
    take_weights(division, own);
    own->idle_code = code_of(answer.idle_uncertainty);
    double idle_uj = fmax(answer.idle_j, 0) * (double)UJ_PER_J;
    return idle_uj < (double)energy_uj ? MIN((uint64_t)idle_uj, energy_uj) : energy_uj;
}

uint64_t division_weight(const struct division *division, size_t number,
                         const struct activity *activity, uint64_t time_ns)
{
    const struct division_domain *own = division->domains[number];
    uint64_t time = time_ns >> division->shift;
    if (division->apart[number])
        return 0;
    if (!own)
        return time;
    double share = packages_share(&division->packages, activity, own->package);
    time = mul_div(time, (uint64_t)(share * SHARE_ONE), SHARE_ONE);
    uint32_t workload = activity ? activity->workload : unknown_workload;
    return own->learned ? time * own->weights[ring_workload_slot(workload) % RING_WORKLOADS_MAX]
                        : time;
}

uint32_t division_code(const struct division *division, size_t number, uint32_t workload)
{
    const struct division_domain *own = division->domains[number];
    uint32_t slot = ring_workload_slot(workload) % RING_WORKLOADS_MAX;
    if (division->apart[number]) /* not split */
        return 0;
    if (!own) /* a model states its idle part: its own band speaks for that */
        return slot == RING_WORKLOAD_IDLE ? 0 : uncertainty_set(0, 0, unlearned_ppm);
    if (!own->learned)
        return 0;
    return slot == RING_WORKLOAD_IDLE ? own->idle_code : own->codes[slot];
}
