/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What there is to look at, read once. What cannot be read is part of the scene: nothing here is an
 * error but lack of memory. */

#include "doctor/doctor_checks.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include "greend/units.h"
#include "hosts/hosts.h"
#include "input/configuration.h"
#include "input/factor_files.h"
#include "storage/ring_file.h"
#include "threads/clock.h"

static const uint64_t check_most_ns = 5 * NS_PER_S;

enum { GROUPS_MAX = 1024 };

/* ---- The configuration ---- */

static void on_complaint(void *userdata, const char *line)
{
    struct text *complaints = userdata;
    text_add(complaints, complaints->length > 0 ? "; " : "");
    text_add(complaints, line);
}

static void override(char *target, size_t size, const char *given)
{
    if (given)
        (void)str_copy(target, size, given);
}

static int look_at_settings(const struct ctl_arguments *arguments, struct doctor_scene *scene)
{
    struct settings *settings = &scene->settings;
    scene->config = arguments->config ? arguments->config : CONFIGURATION_FILE;
    int r = configuration_load(scene->config, arguments->config != NULL, settings, on_complaint,
                               &scene->complaints);
    if (r < 0)
        return r;
    scene->settings_wrong = r == CONFIGURATION_WRONG;
    if (scene->settings_wrong)
        settings_defaults(settings);
    override(settings->sysfs, sizeof(settings->sysfs), arguments->sysfs);
    override(settings->procfs, sizeof(settings->procfs), arguments->procfs);
    override(settings->runtime_directory, sizeof(settings->runtime_directory), arguments->runtime);
    override(settings->database, sizeof(settings->database), arguments->database);
    (void)str_copy(scene->runtime, sizeof(scene->runtime), settings->runtime_directory);
    (void)str_copy(scene->database, sizeof(scene->database), settings->database);
    scene->sysfs_fd = open(settings->sysfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
    scene->procfs_fd = open(settings->procfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
    scene->live = str_equal(settings->procfs, "/proc");
    return 0;
}

/* ---- The machine ---- */

static int look_at_meters(struct doctor_scene *scene)
{
    CLEANUP(free_p) struct powercap_search *search = calloc(1, sizeof(*search));
    if (!search)
        return -ENOMEM;
    (void)powercap_find(search, scene->sysfs_fd, &scene->zones);
    for (size_t i = 0; i < scene->zones.count; i++) {
        close_fd_p(&scene->zones.zones[i].fd);
        scene->zones.zones[i].fd = -1;
    }
    return reading_take(scene->procfs_fd, scene->sysfs_fd, &scene->reading);
}

static void look_at_clock(struct doctor_scene *scene)
{
    struct timex kernel = {0};
    scene->now_ns = clock_ns(CLOCK_REALTIME);
    int state = adjtimex(&kernel);
    scene->clock_asked = state >= 0;
    scene->clock_synchronised = state != TIME_ERROR && !(kernel.status & STA_UNSYNC);
}

/* The highest folder above a path that is on the same file system. */
static void find_mount(char *path, dev_t device)
{
    for (;;) {
        struct stat status;
        char parent[PATH_MAX];
        (void)str_copy(parent, sizeof(parent), path);
        char *slash = strrchr(parent, '/');
        if (!slash || str_equal(path, "/"))
            return;
        slash[slash == parent] = '\0';
        if (stat(parent, &status) < 0 || status.st_dev != device)
            return;
        (void)str_copy(path, PATH_MAX, parent);
    }
}

static void look_at_disk(struct doctor_scene *scene)
{
    struct statvfs disk;
    struct stat status;
    char *folder = scene->disk_mount;
    (void)str_copy(folder, sizeof(scene->disk_mount), scene->database);
    char *slash = strrchr(folder, '/');
    if (!slash)
        return;
    slash[slash == folder] = '\0';
    scene->disk_known = statvfs(folder, &disk) == 0 && stat(folder, &status) == 0;
    if (!scene->disk_known)
        return;
    scene->disk_readonly = disk.f_flag & ST_RDONLY;
    scene->disk_free = mul_div(disk.f_bavail, disk.f_frsize, 1);
    scene->disk_size = mul_div(disk.f_blocks, disk.f_frsize, 1);
    find_mount(folder, status.st_dev);
}

static const char *find_packages(void)
{
    return access("/usr/bin/apt-get", X_OK) == 0 ? "apt-get"
           : access("/usr/bin/dnf", X_OK) == 0   ? "dnf"
                                                 : "";
}

static void look_for_rule(struct doctor_scene *scene)
{
    static const char *const folders[] = {"/etc/udev/rules.d", "/run/udev/rules.d",
                                          "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",
                                          "/lib/udev/rules.d"};
    for (size_t i = 0; i < ARRAY_SIZE(folders) && scene->udev_rule[0] == '\0'; i++) {
        (void)snprintf(scene->udev_rule, sizeof(scene->udev_rule), "%s/60-greend.rules",
                       folders[i]);
        if (access(scene->udev_rule, F_OK) < 0)
            scene->udev_rule[0] = '\0';
    }
}

/* ---- Who asks ---- */

static bool has_group(const gid_t *groups, int count, gid_t group)
{
    for (int i = 0; i < count; i++)
        if (groups[i] == group)
            return true;
    return false;
}

static void look_at_person(struct doctor_scene *scene)
{
    gid_t groups[GROUPS_MAX];
    int count = GROUPS_MAX;
    scene->root = geteuid() == 0;
    const struct group *meters = getgrnam("greend");
    scene->meters_exist = meters != NULL;
    scene->meters_gid = meters ? meters->gr_gid : 0;
    const struct group *readers = getgrnam("greend-read");
    scene->readers_exist = readers != NULL;
    gid_t reader = readers ? readers->gr_gid : 0;
    const struct passwd *person = getpwuid(geteuid());
    if (person)
        (void)str_copy(scene->user, sizeof(scene->user), person->pw_name);
    if (!readers || !person)
        return;
    scene->reader = getgrouplist(person->pw_name, person->pw_gid, groups, &count) >= 0 &&
                    has_group(groups, count, reader);
    count = getgroups(GROUPS_MAX, groups);
    scene->reader_now = getegid() == reader || has_group(groups, count, reader);
}

/* ---- Ring, history, factors ---- */

static void ring_file_close_p(struct ring_file **file)
{
    (void)ring_file_close(*file);
}

static int look_at_ring(struct doctor_scene *scene)
{
    CLEANUP(ring_file_close_p) struct ring_file *file = NULL;
    struct status_clock now;
    scene->ring_error = ring_file_open(&file, scene->runtime);
    if (scene->ring_error < 0)
        return 0;
    status_read_clock(&now);
    return status_collect(&file->reader, &now, &scene->status);
}

static void look_at_history(struct doctor_scene *scene)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    scene->history_error = store_reader_open(&reader, scene->database);
    if (scene->history_error < 0)
        return;
    scene->history_error = store_reader_info(reader, &scene->info);
    scene->history_check = store_reader_check(reader, check_most_ns, scene->history_complaint,
                                              sizeof(scene->history_complaint));
}

static int look_at_factors(struct doctor_scene *scene)
{
    CLEANUP(factor_files_free_p) struct factor_table *table = NULL;
    struct site site;
    struct asset asset;
    int r = factor_files_load(scene->settings.factors_folder, scene->settings.factors, NULL, 0,
                              &table, on_complaint, &scene->factor_complaints);
    scene->factors_wrong = r == FACTORS_WRONG;
    configuration_declared(&scene->settings, &site, &asset);
    const struct factor *electricity =
        r == 0 && site.geography != GEOGRAPHY_UNKNOWN
            ? factor_find(table, FACTOR_ELECTRICITY, CRITERION_GWP, site.geography)
            : NULL;
    scene->factor_year = electricity ? electricity->year : 0;
    return MIN(r, 0);
}

int doctor_look(const struct ctl_arguments *arguments, struct doctor_scene *scene)
{
    *scene = (struct doctor_scene){.sysfs_fd = -1, .procfs_fd = -1};
    int r = look_at_settings(arguments, scene);
    if (r == 0)
        r = look_at_meters(scene);
    if (r == 0)
        r = look_at_ring(scene);
    if (r == 0)
        r = look_at_factors(scene);
    if (r < 0) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    look_at_history(scene);
    look_at_clock(scene);
    look_at_disk(scene);
    look_at_person(scene);
    look_for_rule(scene);
    scene->packages = find_packages();
    /* Another runtime directory is one of a daemon that somebody started by hand. */
    if (str_equal(scene->runtime, "/run/greend"))
        doctor_read_socket("", &scene->settings);
    if (scene->live)
        doctor_probe(&scene->settings, scene->probes);
    return CTL_DONE;
}

void doctor_scene_done(struct doctor_scene *scene)
{
    close_fd_p(&scene->sysfs_fd);
    close_fd_p(&scene->procfs_fd);
    settings_done(&scene->settings);
    text_done(&scene->complaints);
    text_done(&scene->factor_complaints);
}
