/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The words of factor files, and what goes with each. */

#include "greend/factors.h"
#include "greend/inventory.h"

/* Bounds of what a file or an operator may say. */
#define FACTOR_VALUE_MAX 1e9
#define PUE_ABOVE        1.0 /* a site that adds nothing to its machines does not exist */
#define PUE_MOST         5.0
#define LIFE_MOST        50.0 /* years */

struct factor_kind {
    const char *name;
    const char *per; /* of impacts: "kWh" of "kgCO2e/kWh"; of a parameter: its whole unit */
    enum phase phase;
    bool parameter;
    double above; /* of a parameter: above < value */
    double most;  /* value <= most */
};

const struct factor_kind *factor_kind(enum factor_id id);

/* The unit of a factor: "kgCO2e/kWh", "GB/cm2". */
struct unit_text {
    char text[24];
};

struct unit_text factor_unit(enum factor_id id, enum criterion criterion);
