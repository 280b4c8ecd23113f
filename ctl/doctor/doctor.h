/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The doctor: looks for every known cause of missing or wrong figures, and names the one command
 * that mends it. What there is to look at is read once into a scene; one table (doctor_table.c) has
 * a row for each check; each check judges the scene and files below its roots, and nothing else. */

#include <limits.h>
#include <netinet/in.h>

#include "collectors/inventory/reading.h"
#include "collectors/rapl/powercap.h"
#include "core/settings/settings.h"
#include "ctl.h"
#include "greend/store.h"
#include "status/status.h"

enum doctor_verdict {
    DOCTOR_OK,      /* or: nothing to judge here */
    DOCTOR_NOTE,    /* as it may be; good to know */
    DOCTOR_WARNING, /* figures are missing, or less sure than they could be */
    DOCTOR_FAULT,   /* greend does not work, or figures are wrong */
    DOCTOR_VERDICTS
};

/* What answers at an address that greend should listen on. */
enum doctor_probe {
    PROBE_NOT_ASKED,
    PROBE_GREEND,   /* or what may be: an encrypted port tells nothing in clear text */
    PROBE_NOBODY,   /* refused */
    PROBE_SILENT,   /* not reached, or no answer in time */
    PROBE_SOMEBODY, /* answers, and is not greend */
};

enum { DOCTOR_NAME_MAX = 64, DOCTOR_COMPLAINT_MAX = 512 };

struct doctor_scene {
    const char *config; /* the file */
    struct settings settings;
    struct text complaints; /* why they are wrong, by "; " */
    struct text factor_complaints;
    const char *packages; /* "apt-get", "dnf", or "": what installs packages here */
    struct reading reading;
    struct powercap_zones zones; /* closed */
    struct status status;
    struct store_info info;
    int64_t now_ns;     /* CLOCK_REALTIME */
    uint64_t disk_free; /* of the history's file system: bytes that the daemon may still use */
    uint64_t disk_size;

    int sysfs_fd, procfs_fd; /* -1: cannot be opened */
    int ring_error;          /* of opening it; status is nothing then */
    int history_error;       /* of opening it; info and check are nothing then */
    int history_check;       /* of store_reader_check() */
    int factor_year;         /* that the electricity of the declared country is of; 0: not known */
    gid_t meters_gid;
    enum doctor_probe probes[SETTINGS_LISTEN_MAX]; /* in the order of settings.listen */

    bool settings_wrong; /* settings are the defaults then */
    bool factors_wrong;
    bool live; /* procfs is this machine's own */
    bool disk_known;
    bool disk_readonly;
    bool clock_asked;
    bool clock_synchronised;
    bool root;          /* who asks is */
    bool meters_exist;  /* group greend */
    bool readers_exist; /* group greend-read */
    bool reader;        /* the user is a member, as the account database says */
    bool reader_now;    /* and this session is */

    char user[DOCTOR_NAME_MAX]; /* who asks; "": has no name */
    char history_complaint[DOCTOR_COMPLAINT_MAX];
    char runtime[PATH_MAX];
    char database[PATH_MAX];
    char disk_mount[PATH_MAX];
    char udev_rule[PATH_MAX]; /* where 60-greend.rules was found; "": nowhere */
};

enum { DOCTOR_WORDS_MAX = 24 };

struct doctor_check {
    const char *id;       /* stable, for programs */
    const char *looks_at; /* N_() */
    /* Appends to detail what the message is about, as it may be shown. */
    enum doctor_verdict (*judge)(const struct doctor_scene *scene, struct text *detail);
    const char *message; /* N_(): what is wrong, and what follows */
    /* The command that mends it, as words; "&&" stands between two of them, "%x" for what the
     * scene says (doctor_command()). Not root's where the first word is "-". Empty: there is none.
     */
    const char *mend[DOCTOR_WORDS_MAX];
};

extern const struct doctor_check doctor_checks[];
extern const size_t doctor_checks_count;

/* What a check found. */
struct doctor_finding {
    const struct doctor_check *check;
    enum doctor_verdict verdict;
    struct text detail;
};

struct doctor_report {
    struct doctor_finding *findings; /* one for each check, in their order */
    size_t n;
    size_t by_verdict[DOCTOR_VERDICTS];
};

/* Reads the scene of this machine. CTL_DONE or CTL_FAILED: the error was said. Release in each
 * case. */
int doctor_look(const struct ctl_arguments *arguments, struct doctor_scene *scene);
void doctor_scene_done(struct doctor_scene *scene);

/* Where systemd listens for greend, below a root: that counts, and [http] listen= does not, where
 * there is a unit. */
void doctor_read_socket(const char *root, struct settings *settings);

/* Asks each of the addresses of the settings. */
void doctor_probe(const struct settings *settings, enum doctor_probe ret[SETTINGS_LISTEN_MAX]);

/* Judges all checks. -ENOMEM. */
int doctor_judge(const struct doctor_scene *scene, struct doctor_report *ret);
void doctor_report_done(struct doctor_report *report);

/* Whether nothing is worse than a note. */
bool doctor_is_well(const struct doctor_report *report);

/* A command as words, each with its memory; NULL behind the last. */
struct doctor_command {
    char *words[DOCTOR_WORDS_MAX + 8];
    size_t n;
    bool root; /* it is root's */
};

/* The command that mends what a check found; none: n is 0. -ENOMEM. */
int doctor_command(const struct doctor_scene *scene, const struct doctor_check *check,
                   struct doctor_command *ret);
void doctor_command_done(struct doctor_command *command);

/* As it is typed into a shell: quoted where a shell needs it, with sudo where the user is not root.
 */
void doctor_add_command(const struct doctor_scene *scene, const struct doctor_command *command,
                        struct text *text);

void doctor_render_table(const struct doctor_scene *scene, const struct doctor_report *report,
                         const struct style *style, struct text *text);
void doctor_render_json(const struct doctor_scene *scene, const struct doctor_report *report,
                        struct text *text);

/* Shows each command, asks on the terminal, and runs what was agreed to. CTL_DONE or CTL_FAILED. */
int doctor_fix(const struct doctor_scene *scene, const struct doctor_report *report);
