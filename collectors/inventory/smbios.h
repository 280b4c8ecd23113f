/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the firmware says the machine is made of: the structure table of SMBIOS (DMTF DSP0134), as
 * in /sys/firmware/dmi/tables/DMI. Pure: bytes in, facts out; accepts any bytes. Serial numbers,
 * asset tags and the UUID are not looked at. */

#include "greend/base.h"

enum { SMBIOS_TEXT_MAX = 64, SMBIOS_MODULES_MAX = 24 };

/* Memory modules that are alike. */
struct smbios_module {
    uint32_t count;
    uint64_t size_kb; /* of one; 0: it is there, and its size is not told */
    char model[SMBIOS_TEXT_MAX];
};

/* Why facts may be missing. */
enum smbios_problem {
    SMBIOS_EMPTY = 1 << 0,      /* not one structure */
    SMBIOS_CUT = 1 << 1,        /* the last structure reaches beyond the table: not taken */
    SMBIOS_BAD_LENGTH = 1 << 2, /* a structure shorter than its own head: the rest is not read */
    SMBIOS_SHORT = 1 << 3,      /* a structure too short for its kind: left out */
    SMBIOS_MANY = 1 << 4,       /* more kinds of modules than there is room for */
};

/* Texts are bytes of the firmware without blanks around them, "" where there are none. */
struct smbios {
    unsigned problems;      /* SMBIOS_* */
    char firmware_date[11]; /* YYYY-MM-DD */
    char vendor[SMBIOS_TEXT_MAX];
    char product[SMBIOS_TEXT_MAX];
    char board_vendor[SMBIOS_TEXT_MAX];
    char board[SMBIOS_TEXT_MAX];
    uint8_t chassis; /* as DSP0134 numbers it, 0: not told; a blade's, not that of its enclosure */
    uint32_t processors; /* in their sockets */
    char processor[SMBIOS_TEXT_MAX];
    uint32_t slots; /* of memory, empty ones too */
    uint32_t empty_slots;
    uint32_t other_modules; /* no DRAM: persistent memory, or the firmware's own flash */
    struct smbios_module modules[SMBIOS_MODULES_MAX];
    size_t n_modules;
    uint32_t supplies; /* of power, present */
    uint32_t absent_supplies;
    char supply[SMBIOS_TEXT_MAX];
};

enum { /* of struct smbios.chassis */
       CHASSIS_MAIN_SERVER = 17,
       CHASSIS_RACK = 23,
       CHASSIS_BLADE = 28,
       CHASSIS_ENCLOSURE = 29,
};

/* "tower", "rack mount"; NULL: not told, or no number that is known. */
const char *smbios_chassis_name(uint8_t chassis);

void smbios_parse(const uint8_t *bytes, size_t length, struct smbios *ret);
