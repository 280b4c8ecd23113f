/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the kinds of export have in common: hosts as they are told, and files that appear together
 * or not at all. */

#include "core/settings/settings.h"
#include "core/settings/vm_facts.h"
#include "greend/footprint.h"
#include "hosts/hosts.h"
#include "hosts/recorded_machine.h"

/* ---- A host ---- */

struct export_host {
    const char *path; /* its newest database */
    bool told;        /* facts are in it */
    struct settings settings;
    struct site site;
    struct asset asset;
    struct recorded_machine machine; /* what was read of it, "" or 0 where that is not known */
    char processor[64];
    bool server_case;           /* of a rack or blade server */
    struct inventory inventory; /* of what was read; what is declared goes before it */
    struct report report;
    uint64_t bare_uj; /* of days that have energy of parts of the machine alone */
};

/* Fills a host, zeroed but for report.group, top and idle, from all databases of it. The process is
 * in its time zone then. CTL_*, with errors said but for CTL_NO_DATA. Release with
 * export_host_done() in each case. */
int export_host_read(const struct ctl_arguments *arguments, const struct hosts *hosts, size_t host,
                     int64_t now_s, struct export_host *ret);
void export_host_done(struct export_host *host);

/* Of one open database, and without its energy: its facts, and what of a period was recorded, all 0
 * where nothing was. ret: zeroed; release with export_host_done() in each case. */
int export_host_look(const struct hosts_database *database, struct store_reader *reader,
                     const struct period *asked, struct export_host *ret,
                     struct store_period *ret_recorded);

/* Whether the energy lacks what meters of parts do not see (power supplies, fans, disks) on more
 * than a hundredth of it: docs/method.md, 2. */
bool export_host_is_bare(const struct export_host *host);

/* The declared name, else the host's own; "" where neither is known. */
const char *export_host_name(const struct export_host *host);

bool export_host_is_virtual(const struct export_host *host);
bool export_host_is_physical(const struct export_host *host);

/* What [vm] says of a virtual machine; false: nothing. */
bool export_host_vm(const struct export_host *host, const char *name, struct vm_facts *ret);

/* ---- Files ---- */

struct export_file {
    const char *name;
    struct text text;
};

/* Writes all files into a folder, which is made where there is none: each under another name first,
 * so that none appears unless all could be written. CTL_*, with errors said. */
int export_files_write(const char *folder, const struct export_file *files, size_t n);

/* ---- Kinds ---- */

int export_state(const struct ctl_arguments *arguments); /* numecoeval, g4it */
int export_csv(const struct ctl_arguments *arguments);
int export_database(const struct ctl_arguments *arguments);
int export_sci(const struct ctl_arguments *arguments);
int export_rgesn(const struct ctl_arguments *arguments);
