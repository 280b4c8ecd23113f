/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the metrics of the footprint count: from energy, the declared site and machine, and the
 * chosen factors, to impacts since the daemon began. docs/method.md, sections 11 and 12. */

#include "core/exposition/exposition.h"
#include "core/settings/settings.h"

struct impacts;

/* Reads factors and inventory, once; what is missing for an impact is logged, and that impact is
 * not counted. Blocks on /proc and /sys. -ENOMEM. Free accepts NULL and returns NULL. */
int impacts_new(struct impacts **ret_impacts, const struct settings *settings, int64_t now_real_s);
struct impacts *impacts_free(struct impacts *impacts);

/* total_mj: what the host's energy counters add up to, in millijoules; elapsed_s: since
 * impacts_new(), by a clock that is never set. Never goes back: energy that the counters lose, as
 * where they begin at zero again, is not taken back, nor is time. */
void impacts_count(struct impacts *impacts, uint64_t total_mj, uint64_t elapsed_s,
                   struct exposition_impacts *ret);
