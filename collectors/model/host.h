/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the host says of itself in files that each user may read. */

#include "collectors/model/cpuinfo.h"

/* -EBADMSG: no processor is in it. */
int host_cpuinfo(int procfs_fd, struct cpuinfo *ret_info);

/* What the kernel manages of the memory; 0: not told. */
uint64_t host_memory_kb(int procfs_fd);

/* Guests of processors whose cpuinfo does not tell (ARM), by what the firmware calls the maker. */
bool host_is_guest(const char *vendor, const char *product);
