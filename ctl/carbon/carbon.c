/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "carbon/carbon.h"

#include <search.h>
#include <time.h>

#include "core/text.h"
#include "ctl.h"
#include "greend/units.h"

struct gather {
    struct carbon *carbon;
    void *index; /* of rows, by type, kind and unit */
    bool begun;
    int64_t begin_s; /* of the hour that what follows speaks of */
    bool known;
    double grams;
    int hour;
};

void carbon_done(struct carbon *carbon)
{
    for (size_t i = 0; i < carbon->n_rows; i++)
        free(carbon->rows[i]);
    free(carbon->rows);
    carbon->rows = NULL;
    carbon->n_rows = 0;
}

/* ---- Rows ---- */

static int compare_keys(const void *a, const void *b)
{
    const struct carbon_row *x = a;
    const struct carbon_row *y = b;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return strcmp(x->unit, y->unit);
}

static int by_energy(const void *a, const void *b)
{
    const struct carbon_row *x = *(struct carbon_row *const *)a;
    const struct carbon_row *y = *(struct carbon_row *const *)b;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    if (x->energy_uj != y->energy_uj)
        return x->energy_uj > y->energy_uj ? -1 : 1;
    return compare_keys(x, y);
}

static int row_find(struct gather *gather, const struct carbon_row *key, struct carbon_row **ret)
{
    struct carbon *carbon = gather->carbon;
    struct carbon_row **found = tfind(key, &gather->index, compare_keys);
    if (found) {
        *ret = *found;
        return 0;
    }
    if (carbon->n_rows == carbon->capacity) {
        size_t capacity = MAX(2 * carbon->capacity, (size_t)64);
        struct carbon_row **rows = reallocarray(carbon->rows, capacity, sizeof(void *));
        if (!rows)
            return -ENOMEM;
        carbon->rows = rows;
        carbon->capacity = capacity;
    }
    CLEANUP(free_p) struct carbon_row *row = malloc(sizeof(*row));
    if (!row)
        return -ENOMEM;
    *row = *key;
    if (!tsearch(row, &gather->index, compare_keys))
        return -ENOMEM;
    *ret = row;
    carbon->rows[carbon->n_rows++] = TAKE_PTR(row);
    return 0;
}

static void keep_node(void *row)
{
    (void)row; /* belongs to carbon->rows */
}

static struct carbon_row key_of(const struct workload *workload)
{
    struct carbon_row key = {.type = REPORT_ROW_ITEM, .kind = -1};
    if (workload->kind == WORKLOAD_IDLE)
        key.type = REPORT_ROW_IDLE;
    else if (workload->kind == WORKLOAD_UNATTRIBUTED)
        key.type = REPORT_ROW_UNATTRIBUTED;
    if (key.type != REPORT_ROW_ITEM)
        return key;
    key.kind = workload->kind < WORKLOAD_KINDS ? (int)workload->kind : -1;
    (void)text_escape(key.unit, sizeof(key.unit), workload->unit,
                      strnlen(workload->unit, sizeof(workload->unit)));
    return key;
}

static void add(const struct gather *gather, struct carbon_row *row,
                const struct store_usage *usage)
{
    uint64_t energy_uj = usage->energy_uj;
    uint64_t modelled_uj = store_usage_modelled(usage) ? energy_uj : 0;
    double kwh = (double)energy_uj / (double)UJ_PER_KWH;
    row->energy_uj = add_saturated(row->energy_uj, energy_uj);
    row->modelled_uj = add_saturated(row->modelled_uj, modelled_uj);
    if (!gather->known)
        return;
    row->known_uj = add_saturated(row->known_uj, energy_uj);
    row->grams += kwh * gather->grams;
    row->hours[gather->hour].kwh += kwh;
    row->hours[gather->hour].grams += kwh * gather->grams;
}

/* ---- Hours ---- */

/* Where hours are no longer kept, there are days: nothing is known of their hours. */
static void enter_hour(struct gather *gather, const struct store_usage *usage)
{
    struct carbon *carbon = gather->carbon;
    time_t time = (time_t)usage->begin_s;
    struct tm wall;
    gather->begun = true;
    gather->begin_s = usage->begin_s;
    gather->known =
        usage->length_s <= INTENSITY_HOUR_S &&
        intensity_mean(carbon->intensity, usage->begin_s, usage->length_s, &gather->grams) &&
        localtime_r(&time, &wall);
    if (!gather->known)
        return;
    gather->hour = wall.tm_hour;
    carbon->grid.n++;
    carbon->grid.grams += gather->grams;
    carbon->grid_hours[gather->hour].n++;
    carbon->grid_hours[gather->hour].grams += gather->grams;
}

static int on_usage(void *userdata, const struct store_usage *usage)
{
    struct gather *gather = userdata;
    struct carbon_row *row = NULL;
    if (!gather->begun || gather->begin_s != usage->begin_s)
        enter_hour(gather, usage);
    if (!usage->domain || usage->workload->kind == WORKLOAD_UNSPLIT)
        return 0;
    struct carbon_row key = key_of(usage->workload);
    int r = row_find(gather, &key, &row);
    if (r < 0)
        return r;
    add(gather, row, usage);
    add(gather, &gather->carbon->total, usage);
    return 0;
}

int carbon_collect(struct carbon *carbon, struct store_reader *reader)
{
    struct gather gather = {.carbon = carbon};
    carbon->total = (struct carbon_row){.type = REPORT_ROW_TOTAL, .kind = -1};
    int r = store_reader_period(reader, carbon->since_s, carbon->until_s, &carbon->period);
    if (r != 0)
        return r;
    r = store_reader_usage(reader, &carbon->period, STORE_BY_HOUR, on_usage, &gather);
    tdestroy(gather.index, keep_node);
    if (r != 0)
        return r;
    if (carbon->n_rows > 0)
        qsort(carbon->rows, carbon->n_rows, sizeof(void *), by_energy);
    return 0;
}

/* ---- Hours of the day ---- */

bool carbon_extremes(const struct carbon *carbon, const struct carbon_row *row, int *ret_cleanest,
                     int *ret_dirtiest)
{
    double least = 0;
    double most = 0;
    bool found = false;
    if (carbon->grid.n < CARBON_HOURS_LEAST)
        return false;
    for (int hour = 0; hour < HOURS_OF_DAY; hour++) {
        const struct carbon_hour *of = &row->hours[hour];
        if (!(of->kwh > 0))
            continue;
        double grams = of->grams / of->kwh;
        if (!found || grams < least) {
            least = grams;
            *ret_cleanest = hour;
        }
        if (!found || grams > most) {
            most = grams;
            *ret_dirtiest = hour;
        }
        found = true;
    }
    return found;
}

bool carbon_grid_extremes(const struct carbon *carbon, int *ret_cleanest, int *ret_dirtiest)
{
    struct carbon_row grid = {.type = REPORT_ROW_TOTAL};
    for (int hour = 0; hour < HOURS_OF_DAY; hour++)
        grid.hours[hour] = (struct carbon_hour){(double)carbon->grid_hours[hour].n,
                                                carbon->grid_hours[hour].grams};
    return carbon_extremes(carbon, &grid, ret_cleanest, ret_dirtiest);
}

const char *carbon_form_text(enum intensity_form form)
{
    switch (form) {
    case INTENSITY_ELECTRICITY_MAPS:
        return _("Electricity Maps, life cycle, of consumption");
    case INTENSITY_ECO2MIX:
        return _("RTE eCO2mix, of PRODUCTION in France alone: without imports, and no figure to "
                 "report officially");
    default:
        return _("as the operator's file says");
    }
}
