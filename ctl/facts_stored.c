/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Facts of a machine as its database has them: greend kept there what greend.conf declared and what
 * it read of the machine. A database is untrusted: what no honest greend wrote counts as not told.
 */

#include "configuration.h"
#include "ctl.h"
#include "facts.h"

struct taken {
    struct facts *facts;
    struct settings settings; /* of the declarations alone */
    char own_name[STORE_FACT_VALUE_MAX];
    bool told;
};

static void take_text(char *target, size_t size, const char *raw)
{
    (void)text_escape(target, size, raw, strlen(raw));
}

static void take_kind(struct inventory *inventory, const char *word)
{
    inventory->machine = str_equal(word, "virtual")    ? MACHINE_VIRTUAL
                         : str_equal(word, "physical") ? MACHINE_PHYSICAL
                                                       : MACHINE_UNKNOWN;
    inventory->machine_origin =
        inventory->machine == MACHINE_UNKNOWN ? ORIGIN_UNKNOWN : ORIGIN_READ;
}

static int on_fact(void *userdata, const struct store_fact *fact)
{
    struct taken *taken = userdata;
    struct facts *facts = taken->facts;
    struct reading *reading = facts->reading;
    char error[SETTINGS_ERROR_MAX];
    taken->told = true;
    if (str_equal(fact->key, "machine.kind"))
        take_kind(&reading->inventory, fact->value);
    else if (str_equal(fact->key, "machine.name"))
        take_text(taken->own_name, sizeof(taken->own_name), fact->value);
    else if (str_equal(fact->key, "greend.version"))
        take_text(facts->version, sizeof(facts->version), fact->value);
    for (const char *const *section = (const char *const[]){"site", "asset", NULL}; *section;
         section++) {
        size_t length = strlen(*section);
        if (!str_starts(fact->key, *section) || fact->key[length] != '.')
            continue;
        if (settings_set(&taken->settings, *section, fact->key + length + 1, fact->value, error) ==
            -ENOMEM)
            return -ENOMEM;
    }
    return 0;
}

static int on_part(void *userdata, const struct store_part *part)
{
    struct taken *taken = userdata;
    struct inventory *inventory = &taken->facts->reading->inventory;
    for (int kind = 0; kind < PARTS && inventory->n_parts < INVENTORY_PARTS_MAX; kind++) {
        if (!str_equal(part_name((enum part_kind)kind), part->kind))
            continue;
        struct inventory_part *own = &inventory->parts[inventory->n_parts++];
        *own = (struct inventory_part){
            .kind = (enum part_kind)kind, .origin = ORIGIN_READ, .count = part->count};
        if (part->size > 0)
            own->size = (struct trait){ORIGIN_READ, part->size};
        take_text(own->model, sizeof(own->model), part->model);
    }
    return 0;
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

static void finish(struct facts *facts, struct taken *taken)
{
    char unused[FOOTPRINT_ERROR_MAX];
    const char *declared = taken->settings.described.name;
    facts->from = FACTS_DATABASE;
    facts->declared = facts->here = true;
    (void)str_copy(facts->name, sizeof(facts->name), *declared ? declared : taken->own_name);
    configuration_declared(&taken->settings, &facts->view.site, &facts->view.asset);
    if (asset_check(&facts->view.asset, unused) < 0)
        asset_undeclared(&facts->view.asset);
    find_gaps(facts->reading);
    facts->view.reading = facts->reading;
    facts->view.factors_unneeded = !facts_need_factors(facts);
}

int facts_load_stored(struct facts **ret_facts, struct store_reader *reader, const char *path)
{
    CLEANUP(facts_free_p) struct facts *facts = calloc(1, sizeof(*facts));
    struct taken taken = {.facts = facts};
    *ret_facts = NULL;
    if (facts)
        facts->reading = calloc(1, sizeof(*facts->reading));
    if (!facts || !facts->reading) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    facts->reading->chassis = facts->reading->memory_from = facts->reading->tables_mend = "";
    settings_defaults(&taken.settings);
    int r = store_reader_facts(reader, on_fact, on_part, &taken);
    if (r == 0 && taken.told)
        finish(facts, &taken);
    settings_done(&taken.settings);
    if (r < 0) {
        ctl_complain_database(path, r, reader);
        return CTL_FAILED;
    }
    if (taken.told)
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
