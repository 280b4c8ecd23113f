/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A report's footprint in a page. */

#include "output/html.h"
#include "report/report_footprint.h"

/* Within the list of what it comes to: emissions of use and of hardware, where they are known. */
void html_footprint_facts(struct html *html, const struct report_footprint *footprint);

/* A section: impacts by criterion, and what they were made of. */
void html_footprint_section(struct html *html, const struct report_footprint *footprint);

/* Within the section on method: formulas, factors with their sources, and what is not counted. */
void html_footprint_method(struct html *html, const struct report_footprint *footprint);
