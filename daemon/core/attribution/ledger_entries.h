/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Which entries of the ring's tables domains and meters have. Pure.
 *
 * Frames refer to entries by number, without generations. A domain's entry is never given away, as
 * every frame tells its running total; for domains of LEDGER_NAMES_MAX names there is room in the
 * life of a ring. What comes beyond is told as `other`: for each energy source one domain of what
 * is summed and one, `other-apart`, of what is not. So no energy is lost, and none is told under
 * the name of another domain.
 *
 * A meter's entry is given away when no frame that can be read refers to it any more. */

#include "core/attribution/ledger.h"

enum { LEDGER_NAMES_MAX = TOPOLOGY_DOMAINS_MAX - 2 * ENERGY_SOURCES };

/* The entry of the topology's domain in this tick; TOPOLOGY_DOMAINS_MAX: it is not told, having no
 * meter, or room for `other` is taken by a ring from before there was any. */
uint16_t ledger_domain_entry(struct ledger *ledger, size_t index);

/* Finds which meters' entries the frames of a daemon before refer to. `frame` is a buffer. */
void ledger_find_told(struct ledger *ledger, struct frame *frame);

/* The entry of a meter; METERS_MAX: none can be had yet, and its interval will begin anew should
 * the daemon be killed meanwhile. */
uint16_t ledger_meter_entry(struct ledger *ledger, size_t number);
