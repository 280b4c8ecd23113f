/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* The firmware's tables. */
#include "fuzz.h"

#include <endian.h>

#include "collectors/inventory/smbios.h"

/* ---- What any table may say ---- */

static void require_text(const char *text)
{
    size_t length = strnlen(text, SMBIOS_TEXT_MAX);
    REQUIRE(length < SMBIOS_TEXT_MAX);
    REQUIRE(length == 0 || !strchr(" \t\r\n", text[0]));
    /* A text that was cut may end in a blank. */
    REQUIRE(length == 0 || length == SMBIOS_TEXT_MAX - 1 || !strchr(" \t\r\n", text[length - 1]));
}

static void require_date(const char *date)
{
    int year = 0, month = 0, day = 0, end = 0;
    if (*date == '\0')
        return;
    /* NOLINTNEXTLINE(cert-err34-c): the widths bound the numbers */
    REQUIRE(sscanf(date, "%4d-%2d-%2d%n", &year, &month, &day, &end) == 3 && end == 10);
    REQUIRE(date[10] == '\0' && year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31);
}

static void require_sound(const struct smbios *smbios, size_t size)
{
    const char *texts[] = {smbios->vendor, smbios->product,   smbios->board_vendor,
                           smbios->board,  smbios->processor, smbios->supply};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        require_text(texts[i]);
    require_date(smbios->firmware_date);
    uint64_t modules = 0;
    REQUIRE(smbios->n_modules <= SMBIOS_MODULES_MAX && smbios->chassis <= 0x7f);
    for (size_t i = 0; i < smbios->n_modules; i++) {
        require_text(smbios->modules[i].model);
        REQUIRE(smbios->modules[i].count > 0);
        modules += smbios->modules[i].count;
    }
    bool many = smbios->problems & SMBIOS_MANY;
    uint64_t known = modules + smbios->other_modules + smbios->empty_slots;
    REQUIRE(many ? known < smbios->slots : known == smbios->slots);
    /* No structure is smaller than its head and the end of its strings. */
    REQUIRE(((uint64_t)smbios->slots + smbios->processors + smbios->supplies +
             smbios->absent_supplies) *
                6 <=
            size);
}

/* ---- What a firmware would write for it reads back as it was ---- */

enum { TABLE_MAX = 1 << 16 };

struct table {
    uint8_t bytes[TABLE_MAX];
    size_t length;
    uint8_t *structure;
    uint8_t strings;
};

static uint8_t *begin(struct table *table, uint8_t type, uint8_t length)
{
    table->structure = table->bytes + table->length;
    memset(table->structure, 0, length);
    table->structure[0] = type;
    table->structure[1] = length;
    table->length += length;
    table->strings = 0;
    return table->structure;
}

static void put_text(struct table *table, size_t at, const char *text)
{
    if (*text == '\0')
        return;
    table->structure[at] = ++table->strings;
    memcpy(table->bytes + table->length, text, strlen(text) + 1);
    table->length += strlen(text) + 1;
}

static void end(struct table *table)
{
    table->bytes[table->length++] = 0;
    if (table->strings == 0)
        table->bytes[table->length++] = 0;
}

static void put_module(struct table *table, const struct smbios_module *module)
{
    uint8_t *memory = begin(table, 17, 0x28);
    uint64_t size = 0xffff; /* not told */
    if (module->size_kb > 0 && module->size_kb % 1024 == 0) {
        uint32_t extended = htole32((uint32_t)(module->size_kb / 1024));
        size = 0x7fff;
        memcpy(memory + 0x1c, &extended, sizeof(extended));
    } else if (module->size_kb > 0) {
        size = 0x8000 | module->size_kb;
    }
    memory[0x0c] = (uint8_t)size;
    memory[0x0d] = (uint8_t)(size >> 8);
    memory[0x12] = 0x1a;
    put_text(table, 0x1a, module->model);
    end(table);
}

static void write_table(const struct smbios *smbios, struct table *table)
{
    const char *date = smbios->firmware_date;
    char american[16] = "";
    if (*date != '\0')
        (void)snprintf(american, sizeof(american), "%.2s/%.2s/%.4s", date + 5, date + 8, date);
    (void)begin(table, 0, 0x18);
    put_text(table, 0x08, american);
    end(table);
    (void)begin(table, 1, 0x1b);
    put_text(table, 0x04, smbios->vendor);
    put_text(table, 0x05, smbios->product);
    end(table);
    (void)begin(table, 2, 0x0f);
    put_text(table, 0x04, smbios->board_vendor);
    put_text(table, 0x05, smbios->board);
    end(table);
    begin(table, 3, 0x15)[0x05] = (uint8_t)(0x80 | smbios->chassis);
    end(table);
    for (uint32_t i = 0; i < smbios->processors; i++) {
        uint8_t *processor = begin(table, 4, 0x30);
        processor[0x05] = 3;
        processor[0x18] = 0x41;
        put_text(table, 0x10, smbios->processor);
        end(table);
    }
    for (size_t i = 0; i < smbios->n_modules; i++)
        for (uint32_t k = 0; k < smbios->modules[i].count; k++)
            put_module(table, &smbios->modules[i]);
    for (uint32_t i = 0; i < smbios->supplies; i++) {
        begin(table, 39, 0x16)[0x0e] = 2;
        put_text(table, 0x0a, smbios->supply);
        end(table);
    }
}

static bool is_blank_ended(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && strchr(" \t\r\n", text[length - 1]);
}

static void read_back(const struct smbios *smbios)
{
    static struct table table;
    struct smbios again;
    uint32_t modules = 0;
    for (size_t i = 0; i < smbios->n_modules; i++) {
        modules += smbios->modules[i].count;
        if (is_blank_ended(smbios->modules[i].model))
            return;
    }
    if (modules + smbios->processors + smbios->supplies > 256 || is_blank_ended(smbios->vendor) ||
        is_blank_ended(smbios->product) || is_blank_ended(smbios->board) ||
        is_blank_ended(smbios->board_vendor) || is_blank_ended(smbios->processor) ||
        is_blank_ended(smbios->supply))
        return;
    table.length = 0;
    write_table(smbios, &table);
    CLEANUP(free_p) char *copy = fuzz_copy(table.bytes, table.length);
    smbios_parse((const uint8_t *)copy, table.length, &again);
    REQUIRE(again.problems == 0);
    REQUIRE(str_equal(again.firmware_date, smbios->firmware_date));
    REQUIRE(str_equal(again.vendor, smbios->vendor) && str_equal(again.product, smbios->product));
    REQUIRE(str_equal(again.board_vendor, smbios->board_vendor) &&
            str_equal(again.board, smbios->board) && again.chassis == smbios->chassis);
    REQUIRE(again.processors == smbios->processors && again.supplies == smbios->supplies);
    REQUIRE(again.processors == 0 || str_equal(again.processor, smbios->processor));
    REQUIRE(again.supplies == 0 || str_equal(again.supply, smbios->supply));
    REQUIRE(again.slots == modules && again.n_modules == smbios->n_modules);
    for (size_t i = 0; i < smbios->n_modules; i++)
        REQUIRE(again.modules[i].count == smbios->modules[i].count &&
                again.modules[i].size_kb == smbios->modules[i].size_kb &&
                str_equal(again.modules[i].model, smbios->modules[i].model));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(free_p) char *bytes = fuzz_copy(data, size);
    struct smbios smbios;
    smbios_parse((const uint8_t *)bytes, size, &smbios);
    require_sound(&smbios, size);
    (void)smbios_chassis_name(smbios.chassis);
    read_back(&smbios);
    return 0;
}
