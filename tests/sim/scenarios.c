/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim/scenarios.h"

/* Where the parameters come from.
 *
 * idle_w      Package idle power. Wall idle of the 619 published SPECpower_ssj2008 results is 15 W
 *             (one socket, 4 to 8 cores) to 120 W (two sockets, 128 cores); a package meter sees a
 *             third to two thirds of that.
 * watts       3 to 10 W per busy core: (P at 100 % - P at idle) / threads of the same results is
 *             2.2 to 11.7 W for 80 % of the servers, and programs on one machine differ by about a
 *             factor of three (memory-bound loops at the low end, wide vector code at the high).
 * turbo       All-core turbo clocks are 75 to 90 % of single-core ones (3.2 of 3.8 GHz for a Xeon
 *             8180), and power goes with about the 2.5th power of the clock.
 * discount    Two busy hardware threads of a core use 1.1 to 1.8 times the power of one: each saves
 *             10 to 50 %. Without shared cores, memory-bound work stalls more when many cores are
 *             busy and saves up to 30 %, compute-bound work nothing.
 * exit,       The first tenth of the load costs a median of 19 % of dynamic power in the results
 * uncore      above where a straight line would give 10 %: the package leaves its sleep states (5
 * to 12 % of idle power here), the uncore clock goes up (8 to 15 %). heat        Leakage grows by
 * some 0.5 to 1 % per kelvin, at 5 to 10 K for tens of watts. fan         Servers' fans use 5 to 15
 * % of wall power at load, with the cube of their speed. filter_s    Power meters of server boards
 * average over 1 s (the ACPI meter's usual interval) to a few seconds. unknown     Interrupts are 1
 * to 3 % of busy time on common servers. load        Servers are used at 10 to 50 % most of the
 * time (Barroso and Hölzle, The Case for Energy-Proportional Computing, 2007). workloads,  Chosen
 * to cover what is met: a few large among many small (a log-normal of 0.8 has its mix, times
 * largest of 15 at about a quarter of the sum).
 *
 * Unless a scenario says otherwise its load rests for half a minute now and then, as at night or
 * between jobs, but for timers: that is when idle power shows. */

#define WATTS .watts = {3, 10}
#define PARTS .turbo = 0.25, .exit = 0.08, .uncore = 0.12
#define RESTS .lull_every_s = 900, .lull_s = 30, .lull_load = 0.002
#define SIZES .spread = 0.8, .unknown = 0.02
#define USUAL .mix = {.steady = 1, .wander = 4, .bursty = 3, .periodic = 2}

/* Machines of so many packages. */
#define MACHINE(n, n_cpus) WATTS, .packages = (n), .cpus = (n_cpus)
#define CROWDED            PARTS, .discount = {0, 0.3}
#define SHARED             PARTS, .discount = {0.1, 0.5}, .smt = true
#define CORES_2            MACHINE(1, 2), CROWDED, .idle_w = {3, 7}
#define CORES_8            MACHINE(1, 8), CROWDED, .idle_w = {6, 14}
#define CORES_16(n)        MACHINE(n, 16), CROWDED, .idle_w = {15, 30}
#define CORES_64           MACHINE(1, 64), CROWDED, .idle_w = {45, 90}
#define CORES_128          MACHINE(1, 128), CROWDED, .idle_w = {80, 140}
#define THREADS_32(n)      MACHINE(n, 32), SHARED, .idle_w = {18, 35}

/* Measured curves have their own idle power and first step, and hold what shared cores save in the
 * mean: left is how workloads differ in it. Their watts per thread are lower; only the ratio
 * between workloads counts, the same 1 to 3.3. */
#define CURVE(number, threads)                                                                     \
    MACHINE(1, threads), .curve = (number), .discount = {0, 0.3}, .smt = true, .idle_w = {0, 0}

/* Braces would be aligned as columns, which these are not. */
#define SCENARIO(...)                                                                              \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

const struct scenario scenarios[] = {
    SCENARIO(CORES_2, .name = "two-light", .class = CLASS_SMALL,
             .what = "2 cores at 10 %, 6 workloads", RESTS, SIZES, .workloads = 6, .load = 0.10,
             USUAL),
    SCENARIO(CORES_8, .name = "eight-light", .class = CLASS_IDENTIFIABLE, .dram = true,
             .what = "8 cores at 10 %, 10 workloads, memory metered", RESTS, SIZES, .workloads = 10,
             .load = 0.10, USUAL),
    /* 2 %: a server that waits, with timers and a daemon or two. */
    SCENARIO(CORES_8, .name = "mostly-idle", .class = CLASS_SMALL,
             .what = "8 cores at 2 %, 8 workloads", RESTS, SIZES, .workloads = 8, .load = 0.02,
             .mix = {.wander = 1, .bursty = 3, .periodic = 4}),
    SCENARIO(CORES_16(1), .name = "sixteen-medium", .class = CLASS_IDENTIFIABLE,
             .what = "16 cores at 35 %, 15 workloads", RESTS, SIZES, .workloads = 15, .load = 0.35,
             USUAL),
    SCENARIO(CORES_64, .name = "sixtyfour-medium", .class = CLASS_IDENTIFIABLE,
             .what = "64 cores at 35 %, 30 workloads", RESTS, SIZES, .workloads = 30, .load = 0.35,
             USUAL),
    SCENARIO(CORES_128, .name = "hundredtwentyeight", .class = CLASS_IDENTIFIABLE,
             .what = "128 cores at 30 %, 60 workloads", RESTS, SIZES, .workloads = 60, .load = 0.30,
             USUAL),
    /* 65 % of the logical CPUs: most busy threads share their core with another. */
    SCENARIO(THREADS_32(1), .name = "sixteen-smt", .class = CLASS_CONTENDED,
             .what = "16 cores, 32 threads at 65 %, 15 workloads", RESTS, SIZES, .workloads = 15,
             .load = 0.65, USUAL),
    SCENARIO(CORES_64, .name = "sixtyfour-contended", .class = CLASS_CONTENDED,
             .what = "64 cores, 110 % wanted, 24 workloads", RESTS, SIZES, .workloads = 24,
             .load = 1.10, USUAL),
    SCENARIO(CORES_16(2), .name = "two-sockets-medium", .class = CLASS_IDENTIFIABLE, .dram = true,
             .what = "2 x 16 cores at 35 %, 20 workloads, memory metered", RESTS, SIZES,
             .workloads = 20, .load = 0.35, USUAL),
    SCENARIO(THREADS_32(2), .name = "two-sockets-smt", .class = CLASS_CONTENDED,
             .what = "2 x 16 cores, 64 threads at 65 %, 20 workloads", RESTS, SIZES,
             .workloads = 20, .load = 0.65, USUAL),
    SCENARIO(CORES_16(1), .name = "bursty", .class = CLASS_IDENTIFIABLE,
             .what = "16 cores at 25 %, 15 workloads that come in bursts", RESTS, SIZES,
             .workloads = 15, .load = 0.25, .mix = {.bursty = 1}),
    /* A day of two hours: a week would not fit, and the learning is no faster for it. */
    SCENARIO(CORES_16(1), .name = "diurnal", .class = CLASS_IDENTIFIABLE,
             .what = "16 cores at 30 %, 15 workloads, day and night", RESTS, SIZES, .workloads = 15,
             .load = 0.30, USUAL, .day_s = 7200),
    /* Builds and shell scripts: two thirds of the time of short-lived children, which arrives when
     * they are reaped; a tenth is reaped by strangers. */
    SCENARIO(CORES_16(1), .name = "forks", .class = CLASS_IDENTIFIABLE,
             .what = "16 cores at 35 %, 20 workloads that fork, come and go", RESTS,
             .workloads = 20, .load = 0.35, USUAL, .forked = 0.65, .churn = 0.5, .spread = 0.8,
             .unknown = 0.10),
    SCENARIO(CORES_16(1), .name = "phases", .class = CLASS_IDENTIFIABLE,
             .what = "16 cores at 35 %, 12 workloads whose watts per core change", RESTS, SIZES,
             .workloads = 12, .load = 0.35, USUAL, .phase_s = 1800),
    SCENARIO(CORES_16(1), .name = "collinear", .class = CLASS_SMALL,
             .what = "16 cores at 30 %, 10 workloads, two always together", RESTS, SIZES,
             .workloads = 10, .load = 0.30, USUAL, .collinear = true),
    SCENARIO(CORES_16(1), .name = "hundred-tiny", .class = CLASS_SMALL,
             .what = "16 cores at 25 %, 100 workloads", RESTS, .unknown = 0.02, .workloads = 100,
             .load = 0.25, USUAL, .spread = 0.4),
    SCENARIO(CORES_16(1), .name = "coarse-clocks", .class = CLASS_IDENTIFIABLE, .coarse = true,
             .what = "16 cores at 35 %, 15 workloads, CPU times to 10 ms", RESTS, SIZES,
             .workloads = 15, .load = 0.35, USUAL),

    /* Nothing varies but what always does from second to second. The first has been seen at rest,
     * for two minutes after the start. */
    SCENARIO(CORES_16(1), .name = "steady", .class = CLASS_STEADY,
             .what = "16 cores at 10 %, 8 workloads, nothing changes after the start",
             .begin_s = 120, SIZES, .workloads = 8, .load = 0.10, .mix = {.steady = 1}),
    SCENARIO(CORES_16(1), .name = "steady-60", .class = CLASS_NEVER_IDLE,
             .what = "16 cores at 60 %, 8 workloads, nothing changes", SIZES, .workloads = 8,
             .load = 0.60, .mix = {.steady = 1}),
    SCENARIO(CORES_16(1), .name = "steady-70", .class = CLASS_NEVER_IDLE,
             .what = "the same at 70 %", SIZES, .workloads = 8, .load = 0.70, .mix = {.steady = 1}),
    SCENARIO(CORES_16(1), .name = "steady-80", .class = CLASS_NEVER_IDLE,
             .what = "the same at 80 %", SIZES, .workloads = 8, .load = 0.80, .mix = {.steady = 1}),
    SCENARIO(CORES_16(1), .name = "never-idle", .class = CLASS_NEVER_IDLE,
             .what = "16 cores around 55 %, 12 workloads, never at rest", SIZES, .workloads = 12,
             .load = 0.55, .mix = {.steady = 2, .wander = 3}),
    SCENARIO(CORES_16(1), .name = "never-idle-low", .class = CLASS_NEVER_IDLE,
             .what = "16 cores around 15 %, 12 workloads, never at rest", SIZES, .workloads = 12,
             .load = 0.15, .mix = {.steady = 2, .wander = 3}),
    SCENARIO(CURVE(5, 56), .name = "never-idle-curve", .class = CLASS_NEVER_IDLE,
             .what = "a measured curve (Xeon 8180) around 40 %, never at rest", SIZES,
             .workloads = 15, .load = 0.40, .mix = {.steady = 2, .wander = 3}),

    /* From outside: what no estimator was made of. */
    SCENARIO(CORES_16(1), .name = "thermal", .class = CLASS_OUTSIDE, .heat = 0.04, .drift = 0.05,
             .what = "16 cores at 35 %, leakage follows load, the room warms", RESTS, SIZES,
             .workloads = 15, .load = 0.35, USUAL),
    SCENARIO(CORES_16(1), .name = "hysteresis", .class = CLASS_OUTSIDE, .hysteresis = 0.25,
             .what = "16 cores at 35 %, a step that comes at 40 % and goes at 25 %", RESTS, SIZES,
             .workloads = 15, .load = 0.35, USUAL),
    SCENARIO(CORES_16(1), .name = "fan", .class = CLASS_OUTSIDE, .fan = 0.15, .drift = 0.02,
             .what = "16 cores at 35 %, a fan that follows load and room", RESTS, SIZES,
             .workloads = 15, .load = 0.35, USUAL),
    SCENARIO(CORES_16(1), .name = "filtered-meter", .class = CLASS_OUTSIDE, .filter_s = {1, 3},
             .what = "16 cores at 35 %, a meter that smooths over 1 to 3 s", RESTS, SIZES,
             .workloads = 15, .load = 0.35, USUAL),
    SCENARIO(CURVE(1, 128), .name = "curve-epyc-7763", .class = CLASS_OUTSIDE,
             .what = "a measured curve (steep, straight, kick) at 10 %", RESTS, SIZES,
             .workloads = 20, .load = 0.10, USUAL),
    SCENARIO(CURVE(2, 128), .name = "curve-epyc-7702p", .class = CLASS_OUTSIDE,
             .what = "a measured curve (concave) at 40 %, day and night", RESTS, SIZES,
             .workloads = 20, .load = 0.40, USUAL, .day_s = 7200),
    SCENARIO(CURVE(3, 12), .name = "curve-e-2176g", .class = CLASS_OUTSIDE,
             .what = "a measured curve (convex) at 35 %", RESTS, SIZES, .workloads = 10,
             .load = 0.35, USUAL),
    SCENARIO(CURVE(4, 64), .name = "curve-gold-6314u", .class = CLASS_OUTSIDE,
             .what = "a measured curve (a leap at 75 %) at 40 %, day and night", RESTS, SIZES,
             .workloads = 15, .load = 0.40, USUAL, .day_s = 7200),
};
const size_t n_scenarios = ARRAY_SIZE(scenarios);

const char *const class_names[SCENARIO_CLASSES] = {
    [CLASS_IDENTIFIABLE] = "identifiable", [CLASS_SMALL] = "small",
    [CLASS_CONTENDED] = "contended",       [CLASS_STEADY] = "steady",
    [CLASS_OUTSIDE] = "outside",           [CLASS_NEVER_IDLE] = "never idle",
};

const struct scenario *scenario_find(const char *name)
{
    for (size_t i = 0; i < n_scenarios; i++) {
        if (str_equal(scenarios[i].name, name))
            return &scenarios[i];
    }
    return NULL;
}
