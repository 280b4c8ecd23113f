/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim/peers.h"

#include "greend/ring.h"

/* Kepler (internal/monitor/node.go, calculateNodePower(), and process.go, calculateProcessPower()):
 *     active energy of a zone = its energy x the node's CPU usage ratio
 *     a process's energy      = active energy x its CPU time / the sum of all processes' CPU time
 *
 * Scaphandre (src/sensors/mod.rs, get_process_power_consumption_microwatts() and
 * get_process_cpu_usage_percentage()):
 *     a process's power = the host's power x its CPU time / the CPU time of all cores
 *
 * Both are linear in the energy of the zones, so the sum of the domains will do. */
void peers_tick(struct peers *peers, const struct sample *sample, uint64_t energy_uj)
{
    double used_ns = 0;
    for (size_t i = 0; i < sample->n_activities; i++)
        used_ns += (double)(sample->activities[i].cpu_ns + sample->activities[i].child_ns);
    double capacity_ns = (double)sample->busy.elapsed_ns * sample->busy.cpus;
    if (used_ns <= 0 || capacity_ns <= 0)
        return;
    double ratio = MIN((double)sample->busy.busy_ns / capacity_ns, 1);
    double energy = (double)energy_uj;
    for (size_t i = 0; i < sample->n_activities; i++) {
        const struct activity *activity = &sample->activities[i];
        size_t index = ring_workload_slot(activity->workload) - RING_WORKLOAD_FIRST;
        double cpu_ns = (double)(activity->cpu_ns + activity->child_ns);
        peers->kepler_uj[index] += energy * ratio * cpu_ns / used_ns;
        peers->scaphandre_uj[index] += energy * cpu_ns / capacity_ns;
        peers->share_uj[index] += energy * cpu_ns / used_ns;
    }
}
