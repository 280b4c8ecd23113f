/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "manager.h"

#include <grp.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "exporter/web/web.h"
#include "input/configuration.h"
#include "pipeline.h"
#include "shell/log.h"
#include "threads/clock.h"

static const char readers_group[] = "greend-read";

struct manager {
    const struct manager_source *source;
    sd_event *event;
    struct settings *settings; /* those that the pipeline runs with */
    struct web *web;           /* likewise; NULL: none, or wrong */
    bool web_wrong;
    struct pipeline *pipeline;
    uint64_t watchdog_us; /* 0: systemd does not ask */
    int signals;          /* they are read here; -1: none yet */
    int failed;           /* why a reload ended greend; 0: none did */
};

static void log_line(void *userdata, const char *line)
{
    (void)userdata;
    log_error("%s", line);
}

static void log_warning_line(void *userdata, const char *line)
{
    (void)userdata;
    log_warning("%s", line);
}

/* An option of the command line wins over the file's. */
static int apply(struct settings *settings, const char *key, const char *value,
                 void (*report)(void *userdata, const char *line), void *userdata)
{
    char error[SETTINGS_ERROR_MAX];
    if (!value || settings_set(settings, "sampling", key, value, error) >= 0)
        return 0;
    char line[SETTINGS_ERROR_MAX + 32];
    (void)snprintf(line, sizeof(line), "--%s: %s", key, error);
    report(userdata, line);
    return CONFIGURATION_WRONG;
}

int manager_load(const struct manager_source *source, struct settings *ret_settings,
                 void (*report)(void *userdata, const char *line), void *userdata)
{
    struct settings settings = {0};
    int r = configuration_load(source->file, source->file_required, &settings, report, userdata);
    if (r != 0)
        return r;
    r = apply(&settings, "sysfs", source->sysfs, report, userdata);
    int procfs = apply(&settings, "procfs", source->procfs, report, userdata);
    if (r != 0 || procfs != 0) {
        settings_done(&settings);
        return CONFIGURATION_WRONG;
    }
    *ret_settings = settings;
    return 0;
}

static struct settings *settings_free(struct settings *settings)
{
    if (settings)
        settings_done(settings);
    free(settings);
    return NULL;
}

static void settings_free_p(struct settings **settings)
{
    (void)settings_free(*settings);
}

/* ---- Signals ---- */

static void say_stop(uint32_t number)
{
    log_notice("%s: writing what is in memory, then ending",
               number == SIGTERM ? "SIGTERM" : "SIGINT");
}

static int start_pipeline(struct manager *manager)
{
    const struct pipeline_door door = {.web = manager->web, .closed = manager->web_wrong};
    return pipeline_start(&manager->pipeline, manager->settings, &door, manager->event);
}

/* Starts with new settings, or again with those before. */
static int replace_pipeline(struct manager *manager, struct settings **next, struct web **next_web)
{
    const struct manager before = *manager;
    manager->pipeline = pipeline_stop(manager->pipeline);
    manager->settings = *next;
    manager->web = *next_web;
    manager->web_wrong = false;
    log_set_level(manager->settings->log_level);
    int r = start_pipeline(manager);
    if (r >= 0) {
        *next = before.settings; /* the caller frees what is not in use */
        *next_web = before.web;
        web_warn(manager->web, log_warning_line, NULL);
        log_notice("configuration read again");
        return 0;
    }
    log_error("greend goes on with the configuration it had");
    manager->settings = before.settings;
    manager->web = before.web;
    manager->web_wrong = before.web_wrong;
    log_set_level(manager->settings->log_level);
    return start_pipeline(manager);
}

static void web_free_p(struct web **web)
{
    (void)web_free(*web);
}

static int reload(struct manager *manager)
{
    CLEANUP(settings_free_p) struct settings *next = calloc(1, sizeof(*next));
    CLEANUP(web_free_p) struct web *web = NULL;
    int r = next ? manager_load(manager->source, next, log_line, NULL) : -ENOMEM;
    if (r == 0)
        r = web_load(next->web_file, &web, log_line, NULL);
    if (r < 0)
        (void)log_errno(LOG_ERR, r,
                        "cannot read the configuration again: greend goes on with the one it has");
    else if (r > 0)
        log_error("the configuration has errors: greend goes on with the one it has");
    if (r != 0)
        return 0;
    if (!str_equal(next->timezone, manager->settings->timezone)) {
        /* Other threads read the environment: TZ cannot be changed under them. */
        log_warning("[site] timezone= changes with the next start, not with a reload");
        (void)str_copy(next->timezone, sizeof(next->timezone), manager->settings->timezone);
    }
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
                     (unsigned long long)(clock_mono_ns() / NS_PER_US));
    r = replace_pipeline(manager, &next, &web);
    if (r < 0) {
        manager->failed = r; /* not through the loop, whose own errors are told by such numbers */
        return sd_event_exit(manager->event, 0);
    }
    (void)sd_notify(0, "READY=1");
    return 0;
}

static int on_signal(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct manager *manager = userdata;
    struct signalfd_siginfo told[3]; /* each of them once at most */
    (void)source;
    (void)revents;
    ssize_t length = read(fd, told, sizeof(told));
    size_t n = length > 0 ? (size_t)length / sizeof(told[0]) : 0;
    for (size_t i = 0; i < n; i++) {
        if (told[i].ssi_signo == SIGHUP) /* who is told to stop need not read anything again */
            continue;
        say_stop(told[i].ssi_signo);
        return sd_event_exit(manager->event, 0);
    }
    return n > 0 ? reload(manager) : 0;
}

/* ---- Watchdog ---- */

static int on_watchdog(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct manager *manager = userdata;
    if (pipeline_is_fresh(manager->pipeline))
        (void)sd_notify(0, "WATCHDOG=1");
    else
        log_warning("no fresh frame: the sampler hangs");
    int r = sd_event_source_set_time(source, usec + manager->watchdog_us / 4);
    return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int start_watchdog(struct manager *manager)
{
    if (sd_watchdog_enabled(0, &manager->watchdog_us) <= 0)
        return 0;
    uint64_t first_us = clock_mono_ns() / NS_PER_US + manager->watchdog_us / 4;
    return sd_event_add_time(manager->event, NULL, CLOCK_MONOTONIC, first_us, NS_PER_MS,
                             on_watchdog, manager);
}

/* ---- Life ---- */

/* Those that end greend. */
static void put_stops(sigset_t *ret)
{
    (void)sigemptyset(ret);
    (void)sigaddset(ret, SIGTERM);
    (void)sigaddset(ret, SIGINT);
}

/* Through a descriptor that stays readable: a signal that sd_event_add_signal() has no memory to
 * note is lost, and so are all after it. */
static int add_signals(struct manager *manager)
{
    sigset_t mask;
    put_stops(&mask);
    (void)sigaddset(&mask, SIGHUP);
    /* Blocked before any thread starts, so that only the main loop is told. */
    if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
        return -errno;
    (void)signal(SIGPIPE, SIG_IGN);
    manager->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (manager->signals < 0)
        return -errno;
    return sd_event_add_io(manager->event, NULL, manager->signals, EPOLLIN, on_signal, manager);
}

/* /etc/group alone is read: asking the name service could wait for a network. */
static bool group_exists(const char *name)
{
    CLEANUP(fclose_p) FILE *file = fopen("/etc/group", "re");
    for (const struct group *group; file && (group = fgetgrent(file));) {
        if (str_equal(group->gr_name, name))
            return true;
    }
    return false;
}

static void warn_about_rights(void)
{
    if (geteuid() != 0)
        return;
    log_warning("running as root, which greend does not need: the package runs it as user greend");
    if (!group_exists(readers_group))
        log_warning(
            "there is no group %s: only root can read reports. systemd-sysusers makes it from "
            "the package's file",
            readers_group);
}

static void set_timezone(const struct settings *settings)
{
    if (settings->timezone[0] != '\0')
        (void)setenv("TZ", settings->timezone, 1);
    tzset();
}

/* Memory that is refused now may be there soon; the watchdog ends what goes on for too long, and
 * who is told to stop need not wait for it. */
static int turn(sd_event *event)
{
    static const struct timespec pause = {.tv_nsec = NS_PER_S / 10};
    sigset_t stops;
    put_stops(&stops);
    int r = sd_event_loop(event);
    for (; r == -ENOMEM; r = sd_event_loop(event)) {
        log_warning("no memory to wait for what comes next: trying again");
        int number = sigtimedwait(&stops, NULL, &pause);
        if (number > 0) {
            say_stop((uint32_t)number);
            return 0;
        }
    }
    return r < 0 ? log_errno(LOG_ERR, r, "cannot wait for what comes next") : r;
}

static int run(struct manager *manager)
{
    int r = sd_event_default(&manager->event);
    if (r >= 0)
        r = add_signals(manager);
    if (r >= 0)
        r = start_watchdog(manager);
    if (r < 0)
        return log_errno(LOG_ERR, r, "cannot set up the main loop");
    warn_about_rights();
    set_timezone(manager->settings);
    /* What is measured does not hang on who may read it. */
    manager->web_wrong = web_load(manager->settings->web_file, &manager->web, log_line, NULL) != 0;
    web_warn(manager->web, log_warning_line, NULL);
    r = start_pipeline(manager);
    if (r < 0)
        return r;
    log_info("ready: a frame each %.1f s, history in %s",
             (double)manager->settings->interval_ns / (double)NS_PER_S,
             manager->settings->database);
    (void)sd_notify(0, "READY=1");
    r = turn(manager->event);
    (void)sd_notify(0, "STOPPING=1");
    return r < 0 ? r : manager->failed;
}

int manager_run(struct settings *settings, const struct manager_source *source)
{
    struct manager manager = {.source = source, .settings = settings, .signals = -1};
    int r = run(&manager);
    manager.pipeline = pipeline_stop(manager.pipeline);
    manager.settings = settings_free(manager.settings);
    manager.web = web_free(manager.web);
    manager.event = sd_event_unref(manager.event);
    close_fd_p(&manager.signals);
    return r;
}
