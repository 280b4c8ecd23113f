/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What a suite came to, for people: aligned, or as Markdown. */

#include "sim/suite.h"

void accuracy_table(const struct summary *summaries, size_t n, bool markdown);

/* Which bars are met; where they are not, by which scenarios. */
void accuracy_bars(const struct summary *summaries, size_t n, bool markdown);
