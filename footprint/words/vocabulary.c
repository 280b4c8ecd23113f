/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "footprint/words/vocabulary.h"

#include <assert.h>

#include "greend/language.h"

static const struct criterion_info criteria[] = {
    [CRITERION_GWP] = {"GWP",       N_("climate change"),                    N_("kgCO2e"), false},
    [CRITERION_ADPE] = {"ADPe",      N_("resource use, minerals and metals"), "kgSbe",      false},
    [CRITERION_AP] = {"AP",        N_("acidification"),                     "molH+e",     false},
    [CRITERION_PM] = {"PM",        N_("particulate matter"),                "incidence",  false},
    [CRITERION_IR] = {"IR",        N_("ionising radiation"),                "kBqU235e",   false},
    [CRITERION_PE] = {"PE",        N_("total primary energy"),              "MJ",         true },
    [CRITERION_WATER] = {"water",     N_("blue water consumed"),               N_("m3"),     true },
    [CRITERION_PARAMETER] = {"parameter", "number of the method",                  "",           false},
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
    [FACTOR_MOTHERBOARD] = {NC_("part", "motherboard"), "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_PSU] = {"psu", "kg", PHASE_EMBODIED, IMPACT},
    [FACTOR_CASE_RACK] = {"case-rack", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_CASE_BLADE] = {"case-blade", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_CHASSIS_BLADE] = {"chassis-blade", "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_ASSEMBLY] = {NC_("part", "assembly"), "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_SERVER] = {NC_("part", "server"), "piece", PHASE_EMBODIED, IMPACT},
    [FACTOR_PUE] = {NC_("factor", "pue"), "ratio", PHASE_USE, true, PUE_ABOVE, PUE_MOST},
    [FACTOR_RAM_DENSITY] = {NC_("factor", "ram-density"), "GB/cm2", PHASE_EMBODIED, true, 0, 1e5},
    [FACTOR_SSD_DENSITY] = {NC_("factor", "ssd-density"), "GB/cm2", PHASE_EMBODIED, true, 0, 1e5},
    [FACTOR_PSU_MASS] = {NC_("factor", "psu-mass"), "kg", PHASE_EMBODIED, true, 0, 100},
    [FACTOR_BLADE_SLOTS] = {NC_("factor", "blade-slots"), "piece", PHASE_EMBODIED, true, 0, 1000},
    [FACTOR_LIFE] = {NC_("factor", "life"), "year", PHASE_EMBODIED, true, 0, LIFE_MOST},
    [FACTOR_SHARE_RAM] = {"share-ram", "ratio", PHASE_EMBODIED, true, 0, 1},
    [FACTOR_SHARE_CPU] = {"share-cpu", "ratio", PHASE_EMBODIED, true, 0, 1},
    [FACTOR_SHARE_STORAGE] = {"share-storage", "ratio", PHASE_EMBODIED, true, 0, 1},
};
/* clang-format on */

static_assert(ARRAY_SIZE(kinds) == FACTORS, "a factor has no name");

static const char *const origins[] = {
    [ORIGIN_UNKNOWN] = NC_("origin", "unknown"),
    [ORIGIN_DEFAULT] = NC_("origin", "default"),
    [ORIGIN_READ] = NC_("origin", "read"),
    [ORIGIN_DECLARED] = NC_("origin", "declared"),
};

static const char *const parts[] = {
    [PART_CPU] = NC_("part", "cpu"),   [PART_RAM] = NC_("part", "ram"),
    [PART_SSD] = NC_("part", "ssd"),   [PART_HDD] = NC_("part", "hdd"),
    [PART_PSU] = NC_("part", "psu"),   [PART_GPU] = NC_("part", "gpu"),
    [PART_RACK] = NC_("part", "rack"), [PART_BLADE] = NC_("part", "blade"),
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
