/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/inventory/reading.h"

#include "collectors/inventory/smbios.h"
#include "collectors/model/host.h"
#include "collectors/source.h"

enum { TABLES_MAX = 512 << 10 };

#define KB_PER_GB (1024.0 * 1024.0)

static const char by_root[] = N_("sudo greend-ctl inventory");

void reading_gap(struct reading *reading, const char *item, const char *why, const char *mend,
                 int error)
{
    if (reading->n_gaps < READING_GAPS_MAX)
        reading->gaps[reading->n_gaps++] = (struct reading_gap){item, why, mend, error};
}

static struct trait read_trait(double value)
{
    return value > 0 ? (struct trait){ORIGIN_READ, value} : (struct trait){ORIGIN_UNKNOWN, 0};
}

void reading_add(struct reading *reading, enum part_kind kind, uint32_t count, double size,
                 const char *model)
{
    struct inventory *inventory = &reading->inventory;
    struct inventory_part part = {.kind = kind, .origin = ORIGIN_READ, .count = count};
    part.size = read_trait(size);
    (void)str_copy(part.model, sizeof(part.model), model);
    for (size_t i = 0; i < inventory->n_parts; i++) {
        struct inventory_part *other = &inventory->parts[i];
        if (other->kind == kind && other->size.value == part.size.value &&
            str_equal(other->model, part.model)) {
            other->count += count;
            return;
        }
    }
    if (inventory->n_parts < INVENTORY_PARTS_MAX)
        inventory->parts[inventory->n_parts++] = part;
    else
        reading_gap(reading, "parts", N_("there are more different parts than greend keeps"), "",
                    0);
}

/* ---- Whether it is a machine ---- */

/* The host's own system under Xen is told to be a guest by its processors, and is none. */
static bool is_xen_host(int procfs_fd)
{
    char line[128];
    return source_read_line(procfs_fd, "xen/capabilities", line, sizeof(line)) == 0 &&
           strstr(line, "control_d");
}

static void recognise(int procfs_fd, int sysfs_fd, const struct cpuinfo *cpu,
                      struct reading *reading)
{
    char line[32];
    bool told =
        cpu->x86 || reading->vendor[0] != '\0' || faccessat(procfs_fd, "device-tree", F_OK, 0) == 0;
    bool xen = source_read_line(sysfs_fd, "hypervisor/type", line, sizeof(line)) == 0;
    bool guest = cpu->hypervisor || host_is_guest(reading->vendor, reading->product) || xen ||
                 faccessat(procfs_fd, "device-tree/hypervisor", F_OK, 0) == 0;
    if (guest && is_xen_host(procfs_fd))
        guest = false;
    if (!guest && !told) {
        reading_gap(reading, "machine", N_("whether it is physical or virtual is not told"),
                    N_("say machine=physical or machine=virtual in [asset] of greend.conf"), 0);
        return;
    }
    reading->inventory.machine = guest ? MACHINE_VIRTUAL : MACHINE_PHYSICAL;
    reading->inventory.machine_origin = ORIGIN_READ;
}

/* ---- What the firmware tells ---- */

/* All users may read these, which are a part of the tables. */
static void read_names(int sysfs_fd, struct reading *reading, struct smbios *smbios)
{
    uint64_t chassis = 0;
    (void)source_read_line(sysfs_fd, "class/dmi/id/sys_vendor", smbios->vendor,
                           sizeof(smbios->vendor));
    (void)source_read_line(sysfs_fd, "class/dmi/id/product_name", smbios->product,
                           sizeof(smbios->product));
    if (smbios->chassis == 0 &&
        source_read_u64(sysfs_fd, "class/dmi/id/chassis_type", &chassis) == 0 && chassis < 128)
        smbios->chassis = (uint8_t)chassis;
    (void)str_copy(reading->vendor, sizeof(reading->vendor), smbios->vendor);
    (void)str_copy(reading->product, sizeof(reading->product), smbios->product);
    (void)str_copy(reading->firmware_date, sizeof(reading->firmware_date), smbios->firmware_date);
}

/* The tables, zeroed where they cannot be read. */
static int read_tables(int sysfs_fd, struct reading *reading, struct smbios *ret)
{
    CLEANUP(free_p) char *bytes = malloc(TABLES_MAX);
    size_t length = 0;
    if (!bytes)
        return -ENOMEM;
    int r = source_read(sysfs_fd, "firmware/dmi/tables/DMI", bytes, TABLES_MAX, &length);
    if (r == 0)
        smbios_parse((const uint8_t *)bytes, length, ret);
    else
        memset(ret, 0, sizeof(*ret));
    if (r == -EACCES || r == -EPERM) {
        reading->tables_mend = by_root;
        reading_gap(reading, "firmware tables", N_("they may be read by root alone"), by_root, r);
    } else if (r < 0) {
        reading_gap(reading, "firmware tables",
                    N_("memory modules and power supplies are not told"), "", r);
    } else if (ret->problems != 0) {
        reading_gap(reading, "firmware tables",
                    N_("they are damaged: what they tell may be part of it"), "", 0);
    }
    return 0;
}

/* ---- Parts ---- */

static void add_processors(const struct cpuinfo *cpu, const struct smbios *smbios,
                           struct reading *reading)
{
    /* ARM's cpuinfo tells neither sockets nor a name. */
    bool by_firmware = !cpu->x86 && smbios->processors > 0;
    if (cpu->threads == 0 && !by_firmware)
        return;
    reading_add(reading, PART_CPU, by_firmware ? smbios->processors : cpu->sockets, 0,
                by_firmware || cpu->name[0] == '\0' ? smbios->processor : cpu->name);
}

struct edac {
    int sysfs_fd;
    const char *controller;
    const char *prefix; /* "dimm", "rank" */
    struct reading *reading;
    uint64_t ranks_mb;
};

static int add_edac_module(void *userdata, const char *name)
{
    struct edac *edac = userdata;
    char path[512];
    uint64_t size_mb = 0;
    if (!str_starts(name, edac->prefix))
        return 0;
    (void)snprintf(path, sizeof(path), "devices/system/edac/mc/%s/%s/size", edac->controller, name);
    if (source_read_u64(edac->sysfs_fd, path, &size_mb) < 0 || size_mb == 0 || size_mb > 1 << 30)
        return 0;
    if (str_equal(edac->prefix, "dimm"))
        reading_add(edac->reading, PART_RAM, 1, (double)size_mb / 1024, "");
    else
        edac->ranks_mb += size_mb;
    return 0;
}

static int add_edac_controller(void *userdata, const char *name)
{
    struct edac *edac = userdata;
    char path[384];
    if (!str_starts(name, "mc"))
        return 0;
    edac->controller = name;
    (void)snprintf(path, sizeof(path), "devices/system/edac/mc/%s", name);
    (void)source_list(edac->sysfs_fd, path, add_edac_module, edac);
    return 0;
}

/* Controllers that know chip selects alone tell ranks, of which a module has one or more. */
static bool add_edac(int sysfs_fd, struct reading *reading)
{
    static const char *const prefixes[] = {"dimm", "rank"};
    size_t before = reading->inventory.n_parts;
    for (size_t i = 0; i < ARRAY_SIZE(prefixes) && reading->inventory.n_parts == before; i++) {
        struct edac edac = {.sysfs_fd = sysfs_fd, .prefix = prefixes[i], .reading = reading};
        (void)source_list(sysfs_fd, "devices/system/edac/mc", add_edac_controller, &edac);
        if (edac.ranks_mb == 0)
            continue;
        reading_add(reading, PART_RAM, 1, (double)edac.ranks_mb / 1024, "");
        reading_gap(reading, "memory", N_("the number of modules is not told: counted as one"),
                    reading->tables_mend, 0);
    }
    return reading->inventory.n_parts > before;
}

static void add_smbios_modules(const struct smbios *smbios, uint64_t total_kb,
                               struct reading *reading)
{
    uint64_t sum_kb = 0;
    bool known = true;
    for (size_t i = 0; i < smbios->n_modules; i++) {
        const struct smbios_module *module = &smbios->modules[i];
        sum_kb += module->count * module->size_kb;
        known = known && module->size_kb > 0;
        reading_add(reading, PART_RAM, module->count, (double)module->size_kb / KB_PER_GB,
                    module->model);
    }
    reading->memory_slots = smbios->slots;
    reading->empty_slots = smbios->empty_slots;
    if (known && sum_kb < total_kb)
        reading_gap(reading, "memory", N_("the firmware tells of less than the kernel has"), "", 0);
    if (smbios->other_modules > 0)
        reading_gap(reading, "memory", N_("modules that are no DRAM are not counted"), "", 0);
}

static void add_memory(int procfs_fd, int sysfs_fd, const struct smbios *smbios,
                       struct reading *reading)
{
    uint64_t total_kb = host_memory_kb(procfs_fd);
    if (smbios->n_modules > 0) {
        reading->memory_from = "SMBIOS";
        add_smbios_modules(smbios, total_kb, reading);
    } else if (add_edac(sysfs_fd, reading)) {
        reading->memory_from = "EDAC";
    } else if (total_kb > 0) {
        reading->memory_from = "MemTotal";
        reading_add(reading, PART_RAM, 1, (double)total_kb / KB_PER_GB, "");
        reading_gap(reading, "memory",
                    N_("the number of modules is not told: what the kernel has is counted as one"),
                    reading->tables_mend, 0);
    } else {
        reading_gap(reading, "memory", N_("neither firmware nor kernel tells it"), "", 0);
    }
}

static void add_case(const struct smbios *smbios, struct reading *reading)
{
    const char *name = smbios_chassis_name(smbios->chassis);
    reading->chassis = name ? name : "";
    if (smbios->chassis == CHASSIS_RACK || smbios->chassis == CHASSIS_MAIN_SERVER)
        reading_add(reading, PART_RACK, 1, 0, "");
    else if (smbios->chassis == CHASSIS_BLADE)
        reading_add(reading, PART_BLADE, 1, 0, "");
    else
        reading_gap(reading, "case",
                    name ? N_("no factor is published for a case of this kind")
                         : N_("it is not told"),
                    "", 0);
}

int reading_take(int procfs_fd, int sysfs_fd, struct reading *ret)
{
    struct smbios smbios;
    struct cpuinfo cpu = {0};
    memset(ret, 0, sizeof(*ret));
    ret->chassis = ret->memory_from = ret->tables_mend = "";
    int r = read_tables(sysfs_fd, ret, &smbios);
    if (r < 0)
        return r;
    read_names(sysfs_fd, ret, &smbios);
    r = host_cpuinfo(procfs_fd, &cpu);
    if (r == -ENOMEM)
        return r;
    if (r < 0)
        reading_gap(ret, "cpu", N_("/proc/cpuinfo does not tell it"), "", r);
    recognise(procfs_fd, sysfs_fd, &cpu, ret);
    add_processors(&cpu, &smbios, ret);
    add_memory(procfs_fd, sysfs_fd, &smbios, ret);
    reading_disks(sysfs_fd, ret);
    if (smbios.supplies > 0)
        reading_add(ret, PART_PSU, smbios.supplies, 0, smbios.supply);
    else
        reading_gap(ret, "psu", N_("the number of power supplies is not told"), ret->tables_mend,
                    0);
    add_case(&smbios, ret);
    return 0;
}
