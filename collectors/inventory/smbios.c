/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/inventory/smbios.h"

#include "greend/language.h"

enum { HEAD = 4 /* type, length, handle */, TYPE_END = 127 };

/* One structure: fields in bytes[0..length), then strings[0..strings_length), each ended by NUL. */
struct structure {
    const uint8_t *bytes;
    size_t length;
    const uint8_t *strings;
    size_t strings_length;
};

static uint64_t number(const struct structure *structure, size_t at, size_t size)
{
    uint64_t value = 0;
    if (at + size > structure->length)
        return 0;
    for (size_t i = size; i > 0; i--)
        value = value << 8 | structure->bytes[at + i - 1];
    return value;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* The string whose number stands in a field; "" where there is none. */
static void text(const struct structure *structure, size_t at, char *ret, size_t size)
{
    uint64_t wanted = number(structure, at, 1);
    const uint8_t *string = structure->strings;
    const uint8_t *end = string + structure->strings_length;
    ret[0] = '\0';
    for (uint64_t i = 1; i < wanted && string < end; i++)
        string += strnlen((const char *)string, (size_t)(end - string)) + 1;
    if (wanted == 0)
        return;
    size_t length = strnlen((const char *)string, (size_t)(end - string));
    while (length > 0 && is_blank(string[length - 1]))
        length--;
    while (length > 0 && is_blank(*string)) {
        string++;
        length--;
    }
    length = MIN(length, size - 1);
    memcpy(ret, string, length);
    ret[length] = '\0';
}

/* ---- Kinds of structures ---- */

static bool digits(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (at[i] < '0' || at[i] > '9')
            return false;
    return true;
}

/* "03/31/2024", and of old firmware "03/31/98", to "2024-03-31". */
static void take_firmware(const struct structure *structure, struct smbios *smbios)
{
    char date[16];
    text(structure, 0x08, date, sizeof(date));
    size_t length = strlen(date);
    if ((length != 10 && length != 8) || !digits(date, 2) || date[2] != '/' ||
        !digits(date + 3, 2) || date[5] != '/' || !digits(date + 6, length - 6))
        return;
    int month = (date[0] - '0') * 10 + date[1] - '0';
    int day = (date[3] - '0') * 10 + date[4] - '0';
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return;
    char iso[16];
    (void)snprintf(iso, sizeof(iso), "%s%.4s-%.2s-%.2s", length == 10 ? "" : "19", date + 6, date,
                   date + 3);
    (void)str_copy(smbios->firmware_date, sizeof(smbios->firmware_date), iso);
}

static void take_system(const struct structure *structure, struct smbios *smbios)
{
    if (smbios->vendor[0] != '\0' || smbios->product[0] != '\0')
        return;
    text(structure, 0x04, smbios->vendor, sizeof(smbios->vendor));
    text(structure, 0x05, smbios->product, sizeof(smbios->product));
}

/* The first is the main board. */
static void take_board(const struct structure *structure, struct smbios *smbios)
{
    if (smbios->board_vendor[0] != '\0' || smbios->board[0] != '\0')
        return;
    text(structure, 0x04, smbios->board_vendor, sizeof(smbios->board_vendor));
    text(structure, 0x05, smbios->board, sizeof(smbios->board));
}

/* A blade tells of its enclosure too, before or behind. */
static void take_chassis(const struct structure *structure, struct smbios *smbios)
{
    uint8_t chassis = (uint8_t)(number(structure, 0x05, 1) & 0x7f); /* the top bit: has a lock */
    if (smbios->chassis == 0 || smbios->chassis == CHASSIS_ENCLOSURE || chassis == CHASSIS_BLADE)
        smbios->chassis = chassis;
}

static void take_processor(const struct structure *structure, struct smbios *smbios)
{
    enum { CENTRAL = 3, POPULATED = 1 << 6 };
    if (number(structure, 0x05, 1) != CENTRAL || !(number(structure, 0x18, 1) & POPULATED))
        return;
    smbios->processors++;
    if (smbios->processor[0] == '\0')
        text(structure, 0x10, smbios->processor, sizeof(smbios->processor));
}

static void add_module(const struct structure *structure, uint64_t size_kb, struct smbios *smbios)
{
    char model[SMBIOS_TEXT_MAX];
    text(structure, 0x1a, model, sizeof(model));
    for (size_t i = 0; i < smbios->n_modules; i++) {
        struct smbios_module *module = &smbios->modules[i];
        if (module->size_kb == size_kb && str_equal(module->model, model)) {
            module->count++;
            return;
        }
    }
    if (smbios->n_modules == SMBIOS_MODULES_MAX) {
        smbios->problems |= SMBIOS_MANY;
        return;
    }
    struct smbios_module *module = &smbios->modules[smbios->n_modules++];
    *module = (struct smbios_module){.count = 1, .size_kb = size_kb};
    (void)str_copy(module->model, sizeof(module->model), model);
}

static void take_memory(const struct structure *structure, struct smbios *smbios)
{
    enum { UNKNOWN = 0xffff, EXTENDED = 0x7fff, IN_KB = 0x8000 };
    enum { MEMORY_ROM = 8, MEMORY_EPROM = 12, TECHNOLOGY_NVDIMM_F = 5, TECHNOLOGY_OPTANE = 7 };
    uint64_t size = number(structure, 0x0c, 2);
    uint64_t memory = number(structure, 0x12, 1);
    uint64_t technology = number(structure, 0x28, 1); /* 0 before version 3.2 */
    smbios->slots++;
    if (size == 0) {
        smbios->empty_slots++;
        return;
    }
    if ((memory >= MEMORY_ROM && memory <= MEMORY_EPROM) ||
        (technology >= TECHNOLOGY_NVDIMM_F && technology <= TECHNOLOGY_OPTANE)) {
        smbios->other_modules++;
        return;
    }
    uint64_t size_kb = 0;
    if (size == EXTENDED) /* which an old structure has no place for: not told */
        size_kb = (number(structure, 0x1c, 4) & 0x7fffffff) * 1024;
    else if (size != UNKNOWN)
        size_kb = size & IN_KB ? size & ~(uint64_t)IN_KB : size * 1024;
    add_module(structure, size_kb, smbios);
}

static void take_supply(const struct structure *structure, struct smbios *smbios)
{
    enum { PRESENT = 1 << 1 };
    if (!(number(structure, 0x0e, 2) & PRESENT)) {
        smbios->absent_supplies++;
        return;
    }
    smbios->supplies++;
    if (smbios->supply[0] == '\0')
        text(structure, 0x0a, smbios->supply, sizeof(smbios->supply));
}

/* least: bytes of the fields that are read and that each version has. */
static const struct kind {
    uint8_t type;
    size_t least;
    void (*take)(const struct structure *structure, struct smbios *smbios);
} kinds[] = {
    {0,  0x09, take_firmware },
    {1,  0x06, take_system   },
    {2,  0x06, take_board    },
    {3,  0x06, take_chassis  },
    {4,  0x19, take_processor},
    {17, 0x13, take_memory   },
    {39, 0x10, take_supply   },
};

static void take(const struct structure *structure, struct smbios *smbios)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (kinds[i].type != structure->bytes[0])
            continue;
        if (structure->length >= kinds[i].least)
            kinds[i].take(structure, smbios);
        else
            smbios->problems |= SMBIOS_SHORT;
    }
}

/* Bytes up to and with the two NULs that end the strings; 0: there are none. */
static size_t strings_size(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i + 1 < length; i++)
        if (bytes[i] == 0 && bytes[i + 1] == 0)
            return i + 2;
    return 0;
}

void smbios_parse(const uint8_t *bytes, size_t length, struct smbios *ret)
{
    bool any = false;
    memset(ret, 0, sizeof(*ret));
    for (size_t at = 0; at < length;) {
        if (length - at < HEAD) {
            ret->problems |= SMBIOS_CUT;
            break;
        }
        struct structure structure = {.bytes = bytes + at, .length = bytes[at + 1]};
        if (structure.length < HEAD) {
            ret->problems |= SMBIOS_BAD_LENGTH;
            break;
        }
        if (bytes[at] == TYPE_END)
            break;
        if (structure.length > length - at) {
            ret->problems |= SMBIOS_CUT;
            break;
        }
        structure.strings = structure.bytes + structure.length;
        size_t size = strings_size(structure.strings, length - at - structure.length);
        if (size == 0) {
            ret->problems |= SMBIOS_CUT;
            break;
        }
        structure.strings_length = size - 1; /* without the NUL behind the last string's */
        take(&structure, ret);
        any = true;
        at += structure.length + size;
    }
    if (!any)
        ret->problems |= SMBIOS_EMPTY;
}

const char *smbios_chassis_name(uint8_t chassis)
{
    static const char *const names[] = {
        [3] = N_("desktop"),
        [4] = N_("low-profile desktop"),
        [5] = N_("pizza box"),
        [6] = N_("mini tower"),
        [7] = N_("tower"),
        [8] = N_("portable"),
        [9] = N_("laptop"),
        [10] = N_("notebook"),
        [11] = N_("hand held"),
        [12] = N_("docking station"),
        [13] = N_("all in one"),
        [14] = N_("sub notebook"),
        [15] = N_("space-saving"),
        [16] = N_("lunch box"),
        [CHASSIS_MAIN_SERVER] = N_("main server"),
        [18] = N_("expansion chassis"),
        [19] = N_("sub chassis"),
        [20] = N_("bus expansion chassis"),
        [21] = N_("peripheral chassis"),
        [22] = N_("RAID chassis"),
        [CHASSIS_RACK] = N_("rack mount"),
        [24] = N_("sealed-case PC"),
        [25] = N_("multi-system"),
        [26] = N_("compact PCI"),
        [27] = N_("advanced TCA"),
        [CHASSIS_BLADE] = N_("blade"),
        [CHASSIS_ENCLOSURE] = N_("blade enclosure"),
        [30] = N_("tablet"),
        [31] = N_("convertible"),
        [32] = N_("detachable"),
        [33] = N_("IoT gateway"),
        [34] = N_("embedded PC"),
        [35] = N_("mini PC"),
        [36] = N_("stick PC"),
    };
    return chassis < ARRAY_SIZE(names) ? names[chassis] : NULL;
}
