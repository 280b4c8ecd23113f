/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* /proc/cpuinfo, in pieces as it is read. */
#include "fuzz.h"

#include "collectors/model/cpuinfo.h"

static void parse(const char *text, size_t size, size_t piece, struct cpuinfo *ret)
{
    CLEANUP(free_p) struct cpuinfo_parser *parser = fuzz_allocate(sizeof(*parser));
    cpuinfo_begin(parser);
    for (size_t at = 0; at < size; at += piece) {
        size_t length = MIN(piece, size - at);
        CLEANUP(free_p) char *copy = fuzz_copy(text + at, length);
        cpuinfo_feed(parser, copy, length);
    }
    cpuinfo_end(parser, ret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cpuinfo whole, pieces;
    struct fuzz_input input = {data, size};
    size_t piece = 1 + fuzz_take_size(&input, 1);
    memset(&whole, 0, sizeof(whole));
    memset(&pieces, 0, sizeof(pieces));
    parse((const char *)input.at, input.left, MAX(input.left, (size_t)1), &whole);
    parse((const char *)input.at, input.left, piece, &pieces);
    REQUIRE(memcmp(&whole, &pieces, sizeof(whole)) == 0);
    REQUIRE(memchr(whole.name, '\0', sizeof(whole.name)));
    REQUIRE(whole.sockets >= 1 && whole.sockets <= CPUINFO_SOCKETS_MAX);
    REQUIRE(whole.cores <= whole.threads && (whole.threads == 0 || whole.cores > 0));
    REQUIRE((unsigned)whole.vendor <= CPU_VENDOR_AMD);
    REQUIRE(whole.x86 || whole.family == 0);
    return 0;
}
