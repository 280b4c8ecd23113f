/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "vocabulary.h"

#include <assert.h>

static const struct criterion_info criteria[] = {
    [CRITERION_GWP] = {"GWP",       "climate change",                    "kgCO2e",    false},
    [CRITERION_ADPE] = {"ADPe",      "resource use, minerals and metals", "kgSbe",     false},
    [CRITERION_AP] = {"AP",        "acidification",                     "molH+e",    false},
    [CRITERION_PM] = {"PM",        "particulate matter",                "incidence", false},
    [CRITERION_IR] = {"IR",        "ionising radiation",                "kBqU235e",  false},
    [CRITERION_PE] = {"PE",        "total primary energy",              "MJ",        true },
    [CRITERION_WATER] = {"water",     "blue water consumed",               "m3",        true },
    [CRITERION_PARAMETER] = {"parameter", "number of the method",              "",          false},
};

static_assert(ARRAY_SIZE(criteria) == CRITERIA + 1, "a criterion has no name");

static const char *const phases[] = {[PHASE_USE] = "use", [PHASE_EMBODIED] = "embodied"};

/* clang-format 14 crashes on this table. */
/* clang-format off */
#define IMPACT false, 0, FACTOR_VALUE_MAX
static const struct factor_kind kinds[] = {
    [FACTOR_ELECTRICITY] = {"electricity", "kWh", PHASE_USE, IMPACT},
    [FACTOR_CPU] = {"cpu", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_CPU_DIE] = {"cpu-die", "mm2", PHASE_EMBODIED, IMPACT},
    [FACTOR_RAM] = {"ram", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_RAM_DIE] = {"ram-die", "cm2", PHASE_EMBODIED, IMPACT},
    [FACTOR_SSD] = {"ssd", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_SSD_DIE] = {"ssd-die", "cm2", PHASE_EMBODIED, IMPACT},
    [FACTOR_HDD] = {"hdd", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_GPU] = {"gpu", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_MOTHERBOARD] = {"motherboard", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_PSU] = {"psu", "kg", PHASE_EMBODIED, IMPACT},
    [FACTOR_CASE_RACK] = {"case-rack", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_CASE_BLADE] = {"case-blade", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_CHASSIS_BLADE] = {"chassis-blade", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_ASSEMBLY] = {"assembly", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_SERVER] = {"server", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_PUE] = {"pue", "ratio", PHASE_USE, true, PUE_ABOVE, PUE_MOST},
    [FACTOR_RAM_DENSITY] = {"ram-density", "GB/cm2", PHASE_EMBODIED, true, 0, 1e5},
    [FACTOR_SSD_DENSITY] = {"ssd-density", "GB/cm2", PHASE_EMBODIED, true, 0, 1e5},
    [FACTOR_PSU_MASS] = {"psu-mass", "kg", PHASE_EMBODIED, true, 0, 100},
    [FACTOR_BLADE_SLOTS] = {"blade-slots", "piece", PHASE_EMBODIED, true, 0, 1000},
    [FACTOR_LIFE] = {"life", "year", PHASE_EMBODIED, true, 0, LIFE_MOST},
    [FACTOR_SHARE_RAM] = {"share-ram", "ratio", PHASE_EMBODIED, true, 0, 1},
    [FACTOR_SHARE_CPU] = {"share-cpu", "ratio", PHASE_EMBODIED, true, 0, 1},
    [FACTOR_SHARE_STORAGE] = {"share-storage", "ratio", PHASE_EMBODIED, true, 0, 1},
};
/* clang-format on */

static_assert(ARRAY_SIZE(kinds) == FACTORS, "a factor has no name");

static const char *const origins[] = {
    [ORIGIN_UNKNOWN] = "unknown",
    [ORIGIN_DEFAULT] = "default",
    [ORIGIN_READ] = "read",
    [ORIGIN_DECLARED] = "declared",
};

static const char *const parts[] = {
    [PART_CPU] = "cpu", [PART_RAM] = "ram", [PART_SSD] = "ssd",   [PART_HDD] = "hdd",
    [PART_PSU] = "psu", [PART_GPU] = "gpu", [PART_RACK] = "rack", [PART_BLADE] = "blade",
};

const struct criterion_info *criterion_info(enum criterion criterion)
{
    return &criteria[criterion];
}

const char *phase_name(enum phase phase)
{
    return phases[phase];
}

const struct factor_kind *factor_kind(enum factor_id id)
{
    return &kinds[id];
}

const char *factor_name(enum factor_id id)
{
    return kinds[id].name;
}

enum phase factor_phase(enum factor_id id)
{
    return kinds[id].phase;
}

bool factor_is_parameter(enum factor_id id)
{
    return kinds[id].parameter;
}

const char *origin_name(enum origin origin)
{
    return origins[origin];
}

const char *part_name(enum part_kind kind)
{
    return parts[kind];
}

struct unit_text factor_unit(enum factor_id id, enum criterion criterion)
{
    struct unit_text unit;
    const char *slash = kinds[id].parameter ? "" : "/";
    (void)snprintf(unit.text, sizeof(unit.text), "%s%s%s", criteria[criterion].unit, slash,
                   kinds[id].per);
    return unit;
}
