/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "doctor/doctor_checks.h"

#include <inttypes.h>

#include "collectors/source.h"
#include "greend/language.h"

enum { MOUNTS_BYTES = 1 << 18 };

/* ---- What the ring says ---- */

bool doctor_daemon_runs(const struct doctor_scene *scene)
{
    return scene->ring_error == 0 && scene->status.daemon == STATUS_RUNNING;
}

const struct ring_status *doctor_item(const struct doctor_scene *scene, const char *collector,
                                      const char *item)
{
    for (size_t i = 0; scene->ring_error == 0 && i < scene->status.n_items; i++)
        if (str_equal(scene->status.items[i].collector, collector) &&
            str_equal(scene->status.items[i].item, item))
            return &scene->status.items[i];
    return NULL;
}

static bool daemon_is(const struct doctor_scene *scene, enum status_daemon state)
{
    return scene->ring_error == 0 && scene->status.daemon == state;
}

DOCTOR_JUDGE(doctor_configuration)
{
    if (!scene->settings_wrong)
        return DOCTOR_OK;
    text_add(detail, scene->complaints.data ? scene->complaints.data : "");
    return DOCTOR_FAULT;
}

DOCTOR_JUDGE(doctor_started)
{
    char path[PATH_MAX + sizeof(RING_FILE_NAME) + 1];
    bool missing = scene->ring_error == -ENOENT;
    (void)snprintf(path, sizeof(path), "%s/%s", scene->runtime, RING_FILE_NAME);
    if (missing)
        doctor_add_name(detail, path);
    return missing || daemon_is(scene, STATUS_REBOOTED) ? DOCTOR_FAULT : DOCTOR_OK;
}

DOCTOR_JUDGE(doctor_alive)
{
    (void)detail;
    return daemon_is(scene, STATUS_STALE) ? DOCTOR_FAULT : DOCTOR_OK;
}

DOCTOR_JUDGE(doctor_first)
{
    (void)detail;
    return daemon_is(scene, STATUS_STARTING) ? DOCTOR_WARNING : DOCTOR_OK;
}

/* Missing and forbidden ones have rows of their own. */
DOCTOR_JUDGE(doctor_ring_format)
{
    static const int told[] = {0, -ENOENT, -EACCES, -EPERM};
    for (size_t i = 0; i < ARRAY_SIZE(told); i++)
        if (scene->ring_error == told[i])
            return DOCTOR_OK;
    text_add(detail, language_error(-scene->ring_error));
    return DOCTOR_FAULT;
}

/* ---- What the daemon says of its sources ---- */

/* Whether a row of the table speaks of it, with a command. */
static bool has_own_row(const struct ring_status *item)
{
    bool process =
        str_equal(item->collector, "process") &&
        (str_equal(item->item, "exits") || (item->item[0] == '\0' && strstr(item->why, "hidepid")));
    return process || str_equal(item->collector, "web");
}

static void add_item(const struct ring_status *item, struct text *detail)
{
    char name[sizeof(item->collector) + sizeof(item->item) + 2];
    (void)snprintf(name, sizeof(name), "%s%s%s", item->collector, item->item[0] ? " " : "",
                   item->item);
    doctor_add_name(detail, name);
    if (item->why[0] == '\0')
        return;
    char why[4 * sizeof(item->why)];
    const char *translated = _(item->why);
    (void)text_escape(why, sizeof(why), translated, strlen(translated));
    text_format(detail, " (%s)", why);
}

static bool add_items(const struct doctor_scene *scene, enum health health, struct text *detail)
{
    bool any = false;
    for (size_t i = 0; doctor_daemon_runs(scene) && i < scene->status.n_items; i++) {
        const struct ring_status *item = &scene->status.items[i];
        if (item->health != (uint32_t)health || has_own_row(item))
            continue;
        add_item(item, detail);
        any = true;
    }
    return any;
}

DOCTOR_JUDGE(doctor_failed)
{
    return add_items(scene, HEALTH_FAILED, detail) ? DOCTOR_FAULT : DOCTOR_OK;
}

DOCTOR_JUDGE(doctor_degraded)
{
    return add_items(scene, HEALTH_DEGRADED, detail) ? DOCTOR_WARNING : DOCTOR_OK;
}

/* Off, or not to be had: how it is meant to be without the drop-in. Degraded: records were lost. */
DOCTOR_JUDGE(doctor_exits)
{
    const struct ring_status *item = doctor_item(scene, "process", "exits");
    if (!item || item->health == HEALTH_WORKING || item->health == HEALTH_OFF ||
        !doctor_daemon_runs(scene))
        return DOCTOR_OK;
    if (item->why[0] != '\0')
        add_item(item, detail);
    return DOCTOR_NOTE;
}

/* ---- What the kernel lets it see ---- */

/* The value of an option in "rw,nosuid,hidepid=2"; false: it is not there. */
static bool option_of(const char *options, const char *name, char *ret, size_t size)
{
    size_t length = strlen(name);
    for (const char *at = options; *at; at += *at == ',') {
        size_t word = strcspn(at, ", \n");
        if (word > length && strncmp(at, name, length) == 0 && at[length] == '=') {
            (void)snprintf(ret, size, "%.*s", (int)(word - length - 1), at + length + 1);
            return true;
        }
        at += word;
        if (*at != ',')
            break;
    }
    return false;
}

/* hidepid= of the /proc that people see; "" where all may see all. */
static void read_hidepid(const struct doctor_scene *scene, char *ret, size_t size)
{
    CLEANUP(free_p) char *mounts = malloc(MOUNTS_BYTES);
    char *rest = NULL;
    size_t length = 0;
    ret[0] = '\0';
    if (!mounts || source_read_begin(scene->procfs_fd, "mounts", mounts, MOUNTS_BYTES, &length) < 0)
        return;
    for (char *line = strtok_r(mounts, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        const char *proc = strstr(line, " /proc proc ");
        if (proc && option_of(proc + strlen(" /proc proc "), "hidepid", ret, size) &&
            (str_equal(ret, "0") || str_equal(ret, "off")))
            ret[0] = '\0';
    }
}

/* systemd may give the service a /proc of its own: what the daemon sees, it says. */
DOCTOR_JUDGE(doctor_hidepid)
{
    char hidepid[32];
    read_hidepid(scene, hidepid, sizeof(hidepid));
    const struct ring_status *process = doctor_item(scene, "process", "");
    bool blind = doctor_daemon_runs(scene) && process && process->health == HEALTH_DEGRADED &&
                 has_own_row(process);
    if (hidepid[0] != '\0') {
        char name[48];
        (void)snprintf(name, sizeof(name), "hidepid=%s", hidepid);
        doctor_add_name(detail, name);
    }
    if (blind)
        add_item(process, detail);
    return blind ? DOCTOR_WARNING : DOCTOR_OK;
}

DOCTOR_JUDGE(doctor_perf)
{
    enum { ALLOWED = 2 /* a process may count what it does itself */ };
    uint64_t level = 0;
    const struct ring_status *perf = doctor_item(scene, "perf", "");
    if (!perf || perf->health == HEALTH_WORKING || perf->health == HEALTH_OFF ||
        source_read_u64(scene->procfs_fd, "sys/kernel/perf_event_paranoid", &level) < 0 ||
        level <= ALLOWED)
        return DOCTOR_OK;
    text_format(detail, "%" PRIu64, level);
    return DOCTOR_WARNING;
}

/* ---- Who listens ---- */

static bool add_probes(const struct doctor_scene *scene, enum doctor_probe probe,
                       struct text *detail)
{
    bool any = false;
    for (size_t i = 0; i < scene->settings.n_listen; i++) {
        const struct settings_listen *listen = &scene->settings.listen[i];
        char name[sizeof(listen->host) + sizeof(listen->port) + 4];
        bool six = strchr(listen->host, ':') != NULL;
        if (scene->probes[i] != probe)
            continue;
        (void)snprintf(name, sizeof(name), "%s%s%s:%s", six ? "[" : "", listen->host,
                       six ? "]" : "", listen->port);
        doctor_add_name(detail, name);
        any = true;
    }
    return any;
}

/* Where the daemon does not run, that is what is said. */
DOCTOR_JUDGE(doctor_nobody)
{
    return doctor_daemon_runs(scene) && add_probes(scene, PROBE_NOBODY, detail) ? DOCTOR_WARNING
                                                                                : DOCTOR_OK;
}

DOCTOR_JUDGE(doctor_taken)
{
    return add_probes(scene, PROBE_SOMEBODY, detail) ? DOCTOR_FAULT : DOCTOR_OK;
}

DOCTOR_JUDGE(doctor_unreachable)
{
    return add_probes(scene, PROBE_SILENT, detail) ? DOCTOR_WARNING : DOCTOR_OK;
}

DOCTOR_JUDGE(doctor_certificate)
{
    const struct ring_status *item = doctor_item(scene, "web", "certificate");
    if (!item || item->health == HEALTH_WORKING || !doctor_daemon_runs(scene))
        return DOCTOR_OK;
    add_item(item, detail);
    return item->health == HEALTH_FAILED ? DOCTOR_FAULT : DOCTOR_WARNING;
}

/* ---- Who may read ---- */

DOCTOR_JUDGE(doctor_reader_group)
{
    (void)detail;
    return scene->readers_exist ? DOCTOR_OK : DOCTOR_WARNING;
}

DOCTOR_JUDGE(doctor_reader)
{
    bool closed = scene->ring_error == -EACCES || scene->ring_error == -EPERM ||
                  scene->history_error == -EACCES || scene->history_error == -EPERM;
    if (scene->root || !scene->readers_exist || scene->reader || !closed)
        return DOCTOR_OK;
    doctor_add_name(detail, scene->user);
    return DOCTOR_WARNING;
}

DOCTOR_JUDGE(doctor_reader_session)
{
    (void)detail;
    return !scene->root && scene->reader && !scene->reader_now ? DOCTOR_WARNING : DOCTOR_OK;
}
