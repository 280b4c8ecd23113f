/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/exposition/exposition_writer.h"

static void target_sample(struct writer *w, const struct exposition_target *target, uint64_t ppm)
{
    writer_begin(w);
    writer_label(w, "target", target->name);
    writer_value(w, ppm, 6, false);
}

void exposition_target_ratios(struct writer *w)
{
    for (size_t i = 0; i < w->exposition->n_targets; i++)
        if (w->exposition->targets[i].projected)
            target_sample(w, &w->exposition->targets[i], w->exposition->targets[i].projected_ppm);
}

void exposition_target_used(struct writer *w)
{
    for (size_t i = 0; i < w->exposition->n_targets; i++)
        target_sample(w, &w->exposition->targets[i], w->exposition->targets[i].used_ppm);
}
