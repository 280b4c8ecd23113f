/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "report/report_bucket.h"

#include "core/attribution/split.h"
#include "greend/units.h"

void bucket_free(struct report_bucket *bucket)
{
    if (!bucket)
        return;
    free(bucket->parts);
    free(bucket->holders);
    free(bucket->domains);
    free(bucket);
}

void bucket_clear(struct report_bucket *bucket, int64_t begin_s)
{
    bucket->begin_s = begin_s;
    bucket->n_parts = 0;
    bucket->n_domains = 0;
    bucket->n_holders = 0;
    bucket->covered_ns = bucket->memory_ns = bucket->weight_ns = 0;
}

/* Room for one more member. */
static int grow(void **array, size_t *capacity, size_t count, size_t member)
{
    if (count < *capacity)
        return 0;
    size_t more = *capacity ? 2 * *capacity : 64;
    void *larger = reallocarray(*array, more, member);
    if (!larger)
        return -ENOMEM;
    *array = larger;
    *capacity = more;
    return 0;
}

static bool is_domain(const struct bucket_domain *domain, const struct ring_domain_entry *entry)
{
    return domain->source == entry->source && domain->kind == entry->kind &&
           strncmp(domain->name, entry->name, sizeof(domain->name)) == 0;
}

/* The place of a domain, made where there is none. */
static int find_domain(struct report_bucket *bucket, const struct ring_domain_entry *entry,
                       size_t *ret_place)
{
    for (size_t i = 0; i < bucket->n_domains; i++) {
        if (is_domain(&bucket->domains[i], entry)) {
            *ret_place = i;
            return 0;
        }
    }
    int r = grow((void **)&bucket->domains, &bucket->domains_capacity, bucket->n_domains,
                 sizeof(*bucket->domains));
    if (r < 0)
        return r;
    struct bucket_domain *domain = &bucket->domains[bucket->n_domains];
    *domain = (struct bucket_domain){.source = entry->source, .kind = entry->kind};
    memcpy(domain->name, entry->name, sizeof(domain->name));
    *ret_place = bucket->n_domains++;
    return 0;
}

int bucket_add(struct report_bucket *bucket, const struct store_usage *usage,
               struct report_row *row, const struct report_sum *sum)
{
    size_t domain = 0;
    int r = find_domain(bucket, usage->domain, &domain);
    if (r == 0)
        r = grow((void **)&bucket->parts, &bucket->parts_capacity, bucket->n_parts,
                 sizeof(*bucket->parts));
    if (r == 0)
        bucket->parts[bucket->n_parts++] =
            (struct bucket_part){row, domain, usage->workload->kind, *sum};
    return r;
}

int bucket_add_holder(struct report_bucket *bucket, const struct store_usage *usage,
                      struct report_row *row)
{
    int r = grow((void **)&bucket->holders, &bucket->holders_capacity, bucket->n_holders,
                 sizeof(*bucket->holders));
    if (r == 0)
        bucket->holders[bucket->n_holders++] = (struct bucket_holder){
            row, usage->workload->kind, usage->memory_kib_s, usage->weight_ppb_s};
    return r;
}

int bucket_add_share(struct report_bucket *bucket, const struct bucket_holder *holder,
                     size_t domain, const struct report_sum *share)
{
    int r = grow((void **)&bucket->parts, &bucket->parts_capacity, bucket->n_parts,
                 sizeof(*bucket->parts));
    if (r == 0)
        bucket->parts[bucket->n_parts++] =
            (struct bucket_part){holder->row, domain, holder->kind, *share};
    return r;
}

int bucket_add_whole(struct report_bucket *bucket, const struct store_usage *usage)
{
    size_t place = 0;
    int r = find_domain(bucket, usage->domain, &place);
    if (r < 0)
        return r;
    struct bucket_domain *domain = &bucket->domains[place];
    domain->uncertainty_uj = add_saturated(domain->uncertainty_uj, usage->uncertainty_uj);
    domain->banded = true;
    return 0;
}

/* What all idle parts of a domain hold, and what the others do; the idle ones are emptied. false:
 * there is nobody to give to, or more than can be told, and nothing was changed. */
static bool take_idle(struct report_bucket *bucket, size_t domain, struct report_sum *ret_idle,
                      uint64_t *ret_weight)
{
    struct report_sum idle = {0};
    uint64_t weight = 0;
    for (size_t i = 0; i < bucket->n_parts; i++) {
        const struct bucket_part *part = &bucket->parts[i];
        if (part->domain == domain && part->kind == WORKLOAD_IDLE)
            report_sum_add(&idle, &part->sum);
        else if (part->domain == domain)
            weight = add_saturated(weight, part->sum.energy_uj);
    }
    if (weight == 0 || idle.energy_uj > UINT64_MAX - weight || idle.energy_uj == 0)
        return false;
    for (size_t i = 0; i < bucket->n_parts; i++)
        if (bucket->parts[i].domain == domain && bucket->parts[i].kind == WORKLOAD_IDLE)
            bucket->parts[i].sum = (struct report_sum){0};
    *ret_idle = idle;
    *ret_weight = weight;
    return true;
}

/* A share is as unsure as the idle energy is, and as the part that it goes by. */
static void give(struct bucket_part *part, uint64_t share_uj, uint64_t half_uj, bool modelled,
                 bool stated)
{
    struct report_sum *sum = &part->sum;
    if (stated && sum->unstated_uj == 0) {
        uint64_t own_uj = mul_div(share_uj, sum->uncertainty_uj, sum->energy_uj);
        sum->uncertainty_uj = add_saturated(sum->uncertainty_uj, add_saturated(half_uj, own_uj));
    } else {
        sum->unstated_uj += share_uj;
    }
    sum->energy_uj += share_uj;
    sum->idle_uj += share_uj;
    sum->modelled_uj += modelled ? share_uj : 0;
    sum->unattributed_uj += part->kind == WORKLOAD_UNATTRIBUTED ? share_uj : 0;
}

void bucket_share_idle(struct report_bucket *bucket)
{
    for (size_t domain = 0; domain < bucket->n_domains; domain++) {
        struct report_sum idle;
        uint64_t weight = 0;
        if (!take_idle(bucket, domain, &idle, &weight))
            continue;
        struct split energies = split_begin(idle.energy_uj, weight);
        struct split halves = split_begin(idle.uncertainty_uj, weight);
        for (size_t i = 0; i < bucket->n_parts; i++) {
            struct bucket_part *part = &bucket->parts[i];
            if (part->domain != domain || part->kind == WORKLOAD_IDLE || part->sum.energy_uj == 0)
                continue;
            uint64_t own_uj = part->sum.energy_uj;
            uint64_t share_uj = split_next(&energies, own_uj);
            uint64_t half_uj = split_next(&halves, own_uj);
            give(part, share_uj, half_uj, idle.modelled_uj > 0, idle.unstated_uj == 0);
        }
    }
}

struct report_sum bucket_whole(const struct report_bucket *bucket, size_t domain)
{
    const struct bucket_domain *whole = &bucket->domains[domain];
    struct report_sum sum = {0};
    for (size_t i = 0; i < bucket->n_parts; i++)
        if (bucket->parts[i].domain == domain)
            report_sum_add(&sum, &bucket->parts[i].sum);
    /* Of an older greend: the parts are as sure as the meter. */
    if (!whole->banded || sum.energy_uj == 0)
        return sum;
    bool stated = whole->uncertainty_uj != UINT64_MAX;
    sum.uncertainty_uj = stated ? whole->uncertainty_uj : 0;
    sum.unstated_uj = stated ? 0 : sum.energy_uj;
    return sum;
}
