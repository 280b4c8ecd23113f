/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/text.h"
#include "footprint/words/decimal.h"
#include "footprint/words/vocabulary.h"
#include "greend/footprint.h"
#include "greend/language.h"

#define WUE_MOST  100.0 /* litres per kWh */
#define MASS_MOST 1e5   /* kg */

/* One key: set() is given its text, and what it returns besides 0 is an error; `expected` says what
 * would have been right. */
struct fact {
    const char *key;
    const char *expected;
    int (*set)(void *facts, const char *value, size_t field);
    size_t field; /* offset in struct site or struct asset */
};

void site_undeclared(struct site *ret_site)
{
    *ret_site = (struct site){.geography = GEOGRAPHY_UNKNOWN};
}

void asset_undeclared(struct asset *ret_asset)
{
    *ret_asset = (struct asset){.purchase = DAY_UNKNOWN, .planned_end = DAY_UNKNOWN};
}

/* ---- Values ---- */

static int set_country(void *facts, const char *value, size_t field)
{
    int *geography = (int *)((char *)facts + field);
    int found = geography_find(value, strlen(value));
    if (*value != '\0' && found == GEOGRAPHY_UNKNOWN)
        return -EINVAL;
    *geography = found;
    return 0;
}

/* above < number <= most, or also 0 where above is negative. */
static int set_number(void *facts, const char *value, size_t field, double above, double most)
{
    struct figure *figure = (struct figure *)((char *)facts + field);
    double number = 0;
    if (*value == '\0') {
        *figure = (struct figure){0};
        return 0;
    }
    int r = decimal_parse(value, strlen(value), &number);
    if (r < 0)
        return r;
    if (number <= above || number > most)
        return -ERANGE;
    *figure = figure_exact(number);
    return 0;
}

static int set_pue(void *facts, const char *value, size_t field)
{
    return set_number(facts, value, field, PUE_ABOVE, PUE_MOST);
}

static int set_wue(void *facts, const char *value, size_t field)
{
    return set_number(facts, value, field, -1, WUE_MOST);
}

static int set_share(void *facts, const char *value, size_t field)
{
    return set_number(facts, value, field, 0, 1);
}

static int set_date(void *facts, const char *value, size_t field)
{
    int32_t *day = (int32_t *)((char *)facts + field);
    if (*value != '\0')
        return date_parse(value, day);
    *day = DAY_UNKNOWN;
    return 0;
}

static int set_years(void *facts, const char *value, size_t field)
{
    struct figure years;
    int r = set_number(&years, value, 0, 0, LIFE_MOST);
    if (r < 0)
        return r;
    int32_t days = years.known ? days_of_years(years.value) : 0;
    if (years.known && days == 0)
        return -ERANGE;
    *(int32_t *)((char *)facts + field) = days;
    return 0;
}

static int set_flag(void *facts, const char *value, size_t field)
{
    bool yes = str_equal(value, "yes");
    if (!yes && !str_equal(value, "no") && *value != '\0')
        return -EINVAL;
    *((bool *)((char *)facts + field)) = yes;
    return 0;
}

static int set_machine(void *facts, const char *value, size_t field)
{
    static const char *const names[] = {
        [MACHINE_UNKNOWN] = "",
        [MACHINE_PHYSICAL] = "physical",
        [MACHINE_VIRTUAL] = "virtual",
    };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (str_equal(value, names[i])) {
            *(enum machine *)((char *)facts + field) = (enum machine)i;
            return 0;
        }
    }
    return -EINVAL;
}

static int set_mass(void *facts, const char *value, size_t field)
{
    return set_number(facts, value, field, 0, MASS_MOST);
}

static int set_destination(void *facts, const char *value, size_t field)
{
    static const char *const names[] = {
        [DESTINATION_UNKNOWN] = "",
        [DESTINATION_REUSE] = "reuse",
        [DESTINATION_DONATION] = "donation",
        [DESTINATION_WEEE] = "weee",
    };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (str_equal(value, names[i])) {
            *(enum destination *)((char *)facts + field) = (enum destination)i;
            return 0;
        }
    }
    return -EINVAL;
}

/* ---- Keys ---- */

static const char date_expected[] = N_("a date as 2024-03-31");
static const char years_expected[] = N_("a number of years, above 0 and up to 50");

static const struct fact site_facts[] = {
    {"country", N_("a country by its ISO 3166 code or English name, as FR, FRA or France"),
     set_country,                                                                                    offsetof(struct site, geography)},
    {"pue",     N_("a number above 1 and up to 5"),                                         set_pue, offsetof(struct site, pue)      },
    {"wue",     N_("litres per kWh, 0 to 100"),                                             set_wue, offsetof(struct site, wue)      },
};

static const struct fact asset_facts[] = {
    {"machine",     N_("physical or virtual"),          set_machine,     offsetof(struct asset, machine)     },
    {"purchase",    date_expected,                      set_date,        offsetof(struct asset, purchase)    },
    {"planned_end", date_expected,                      set_date,        offsetof(struct asset, planned_end) },
    {"life",        years_expected,                     set_years,       offsetof(struct asset, life_days)   },
    {"refurbished", N_("yes or no"),                    set_flag,        offsetof(struct asset, refurbished) },
    {"earlier_use", years_expected,                     set_years,       offsetof(struct asset, earlier_days)},
    {"later_use",   years_expected,                     set_years,       offsetof(struct asset, later_days)  },
    {"host_share",  N_("a number above 0 and up to 1"), set_share,
     offsetof(struct asset,                                                                     host_share)  },
    {"destination", N_("reuse, donation or weee"),      set_destination,
     offsetof(struct asset,                                                                     destination) },
    {"mass",        N_("kg, above 0 and up to 100000"), set_mass,        offsetof(struct asset, mass)        },
};

struct shown {
    char text[72];
};

static struct shown show(const char *raw)
{
    struct shown shown;
    (void)text_escape(shown.text, sizeof(shown.text), raw, strlen(raw));
    return shown;
}

static int fact_set(const struct fact *facts, size_t n, void *target, const char *key,
                    const char *value, char *ret_error)
{
    for (size_t i = 0; i < n; i++) {
        if (!str_equal(facts[i].key, key))
            continue;
        if (facts[i].set(target, value, facts[i].field) == 0)
            return 0;
        (void)snprintf(ret_error, FOOTPRINT_ERROR_MAX, _("%s: expected %s, got '%s'%s"), key,
                       _(facts[i].expected), show(value).text,
                       strchr(value, ',') ? _(": decimals have a point") : "");
        return -EINVAL;
    }
    size_t length = (size_t)snprintf(ret_error, FOOTPRINT_ERROR_MAX,
                                     _("'%s' is not known: expected "), show(key).text);
    for (size_t i = 0; i < n && length < FOOTPRINT_ERROR_MAX; i++)
        length += (size_t)snprintf(ret_error + length, FOOTPRINT_ERROR_MAX - length, "%s%s",
                                   i == 0       ? ""
                                   : i == n - 1 ? _(" or ")
                                                : ", ",
                                   facts[i].key);
    return -EINVAL;
}

int site_set(struct site *site, const char *key, const char *value, char *ret_error)
{
    return fact_set(site_facts, ARRAY_SIZE(site_facts), site, key, value, ret_error);
}

int asset_set(struct asset *asset, const char *key, const char *value, char *ret_error)
{
    return fact_set(asset_facts, ARRAY_SIZE(asset_facts), asset, key, value, ret_error);
}

int asset_check(const struct asset *asset, char *ret_error)
{
    bool dated = asset->purchase != DAY_UNKNOWN && asset->planned_end != DAY_UNKNOWN;
    if (dated && asset->planned_end <= asset->purchase) {
        char purchase[11];
        char end[11];
        date_format(asset->purchase, purchase);
        date_format(asset->planned_end, end);
        (void)snprintf(ret_error, FOOTPRINT_ERROR_MAX,
                       _("planned_end: expected a date after the purchase, %s, got %s"), purchase,
                       end);
        return -EINVAL;
    }
    const char *wrong = NULL;
    if (asset->planned_end != DAY_UNKNOWN && asset->life_days > 0)
        wrong = _("life: expected life or planned_end, got both: remove one");
    else if (asset->earlier_days > 0 && !asset->refurbished)
        wrong =
            _("earlier_use: only a refurbished machine was used elsewhere: say refurbished=yes, "
              "or remove it");
    else if (asset->host_share.known && asset->machine == MACHINE_PHYSICAL)
        wrong = _("host_share: only a virtual machine has one: say machine=virtual, or remove it");
    if (!wrong)
        return 0;
    (void)str_copy(ret_error, FOOTPRINT_ERROR_MAX, wrong);
    return -EINVAL;
}
