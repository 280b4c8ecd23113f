/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "collectors/cgroup.h"
#include "random.h"

#define ID      "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970"
#define ID2     "9ec39b91f3d70e1beff50a308f77067065ea6be0d91a3378375056cd4422cf3d"
#define POD     "1e597579-417e-482f-bf65-5fe170c3aebd"
#define POD_    "1e597579_417e_482f_bf65_5fe170c3aebd"
#define STATIC  "0123456789abcdef0123456789abcdef"
#define MANAGER "/user.slice/user-1000.slice/user@1000.service"

/* What a path or a text says, as "kind unit of owner". */
struct row {
    const char *text, *expected;
};

/* clang-format off */
static const struct row rows[] = {
    /* The root, and what a cgroup namespace shows of processes outside. */
    {"", "none"},
    {"/", "none"},
    {"//", "none"},
    {"/..", "none"},
    {"/../..", "none"},
    {"/../../system.slice/cron.service", "service cron.service"},
    {"/../user.slice/user-1000.slice/session-2.scope", "user session-2.scope of 1000"},

    /* systemd: the system. */
    {"/init.scope", "service init.scope"},
    {"/system.slice", "service system.slice"},
    {"/system.slice/nginx.service", "service nginx.service"},
    {"/system.slice/nginx.service (deleted)", "service nginx.service"},
    {"/system.slice/system-postgresql.slice/postgresql@15-main.service",
     "service postgresql@15-main.service"},
    {"/system.slice/docker.service/init.scope", "service docker.service"},
    {"/system.slice/foo.service/payload", "service foo.service"},
    {"/system.slice/foo.service/inner.service", "service foo.service"},
    {"/system.slice/foo.service/user.slice/user-7.slice", "service foo.service"},
    {"/system.slice/systemd-udevd.service/udev", "service systemd-udevd.service"},
    {"/system.slice/containerd.service", "service containerd.service"},
    {"/system.slice/slurmstepd.scope/job_12/step_0/user/task_0", "service slurmstepd.scope"},
    {"/system.slice/dbus.socket", "service dbus.socket"},
    {"/system.slice/run-user-0.mount", "service run-user-0.mount"},
    {"/system.slice/_cpu.service", "service cpu.service"},
    {"/system.slice/dev-sda\\x2d1.swap", "service dev-sda\\x2d1.swap"},
    {"/vm.slice/qemu-datapath@199.service", "service qemu-datapath@199.service"},
    {"/system.slice/user-1000.slice/x.service", "service x.service"},
    {"/.service", "service cgroup:.service"},

    /* systemd: people. */
    {"/user.slice", "user user.slice"},
    {"/user.slice/user-1000.slice", "user user-1000.slice of 1000"},
    {"/user.slice/user-1000.slice/session-3.scope", "user session-3.scope of 1000"},
    {"/user.slice/user-0.slice/session-c1.scope", "user session-c1.scope of 0"},
    {"/user.slice/user-1000.slice/session-3.scope/inner.service", "user session-3.scope of 1000"},
    {MANAGER, "user user@1000.service of 1000"},
    {MANAGER "/init.scope", "user user@1000.service of 1000"},
    {MANAGER "/app.slice", "user user@1000.service of 1000"},
    {MANAGER "/app.slice/app-gnome-firefox-4711.scope",
     "user app-gnome-firefox-4711.scope of 1000"},
    {MANAGER "/app.slice/app-org.gnome.Terminal.slice/vte-spawn-1.scope",
     "user vte-spawn-1.scope of 1000"},
    {MANAGER "/session.slice/pipewire.service/inner.scope", "user pipewire.service of 1000"},
    {MANAGER "/user.slice/podman-239302.scope", "user podman-239302.scope of 1000"},
    {"/user.slice/user-1612345678.slice/user@1612345678.service",
     "user user@1612345678.service of 1612345678"},
    {"/user.slice/user-4294967295.slice/session-1.scope", "user session-1.scope"},
    {"/user.slice/user-99999999999.slice/session-1.scope", "user session-1.scope"},
    {"/user.slice/user-x.slice/session-1.scope", "user session-1.scope"},
    {"/unknown/user.slice/user-7.slice/session-9.scope", "user session-9.scope of 7"},
    {"/session-9.scope", "user session-9.scope"},

    /* Docker. */
    {"/docker/" ID, "container docker:" ID},
    {"/docker/" ID "/init.scope", "container docker:" ID},
    {"/docker/" ID "/system.slice/nginx.service", "container docker:" ID},
    {"/docker/" ID "/user.slice/user-1000.slice/session-1.scope", "container docker:" ID},
    {"/docker/" ID "/docker/" ID2, "container docker:" ID2},
    {"/system.slice/docker-" ID ".scope", "container docker:" ID},
    {"/system.slice/docker-" ID ".scope/payload", "container docker:" ID},
    {"/system.slice:docker:" ID, "container docker:" ID},
    {"/web.slice/docker-" ID ".scope", "container docker:" ID},
    {MANAGER "/user.slice/docker-" ID ".scope", "container docker:" ID " of 1000"},
    {MANAGER "/app.slice/docker.service/docker/" ID, "container docker:" ID " of 1000"},
    {"/" ID, "container container:" ID},
    {"/ecs/task/" ID, "container container:" ID},
    {"/system.slice/docker-4711.scope", "service docker-4711.scope"},
    {"/system.slice/docker-" ID "0.scope", "service docker-" ID "0.scope"},
    {"/docker/buildkit/abc", "service cgroup:docker"},

    /* Podman. */
    {"/machine.slice/libpod-" ID ".scope", "container libpod:" ID},
    {"/machine.slice/libpod-" ID ".scope/container", "container libpod:" ID},
    {"/machine.slice/machine-libpod_pod_" ID2 ".slice/libpod-" ID ".scope", "container libpod:" ID},
    {"/machine.slice/libpod-conmon-" ID ".scope", "service libpod-conmon-" ID ".scope"},
    {"/libpod_parent/libpod-" ID, "container libpod:" ID},
    {"/libpod_parent/conmon", "service cgroup:libpod_parent"},
    {MANAGER "/user.slice/libpod-" ID ".scope/container", "container libpod:" ID " of 1000"},
    {MANAGER "/user.slice/libpod-conmon-" ID ".scope", "user libpod-conmon-" ID ".scope of 1000"},
    {"/system.slice/web.service/libpod-payload-" ID, "container web.service"},
    {"/system.slice/web.service/runtime", "service web.service"},
    {MANAGER "/app.slice/web.service/libpod-payload-" ID, "container web.service of 1000"},
    {"/docker/" ID2 "/libpod-conmon-" ID ".scope", "container docker:" ID2},
    {"/libpod_parent/libpod-conmon-4711.scope", "service libpod-conmon-4711.scope"},
    {"/docker/" ID2 "/libpod-payload-" ID, "container libpod:" ID},

    /* containerd and Kubernetes. */
    {"/default/" ID, "container containerd:" ID},
    {"/system.slice/nerdctl-" ID ".scope", "container containerd:" ID},
    {"/system.slice/system-getty.slice/cri-containerd-" ID ".scope", "container containerd:" ID},
    {"/kubepods", "service cgroup:kubepods"},
    {"/kubepods.slice/kubepods-burstable.slice", "service kubepods-burstable.slice"},
    {"/kubepods/burstable/pod" POD "/" ID, "container pod:" POD},
    {"/kubepods/pod" POD "/" ID, "container pod:" POD},
    {"/kubepods/besteffort/pod" STATIC "/" ID, "container pod:" STATIC},
    {"/kubepods.slice/kubepods-pod" POD_ ".slice", "container pod:" POD},
    {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD_ ".slice/cri-containerd-" ID ".scope",
     "container pod:" POD},
    {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD_ ".slice/docker-" ID ".scope",
     "container pod:" POD},
    {"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" POD_ ".slice/crio-" ID ".scope/container",
     "container pod:" POD},
    {"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" POD_ ".slice/crio-conmon-" ID ".scope",
     "service crio-conmon-" ID ".scope"},
    {"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod" POD_ ".slice/cri-containerd-" ID ".scope",
     "container pod:" POD},
    {"/docker/" ID2 "/kubelet/kubepods/besteffort/pod" POD "/" ID, "container pod:" POD},
    {"/system.slice/containerd.service/kubepods-burstable-pod" POD_ ".slice:cri-containerd:" ID,
     "container pod:" POD},
    {"/kubepods/burstable/pod" POD "/" ID "/docker/" ID2, "container docker:" ID2},
    {"/kubepods/burstable/podium", "service cgroup:kubepods"},

    /* LXC. */
    {"/lxc/web", "container lxc:web"},
    {"/lxc/101/ns/system.slice/nginx.service", "container lxc:101"},
    {"/lxc.payload/web/init.scope", "container lxc:web"},
    {"/lxc.payload.web/system.slice/docker-" ID ".scope", "container docker:" ID},
    {"/lxc.payload.web/lxc.payload.inner", "container lxc:inner"},
    {"/lxc.payload.", "service cgroup:lxc.payload."},
    {"/lxc.monitor.web", "service cgroup:lxc.monitor"},
    {"/lxc.monitor/101", "service cgroup:lxc.monitor"},
    {"/lxc", "service cgroup:lxc"},

    /* systemd-nspawn and machined. */
    {"/machine.slice/machine-debian.scope/payload/system.slice/cron.service",
     "container machine:debian"},
    {"/machine.slice/machine-debian.scope/supervisor", "service machine-debian.scope"},
    {"/machine.slice/machine-debian.scope/payload/a.service/supervisor",
     "container machine:debian"},
    {"/machine.slice/systemd-nspawn@my\\x2dbox.service/payload/init.scope",
     "container machine:my-box"},
    {"/machine.slice/systemd-nspawn@my\\x2dbox.service/supervisor",
     "service systemd-nspawn@my\\x2dbox.service"},
    {"/docker/" ID "/machine-debian.scope/supervisor", "container machine:debian"},
    {"/machine.slice/machine-a\\x00b\\x2.scope", "container machine:a\\x00b\\x2"},
    {"/machine.slice", "service machine.slice"},

    /* Virtual machines. */
    {"/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator", "vm vm:web"},
    {"/machine.slice/machine-qemu\\x2d12\\x2dmy\\x2dvm\\x2d2.scope/libvirt/vcpu0", "vm vm:my-vm-2"},
    {"/machine.slice/machine-qemu\\x2dinstance\\x2d5607.scope/emulator", "vm vm:instance-5607"},
    {"/machine.slice/machine-qemu\\x2d7.scope", "vm vm:7"},
    {"/machine.slice/machine-lxc\\x2d4711\\x2dweb.scope", "container lxc:web"},
    {"/machine.slice/systemd-vmspawn@web.service", "vm vm:web"},
    {"/machine/web.libvirt-qemu/emulator", "vm vm:web"},
    {"/machine/qemu-1-instance1.libvirt-qemu", "vm vm:instance1"},
    {"/machine/production.partition/web.libvirt-lxc", "container lxc:web"},
    {"/system.slice/libvirtd.service/libvirt/qemu/web/vcpu0", "vm vm:web"},
    {"/system.slice/libvirtd.service", "service libvirtd.service"},
    {"/qemu.slice/100.scope", "vm vm:100"},
    {"/qemu.slice/web.scope", "service web.scope"},
    {"/machine.slice/machine-.scope", "service machine-.scope"},

    /* Other people's groups: without systemd, or made by hand. */
    {"/openrc.nginx", "service cgroup:openrc.nginx"},
    {"/batch/job7/step0", "service cgroup:batch"},
    {"/batch/nginx.service", "service nginx.service"},
    {"no slash", "service cgroup:no slash"},
};
/* clang-format on */

static void check(const struct cgroup_identity *identity, const struct row *row)
{
    static const char *const kinds[] = {"none", "service", "user", "container", "vm"};
    char found[2 * UNIT_MAX];
    int length = snprintf(found, sizeof(found), "%s", kinds[identity->kind]);
    if (identity->unit[0] != '\0')
        length += snprintf(found + length, sizeof(found) - (size_t)length, " %s", identity->unit);
    if (identity->owner != UINT32_MAX)
        (void)snprintf(found + length, sizeof(found) - (size_t)length, " of %u", identity->owner);
    if (!str_equal(found, row->expected))
        fail_msg("%s: \"%s\", expected \"%s\"", row->text, found, row->expected);
}

static void test_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct cgroup_identity identity;
        cgroup_parse_path(rows[i].text, &identity);
        check(&identity, &rows[i]);
    }
}

static void test_texts(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct row texts[] = {
        {"", "none"},
        {"0::/\n", "none"},
        {"0::/system.slice/a.service\n", "service a.service"},
        {"0::/system.slice/a.service", "service a.service"},

        /* Hybrid: v2 first, but not where it says nothing or less. */
        {"1:name=systemd:/system.slice/b.service\n0::/system.slice/a.service\n",
         "service a.service"},
        {"0::/system.slice/a.service\n1:name=systemd:/system.slice/b.service\n",
         "service a.service"},
        {"1:name=systemd:/system.slice/b.service\n0::/\n", "service b.service"},
        {"1:name=systemd:/system.slice/b.service\n0::/system.slice\n", "service b.service"},
        {"9:memory:/docker/" ID "\n1:name=systemd:/docker/" ID "\n0::/system.slice/containerd.service\n",
         "container docker:" ID},
        {"1:name=systemd:/user.slice/user-7.slice/session-1.scope\n0::/x\n",
         "user session-1.scope of 7"},

        /* v1. */
        {"4:cpu,cpuacct:/system.slice/c.service\n1:name=systemd:/system.slice/b.service\n",
         "service b.service"},
        {"4:cpu,cpuacct:/system.slice/c.service\n1:name=systemd:/\n", "service c.service"},
        {"4:cpu:/system.slice/c.service\n3:memory:/system.slice/d.service\n",
         "service c.service"},
        {"9:name=systemd:/\n4:memory:/process_api/28b8f2fda46157c3a995d5542426806c\n0::/\n",
         "service cgroup:process_api"},
        {"8:memory:/vm.slice\n1:name=systemd:/vm.slice/qemu-datapath@199.service\n",
         "service qemu-datapath@199.service"},

        /* A path may hold colons. */
        {"0::/system.slice/dbus-:1.2-org.x@0.service\n", "service dbus-:1.2-org.x@0.service"},

        /* Lines that no kernel writes are passed over. */
        {"garbage\n:::\n0:\n0::\nx::/system.slice/x.service\n0::/system.slice/a.service\n",
         "service a.service"},
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct cgroup_identity identity;
        cgroup_parse(texts[i].text, strlen(texts[i].text), &identity);
        check(&identity, &texts[i]);
    }
}

static void test_one_hierarchy(void **state)
{
    (void)state;
    static const char text[] = "12:cpuset:/a\n11:cpu,cpuacct:/b/c.service\n9:name=systemd:/d\n"
                               "bad\n0::/e.slice/f:g.service\n";
    static const char outside[] = "4:cpuacct:/x (deleted)\n0::/../y\n";
    char path[32];
    cgroup_parse_hierarchy(text, strlen(text), CGROUP_HIERARCHY_V2, path, sizeof(path));
    assert_string_equal(path, "/e.slice/f:g.service");
    cgroup_parse_hierarchy(text, strlen(text), CGROUP_HIERARCHY_CPUACCT, path, sizeof(path));
    assert_string_equal(path, "/b/c.service");
    cgroup_parse_hierarchy(text, strlen(text), CGROUP_HIERARCHY_NONE, path, sizeof(path));
    assert_string_equal(path, "");
    cgroup_parse_hierarchy(text, strlen(text), CGROUP_HIERARCHY_V2, path, 20);
    assert_string_equal(path, ""); /* too long by one */
    cgroup_parse_hierarchy(outside, strlen(outside), CGROUP_HIERARCHY_V2, path, sizeof(path));
    assert_string_equal(path, "");
    cgroup_parse_hierarchy(outside, strlen(outside), CGROUP_HIERARCHY_CPUACCT, path, sizeof(path));
    assert_string_equal(path, "");
    cgroup_parse_hierarchy("0::/", 4, CGROUP_HIERARCHY_V2, path, sizeof(path));
    assert_string_equal(path, "/");
    cgroup_parse_hierarchy("3:cpuacctx:/no", 14, CGROUP_HIERARCHY_CPUACCT, path, sizeof(path));
    assert_string_equal(path, "");
}

static void test_nul_ends_the_text(void **state)
{
    (void)state;
    static const char text[] = "0::/system.slice\n1:name=systemd:/a.service\0b.service\n";
    struct cgroup_identity identity;
    cgroup_parse(text, sizeof(text) - 1, &identity);
    assert_string_equal(identity.unit, "a.service");
    cgroup_parse("0::/\0x", 6, &identity);
    assert_int_equal(identity.kind, CGROUP_NONE);
}

static void test_long_names_are_cut(void **state)
{
    (void)state;
    char path[5000] = "/lxc/";
    memset(path + 5, 'a', sizeof(path) - 6);
    struct cgroup_identity identity;
    cgroup_parse_path(path, &identity);
    assert_int_equal(identity.kind, CGROUP_CONTAINER);
    assert_int_equal(strlen(identity.unit), UNIT_MAX - 1);
    assert_memory_equal(identity.unit, "lxc:aaaa", 8);
}

/* What holds for every text. */
static void check_invariants(const char *text, size_t length)
{
    struct cgroup_identity identity;
    memset(&identity, 0xa5, sizeof(identity));
    cgroup_parse(text, length, &identity);
    assert_true((unsigned)identity.kind < CGROUP_KINDS);
    assert_non_null(memchr(identity.unit, '\0', sizeof(identity.unit)));
    assert_int_equal(identity.kind == CGROUP_NONE, identity.unit[0] == '\0');
}

/* A line of the kernel says the same as its path alone. */
static void check_line(const char *line)
{
    struct cgroup_identity by_path;
    struct cgroup_identity by_line;
    cgroup_parse_path(line + strlen("0::"), &by_path);
    cgroup_parse(line, strlen(line), &by_line);
    assert_int_equal(by_path.kind, by_line.kind);
    assert_string_equal(by_path.unit, by_line.unit);
    assert_int_equal(by_path.owner, by_line.owner);
}

static void test_random_bytes(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int round = 0; round < 20000; round++) {
        size_t length = random_index(&random, 400);
        char *text = malloc(length + 1); /* no terminator: the sanitizer sees a read behind it */
        assert_non_null(text);
        for (size_t i = 0; i < length; i++)
            text[i] = (char)random_next(&random);
        check_invariants(text, length);
        free(text);
    }
}

/* Real paths, cut, joined and with bytes changed: they get far deeper than noise. */
static void test_mutations(void **state)
{
    (void)state;
    struct random random = random_seeded();
    static const char bytes[] = "/:-_.@\\x0afz\n ";
    for (int round = 0; round < 50000; round++) {
        char path[1024];
        (void)snprintf(path, sizeof(path), "0::%s%s",
                       rows[random_below(&random, ARRAY_SIZE(rows))].text,
                       rows[random_below(&random, ARRAY_SIZE(rows))].text);
        size_t length = strlen(path);
        for (uint64_t n = random_below(&random, 6); n > 0 && length > 0; n--)
            path[random_below(&random, length)] = bytes[random_below(&random, sizeof(bytes) - 1)];
        char *text = malloc(length + 1);
        assert_non_null(text);
        memcpy(text, path, length + 1);
        check_invariants(text, random_index(&random, length + 1));
        free(text);
        if (str_starts(path, "0::/") && !strchr(path, '\n'))
            check_line(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_one_hierarchy),
        cmocka_unit_test(test_nul_ends_the_text),
        cmocka_unit_test(test_long_names_are_cut),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
