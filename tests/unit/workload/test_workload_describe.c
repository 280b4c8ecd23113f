/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "workload_fixture.h"

#include "random.h"

#define ID  "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970"
#define POD "pod:1e597579-417e-482f-bf65-5fe170c3aebd"
#define NO  UINT32_MAX

static const struct workload_name names[] = {
    {"docker:4f*",      "billing"},
    {"docker:*",        "never"  },
    {"vm:web-*",        "web"    },
    {"worker@*",        "workers"},
    {"session-*.scope", "people" },
};

static void test_persons(void **state)
{
    (void)state;
    static const struct {
        uint32_t uid;
        bool person;
    } cases[] = {
        {0,          false},
        {33,         false},
        {999,        false},
        {1000,       true },
        {60578,      true },
        {61183,      true },
        {61184,      false}, /* DynamicUser= */
        {64055,      false}, /* libvirt-qemu on Debian */
        {65519,      false},
        {65520,      true },
        {65533,      true },
        {65534,      false}, /* nobody */
        {65535,      true },
        {1612345678, true }, /* a directory */
        {4294967294, true },
        {UINT32_MAX, false}, /* not known */
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        if (workload_uid_is_person(cases[i].uid) != cases[i].person)
            fail_msg("UID %u", cases[i].uid);
}

struct row {
    enum cgroup_kind cgroup;
    const char *unit;
    uint32_t owner, uid;
    const char *hidden, *shown; /* "kind unit user" */
};

/* clang-format off */
static const struct row rows[] = {
    /* Services: accounts of the system have names. */
    {CGROUP_SERVICE, "nginx.service", NO, 0, "service nginx.service root", NULL},
    {CGROUP_SERVICE, "nginx.service", NO, 33, "service nginx.service www-data", NULL},
    {CGROUP_SERVICE, "x.service", NO, 61200, "service x.service uid:61200", NULL},
    {CGROUP_SERVICE, "x.service", NO, 65534, "service x.service uid:65534", NULL},
    {CGROUP_SERVICE, "x.service", NO, 4, "service x.service uid:4", NULL},
    {CGROUP_SERVICE, "x.service", NO, NO, "service x.service ?", NULL},
    {CGROUP_SERVICE, "worker@3.service", NO, 0, "service worker@3.service root", NULL},
    {CGROUP_SERVICE, "sshd@3-10.0.0.1:22-10.0.0.2:47.service", NO, 0, "service sshd@.service root",
     NULL},
    {CGROUP_SERVICE, "user-runtime-dir@1000.service", NO, 0,
     "service user-runtime-dir@.service root", NULL},
    {CGROUP_SERVICE, "cgroup:batch", NO, 0, "service cgroup:batch root", NULL},

    /* Services that run for persons: cron, batch jobs, a daemon under somebody's account. */
    {CGROUP_SERVICE, "cron.service", NO, 1000, "user users users", "service cron.service alice"},
    {CGROUP_SERVICE, "syncthing@alice.service", NO, 1000, "user users users",
     "service syncthing@alice.service alice"},
    {CGROUP_SERVICE, "x.service", NO, 4711, "user users users", "service x.service uid:4711"},
    {CGROUP_SERVICE, "x.service", NO, 1001, "user users users", "service x.service b\\xf6rn"},

    /* Persons, whatever they became: a session belongs to who logged in. */
    {CGROUP_USER, "session-3.scope", 1000, 1000, "user users users", "user session-*.scope alice"},
    {CGROUP_USER, "session-3.scope", 1000, 0, "user users users", "user session-*.scope alice"},
    {CGROUP_USER, "session-3.scope", 0, 0, "user users users", "user session-*.scope root"},
    {CGROUP_USER, "session-3.scope", NO, 33, "user users users", "user session-*.scope www-data"},
    {CGROUP_USER, "user@1000.service", 1000, 1000, "user users users", "user user@.service alice"},
    {CGROUP_USER, "syncthing.service", 4711, 4711, "user users users",
     "user syncthing.service uid:4711"},

    /* No cgroup. */
    {CGROUP_NONE, "", NO, 0, "service host root", NULL},
    {CGROUP_NONE, "", NO, 999, "service host postgres", NULL},
    {CGROUP_NONE, "", NO, 1000, "user users users", "user host alice"},

    /* Containers and machines: the unit stays. The UID is the image's, not the host's account. */
    {CGROUP_CONTAINER, "docker:" ID, NO, 0, "container docker:4f797c539e6c root", NULL},
    {CGROUP_CONTAINER, "docker:" ID, NO, 999, "container docker:4f797c539e6c uid:999", NULL},
    {CGROUP_CONTAINER, "docker:" ID, NO, 1000, "container docker:4f797c539e6c users",
     "container docker:4f797c539e6c uid:1000"},
    {CGROUP_CONTAINER, "libpod:" ID, 1000, 101000, "container libpod:4f797c539e6c users",
     "container libpod:4f797c539e6c alice"},
    {CGROUP_CONTAINER, "libpod:" ID, 1000, 0, "container libpod:4f797c539e6c users",
     "container libpod:4f797c539e6c alice"},
    {CGROUP_CONTAINER, "web.service", NO, 0, "container web.service root", NULL},
    {CGROUP_CONTAINER, POD, NO, 0, "container " POD " root", NULL},
    {CGROUP_CONTAINER, "lxc:web-12", NO, 0, "container lxc:web-12 root", NULL},
    {CGROUP_VM, "vm:web-1", NO, 64055, "vm vm:web-1 uid:64055", NULL},
    {CGROUP_VM, "vm:web-1", NO, 999, "vm vm:web-1 postgres", NULL},
    {CGROUP_VM, "vm:web-1", NO, 1000, "vm vm:web-1 users", "vm vm:web-1 alice"},
};
/* clang-format on */

static void check_row(const struct workload_rules *rules, const struct row *row,
                      const char *expected)
{
    static const char *const kinds[] = {"service", "user", "container", "vm", "kernel"};
    struct process_identity process = a_process(row->cgroup, row->unit, "sh", row->uid);
    process.cgroup.owner = row->owner;
    struct workload workload;
    workload_describe(rules, &process, &workload);
    assert_true(workload.kind < ARRAY_SIZE(kinds));
    char found[300];
    (void)snprintf(found, sizeof(found), "%s %s %s", kinds[workload.kind], workload.unit,
                   workload.user);
    if (!str_equal(found, expected))
        fail_msg("%s of %u as %u: \"%s\", expected \"%s\"", row->unit, row->owner, row->uid, found,
                 expected);
    assert_string_equal(workload.command, "sh");
}

static void test_units_and_users(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        check_row(&hidden, &rows[i], rows[i].hidden);
        check_row(&shown, &rows[i], rows[i].shown ? rows[i].shown : rows[i].hidden);
    }
}

static void check_unit(const struct workload_rules *rules, enum cgroup_kind kind, const char *unit,
                       const char *expected)
{
    struct process_identity process = a_process(kind, unit, "sh", 0);
    struct workload workload;
    workload_describe(rules, &process, &workload);
    assert_string_equal(workload.unit, expected);
}

static void test_names_of_the_operator(void **state)
{
    (void)state;
    struct workload_rules rules = hidden;
    rules.names = names;
    rules.n_names = ARRAY_SIZE(names);
    check_unit(&rules, CGROUP_CONTAINER, "docker:" ID, "billing"); /* the first that matches */
    check_unit(&rules, CGROUP_CONTAINER, "libpod:" ID, "libpod:4f797c539e6c");
    check_unit(&rules, CGROUP_VM, "vm:web-3", "web");
    check_unit(&rules, CGROUP_SERVICE, "worker@3.service", "workers");
    check_unit(&rules, CGROUP_USER, "session-3.scope", "users"); /* privacy comes first */
    check_unit(&rules, CGROUP_NONE, "", "host");
    rules.show_users = true;
    check_unit(&rules, CGROUP_USER, "session-3.scope", "people");
}

static void test_kernel_threads(void **state)
{
    (void)state;
    struct process_identity process = a_process(CGROUP_SERVICE, "x.service", "kworker/0:1-ev", 0);
    process.kernel_thread = true;
    struct workload workload;
    workload_describe(&hidden, &process, &workload);
    assert_int_equal(workload.kind, WORKLOAD_KERNEL);
    assert_string_equal(workload.unit, "kernel");
    assert_string_equal(workload.command, "kworker");
    assert_string_equal(workload.user, "root");
}

static void check_command(const char *comm, const char *expected)
{
    struct process_identity process = a_service("x.service", comm);
    struct workload workload;
    workload_describe(&hidden, &process, &workload);
    assert_string_equal(workload.command, expected);
}

static void test_commands(void **state)
{
    (void)state;
    check_command("worker-12", "worker");
    check_command("imap: alice", "imap");
    check_command("", "?");
    check_command("\n\x1b[31m\xff", "\\x0a\\x1b[31m\\xff");
    check_command("caf\xc3\xa9", "caf\xc3\xa9");
}

/* Fifteen bytes that are no text need 60 characters: more than the field has. */
static void test_long_names_stay_different(void **state)
{
    (void)state;
    struct workload one;
    struct workload other;
    struct process_identity process =
        a_service("x.service", "\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xf1");
    workload_describe(&hidden, &process, &one);
    process.comm[14] = '\xf2';
    workload_describe(&hidden, &process, &other);
    assert_string_not_equal(one.command, other.command);
    assert_memory_equal(one.command, "\\xf1\\xf2\\xf3\\xf4\\xf5\\xf6\\xf7~", 29);
    assert_int_equal(strlen(one.command), 28 + 17);

    char unit[UNIT_MAX];
    memset(unit, 'u', sizeof(unit));
    (void)str_copy(unit + UNIT_MAX - 9, 9, ".service");
    process = a_service(unit, "sh");
    workload_describe(&hidden, &process, &one);
    process.cgroup.unit[200] = 'v';
    workload_describe(&hidden, &process, &other);
    assert_int_equal(strlen(one.unit), WORKLOAD_UNIT_MAX - 1);
    assert_string_not_equal(one.unit, other.unit);
    assert_memory_equal(one.unit, other.unit, WORKLOAD_UNIT_MAX - 17);

    process = a_process(CGROUP_SERVICE, "x.service", "sh", 1002);
    workload_describe(&shown, &process, &one);
    assert_int_equal(strlen(one.user), WORKLOAD_USER_MAX - 1);
    assert_int_equal(one.user[WORKLOAD_USER_MAX - 18], '~');
}

/* The longest name that fits is not touched. */
static void test_names_that_just_fit(void **state)
{
    (void)state;
    char unit[WORKLOAD_UNIT_MAX] = "";
    memset(unit, 'u', sizeof(unit) - 1);
    check_unit(&hidden, CGROUP_SERVICE, unit, unit);

    struct process_identity process = a_service(unit, "sh");
    process.cgroup.unit[WORKLOAD_UNIT_MAX - 1] = 'u'; /* one more */
    struct workload workload;
    workload_describe(&hidden, &process, &workload);
    assert_int_equal(strlen(workload.unit), WORKLOAD_UNIT_MAX - 1);
    assert_int_equal(workload.unit[WORKLOAD_UNIT_MAX - 18], '~');
}

/* Whatever a process is: fields are terminated, not empty, padded with zeros (that is what makes
 * them comparable), safe to print, and in a hidden table nobody has a name. */
static void check_promises(const struct process_identity *process)
{
    struct workload workload;
    memset(&workload, 0xa5, sizeof(workload));
    workload_describe(&hidden, process, &workload);
    const struct {
        const char *text;
        size_t size;
    } fields[] = {
        {workload.unit,    sizeof(workload.unit)   },
        {workload.command, sizeof(workload.command)},
        {workload.user,    sizeof(workload.user)   },
    };
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        size_t length = strnlen(fields[i].text, fields[i].size);
        assert_true(length > 0 && length < fields[i].size);
        for (size_t k = length; k < fields[i].size; k++)
            assert_int_equal(fields[i].text[k], 0);
        for (size_t k = 0; k < length; k++)
            assert_true((unsigned char)fields[i].text[k] >= 0x20);
    }
    assert_true(workload.kind <= WORKLOAD_KERNEL);
    assert_int_equal(workload.generation, 0);
    assert_int_equal(workload.reserved, 0);
    assert_null(strstr(workload.user, "alice"));
    if (workload.kind == WORKLOAD_USER)
        assert_string_equal(workload.unit, "users");
}

static void random_bytes(struct random *random, char *text, size_t size)
{
    size_t length = random_index(random, size);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(random_below(random, 255) + 1);
    text[length] = '\0';
}

static void test_random_processes(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int round = 0; round < 20000; round++) {
        struct process_identity process = {
            .uid = (uint32_t)random_bits(&random, 32),
            .kernel_thread = random_below(&random, 8) == 0,
            .cgroup = {.kind = (enum cgroup_kind)random_below(&random, CGROUP_KINDS),
                       .owner = random_below(&random, 2) ? UINT32_MAX : 1000},
        };
        random_bytes(&random, process.comm, sizeof(process.comm));
        random_bytes(&random, process.cgroup.unit, sizeof(process.cgroup.unit));
        check_promises(&process);
    }
}

static void test_display(void **state)
{
    (void)state;
    static const struct {
        const char *unit, *shown;
    } cases[] = {
        {"nginx.service",              "nginx.service"         },
        {"dev-disk-by\\x2dlabel.swap", "dev-disk-by-label.swap"},
        {"caf\\xc3\\xa9.service",      "caf\xc3\xa9.service"   },
        {"a\\x0ab.service",            "a\\x0ab.service"       }, /* stays harmless */
        {"a\\x00b.service",            "a\\x00b.service"       },
        {"a\\xffb",                    "a\\xffb"               },
        {"a\\xe2\\x80\\xaeb",          "a\\xe2\\x80\\xaeb"     }, /* right-to-left override */
        {"a\\x2",                      "a\\x2"                 },
        {"a\\x2gb\\",                  "a\\x2gb\\"             },
        {"a\\x5cx2d",                  "a\\x2d"                }, /* undone once */
        {"",                           ""                      },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char target[64];
        size_t length = workload_display_unit(target, sizeof(target), cases[i].unit);
        assert_string_equal(target, cases[i].shown);
        assert_int_equal(length, strlen(target));
    }
    char small[5];
    assert_int_equal(workload_display_unit(small, sizeof(small), "nginx.service"), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_persons),
        cmocka_unit_test(test_units_and_users),
        cmocka_unit_test(test_names_of_the_operator),
        cmocka_unit_test(test_kernel_threads),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_long_names_stay_different),
        cmocka_unit_test(test_names_that_just_fit),
        cmocka_unit_test(test_random_processes),
        cmocka_unit_test(test_display),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
