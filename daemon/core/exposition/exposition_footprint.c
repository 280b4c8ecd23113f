/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/exposition/exposition_writer.h"

/* One sample for each phase that is known. */
static void impact_samples(struct writer *w,
                           const struct exposition_amount amounts[EXPOSITION_PHASES],
                           unsigned decimals)
{
    static const char *const phases[] = {"use", "embodied"};
    for (size_t i = 0; i < EXPOSITION_PHASES; i++) {
        if (!amounts[i].known)
            continue;
        writer_begin(w);
        writer_label(w, "phase", phases[i]);
        writer_value(w, amounts[i].count, decimals, false);
    }
}

void exposition_co2e_samples(struct writer *w)
{
    impact_samples(w, w->exposition->impacts.co2e_ug, 6);
}

void exposition_primary_energy_samples(struct writer *w)
{
    impact_samples(w, w->exposition->impacts.primary_energy_mj, 3);
}

void exposition_water_samples(struct writer *w)
{
    impact_samples(w, w->exposition->impacts.water_ul, 6);
}

void exposition_adp_samples(struct writer *w)
{
    impact_samples(w, w->exposition->impacts.adp_pg_sb_eq, 12);
}

void exposition_footprint_sample(struct writer *w)
{
    const struct exposition_impacts *impacts = &w->exposition->impacts;
    if (!impacts->factors)
        return;
    writer_begin(w);
    writer_label(w, "factors", impacts->factors);
    writer_label(w, "version", impacts->factors_version);
    writer_label(w, "country", impacts->country);
    writer_label(w, "pue", impacts->pue);
    writer_label(w, "pue_origin", impacts->pue_origin);
    writer_label(w, "energy", impacts->energy);
    writer_value(w, 1, 0, false);
}
