/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Machines as /proc/cpuinfo describes them, for the tests of the model. */

#include "unit.h"

#include "collectors/model/cpuinfo.h"
#include "collectors/model/estimate.h"

struct shape {
    const char *vendor, *name, *flags;
    unsigned family, model, sockets, cores, threads; /* cores and threads of one socket */
};

static const __attribute__((unused)) struct shape xeon_gold = {
    "GenuineIntel", "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", "fpu vme ht", 6, 85, 2, 16, 32};
static const __attribute__((unused)) struct shape epyc = {
    "AuthenticAMD", "AMD EPYC 7763 64-Core Processor", "fpu vme ht", 25, 1, 2, 64, 128};
static const __attribute__((unused)) struct shape xeon_e3 = {
    "GenuineIntel", "Intel(R) Xeon(R) CPU E3-1230 v3 @ 3.30GHz", "fpu vme", 6, 60, 1, 4, 8};
static const __attribute__((unused)) struct shape kvm_epyc = {
    "AuthenticAMD", "AMD EPYC", "fpu tsc hypervisor lahf_lm", 25, 1, 1, 2, 2};

/* What the kernel prints for a machine of that shape. To be freed. */
static inline char *cpuinfo_text(const struct shape *shape)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    for (unsigned cpu = 0; cpu < shape->sockets * shape->threads; cpu++)
        (void)fprintf(file,
                      "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n"
                      "model name\t: %s\nstepping\t: 4\ncpu MHz\t\t: 2100.000\n"
                      "physical id\t: %u\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\n"
                      "flags\t\t: %s\nbugs\t\t: spectre_v1\npower management:\n\n",
                      cpu, shape->vendor, shape->family, shape->model, shape->name,
                      cpu % shape->sockets, shape->threads, cpu / shape->sockets % shape->cores,
                      shape->cores, shape->flags);
    assert_int_equal(fclose(file), 0);
    return text;
}

static const __attribute__((unused)) char arm_text[] =
    "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\n"
    "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\n"
    "CPU part\t: 0xd0c\nCPU revision\t: 1\n\n"
    "processor\t: 1\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\n\n";

static inline struct cpuinfo parse(const char *text, size_t length)
{
    struct cpuinfo_parser *parser = malloc(sizeof(*parser));
    assert_non_null(parser);
    struct cpuinfo info;
    cpuinfo_begin(parser);
    cpuinfo_feed(parser, text, length);
    cpuinfo_end(parser, &info);
    free(parser);
    return info;
}

static inline struct machine machine_of(const struct shape *shape, uint64_t memory_gb)
{
    char *text = cpuinfo_text(shape);
    struct machine machine = {.cpu = parse(text, strlen(text)), .memory_kb = memory_gb << 20};
    machine.guest = machine.cpu.hypervisor;
    free(text);
    return machine;
}
