/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/ring.h"
#include "greend/units.h"

void frame_domains(const struct frame *frame, struct frame_domain ret[FRAME_DOMAINS_MAX])
{
    memset(ret, 0, FRAME_DOMAINS_MAX * sizeof(*ret));
    for (size_t i = 0; i < frame->count; i++) {
        const union ring_record *record = &frame->records[i];
        if (record->type == RING_DOMAIN && record->domain.domain < FRAME_DOMAINS_MAX)
            ret[record->domain.domain].record = &record->domain;
        for (size_t lane = 0; record->type == RING_ENERGY && lane < RING_LANES; lane++) {
            size_t index = (size_t)record->energy.first_domain + lane;
            if (index < FRAME_DOMAINS_MAX)
                ret[index].parts_uj =
                    add_saturated(ret[index].parts_uj, record->energy.energy_uj[lane]);
        }
    }
    for (size_t i = 0; i < FRAME_DOMAINS_MAX; i++)
        ret[i].exact = ret[i].record && ret[i].parts_uj == ret[i].record->energy_uj;
}
