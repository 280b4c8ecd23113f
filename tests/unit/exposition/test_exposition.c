/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/attribution/uncertainty.h"
#include "core/exposition/exposition.h"
#include "core/exposition/page.h"
#include "greend/collector.h"
#include "machine.h"
#include "scraper.h"

static const struct ring_status statuses[] = {
    {.collector = "rapl",        .health = HEALTH_DEGRADED, .duration_ns = 1234567},
    {.collector = "rapl",                          .item = "package-0",                                 .health = HEALTH_WORKING},
    {.collector = "rapl",  .item = "package-1",.health = HEALTH_FAILED},
    {.collector = "rapl",      .item = "package-1",              .health = HEALTH_WORKING}, /* named twice */
    {.collector = "",        .health = HEALTH_WORKING        }, /* free */
    {.collector = "hwmon",                          .health = HEALTH_FAILED,                                     .duration_ns = 2000000000},
    {.collector = "model",                          .health = HEALTH_OFF                       },
    {.collector = "cgroup", .health = HEALTH_ABSENT},
};

static const struct ring_sensor sensors[] = {
    {.chip = "nct-isa-0290",
     .label = "SYS \"1\"\n",
     .quantity = SENSOR_TEMPERATURE,
     .value_milli = -5250                                                                                    },
    {.chip = "nct-isa-0290",
     .label = "SYS \"1\"\n",
     .quantity = SENSOR_TEMPERATURE,
     .value_milli = 1                                                                                        },
    {.chip = "nct-isa-0290", .label = "fan\xff",           .quantity = SENSOR_FAN,     .value_milli = 1200000},
    {.chip = "nct-isa-0290", .label = "bad",               .quantity = SENSOR_FAN,     .error = -EIO         },
    {.chip = "psu",          .label = "in",                .quantity = SENSOR_VOLTAGE, .value_milli = 11     },
    {.chip = "psu",          .label = "out",               .quantity = SENSOR_CURRENT, .value_milli = 2300   },
    {.chip = "psu",          .label = "power",             .quantity = SENSOR_POWER,   .value_milli = 1500   },
    {.chip = "psu",          .label = "energy",            .quantity = SENSOR_ENERGY,  .value_milli = 42     },
    {.chip = "psu",          .label = "less than nothing", .quantity = SENSOR_ENERGY,  .value_milli = -42    },
};

static const struct exposition_target targets[] = {
    {.name = "energy",    .projected = true, .projected_ppm = 1023456, .used_ppm = 871000},
    {.name = "young \"", .used_ppm = 20000                 },
};

/* A small machine after two seconds, rendered. */
static struct text render(enum exposition_format format)
{
    struct machine *machine = machine_new(RING_SLOTS_MIN, 1);
    struct series *series = series_new(5);
    struct frame frame = {0};
    struct text text = {0};
    (void)machine_add_domain(machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, true);
    (void)machine_add_domain(machine, "core-0", DOMAIN_CORE, SOURCE_RAPL, false);
    machine->domains[0].uncertainty_ppm = 12500;
    machine->codes = uncertainty_set(0, 0, 100000); /* told as 100352 */
    uint32_t id = machine_name(machine, 10, 1, WORKLOAD_CONTAINER, "a\\x2d\"b\"", "c\\", "");
    for (int i = 0; i < 2; i++) {
        machine_begin(machine, NS_PER_S);
        machine_idle(machine, 0, 10000250);
        machine_use(machine, 0, id, 1, 2500500, NS_PER_S / 4);
        machine_use(machine, 1, id, 1, 2000000, 0);
        machine_end(machine, &frame);
        assert_int_equal(series_consume(series, &machine->ring, &frame), 0);
    }
    const struct exposition exposition = {
        .series = series,
        .version = "1.2.3",
        .last_frame_real_ns = INT64_C(1800000002500000000),
        .statuses = statuses,
        .n_statuses = ARRAY_SIZE(statuses),
        .sensors = sensors,
        .n_sensors = ARRAY_SIZE(sensors),
        .targets = targets,
        .n_targets = ARRAY_SIZE(targets),
        .impacts = {.co2e_ug = {{true, 1234567}, {true, 89}},
                    .primary_energy_mj = {{true, 5001}, {false, 7}},
                    .water_ul = {{false, 9}, {false, 9}},
                    .adp_pg_sb_eq = {{true, 4857}, {true, UINT64_C(1000000000000)}},
                    .factors = "own \"set\"",
                    .factors_version = "2",
                    .country = "FRA",
                    .pue = "1.46",
                    .pue_origin = "default",
                    .energy = "mixed"},
        .certificate_end_s = 1900000000,
        .self_cpu_ns = 1500 * NS_PER_MS,
        .self_resident_bytes = 8 << 20,
    };
    exposition_render(&text, &exposition, format);
    assert_int_equal(text.error, 0);
    frame_done(&frame);
    series_free(series);
    machine_free(machine);
    return text;
}

/* Each sample that must be there, whole lines; then how many samples there are in all. */
static void test_samples(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "\ngreend_energy_joules_total{domain=\"package-0\",source=\"rapl\"} 25.001\n",
        "\ngreend_idle_energy_joules_total{domain=\"package-0\",source=\"rapl\"} 20.001\n",
        "\ngreend_unattributed_energy_joules_total{domain=\"package-0\",source=\"rapl\"} 0\n",
        "\ngreend_overlapping_energy_joules_total{domain=\"core-0\",source=\"rapl\"} 4\n",
        "\ngreend_workload_energy_joules_total{unit=\"a\\\\x2d\\\"b\\\"\",command=\"c\\\\\","
        "kind=\"container\",source=\"rapl\"} 2.5\n",
        "\ngreend_workload_energy_joules_total{unit=\"other\",command=\"\",kind=\"other\","
        "source=\"rapl\"} 2.5\n",
        "\ngreend_workload_left_energy_joules{source=\"rapl\"} 0\n",
        "\ngreend_workload_cpu_seconds_total{unit=\"other\",command=\"\",kind=\"other\"} 0.25\n",
        "\ngreend_workload_energy_uncertainty_ratio{unit=\"a\\\\x2d\\\"b\\\"\",command=\"c\\\\\","
        "kind=\"container\"} 0.112852\n",
        "\ngreend_workload_energy_uncertainty_ratio{unit=\"other\",command=\"\",kind=\"other\"} "
        "0.112852\n",
        "\ngreend_power_watts{domain=\"package-0\",source=\"rapl\"} 12.50075\n",
        "\ngreend_overlapping_power_watts{domain=\"core-0\",source=\"rapl\"} 2\n",
        "\ngreend_energy_uncertainty_ratio{domain=\"package-0\",source=\"rapl\"} 0.0125\n",
        "\ngreend_target_ratio{target=\"energy\"} 1.023456\n",
        "\ngreend_target_used_ratio{target=\"energy\"} 0.871\n",
        "\ngreend_target_used_ratio{target=\"young \\\"\"} 0.02\n",
        "\ngreend_co2e_grams_total{phase=\"use\"} 1.234567\n",
        "\ngreend_co2e_grams_total{phase=\"embodied\"} 0.000089\n",
        "\ngreend_primary_energy_joules_total{phase=\"use\"} 5.001\n",
        "\ngreend_adp_grams_sb_eq_total{phase=\"use\"} 0.000000004857\n",
        "\ngreend_adp_grams_sb_eq_total{phase=\"embodied\"} 1\n",
        "\ngreend_footprint_info{factors=\"own \\\"set\\\"\",version=\"2\",country=\"FRA\","
        "pue=\"1.46\",pue_origin=\"default\",energy=\"mixed\"} 1\n",
        "\ngreend_sensor_celsius{chip=\"nct-isa-0290\",sensor=\"SYS \\\"1\\\"\\\\x0a\"} -5.25\n",
        "\ngreend_sensor_rpm{chip=\"nct-isa-0290\",sensor=\"fan\\\\xff\"} 1200\n",
        "\ngreend_sensor_volts{chip=\"psu\",sensor=\"in\"} 0.011\n",
        "\ngreend_sensor_amperes{chip=\"psu\",sensor=\"out\"} 2.3\n",
        "\ngreend_sensor_watts{chip=\"psu\",sensor=\"power\"} 1.5\n",
        "\ngreend_sensor_joules_total{chip=\"psu\",sensor=\"energy\"} 0.042\n",
        "\ngreend_collector_success{collector=\"rapl\"} 1\n",
        "\ngreend_collector_success{collector=\"hwmon\"} 0\n",
        "\ngreend_collector_success{collector=\"cgroup\"} 1\n",
        "\ngreend_collector_item_success{collector=\"rapl\",item=\"package-0\"} 1\n",
        "\ngreend_collector_item_success{collector=\"rapl\",item=\"package-1\"} 0\n",
        "\ngreend_collector_duration_seconds{collector=\"rapl\"} 0.001234567\n",
        "\ngreend_collector_duration_seconds{collector=\"hwmon\"} 2\n",
        "\ngreend_last_frame_timestamp_seconds 1800000002.5\n",
        "\ngreend_ring_dropped_joules_total 0\n",
        "\ngreend_gap_seconds_total 0\n",
        "\ngreend_web_certificate_expiry_timestamp_seconds 1900000000\n",
        "\ngreend_build_info{version=\"1.2.3\"} 1\n",
        "\ngreend_self_cpu_seconds_total 1.5\n",
        "\ngreend_self_resident_memory_bytes 8388608\n",
    };
    for (int format = 0; format < EXPOSITION_FORMATS; format++) {
        struct text text = render((enum exposition_format)format);
        for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
            if (!strstr(text.data, lines[i]))
                fail_msg("missing:%sin\n%s", lines[i], text.data);
        struct scraper *scraper = scraper_new();
        if (!scraper_take(scraper, text.data, format == EXPOSITION_OPENMETRICS))
            fail_msg("%s", scraper->error);
        /* not shown alone: a workload's CPU time, cgroup's duration */
        assert_int_equal(scraper_count(scraper, "greend_"), ARRAY_SIZE(lines) + 2);
        scraper_free(scraper);
        text_done(&text);
    }
}

static void test_families(void **state)
{
    (void)state;
    struct text text = render(EXPOSITION_OPENMETRICS);
    assert_non_null(strstr(text.data, "# TYPE greend_energy_joules counter\n"
                                      "# UNIT greend_energy_joules joules\n"
                                      "greend_energy_joules_total{"));
    assert_non_null(strstr(text.data, "# TYPE greend_build info\ngreend_build_info{"));
    assert_string_equal(text.data + text.length - 6, "# EOF\n");
    text_done(&text);
    text = render(EXPOSITION_PROMETHEUS);
    assert_non_null(strstr(text.data, "# TYPE greend_energy_joules_total counter\n"
                                      "greend_energy_joules_total{"));
    assert_non_null(strstr(text.data, "# TYPE greend_build_info gauge\n"));
    assert_null(strstr(text.data, "# UNIT"));
    assert_null(strstr(text.data, "# EOF"));
    text_done(&text);
}

static void test_negotiation(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        enum exposition_format expected;
    } cases[] = {
        {NULL,                                                                                   EXPOSITION_PROMETHEUS },
        {"",                                                                                     EXPOSITION_PROMETHEUS },
        {"*/*",                                                                                  EXPOSITION_PROMETHEUS },
        {"text/html,application/xhtml+xml,*/*;q=0.8",                                            EXPOSITION_PROMETHEUS },
 /* what Prometheus 2.42 sends */
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
         "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",                             EXPOSITION_OPENMETRICS},
        {"application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         EXPOSITION_OPENMETRICS                                                                                        },
        {"application/openmetrics-text;version=2.0.0,text/plain;q=0.1",                          EXPOSITION_PROMETHEUS },
        {"application/openmetrics-text;q=0.4,text/plain;q=0.5",                                  EXPOSITION_PROMETHEUS },
        {"text/plain;q=0.4 , APPLICATION/OpenMetrics-Text ; Q=0.5",                              EXPOSITION_OPENMETRICS},
        {"application/openmetrics-text;q=0",                                                     EXPOSITION_PROMETHEUS },
        {"application/openmetrics-text;q=0,*/*;q=1",                                             EXPOSITION_PROMETHEUS },
        {"application/*",                                                                        EXPOSITION_PROMETHEUS },
        {"application/openmetrics-text;q=1.001",                                                 EXPOSITION_PROMETHEUS },
        {"application/openmetrics-text;q=0.0001",                                                EXPOSITION_PROMETHEUS },
        {"application/openmetrics-text;q=abc",                                                   EXPOSITION_PROMETHEUS },
        {";;;,,,;q=;q=q",                                                                        EXPOSITION_PROMETHEUS },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        if (exposition_negotiate(cases[i].accept) != cases[i].expected)
            fail_msg("%s", cases[i].accept);
}

static void test_gzip_negotiation(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        bool expected;
    } cases[] = {
        {NULL,                       false},
        {"",                         false},
        {"gzip",                     true },
        {"deflate, gzip;q=0.5",      true },
        {"x-gzip",                   true },
        {"GZIP",                     true },
        {"gzip;q=0",                 false},
        {"gzip;q=0.000",             false},
        {"gzip; q=0.001",            true },
        {"identity",                 false},
        {"gzip;q=0.5, identity;q=1", false},
        {"*",                        true },
        {"*;q=0",                    false},
        {"gzip;q=0, *",              false},
        {"gzip;q=7",                 false},
        {"notgzip",                  false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        if (exposition_accepts_gzip(cases[i].accept) != cases[i].expected)
            fail_msg("%s", cases[i].accept);
}

/* An empty state is a valid answer as well. */
static void test_nothing_yet(void **state)
{
    (void)state;
    struct series *series = series_new(5);
    struct text text = {0};
    struct scraper *scraper = scraper_new();
    exposition_render(&text, &(struct exposition){.series = series, .version = ""},
                      EXPOSITION_OPENMETRICS);
    assert_true(scraper_take(scraper, text.data, true));
    text_clear(&text);
    page_render(&text, &(struct page){.series = series, .version = "", .trouble = "a<b"});
    assert_non_null(strstr(text.data, "a&#60;b"));
    assert_non_null(strstr(text.data, "not known yet"));
    assert_non_null(strstr(text.data, "</html>"));
    scraper_free(scraper);
    text_done(&text);
    series_free(series);
}

/* Of the page: what is known, from what, and nothing else. */
static void test_page_footprint(void **state)
{
    (void)state;
    struct series *series = series_new(5);
    struct page page = {.series = series, .version = ""};
    struct text text = {0};
    page_render(&text, &page);
    assert_null(strstr(text.data, "CO2e"));
    page.impacts.co2e_ug[EXPOSITION_USE] = (struct exposition_amount){true, 9999999999};
    page.impacts.factors = "a<b";
    page.impacts.factors_version = "7";
    page.impacts.country = "FRA";
    page.impacts.pue = "1.46";
    page.impacts.pue_origin = "default";
    page.impacts.energy = "modelled";
    text_clear(&text);
    page_render(&text, &page);
    assert_non_null(strstr(text.data, "<li>9999.999 gCO2e use</li>"));
    assert_non_null(strstr(text.data, "a&#60;b 7, FRA; PUE 1.46, a default. ESTIMATE: "));
    assert_null(strstr(text.data, "hardware"));
    page.impacts.co2e_ug[EXPOSITION_EMBODIED] = (struct exposition_amount){true, 10129999999};
    page.impacts.pue_origin = "declared";
    page.impacts.energy = "measured";
    text_clear(&text);
    page_render(&text, &page);
    assert_non_null(strstr(text.data, "<li>10.12 kgCO2e hardware,"));
    assert_non_null(strstr(text.data, "PUE 1.46, as declared. </p>"));
    text_done(&text);
    series_free(series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),     cmocka_unit_test(test_families),
        cmocka_unit_test(test_negotiation), cmocka_unit_test(test_gzip_negotiation),
        cmocka_unit_test(test_nothing_yet), cmocka_unit_test(test_page_footprint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
