/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* What the estimators have learned, kept in a file beside the database. The input is its body: the
 * last line, a hash that no fuzzer guesses, is put behind it. */
#include "fuzz.h"

#include <inttypes.h>
#include <math.h>

#include "core/estimator/learned.h"

static void require_sound(const struct learned *learned)
{
    REQUIRE(learned->n_domains <= LEARNED_DOMAINS_MAX);
    for (size_t i = 0; i < learned->n_domains; i++) {
        const struct learned_domain *domain = &learned->domains[i];
        REQUIRE(memchr(domain->name, '\0', sizeof(domain->name)) && domain->name[0] != '\0');
        REQUIRE(domain->source < ENERGY_SOURCES && domain->n_workloads <= FIT_WORKLOADS);
        REQUIRE(domain->level_w >= 0 && domain->level_w <= 1e6 && domain->slope_w >= 0 &&
                domain->slope_w <= 1e6 && domain->level_variance >= 0 &&
                isfinite(domain->level_variance));
        REQUIRE(domain->switch_high == 0
                    ? domain->switch_low == 0
                    : domain->switch_low > 0 && domain->switch_low <= domain->switch_high &&
                          domain->switch_high < LOAD_SWITCH_STEPS && fabs(domain->switch_w) <= 1e6);
        for (size_t k = 0; k < domain->n_workloads; k++)
            REQUIRE(domain->workloads[k].usual >= -1 && domain->workloads[k].usual <= 100);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct learned learned, again;
    CLEANUP(free_p) char *alone = fuzz_copy(data, size);
    int r = learned_read(alone, size, &learned);
    REQUIRE(r == -EBADMSG || r == 0);

    char last[32];
    int length =
        snprintf(last, sizeof(last), "end %016" PRIx64 "\n", hash_bytes(HASH_BEGIN, data, size));
    CLEANUP(free_p) char *text = fuzz_allocate(size + (size_t)length);
    if (size > 0)
        memcpy(text, data, size);
    memcpy(text + size, last, (size_t)length);
    if (learned_read(text, size + (size_t)length, &learned) < 0)
        return 0;
    require_sound(&learned);

    /* What was read is written in a form that reads, and writes, as the same. */
    CLEANUP(text_done) struct text once = {0};
    CLEANUP(text_done) struct text twice = {0};
    learned_write(&learned, &once);
    REQUIRE(once.error == 0 && learned_read(once.data, once.length, &again) == 0);
    learned_write(&again, &twice);
    REQUIRE(once.length == twice.length && memcmp(once.data, twice.data, once.length) == 0);
    return 0;
}
