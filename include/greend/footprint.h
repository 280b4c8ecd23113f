/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* From joules and hardware to impacts. Pure: no file, no clock; results point to the factors they
 * were made from, so that each can be recomputed by hand. docs/method.md is the method. */

#include "greend/factors.h"
#include "greend/inventory.h"

enum { FOOTPRINT_ERROR_MAX = 512 /* bytes that any error text fits in */ };

/* ---- What the operator declares ---- */

struct site {
    int geography;     /* GEOGRAPHY_UNKNOWN: not declared */
    struct figure pue; /* unknown: not declared */
    struct figure wue; /* litres on site per kWh of the machine; unknown: not declared */
};

enum { DAY_UNKNOWN = INT32_MIN };

enum destination { DESTINATION_UNKNOWN, DESTINATION_REUSE, DESTINATION_DONATION, DESTINATION_WEEE };

struct asset {
    enum machine machine; /* MACHINE_UNKNOWN: not declared */
    int32_t purchase;     /* days since 1970-01-01, or DAY_UNKNOWN */
    int32_t planned_end;  /* the first day without it, or DAY_UNKNOWN */
    int32_t life_days;    /* 0: not declared */
    bool refurbished;
    int32_t earlier_days;         /* in use elsewhere before the purchase */
    int32_t later_days;           /* planned in use elsewhere after the end */
    struct figure host_share;     /* of a virtual machine: its part of its host, 0 to 1 */
    enum destination destination; /* where it goes at the end */
    struct figure mass;           /* kg; unknown: not declared */
};

void site_undeclared(struct site *ret_site);
void asset_undeclared(struct asset *ret_asset);

/* Set one fact from its text: keys country, pue, wue; machine, purchase, planned_end, life,
 * refurbished, earlier_use, later_use, host_share, destination, mass. An empty value: not declared.
 * -EINVAL: no such key, or a wrong value: nothing was changed, and ret_error (FOOTPRINT_ERROR_MAX
 * bytes) says what was expected, in one line of escaped UTF-8. */
int site_set(struct site *site, const char *key, const char *value, char *ret_error);
int asset_set(struct asset *asset, const char *key, const char *value, char *ret_error);

/* Whether the facts of an asset agree with each other. -EINVAL and ret_error as above. */
int asset_check(const struct asset *asset, char *ret_error);

/* A date as YYYY-MM-DD to days since 1970-01-01, and back. -EINVAL: not of that form, or no such
 * day; years 1970 to 2199. */
int date_parse(const char *text, int32_t *ret_day);
void date_format(int32_t day, char ret_text[11]);

/* Whole days of a life told in years: years x 365.25, rounded. */
int32_t days_of_years(double years);

/* ---- Use ---- */

struct use_impacts {
    struct figure energy_kwh;    /* of the machine */
    struct figure pue;           /* as used */
    const struct factor *pue_by; /* the default that was used; NULL: declared, or unknown */
    struct figure facility_kwh;  /* energy x PUE */
    struct figure impacts[CRITERIA];
    const struct factor *factors[CRITERIA]; /* of electricity; NULL: not published */
    /* Of impacts[CRITERION_WATER], m3. The sum is unknown where one of them is. */
    struct figure water_on_site;  /* energy x WUE */
    struct figure water_upstream; /* energy x PUE x factor */
};

/* In kWh, with its interval. uncertainty_uj: its half-width; UINT64_MAX: not stated. */
struct figure energy_figure(uint64_t energy_uj, uint64_t uncertainty_uj);

/* Linear in the energy: the impacts of parts add up to that of their sum, but for the rounding of
 * doubles (each within 1e-15 of itself). */
void use_impacts_of(const struct factor_table *table, const struct site *site,
                    struct figure energy_kwh, struct use_impacts *ret);
void use_impacts(const struct factor_table *table, const struct site *site, uint64_t energy_uj,
                 uint64_t uncertainty_uj, struct use_impacts *ret);

/* ---- The hardware itself ---- */

/* Why something is not in a sum. */
enum embodied_gap {
    EMBODIED_NO_SIZE = 1 << 0,   /* of a part: size not known; what goes by size is left out */
    EMBODIED_NO_FACTOR = 1 << 1, /* of a part: for some criterion that others have */
    EMBODIED_NO_CPU = 1 << 2,    /* the machine's: no such part is in the inventory */
    EMBODIED_NO_RAM = 1 << 3,
    EMBODIED_NO_PSU = 1 << 4,
    EMBODIED_NO_CASE = 1 << 5,
    EMBODIED_NO_MACHINE = 1 << 6, /* neither physical nor virtual is known: nothing is computed */
    EMBODIED_NO_SHARE = 1 << 7,   /* a virtual machine without a declared share: likewise */
};

/* One line of the sum: impact = count x (amount x factor_amount + factor_piece). */
struct embodied_item {
    const struct inventory_part *part; /* NULL: motherboard, assembly, whole server */
    enum factor_id id;        /* what it is, by the factor per piece or, of a PSU, per kg */
    enum factor_id amount_id; /* of the factors by amount; FACTORS: there are none */
    uint32_t count;
    struct figure amount;    /* mm2, cm2, kg, or part of a chassis; unknown: there is none */
    enum origin size_origin; /* of what amount was made from; ORIGIN_DEFAULT: from default_size */
    enum origin density_origin;
    const struct factor *default_size;    /* NULL: none was used */
    const struct factor *default_density; /* likewise */
    const struct factor *by_amount[CRITERIA];
    const struct factor *by_piece[CRITERIA];
    struct figure impacts[CRITERIA]; /* of all `count`; unknown: not published */
    unsigned gaps;                   /* EMBODIED_* */
};

struct embodied {
    bool whole;                    /* from the factor of a whole server */
    struct figure share;           /* of the host; 1 for a physical machine */
    struct figure total[CRITERIA]; /* of the machine, or of the share, over its whole life */
    bool complete[CRITERIA];       /* false: at least that, for some part is not counted */
    unsigned gaps;                 /* of the machine and of all parts */
    struct embodied_item items[INVENTORY_PARTS_MAX + 2];
    size_t n_items;
};

enum embodied_by {
    EMBODIED_BY_PARTS, /* a whole server where neither a CPU nor a RAM module is known */
    EMBODIED_BY_SERVER
};

/* asset: what it declares of machine and host_share goes before the inventory's. The result points
 * into inventory and table. */
void embodied_impacts(const struct factor_table *table, const struct inventory *inventory,
                      const struct asset *asset, enum embodied_by by, struct embodied *ret);

/* The part of its host that a virtual machine has by the split of the product category rules: RAM
 * 85 %, CPU 2 %, storage 13 %, each times its own part, 0 to 1. */
struct figure host_share_by_reservation(const struct factor_table *table, double ram, double cpu,
                                        double storage);

enum amortised_note {
    AMORTISED_NO_PURCHASE = 1 << 0,     /* not declared: nothing can be said */
    AMORTISED_DEFAULT_LIFE = 1 << 1,    /* life is the method's default */
    AMORTISED_BEFORE_PURCHASE = 1 << 2, /* the period begins before it: that time counts 0 */
    AMORTISED_PAST_LIFE = 1 << 3,       /* the period ends behind the life: that time counts 0 */
    AMORTISED_REFURBISHED = 1 << 4,     /* its life begins with its first owner */
    AMORTISED_NO_EARLIER_USE = 1 << 5,  /* refurbished, and how long it served is not declared: 0 */
};

struct amortised {
    struct figure share; /* of the embodied impacts, for the period; unknown: AMORTISED_NO_PURCHASE,
                            or no factor says a life */
    int32_t begin;       /* of the life here, a day */
    int32_t end;         /* behind its last day */
    int32_t whole_days;  /* earlier, here and later */
    double period_days;  /* of the period, within [begin, end) */
    const struct factor *life; /* the default; NULL: declared */
    unsigned notes;            /* AMORTISED_* */
};

/* asset: within what asset_set() and asset_check() accept. Times of the site's civil clock: seconds
 * since 1970-01-01 00:00 there, so that a date begins at 86,400 x its day. */
void amortised_share(const struct factor_table *table, const struct asset *asset, int64_t since_s,
                     int64_t until_s, struct amortised *ret);

/* ---- Rates ---- */

/* Software Carbon Intensity 1.1: ((E x I) + M) / R in kgCO2e per functional unit. energy_kwh: as
 * the operator bounds it (with the PUE: facility_kwh); intensity: kgCO2e/kWh, location-based;
 * embodied: kgCO2e of the period. Unknown also where there are no units. */
struct figure carbon_intensity(struct figure energy_kwh, struct figure intensity,
                               struct figure embodied, uint64_t units);
