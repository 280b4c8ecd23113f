/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/cgroup/cgroup_path.h"

#include "collectors/cgroup.h"

enum {
    CONTAINER_ID_LENGTH = 64,
    POD_UID_MIN = 32, /* static pods: an MD5 sum; all others a UUID of 36 */
    POD_UID_MAX = 36,
};

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool part_is_container_id(struct part part)
{
    if (part.length != CONTAINER_ID_LENGTH)
        return false;
    for (size_t i = 0; i < part.length; i++)
        if (!is_hex(part.text[i]))
            return false;
    return true;
}

/* ---- The walk along one path ---- */

struct walk {
    struct part parts[3]; /* this part and the two before it */
    struct part group;    /* first part of the path, where it is no unit */
    struct part unit;     /* the best systemd unit so far */
    bool unit_is_slice;
    bool below_manager; /* unit is user@N.service: units of that manager may follow */
    bool person;        /* below user.slice, or in a login session */
    bool pod_expects_container;
    struct cgroup_identity *found; /* kind and unit are set once there is a container or a VM */
};

static void set_unit(struct cgroup_identity *identity, const char *prefix, struct part name)
{
    size_t length = strlen(prefix);
    size_t rest = MIN(name.length, sizeof(identity->unit) - 1 - length);
    memcpy(identity->unit, prefix, length);
    memcpy(identity->unit + length, name.text, rest);
    identity->unit[length + rest] = '\0';
}

/* Each found_...() answers whether there was a name, so that a rule can end in it. */
static bool found_named(struct walk *walk, enum cgroup_kind kind, const char *prefix,
                        struct part name)
{
    if (name.length == 0)
        return false;
    walk->found->kind = kind;
    walk->pod_expects_container = false;
    set_unit(walk->found, prefix, name);
    return true;
}

static int hex_value(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes systemd's escaping in place: \x2d is a dash. \x00 stays, a name has no such byte. */
static void unescape(char *name)
{
    unsigned char *write = (unsigned char *)name;
    for (const unsigned char *read = write; *read != '\0'; write++) {
        int high = read[0] == '\\' && read[1] == 'x' ? hex_value(read[2]) : -1;
        int low = high >= 0 ? hex_value(read[3]) : -1;
        bool escaped = low >= 0 && (high | low) != 0;
        *write = (unsigned char)(escaped ? high << 4 | low : *read);
        read += escaped ? 4 : 1;
    }
    *write = '\0';
}

static bool found_escaped(struct walk *walk, enum cgroup_kind kind, const char *prefix,
                          struct part name)
{
    if (!found_named(walk, kind, prefix, name))
        return false;
    unescape(walk->found->unit + strlen(prefix));
    return true;
}

/* Names in cgroup paths, and the runtime that they stand for. They occur as "NAME-<id>.scope"
 * (systemd driver), "NAME-<id>" (Podman and CRI-O with cgroupfs), "NAME/<id>" (Docker with
 * cgroupfs; containerd, whose folder is its namespace) and "PARENT.slice:NAME:<id>" (a path meant
 * for the systemd driver, taken literally by cgroupfs: containerd and kubelet disagree). */
static const char *runtime_of(struct part name)
{
    static const struct {
        const char *name, *prefix;
    } runtimes[] = {
        {"docker",         "docker:"    },
        {"moby",           "docker:"    },
        {"libpod",         "libpod:"    },
        {"libpod_parent",  "libpod:"    },
        {"cri-containerd", "containerd:"},
        {"containerd",     "containerd:"},
        {"nerdctl",        "containerd:"},
        {"default",        "containerd:"},
        {"k8s.io",         "containerd:"},
        {"crio",           "crio:"      },
    };
    for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++)
        if (part_is(name, runtimes[i].name))
            return runtimes[i].prefix;
    return NULL;
}

static bool found_container(struct walk *walk, const char *prefix, struct part id)
{
    /* People know a pod, not the containers that it is made of. What that container starts in
     * turn (Docker in Docker) is one more level. */
    if (!walk->pod_expects_container)
        return found_named(walk, CGROUP_CONTAINER, prefix, id);
    walk->pod_expects_container = false;
    return true;
}

/* "pod<uid>" (cgroupfs) or "kubepods-burstable-pod<uid with underscores>.slice" (systemd; kind puts
 * "kubelet-" in front). */
static bool match_pod(struct walk *walk, struct part part)
{
    if (part_cut_suffix(&part, ".slice")) {
        if (!memmem(part.text, part.length, "kubepods-", strlen("kubepods-")))
            return false;
        const char *uid = memmem(part.text, part.length, "-pod", strlen("-pod"));
        if (!uid)
            return false;
        part.length -= (size_t)(uid + 1 - part.text);
        part.text = uid + 1;
    }
    if (!part_cut_prefix(&part, "pod") || part.length < POD_UID_MIN || part.length > POD_UID_MAX)
        return false;
    for (size_t i = 0; i < part.length; i++)
        if (!is_hex(part.text[i]) && part.text[i] != '-' && part.text[i] != '_')
            return false;
    (void)found_named(walk, CGROUP_CONTAINER, "pod:", part);
    for (char *c = walk->found->unit; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
    walk->pod_expects_container = true;
    return true;
}

/* Everything whose name ends in a 64-digit container ID. */
static bool match_container_id(struct walk *walk, struct part part)
{
    (void)part_cut_suffix(&part, ".scope");
    if (part.length < CONTAINER_ID_LENGTH)
        return false;
    size_t head = part.length - CONTAINER_ID_LENGTH;
    struct part id = {part.text + head, CONTAINER_ID_LENGTH};
    if (!part_is_container_id(id))
        return false;
    if (head == 0) {
        const char *runtime = runtime_of(walk->parts[1]);
        return found_container(walk, runtime ? runtime : "container:", id);
    }
    struct part name = {part.text, head - 1};
    if (part.text[head - 1] == ':') {
        struct part parent = part_take(&name, ':');
        (void)match_pod(walk, parent);
    } else if (part.text[head - 1] != '-') {
        return false;
    }
    const char *runtime = runtime_of(name);
    return runtime && found_container(walk, runtime, id);
}

/* The machine name of libvirt is "qemu-<number>-<name>", before libvirt 1.3 "qemu-<name>"
 * (libvirt's virDomainGenerateMachineName). */
static bool cut_driver(struct part *name, const char *driver, bool number_needed)
{
    struct part rest = *name;
    if (!part_cut_prefix(&rest, driver))
        return false;
    struct part numbered = rest;
    uint64_t number = 0;
    if (part_is_number(part_take(&numbered, '-'), &number) && numbered.length > 0)
        rest = numbered;
    else if (number_needed)
        return false;
    *name = rest;
    return true;
}

static bool found_machine(struct walk *walk, struct part escaped)
{
    char name[UNIT_MAX];
    size_t length = MIN(escaped.length, sizeof(name) - 1);
    memcpy(name, escaped.text, length);
    name[length] = '\0';
    unescape(name);
    struct part rest = {name, strlen(name)};
    if (cut_driver(&rest, "qemu-", false) || cut_driver(&rest, "ch-", true))
        return found_named(walk, CGROUP_VM, "vm:", rest);
    if (cut_driver(&rest, "lxc-", true))
        return found_named(walk, CGROUP_CONTAINER, "lxc:", rest);
    return found_named(walk, CGROUP_CONTAINER, "machine:", rest);
}

/* systemd-machined's scopes, which libvirt uses too; the units of nspawn and vmspawn. Without
 * systemd libvirt makes /machine/<name>.libvirt-qemu/emulator, before 1.0.5
 * .../libvirt/qemu/<name>/vcpu0 (libvirt.org/cgroups.html). Proxmox makes /qemu.slice/<id>.scope.
 */
static bool match_machine(struct walk *walk, struct part part)
{
    struct part name = part;
    if (part_cut_prefix(&name, "machine-") && part_cut_suffix(&name, ".scope"))
        return found_machine(walk, name);
    name = part;
    if (part_cut_prefix(&name, "systemd-nspawn@") && part_cut_suffix(&name, ".service"))
        return found_escaped(walk, CGROUP_CONTAINER, "machine:", name);
    name = part;
    if (part_cut_prefix(&name, "systemd-vmspawn@") && part_cut_suffix(&name, ".service"))
        return found_escaped(walk, CGROUP_VM, "vm:", name);
    name = part;
    if (part_cut_suffix(&name, ".libvirt-qemu") || part_cut_suffix(&name, ".libvirt-ch")) {
        (void)(cut_driver(&name, "qemu-", true) || cut_driver(&name, "ch-", true));
        return found_named(walk, CGROUP_VM, "vm:", name);
    }
    if (part_is(walk->parts[1], "qemu") && part_is(walk->parts[2], "libvirt"))
        return found_named(walk, CGROUP_VM, "vm:", part);
    uint64_t number = 0;
    name = part;
    if (part_is(walk->parts[1], "qemu.slice") && part_cut_suffix(&name, ".scope") &&
        part_is_number(name, &number))
        return found_named(walk, CGROUP_VM, "vm:", name);
    return false;
}

/* LXC: /lxc/<name> (version 2, Proxmox), /lxc.payload/<name> (3), /lxc.payload.<name> (4 and later,
 * LXD, Incus); libvirt's driver adds <name>.libvirt-lxc and .../libvirt/lxc/<name>. */
static bool match_lxc(struct walk *walk, struct part part)
{
    struct part name = part;
    bool matches = part_is(walk->parts[1], "lxc") || part_is(walk->parts[1], "lxc.payload") ||
                   part_cut_prefix(&name, "lxc.payload.");
    if (!matches && part_cut_suffix(&name, ".libvirt-lxc")) {
        (void)cut_driver(&name, "lxc-", true);
        matches = true;
    }
    return matches && found_named(walk, CGROUP_CONTAINER, "lxc:", name);
}

/* A quadlet, or podman run --cgroups=split in a service: /system.slice/web.service/
 * libpod-payload-<id>. Its ID changes with each start; the service is what people know. */
static bool match_split_payload(struct walk *walk, struct part part)
{
    if (!part_cut_prefix(&part, "libpod-payload-") || !part_is_container_id(part))
        return false;
    bool in_service =
        walk->unit.length > 0 && !walk->unit_is_slice && walk->found->kind == CGROUP_NONE;
    return in_service ? found_named(walk, CGROUP_CONTAINER, "", walk->unit)
                      : found_named(walk, CGROUP_CONTAINER, "libpod:", part);
}

static bool forget_container(struct walk *walk)
{
    walk->found->kind = CGROUP_NONE;
    walk->found->unit[0] = '\0';
    walk->pod_expects_container = false;
    return true;
}

/* conmon stands beside the container that it looks after: in its pod, where there is one. Deeper
 * inside of another container it is part of that one. */
static bool match_conmon(struct walk *walk, struct part part)
{
    struct part id = part;
    (void)part_cut_suffix(&id, ".scope");
    if (!part_cut_prefix(&id, "libpod-conmon-") && !part_cut_prefix(&id, "crio-conmon-"))
        return false;
    if (!part_is_container_id(id))
        return false;
    if (walk->found->kind != CGROUP_NONE && !walk->pod_expects_container)
        return true;
    walk->unit = part;
    walk->unit_is_slice = false;
    walk->below_manager = false;
    return forget_container(walk);
}

/* nspawn itself, right below the unit of its machine and beside "payload". */
static bool match_supervisor(struct walk *walk, struct part part)
{
    return part_is(part, "supervisor") && walk->parts[1].text == walk->unit.text &&
           str_starts(walk->found->unit, "machine:") && forget_container(walk);
}

/* A unit that has a cgroup. systemd puts '_' before a name that the kernel could take for one of
 * its own files, such as "cpu.service" (its cg_escape()). */
static bool part_is_unit(struct part *part, bool *ret_slice)
{
    static const char *const suffixes[] = {".service", ".scope", ".socket", ".mount", ".swap"};
    struct part name = *part;
    *ret_slice = part_cut_suffix(&name, ".slice");
    for (size_t i = 0; i < ARRAY_SIZE(suffixes) && name.length == part->length; i++)
        (void)part_cut_suffix(&name, suffixes[i]);
    if (name.length == part->length || name.length == 0)
        return false;
    (void)part_cut_prefix(part, "_");
    return true;
}

static void set_owner(struct walk *walk, struct part number)
{
    uint64_t uid = 0;
    if (walk->person && part_is_number(number, &uid) && uid < UINT32_MAX)
        walk->found->owner = (uint32_t)uid;
}

static void match_person(struct walk *walk, struct part unit)
{
    struct part name = unit;
    if (part_is(unit, "user.slice"))
        walk->person = true;
    else if (part_cut_prefix(&name, "user-") && part_cut_suffix(&name, ".slice"))
        set_owner(walk, name);
    name = unit;
    if (part_cut_prefix(&name, "session-") && part_cut_suffix(&name, ".scope"))
        walk->person = true;
}

/* systemd's own rule: pass the slices, take the first unit after them; in user@N.service the same
 * again, since it runs a manager. What follows a unit it has made for itself. */
static void walk_unit(struct walk *walk, struct part part, bool first)
{
    bool slice = false;
    if (!part_is_unit(&part, &slice)) {
        if (first)
            walk->group = part;
        return;
    }
    bool settled = walk->unit.length > 0 && !walk->unit_is_slice;
    if (settled && (!walk->below_manager || slice || part_is(part, "init.scope")))
        return;
    match_person(walk, part);
    walk->unit = part;
    walk->unit_is_slice = slice;
    struct part name = part;
    walk->below_manager = walk->person && !settled && part_cut_prefix(&name, "user@") &&
                          part_cut_suffix(&name, ".service");
    if (walk->below_manager)
        set_owner(walk, name);
}

static void walk_part(struct walk *walk, struct part part, bool first)
{
    walk->parts[2] = walk->parts[1];
    walk->parts[1] = walk->parts[0];
    walk->parts[0] = part;
    if (walk->found->kind == CGROUP_NONE)
        walk_unit(walk, part, first);
    (void)(match_conmon(walk, part) || match_supervisor(walk, part) ||
           match_split_payload(walk, part) || match_container_id(walk, part) ||
           match_pod(walk, part) || match_machine(walk, part) || match_lxc(walk, part));
}

static enum cgroup_rank walk_finish(struct walk *walk)
{
    struct cgroup_identity *found = walk->found;
    if (found->kind != CGROUP_NONE)
        return CGROUP_RANK_CONTAINER;
    if (walk->unit.length > 0) {
        found->kind = walk->person ? CGROUP_USER : CGROUP_SERVICE;
        set_unit(found, "", walk->unit);
        return walk->unit_is_slice ? CGROUP_RANK_SLICE : CGROUP_RANK_UNIT;
    }
    if (walk->group.length == 0)
        return CGROUP_RANK_NOTHING;
    /* lxc.monitor.<name>: what watches the containers is one thing. */
    struct part monitor = walk->group;
    if (part_cut_prefix(&monitor, "lxc.monitor."))
        walk->group.length = strlen("lxc.monitor");
    found->kind = CGROUP_SERVICE;
    set_unit(found, "cgroup:", walk->group);
    return CGROUP_RANK_GROUP;
}

enum cgroup_rank cgroup_path_parse(struct part path, struct cgroup_identity *ret_identity)
{
    *ret_identity = (struct cgroup_identity){.kind = CGROUP_NONE, .owner = UINT32_MAX};
    struct walk walk = {.found = ret_identity};
    /* The kernel's mark on the group of a process that outlived it. */
    (void)part_cut_suffix(&path, " (deleted)");
    bool first = true;
    while (path.length > 0) {
        struct part part = part_take(&path, '/');
        /* "/../x": the process lives outside of the cgroup namespace that the reader is in. */
        if (part.length == 0 || part_is(part, ".."))
            continue;
        walk_part(&walk, part, first);
        first = false;
    }
    return walk_finish(&walk);
}

void cgroup_parse_path(const char *path, struct cgroup_identity *ret_identity)
{
    (void)cgroup_path_parse((struct part){path, strlen(path)}, ret_identity);
}
