/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the verbs of greend-ctl have in common. */

#include <limits.h>

#include "core/settings/settings.h"
#include "report/report.h"
#include "shell/language.h"

enum ctl_exit {
    CTL_DONE = 0,
    CTL_FAILED = 1,
    CTL_USAGE = 2,
    CTL_NO_DATA = 3, /* also: not a name in it */
};

enum ctl_format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV, FORMAT_HTML };

/* The command line. Texts are NULL where not given. */
struct ctl_arguments {
    const char *since;
    const char *until;
    const char *by;
    const char *database;   /* the last one */
    const char **databases; /* all of them */
    size_t n_databases;
    const char *runtime;
    const char *config;
    const char *sysfs;
    const char *procfs;
    bool fix;
    const char *capture;
    const char *window;
    const char *interval;
    size_t count;        /* 0: not given */
    const char *operand; /* the word behind the verb, where it takes one */
    const char *output;
    const char *units;
    const char *metric;
    const char *software;
    bool partial;
    const char *idle;
    const char *stylesheet;
    enum ctl_format format;
    size_t top; /* 0: not given */
};

struct text;

/* Each answers what the program exits with. Errors are said on standard error. */
int report_main(const struct ctl_arguments *arguments);
int top_main(const struct ctl_arguments *arguments);
int status_main(const struct ctl_arguments *arguments);
int doctor_main(const struct ctl_arguments *arguments);
int forget_main(const struct ctl_arguments *arguments);
int inventory_main(const struct ctl_arguments *arguments);
int export_main(const struct ctl_arguments *arguments);
int targets_main(const struct ctl_arguments *arguments);
int carbon_main(const struct ctl_arguments *arguments);
int advise_main(const struct ctl_arguments *arguments);

/* "greend-ctl: MESSAGE" on standard error, escaped, in one line. */
void ctl_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What went wrong with the database, why, and what to do. */
void ctl_complain_database(const char *path, int error, const struct store_reader *reader);

/* Days and hours are those of the machine that was measured. */
void ctl_enter_timezone(const char *name);

/* Writes all of it to standard output. CTL_DONE or CTL_FAILED. */
int ctl_print(const struct text *text);

/* What the configuration says; release with settings_done(). A wrong file that was asked for is an
 * error, one that merely is there is said. CTL_DONE or CTL_FAILED. */
int ctl_load_settings(const struct ctl_arguments *arguments, struct settings *ret);

/* The path that the command line or else the configuration names. CTL_DONE or CTL_FAILED. */
int ctl_find_database(const struct ctl_arguments *arguments, char *ret_path, size_t size);
int ctl_find_runtime(const struct ctl_arguments *arguments, char *ret_path, size_t size);

/* What a report is made of: the database, and the idle policy that the command line or else the
 * configuration names. */
struct ctl_report {
    char database[PATH_MAX];
    enum report_idle idle;
    bool declared; /* the settings are those of the measured machine. Where the command line names
                      the database, it may be another machine's: then the configuration says nothing
                      of it, unless it was named too */
    struct settings settings; /* defaults where they are not */
};

/* CTL_DONE, CTL_FAILED or CTL_USAGE; release the settings with settings_done() in each case. */
int ctl_find_report(const struct ctl_arguments *arguments, struct ctl_report *ret);

/* The program; main() calls nothing else. */
int ctl_main(int argc, char *argv[]);
