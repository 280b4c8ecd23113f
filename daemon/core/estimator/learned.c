/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/learned.h"

#include <inttypes.h>
#include <math.h>

static const double most_w = 1e6, most_s = 1e9;

enum { LINE_MAX_LENGTH = 200 };

uint64_t learned_key(const struct workload *workload)
{
    uint64_t hash = hash_bytes(HASH_BEGIN, &workload->kind, sizeof(workload->kind));
    hash = hash_bytes(hash, workload->unit, strlen(workload->unit) + 1);
    hash = hash_bytes(hash, workload->command, strlen(workload->command) + 1);
    hash = hash_bytes(hash, workload->user, strlen(workload->user) + 1);
    return hash ? hash : 1;
}

/* ---- Writing ---- */

static void write_domain(const struct learned_domain *domain, struct text *text)
{
    text_format(text, "domain %s %" PRIu32 " %.9g %.9g %.9g\n", domain->name, domain->source,
                domain->level_w, domain->level_variance, domain->slope_w);
    if (domain->switch_high > 0)
        text_format(text, "switch %u %u %.9g\n", domain->switch_low, domain->switch_high,
                    domain->switch_w);
    for (size_t i = 0; i < IDLE_PRIOR_BINS; i++) {
        const struct idle_prior_bin *bin = &domain->idle_prior.bins[i];
        if (bin->weight_s > 0)
            text_format(text, "low %zu %.9g %.9g %.9g\n", i, bin->weight_s, bin->power_w,
                        bin->load);
    }
    for (size_t i = 0; i < domain->n_workloads; i++)
        text_format(text, "workload %016" PRIx64 " %.6g\n", domain->workloads[i].key,
                    domain->workloads[i].usual);
}

void learned_write(const struct learned *learned, struct text *text)
{
    text_clear(text);
    text_format(text, "greend-learned 1\nhardware %016" PRIx64 "\n", learned->hardware);
    for (size_t i = 0; i < learned->n_domains; i++)
        write_domain(&learned->domains[i], text);
    if (text->error == 0)
        text_format(text, "end %016" PRIx64 "\n", hash_bytes(HASH_BEGIN, text->data, text->length));
}

/* ---- Reading ---- */

/* No number is wider than its type: the fields have widths, and a double that is too large is
 * infinite, which is refused.
 * NOLINTBEGIN(cert-err34-c) */

static bool is_within(double value, double least, double most)
{
    return isfinite(value) && value >= least && value <= most;
}

static int read_domain(struct learned *learned, const char *line)
{
    if (learned->n_domains == LEARNED_DOMAINS_MAX)
        return -EBADMSG;
    struct learned_domain *domain = &learned->domains[learned->n_domains];
    *domain = (struct learned_domain){0};
    int end = 0;
    if (sscanf(line, "domain %31s %9" SCNu32 " %lf %lf %lf%n", domain->name, &domain->source,
               &domain->level_w, &domain->level_variance, &domain->slope_w, &end) != 5 ||
        line[end] != '\0')
        return -EBADMSG;
    if (domain->source >= ENERGY_SOURCES || !is_within(domain->level_w, 0, most_w) ||
        !is_within(domain->level_variance, 0, most_w * most_w) ||
        !is_within(domain->slope_w, 0, most_w))
        return -EBADMSG;
    learned->n_domains++;
    return 0;
}

static int read_switch(struct learned_domain *domain, const char *line)
{
    unsigned low = 0, high = 0;
    double switch_w = 0;
    int end = 0;
    if (sscanf(line, "switch %3u %3u %lf%n", &low, &high, &switch_w, &end) != 3 ||
        line[end] != '\0' || low == 0 || low > high || high >= LOAD_SWITCH_STEPS ||
        !is_within(switch_w, -most_w, most_w))
        return -EBADMSG;
    domain->switch_low = (uint8_t)low;
    domain->switch_high = (uint8_t)high;
    domain->switch_w = switch_w;
    return 0;
}

static int read_low(struct learned_domain *domain, const char *line)
{
    struct idle_prior_bin bin;
    size_t at = 0;
    int end = 0;
    if (sscanf(line, "low %3zu %lf %lf %lf%n", &at, &bin.weight_s, &bin.power_w, &bin.load, &end) !=
            4 ||
        line[end] != '\0' || at >= IDLE_PRIOR_BINS || !is_within(bin.weight_s, 0, most_s) ||
        !is_within(bin.power_w, 0, most_w) || !is_within(bin.load, 0, 1e3))
        return -EBADMSG;
    domain->idle_prior.bins[at] = bin;
    return 0;
}

static int read_workload(struct learned_domain *domain, const char *line)
{
    struct learned_workload workload;
    int end = 0;
    if (domain->n_workloads == FIT_WORKLOADS ||
        sscanf(line, "workload %16" SCNx64 " %lf%n", &workload.key, &workload.usual, &end) != 2 ||
        line[end] != '\0' || !is_within(workload.usual, -1, 100))
        return -EBADMSG;
    domain->workloads[domain->n_workloads++] = workload;
    return 0;
}

static int read_line(struct learned *learned, const char *line)
{
    struct learned_domain *last =
        learned->n_domains ? &learned->domains[learned->n_domains - 1] : NULL;
    if (str_starts(line, "domain "))
        return read_domain(learned, line);
    if (last && str_starts(line, "switch "))
        return read_switch(last, line);
    if (last && str_starts(line, "low "))
        return read_low(last, line);
    if (last && str_starts(line, "workload "))
        return read_workload(last, line);
    int end = 0;
    if (!last && sscanf(line, "hardware %16" SCNx64 "%n", &learned->hardware, &end) == 1)
        return line[end] == '\0' ? 0 : -EBADMSG;
    return -EBADMSG;
}

/* Cuts the next line out of the text. */
static int next_line(const char *text, size_t length, size_t *at, char line[LINE_MAX_LENGTH])
{
    const char *newline = memchr(text + *at, '\n', length - *at);
    if (!newline)
        return -EBADMSG;
    size_t n = (size_t)(newline - (text + *at));
    if (n >= LINE_MAX_LENGTH || memchr(text + *at, '\0', n))
        return -EBADMSG;
    memcpy(line, text + *at, n);
    line[n] = '\0';
    *at += n + 1;
    return 0;
}

int learned_read(const char *text, size_t length, struct learned *ret)
{
    char line[LINE_MAX_LENGTH];
    size_t at = 0;
    *ret = (struct learned){0};
    int r = next_line(text, length, &at, line);
    if (r < 0 || !str_equal(line, "greend-learned 1"))
        return -EBADMSG;
    for (;;) {
        size_t begin = at;
        r = next_line(text, length, &at, line);
        if (r < 0)
            return r;
        uint64_t hash = 0;
        if (sscanf(line, "end %16" SCNx64, &hash) == 1)
            return hash == hash_bytes(HASH_BEGIN, text, begin) && at == length ? 0 : -EBADMSG;
        r = read_line(ret, line);
        if (r < 0)
            return r;
    }
}

/* NOLINTEND(cert-err34-c) */

const struct learned_domain *learned_find(const struct learned *learned, const char *name,
                                          uint32_t source)
{
    for (size_t i = 0; i < learned->n_domains; i++) {
        const struct learned_domain *domain = &learned->domains[i];
        if (domain->source == source && str_equal(domain->name, name))
            return domain;
    }
    return NULL;
}
