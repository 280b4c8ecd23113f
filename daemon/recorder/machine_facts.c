/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "recorder/machine_facts.h"

#include <fcntl.h>
#include <inttypes.h>

#include "collectors/inventory/reading.h"
#include "collectors/model/host.h"
#include "collectors/source.h"

void machine_facts_done(struct store_facts *facts)
{
    free(facts->facts);
    *facts = (struct store_facts){0};
}

/* -ENOMEM. Beyond the most there is room for nothing is added: greend.conf cannot say so much. */
static int add(struct store_facts *facts, const char *section, const char *key, const char *raw)
{
    if (*raw == '\0' || facts->n_facts == STORE_FACTS_MAX)
        return 0;
    struct store_fact *more = reallocarray(facts->facts, facts->n_facts + 1, sizeof(*facts->facts));
    if (!more)
        return -ENOMEM;
    facts->facts = more;
    struct store_fact *fact = &more[facts->n_facts++];
    (void)snprintf(fact->key, sizeof(fact->key), "%s.%s", section, key);
    (void)text_escape(fact->value, sizeof(fact->value), raw, strlen(raw));
    return 0;
}

static int add_number(struct store_facts *facts, const char *key, uint64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRIu64, number);
    return number > 0 ? add(facts, "machine", key, text) : 0;
}

/* ---- What the operator says ---- */

static int add_declared(struct store_facts *facts, const struct settings *settings)
{
    int r = 0;
    const struct settings_option *option = NULL;
    for (size_t i = 0; r == 0 && (option = settings_option(i)); i++) {
        const char *value = settings_declared(settings, i);
        value = value ? value : settings_described(settings, i);
        if (value)
            r = add(facts, option->section, option->key, value);
    }
    for (size_t i = 0; r == 0 && i < settings->n_vms; i++)
        r = add(facts, "vm", settings->vms[i].name, settings->vms[i].facts);
    for (size_t i = 0; r == 0 && i < settings->n_parts; i++)
        r = add(facts, "parts", settings->parts[i].name, settings->parts[i].text);
    return r;
}

/* ---- What the machine says ---- */

static void add_parts(struct store_facts *facts, const struct inventory *inventory)
{
    for (size_t i = 0; i < MIN(inventory->n_parts, (size_t)STORE_PARTS_MAX); i++) {
        const struct inventory_part *part = &inventory->parts[i];
        struct store_part *kept = &facts->parts[facts->n_parts++];
        kept->count = part->count;
        kept->size = part->size.origin == ORIGIN_UNKNOWN ? 0 : part->size.value;
        (void)str_copy(kept->kind, sizeof(kept->kind), part_name(part->kind));
        (void)text_escape(kept->model, sizeof(kept->model), part->model, strlen(part->model));
    }
}

static int add_reading(struct store_facts *facts, const struct reading *reading)
{
    static const char *const kinds[] = {
        [MACHINE_UNKNOWN] = "", [MACHINE_PHYSICAL] = "physical", [MACHINE_VIRTUAL] = "virtual"};
    int r = add(facts, "machine", "kind", kinds[reading->inventory.machine]);
    if (r == 0)
        r = add(facts, "machine", "vendor", reading->vendor);
    if (r == 0)
        r = add(facts, "machine", "product", reading->product);
    if (r == 0)
        r = add(facts, "machine", "chassis", reading->chassis);
    add_parts(facts, &reading->inventory);
    return r;
}

static int add_machine(struct store_facts *facts, int procfs_fd, int sysfs_fd)
{
    char name[256] = "";
    struct cpuinfo cpu = {0};
    CLEANUP(free_p) struct reading *reading = malloc(sizeof(*reading));
    int r = reading ? reading_take(procfs_fd, sysfs_fd, reading) : -ENOMEM;
    if (r == 0)
        r = add_reading(facts, reading);
    if (r == 0 && host_cpuinfo(procfs_fd, &cpu) == -ENOMEM)
        r = -ENOMEM;
    if (r == 0)
        r = add_number(facts, "cores", cpu.cores);
    if (r == 0)
        r = add_number(facts, "threads", cpu.threads);
    if (r == 0)
        r = add_number(facts, "memory_kib", host_memory_kb(procfs_fd));
    if (r == 0 && source_read_line(procfs_fd, "sys/kernel/hostname", name, sizeof(name)) == 0)
        r = add(facts, "machine", "name", name);
    return r;
}

int machine_facts_take(const struct settings *settings, struct store_facts *ret_facts)
{
    CLEANUP(machine_facts_done) struct store_facts facts = {0};
    CLEANUP(close_fd_p) int procfs = open(settings->procfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(close_fd_p) int sysfs = open(settings->sysfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r = add_declared(&facts, settings);
    if (r == 0)
        r = add(&facts, "greend", "version", GREEND_VERSION);
    if (r == 0 && procfs >= 0 && sysfs >= 0)
        r = add_machine(&facts, procfs, sysfs);
    if (r < 0)
        return r;
    *ret_facts = facts;
    facts = (struct store_facts){0};
    return 0;
}
