/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the collectors read in one tick: meters, sensors and activity. Plain data, no behaviour.
 *
 * The sampler owns one struct sample and reuses it for every tick, so nothing is allocated per
 * tick. All texts are NUL-terminated raw bytes from the machine unless said otherwise: never
 * trusted to be UTF-8 and never printed before core/text has escaped them. */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "greend/base.h"

enum {
    METERS_MAX = 128,
    SENSORS_MAX = 256,
    METER_KEY_MAX = 96,
    DOMAIN_NAME_MAX = 32,
    SENSOR_NAME_MAX = 48,
    PACKAGES_MAX = 16, /* physical packages (sockets) that are told apart */
    COMM_MAX = 64,     /* kernel threads have longer names than TASK_COMM_LEN */
    CGROUP_PATH_MAX = 1024,
    UNIT_MAX = 256, /* systemd's UNIT_NAME_MAX */
};

/* ---- Meters ---- */

/* What a meter measures. PLATFORM: the whole machine. PSYS: the platform as the processor sees it.
 * REST: what no meter covers, modelled. CORE and UNCORE lie inside PACKAGE: shown, never summed. */
enum domain_kind {
    DOMAIN_PLATFORM,
    DOMAIN_PSYS,
    DOMAIN_PACKAGE,
    DOMAIN_DRAM,
    DOMAIN_GPU,
    DOMAIN_REST,
    DOMAIN_CORE,
    DOMAIN_UNCORE,
    DOMAIN_KINDS
};

/* Where a number comes from. Everything but MODEL is measured. */
enum energy_source {
    SOURCE_RAPL,
    SOURCE_HWMON,
    SOURCE_ACPI,
    SOURCE_BMC,
    SOURCE_GPU,
    SOURCE_MODEL,
    ENERGY_SOURCES
};

/* COUNTER: value is an energy counter in uJ that wraps after range_uj.
 * GAUGE:   value is a power in uW, valid from the reading before until this one. */
enum meter_form { METER_COUNTER, METER_GAUGE };

/* The identity of a meter. It does not change while the meter exists. */
struct meter {
    char key[METER_KEY_MAX];      /* stable over restarts, made of names, never of indices:
                                     "intel-rapl/package-0-die-1/dram", "acpi/power_meter/power1" */
    char domain[DOMAIN_NAME_MAX]; /* "platform", "psys", "package-0", "dram-0", "core-0", "rest" */
    enum domain_kind kind;
    enum energy_source source;
    enum meter_form form;
    int32_t package;          /* physical package, -1 if the meter belongs to none */
    int32_t die;              /* die within the package, -1 if the zone names none */
    uint64_t range_uj;        /* max_energy_range_uj as read; 0: unknown */
    uint64_t max_power_uw;    /* the most this meter can see, for telling a reset from a wrap */
    uint32_t uncertainty_ppm; /* half-width of the 95 % interval of a reading; 0: not stated */
    bool mmio; /* an intel-rapl-mmio zone: the twin of an MSR zone of the same name */
};

struct meter_reading {
    int error;        /* 0, or a negative errno: this meter gives nothing in this tick */
    uint64_t time_ns; /* CLOCK_MONOTONIC, at the middle of the read */
    uint64_t value;   /* uJ (COUNTER) or uW (GAUGE) */
    uint64_t idle_uw; /* GAUGE of a model: the part of value that is idle power; else 0 */
};

struct meter_set {
    /* Just before the fast ones were read; slow ones may be older. */
    uint64_t boottime_ns; /* CLOCK_BOOTTIME */
    uint64_t asleep_ns;   /* how long the machine had slept since it started: CLOCK_BOOTTIME less
                             CLOCK_MONOTONIC, modulo 2^64, since a time namespace may shift either */
    size_t count;
    struct meter meters[METERS_MAX];
    struct meter_reading readings[METERS_MAX];
};

/* ---- Sensors: shown, never summed ---- */

enum sensor_quantity {
    SENSOR_TEMPERATURE, /* milli degree Celsius */
    SENSOR_FAN,         /* milli rpm */
    SENSOR_VOLTAGE,     /* mV */
    SENSOR_CURRENT,     /* mA */
    SENSOR_POWER,       /* mW */
    SENSOR_ENERGY,      /* mJ */
    SENSOR_QUANTITIES
};

struct sensor_reading {
    char chip[SENSOR_NAME_MAX];
    char label[SENSOR_NAME_MAX];
    enum sensor_quantity quantity;
    int error;           /* 0, or a negative errno: value is not valid */
    int64_t value_milli; /* in thousandths of the base unit */
};

struct sensor_set {
    size_t count;
    struct sensor_reading readings[SENSORS_MAX];
};

/* ---- Activity ---- */

/* One process that used CPU time since it was asked before. */
struct activity {
    int32_t pid;
    int32_t last_cpu;     /* CPU that it was last seen on, -1: unknown */
    uint64_t start_ticks; /* field 22 of stat: with pid, the identity of a process */
    uint32_t workload;    /* what identify() answered */
    uint32_t threads;
    int16_t package;   /* where it was last seen, -1: unknown */
    uint16_t packages; /* bit N: it may run on package N (affinity, cpuset); 0: on any */
    uint64_t cpu_ns;   /* CPU time of the process since it was asked before, all threads */
    uint64_t child_ns; /* CPU time of descendants that exited since, not counted elsewhere */
};

/* Which part of the cgroup tree a process lives in. */
enum cgroup_kind {
    CGROUP_NONE,      /* the root, or no cgroup at all */
    CGROUP_SERVICE,   /* a system service, socket, mount or slice */
    CGROUP_USER,      /* below user.slice: a person's session or user unit */
    CGROUP_CONTAINER, /* Docker, Podman, containerd, CRI-O, LXC, systemd-nspawn */
    CGROUP_VM,        /* libvirt, systemd-machined VM */
    CGROUP_KINDS
};

/* What a cgroup path says, before any folding or privacy rule. */
struct cgroup_identity {
    enum cgroup_kind kind;
    char unit[UNIT_MAX]; /* "nginx.service"; "docker:<64 hex>", "libpod:<64 hex>",
                            "pod:<uid>", "machine:<name>", "vm:<name>"; "" for CGROUP_NONE */
    uint32_t owner;      /* UID in user-N.slice, UINT32_MAX if none */
};

/* Facts about a process that is new, or whose command name or cgroup changed. */
struct process_identity {
    int32_t pid;
    uint64_t start_ticks;
    uint32_t uid; /* real UID, UINT32_MAX: unknown */
    bool kernel_thread;
    char comm[COMM_MAX];
    struct cgroup_identity cgroup;
};

/* ---- Reservations: what is kept whether it works or not ---- */

enum {
    RESERVED_UNITS_MAX = 512,
    RESERVED_UIDS = 4,                /* different ones that are told of a unit */
    RESERVED_WEIGHT_ALL = 1000000000, /* all CPU time of the machine */
};

/* One unit, container, virtual machine or user with processes. */
struct reserved_unit {
    struct cgroup_identity cgroup; /* CGROUP_NONE: all of more units than there is room for */
    uint32_t uids[RESERVED_UIDS];  /* real UIDs of some of its processes, each once */
    uint32_t n_uids;
    uint32_t weight_ppb; /* part of RESERVED_WEIGHT_ALL that its CPU weight stands for when all
                            are at work */
    uint64_t memory_kib; /* that it holds now */
};

/* One reading of all units. The same unit may stand there more than once. */
struct reserved_set {
    uint64_t time_ns;  /* CLOCK_MONOTONIC of the reading */
    bool memory_known; /* memory_kib is that of all units; false: of none */
    bool weight_known;
    size_t count;
    struct reserved_unit units[RESERVED_UNITS_MAX];
};

/* CPU time of the whole machine since the sample before. */
struct busy {
    uint64_t busy_ns; /* user, nice, system, irq and softirq; not iowait, steal, or guest twice */
    uint64_t elapsed_ns; /* between the two reads */
    uint32_t cpus;       /* online logical CPUs */
    /* The same by package. They may add up to a little more or less than busy_ns: tick counters
     * are read one after the other. */
    uint32_t packages; /* 0: not known which CPU is where */
    uint32_t package_cpus[PACKAGES_MAX];
    uint64_t package_busy_ns[PACKAGES_MAX];
};

/* What one workload keeps for itself: a unit as a whole. */
struct reservation {
    uint32_t workload;
    uint32_t weight_ppb; /* of RESERVED_WEIGHT_ALL */
    uint64_t memory_kib;
};

/* A reading of all of them. */
struct reservation_set {
    uint64_t interval_ns; /* time that it speaks for; 0: there is none in this tick */
    bool memory_known;
    bool weight_known;
    size_t count;
    const struct reservation *items;
};

/* ---- One tick ---- */

struct sample {
    struct meter_set meters;
    struct sensor_set sensors;
    /* Of the collector, valid until its next collect(); NULL: none was read. The sampler makes
     * `reservations` of it. */
    const struct reserved_set *reserved;
    struct reservation_set reservations;
    /* Owned by the process collector, valid until its next collect(). */
    const struct activity *activities;
    size_t n_activities;
    uint32_t n_processes; /* seen in /proc, active or not */
    struct busy busy;
};
