/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* On a machine where nothing is wrong no check speaks up. Then one thing at a time is broken, and
 * the check that is for it speaks up. */
#include "unit/unit.h"

#include <jansson.h>

#include "capture.h"
#include "doctor/doctor.h"
#include "fake_ring.h"
#include "fake_store.h"
#include "fixtures.h"
#include "golden.h"
#include "greend/units.h"

static struct fixture sys;
static struct fixture proc;
static struct doctor_scene scene;

static const int64_t now_s = 1793530000; /* 2026-11-01 */

#define ZONE "class/powercap/intel-rapl:0/"

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

static void find_zones(void)
{
    static struct powercap_search search;
    search = (struct powercap_search){0};
    scene.zones = (struct powercap_zones){0};
    assert_int_equal(powercap_find(&search, sys.fd, &scene.zones), 0);
    for (size_t i = 0; i < scene.zones.count; i++)
        close_fd_p(&scene.zones.zones[i].fd);
}

static void add_item(const char *collector, const char *item, enum health health, const char *why)
{
    struct ring_status *entry = &scene.status.items[scene.status.n_items++];
    *entry = (struct ring_status){.health = health};
    (void)str_copy(entry->collector, sizeof(entry->collector), collector);
    (void)str_copy(entry->item, sizeof(entry->item), item);
    (void)str_copy(entry->why, sizeof(entry->why), why);
}

static int set_up(void **state)
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
    add_item("rapl", "", HEALTH_WORKING, "");
    add_item("process", "", HEALTH_WORKING, "");
    add_item("process", "exits", HEALTH_WORKING, "");
    find_zones();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_done(&sys);
    fixture_done(&proc);
    settings_done(&scene.settings);
    text_done(&scene.complaints);
    text_done(&scene.factor_complaints);
    return 0;
}

/* ---- One way to break each ---- */

static void no_zone(void)
{
    fixture_remove(&sys, "class/powercap/intel-rapl:0");
    find_zones();
}

static void make_virtual(void)
{
    no_zone();
    scene.reading.inventory.machine = MACHINE_VIRTUAL;
}

static void no_module(void)
{
    no_zone();
    fixture_remove(&sys, "module/intel_rapl_msr");
}

static void other_maker(void)
{
    no_zone();
    fixture_write(&proc, "cpuinfo", "processor\t: 0\nBogoMIPS\t: 50.00\n\n");
}

static void no_meter_group(void)
{
    scene.meters_exist = false;
}

static void root_alone(void)
{
    fixture_chmod(&sys, ZONE "energy_uj", 0400);
}

static void other_group(void)
{
    scene.meters_gid = getgid() + 1;
}

static void no_rule(void)
{
    scene.udev_rule[0] = '\0';
}

static void no_range(void)
{
    fixture_remove(&sys, ZONE "max_energy_range_uj");
    find_zones();
}

static void long_interval(void)
{
    scene.settings.interval_ns = 3600 * NS_PER_S;
}

static void other_reader_by_file(void)
{
    fixture_write(&proc, "500/comm", "mymeter\n");
    fixture_link(&proc, "500/fd/4", "/sys/devices/virtual/powercap/intel-rapl/energy_uj");
}

static void other_reader_by_msr(void)
{
    fixture_write(&proc, "501/comm", "x\x1b[2J\n");
    fixture_link(&proc, "501/fd/4", "/dev/cpu/0/msr");
}

static void other_reader_by_name(void)
{
    fixture_write(&proc, "502/comm", "scaphandre\n");
}

static void no_chip(void)
{
    fixture_remove(&sys, "class/hwmon");
}

static void no_rest(void)
{
    scene.settings.model_rest = false;
}

static void wrong_settings(void)
{
    scene.settings_wrong = true;
    text_add(&scene.complaints, "greend.conf:3: interval: expected a duration");
}

static void no_ring(void)
{
    scene.ring_error = -ENOENT;
}

static void rebooted(void)
{
    scene.status.daemon = STATUS_REBOOTED;
}

static void stale(void)
{
    scene.status.daemon = STATUS_STALE;
}

static void starting(void)
{
    scene.status.daemon = STATUS_STARTING;
}

static void foreign_ring(void)
{
    scene.ring_error = -EPROTONOSUPPORT;
}

static void source_failed(void)
{
    add_item("rapl", "package-0", HEALTH_FAILED, "the kernel lets only root read it");
}

static void source_degraded(void)
{
    add_item("hwmon", "", HEALTH_DEGRADED, "more sensors than greend reads: the rest is left out");
}

static void no_exits(void)
{
    scene.status.items[2].health = HEALTH_ABSENT;
    (void)str_copy(scene.status.items[2].why, sizeof(scene.status.items[2].why),
                   "this kernel was built without taskstats: what processes used that ended "
                   "between two sweeps is known only from parents that wait for them");
}

static void lost_exits(void)
{
    scene.status.items[2].health = HEALTH_DEGRADED;
}

static void hidden(void)
{
    fixture_write(&proc, "mounts", "proc /proc proc rw,nosuid,hidepid=2,gid=33 0 0\n");
    scene.status.items[1].health = HEALTH_DEGRADED;
    (void)str_copy(scene.status.items[1].why, sizeof(scene.status.items[1].why),
                   "processes of other users are invisible (hidepid): what they use is shown as "
                   "unattributed");
}

static void paranoid(void)
{
    fixture_write(&proc, "sys/kernel/perf_event_paranoid", "3\n");
    add_item("perf", "", HEALTH_ABSENT, "");
}

static void nobody_listens(void)
{
    scene.probes[0] = PROBE_NOBODY;
}

static void port_taken(void)
{
    scene.probes[0] = PROBE_SOMEBODY;
}

static void port_silent(void)
{
    scene.probes[0] = PROBE_SILENT;
}

static void no_reader_group(void)
{
    scene.readers_exist = false;
}

static void no_reader(void)
{
    scene.reader = scene.reader_now = false;
    scene.ring_error = -EACCES;
}

static void old_session(void)
{
    scene.reader_now = false;
}

static void no_history(void)
{
    scene.history_error = -ENOENT;
}

static void closed_history(void)
{
    scene.history_error = -EACCES;
}

static void unreadable_history(void)
{
    scene.history_error = -EIO;
}

static void foreign_history(void)
{
    scene.history_error = -EUCLEAN;
}

static void damaged_history(void)
{
    scene.history_check = -EUCLEAN;
    (void)str_copy(scene.history_complaint, sizeof(scene.history_complaint),
                   "Tree 7 page 9: btreeInitPage() returns error code 11");
}

static void large_history(void)
{
    scene.history_check = STORE_CHECK_UNFINISHED;
}

static void newer_history(void)
{
    scene.history_error = -EPROTONOSUPPORT;
}

static void old_history(void)
{
    scene.info.committed_s = now_s - 3600;
}

static void little_room(void)
{
    scene.disk_free = UINT64_C(100) << 20;
}

static void no_room(void)
{
    scene.disk_free = 4096;
}

static void read_only(void)
{
    scene.disk_readonly = true;
}

static void clock_unset(void)
{
    scene.now_ns = 1000 * (int64_t)NS_PER_S;
}

static void clock_before_2024(void)
{
    scene.now_ns = INT64_C(1704067199) * (int64_t)NS_PER_S;
}

static void clock_back(void)
{
    scene.info.committed_s = now_s + 7200;
}

static void clock_adrift(void)
{
    scene.clock_synchronised = false;
}

static void no_cgroups(void)
{
    fixture_remove(&sys, "fs/cgroup");
}

static void hybrid_cgroups(void)
{
    no_cgroups();
    fixture_write(&sys, "fs/cgroup/systemd/cgroup.procs", "1\n");
    fixture_write(&sys, "fs/cgroup/unified/cgroup.controllers", "\n");
}

static void no_site(void)
{
    scene.settings.declared.country[0] = '\0';
}

static void no_asset(void)
{
    scene.settings.declared.purchase[0] = '\0';
}

static void no_factors(void)
{
    scene.factors_wrong = true;
    text_add(&scene.factor_complaints, "boavizta.csv: cannot be opened");
}

static void old_factors(void)
{
    scene.factor_year = 2020;
}

static const struct broken {
    const char *id;
    void (*breaks)(void);
    enum doctor_verdict verdict;
    const char *detail; /* part of it */
    const char *command;
} broken[] = {
    {"machine",             make_virtual,         DOCTOR_NOTE,    "",                                       ""                                           },
    {"rapl-module",         no_module,            DOCTOR_FAULT,   "intel_rapl_msr",                         "sudo modprobe intel_rapl_msr"               },
    {"rapl-meter",          no_zone,              DOCTOR_WARNING, "",                                       ""                                           },
    {"rapl-meter",          other_maker,          DOCTOR_NOTE,    "",                                       ""                                           },
    {"meter-group",         no_meter_group,       DOCTOR_WARNING, "",                                       "sudo systemd-sysusers greend.conf"          },
    {"meter-readable",      root_alone,           DOCTOR_FAULT,   "package-0",
     "sudo systemd-tmpfiles --create greend.conf && sudo systemctl restart greend"                                                                       },
    {"meter-readable",      other_group,          DOCTOR_FAULT,   "package-0",                              "sudo systemd-tmpfiles"                      },
    {"udev-rule",           no_rule,              DOCTOR_NOTE,    "",                                       "sudo apt-get install --reinstall greend"    },
    {"meter-range",         no_range,             DOCTOR_WARNING, "package-0",                              ""                                           },
    {"meter-wrap",          long_interval,        DOCTOR_NOTE,    "package-0 (639 s)",                      ""                                           },
    {"meter-readers",       other_reader_by_file, DOCTOR_NOTE,    "mymeter (500)",                          ""                                           },
    {"meter-readers",       other_reader_by_msr,  DOCTOR_NOTE,    "x\\x1b[2J (501)",                        ""                                           },
    {"meter-readers",       other_reader_by_name, DOCTOR_NOTE,    "scaphandre (502)",                       ""                                           },
    {"sensors",             no_chip,              DOCTOR_NOTE,    "",                                       "sudo modprobe coretemp"                     },
    {"model-rest",          no_rest,              DOCTOR_NOTE,    "",                                       ""                                           },
    {"configuration",       wrong_settings,       DOCTOR_FAULT,   "greend.conf:3: interval",
     "sudo vi /etc/greend/greend.conf"                                                                                                                   },
    {"daemon-started",      no_ring,              DOCTOR_FAULT,   "/run/greend/ring",
     "sudo systemctl enable --now greend"                                                                                                                },
    {"daemon-started",      rebooted,             DOCTOR_FAULT,   "",                                       "sudo systemctl enable --now greend"         },
    {"daemon-alive",        stale,                DOCTOR_FAULT,   "",                                       "sudo systemctl restart greend"              },
    {"daemon-first",        starting,             DOCTOR_WARNING, "",                                       "journalctl -u greend -n 20"                 },
    {"ring-format",         foreign_ring,         DOCTOR_FAULT,   "",                                       "sudo systemctl restart greend"              },
    {"collectors-failed",   source_failed,        DOCTOR_FAULT,   "rapl package-0 (the kernel",             ""                                           },
    {"collectors-degraded", source_degraded,      DOCTOR_WARNING, "hwmon (more sensors",                    ""                                           },
    {"exits",               no_exits,             DOCTOR_NOTE,    "process exits (this kernel",
     "sudo install -D -m 644 /usr/share/greend/taskstats.conf "
     "/etc/systemd/system/greend.service.d/taskstats.conf && sudo systemctl daemon-reload && sudo "
     "systemctl restart greend"                                                                                                                          },
    {"exits",               lost_exits,           DOCTOR_NOTE,    "",                                       ""                                           },
    {"hidepid",             hidden,               DOCTOR_WARNING, "hidepid=2, process (processes of other",
     "sudo install -D -m 644 /usr/share/greend/hidepid.conf"                                                                                             },
    {"perf",                paranoid,             DOCTOR_WARNING, "3",                                      "sudo sysctl -w kernel.perf_event_paranoid=2"},
    {"listen",              nobody_listens,       DOCTOR_WARNING, "127.0.0.1:9841",                         "sudo systemctl restart greend"              },
    {"listen-taken",        port_taken,           DOCTOR_FAULT,   "127.0.0.1:9841",
     "sudo systemctl edit greend.socket"                                                                                                                 },
    {"listen-reached",      port_silent,          DOCTOR_WARNING, "127.0.0.1:9841",                         ""                                           },
    {"reader-group",        no_reader_group,      DOCTOR_WARNING, "",                                       "sudo systemd-sysusers greend.conf"          },
    {"reader",              no_reader,            DOCTOR_WARNING, "alice",                                  "sudo usermod -aG greend-read alice"         },
    {"reader-session",      old_session,          DOCTOR_WARNING, "",                                       "newgrp greend-read"                         },
    {"history",             no_history,           DOCTOR_WARNING, "/var/lib/greend/greend.db",              "sudo systemctl restart"                     },
    {"history-access",      closed_history,       DOCTOR_WARNING, "greend.db",
     "sudo systemctl restart greend"                                                                                                                     },
    {"history-readable",    unreadable_history,   DOCTOR_FAULT,   "greend.db (",                            ""                                           },
    {"history-sound",       foreign_history,      DOCTOR_FAULT,   "greend.db",                              "sudo systemctl restart greend"              },
    {"history-sound",       damaged_history,      DOCTOR_FAULT,   "greend.db, Tree 7",                      ""                                           },
    {"history-checked",     large_history,        DOCTOR_NOTE,    "",                                       ""                                           },
    {"history-version",     newer_history,        DOCTOR_FAULT,   "greend.db",
     "sudo apt-get install --only-upgrade greend"                                                                                                        },
    {"history-recent",      old_history,          DOCTOR_WARNING, "1 h",                                    "sudo systemctl restart greend"              },
    {"disk-space",          little_room,          DOCTOR_WARNING, "/var: 100",                              "sudo du -xhd1 /var"                         },
    {"disk-space",          no_room,              DOCTOR_FAULT,   "/var: 0",                                ""                                           },
    {"disk-readonly",       read_only,            DOCTOR_FAULT,   "/var",                                   "sudo mount -o remount,rw /var"              },
    {"clock",               clock_unset,          DOCTOR_FAULT,   "",                                       "sudo timedatectl set-ntp true"              },
    {"clock",               clock_before_2024,    DOCTOR_FAULT,   "",                                       ""                                           },
    {"clock-back",          clock_back,           DOCTOR_WARNING, "2 h",                                    "sudo timedatectl set-ntp true"              },
    {"clock-synchronised",  clock_adrift,         DOCTOR_NOTE,    "",                                       "sudo timedatectl set-ntp true"              },
    {"cgroups",             no_cgroups,           DOCTOR_WARNING, "",                                       ""                                           },
    {"cgroups-version",     hybrid_cgroups,       DOCTOR_NOTE,    "cgroup v1 and v2 (hybrid)",              ""                                           },
    {"site",                no_site,              DOCTOR_NOTE,    "",                                       "sudo vi /etc/greend/greend.conf"            },
    {"asset",               no_asset,             DOCTOR_NOTE,    "",                                       "sudo vi /etc/greend/greend.conf"            },
    {"factors",             no_factors,           DOCTOR_WARNING, "boavizta.csv",                           "sudo apt-get install --reinstall"           },
    {"factors-age",         old_factors,          DOCTOR_NOTE,    "2020",                                   "sudo apt-get install --only-upgrade"        },
};

/* ---- Tests ---- */

static void judge(struct doctor_report *report)
{
    assert_int_equal(doctor_judge(&scene, report), 0);
}

static void test_healthy(void **state)
{
    (void)state;
    CLEANUP(doctor_report_done) struct doctor_report report;
    judge(&report);
    assert_int_equal(report.n, doctor_checks_count);
    for (size_t i = 0; i < report.n; i++)
        if (report.findings[i].verdict != DOCTOR_OK)
            fail_msg("%s speaks up on a machine where nothing is wrong: %s",
                     report.findings[i].check->id, report.findings[i].detail.data);
    assert_true(doctor_is_well(&report));
}

static const struct doctor_finding *finding_of(const struct doctor_report *report, const char *id)
{
    for (size_t i = 0; i < report->n; i++)
        if (str_equal(report->findings[i].check->id, id))
            return &report->findings[i];
    fail_msg("there is no check %s", id);
    return NULL;
}

static void expect_command(const struct doctor_check *check, const char *expected)
{
    CLEANUP(doctor_command_done) struct doctor_command command = {0};
    CLEANUP(text_done) struct text shown = {0};
    assert_int_equal(doctor_command(&scene, check, &command), 0);
    text_add(&shown, "");
    doctor_add_command(&scene, &command, &shown);
    if (!str_starts(shown.data, expected))
        fail_msg("%s: expected '%s', got '%s'", check->id, expected, shown.data);
}

static void check_broken(const struct broken *row)
{
    CLEANUP(doctor_report_done) struct doctor_report report;
    row->breaks();
    judge(&report);
    const struct doctor_finding *finding = finding_of(&report, row->id);
    const char *detail = finding->detail.data ? finding->detail.data : "";
    if (finding->verdict != row->verdict || !strstr(detail, row->detail))
        fail_msg("%s: verdict %d, expected %d; detail '%s', expected '%s'", row->id,
                 finding->verdict, row->verdict, detail, row->detail);
    assert_int_equal(doctor_is_well(&report), row->verdict == DOCTOR_NOTE);
    expect_command(finding->check, row->command);
}

/* Also that each check has something that it speaks up for. */
static void test_broken(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
        check_broken(&broken[i]);
        (void)tear_down(state);
        (void)set_up(state);
    }
    for (size_t i = 0; i < doctor_checks_count; i++) {
        bool known = false;
        for (size_t j = 0; j < ARRAY_SIZE(broken); j++)
            known = known || str_equal(broken[j].id, doctor_checks[i].id);
        if (!known)
            fail_msg("nothing was broken for the check %s", doctor_checks[i].id);
    }
}

/* What is no trouble where there is another reason, or where nothing can be wrong. */
static void test_silent(void **state)
{
    (void)state;
    static void (*const harmless[])(void) = {make_virtual, no_exits, hidden};
    CLEANUP(doctor_report_done) struct doctor_report report;
    for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
        harmless[i]();
    scene.status.daemon = STATUS_STALE; /* what it says of its sources is of then */
    scene.probes[0] = PROBE_NOBODY;
    scene.info.committed_s = now_s - 3600;
    fixture_remove(&sys, "class/hwmon");
    judge(&report);
    static const char *const silent[] = {"rapl-module", "rapl-meter",     "exits",  "hidepid",
                                         "listen",      "history-recent", "sensors"};
    for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
        if (finding_of(&report, silent[i])->verdict != DOCTOR_OK)
            fail_msg("%s speaks up", silent[i]);
    assert_int_equal(finding_of(&report, "daemon-alive")->verdict, DOCTOR_FAULT);
}

static void test_root(void **state)
{
    (void)state;
    CLEANUP(doctor_report_done) struct doctor_report report;
    no_reader();
    scene.root = true;
    judge(&report);
    assert_int_equal(finding_of(&report, "reader")->verdict, DOCTOR_OK);
    expect_command(finding_of(&report, "rapl-module")->check, "modprobe intel_rapl_msr");
}

/* Names that a shell or a program would read otherwise. */
static void test_hostile_commands(void **state)
{
    (void)state;
    CLEANUP(doctor_report_done) struct doctor_report report;
    judge(&report);
    scene.config = "/etc/a'b;rm -rf $HOME";
    expect_command(finding_of(&report, "site")->check, "sudo vi '/etc/a'\\''b;rm -rf $HOME'");
    scene.config = "/etc/\x1b[2J";
    expect_command(finding_of(&report, "site")->check, "sudo vi '/etc/\\x1b[2J'");
    CLEANUP(doctor_command_done) struct doctor_command command = {0};
    (void)str_copy(scene.user, sizeof(scene.user), "--help");
    assert_int_equal(doctor_command(&scene, finding_of(&report, "reader")->check, &command), 0);
    assert_int_equal(command.n, 0);
    scene.packages = "dnf";
    expect_command(finding_of(&report, "factors")->check, "sudo dnf reinstall greend");
    scene.packages = "";
    expect_command(finding_of(&report, "factors")->check, "");
}

static void test_formats(void **state)
{
    (void)state;
    static const struct style usual = {.width = 80, .utf8 = true};
    CLEANUP(doctor_report_done) struct doctor_report report;
    CLEANUP(text_done) struct text text = {0};
    no_module();
    no_exits();
    old_history();
    judge(&report);
    doctor_render_table(&scene, &report, &usual, &text);
    golden_check("tests/golden/doctor.txt", &text);
    text_clear(&text);
    if (golden_is_english()) { /* sentences stand in it, in English */
        doctor_render_json(&scene, &report, &text);
        golden_check("tests/golden/doctor.json", &text);
    }
}

/* ---- The verb ---- */

static void expect_listen(const char *host, const char *port)
{
    settings_done(&scene.settings);
    settings_defaults(&scene.settings);
    doctor_read_socket(sys.root, &scene.settings);
    assert_int_equal(scene.settings.n_listen, *port != '\0');
    if (*port == '\0')
        return;
    assert_string_equal(scene.settings.listen[0].host, host);
    assert_string_equal(scene.settings.listen[0].port, port);
}

/* Where systemd listens, that counts. */
static void test_socket(void **state)
{
    (void)state;
    expect_listen("127.0.0.1", "9841"); /* no unit: as the settings say */
    fixture_write(&sys, "usr/lib/systemd/system/greend.socket",
                  "[Socket]\nListenStream=127.0.0.1:9842\nBacklog=64\n");
    expect_listen("127.0.0.1", "9842");
    fixture_write(&sys, "etc/systemd/system/greend.socket.d/a.conf",
                  "[Socket]\n ListenStream = \nListenStream=[::1]:9843\n");
    expect_listen("::1", "9843");
    fixture_write(&sys, "etc/systemd/system/greend.socket.d/b.conf",
                  "[Socket]\nListenStream=\nListenStream=9844\n");
    expect_listen("", "9844");
    fixture_write(&sys, "etc/systemd/system/greend.socket.d/c.conf",
                  "[Socket]\nListenStream=\nListenStream=/run/greend/socket\n");
    expect_listen("", "");
    fixture_write(&sys, "etc/systemd/system/greend.socket.d/d.conf",
                  "[Socket]\nListenStream=vsock:1:2:3\n");
    expect_listen("", "");
}

static struct captured captured;

#define RUN(...) capture_ctl(&captured, (const char *const[]){__VA_ARGS__, NULL})

static void expect(int status, const char *in_out, const char *in_err)
{
    if (captured.status != status || !strstr(captured.out, in_out) ||
        (*in_err ? !strstr(captured.err, in_err) : *captured.err != '\0'))
        fail_msg("exit %d, expected %d; out:\n%s\nerr:\n%s", captured.status, status, captured.out,
                 captured.err);
}

static void test_verb(void **state)
{
    (void)state;
    char code[8];
    (void)str_copy(code, sizeof(code), language_code());
    fake_ring = (struct fake_ring){.open_result = -ENOENT, .busy_item = UINT32_MAX};
    fake_store = (struct fake_store){.open_result = -EUCLEAN};
    RUN("doctor", "--lang", "en", "--sysfs", sys.root, "--procfs", proc.root, "--runtime",
        "/nowhere", "--database", "/nowhere/greend.db");
    expect(1, "greend is not running: nothing is measured: /nowhere/ring.", "");
    assert_non_null(strstr(captured.out, "To mend it: "));
    assert_non_null(strstr(captured.out, "systemctl enable --now greend\n"));
    assert_non_null(strstr(captured.out, "the history is damaged"));
    RUN("doctor", "--format", "json", "--sysfs", sys.root, "--procfs", proc.root);
    expect(1, "\"format\": \"greend-doctor-1\"", "");
    json_t *root = json_loads(captured.out, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_array_size(json_object_get(root, "checks")), doctor_checks_count);
    assert_false(json_is_true(json_object_get(root, "good")));
    json_decref(root);
    RUN("doctor", "--lang", "en", "--fix");
    expect(2, "", "it needs a terminal");
    RUN("doctor", "--lang", "en", "--fix", "--format", "json");
    expect(2, "", "--fix asks a person");
    RUN("doctor", "--lang", "en", "--format", "csv");
    expect(2, "", "expected table or json, got 'csv'");
    assert_int_equal(language_set(code), 0);
}

int main(void)
{
    if (!golden_language()) {
        puts("needs the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_healthy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_silent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_root, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_commands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_formats, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_socket, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_verb, set_up, tear_down),
    };
    /* Parts of texts are looked for in English. */
    const struct CMUnitTest english[] = {
        cmocka_unit_test_setup_teardown(test_broken, set_up, tear_down),
    };
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    if (r == 0 && golden_is_english())
        r = cmocka_run_group_tests(english, NULL, NULL);
    return r;
}
