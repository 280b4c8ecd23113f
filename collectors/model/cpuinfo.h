/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What /proc/cpuinfo says about the processors. Pure: text in, facts out; accepts any bytes. */

#include "greend/base.h"

enum cpu_vendor { CPU_VENDOR_OTHER, CPU_VENDOR_INTEL, CPU_VENDOR_AMD };

struct cpuinfo {
    enum cpu_vendor vendor; /* OTHER also on everything but x86 */
    uint32_t family;        /* x86: as cpuinfo prints them, in decimal */
    uint32_t model;
    char name[64];    /* "model name" as it stands there; "" where there is none (ARM) */
    uint32_t threads; /* logical processors; 0: this was no cpuinfo */
    uint32_t cores;   /* at most `threads`, which it equals where the text tells no more (ARM) */
    uint32_t sockets; /* at least 1; 1 where the text tells no more */
    bool x86;
    bool hypervisor; /* x86: runs as a guest */
};

enum {
    CPUINFO_LINE_MAX = 8192, /* flags take 2,000 bytes today; what is beyond is not looked at */
    CPUINFO_SOCKETS_MAX = 1024,
};

/* Takes the text in pieces of any size, since a machine of 1,000 processors writes 2 MB. */
struct cpuinfo_parser {
    struct cpuinfo info;
    char line[CPUINFO_LINE_MAX];
    size_t length;
    uint64_t socket;       /* of the processor being read; UINT64_MAX: not said yet */
    uint64_t socket_cores; /* 0: not said yet */
    uint64_t cores;
    uint64_t sockets_seen[CPUINFO_SOCKETS_MAX / 64];
};

void cpuinfo_begin(struct cpuinfo_parser *parser);
void cpuinfo_feed(struct cpuinfo_parser *parser, const char *bytes, size_t length);
void cpuinfo_end(struct cpuinfo_parser *parser, struct cpuinfo *ret_info);
