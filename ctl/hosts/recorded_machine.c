/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "hosts/recorded_machine.h"

#include "core/text.h"

struct taken {
    struct settings *settings;
    struct recorded_machine *machine;
    struct inventory *inventory;
    bool told;
};

static const struct {
    const char *key;
    size_t field;
    size_t size;
} machine_facts[] = {
#define MACHINE(key, name)                                                                         \
    {                                                                                              \
        key, offsetof(struct recorded_machine, name),                                              \
            sizeof(((struct recorded_machine *)NULL)->name)                                        \
    }
    MACHINE("machine.name", name),      MACHINE("machine.kind", kind),
    MACHINE("machine.vendor", vendor),  MACHINE("machine.product", product),
    MACHINE("machine.cores", cores),    MACHINE("machine.threads", threads),
    MACHINE("greend.version", version), MACHINE("machine.memory_kib", memory_kib),
#undef MACHINE
};

static bool take_machine(struct recorded_machine *machine, const char *key, const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(machine_facts); i++) {
        if (!str_equal(machine_facts[i].key, key))
            continue;
        (void)text_escape((char *)machine + machine_facts[i].field, machine_facts[i].size, text,
                          strlen(text));
        return true;
    }
    return false;
}

static int on_fact(void *userdata, const struct store_fact *fact)
{
    struct taken *taken = userdata;
    char error[SETTINGS_ERROR_MAX];
    char section[sizeof(fact->key)];
    const char *dot = strchr(fact->key, '.');
    taken->told = true;
    if (!dot || take_machine(taken->machine, fact->key, fact->value))
        return 0;
    memcpy(section, fact->key, (size_t)(dot - fact->key));
    section[dot - fact->key] = '\0';
    if (!str_equal(section, "site") && !str_equal(section, "asset") && !str_equal(section, "vm") &&
        !str_equal(section, "parts"))
        return 0;
    int r = settings_set(taken->settings, section, dot + 1, fact->value, error);
    return r == -ENOMEM ? r : 0;
}

static int on_part(void *userdata, const struct store_part *part)
{
    struct taken *taken = userdata;
    struct inventory *inventory = taken->inventory;
    if (str_equal(part->kind, "ssd") || str_equal(part->kind, "hdd"))
        taken->machine->disk_gb += part->count * part->size;
    for (int kind = 0; kind < PARTS && inventory->n_parts < INVENTORY_PARTS_MAX; kind++) {
        if (!str_equal(part_name((enum part_kind)kind), part->kind))
            continue;
        struct inventory_part *own = &inventory->parts[inventory->n_parts++];
        *own = (struct inventory_part){
            .kind = (enum part_kind)kind, .origin = ORIGIN_READ, .count = part->count};
        if (part->size > 0)
            own->size = (struct trait){ORIGIN_READ, part->size};
        (void)text_escape(own->model, sizeof(own->model), part->model, strlen(part->model));
    }
    return 0;
}

int recorded_machine_read(struct store_reader *reader, struct settings *settings,
                          struct recorded_machine *machine, struct inventory *inventory,
                          bool *ret_told)
{
    struct taken taken = {.settings = settings, .machine = machine, .inventory = inventory};
    int r = store_reader_facts(reader, on_fact, on_part, &taken);
    *ret_told = taken.told;
    return r;
}
