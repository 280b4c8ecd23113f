/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Targets in a page. */

#include "output/html.h"
#include "targets/targets.h"

/* A section: a chart against the limits, its table, and what stands behind each target. */
void html_targets_section(struct html *html, const struct target_list *list);
