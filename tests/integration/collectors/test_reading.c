/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What a machine made of files is told to be made of. */
#include "smbios_table.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "collectors/inventory/reading.h"

static char root[32];

static int make_root(void **state)
{
    (void)state;
    (void)str_copy(root, sizeof(root), "/tmp/greend-reading-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static int remove_root(void **state)
{
    (void)state;
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The path below the root, its folders made. */
static const char *below(const char *name)
{
    static char path[PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s/%s", root, name);
    for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        (void)mkdir(path, 0755);
        *at = '/';
    }
    return path;
}

static void put_bytes(const char *name, const void *bytes, size_t length)
{
    FILE *file = fopen(below(name), "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void put(const char *name, const char *text)
{
    put_bytes(name, text, strlen(text));
}

static struct reading *take(void)
{
    static struct reading reading;
    int proc = open(below("proc/"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    int sys = open(below("sys/"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(proc >= 0 && sys >= 0);
    assert_int_equal(reading_take(proc, sys, &reading), 0);
    (void)close(proc);
    (void)close(sys);
    return &reading;
}

static const struct inventory_part *part(const struct reading *reading, enum part_kind kind,
                                         size_t skip)
{
    for (size_t i = 0; i < reading->inventory.n_parts; i++)
        if (reading->inventory.parts[i].kind == kind && skip-- == 0)
            return &reading->inventory.parts[i];
    return NULL;
}

static const struct reading_gap *gap(const struct reading *reading, const char *item)
{
    for (size_t i = 0; i < reading->n_gaps; i++)
        if (str_equal(reading->gaps[i].item, item))
            return &reading->gaps[i];
    return NULL;
}

static void put_cpuinfo(const char *flags)
{
    char text[2048];
    size_t length = 0;
    for (int i = 0; i < 4; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length,
                                   "processor : %d\nvendor_id : GenuineIntel\ncpu family : 6\n"
                                   "model name : Xeon \x1b[31mGold\nphysical id : %d\n"
                                   "cpu cores : 2\nflags : fpu %s\n\n",
                                   i, i / 2, flags);
    put("proc/cpuinfo", text);
}

static void put_disk(const char *name, const char *place, const char *sectors, const char *model,
                     const char *rotational)
{
    char path[256];
    char target[256];
    static const char *const files[] = {"size", "device/model", "queue/rotational"};
    const char *texts[] = {sectors, model, rotational};
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        (void)snprintf(path, sizeof(path), "sys/devices/%s/%s/%s", place, name, files[i]);
        put(path, texts[i]);
    }
    (void)snprintf(target, sizeof(target), "../devices/%s/%s", place, name);
    (void)snprintf(path, sizeof(path), "sys/block/%s", name);
    assert_int_equal(symlink(target, below(path)), 0);
}

static void put_tables(void)
{
    struct smbios_table table;
    table_server(&table);
    put_bytes("sys/firmware/dmi/tables/DMI", table.bytes, table.length);
}

static void put_server(void)
{
    put_cpuinfo("sse2");
    put("proc/meminfo", "MemTotal:       263000000 kB\n");
    put("sys/class/dmi/id/sys_vendor", "Dell Inc.\n");
    put("sys/class/dmi/id/product_name", "PowerEdge R750\n");
    put("sys/class/dmi/id/chassis_type", "23\n");
    put("sys/class/dmi/id/product_serial", "SERIAL-1\n");
    put_tables();
    put_disk("sda", "pci0/ata1", "7814037168\n", "HGST HUS726T4TAL\n", "1\n");
    put_disk("sdb", "pci0/ata2", "937703088\n", "SSDSC2KB480G8R  \n", "0\n");
    put_disk("sdc", "pci0/ata3", "937703088\n", "SSDSC2KB480G8R\n", "0\n");
}

static void test_server(void **state)
{
    (void)state;
    put_server();
    const struct reading *reading = take();
    assert_int_equal(reading->n_gaps, 0);
    assert_int_equal(reading->inventory.machine, MACHINE_PHYSICAL);
    assert_string_equal(reading->product, "PowerEdge R750");
    assert_string_equal(reading->firmware_date, "2022-03-31");
    assert_string_equal(reading->chassis, "rack mount");
    assert_string_equal(reading->memory_from, "SMBIOS");
    assert_int_equal(reading->memory_slots, 8);
    assert_int_equal(reading->empty_slots, 2);
    assert_int_equal(reading->inventory.n_parts, 7);
    assert_int_equal(part(reading, PART_CPU, 0)->count, 2);
    assert_int_equal(part(reading, PART_CPU, 0)->size.origin, ORIGIN_UNKNOWN);
    assert_int_equal(part(reading, PART_RAM, 0)->count, 4);
    assert_true(part(reading, PART_RAM, 0)->size.value == 32);
    assert_int_equal(part(reading, PART_RAM, 1)->count, 2);
    assert_int_equal(part(reading, PART_PSU, 0)->count, 2);
    assert_int_equal(part(reading, PART_RACK, 0)->count, 1);
    assert_int_equal(part(reading, PART_HDD, 0)->count, 1);
    const struct inventory_part *ssd = part(reading, PART_SSD, 0);
    assert_int_equal(ssd->count, 2); /* alike but for the blanks behind the model */
    assert_string_equal(ssd->model, "SSDSC2KB480G8R");
    assert_true(ssd->size.value == 937703088.0 * 512 / 1e9);
    assert_int_equal(ssd->size.origin, ORIGIN_READ);
    for (size_t i = 0; i < reading->inventory.n_parts; i++)
        assert_int_equal(reading->inventory.parts[i].origin, ORIGIN_READ);
    assert_null(memmem(reading, sizeof(*reading), "SERIAL", 6));
}

static void test_disks_that_are_none(void **state)
{
    (void)state;
    static const char *const made[] = {"loop0", "dm-0", "md127", "ram0", "zram0", "sr0", "nbd0"};
    put_server();
    for (size_t i = 0; i < ARRAY_SIZE(made); i++)
        put_disk(made[i], "virtual/block", "1000\n", "\n", "0\n");
    put_disk("other0", "virtual/block", "1000\n", "made up\n", "0\n");
    put_disk("sdd", "pci0/host1/rport-1:0-2", "1000\n", "SAN\n", "1\n");
    put_disk("sde", "pci0/usb1", "1000\n", "stick\n", "1\n");
    put("sys/devices/pci0/usb1/sde/removable", "1\n");
    put_disk("sdf", "pci0/ata9", "0\n", "empty\n", "1\n");
    put_disk("sdg", "pci0/ata9", "18446744073709551615\n", "too large\n", "1\n");
    put_disk("nvme0c0n1", "pci0/nvme0", "1000\n", "hidden\n", "0\n");
    put("sys/devices/pci0/nvme0/nvme0c0n1/hidden", "1\n");
    const struct reading *reading = take();
    assert_int_equal(reading->inventory.n_parts, 7);
    assert_int_equal(reading->n_gaps, 1); /* of the network's */
    assert_non_null(gap(reading, "disk"));
    put_disk("nvme0n1", "virtual/nvme-subsystem/nvme-subsys0", "1875385008\n", "PM9A3\n", "0\n");
    reading = take();
    assert_int_equal(reading->inventory.n_parts, 8);
    assert_string_equal(part(reading, PART_SSD, 0)->model, "PM9A3");
    put_disk("sdh", "pci0/raid", "1000\n", "PERC H730\n", "1\n");
    assert_int_equal(take()->n_gaps, 2);
}

/* Users other than root may not read the tables. */
static void test_tables_unreadable(void **state)
{
    (void)state;
    put_server();
    assert_int_equal(chmod(root, 0755), 0);
    assert_int_equal(chmod(below("sys/firmware/dmi/tables/DMI"), 0), 0);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(1);
        const struct reading_gap *tables = gap(take(), "firmware tables");
        _exit(tables && tables->error == -EACCES && str_starts(tables->mend, "sudo ") ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_without_tables(void **state)
{
    (void)state;
    put_server();
    assert_int_equal(unlink(below("sys/firmware/dmi/tables/DMI")), 0);
    const struct reading *reading = take();
    assert_int_equal(gap(reading, "firmware tables")->error, -ENOENT);
    assert_non_null(gap(reading, "psu"));
    assert_non_null(gap(reading, "memory"));
    assert_string_equal(reading->memory_from, "MemTotal");
    assert_int_equal(part(reading, PART_RAM, 0)->count, 1);
    assert_true(part(reading, PART_RAM, 0)->size.value == 263000000.0 / 1048576);
    assert_string_equal(reading->product, "PowerEdge R750"); /* which all may read */
    assert_int_equal(part(reading, PART_RACK, 0)->count, 1);
    assert_null(part(reading, PART_PSU, 0));
    put("sys/devices/system/edac/mc/mc0/rank0/size", "16384\n");
    put("sys/devices/system/edac/mc/mc0/rank1/size", "16384\n");
    reading = take();
    assert_string_equal(reading->memory_from, "EDAC");
    assert_true(part(reading, PART_RAM, 0)->size.value == 32);
    assert_non_null(gap(reading, "memory"));
    put("sys/devices/system/edac/mc/mc0/dimm0/size", "16384\n");
    put("sys/devices/system/edac/mc/mc1/dimm3/size", "16384\n");
    put("sys/devices/system/edac/mc/mc1/dimm4/size", "0\n");
    reading = take();
    assert_int_equal(reading->inventory.n_parts, 5); /* of which one is of memory */
    assert_int_equal(part(reading, PART_RAM, 0)->count, 2);
    assert_true(part(reading, PART_RAM, 0)->size.value == 16);
    assert_null(gap(reading, "memory"));
}

static void test_damaged_tables(void **state)
{
    (void)state;
    put_server();
    put("sys/firmware/dmi/tables/DMI", "\x11\x01");
    assert_non_null(gap(take(), "firmware tables"));
    put_tables();
    put("proc/meminfo", "MemTotal:       999000000 kB\n"); /* more than the modules have */
    assert_non_null(gap(take(), "memory"));
}

static enum machine machine_of(const char *flags, const char *vendor, const char *product)
{
    put_cpuinfo(flags);
    put("sys/class/dmi/id/sys_vendor", vendor);
    put("sys/class/dmi/id/product_name", product);
    return take()->inventory.machine;
}

static void test_machines(void **state)
{
    (void)state;
    assert_int_equal(machine_of("", "Dell Inc.\n", "R750\n"), MACHINE_PHYSICAL);
    assert_int_equal(machine_of("hypervisor", "Dell Inc.\n", "R750\n"), MACHINE_VIRTUAL);
    assert_int_equal(machine_of("", "QEMU\n", "Standard PC\n"), MACHINE_VIRTUAL);
    assert_int_equal(machine_of("", "Amazon EC2\n", "m5.large\n"), MACHINE_VIRTUAL);
    assert_int_equal(machine_of("", "Amazon EC2\n", "m5.metal\n"), MACHINE_PHYSICAL);
    put("sys/hypervisor/type", "xen\n");
    assert_int_equal(machine_of("", "Dell Inc.\n", "R750\n"), MACHINE_VIRTUAL);
    put("proc/xen/capabilities", "control_d\n"); /* the host's own system */
    assert_int_equal(machine_of("hypervisor", "Dell Inc.\n", "R750\n"), MACHINE_PHYSICAL);
}

static void test_nothing_told(void **state)
{
    (void)state;
    put("proc/cpuinfo", "processor : 0\nBogoMIPS : 50\n"); /* ARM */
    const struct reading *reading = take();
    assert_int_equal(reading->inventory.machine, MACHINE_UNKNOWN);
    assert_non_null(strstr(gap(reading, "machine")->mend, "machine=physical"));
    assert_non_null(gap(reading, "memory"));
    assert_non_null(gap(reading, "disk"));
    assert_non_null(gap(reading, "case"));
    put("proc/device-tree/model", "a board");
    assert_int_equal(take()->inventory.machine, MACHINE_PHYSICAL);
    put("proc/device-tree/hypervisor/compatible", "linux,kvm");
    assert_int_equal(take()->inventory.machine, MACHINE_VIRTUAL);
    put_tables(); /* which tell sockets where cpuinfo does not */
    assert_int_equal(part(take(), PART_CPU, 0)->count, 2);
    assert_string_equal(part(take(), PART_CPU, 0)->model, "Intel(R) Xeon(R) Gold 6330");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_server),         TEST(test_disks_that_are_none), TEST(test_tables_unreadable),
        TEST(test_without_tables), TEST(test_damaged_tables),      TEST(test_machines),
        TEST(test_nothing_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
