/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "golden.h"
#include "input/configuration.h"

/* A folder with a greend.conf and a greend.conf.d, and what was complained about. */
struct world {
    char folder[64];
    char file[96];
    struct text said;
};

static void on_report(void *userdata, const char *line)
{
    struct world *world = userdata;
    /* Without the folder, which is another one in each run. */
    size_t length = strlen(world->folder);
    text_format(&world->said, "%s\n",
                strncmp(line, world->folder, length) == 0 ? line + length + 1 : line);
}

static int load(struct world *world, struct settings *ret)
{
    text_clear(&world->said);
    text_add(&world->said, "");
    return configuration_load(world->file, true, ret, on_report, world);
}

static void write_file(const struct world *world, const char *name, const char *bytes,
                       size_t length)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", world->folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || !bytes)
        abort();
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void write_text(const struct world *world, const char *name, const char *text)
{
    if (!text)
        abort();
    write_file(world, name, text, strlen(text));
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    char path[128];
    assert_non_null(world);
    (void)str_copy(world->folder, sizeof(world->folder), "/tmp/greend-test-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    assert_int_equal(chmod(world->folder, 0755), 0);
    (void)snprintf(world->file, sizeof(world->file), "%s/greend.conf", world->folder);
    (void)snprintf(path, sizeof(path), "%s.d", world->file);
    assert_int_equal(mkdir(path, 0755), 0);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {
        "greend.conf",
        "greend.conf.d/10.conf",
        "greend.conf.d/20.conf",
        "greend.conf.d/9.conf",
        "greend.conf.d/note.txt",
        "greend.conf.d/.x.conf",
        "pipe",
    };
    char path[128];
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", world->folder, names[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof(path), "%s.d", world->file);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(world->folder), 0);
    text_done(&world->said);
    free(world);
    return 0;
}

/* Loads a file with this text and expects these complaints. */
static void expect(struct world *world, const char *text, const char *complaints)
{
    struct settings settings = {0};
    write_text(world, "greend.conf", text);
    int r = load(world, &settings);
    assert_string_equal(world->said.data, complaints);
    assert_int_equal(r, *complaints ? CONFIGURATION_WRONG : 0);
    settings_done(&settings);
}

static void test_declared(void **state)
{
    struct world *world = *state;
    struct settings settings = {0};
    struct site site;
    struct asset asset;
    write_text(world, "greend.conf",
               "[site]\ncountry=FR\npue=1.35\n[asset]\nmachine=virtual\nhost_share=0.25\n"
               "purchase=2024-03-31\n");
    assert_int_equal(load(world, &settings), 0);
    configuration_declared(&settings, &site, &asset);
    assert_int_equal(site.geography, geography_find("FRA", 3));
    assert_true(site.pue.value == 1.35);
    assert_false(site.wue.known);
    assert_int_equal(asset.machine, MACHINE_VIRTUAL);
    assert_true(asset.host_share.value == 0.25);
    assert_int_not_equal(asset.purchase, DAY_UNKNOWN);
    assert_int_equal(asset.planned_end, DAY_UNKNOWN);
    settings_done(&settings);
    expect(
        world,
        "[site]\n"
        "pue=1,35\n"
        "country=Atlantis\n"
        "[asset]\n"
        "purchase=31/03/2024\n"
        "machine=\n",
        "greend.conf:2: pue: expected a number above 1 and up to 5, got '1,35': decimals have a "
        "point\n"
        "greend.conf:3: country: expected a country by its ISO 3166 code or English name, as FR, "
        "FRA or France, got 'Atlantis'\n"
        "greend.conf:5: purchase: expected a date as 2024-03-31, got '31/03/2024'\n");
}

/* Facts that are right each for itself. */
static void test_declared_together(void **state)
{
    expect(*state, "[asset]\nlife=5\nplanned_end=2030-01-01\n",
           "greend.conf: [asset] life: expected life or planned_end, got both: remove one\n");
}

static void test_parts(void **state)
{
    struct world *world = *state;
    struct settings settings = {0};
    struct inventory inventory = {.n_parts = 2};
    inventory.parts[0] =
        (struct inventory_part){.kind = PART_RAM, .origin = ORIGIN_READ, .count = 1};
    inventory.parts[1] =
        (struct inventory_part){.kind = PART_CPU, .origin = ORIGIN_READ, .count = 2};
    expect(
        *state,
        "[parts]\n"
        "memory=kind=ram, size=32 GB\n"
        "case=kind=tower\n",
        "greend.conf:2: memory: size: expected a number above 0: mm2 of silicon of a cpu, GB of a "
        "ram module or disk, kg of a psu, got '32 GB'\n"
        "greend.conf:3: case: kind: expected cpu, ram, ssd, hdd, psu, gpu, rack or blade, got "
        "'tower'\n");
    write_text(world, "greend.conf",
               "[parts]\nmemory=kind=ram, count=12, size=32\ncase=kind=rack\n");
    assert_int_equal(load(world, &settings), 0);
    configuration_parts(&settings, &inventory);
    assert_int_equal(inventory.n_parts, 3);
    assert_int_equal(inventory.parts[0].kind, PART_CPU);
    assert_int_equal(inventory.parts[1].count, 12);
    assert_int_equal(inventory.parts[1].origin, ORIGIN_DECLARED);
    assert_int_equal(inventory.parts[2].kind, PART_RACK);
    settings_done(&settings);
}

static void test_targets(void **state)
{
    expect(*state,
           "[targets]\n"
           "good=host 2000 kWh per year\n"
           "comma=host 1,5 kWh per year\n"
           "week=unit a.service 5 kWh per week\n",
           "greend.conf:3: comma: expected a number above 0, got '1,5': decimals have a point\n"
           "greend.conf:4: week: expected per month or per year, got 'week'\n");
    expect(
        *state, "[targets]\ntests=environment test 5 kWh per year\n",
        "greend.conf: [targets] tests: no environment 'test': expected a line test=PATTERN... in "
        "[environments]\n");
    expect(*state,
           "[targets]\ntests=environment test 5 kWh per year\n[environments]\ntest=t*.service\n",
           "");
}

static void test_all_errors(void **state)
{
    expect(*state,
           "# comment\n"
           "interval=1s\n"
           "[sampling]\n"
           "interval=5\n"
           "interval=2s\n"
           "intervall=2s\n"
           "[htpp]\n"
           "listen=off\n"
           "[store]\n"
           "database=greend.db\n"
           "nonsense\n"
           "[site]\n"
           "timezone=Europe/Atlantis\n",
           "greend.conf:2: expected a section such as [sampling] before the first key\n"
           "greend.conf:4: interval: expected a duration from 100ms to 60s, got '5': the unit is "
           "missing, as in 5s\n"
           "greend.conf:5: interval: already set on line 4: expected it once\n"
           "greend.conf:6: unknown key 'intervall' in [sampling]; did you mean 'interval'?\n"
           "greend.conf:8: unknown section [htpp]; did you mean [http]?\n"
           "greend.conf:10: database: expected an absolute path of at most 255 bytes, got "
           "'greend.db'\n"
           "greend.conf:13: timezone: this machine does not know 'Europe/Atlantis': expected a "
           "name from timedatectl list-timezones (package tzdata)\n"
           "greend.conf:11: expected [section], key=value or # comment, got 'nonsense'\n");
}

static void test_no_key(void **state)
{
    expect(*state, "[sampling]\n=5\n", "greend.conf:2: expected a key before the =\n");
    expect(*state, "[names]\n=docker:*\n", "greend.conf:2: expected a key before the =\n");
    expect(*state, "[targets]\na=environment t\xff 10% below 2025 in kWh\n",
           "greend.conf:2: a: expected host, unit PATTERN or environment NAME, got 't\\xff'\n");
    expect(*state, "[targets]\na=environment test 10% below 2025 in kWh\n",
           "greend.conf: [targets] a: no environment 'test': expected a line test=PATTERN... in "
           "[environments]\n");
    expect(
        *state, "[names]\npay\xc3roll=docker:*\n",
        "greend.conf:2: pay\\xc3roll: expected a name in UTF-8, of characters that can be seen\n");
}

static void test_order(void **state)
{
    struct world *world = *state;
    struct settings settings = {0};
    write_text(world, "greend.conf", "[metrics]\ntop=1\n[names]\none=docker:a*\n");
    write_text(world, "greend.conf.d/9.conf", "[metrics]\ntop=9\n");
    write_text(world, "greend.conf.d/20.conf", "[log]\nlevel=debug\n[names]\ntwo=docker:a*\n");
    write_text(world, "greend.conf.d/10.conf", "[metrics]\ntop=10\n");
    write_text(world, "greend.conf.d/note.txt", "not a configuration\n");
    write_text(world, "greend.conf.d/.x.conf", "hidden\n");
    assert_int_equal(load(world, &settings), 0);
    assert_string_equal(world->said.data, "");
    assert_int_equal(settings.top, 9); /* "10" < "20" < "9" */
    assert_int_equal(settings.log_level, 7);
    assert_int_equal(settings.n_names, 1);
    assert_string_equal(settings.names[0].name, "two");
    settings_done(&settings);
    write_text(world, "greend.conf.d/10.conf", "[metrics]\ntop=x\n");
    struct settings untouched = {.top = 77};
    assert_int_equal(load(world, &untouched), CONFIGURATION_WRONG);
    assert_string_equal(
        world->said.data,
        "greend.conf.d/10.conf:2: top: expected a whole number from 1 to 500, got 'x'\n");
    assert_int_equal(untouched.top, 77);
}

static void test_line_ends(void **state)
{
    struct world *world = *state;
    struct settings settings = {0};
    write_text(world, "greend.conf",
               "\xef\xbb\xbf[metrics]\r\ntop = 7\r\n\r\n[site]\r\n"
               "timezone=Europe/Paris");
    assert_int_equal(load(world, &settings), 0);
    assert_int_equal(settings.top, 7);
    assert_string_equal(settings.timezone, "Europe/Paris");
    settings_done(&settings);
}

static void test_missing(void **state)
{
    struct world *world = *state;
    struct settings settings = {0};
    assert_int_equal(load(world, &settings), CONFIGURATION_WRONG);
    assert_string_equal(world->said.data,
                        "greend.conf: cannot be opened: No such file or directory\n");
    text_clear(&world->said);
    text_add(&world->said, "");
    assert_int_equal(configuration_load(world->file, false, &settings, on_report, world), 0);
    assert_string_equal(world->said.data, "");
    assert_int_equal(settings.top, 50);
    settings_done(&settings);
}

static void test_strange_files(void **state)
{
    struct world *world = *state;
    struct settings settings = {0};
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/pipe", world->folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(configuration_load(path, true, &settings, on_report, world), 0);
    settings_done(&settings);
    assert_int_equal(configuration_load(world->folder, true, &settings, on_report, world),
                     CONFIGURATION_WRONG);
    assert_string_equal(world->said.data, " expected a file, got a directory\n");
    text_clear(&world->said);
    assert_int_equal(configuration_load("/dev/zero", true, &settings, on_report, world),
                     CONFIGURATION_WRONG);
    assert_string_equal(world->said.data, "/dev/zero: too large: expected at most 4 MiB\n");
}

static void test_binary(void **state)
{
    struct world *world = *state;
    struct settings settings = {0};
    write_file(world, "greend.conf",
               "\x7f"
               "ELF\x02\0\0\xff[metrics]\n",
               18);
    assert_int_equal(load(world, &settings), CONFIGURATION_WRONG);
    assert_string_equal(world->said.data,
                        "greend.conf: not a text file: expected UTF-8, got a NUL byte\n");
    expect(world, "[metrics]\n\x01\x02\x03\ntop=\x1b[2J\n",
           "greend.conf:2: expected text, got a control character\n"
           "greend.conf:3: expected text, got a control character\n");
    expect(world, "[metrics]\ntop=\xff\xfe\n",
           "greend.conf:2: top: expected a whole number from 1 to 500, got '\\xff\\xfe'\n");
}

static void test_large(void **state)
{
    struct world *world = *state;
    CLEANUP(text_done) struct text text = {0};
    text_add(&text, "[metrics]\ntop=");
    for (int i = 0; i < 1 << 20; i++)
        text_add(&text, "5");
    text_add(&text, "\nlevel=1\n");
    expect(world, text.data,
           "greend.conf:2: line too long: expected at most 197 bytes, got 1048580\n"
           "greend.conf:3: unknown key 'level' in [metrics]; it belongs in [log]\n");
    text_clear(&text);
    text_add(&text, "[names]\n");
    for (int i = 0; i < 5000; i++)
        text_format(&text, "name-%d=x%d\n", i, i);
    struct settings settings = {0};
    write_text(world, "greend.conf", text.data);
    assert_int_equal(load(world, &settings), CONFIGURATION_WRONG);
    assert_non_null(
        strstr(world->said.data, "greend.conf:258: expected at most 256 patterns in [names]\n"));
    assert_non_null(
        strstr(world->said.data, "greend.conf:1026: expected at most 1024 entries in one file\n"));
    assert_null(strstr(world->said.data, "greend.conf:1027:"));
}

/* Root may read everything: a child that is nobody asks. */
static void test_unreadable(void **state)
{
    struct world *world = *state;
    struct settings settings = {0};
    write_text(world, "greend.conf", "[metrics]\ntop=7\n");
    assert_int_equal(chmod(world->file, 0), 0);
    pid_t child = fork();
    if (child == 0) {
        bool same = (geteuid() != 0 || setuid(65534) == 0) &&
                    load(world, &settings) == CONFIGURATION_WRONG &&
                    str_equal(world->said.data,
                              "greend.conf: cannot be read: permission denied; expected it to be "
                              "readable by the user that greend runs as\n");
        _exit(same ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* The example is what the table says, and reading it without its comment signs changes nothing. */
static void test_example(void **state)
{
    struct world *world = *state;
    CLEANUP(text_done) struct text sample = {0};
    CLEANUP(text_done) struct text active = {0};
    settings_sample(&sample);
    if (!sample.data)
        abort();
    golden_check("docs/greend.conf.example", &sample);
    for (const char *s = sample.data; *s; s += strcspn(s, "\n") + 1) {
        bool option = *s == '#' && s[1] != ' ';
        text_append(&active, s + option, strcspn(s, "\n") + 1 - option);
    }
    struct settings settings = {0};
    struct settings defaults;
    write_text(world, "greend.conf", active.data);
    int r = load(world, &settings);
    assert_string_equal(world->said.data, "");
    assert_int_equal(r, 0);
    assert_int_equal(settings.n_names, 2);
    settings_done(&settings);
    settings_defaults(&defaults);
    assert_memory_equal(&settings, &defaults, sizeof(settings));
}

int main(void)
{
    if (!configuration_timezone_exists("Europe/Paris")) {
        puts("no time zones on this machine: install tzdata");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_targets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_declared, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_declared_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_line_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_strange_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_binary, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unreadable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_example, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
