/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* One row a check. The order is that of the way of a joule: meters, the daemon, who may read, the
 * history, the machine, the footprint. */

#include "doctor/doctor_checks.h"

#define INSTALL(file, target)                                                                      \
    "install", "-D", "-m", "644", file, target, "&&", "systemctl", "daemon-reload", "&&", RESTART
#define CHECK(id, looks_at, judge, message, ...)                                                   \
    {                                                                                              \
        id, looks_at, judge, message,                                                              \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define RESTART "systemctl", "restart", "greend"
#define EDIT    "vi", "%config"

const struct doctor_check doctor_checks[] = {
    /* ---- Meters ---- */
    CHECK("machine", N_("whether the machine can have a meter"), doctor_virtual,
          N_("this is a virtual machine, and it has no energy meter, as is usual: its "
             "processor, memory and the rest are modelled, so all figures are ESTIMATES with a "
             "wide band. Its host has the meter"),
          NULL),
    CHECK("rapl-module", N_("the kernel's modules for energy meters"), doctor_module,
          N_("the kernel shows no energy meter, and the modules that read it are not loaded"),
          "modprobe", "intel_rapl_msr"),
    CHECK("rapl-meter", N_("energy meters of the processors (RAPL)"), doctor_no_meter,
          N_("the kernel shows no energy meter of the processors, though its modules are there: "
             "its firmware or the processor has none, and figures are ESTIMATES"),
          NULL),
    CHECK("meter-group", N_("the group greend, that may read meters"), doctor_meter_group,
          N_("there is no group greend: the daemon cannot be given the right to read meters"),
          "systemd-sysusers", "greend.conf"),
    CHECK("meter-readable", N_("whether the daemon may read the energy meters"),
          doctor_meter_readable,
          N_("the daemon may not read energy_uj, so figures are missing or ESTIMATES"),
          "systemd-tmpfiles", "--create", "greend.conf", "&&", RESTART),
    CHECK("udev-rule", N_("the udev rule for meters that come later"), doctor_udev_rule,
          N_("60-greend.rules is not installed: a meter whose module is loaded after the start "
             "stays unreadable"),
          "%reinstall"),
    CHECK("meter-range", N_("the range of the energy counters"), doctor_range,
          N_("the range of a counter is not known (max_energy_range_uj): the energy around each "
             "wrap is lost"),
          NULL),
    CHECK("meter-wrap", N_("how often the energy counters wrap"), doctor_wrap,
          N_("a counter can wrap before interval= is over: greend reads it more often by "
             "itself, which costs more than the interval says"),
          NULL),
    CHECK("meter-readers", N_("other programs that read the energy meters"), doctor_readers,
          N_("other programs read the energy meters too: what they use is counted as theirs, "
             "and their figures differ, since they divide the same joules differently"),
          NULL),
    CHECK("sensors", N_("sensor chips"), doctor_sensors,
          N_("no sensor chip is known to the kernel: temperatures, fans and a power meter are "
             "not seen"),
          "%sensors"),
    CHECK("model-rest", N_("whether what no meter covers is modelled"), doctor_rest,
          N_("[model] rest=off: power supply, board, fans and disks are in no figure"), NULL),

    /* ---- The daemon ---- */
    CHECK("configuration", N_("the configuration"), doctor_configuration,
          N_("the configuration has errors, and the daemon does not start with them"), EDIT),
    CHECK("daemon-started", N_("whether the daemon was started"), doctor_started,
          N_("greend is not running: nothing is measured"), "systemctl", "enable", "--now",
          "greend"),
    CHECK("daemon-alive", N_("whether the daemon still measures"), doctor_alive,
          N_("greend has stopped or hangs: its last figures are old"), RESTART),
    CHECK("daemon-first", N_("whether the daemon has begun to measure"), doctor_first,
          N_("greend has not measured anything yet: if that stays so, its log says why"), "-",
          "journalctl", "-u", "greend", "-n", "20"),
    CHECK("ring-format", N_("the form of what the daemon shows"), doctor_ring_format,
          N_("the daemon's ring is damaged, or of another version than this greend-ctl"), RESTART),
    CHECK("collectors-failed", N_("sources that give nothing"), doctor_failed,
          N_("the daemon says that a source gives nothing and should; greend-ctl status has the "
             "whole"),
          NULL),
    CHECK("collectors-degraded", N_("sources that give less than they could"), doctor_degraded,
          N_("the daemon says that a source gives less than it could; greend-ctl status has the "
             "whole"),
          NULL),
    CHECK("exits", N_("what processes used that ended between two readings"), doctor_exits,
          N_("the kernel tells greend nothing of exits: what short processes used that nobody "
             "waited for is shown as unattributed"),
          INSTALL("/usr/share/greend/taskstats.conf",
                  "/etc/systemd/system/greend.service.d/taskstats.conf")),
    CHECK("hidepid", N_("whether the daemon sees the processes of all users"), doctor_hidepid,
          N_("/proc is mounted with hidepid=, and the daemon does not see other users' processes"),
          INSTALL("/usr/share/greend/hidepid.conf",
                  "/etc/systemd/system/greend.service.d/hidepid.conf")),
    CHECK("perf", N_("the kernel's permission for performance counters"), doctor_perf,
          N_("performance counters are asked for, and kernel.perf_event_paranoid forbids them"),
          "sysctl", "-w", "kernel.perf_event_paranoid=2"),
    CHECK("listen", N_("whether somebody listens for Prometheus"), doctor_nobody,
          N_("nobody listens where greend.socket, or else [http] listen=, says: Prometheus sees "
             "nothing"),
          RESTART),
    CHECK("listen-taken", N_("whether that is greend"), doctor_taken,
          N_("another program has the port that greend should have"), "systemctl", "edit",
          "greend.socket"),
    CHECK("listen-reached", N_("whether it can be reached"), doctor_unreachable,
          N_("what should be greend does not answer: a packet filter, or a daemon that hangs"),
          RESTART),

    CHECK(
        "certificate", N_("the certificate that metrics are served with"), doctor_certificate,
        N_("it has expired or will soon, and clients that check it then see nothing: put a new one "
           "in its place, then have it read"),
        "systemctl", "reload", "greend"),

    /* ---- Who may read ---- */
    CHECK("reader-group", N_("the group greend-read, that may read reports"), doctor_reader_group,
          N_("there is no group greend-read: only root may read reports"), "systemd-sysusers",
          "greend.conf"),
    CHECK("reader", N_("whether you may read reports"), doctor_reader,
          N_("you are not in the group greend-read: ring and history are closed to you"), "usermod",
          "-aG", "greend-read", "%user"),
    CHECK("reader-session", N_("whether this session may"), doctor_reader_session,
          N_("you are in the group greend-read, and this session began before you were: log in "
             "anew"),
          "-", "newgrp", "greend-read"),

    /* ---- The history ---- */
    CHECK("history", N_("the history"), doctor_history_missing,
          N_("there is no history: reports are empty"), RESTART),
    CHECK("history-access", N_("whether the history may be read"), doctor_history_access,
          N_("the history is closed to you, though you may read it: its folder or file has "
             "another mode than the unit gives it"),
          RESTART),
    CHECK("history-readable", N_("whether the history can be read"), doctor_history_unreadable,
          N_("the history cannot be read"), NULL),
    CHECK("history-sound", N_("whether the history is sound"), doctor_history_damaged,
          N_("the history is damaged: with its next start the daemon puts it aside and begins "
             "another"),
          RESTART),
    CHECK("history-checked", N_("whether all of the history was looked through"),
          doctor_history_unchecked,
          N_("the history is too large to be looked through in a few seconds: no damage was "
             "found so far"),
          NULL),
    CHECK("history-version", N_("the version of the history"), doctor_history_newer,
          N_("the history was written by a newer greend: this one neither reads nor writes it"),
          "%upgrade"),
    CHECK("history-recent", N_("whether the history goes on"), doctor_history_old,
          N_("the daemon runs, and has written nothing to the history for too long"), RESTART),
    CHECK("disk-space", N_("room for the history"), doctor_disk_full,
          N_("the file system of the history is nearly full: what cannot be written is kept in "
             "memory, "
             "and lost with the next start of the machine. What takes the room is yours to judge; "
             "the command shows it"),
          "du", "-xhd1", "%mount"),
    CHECK("disk-readonly", N_("whether the history may be written"), doctor_disk_readonly,
          N_("the file system of the history is read-only: nothing is recorded"), "mount", "-o",
          "remount,rw", "%mount"),

    /* ---- The machine ---- */
    CHECK("clock", N_("the clock"), doctor_clock_unset,
          N_("the clock stands before greend was written: energy is recorded under wrong dates"),
          "timedatectl", "set-ntp", "true"),
    CHECK("clock-back", N_("whether the clock goes forward"), doctor_clock_back,
          N_("the history is of later than the clock says: the clock was set back, or was ahead"),
          "timedatectl", "set-ntp", "true"),
    CHECK("clock-synchronised", N_("whether the clock is synchronised"), doctor_clock_adrift,
          N_("the kernel does not know the clock to be synchronised: hours may be off"),
          "timedatectl", "set-ntp", "true"),
    CHECK("cgroups", N_("control groups, by which services are told apart"), doctor_no_cgroups,
          N_("there are no control groups: services and containers are not told apart"), NULL),
    CHECK("cgroups-version", N_("the version of control groups"), doctor_old_cgroups,
          N_("control groups are of version 1, in whole or in part: services are told apart, "
             "and what units reserve is known less well; systemd.unified_cgroup_hierarchy=1 on "
             "the kernel's command line makes them version 2"),
          NULL),

    /* ---- The footprint ---- */
    CHECK("site", N_("where the machine stands"), doctor_site,
          N_("[site] country= is not declared: no footprint of use can be told"), EDIT),
    CHECK("asset", N_("what the machine is"), doctor_asset,
          N_("[asset] purchase= is not declared: no footprint of the hardware can be told"), EDIT),
    CHECK("factors", N_("impact factors"), doctor_factors,
          N_("impact factors are missing or wrong: no footprint can be told"), "%reinstall"),
    CHECK("factors-age", N_("the age of impact factors"), doctor_factors_old,
          N_("the factors of this country's electricity are of years ago: a newer package or "
             "file may have others"),
          "%upgrade"),
};

const size_t doctor_checks_count = ARRAY_SIZE(doctor_checks);
