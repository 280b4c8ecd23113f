/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Prints the metrics of a busy machine with some of everything, for promtool to judge. */

#include "busy_machine.h"
#include "core/attribution/uncertainty.h"
#include "core/exposition/exposition.h"
#include "greend/collector.h"

int main(int argc, char **argv)
{
    static struct ring_sensor sensors[SENSOR_QUANTITIES + 1];
    static const struct ring_status statuses[] = {
        {.collector = "rapl", .health = HEALTH_WORKING, .duration_ns = 1000000  },
        {.collector = "rapl", .item = "package-0",      .health = HEALTH_WORKING},
    };
    for (uint32_t i = 0; i < SENSOR_QUANTITIES; i++)
        sensors[i] = (struct ring_sensor){.chip = "chip", .label = "a\\\"\n", .quantity = i};
    static const struct exposition_target targets[] = {
        {.name = "energy", .projected = true, .projected_ppm = 1023456, .used_ppm = 871000},
    };
    struct machine *machine = busy_machine_new();
    struct series *series = series_new(BUSY_TOP);
    struct frame frame = {0};
    struct text text = {0};
    machine->domains[0].uncertainty_ppm = 20000;
    machine->codes = uncertainty_set(0, 0, 80000);
    (void)machine_add_domain(machine, "core-0", DOMAIN_CORE, SOURCE_RAPL, false);
    for (uint32_t turn = 0; turn < 10; turn++) {
        busy_machine_step(machine, turn, &frame);
        if (series_consume(series, &machine->ring, &frame) != 0)
            return 1;
    }
    exposition_render(&text,
                      &(struct exposition){
                          .series = series,
                          .version = "0.1.0",
                          .last_frame_real_ns = 1,
                          .statuses = statuses,
                          .n_statuses = ARRAY_SIZE(statuses),
                          .sensors = sensors,
                          .n_sensors = SENSOR_QUANTITIES,
                          .targets = targets,
                          .n_targets = ARRAY_SIZE(targets),
                          .impacts = {.co2e_ug = {{true, 1}, {true, 2}},
                                      .primary_energy_mj = {{true, 1}, {true, 2}},
                                      .water_ul = {{true, 1}, {false, 0}},
                                      .adp_pg_sb_eq = {{true, 1}, {true, 2}},
                                      .factors = "boavizta",
                                      .factors_version = "2026.1",
                                      .country = "FRA",
                                      .pue = "1.46",
                                      .pue_origin = "default",
                                      .energy = "mixed"},
                          .certificate_end_s = 1,
    },
                      argc > 1 && str_equal(argv[1], "openmetrics") ? EXPOSITION_OPENMETRICS
                                                                    : EXPOSITION_PROMETHEUS);
    bool printed = text.error == 0 && fwrite(text.data, 1, text.length, stdout) == text.length;
    text_done(&text);
    frame_done(&frame);
    series_free(series);
    machine_free(machine);
    return printed ? 0 : 1;
}
