/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/model/estimate.h"

#include <math.h>

#include "greend/language.h"
#include "greend/units.h"

/* Power = scale x cores^a x chips^b x GB^c, exponents in millionths. */
struct law {
    uint64_t scale_uw;
    uint32_t cores_ppm;
    uint32_t chips_ppm;
    uint32_t memory_ppm;
};

struct row {
    const char *why;
    const char *guest_why;
    uint64_t thread_idle_uw; /* a hardware thread's share of a host; 0: no host of this kind */
    uint64_t thread_full_uw;
    struct law idle;
    struct law full;
    uint32_t band_ppm;      /* 95 % of all load points */
    uint32_t idle_band_ppm; /* 95 % of idle alone */
    uint32_t guest_band_ppm;
    uint32_t curve_ppm[ESTIMATE_POINTS];
};

/* rows[] and REST_... */
#include "collectors/model/table.inc"

static const char why_laptop[] =
    N_("an estimate, no measurement, and a poor one: a laptop reckoned as if it were a server");

/* Which processors a row is for. Desktop processors of the Zen generations have other models. */
static const struct {
    enum cpu_vendor vendor;
    uint8_t family, first_model, last_model;
    enum estimate_row row;
} processors[] = {
    {CPU_VENDOR_INTEL, 15, 0,   6,   ESTIMATE_INTEL_CORE2       }, /* NetBurst */
    {CPU_VENDOR_INTEL, 6,  15,  15,  ESTIMATE_INTEL_CORE2       },
    {CPU_VENDOR_INTEL, 6,  22,  23,  ESTIMATE_INTEL_CORE2       },
    {CPU_VENDOR_INTEL, 6,  29,  29,  ESTIMATE_INTEL_CORE2       },
    {CPU_VENDOR_INTEL, 6,  26,  26,  ESTIMATE_INTEL_NEHALEM     },
    {CPU_VENDOR_INTEL, 6,  30,  31,  ESTIMATE_INTEL_NEHALEM     },
    {CPU_VENDOR_INTEL, 6,  37,  37,  ESTIMATE_INTEL_NEHALEM     }, /* Westmere */
    {CPU_VENDOR_INTEL, 6,  44,  44,  ESTIMATE_INTEL_NEHALEM     }, /* Westmere-EP */
    {CPU_VENDOR_INTEL, 6,  45,  45,  ESTIMATE_INTEL_SANDY_BRIDGE},
    {CPU_VENDOR_INTEL, 6,  62,  62,  ESTIMATE_INTEL_SANDY_BRIDGE}, /* Ivy Bridge-EP */
    {CPU_VENDOR_INTEL, 6,  63,  63,  ESTIMATE_INTEL_HASWELL     },
    {CPU_VENDOR_INTEL, 6,  79,  79,  ESTIMATE_INTEL_HASWELL     }, /* Broadwell-EP */
    {CPU_VENDOR_INTEL, 6,  85,  85,  ESTIMATE_INTEL_SKYLAKE     }, /* to Cooper Lake */
    {CPU_VENDOR_INTEL, 6,  106, 106, ESTIMATE_INTEL_ICE_LAKE    },
    {CPU_VENDOR_INTEL, 6,  108, 108, ESTIMATE_INTEL_ICE_LAKE    },
    {CPU_VENDOR_INTEL, 6,  134, 134, ESTIMATE_INTEL_ICE_LAKE    }, /* as QEMU calls it */
    {CPU_VENDOR_INTEL, 6,  42,  42,  ESTIMATE_INTEL_ENTRY_OLD   }, /* Sandy Bridge */
    {CPU_VENDOR_INTEL, 6,  58,  58,  ESTIMATE_INTEL_ENTRY_OLD   }, /* Ivy Bridge */
    {CPU_VENDOR_INTEL, 6,  60,  61,  ESTIMATE_INTEL_ENTRY_OLD   }, /* Haswell, Broadwell */
    {CPU_VENDOR_INTEL, 6,  69,  71,  ESTIMATE_INTEL_ENTRY_OLD   },
    {CPU_VENDOR_INTEL, 6,  78,  78,  ESTIMATE_INTEL_ENTRY       }, /* Skylake, mobile */
    {CPU_VENDOR_INTEL, 6,  94,  94,  ESTIMATE_INTEL_ENTRY       }, /* Skylake */
    {CPU_VENDOR_INTEL, 6,  142, 142, ESTIMATE_INTEL_ENTRY       }, /* Kaby Lake, mobile */
    {CPU_VENDOR_INTEL, 6,  158, 158, ESTIMATE_INTEL_ENTRY       }, /* Kaby and Coffee Lake */
    {CPU_VENDOR_INTEL, 6,  165, 167, ESTIMATE_INTEL_ENTRY       }, /* Comet and Rocket Lake */
    {CPU_VENDOR_AMD,   15, 0,   255, ESTIMATE_AMD_OPTERON       }, /* K8 */
    {CPU_VENDOR_AMD,   16, 0,   255, ESTIMATE_AMD_OPTERON       }, /* K10 */
    {CPU_VENDOR_AMD,   21, 0,   255, ESTIMATE_AMD_OPTERON       }, /* Bulldozer */
    {CPU_VENDOR_AMD,   23, 0,   1,   ESTIMATE_AMD_ZEN1          }, /* Naples */
    {CPU_VENDOR_AMD,   23, 49,  49,  ESTIMATE_AMD_ZEN2          }, /* Rome */
    {CPU_VENDOR_AMD,   25, 0,   1,   ESTIMATE_AMD_ZEN3          }, /* Milan */
};

/* QEMU's own processors carry the numbers of a Pentium 4 or a K8 that no host is. */
static bool is_made_up(const struct cpuinfo *cpu)
{
    return strstr(cpu->name, "QEMU") || strstr(cpu->name, "KVM");
}

enum estimate_row estimate_row_of(const struct machine *machine)
{
    const struct cpuinfo *cpu = &machine->cpu;
    enum estimate_row row = cpu->x86 ? ESTIMATE_UNKNOWN : ESTIMATE_FOREIGN;
    if (!cpu->x86 || is_made_up(cpu))
        return row;
    for (size_t i = 0; i < ARRAY_SIZE(processors); i++)
        if (cpu->vendor == processors[i].vendor && cpu->family == processors[i].family &&
            cpu->model >= processors[i].first_model && cpu->model <= processors[i].last_model)
            row = processors[i].row;
    /* Small machines are no hosts: that guest shows an older processor than its host has. */
    return machine->guest && rows[row].thread_full_uw == 0 ? ESTIMATE_UNKNOWN : row;
}

/* Doubles, once in a machine's life: a power law in integers would be more code and less exact. */
static uint64_t law_uw(const struct law *law, const struct machine *machine)
{
    double cores = MAX(machine->cpu.cores, 1U);
    double chips = MAX(machine->cpu.sockets, 1U);
    uint64_t memory_kb =
        MIN(machine->memory_kb, UINT64_C(1) << 36); /* 64 TB: no machine has more */
    double gigabytes = fmax((double)memory_kb / (1024.0 * 1024.0), 1.0);
    double factor = pow(cores, law->cores_ppm / 1e6) * pow(chips, law->chips_ppm / 1e6) *
                    pow(gigabytes, law->memory_ppm / 1e6);
    return (uint64_t)((double)law->scale_uw * factor + 0.5);
}

void estimate_by_row(enum estimate_row number, const struct machine *machine,
                     struct estimate *ret_estimate)
{
    const struct row *row = &rows[number];
    struct estimate estimate = {.row = number, .curve_ppm = row->curve_ppm};
    if (machine->guest) {
        uint64_t threads = MAX(machine->cpu.threads, 1U);
        estimate.idle_uw = threads * row->thread_idle_uw;
        estimate.full_uw = threads * row->thread_full_uw;
        estimate.uncertainty_ppm = row->guest_band_ppm;
        estimate.why = row->guest_why;
    } else {
        estimate.idle_uw = law_uw(&row->idle, machine);
        estimate.full_uw = law_uw(&row->full, machine);
        /* Servers idle most of the time, so the wider of the two. */
        estimate.uncertainty_ppm = MAX(row->band_ppm, row->idle_band_ppm);
        estimate.why = row->why;
    }
    if (machine->laptop) {
        estimate.uncertainty_ppm = MAX(estimate.uncertainty_ppm, (uint32_t)PPM);
        estimate.why = why_laptop;
    }
    estimate.full_uw = MAX(estimate.full_uw, estimate.idle_uw);
    *ret_estimate = estimate;
}

uint64_t estimate_power_uw(const struct estimate *estimate, uint64_t busy_ppm)
{
    const uint64_t step_ppm = PPM / (ESTIMATE_POINTS - 1);
    busy_ppm = MIN(busy_ppm, PPM);
    size_t below = MIN((size_t)(busy_ppm / step_ppm), (size_t)ESTIMATE_POINTS - 2);
    uint64_t from = estimate->curve_ppm[below];
    uint64_t to = estimate->curve_ppm[below + 1];
    uint64_t part_ppm = from + mul_div(to - from, busy_ppm - below * step_ppm, step_ppm);
    return estimate->idle_uw + mul_div(estimate->full_uw - estimate->idle_uw, part_ppm, PPM);
}

uint64_t estimate_rest_uw(uint32_t sockets, uint64_t package_dram_uw)
{
    return add_saturated((uint64_t)sockets * REST_SOCKET_UW,
                         mul_div(package_dram_uw, REST_SLOPE_PPM, PPM));
}

bool estimate_has_rest(const struct machine *machine)
{
    if (machine->guest || machine->laptop || !machine->cpu.x86)
        return false;
    enum estimate_row row = estimate_row_of(machine);
    if (row == ESTIMATE_UNKNOWN)
        return machine->server;
    return row != ESTIMATE_INTEL_ENTRY && row != ESTIMATE_INTEL_ENTRY_OLD;
}
