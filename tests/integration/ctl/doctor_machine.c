/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "doctor_machine.h"

#include "greend/units.h"

struct fixture sys;
struct fixture proc;
struct doctor_scene scene;

static void put_zone(void)
{
    fixture_write(&sys, ZONE "name", "package-0\n");
    fixture_write(&sys, ZONE "energy_uj", "123456\n");
    fixture_write(&sys, ZONE "max_energy_range_uj", "262143328850\n");
    fixture_write(&sys, ZONE "constraint_0_max_power_uw", "205000000\n");
    fixture_chmod(&sys, ZONE "energy_uj", 0440);
}

static void put_machine(void)
{
    fixture_make(&sys);
    fixture_make(&proc);
    put_zone();
    fixture_write(&sys, "module/intel_rapl_common/refcnt", "1\n");
    fixture_write(&sys, "module/intel_rapl_msr/refcnt", "0\n");
    fixture_write(&sys, "class/hwmon/hwmon0/name", "coretemp\n");
    fixture_write(&sys, "fs/cgroup/cgroup.controllers", "cpu memory\n");
    fixture_write(&proc, "cpuinfo",
                  "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\n"
                  "model name\t: Xeon\nflags\t\t: fpu\n\n");
    fixture_write(&proc, "mounts", "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n");
    fixture_write(&proc, "sys/kernel/perf_event_paranoid", "2\n");
    fixture_write(&proc, "1/comm", "systemd\n");
    fixture_link(&proc, "1/fd/3", "/dev/null");
    fixture_write(&proc, "77/comm", "greend\n");
    fixture_link(&proc, "77/fd/9", "/sys/devices/virtual/powercap/intel-rapl:0/energy_uj");
}

void doctor_find_zones(void)
{
    static struct powercap_search search;
    search = (struct powercap_search){0};
    scene.zones = (struct powercap_zones){0};
    assert_int_equal(powercap_find(&search, sys.fd, &scene.zones), 0);
    for (size_t i = 0; i < scene.zones.count; i++)
        close_fd_p(&scene.zones.zones[i].fd);
}

void doctor_add_item(const char *collector, const char *item, enum health health, const char *why)
{
    struct ring_status *entry = &scene.status.items[scene.status.n_items++];
    *entry = (struct ring_status){.health = health};
    (void)str_copy(entry->collector, sizeof(entry->collector), collector);
    (void)str_copy(entry->item, sizeof(entry->item), item);
    (void)str_copy(entry->why, sizeof(entry->why), why);
}

int doctor_set_up(void **state)
{
    (void)state;
    put_machine();
    scene = (struct doctor_scene){
        .config = "/etc/greend/greend.conf",
        .sysfs_fd = sys.fd,
        .procfs_fd = proc.fd,
        .reading = {.inventory = {.machine = MACHINE_PHYSICAL}},
        .runtime = "/run/greend",
        .status = {.daemon = STATUS_RUNNING},
        .database = "/var/lib/greend/greend.db",
        .info = {.committed_s = now_s - 60},
        .disk_known = true,
        .disk_free = UINT64_C(20) << 30,
        .disk_size = UINT64_C(100) << 30,
        .disk_mount = "/var",
        .now_ns = now_s * (int64_t)NS_PER_S,
        .clock_asked = true,
        .clock_synchronised = true,
        .user = "alice",
        .readers_exist = true,
        .reader = true,
        .reader_now = true,
        .meters_exist = true,
        .meters_gid = getgid(),
        .probes = {PROBE_GREEND},
        .factor_year = 2024,
        .packages = "apt-get",
        .udev_rule = "/usr/lib/udev/rules.d/60-greend.rules",
    };
    settings_defaults(&scene.settings);
    (void)str_copy(scene.settings.declared.country, SETTINGS_DECLARED_MAX, "FR");
    (void)str_copy(scene.settings.declared.purchase, SETTINGS_DECLARED_MAX, "2024-03-31");
    doctor_add_item("rapl", "", HEALTH_WORKING, "");
    doctor_add_item("process", "", HEALTH_WORKING, "");
    doctor_add_item("process", "exits", HEALTH_WORKING, "");
    doctor_find_zones();
    return 0;
}

int doctor_tear_down(void **state)
{
    (void)state;
    fixture_done(&sys);
    fixture_done(&proc);
    settings_done(&scene.settings);
    text_done(&scene.complaints);
    text_done(&scene.factor_complaints);
    return 0;
}
