/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The parser of SMBIOS tables: what firmware writes, and what none should. */
#include "smbios_table.h"

#include "collectors/inventory/smbios.h"
#include "support/random.h"

static struct smbios parse(const uint8_t *bytes, size_t length)
{
    /* At the end of an allocation, where a read beyond it is seen by the sanitizer. */
    uint8_t *copy = malloc(MAX(length, 1));
    struct smbios smbios;
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    smbios_parse(copy, length, &smbios);
    free(copy);
    return smbios;
}

static struct smbios parse_table(const struct smbios_table *table)
{
    return parse(table->bytes, table->length);
}

static void test_server(void **state)
{
    (void)state;
    struct smbios_table table;
    table_server(&table);
    struct smbios smbios = parse_table(&table);
    assert_int_equal(smbios.problems, 0);
    assert_string_equal(smbios.firmware_date, "2022-03-31");
    assert_string_equal(smbios.vendor, "Dell Inc.");
    assert_string_equal(smbios.product, "PowerEdge R750");
    assert_string_equal(smbios.board, "06V45N");
    assert_int_equal(smbios.chassis, CHASSIS_RACK);
    assert_int_equal(smbios.processors, 2);
    assert_string_equal(smbios.processor, "Intel(R) Xeon(R) Gold 6330");
    assert_int_equal(smbios.slots, 8);
    assert_int_equal(smbios.empty_slots, 2);
    assert_int_equal(smbios.n_modules, 2);
    assert_int_equal(smbios.modules[0].count, 4);
    assert_int_equal(smbios.modules[0].size_kb, 32 << 20);
    assert_string_equal(smbios.modules[0].model, "M393A4K40DB3-CWE");
    assert_int_equal(smbios.modules[1].count, 2);
    assert_int_equal(smbios.modules[1].size_kb, 64 << 20);
    assert_int_equal(smbios.supplies, 2);
    assert_string_equal(smbios.supply, "0CNRJ9A01");
}

/* No serial number, asset tag or UUID is in what is kept. */
static void test_no_serials(void **state)
{
    (void)state;
    struct smbios_table table;
    table_server(&table);
    struct smbios smbios = parse_table(&table);
    assert_non_null(memmem(table.bytes, table.length, "SERIAL-", 7));
    assert_null(memmem(&smbios, sizeof(smbios), "SERIAL-", 7));
    assert_null(memmem(&smbios, sizeof(smbios), "TAG-", 4));
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct {
        uint16_t size;
        uint32_t extended_mb;
        uint64_t size_kb;
    } cases[] = {
        {16384,  0,          16 << 20                   },
        {0x8200, 0,          512                        }, /* KB */
        {0x7fff, 0x80008000, UINT64_C(32) << 20         }, /* the top bit is reserved */
        {0x7fff, 0x7fffffff, UINT64_C(0x7fffffff) * 1024},
        {0xffff, 7,          0                          }, /* there, size not known */
        {0x7ffe, 7,          UINT64_C(0x7ffe) * 1024    },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct smbios_table table = {.length = 0};
        (void)table_module(&table, cases[i].size, cases[i].extended_mb);
        struct smbios smbios = parse_table(&table);
        assert_int_equal(smbios.n_modules, 1);
        assert_int_equal(smbios.modules[0].size_kb, cases[i].size_kb);
        assert_int_equal(smbios.empty_slots, 0);
        assert_int_equal(smbios.problems, 0);
    }
}

static void test_old_and_other_memory(void **state)
{
    (void)state;
    struct smbios_table table = {.length = 0};
    uint8_t *old = TABLE_PUT(&table, 17, 0x15, "A\0"); /* of version 2.1 */
    old[0x0d] = 0x08;
    uint8_t *flash = table_module(&table, 16, 0);
    flash[0x12] = 9; /* where the firmware stands */
    uint8_t *optane = TABLE_PUT(&table, 17, 0x5c, "");
    optane[0x0d] = 0x10;
    optane[0x28] = 7;
    struct smbios smbios = parse_table(&table);
    assert_int_equal(smbios.problems, 0);
    assert_int_equal(smbios.slots, 3);
    assert_int_equal(smbios.n_modules, 1);
    assert_int_equal(smbios.modules[0].size_kb, 2 << 20);
    assert_int_equal(smbios.other_modules, 2);
}

/* What a short structure has no place for is not read from what stands behind it. */
static void test_short_memory(void **state)
{
    (void)state;
    struct smbios_table table = {.length = 0};
    uint8_t *at = TABLE_PUT(&table, 17, 0x15, "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1");
    at[0x0c] = 0xff;
    at[0x0d] = 0x7f;
    struct smbios smbios = parse_table(&table);
    assert_int_equal(smbios.n_modules, 1);
    assert_int_equal(smbios.modules[0].size_kb, 0);
    assert_string_equal(smbios.modules[0].model, "");
}

static void test_absent(void **state)
{
    (void)state;
    struct smbios_table table = {.length = 0};
    table_supply(&table, false);
    table_supply(&table, true);
    table_processor(&table, false);
    struct smbios smbios = parse_table(&table);
    assert_int_equal(smbios.supplies, 1);
    assert_int_equal(smbios.absent_supplies, 1);
    assert_int_equal(smbios.processors, 0);
}

static void test_chassis(void **state)
{
    (void)state;
    static const uint8_t orders[][2] = {
        {CHASSIS_ENCLOSURE, CHASSIS_BLADE    },
        {CHASSIS_BLADE,     CHASSIS_ENCLOSURE},
        {CHASSIS_RACK,      CHASSIS_BLADE    },
    };
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        struct smbios_table table = {.length = 0};
        table_chassis(&table, orders[i][0]);
        table_chassis(&table, orders[i][1]);
        assert_int_equal(parse_table(&table).chassis, CHASSIS_BLADE);
    }
    assert_string_equal(smbios_chassis_name(7), "tower");
    assert_null(smbios_chassis_name(0));
    assert_null(smbios_chassis_name(2));
    assert_null(smbios_chassis_name(255));
}

static void check_date(const char *told, const char *expected)
{
    struct smbios_table table = {.length = 0};
    char strings[32] = "";
    (void)str_copy(strings, sizeof(strings), told);
    uint8_t *at = table_put(&table, 0, 0x18, strings, strlen(told) + 2);
    at[0x08] = 1;
    assert_string_equal(parse_table(&table).firmware_date, expected);
}

static void test_dates(void **state)
{
    (void)state;
    check_date("12/01/2019", "2019-12-01");
    check_date("12/01/98", "1998-12-01");
    check_date("13/01/2019", "");
    check_date("12/32/2019", "");
    check_date("2019-12-01", "");
    check_date("12/01/19x9", "");
    check_date("12/1/2019", "");
    check_date("12/01/20190", "");
}

static void test_strings(void **state)
{
    (void)state;
    struct smbios_table table = {.length = 0};
    uint8_t *at = TABLE_PUT(&table, 1, 0x1b, "only one\0");
    at[0x04] = 2; /* there is no second */
    at[0x05] = 1;
    struct smbios smbios = parse_table(&table);
    assert_string_equal(smbios.vendor, "");
    assert_string_equal(smbios.product, "only one");
    at[0x04] = 255;
    assert_string_equal(parse_table(&table).vendor, "");
    table.length = 0;
    char wide[200];
    memset(wide, 'x', sizeof(wide));
    memset(wide + sizeof(wide) - 2, 0, 2);
    at = table_put(&table, 1, 0x1b, wide, sizeof(wide));
    at[0x04] = 1;
    assert_int_equal(strlen(parse_table(&table).vendor), SMBIOS_TEXT_MAX - 1);
}

static void test_wrong(void **state)
{
    (void)state;
    struct smbios_table table;
    table_server(&table);
    assert_int_equal(parse(table.bytes, 0).problems, SMBIOS_EMPTY);
    assert_int_equal(parse(table.bytes, 3).problems, SMBIOS_EMPTY | SMBIOS_CUT);
    table.bytes[1] = 0; /* a length that would loop */
    assert_int_equal(parse_table(&table).problems, SMBIOS_EMPTY | SMBIOS_BAD_LENGTH);
    table.bytes[1] = 3;
    assert_int_equal(parse_table(&table).problems, SMBIOS_EMPTY | SMBIOS_BAD_LENGTH);
    table.length = 0;
    (void)TABLE_PUT(&table, 17, 0x12, "");
    assert_int_equal(parse_table(&table).problems, SMBIOS_SHORT);
    table.length = 0; /* strings without an end */
    (void)TABLE_PUT(&table, 1, 0x1b, "vendor\0");
    table.length--;
    assert_int_equal(parse_table(&table).problems, SMBIOS_EMPTY | SMBIOS_CUT);
    table.length = 0; /* behind the end nothing is read */
    table_end(&table);
    table_chassis(&table, 23);
    struct smbios smbios = parse_table(&table);
    assert_int_equal(smbios.chassis, 0);
    assert_int_equal(smbios.problems, SMBIOS_EMPTY);
}

static void test_many_modules(void **state)
{
    (void)state;
    struct smbios_table table = {.length = 0};
    for (uint16_t i = 0; i <= SMBIOS_MODULES_MAX; i++)
        (void)table_module(&table, (uint16_t)(1024 + i), 0);
    struct smbios smbios = parse_table(&table);
    assert_int_equal(smbios.n_modules, SMBIOS_MODULES_MAX);
    assert_int_equal(smbios.problems, SMBIOS_MANY);
    assert_int_equal(smbios.slots, SMBIOS_MODULES_MAX + 1);
}

/* ---- Whatever the bytes are ---- */

/* What holds of every result. */
static void check_sane(const struct smbios *smbios, size_t length)
{
    uint64_t modules = 0;
    assert_true(smbios->n_modules <= SMBIOS_MODULES_MAX);
    for (size_t i = 0; i < smbios->n_modules; i++) {
        modules += smbios->modules[i].count;
        assert_true(strlen(smbios->modules[i].model) < SMBIOS_TEXT_MAX);
    }
    uint64_t told = modules + smbios->empty_slots + smbios->other_modules;
    assert_true(smbios->problems & SMBIOS_MANY ? told < smbios->slots : told == smbios->slots);
    assert_true(smbios->slots + smbios->supplies + smbios->processors <= length / 6);
    size_t date = strlen(smbios->firmware_date);
    assert_true(date == 0 || date == 10);
    assert_true(strlen(smbios->vendor) < SMBIOS_TEXT_MAX);
    assert_true(strlen(smbios->product) < SMBIOS_TEXT_MAX);
    assert_true(strlen(smbios->supply) < SMBIOS_TEXT_MAX);
}

static void test_every_length(void **state)
{
    (void)state;
    struct smbios_table table;
    table_server(&table);
    for (size_t length = 0; length < table.length; length++) {
        struct smbios smbios = parse(table.bytes, length);
        check_sane(&smbios, length);
    }
}

static void test_every_byte(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 1, 3, 4, 5, 17, 39, 127, 128, 254, 255};
    struct smbios_table table;
    table_server(&table);
    for (size_t at = 0; at < table.length; at++) {
        uint8_t kept = table.bytes[at];
        for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
            table.bytes[at] = values[i];
            struct smbios smbios = parse_table(&table);
            check_sane(&smbios, table.length);
        }
        table.bytes[at] = kept;
    }
}

static void test_mutations(void **state)
{
    (void)state;
    struct random random = random_begin("mutations", 39);
    for (int round = 0; round < 20000; round++) {
        struct smbios_table table;
        table_server(&table);
        uint64_t changes = 1 + random_next(&random) % 24;
        for (uint64_t i = 0; i < changes; i++) {
            size_t at = random_index(&random, table.length);
            uint64_t how = random_next(&random) % 3;
            if (how == 0)
                table.bytes[at] = (uint8_t)random_next(&random);
            else if (how == 1)
                table.bytes[at] ^= (uint8_t)(1 << random_next(&random) % 8);
            else
                memmove(table.bytes + at, table.bytes + at / 2, (table.length - at) / 2);
        }
        size_t length =
            random_next(&random) % 4 ? table.length : random_index(&random, table.length);
        struct smbios smbios = parse(table.bytes, length);
        check_sane(&smbios, length);
    }
}

static void test_noise(void **state)
{
    (void)state;
    struct random random = random_begin("noise", 17);
    uint8_t noise[600];
    for (int round = 0; round < 5000; round++) {
        for (size_t i = 0; i < sizeof(noise); i++) {
            uint64_t next = random_next(&random);
            noise[i] = next % 3 == 0 ? (uint8_t)(next >> 8) : (uint8_t)((next >> 8) % 40);
        }
        struct smbios smbios = parse(noise, sizeof(noise));
        check_sane(&smbios, sizeof(noise));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server),       cmocka_unit_test(test_no_serials),
        cmocka_unit_test(test_sizes),        cmocka_unit_test(test_old_and_other_memory),
        cmocka_unit_test(test_short_memory), cmocka_unit_test(test_absent),
        cmocka_unit_test(test_chassis),      cmocka_unit_test(test_dates),
        cmocka_unit_test(test_strings),      cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_many_modules), cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_every_byte),   cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
