/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/model/cpuinfo.h"

#include <ctype.h>

#include "collectors/parse.h"

void cpuinfo_begin(struct cpuinfo_parser *parser)
{
    memset(parser, 0, sizeof(*parser));
    parser->socket = UINT64_MAX;
}

/* Every processor repeats its socket's facts: a socket is counted once. */
static void end_processor(struct cpuinfo_parser *parser)
{
    if (parser->socket < CPUINFO_SOCKETS_MAX) {
        uint64_t *word = &parser->sockets_seen[parser->socket / 64];
        uint64_t bit = UINT64_C(1) << (parser->socket % 64);
        if (!(*word & bit)) {
            *word |= bit;
            parser->info.sockets++;
            parser->cores += MIN(parser->socket_cores, UINT32_MAX);
        }
    }
    parser->socket = UINT64_MAX;
    parser->socket_cores = 0;
}

/* A number of 32 bits; what is none leaves the fact as it was. */
static void set_u32(uint32_t *fact, const char *value)
{
    uint64_t number = 0;
    if (parse_u64(value, strlen(value), &number) == 0 && number <= UINT32_MAX)
        *fact = (uint32_t)number;
}

static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += length) {
        bool begins = at == text || at[-1] == ' ';
        if (begins && (at[length] == ' ' || at[length] == '\0'))
            return true;
    }
    return false;
}

static enum cpu_vendor vendor_of(const char *name)
{
    if (str_equal(name, "GenuineIntel"))
        return CPU_VENDOR_INTEL;
    if (str_equal(name, "AuthenticAMD"))
        return CPU_VENDOR_AMD;
    return CPU_VENDOR_OTHER;
}

static void take_field(struct cpuinfo_parser *parser, const char *key, const char *value)
{
    struct cpuinfo *info = &parser->info;
    /* s390 writes "processor 0: version = ...", all others "processor : 0". */
    if (str_equal(key, "processor") || str_starts(key, "processor ")) {
        end_processor(parser);
        if (info->threads < UINT32_MAX)
            info->threads++;
    } else if (str_equal(key, "vendor_id")) {
        info->vendor = vendor_of(value);
    } else if (str_equal(key, "cpu family")) {
        info->x86 = true;
        set_u32(&info->family, value);
    } else if (str_equal(key, "model")) {
        set_u32(&info->model, value);
    } else if (str_equal(key, "model name")) {
        (void)str_copy(info->name, sizeof(info->name), value);
    } else if (str_equal(key, "physical id")) {
        (void)parse_u64(value, strlen(value), &parser->socket);
    } else if (str_equal(key, "cpu cores")) {
        (void)parse_u64(value, strlen(value), &parser->socket_cores);
    } else if (str_equal(key, "flags")) {
        info->hypervisor = info->hypervisor || has_word(value, "hypervisor");
    }
}

static void end_line(struct cpuinfo_parser *parser)
{
    parser->line[parser->length] = '\0';
    parser->length = 0;
    char *colon = strchr(parser->line, ':');
    if (!colon)
        return;
    char *value = colon + 1;
    while (isspace((unsigned char)*value))
        value++;
    while (colon > parser->line && isspace((unsigned char)colon[-1]))
        colon--;
    *colon = '\0';
    take_field(parser, parser->line, value);
}

void cpuinfo_feed(struct cpuinfo_parser *parser, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n')
            end_line(parser);
        else if (parser->length < sizeof(parser->line) - 1)
            parser->line[parser->length++] = bytes[i];
    }
}

void cpuinfo_end(struct cpuinfo_parser *parser, struct cpuinfo *ret_info)
{
    end_line(parser);
    end_processor(parser);
    struct cpuinfo *info = &parser->info;
    info->sockets = MAX(info->sockets, 1U);
    /* "cpu cores" goes on counting cores that were switched off. */
    bool told = parser->cores > 0 && parser->cores <= info->threads;
    info->cores = told ? (uint32_t)parser->cores : info->threads;
    *ret_info = *info;
}
