/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The footprint of several hosts for people and programs. */

#include <jansson.h>

#include "output/style.h"
#include "output/table.h"
#include "report/fleet.h"

/* "Use: 12.3 kWh with the overhead of 2 sites ...". Nothing where no host has any. */
void fleet_add_use(const struct report_footprint *footprint, struct text *line);
void fleet_add_hardware(const struct report_footprint *footprint, struct text *line);

/* What is not counted of which hosts, paragraph by paragraph. */
void fleet_tell_gaps(const struct fleet *fleet, const struct style *style,
                     void (*note)(void *userdata, const char *words), void *userdata);

/* A line for each host with its facts and what it comes to, for the first FLEET_LINES_MAX. */
enum { FLEET_LINES_MAX = 30 };
void fleet_fill_table(const struct fleet *fleet, const struct style *style, struct table *table);

/* Every host with its facts and what it comes to, for the method block. */
json_t *fleet_json(const struct fleet *fleet);

/* Machines that are counted in nothing, or in others. */
void fleet_set_json(json_t *object, const struct fleet *fleet);

/* What each host has of a row. */
json_t *fleet_row_json(const struct report_footprint *footprint, const struct report_row *row);
