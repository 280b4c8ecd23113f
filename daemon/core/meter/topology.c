/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/meter/topology.h"

#include "greend/units.h"

/* The meters of one tick are read within this. */
#define SKEW_NS (10 * NS_PER_MS)

/* A meter without a new reading for longer than this gives nothing. */
#define SILENT_NS (120 * NS_PER_S)

#define DOMAIN_REFUSED UINT8_MAX

void topology_init(struct topology *topology)
{
    memset(topology, 0, sizeof(*topology));
}

static void report(struct topology_result *ret, enum topology_event_kind kind, size_t domain)
{
    if (ret->n_events < TOPOLOGY_EVENTS_MAX)
        ret->events[ret->n_events++] = (struct topology_event){kind, domain};
}

/* ---- Meters to domains ---- */

static size_t find_domain(struct topology *topology, const struct meter *meter)
{
    size_t i = 0;
    for (; i < topology->n_domains; i++) {
        const struct topology_domain *domain = &topology->domains[i];
        if (domain->source == meter->source && str_equal(domain->name, meter->domain))
            break;
    }
    return i;
}

/* The place of a domain whose meters are gone, or TOPOLOGY_DOMAINS_MAX. */
static size_t find_gone(const struct topology *topology)
{
    size_t gone = TOPOLOGY_DOMAINS_MAX;
    for (size_t i = 0; i < topology->n_domains; i++) {
        const struct topology_domain *domain = &topology->domains[i];
        bool is_sum = topology->sum.mode >= TOPOLOGY_PLATFORM && topology->sum.domain == i;
        bool is_next = topology->next.mode >= TOPOLOGY_PLATFORM && topology->next.domain == i;
        if (!domain->held && !is_sum && !is_next &&
            (gone == TOPOLOGY_DOMAINS_MAX || domain->ticked < topology->domains[gone].ticked))
            gone = i;
    }
    return gone;
}

/* Begins a domain. Meters that were of another one in its place get a domain anew when they are
 * back. */
static void begin_domain(struct topology *topology, size_t index, const struct meter *meter,
                         struct topology_result *ret)
{
    for (size_t i = 0; i < METERS_MAX; i++)
        if (topology->domain_of[i] == index + 1)
            topology->domain_of[i] = 0;
    struct topology_domain *domain = &topology->domains[index];
    *domain = (struct topology_domain){
        .kind = meter->kind, .source = meter->source, .package = meter->package};
    (void)str_copy(domain->name, sizeof(domain->name), meter->domain);
    ret->domains[index] = (struct domain_energy){.begun = true};
    topology->n_domains = MAX(topology->n_domains, index + 1);
}

/* Gives a new meter its domain, and a die its place there. */
static void assign(struct topology *topology, const struct meter *meter, uint16_t number,
                   struct topology_result *ret)
{
    size_t index = find_domain(topology, meter);
    bool is_new = index == topology->n_domains;
    bool is_die = meter->die >= 0;
    if (index == TOPOLOGY_DOMAINS_MAX)
        index = find_gone(topology);
    else if (!is_new && !topology->domains[index].held &&
             topology->domains[index].n_dies == DIES_MAX)
        is_new = true; /* dies of other names before: all of them are gone */
    if (index == TOPOLOGY_DOMAINS_MAX ||
        (!is_new && is_die && topology->domains[index].n_dies == DIES_MAX)) {
        if (topology->domain_of[number] != DOMAIN_REFUSED)
            report(ret, TOPOLOGY_DOMAINS_FULL, 0);
        topology->domain_of[number] = DOMAIN_REFUSED;
        ret->n_refused++;
        return;
    }
    if (is_new)
        begin_domain(topology, index, meter, ret);
    struct topology_domain *domain = &topology->domains[index];
    domain->held = true;
    topology->domain_of[number] = (uint8_t)(index + 1);
    topology->die_of[number] = is_die ? (uint8_t)++domain->n_dies : 0;
}

/* Widens the time that the domain's energy was used in. */
static void add_interval(struct topology_domain *domain, struct domain_energy *energy,
                         uint64_t end_ns, uint64_t elapsed_ns)
{
    if (elapsed_ns == 0)
        return;
    uint64_t begin_ns = sub_saturated(end_ns, elapsed_ns);
    domain->begin_ns = domain->end_ns ? MIN(domain->begin_ns, begin_ns) : begin_ns;
    domain->end_ns = MAX(domain->end_ns, end_ns);
    energy->interval_ns = MAX(energy->interval_ns, elapsed_ns);
}

static void add_energy(struct topology_domain *domain, struct domain_energy *energy,
                       const struct meter_delta *delta)
{
    const struct counter_delta *counter = &delta->counter;
    energy->energy_uj = add_saturated(energy->energy_uj, counter->energy_uj);
    energy->gap_ns = MAX(energy->gap_ns, counter->gap_ns);
    if (counter->idle_uj != COUNTER_IDLE_UNKNOWN)
        energy->idle_uj = energy->idle_uj == COUNTER_IDLE_UNKNOWN
                              ? counter->idle_uj
                              : add_saturated(energy->idle_uj, counter->idle_uj);
    add_interval(domain, energy, delta->time_ns, counter->elapsed_ns);
}

static void add_die(struct topology_domain *domain, size_t die, const struct meter_delta *delta)
{
    const struct counter_delta *counter = &delta->counter;
    domain->readings[die] = (struct dies_reading){
        .given = counter->elapsed_ns > 0,
        .energy_uj = counter->energy_uj,
        .elapsed_ns = counter->elapsed_ns,
    };
    domain->gaps_ns[die] = counter->gap_ns;
    domain->ends_ns[die] = delta->time_ns;
}

static void take_meter(struct topology *topology, const struct meter *meter,
                       const struct meter_delta *delta, uint64_t now_ns,
                       struct topology_result *ret)
{
    if (delta->meter >= METERS_MAX)
        return;
    if (topology->domain_of[delta->meter] == 0 ||
        topology->domain_of[delta->meter] == DOMAIN_REFUSED)
        assign(topology, meter, delta->meter, ret);
    if (topology->domain_of[delta->meter] == DOMAIN_REFUSED)
        return;
    size_t index = topology->domain_of[delta->meter] - 1U;
    struct topology_domain *domain = &topology->domains[index];
    struct domain_energy *energy = &ret->domains[index];
    if (!energy->present) {
        energy->idle_uj = COUNTER_IDLE_UNKNOWN;
        domain->stated = true;
    }
    energy->present = true;
    if (domain->package != meter->package)
        domain->package = -1;
    domain->ticked = topology->ticks;
    domain->stated = domain->stated && meter->uncertainty_ppm > 0;
    energy->uncertainty_ppm = MAX(energy->uncertainty_ppm, meter->uncertainty_ppm);
    if (delta->error)
        energy->error = delta->error;
    else if (now_ns - delta->time_ns <= SILENT_NS)
        domain->giving = true;
    if (topology->die_of[delta->meter])
        add_die(domain, topology->die_of[delta->meter] - 1U, delta);
    else
        add_energy(domain, energy, delta);
}

static void begin_tick(struct topology *topology, struct topology_result *ret)
{
    memset(ret, 0, sizeof(*ret));
    topology->ticks++;
    for (size_t i = 0; i < topology->n_domains; i++) {
        struct topology_domain *domain = &topology->domains[i];
        memset(domain->readings, 0, sizeof(domain->readings));
        memset(domain->gaps_ns, 0, sizeof(domain->gaps_ns));
        domain->begin_ns = domain->end_ns = 0;
        domain->held = false;
        domain->giving = false;
    }
}

/* Finds which domains have a meter in this tick, before any new meter asks for room. */
static void hold_domains(struct topology *topology, const struct meter_delta *deltas, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (deltas[i].meter >= METERS_MAX)
            continue;
        uint8_t *domain = &topology->domain_of[deltas[i].meter];
        if (deltas[i].begun)
            *domain = 0;
        if (*domain != 0 && *domain != DOMAIN_REFUSED)
            topology->domains[*domain - 1].held = true;
    }
}

static void take_meters(struct topology *topology, const struct meter_set *set,
                        const struct meter_delta *deltas, struct topology_result *ret)
{
    size_t count = MIN(set->count, METERS_MAX);
    uint64_t now_ns = 0;
    for (size_t i = 0; i < count; i++)
        now_ns = MAX(now_ns, deltas[i].time_ns);
    hold_domains(topology, deltas, count);
    for (size_t i = 0; i < count; i++)
        take_meter(topology, &set->meters[i], &deltas[i], now_ns, ret);
    ret->n_domains = topology->n_domains;
}

/* ---- What domains are ---- */

static bool is_part(const struct topology_domain *domain)
{
    return domain->source != SOURCE_MODEL &&
           (domain->kind == DOMAIN_PACKAGE || domain->kind == DOMAIN_DRAM ||
            domain->kind == DOMAIN_GPU);
}

static bool is_platform(const struct topology_domain *domain)
{
    return domain->source != SOURCE_MODEL &&
           (domain->kind == DOMAIN_PLATFORM || domain->kind == DOMAIN_PSYS);
}

static bool is_model(const struct topology_domain *domain)
{
    return domain->source == SOURCE_MODEL && domain->kind == DOMAIN_PLATFORM;
}

static bool belongs(const struct topology_sum *sum, const struct topology_domain *domain,
                    size_t index)
{
    switch (sum->mode) {
    case TOPOLOGY_PARTS:
        return is_part(domain) || domain->kind == DOMAIN_REST;
    case TOPOLOGY_PLATFORM:
    case TOPOLOGY_MODEL:
        return index == sum->domain;
    case TOPOLOGY_NOTHING:
        break;
    }
    return false;
}

/* ---- Dies ---- */

static void close_dies(struct topology *topology, size_t index, uint32_t busy_ppm,
                       struct topology_result *ret)
{
    struct topology_domain *domain = &topology->domains[index];
    struct domain_energy *energy = &ret->domains[index];
    struct dies_booking booking = {.energy_uj = domain->readings[0].energy_uj};
    if (domain->n_dies > 1)
        booking = dies_book(&domain->dies, domain->readings, domain->n_dies, busy_ppm,
                            belongs(&topology->sum, domain, index));
    energy->energy_uj = add_saturated(energy->energy_uj, booking.energy_uj);
    energy->late_uj = booking.late_uj;
    bool all = domain->dies.verdict == DIES_DISTINCT;
    for (size_t i = 0; i < domain->n_dies; i++) {
        if (!all && i != booking.leader)
            continue;
        add_interval(domain, energy, domain->ends_ns[i], domain->readings[i].elapsed_ns);
        energy->gap_ns = MAX(energy->gap_ns, domain->gaps_ns[i]);
    }
    if (booking.changed)
        report(ret, all ? TOPOLOGY_DIES_DISTINCT : TOPOLOGY_DIES_MIRRORED, index);
}

static void close_domains(struct topology *topology, uint32_t busy_ppm, struct topology_result *ret)
{
    for (size_t i = 0; i < topology->n_domains; i++) {
        struct topology_domain *domain = &topology->domains[i];
        struct domain_energy *energy = &ret->domains[i];
        if (domain->n_dies > 0)
            close_dies(topology, i, busy_ppm, ret);
        (void)str_copy(energy->name, sizeof(energy->name), domain->name);
        energy->kind = domain->kind;
        energy->source = domain->source;
        energy->package = domain->package;
        if (!domain->stated)
            energy->uncertainty_ppm = 0;
        if (!energy->present)
            energy->idle_uj = COUNTER_IDLE_UNKNOWN;
    }
}

/* ---- What is summed ---- */

static bool parts_give(const struct topology *topology)
{
    for (size_t i = 0; i < topology->n_domains; i++)
        if (is_part(&topology->domains[i]) && topology->domains[i].giving)
            return true;
    return false;
}

static bool gives(const struct topology *topology, const struct topology_sum *sum)
{
    switch (sum->mode) {
    case TOPOLOGY_PARTS:
        return parts_give(topology);
    case TOPOLOGY_PLATFORM:
    case TOPOLOGY_MODEL:
        return topology->domains[sum->domain].giving;
    case TOPOLOGY_NOTHING:
        break;
    }
    return false;
}

/* The usable platform meter that sees most of the machine: PLATFORM before PSYS. */
static struct topology_sum best_platform(const struct topology *topology)
{
    bool alone = !parts_give(topology);
    struct topology_sum best = {TOPOLOGY_NOTHING, 0};
    for (size_t i = 0; i < topology->n_domains; i++) {
        const struct topology_domain *domain = &topology->domains[i];
        enum platform_verdict verdict = domain->platform.verdict;
        if (!is_platform(domain) || !domain->giving || verdict == PLATFORM_REFUSED)
            continue;
        if (verdict == PLATFORM_UNJUDGED && !alone)
            continue;
        if (best.mode == TOPOLOGY_NOTHING || domain->kind < topology->domains[best.domain].kind)
            best = (struct topology_sum){TOPOLOGY_PLATFORM, i};
    }
    return best;
}

/* What should be summed now; the present choice where nothing can be read. */
static struct topology_sum desired(const struct topology *topology)
{
    struct topology_sum platform = best_platform(topology);
    if (platform.mode != TOPOLOGY_NOTHING)
        return platform;
    if (parts_give(topology))
        return (struct topology_sum){TOPOLOGY_PARTS, 0};
    for (size_t i = 0; i < topology->n_domains; i++)
        if (is_model(&topology->domains[i]) && topology->domains[i].giving)
            return (struct topology_sum){TOPOLOGY_MODEL, i};
    return topology->sum;
}

static bool sum_equal(const struct topology_sum *a, const struct topology_sum *b)
{
    return a->mode == b->mode && a->domain == b->domain;
}

/* Makes a planned change, or one that cannot wait: what was summed so far gives nothing. The others
 * then stand in within this very tick, since their deltas begin where the last tick ended. */
static void switch_sum(struct topology *topology, struct topology_result *ret)
{
    struct topology_sum want = desired(topology);
    if (sum_equal(&want, &topology->sum))
        return;
    if (gives(topology, &topology->sum) && !sum_equal(&want, &topology->next))
        return;
    topology->sum = want;
    topology->floor_ns = topology->covered_ns;
    topology->changed = true;
    size_t first = topology->n_domains;
    for (size_t i = topology->n_domains; i-- > 0;) {
        if (belongs(&want, &topology->domains[i], i))
            first = i;
    }
    report(ret, TOPOLOGY_SUM_CHANGED, first);
}

static bool delivers(const struct topology *topology, const struct topology_sum *sum,
                     const struct topology_result *ret)
{
    for (size_t i = 0; i < topology->n_domains; i++)
        if (belongs(sum, &topology->domains[i], i) && ret->domains[i].interval_ns > 0)
            return true;
    return false;
}

/* A change waits for a tick in which both the old and the new meters were read: the old one's time
 * ends there, the new one's begins. */
static void plan_sum(struct topology *topology, const struct topology_result *ret)
{
    struct topology_sum want = desired(topology);
    bool ready = delivers(topology, &topology->sum, ret) && delivers(topology, &want, ret);
    topology->next = ready ? want : topology->sum;
}

/* ---- Verdicts over platform meters ---- */

static void judge_platforms(struct topology *topology, struct topology_result *ret)
{
    uint64_t reference_uj = 0;
    bool comparable = parts_give(topology);
    for (size_t i = 0; i < topology->n_domains; i++) {
        const struct domain_energy *energy = &ret->domains[i];
        if (!is_part(&topology->domains[i]))
            continue;
        comparable = comparable && energy->gap_ns == 0;
        reference_uj = add_saturated(reference_uj, energy->energy_uj);
    }
    for (size_t i = 0; i < topology->n_domains; i++) {
        struct platform *platform = &topology->domains[i].platform;
        struct domain_energy *energy = &ret->domains[i];
        if (!is_platform(&topology->domains[i]))
            continue;
        if (!comparable || energy->gap_ns > 0)
            platform_restart(platform);
        else if (platform_judge(platform, energy->energy_uj, energy->interval_ns, reference_uj))
            report(ret,
                   platform->verdict == PLATFORM_BELIEVED ? TOPOLOGY_PLATFORM_BELIEVED
                                                          : TOPOLOGY_PLATFORM_REFUSED,
                   i);
        energy->verdict = platform->verdict;
    }
}

/* ---- A tick ---- */

/* Marks the domains that are the host's energy in this tick, and finds what a change left out. */
static void mark_sum(struct topology *topology, struct topology_result *ret)
{
    uint64_t first_ns = UINT64_MAX;
    for (size_t i = 0; i < topology->n_domains; i++) {
        const struct topology_domain *domain = &topology->domains[i];
        struct domain_energy *energy = &ret->domains[i];
        if (!energy->present || !belongs(&topology->sum, domain, i))
            continue;
        energy->summed = energy->interval_ns == 0 ||
                         add_saturated(domain->begin_ns, SKEW_NS) >= topology->floor_ns;
        if (!energy->summed || energy->interval_ns == 0)
            continue;
        first_ns = MIN(first_ns, domain->begin_ns);
        topology->covered_ns = MAX(topology->covered_ns, domain->end_ns);
    }
    if (!topology->changed || first_ns == UINT64_MAX)
        return;
    topology->changed = false;
    uint64_t gap_ns = sub_saturated(first_ns, topology->floor_ns);
    if (topology->floor_ns > 0 && gap_ns > SKEW_NS)
        ret->gap_ns = gap_ns;
}

void topology_update(struct topology *topology, const struct meter_set *set,
                     const struct meter_delta *deltas, uint32_t busy_ppm,
                     struct topology_result *ret)
{
    begin_tick(topology, ret);
    take_meters(topology, set, deltas, ret);
    switch_sum(topology, ret);
    close_domains(topology, busy_ppm, ret);
    judge_platforms(topology, ret);
    mark_sum(topology, ret);
    plan_sum(topology, ret);
}
