/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "ctl.h"
#include "inventory/inventory.h"
#include "output/json_facts.h"

/* What the sum took a size or density from: "read", "default". */
static json_t *trait_object(const struct trait *trait, enum origin used,
                            const struct factor *standard)
{
    json_t *object = json_object();
    bool known = trait->origin != ORIGIN_UNKNOWN;
    json_set(object, "value",
             known      ? json_real(trait->value)
             : standard ? json_real(standard->value.value)
                        : json_null());
    json_set(object, "origin", json_string(origin_name(known ? trait->origin : used)));
    return object;
}

static json_t *part_object(const struct inventory_view *view, const struct inventory_part *part)
{
    const struct embodied_item *item = inventory_item(view, part);
    json_t *object = json_object();
    json_set(object, "part", json_string(part_name(part->kind)));
    json_set(object, "count", json_integer(part->count));
    json_set(object, "origin", json_string(origin_name(part->origin)));
    json_set_text(object, "model", part->model);
    json_set(object, "size",
             trait_object(&part->size, item ? item->size_origin : ORIGIN_UNKNOWN,
                          item ? item->default_size : NULL));
    json_set(object, "size_unit", json_string(inventory_size_unit(part->kind)));
    json_set(object, "density_gb_per_cm2",
             trait_object(&part->density, item ? item->density_origin : ORIGIN_UNKNOWN,
                          item ? item->default_density : NULL));
    json_set(object, "counted", json_boolean(item != NULL));
    json_set(object, "impacts", item ? json_impacts(item->impacts) : json_null());
    return object;
}

static json_t *machine_object(const struct inventory_view *view)
{
    static const char *const words[] = {[MACHINE_UNKNOWN] = "unknown",
                                        [MACHINE_PHYSICAL] = "physical",
                                        [MACHINE_VIRTUAL] = "virtual"};
    const struct reading *reading = view->reading;
    json_t *object = json_object();
    json_set(object, "kind", json_string(words[view->machine]));
    json_set(object, "origin", json_string(origin_name(view->machine_origin)));
    json_set_text(object, "vendor", reading->vendor);
    json_set_text(object, "product", reading->product);
    json_set_text(object, "chassis", reading->chassis);
    json_set_text(object, "firmware_date", reading->firmware_date);
    json_set_text(object, "memory_from", reading->memory_from);
    json_set(object, "memory_slots", json_integer(reading->memory_slots));
    json_set(object, "memory_slots_empty", json_integer(reading->empty_slots));
    return object;
}

static json_t *parts_array(const struct inventory_view *view)
{
    const struct inventory *inventory = &view->reading->inventory;
    json_t *array = json_array();
    for (size_t i = 0; i < inventory->n_parts; i++)
        (void)json_array_append_new(array, part_object(view, &inventory->parts[i]));
    return array;
}

static json_t *embodied_object(const struct inventory_view *view)
{
    const struct embodied *embodied = &view->embodied;
    json_t *object = json_object();
    json_t *complete = json_object();
    json_t *others = json_object();
    if (!view->factors || embodied->n_items == 0) {
        json_decref(complete);
        json_decref(others);
        json_decref(object);
        return json_null();
    }
    for (int c = 0; c < CRITERIA; c++)
        json_set(complete, criterion_info((enum criterion)c)->id,
                 json_boolean(embodied->complete[c]));
    for (size_t i = 0; i < embodied->n_items; i++)
        if (!embodied->items[i].part)
            json_set(others, factor_name(embodied->items[i].id),
                     json_impacts(embodied->items[i].impacts));
    json_set(object, "whole_server", json_boolean(embodied->whole));
    json_set(object, "share", json_real(embodied->share.value));
    json_set(object, "total", json_impacts(embodied->total));
    json_set(object, "complete", complete);
    json_set(object, "beside_parts", others);
    return object;
}

static json_t *declared_object(const struct inventory_view *view)
{
    const struct settings_option *option = NULL;
    json_t *object = json_object();
    for (size_t i = 0; (option = settings_option(i)); i++) {
        const char *value = settings_declared(view->settings, i);
        if (!value)
            continue;
        json_t *entry = json_object();
        const struct factor *standard =
            *value == '\0' ? inventory_default(view, option->key) : NULL;
        if (standard)
            json_set(entry, "value", json_real(standard->value.value));
        else if (*value != '\0')
            json_set_text(entry, "value", value);
        else
            json_set(entry, "value", json_null());
        json_set(entry, "origin",
                 json_string(origin_name(standard         ? ORIGIN_DEFAULT
                                         : *value == '\0' ? ORIGIN_UNKNOWN
                                                          : ORIGIN_DECLARED)));
        json_set(object, option->key, entry);
    }
    return object;
}

static json_t *gaps_array(const struct inventory_view *view)
{
    struct inventory_gap gaps[INVENTORY_GAPS_MAX];
    size_t n = inventory_gaps(view, gaps);
    return json_gaps(gaps, n);
}

void inventory_render_json(const struct inventory_view *view, struct text *text)
{
    json_t *root = json_object();
    json_set(root, "format", json_string("greend-inventory-1"));
    json_set(root, "greend_version", json_string(GREEND_VERSION));
    json_set(root, "machine", machine_object(view));
    json_set(root, "parts", parts_array(view));
    json_set(root, "declared", declared_object(view));
    json_set(root, "embodied", embodied_object(view));
    json_set(root, "factor_sets", json_factor_sets(view->factors));
    json_set(root, "missing", gaps_array(view));
    json_finish(root, text);
}
