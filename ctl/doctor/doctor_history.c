/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "doctor/doctor_checks.h"

#include <inttypes.h>
#include <time.h>

#include "greend/language.h"
#include "greend/units.h"
#include "input/configuration.h"
#include "output/amount.h"

enum {
    OLD_S = 600,      /* without a commit, beside three times [store] flush= */
    AHEAD_S = 300,    /* of the history, before the clock */
    FACTOR_YEARS = 5, /* that factors of electricity are not called old in */
    FULL_PERCENT = 5, /* of a disk that is left: a warning */
    FULL_MIB = 512,   /* and no more than this */
    EMPTY_MIB = 32,   /* left: a fault */
};

static bool history_is_open(const struct doctor_scene *scene)
{
    return scene->history_error == 0;
}

static void add_path(const struct doctor_scene *scene, struct text *detail)
{
    doctor_add_name(detail, scene->database);
}

/* ---- The history ---- */

DOCTOR_JUDGE(doctor_history_missing)
{
    if (scene->history_error != -ENOENT)
        return DOCTOR_OK;
    add_path(scene, detail);
    return DOCTOR_WARNING;
}

static bool is_closed(const struct doctor_scene *scene)
{
    return scene->history_error == -EACCES || scene->history_error == -EPERM;
}

/* Who is in no group has a row for that. */
DOCTOR_JUDGE(doctor_history_access)
{
    if (!is_closed(scene) || !(scene->root || scene->reader_now))
        return DOCTOR_OK;
    add_path(scene, detail);
    return DOCTOR_WARNING;
}

DOCTOR_JUDGE(doctor_history_unreadable)
{
    static const int told[] = {0, -ENOENT, -EUCLEAN, -EPROTONOSUPPORT};
    int error = scene->history_error;
    if (history_is_open(scene) && scene->history_check < 0)
        error = scene->history_check;
    for (size_t i = 0; i < ARRAY_SIZE(told); i++)
        if (error == told[i])
            return DOCTOR_OK;
    if (is_closed(scene))
        return DOCTOR_OK;
    add_path(scene, detail);
    text_format(detail, " (%s)", language_error(-error));
    return DOCTOR_FAULT;
}

DOCTOR_JUDGE(doctor_history_damaged)
{
    if (scene->history_error != -EUCLEAN &&
        !(history_is_open(scene) && scene->history_check == -EUCLEAN))
        return DOCTOR_OK;
    add_path(scene, detail);
    if (scene->history_complaint[0] != '\0')
        doctor_add_name(detail, scene->history_complaint);
    return DOCTOR_FAULT;
}

DOCTOR_JUDGE(doctor_history_unchecked)
{
    (void)detail;
    return history_is_open(scene) && scene->history_check > 0 ? DOCTOR_NOTE : DOCTOR_OK;
}

DOCTOR_JUDGE(doctor_history_newer)
{
    if (scene->history_error != -EPROTONOSUPPORT)
        return DOCTOR_OK;
    add_path(scene, detail);
    return DOCTOR_FAULT;
}

static int64_t now_s(const struct doctor_scene *scene)
{
    return scene->now_ns / (int64_t)NS_PER_S;
}

DOCTOR_JUDGE(doctor_history_old)
{
    char age[48];
    uint64_t limit_s = MAX(3 * (scene->settings.flush_ns / NS_PER_S), (uint64_t)OLD_S);
    int64_t age_s = now_s(scene) - scene->info.committed_s;
    /* 0: it is new, and the first commit is still to come. */
    if (!history_is_open(scene) || !doctor_daemon_runs(scene) || !clock_is_set(scene->now_ns) ||
        scene->info.committed_s == 0 || age_s <= (int64_t)limit_s)
        return DOCTOR_OK;
    text_add(detail, amount_duration(age, sizeof(age), (uint64_t)age_s * NS_PER_S));
    return DOCTOR_WARNING;
}

/* ---- Where it is written ---- */

DOCTOR_JUDGE(doctor_disk_full)
{
    const uint64_t mib = 1 << 20;
    if (!scene->disk_known || scene->disk_readonly)
        return DOCTOR_OK;
    bool little = scene->disk_free < scene->disk_size / 100 * FULL_PERCENT &&
                  scene->disk_free < FULL_MIB * mib;
    bool nothing = scene->disk_free < EMPTY_MIB * mib;
    if (!little && !nothing)
        return DOCTOR_OK;
    doctor_add_name(detail, scene->disk_mount);
    text_format(detail, ": %" PRIu64 "%sMiB", scene->disk_free / mib, language_blank());
    return nothing ? DOCTOR_FAULT : DOCTOR_WARNING;
}

DOCTOR_JUDGE(doctor_disk_readonly)
{
    if (!scene->disk_known || !scene->disk_readonly)
        return DOCTOR_OK;
    doctor_add_name(detail, scene->disk_mount);
    return DOCTOR_FAULT;
}

/* ---- The clock ---- */

DOCTOR_JUDGE(doctor_clock_unset)
{
    (void)detail;
    return clock_is_set(scene->now_ns) ? DOCTOR_OK : DOCTOR_FAULT;
}

DOCTOR_JUDGE(doctor_clock_back)
{
    char ahead[48];
    int64_t ahead_s = scene->info.committed_s - now_s(scene);
    if (!history_is_open(scene) || !clock_is_set(scene->now_ns) || ahead_s <= AHEAD_S)
        return DOCTOR_OK;
    text_add(detail, amount_duration(ahead, sizeof(ahead), (uint64_t)ahead_s * NS_PER_S));
    return DOCTOR_WARNING;
}

DOCTOR_JUDGE(doctor_clock_adrift)
{
    (void)detail;
    return scene->clock_asked && !scene->clock_synchronised ? DOCTOR_NOTE : DOCTOR_OK;
}

/* ---- Control groups ---- */

DOCTOR_JUDGE(doctor_no_cgroups)
{
    (void)detail;
    static const char *const places[] = {"fs/cgroup/cgroup.controllers",
                                         "fs/cgroup/unified/cgroup.controllers",
                                         "fs/cgroup/systemd", "fs/cgroup/cpu"};
    for (size_t i = 0; i < ARRAY_SIZE(places); i++)
        if (doctor_exists(scene->sysfs_fd, places[i]))
            return DOCTOR_OK;
    return DOCTOR_WARNING;
}

DOCTOR_JUDGE(doctor_old_cgroups)
{
    CLEANUP(text_done) struct text unused = {0};
    if (doctor_exists(scene->sysfs_fd, "fs/cgroup/cgroup.controllers") ||
        doctor_no_cgroups(scene, &unused) != DOCTOR_OK)
        return DOCTOR_OK;
    text_add(detail, doctor_exists(scene->sysfs_fd, "fs/cgroup/unified/cgroup.controllers")
                         ? _("cgroup v1 and v2 (hybrid)")
                         : _("cgroup v1"));
    return DOCTOR_NOTE;
}

/* ---- The footprint ---- */

DOCTOR_JUDGE(doctor_site)
{
    (void)detail;
    return scene->settings.declared.country[0] != '\0' ? DOCTOR_OK : DOCTOR_NOTE;
}

DOCTOR_JUDGE(doctor_asset)
{
    (void)detail;
    return scene->settings.declared.purchase[0] != '\0' ? DOCTOR_OK : DOCTOR_NOTE;
}

DOCTOR_JUDGE(doctor_factors)
{
    if (!scene->factors_wrong)
        return DOCTOR_OK;
    text_add(detail, scene->factor_complaints.data ? scene->factor_complaints.data : "");
    return DOCTOR_WARNING;
}

DOCTOR_JUDGE(doctor_factors_old)
{
    struct tm now;
    time_t seconds = (time_t)now_s(scene);
    if (scene->factor_year == 0 || !clock_is_set(scene->now_ns) || !gmtime_r(&seconds, &now) ||
        now.tm_year + 1900 - scene->factor_year <= FACTOR_YEARS)
        return DOCTOR_OK;
    text_format(detail, "%d", scene->factor_year);
    return DOCTOR_NOTE;
}
