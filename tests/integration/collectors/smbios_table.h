/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Tables of SMBIOS made by hand, with the offsets of DSP0134 3.6. */

#include <endian.h>

#include "unit/unit.h"

enum { TABLE_MAX = 8192 };

struct smbios_table {
    size_t length;
    uint8_t bytes[TABLE_MAX];
};

/* Appends a structure of zeros; its strings are ended each by a NUL, all by one more. Returns it.
 */
static inline uint8_t *table_put(struct smbios_table *table, uint8_t type, uint8_t length,
                                 const char *strings, size_t strings_size)
{
    uint8_t *at = table->bytes + table->length;
    assert_true(table->length + length + strings_size + 2 <= TABLE_MAX);
    memset(at, 0, (size_t)length + strings_size + 2);
    at[0] = type;
    at[1] = length;
    at[2] = (uint8_t)table->length; /* a handle, of no matter */
    memcpy(at + length, strings, strings_size);
    table->length +=
        length + strings_size + (strings_size > 1 && strings[strings_size - 2] == 0 ? 0 : 1);
    return at;
}

/* A string literal has one NUL of its own, and each string in it one that is written. */
#define TABLE_PUT(table, type, length, strings)                                                    \
    table_put(table, type, length, strings, sizeof(strings))

static inline uint8_t *table_module(struct smbios_table *table, uint16_t size, uint32_t extended_mb)
{
    uint8_t *at = TABLE_PUT(table, 17, 0x28,
                            "DIMM A1\0BANK 0\0Samsung\0SERIAL-77\0TAG-77\0 M393A4K40DB3-CWE \0");
    size = htole16(size);
    extended_mb = htole32(extended_mb);
    memcpy(at + 0x0c, &size, sizeof(size));
    at[0x10] = 1;
    at[0x11] = 2;
    at[0x12] = 0x1a; /* DDR4 */
    at[0x17] = 3;
    at[0x18] = 4;
    at[0x19] = 5;
    at[0x1a] = 6;
    memcpy(at + 0x1c, &extended_mb, sizeof(extended_mb));
    return at;
}

static inline void table_supply(struct smbios_table *table, bool present)
{
    uint8_t *at =
        TABLE_PUT(table, 39, 0x16, "PSU1\0PWR SPLY\0DELL\0SERIAL-39\0TAG-39\0 0CNRJ9A01 \0");
    for (uint8_t i = 0; i < 6; i++)
        at[0x05 + i] = (uint8_t)(i + 1);
    at[0x0e] = present ? 0x82 : 0x80;
}

static inline void table_chassis(struct smbios_table *table, uint8_t type)
{
    uint8_t *at = TABLE_PUT(table, 3, 0x16, "Dell Inc.\0SERIAL-3\0");
    at[0x04] = 1;
    at[0x05] = type;
    at[0x07] = 2;
}

static inline void table_processor(struct smbios_table *table, bool populated)
{
    uint8_t *at = TABLE_PUT(table, 4, 0x30, "CPU1\0Intel(R) Xeon(R) Gold 6330\0SERIAL-4\0");
    at[0x04] = 1;
    at[0x05] = 3;
    at[0x10] = 2;
    at[0x18] = populated ? 0x41 : 0x01;
    at[0x20] = 3;
}

static inline void table_end(struct smbios_table *table)
{
    (void)TABLE_PUT(table, 127, 4, "");
}

/* A rack server of two processors: 4 modules of 32 GiB and 2 of 64 GiB in 8 slots, two power
 * supplies. */
static inline void table_server(struct smbios_table *table)
{
    *table = (struct smbios_table){.length = 0};
    uint8_t *at = TABLE_PUT(table, 0, 0x18, "Dell Inc.\0001.8.2\00003/31/2022\0");
    at[0x04] = 1;
    at[0x05] = 2;
    at[0x08] = 3;
    at = TABLE_PUT(table, 1, 0x1b, "Dell Inc.\0PowerEdge R750\0SERIAL-1\0");
    at[0x04] = 1;
    at[0x05] = 2;
    at[0x07] = 3;
    at = TABLE_PUT(table, 2, 0x0f, "Dell Inc.\00006V45N\0SERIAL-2\0");
    at[0x04] = 1;
    at[0x05] = 2;
    at[0x07] = 3;
    table_chassis(table, 0x80 | 23);
    table_processor(table, true);
    table_processor(table, true);
    for (int i = 0; i < 4; i++)
        (void)table_module(table, 0x7fff, 32768);
    for (int i = 0; i < 2; i++)
        (void)table_module(table, 0x7fff, 65536);
    for (int i = 0; i < 2; i++)
        (void)table_module(table, 0, 0);
    table_supply(table, true);
    table_supply(table, true);
    table_end(table);
}
