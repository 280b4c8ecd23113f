/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What this machine is made of, how that is known, and what making it cost. */

#include "collectors/inventory/reading.h"
#include "core/settings/settings.h"
#include "greend/footprint.h"
#include "output/style.h"

struct inventory_view {
    const struct reading *reading;
    const struct settings *settings; /* what is declared, as texts */
    struct site site;
    struct asset asset;
    enum machine machine; /* declared, else read */
    enum origin machine_origin;
    const struct factor_table *factors; /* NULL: they could not be read, and embodied is empty */
    bool factors_unneeded; /* nothing is declared that they can be applied to: not read */
    struct embodied embodied;
};

/* Computes what follows from reading, settings, site, asset and factors. */
void inventory_compute(struct inventory_view *view);

/* Something that is missing, and what to do. */
struct inventory_gap {
    const char *item;
    const char *why;
    const char *mend; /* "": nothing helps */
    int error;        /* -errno, or 0 */
};

enum { INVENTORY_GAPS_MAX = READING_GAPS_MAX + 10 };

/* Returns how many there are. */
size_t inventory_gaps(const struct inventory_view *view,
                      struct inventory_gap ret_gaps[INVENTORY_GAPS_MAX]);

/* The line of the sum for a part; NULL: it is not counted. */
const struct embodied_item *inventory_item(const struct inventory_view *view,
                                           const struct inventory_part *part);

/* The default of the method that stands in for a declared option; NULL: none does. */
const struct factor *inventory_default(const struct inventory_view *view, const char *key);

/* "GB", "mm2", "kg"; "": its size is not asked. */
const char *inventory_size_unit(enum part_kind kind);

/* The item of a gap, for a person. */
const char *inventory_item_word(const char *item);

/* For a person, and for a program. Texts of the machine and of the operator are escaped. */
void inventory_render_table(const struct inventory_view *view, const struct style *style,
                            struct text *text);
void inventory_render_json(const struct inventory_view *view, struct text *text);
