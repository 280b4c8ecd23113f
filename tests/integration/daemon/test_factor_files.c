/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/text.h"
#include "input/factor_files.h"
#include "scratch.h"

static const char shipped[] = SOURCE_ROOT "/footprint/factors";

static char reported[8192];

static void on_report(void *userdata, const char *line)
{
    (void)userdata;
    strncat(reported, line, sizeof(reported) - strlen(reported) - 1);
    strncat(reported, "\n", sizeof(reported) - strlen(reported) - 1);
}

static int load(const char *folder, const char *set, const char *own,
                struct factor_table **ret_table)
{
    reported[0] = '\0';
    return factor_files_load(folder, set, &own, own != NULL, ret_table, on_report, NULL);
}

static void put(const struct scratch *scratch, const char *name, const char *text, size_t length)
{
    int fd = openat(scratch->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    (void)close(fd);
}

static void assert_refused(const char *folder, const char *set, const char *own, const char *why)
{
    struct factor_table *untouched = (struct factor_table *)shipped;
    struct factor_table *table = untouched;
    assert_int_equal(load(folder, set, own, &table), FACTORS_WRONG);
    assert_ptr_equal(table, untouched);
    assert_string_equal(reported, why);
}

/* Every set that comes with greend, from the files as they stand. */
static void test_shipped_sets(void **state)
{
    (void)state;
    static const char *const sets[] = {"ademe", "boavizta", "numecoeval"};
    for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
        struct factor_table *table = NULL;
        assert_int_equal(load(shipped, sets[i], NULL, &table), 0);
        assert_string_equal(reported, "");
        assert_string_equal(factor_table_set(table, 0)->name, "defaults");
        assert_string_equal(factor_table_set(table, 1)->name, "hardware");
        assert_string_equal(factor_table_set(table, 2)->name, sets[i]);
        assert_null(factor_table_set(table, 3));
        (void)factor_table_free(table);
    }
    assert_true(factor_files_folder[0] == '/');
}

static void test_own_file(void **state)
{
    (void)state;
    static const char text[] =
        "# set: mine\n# version: 7\nid;criterion;phase;geography;value;unit;min;max;source;year;"
        "licence;method\nelectricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;2025;;\n";
    struct scratch scratch = scratch_new();
    char path[512];
    struct factor_table *table = NULL;
    put(&scratch, "mine.csv", text, sizeof(text) - 1);
    (void)snprintf(path, sizeof(path), "%s/mine.csv", scratch.path);
    assert_int_equal(load(shipped, "boavizta", path, &table), 0);
    const struct factor *f =
        factor_find(table, FACTOR_ELECTRICITY, CRITERION_GWP, geography_find("FRA", 3));
    assert_true(f->value.value == 0.05);
    assert_string_equal(f->set->file, path);
    (void)factor_table_free(table);
    scratch_done(&scratch);
}

static void test_what_is_no_set(void **state)
{
    (void)state;
    static const char *const names[] = {"",         "hardware", "defaults", "../boavizta",
                                        "Boavizta", "a.b"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char why[256];
        (void)snprintf(why, sizeof(why),
                       "%s: expected the name of a factor set: ademe, boavizta or numecoeval\n",
                       names[i]);
        assert_refused(shipped, names[i], NULL, why);
    }
    assert_refused(shipped, "boavista", NULL,
                   SOURCE_ROOT "/footprint/factors/boavista.csv: cannot be read: No such file or "
                               "directory\n");
    assert_refused("/nowhere", "ademe", NULL,
                   "/nowhere/defaults.csv: cannot be read: No such file or directory\n"
                   "/nowhere/hardware.csv: cannot be read: No such file or directory\n"
                   "/nowhere/ademe.csv: cannot be read: No such file or directory\n");
}

static void test_what_cannot_be_read(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    char path[600];
    char why[1024];
    (void)snprintf(why, sizeof(why), "%s: cannot be read: Is a directory\n", scratch.path);
    assert_refused(shipped, "ademe", scratch.path, why);
    (void)snprintf(path, sizeof(path),
                   "%s/a\x1b"
                   "fifo",
                   scratch.path);
    assert_int_equal(mkfifo(path, 0600), 0); /* nothing waits for a writer */
    (void)snprintf(why, sizeof(why), "%s/a\\x1bfifo: cannot be read: not a regular file\n",
                   scratch.path);
    assert_refused(shipped, "ademe", path, why);
    assert_refused(shipped, "ademe", "/dev/zero",
                   "/dev/zero: cannot be read: not a regular file\n");
    char *big = calloc(1, FACTOR_FILE_MAX + 2);
    assert_non_null(big);
    memset(big, '#', FACTOR_FILE_MAX + 2);
    put(&scratch, "big", big, FACTOR_FILE_MAX + 2);
    free(big);
    (void)snprintf(path, sizeof(path), "%s/big", scratch.path);
    assert_int_equal(load(shipped, "ademe", path, NULL), FACTORS_WRONG);
    assert_non_null(strstr(reported, ":1:1: expected a file of at most 1048576 bytes\n"));
    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(load(shipped, "ademe", path, NULL), FACTORS_WRONG);
    assert_non_null(strstr(reported, "File name too long"));
    scratch_done(&scratch);
}

/* All errors of all files are told at once. */
static void test_all_errors(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    char text[4096] = "# set: mine\n# version: 7\nid;criterion;phase;geography;value;unit;min;max;"
                      "source;year;licence;method\n";
    char path[512];
    for (int i = 0; i < 25; i++)
        strcat(text, "electricity;GWP;use;FRA;0,05;kgCO2e/kWh;;;me;2025;;\n");
    put(&scratch, "m.csv", text, strlen(text));
    (void)snprintf(path, sizeof(path), "%s/m.csv", scratch.path);
    const char *const own[] = {path, "/nowhere", path};
    struct factor_table *table = NULL;
    reported[0] = '\0';
    assert_int_equal(factor_files_load(shipped, "ademe", own, 3, &table, on_report, NULL),
                     FACTORS_WRONG);
    assert_null(table);
    size_t lines = 0;
    for (const char *c = reported; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 2 * (FACTOR_ERRORS_MAX + 1) + 1);
    assert_non_null(
        strstr(reported, "/m.csv:4:25: value: '0,05' has a decimal comma: write 0.05\n"));
    assert_non_null(strstr(reported, "\nand 5 more errors\n/nowhere: cannot be read: "));
    scratch_done(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_sets),   cmocka_unit_test(test_own_file),
        cmocka_unit_test(test_what_is_no_set), cmocka_unit_test(test_what_cannot_be_read),
        cmocka_unit_test(test_all_errors),
    };
    return cmocka_run_group_tests_name("factor_files", tests, NULL, NULL);
}
