/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Tells in a frame what workloads reserved. Pure. */

#include "greend/ring.h"
#include "greend/sample.h"

/* How many records that takes; 0: nothing is told, for nothing new is known or there is no room for
 * all of it. */
size_t reserve_records(const struct reservation_set *set, size_t room);

/* Pushes so many records, as reserve_records() answered. */
void reserve_push(struct ring *ring, const struct reservation_set *set, size_t records);
