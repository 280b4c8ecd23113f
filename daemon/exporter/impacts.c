/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/impacts.h"

#include <fcntl.h>

#include "collectors/inventory/reading.h"
#include "greend/footprint.h"
#include "input/configuration.h"
#include "input/factor_files.h"
#include "shell/log.h"

enum { DAY_S = 86400 };

struct impacts {
    struct site site;
    struct asset asset;
    struct factor_table *factors; /* NULL: they could not be read */
    struct reading reading;
    struct embodied embodied;
    int64_t begin_s;
    uint64_t elapsed_s;
    uint64_t seen_mj; /* what the counters showed last; UINT64_MAX: not yet */
    uint64_t used_mj; /* since the daemon began */
    char pue[24];
};

/* ---- To begin with ---- */

static void on_factor_error(void *userdata, const char *line)
{
    (void)userdata;
    log_warning("%s", line);
}

/* Where nothing is declared there is nothing to count, and no file needs to be there. */
static int load_factors(struct impacts *impacts, const struct settings *settings)
{
    if (impacts->site.geography == GEOGRAPHY_UNKNOWN && impacts->asset.purchase == DAY_UNKNOWN)
        return 0;
    int r = factor_files_load(settings->factors_folder, settings->factors, NULL, 0,
                              &impacts->factors, on_factor_error, NULL);
    if (r == FACTORS_WRONG)
        log_warning("the factors have errors: metrics show no impacts until that is mended, see "
                    "[footprint] of greend.conf");
    return r == -ENOMEM ? r : 0;
}

static int read_hardware(struct impacts *impacts, const struct settings *settings)
{
    CLEANUP(close_fd_p) int procfs = open(settings->procfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(close_fd_p) int sysfs = open(settings->sysfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (procfs < 0 || sysfs < 0)
        return 0;
    int r = reading_take(procfs, sysfs, &impacts->reading);
    if (r < 0)
        return r;
    configuration_parts(settings, &impacts->reading.inventory);
    embodied_impacts(impacts->factors, &impacts->reading.inventory, &impacts->asset,
                     EMBODIED_BY_PARTS, &impacts->embodied);
    return 0;
}

static void log_what_is_missing(const struct impacts *impacts)
{
    if (impacts->site.geography == GEOGRAPHY_UNKNOWN)
        log_info("impacts of use are not counted: say country=CODE in [site], as FR");
    if (impacts->asset.purchase == DAY_UNKNOWN)
        log_info("impacts of the hardware are not counted: say purchase=YYYY-MM-DD in [asset]");
    else if (impacts->asset.purchase > impacts->begin_s / DAY_S)
        log_info("impacts of the hardware are not counted: [asset] purchase= is still to come");
    else if (impacts->embodied.gaps & (EMBODIED_NO_MACHINE | EMBODIED_NO_SHARE))
        log_info("impacts of the hardware are not counted: greend-ctl inventory says what to "
                 "declare in [asset]");
}

int impacts_new(struct impacts **ret_impacts, const struct settings *settings, int64_t now_real_s)
{
    struct impacts *impacts = calloc(1, sizeof(*impacts));
    if (!impacts)
        return -ENOMEM;
    impacts->begin_s = now_real_s;
    impacts->seen_mj = UINT64_MAX;
    configuration_declared(settings, &impacts->site, &impacts->asset);
    int r = load_factors(impacts, settings);
    if (r == 0 && impacts->factors)
        r = read_hardware(impacts, settings);
    if (r < 0) {
        (void)impacts_free(impacts);
        return r;
    }
    log_what_is_missing(impacts);
    *ret_impacts = impacts;
    return 0;
}

struct impacts *impacts_free(struct impacts *impacts)
{
    if (!impacts)
        return NULL;
    impacts->factors = factor_table_free(impacts->factors);
    free(impacts);
    return NULL;
}

/* ---- Counting ---- */

/* Counted down to a whole unit; a value that grows gives counts that grow. */
static struct exposition_amount amount_of(struct figure figure, double units)
{
    double count = figure.value * units;
    if (!figure.known || !(count < 0x1p63))
        return (struct exposition_amount){.known = false};
    return (struct exposition_amount){.known = true, .count = (uint64_t)count};
}

static void count_phase(const struct figure impacts[CRITERIA], enum phase phase,
                        struct exposition_impacts *ret)
{
    ret->co2e_ug[phase] = amount_of(impacts[CRITERION_GWP], 1e9);          /* kg */
    ret->primary_energy_mj[phase] = amount_of(impacts[CRITERION_PE], 1e9); /* MJ */
    ret->water_ul[phase] = amount_of(impacts[CRITERION_WATER], 1e9);       /* m3 */
    ret->adp_pg_sb_eq[phase] = amount_of(impacts[CRITERION_ADPE], 1e15);   /* kg */
}

static void take_energy(struct impacts *impacts, uint64_t total_mj)
{
    uint64_t before_mj = impacts->seen_mj;
    if (before_mj == UINT64_MAX)
        before_mj = total_mj;
    impacts->used_mj =
        add_saturated(impacts->used_mj, total_mj >= before_mj ? total_mj - before_mj : total_mj);
    impacts->seen_mj = total_mj;
}

static void count_use(struct impacts *impacts, struct exposition_impacts *ret)
{
    struct use_impacts use;
    uint64_t most_mj = UINT64_MAX / UJ_PER_MJ;
    use_impacts(impacts->factors, &impacts->site, MIN(impacts->used_mj, most_mj) * UJ_PER_MJ,
                UINT64_MAX, &use);
    count_phase(use.impacts, PHASE_USE, ret);
    const struct factor *factor = use.factors[CRITERION_GWP];
    if (!factor || !use.pue.known)
        return;
    (void)snprintf(impacts->pue, sizeof(impacts->pue), "%.6g", use.pue.value);
    ret->factors = factor->set->name;
    ret->factors_version = factor->set->version;
    ret->country = geography_info(factor->geography)->alpha3;
    ret->pue = impacts->pue;
    ret->pue_origin = use.pue_by ? "default" : "declared";
}

static void count_embodied(const struct impacts *impacts, struct exposition_impacts *ret)
{
    struct amortised amortised;
    struct figure shares[CRITERIA];
    amortised_share(impacts->factors, &impacts->asset, impacts->begin_s,
                    impacts->begin_s + (int64_t)impacts->elapsed_s, &amortised);
    if (amortised.notes & AMORTISED_BEFORE_PURCHASE) /* a date to come: not known, and no zero */
        return;
    for (int c = 0; c < CRITERIA; c++)
        shares[c] = figure_multiply(impacts->embodied.total[c], amortised.share);
    count_phase(shares, PHASE_EMBODIED, ret);
}

void impacts_count(struct impacts *impacts, uint64_t total_mj, uint64_t elapsed_s,
                   struct exposition_impacts *ret)
{
    *ret = (struct exposition_impacts){.factors = NULL};
    take_energy(impacts, total_mj);
    impacts->elapsed_s = MAX(impacts->elapsed_s, elapsed_s);
    if (!impacts->factors)
        return;
    count_use(impacts, ret);
    count_embodied(impacts, ret);
}
