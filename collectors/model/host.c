/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/model/host.h"

#include <ctype.h>

#include "collectors/parse.h"
#include "collectors/source.h"

enum { CPUINFO_BYTES_MAX = 16 << 20 };

int host_cpuinfo(int procfs_fd, struct cpuinfo *ret_info)
{
    int opened = source_open(procfs_fd, "cpuinfo");
    if (opened < 0)
        return opened;
    CLEANUP(close_fd_p) int fd = opened;
    CLEANUP(free_p) struct cpuinfo_parser *parser = malloc(sizeof(*parser));
    if (!parser)
        return -ENOMEM;
    cpuinfo_begin(parser);
    char buffer[16384];
    for (off_t offset = 0; offset < CPUINFO_BYTES_MAX;) {
        ssize_t n = pread(fd, buffer, sizeof(buffer), offset);
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        cpuinfo_feed(parser, buffer, (size_t)n);
        offset += n;
    }
    cpuinfo_end(parser, ret_info);
    return ret_info->threads > 0 ? 0 : -EBADMSG;
}

uint64_t host_memory_kb(int procfs_fd)
{
    static const char name[] = "MemTotal:";
    char text[8192];
    if (source_read(procfs_fd, "meminfo", text, sizeof(text), NULL) < 0)
        return 0;
    const char *at = strstr(text, name);
    if (!at)
        return 0;
    at += sizeof(name) - 1;
    while (isblank((unsigned char)*at))
        at++;
    uint64_t memory_kb = 0;
    (void)parse_u64(at, strspn(at, "0123456789"), &memory_kb);
    return memory_kb;
}

bool host_is_guest(const char *vendor, const char *product)
{
    static const struct {
        const char *vendor, *product;
    } guests[] = {
        {"QEMU",                  ""               },
        {"KVM",                   ""               },
        {"VMware",                ""               },
        {"Xen",                   ""               },
        {"OpenStack",             ""               },
        {"Alibaba Cloud",         ""               },
        {"Google",                "Compute Engine" },
        {"Microsoft Corporation", "Virtual Machine"},
        {"Apple Inc.",            "Virtualization" },
    };
    /* Amazon names instances alike on bare metal and in guests, but for the ending. */
    if (str_starts(vendor, "Amazon EC2"))
        return !strstr(product, ".metal");
    for (size_t i = 0; i < ARRAY_SIZE(guests); i++)
        if (str_starts(vendor, guests[i].vendor) && strstr(product, guests[i].product))
            return true;
    return false;
}
