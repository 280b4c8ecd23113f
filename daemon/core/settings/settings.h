/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What greend.conf can say: one table of options, from which defaults, checks, error texts, the
 * help and the sample file come. Pure: files are read by daemon/input/configuration.h. */

#include "core/text.h"
#include "greend/ring.h"

enum {
    SETTINGS_PATH_MAX = 256,
    SETTINGS_LISTEN_MAX = 8,
    SETTINGS_NAMES_MAX = 256,
    SETTINGS_ERROR_MAX = 512, /* bytes that any error text fits in */
    SETTINGS_DECLARED_MAX = 64,
    SETTINGS_VMS_MAX = 1024,
    SETTINGS_TARGETS_MAX = 32,
    SETTINGS_PARTS_MAX = 32,
};

/* Where to listen. host: a numeric address without brackets, perhaps with %scope; "": every
 * address. port: decimal; "0": any free one. */
struct settings_listen {
    char host[64];
    char port[6];
};

/* One pattern of a line name=PATTERN... of [names]: units that match the pattern (as in fnmatch(3))
 * are shown by this name. The first that matches wins. */
struct settings_name {
    char pattern[UNIT_MAX];
    char name[WORKLOAD_UNIT_MAX];
};

/* One line NAME=FACTS of [vm]: what exports say of a virtual machine that runs here. See
 * core/settings/vm_facts.h. */
struct settings_vm {
    char name[WORKLOAD_UNIT_MAX];
    char facts[256];
};

/* What the operator says of the machine for exports alone, "" where he does not: greend computes
 * nothing from it. */
struct settings_described {
    char datacentre[SETTINGS_DECLARED_MAX];
    char datacentre_name[SETTINGS_DECLARED_MAX];
    char country_name[SETTINGS_DECLARED_MAX];
    char name[SETTINGS_DECLARED_MAX];
    char model[SETTINGS_DECLARED_MAX];
    char type[SETTINGS_DECLARED_MAX];
    char cores[SETTINGS_DECLARED_MAX];
    char status[SETTINGS_DECLARED_MAX];
    char user[SETTINGS_DECLARED_MAX];
    char entity[SETTINGS_DECLARED_MAX];
    char application[SETTINGS_DECLARED_MAX];
    char environment[SETTINGS_DECLARED_MAX];
    char domain[SETTINGS_DECLARED_MAX];
    char subdomain[SETTINGS_DECLARED_MAX];
    char cluster[SETTINGS_DECLARED_MAX];
    char host[SETTINGS_DECLARED_MAX];
};

/* One line of [targets], as it is written but for tabs, which are blanks: greend/target.h says what
 * is right, and daemon/input/configuration.h checks it. */
struct settings_target {
    char name[48];
    char text[200];
};

/* One line NAME=PARTS of [parts], likewise: greend/inventory.h says what is right, and
 * daemon/input/configuration.h checks it. */
struct settings_part {
    char name[48];
    char text[200];
};

/* What the operator declares, as he wrote it, "" where he did not. greend/footprint.h says what is
 * right, and daemon/input/configuration.h checks it. */
struct settings_declared {
    char country[SETTINGS_DECLARED_MAX];
    char pue[SETTINGS_DECLARED_MAX];
    char wue[SETTINGS_DECLARED_MAX];
    char machine[SETTINGS_DECLARED_MAX];
    char purchase[SETTINGS_DECLARED_MAX];
    char planned_end[SETTINGS_DECLARED_MAX];
    char life[SETTINGS_DECLARED_MAX];
    char refurbished[SETTINGS_DECLARED_MAX];
    char earlier_use[SETTINGS_DECLARED_MAX];
    char later_use[SETTINGS_DECLARED_MAX];
    char host_share[SETTINGS_DECLARED_MAX];
    char destination[SETTINGS_DECLARED_MAX];
    char mass[SETTINGS_DECLARED_MAX];
};

/* Thresholds of advice: include/greend/practice.h. Parts are in percent. */
struct settings_advise {
    uint64_t days;
    uint64_t cpu_idle;
    uint64_t network_idle; /* bytes per second */
    uint64_t disk_idle;
    uint64_t cpu_low;
    uint64_t memory_low;
    uint64_t evening; /* hours of the day that work ends and begins at */
    uint64_t morning;
    uint64_t off_hours_used;
    uint64_t psu_efficiency;
    uint64_t life_years;
    char production[SETTINGS_DECLARED_MAX]; /* environments that are always on, by blanks */
};

struct settings {
    uint64_t interval_ns;
    char sysfs[SETTINGS_PATH_MAX];
    char procfs[SETTINGS_PATH_MAX];
    bool exits;
    char database[SETTINGS_PATH_MAX];
    uint64_t flush_ns;
    uint64_t retention_minutes_s;
    uint64_t retention_hours_s;
    uint64_t retention_days_s;
    int log_level; /* as in syslog.h: LOG_ERR to LOG_DEBUG */
    struct settings_listen listen[SETTINGS_LISTEN_MAX];
    size_t n_listen;                  /* 0: no listener */
    char web_file[SETTINGS_PATH_MAX]; /* "": none */
    bool allow_cleartext;
    char runtime_directory[SETTINGS_PATH_MAX];
    uint64_t ring_slots; /* a power of two; 0: chosen by the daemon */
    uint64_t top;
    bool model_rest;
    char timezone[64]; /* "": the system's */
    bool show_users;
    struct settings_declared declared;
    struct settings_described described;
    char factors[SETTINGS_DECLARED_MAX];    /* the set of factors of electricity */
    char factors_folder[SETTINGS_PATH_MAX]; /* "": where they were installed */
    char intensity[SETTINGS_PATH_MAX];      /* "": none */
    int report_idle;                        /* the place among separate, proportional, reserved */
    struct settings_advise advise;
    struct settings_name *names; /* owned */
    size_t n_names;
    struct settings_vm *vms; /* owned */
    size_t n_vms;
    struct settings_name *environments; /* owned; what units belong to, by their shown names */
    size_t n_environments;
    struct settings_target *targets; /* owned */
    size_t n_targets;
    struct settings_part *parts; /* owned; of the machine, of a virtual one its host's */
    size_t n_parts;
};

/* Fills in the default of every option. */
void settings_defaults(struct settings *settings);

/* Releases what settings own. Accepts zeroed settings. */
void settings_done(struct settings *settings);

/* Sets one option from its text. -EINVAL: no such section or key, or a wrong value: nothing was
 * changed, and ret_error (SETTINGS_ERROR_MAX bytes) says what was expected, in one line of escaped
 * UTF-8. -ENOMEM likewise. Only `listen`, `web_file`, `timezone`, `folder`, `intensity` and
 * what is declared or described may be empty. */
int settings_set(struct settings *settings, const char *section, const char *key, const char *value,
                 char *ret_error);

/* Appends a greend.conf in which every option stands as a comment with its default. */
void settings_sample(struct text *text);

/* Appends a line for each option, for --help: "[sampling] interval=1s  ...". */
void settings_help(struct text *text);

/* What a row of the table says, for tests and for checking the manual. */
struct settings_option {
    const char *section;
    const char *key;
    const char *standard; /* its default */
    const char *least;    /* bounds of a number, NULL where there are none */
    const char *most;
    const char *help;
};

/* The options in the order of the sample file; NULL behind the last. */
const struct settings_option *settings_option(size_t index);

/* The text of a declared option; NULL: the option at that index is none, or there is none. */
const char *settings_declared(const struct settings *settings, size_t index);

/* Likewise of a described option. */
const char *settings_described(const struct settings *settings, size_t index);
