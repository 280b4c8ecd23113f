/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What a machine without a meter probably uses, from published measurements of other machines.
 * Pure. docs/model.md explains the numbers; collectors/model/derive.py makes them. */

#include "collectors/model/cpuinfo.h"

/* Rows of collectors/model/table.inc. */
enum estimate_row {
    ESTIMATE_INTEL_CORE2,
    ESTIMATE_INTEL_NEHALEM,
    ESTIMATE_INTEL_SANDY_BRIDGE,
    ESTIMATE_INTEL_HASWELL,
    ESTIMATE_INTEL_SKYLAKE,
    ESTIMATE_INTEL_ICE_LAKE,
    ESTIMATE_INTEL_ENTRY_OLD,
    ESTIMATE_INTEL_ENTRY,
    ESTIMATE_AMD_OPTERON,
    ESTIMATE_AMD_ZEN1,
    ESTIMATE_AMD_ZEN2,
    ESTIMATE_AMD_ZEN3,
    ESTIMATE_UNKNOWN, /* an x86 processor of no family above */
    ESTIMATE_FOREIGN, /* ARM, POWER ...: no published result is of such a machine */
    ESTIMATE_ROWS
};

enum { ESTIMATE_POINTS = 11 /* 0, 10 ... 100 % of load */ };

struct machine {
    struct cpuinfo cpu;
    uint64_t memory_kb;
    bool guest;  /* a virtual machine */
    bool laptop; /* as the firmware describes the case */
    bool server;
};

struct estimate {
    enum estimate_row row;
    const char *why; /* constant: what the estimate rests on */
    uint64_t idle_uw;
    uint64_t full_uw;          /* at full load, at least idle_uw */
    uint32_t uncertainty_ppm;  /* half-width of the 95 % interval; may exceed PPM */
    const uint32_t *curve_ppm; /* [ESTIMATE_POINTS]: part of full - idle at each load, rising */
};

/* Which row speaks for a machine. */
enum estimate_row estimate_row_of(const struct machine *machine);

/* The estimate by that row. Missing facts count as 1 core, 1 socket, 1 GB. */
void estimate_by_row(enum estimate_row row, const struct machine *machine,
                     struct estimate *ret_estimate);

/* Power at a utilisation between 0 and PPM (above counts as PPM). */
uint64_t estimate_power_uw(const struct estimate *estimate, uint64_t busy_ppm);

/* Power of what a server's package and DRAM meters do not see: supplies, fans, board, disks. */
uint64_t estimate_rest_uw(uint32_t sockets, uint64_t package_dram_uw);

/* Whether estimate_rest_uw() has a basis: a server with meters of its own, so neither guest,
 * laptop, desktop nor a small server with a desktop's processor. */
bool estimate_has_rest(const struct machine *machine);
