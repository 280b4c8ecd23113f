/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Facts of a machine as its database has them. */

#include "ctl.h"
#include "hosts/facts.h"
#include "hosts/recorded_machine.h"
#include "input/configuration.h"

static void take_kind(struct inventory *inventory, const char *word)
{
    inventory->machine = str_equal(word, "virtual")    ? MACHINE_VIRTUAL
                         : str_equal(word, "physical") ? MACHINE_PHYSICAL
                                                       : MACHINE_UNKNOWN;
    inventory->machine_origin =
        inventory->machine == MACHINE_UNKNOWN ? ORIGIN_UNKNOWN : ORIGIN_READ;
}

static bool has_part(const struct inventory *inventory, enum part_kind kind)
{
    for (size_t i = 0; i < inventory->n_parts; i++)
        if (inventory->parts[i].kind == kind && inventory->parts[i].count > 0)
            return true;
    return false;
}

/* What greend could not read there has no part. That there is no CPU or memory, the inventory tells
 * by itself. */
static void find_gaps(struct reading *reading)
{
    const struct inventory *inventory = &reading->inventory;
    if (!has_part(inventory, PART_PSU))
        reading_gap(reading, "psu", N_("the number of power supplies is not told"), "", 0);
    if (!has_part(inventory, PART_RACK) && !has_part(inventory, PART_BLADE))
        reading_gap(reading, "case", N_("its database tells of none that has a factor"), "", 0);
}

static void finish(struct facts *facts, const struct settings *settings,
                   const struct recorded_machine *machine)
{
    char unused[FOOTPRINT_ERROR_MAX];
    const char *declared = settings->described.name;
    take_kind(&facts->reading->inventory, machine->kind);
    facts->from = FACTS_DATABASE;
    facts->declared = facts->here = true;
    (void)str_copy(facts->name, sizeof(facts->name), *declared ? declared : machine->name);
    (void)str_copy(facts->version, sizeof(facts->version), machine->version);
    configuration_declared(settings, &facts->view.site, &facts->view.asset);
    if (asset_check(&facts->view.asset, unused) < 0)
        asset_undeclared(&facts->view.asset);
    configuration_parts(settings, &facts->reading->inventory);
    find_gaps(facts->reading);
    facts->view.reading = facts->reading;
    facts->view.factors_unneeded = !facts_need_factors(facts);
}

int facts_load_stored(struct facts **ret_facts, struct store_reader *reader, const char *path)
{
    CLEANUP(facts_free_p) struct facts *facts = calloc(1, sizeof(*facts));
    CLEANUP(settings_done) struct settings declared = {0};
    struct recorded_machine machine = {0};
    bool told = false;
    *ret_facts = NULL;
    if (facts)
        facts->reading = calloc(1, sizeof(*facts->reading));
    if (!facts || !facts->reading) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    facts->reading->chassis = facts->reading->memory_from = facts->reading->tables_mend = "";
    settings_defaults(&declared);
    int r = recorded_machine_read(reader, &declared, &machine, &facts->reading->inventory, &told);
    if (r < 0) {
        ctl_complain_database(path, r, reader);
        return CTL_FAILED;
    }
    if (!told)
        return CTL_DONE;
    finish(facts, &declared, &machine);
    *ret_facts = TAKE_PTR(facts);
    return CTL_DONE;
}

void facts_use(struct facts *facts, const struct factor_table *factors)
{
    struct inventory_view *view = &facts->view;
    view->factors = facts_need_factors(facts) ? factors : NULL;
    facts->wrong = facts_need_factors(facts) && !factors;
    if (facts->here)
        inventory_compute(view);
}
