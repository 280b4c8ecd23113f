/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Idle energy as theirs who reserved memory and CPUs. Pure. */

#include "core/attribution/split.h"
#include "greend/units.h"
#include "report/report_bucket.h"

/* Readings come once a minute, and each speaks for the time before it: at the edges of a span so
 * much may be missing without anything being unknown. */
#define EDGES_NS (120 * NS_PER_S)

/* What a domain's idle energy goes by: a processor is there for those who may use it, memory for
 * those who hold it, a whole machine and what no meter covers for both alike. Nothing is known of
 * who reserves accelerators. */
static const struct rule {
    bool memory, weight;
} rules[DOMAIN_KINDS] = {
    [DOMAIN_PLATFORM] = {true,  true },
      [DOMAIN_PSYS] = {true,  true },
      [DOMAIN_REST] = {true,  true },
    [DOMAIN_PACKAGE] = {false, true },
      [DOMAIN_DRAM] = {true,  false},
};

/* One way of dividing: an amount, over the holders. */
struct way {
    bool memory; /* by memory; false: by CPU weight */
    unsigned shift;
    struct split split;
};

static uint64_t held(const struct bucket_holder *holder, bool memory)
{
    return memory ? holder->memory_kib_s : holder->weight_ppb_s;
}

/* The part of an amount that an owner is known for: that of the known time. */
static uint64_t known_part(uint64_t amount, uint64_t known_ns, uint64_t covered_ns)
{
    if (known_ns == 0 || covered_ns == 0)
        return 0;
    if (add_saturated(known_ns, EDGES_NS) >= covered_ns)
        return amount;
    return mul_div(amount, known_ns, covered_ns);
}

static struct way begin_way(const struct report_bucket *bucket, bool memory, uint64_t amount)
{
    struct way way = {.memory = memory};
    struct wide all = wide_of(0);
    for (size_t i = 0; i < bucket->n_holders; i++)
        all = wide_add(all, wide_of(held(&bucket->holders[i], memory)));
    way.shift = wide_bits(all) > 64 ? wide_bits(all) - 64 : 0;
    /* Of shifted parts, so that their sum is theirs. */
    uint64_t weight = 0;
    for (size_t i = 0; i < bucket->n_holders; i++)
        weight += held(&bucket->holders[i], memory) >> way.shift;
    uint64_t known_ns = memory ? bucket->memory_ns : bucket->weight_ns;
    way.split = split_begin(known_part(amount, known_ns, bucket->covered_ns), weight);
    return way;
}

static uint64_t next_share(struct way *way, const struct bucket_holder *holder)
{
    return split_next(&way->split, held(holder, way->memory) >> way->shift);
}

/* Makes all idle parts of a domain one, and answers its place; n_parts: there are none. */
static size_t gather_idle(struct report_bucket *bucket, size_t domain)
{
    size_t place = bucket->n_parts;
    for (size_t i = 0; i < bucket->n_parts; i++) {
        struct bucket_part *part = &bucket->parts[i];
        if (part->domain != domain || part->kind != WORKLOAD_IDLE)
            continue;
        if (place < i) {
            report_sum_add(&bucket->parts[place].sum, &part->sum);
            part->sum = (struct report_sum){0};
        } else {
            place = i;
        }
    }
    return place;
}

/* Takes a share off idle energy, as unsure as that is. */
static struct report_sum take(struct report_sum *idle, uint64_t share_uj, uint64_t half_uj)
{
    bool modelled = idle->modelled_uj > 0, stated = idle->unstated_uj == 0;
    struct report_sum share = {.energy_uj = share_uj,
                               .idle_uj = share_uj,
                               .modelled_uj = modelled ? share_uj : 0,
                               .uncertainty_uj = stated ? half_uj : 0,
                               .unstated_uj = stated ? 0 : share_uj};
    idle->energy_uj -= share_uj;
    idle->idle_uj = idle->unowned_uj = idle->energy_uj;
    idle->modelled_uj = MIN(idle->modelled_uj, idle->energy_uj);
    idle->unstated_uj = MIN(idle->unstated_uj, idle->energy_uj);
    idle->uncertainty_uj -= half_uj;
    return share;
}

static int divide(struct report_bucket *bucket, size_t domain)
{
    uint32_t kind = bucket->domains[domain].kind;
    struct rule rule = kind < DOMAIN_KINDS ? rules[kind] : (struct rule){0};
    size_t place = gather_idle(bucket, domain);
    if (place == bucket->n_parts)
        return 0;
    struct report_sum idle = bucket->parts[place].sum;
    uint64_t by_memory_uj = rule.memory ? idle.energy_uj / (rule.weight ? 2 : 1) : 0;
    uint64_t by_weight_uj = rule.weight ? idle.energy_uj - by_memory_uj : 0;
    struct way memory = begin_way(bucket, true, by_memory_uj);
    struct way weight = begin_way(bucket, false, by_weight_uj);
    struct split halves = split_begin(idle.uncertainty_uj, idle.energy_uj);
    int r = 0;
    for (size_t i = 0; r == 0 && i < bucket->n_holders; i++) {
        const struct bucket_holder *holder = &bucket->holders[i];
        uint64_t share_uj = next_share(&memory, holder) + next_share(&weight, holder);
        if (share_uj == 0)
            continue;
        struct report_sum share = take(&idle, share_uj, split_next(&halves, share_uj));
        r = bucket_add_share(bucket, holder, domain, &share);
    }
    bucket->parts[place].sum = idle; /* where adding parts may have moved it */
    return r;
}

int bucket_reserve_idle(struct report_bucket *bucket)
{
    int r = 0;
    for (size_t domain = 0; r == 0 && domain < bucket->n_domains; domain++)
        r = divide(bucket, domain);
    return r;
}
