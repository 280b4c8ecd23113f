/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "doctor_broken.h"

#include "fake_ring.h"
#include "fake_store.h"
#include "greend/units.h"

static void no_zone(void)
{
    fixture_remove(&sys, "class/powercap/intel-rapl:0");
    doctor_find_zones();
}

void doctor_make_virtual(void)
{
    no_zone();
    scene.reading.inventory.machine = MACHINE_VIRTUAL;
}

void doctor_no_module(void)
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
    doctor_find_zones();
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
    doctor_add_item("rapl", "package-0", HEALTH_FAILED, "the kernel lets only root read it");
}

static void source_degraded(void)
{
    doctor_add_item("hwmon", "", HEALTH_DEGRADED,
                    "more sensors than greend reads: the rest is left out");
}

void doctor_no_exits(void)
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

void doctor_hidden(void)
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
    doctor_add_item("perf", "", HEALTH_ABSENT, "");
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

static void certificate_ends(void)
{
    doctor_add_item("web", "certificate", HEALTH_DEGRADED,
                    "the certificate that metrics are served with expires within 14 days");
}

static void certificate_ended(void)
{
    doctor_add_item("web", "certificate", HEALTH_FAILED,
                    "the certificate that metrics are served with has expired: clients that check "
                    "it refuse it");
}

static void no_reader_group(void)
{
    scene.readers_exist = false;
}

void doctor_no_reader(void)
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

void doctor_old_history(void)
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

const struct doctor_broken doctor_broken[] = {
    {"machine",             doctor_make_virtual,  DOCTOR_NOTE,    "",                                       ""                                           },
    {"rapl-module",         doctor_no_module,     DOCTOR_FAULT,   "intel_rapl_msr",
     "sudo modprobe intel_rapl_msr"                                                                                                                      },
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
    {"exits",               doctor_no_exits,      DOCTOR_NOTE,    "process exits (this kernel",
     "sudo install -D -m 644 /usr/share/greend/taskstats.conf "
     "/etc/systemd/system/greend.service.d/taskstats.conf && sudo systemctl daemon-reload && sudo "
     "systemctl restart greend"                                                                                                                          },
    {"exits",               lost_exits,           DOCTOR_NOTE,    "",                                       ""                                           },
    {"hidepid",             doctor_hidden,        DOCTOR_WARNING, "hidepid=2, process (processes of other",
     "sudo install -D -m 644 /usr/share/greend/hidepid.conf"                                                                                             },
    {"perf",                paranoid,             DOCTOR_WARNING, "3",                                      "sudo sysctl -w kernel.perf_event_paranoid=2"},
    {"listen",              nobody_listens,       DOCTOR_WARNING, "127.0.0.1:9841",                         "sudo systemctl restart greend"              },
    {"listen-taken",        port_taken,           DOCTOR_FAULT,   "127.0.0.1:9841",
     "sudo systemctl edit greend.socket"                                                                                                                 },
    {"listen-reached",      port_silent,          DOCTOR_WARNING, "127.0.0.1:9841",                         ""                                           },
    {"certificate",         certificate_ends,     DOCTOR_WARNING, "within 14 days",
     "sudo systemctl reload greend"                                                                                                                      },
    {"certificate",         certificate_ended,    DOCTOR_FAULT,   "has expired",                            "sudo systemctl reload greend"               },
    {"reader-group",        no_reader_group,      DOCTOR_WARNING, "",                                       "sudo systemd-sysusers greend.conf"          },
    {"reader",              doctor_no_reader,     DOCTOR_WARNING, "alice",                                  "sudo usermod -aG greend-read alice"         },
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
    {"history-recent",      doctor_old_history,   DOCTOR_WARNING, "1 h",                                    "sudo systemctl restart greend"              },
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
const size_t doctor_broken_count = ARRAY_SIZE(doctor_broken);
