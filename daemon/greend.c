/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* greend: the command line of the daemon. */

#include <getopt.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "exporter/web/web.h"
#include "input/configuration.h"
#include "manager.h"
#include "shell/bus_error.h"
#include "shell/language.h"
#include "shell/log.h"

enum { EXIT_USAGE = 2 };

static int print_help(void)
{
    CLEANUP(text_done) struct text options = {0};
    settings_help(&options);
    (void)printf(
        _("Usage: greend [OPTION]...\n"
          "\n"
          "Measures the energy of this host and of each service on it, keeps the history, and\n"
          "serves it to Prometheus. Runs in the foreground. Needs no root; what it cannot read\n"
          "it says, and how to mend it: greend-ctl status.\n"
          "\n"
          "  --config FILE    read FILE and FILE.d/*.conf (default: %s)\n"
          "  --check-config   read the configuration, say what is wrong in it, and end\n"
          "  --sysfs DIR      read meters below DIR instead of /sys\n"
          "  --procfs DIR     read processes below DIR instead of /proc\n"
          "  --version        print the version and end\n"
          "  --help           print this and end\n"
          "\n"
          "Options of the configuration, with their defaults:\n%s"
          "\n"
          "Signals: SIGTERM writes everything and ends, SIGHUP reads the configuration again.\n"
          "Exit status: 0 ended in order, 1 could not start, 2 wrong command line or "
          "configuration.\n"),
        CONFIGURATION_FILE, options.data ? options.data : "");
    return EXIT_SUCCESS;
}

static int print_version(void)
{
    (void)printf("greend %s\n", GREEND_VERSION);
    return EXIT_SUCCESS;
}

/* -1: go on; else the exit status. */
static int parse_arguments(int argc, char *argv[], struct manager_source *source, bool *ret_check)
{
    static const struct option options[] = {
        {"config",     required_argument, NULL, 'c'},
        {"check-config",        no_argument, NULL, 'k'},
        {"sysfs",            required_argument, NULL, 's'},
        {"procfs",required_argument, NULL, 'p'},
        {"version",         no_argument, NULL, 'v'},
        {"help",      no_argument, NULL, 'h'},
        {0       },
    };
    for (;;) {
        int option = getopt_long(argc, argv, "", options, NULL);
        if (option == -1)
            break;
        if (option == 'c')
            *source = (struct manager_source){optarg, true, source->sysfs, source->procfs};
        else if (option == 'k')
            *ret_check = true;
        else if (option == 's')
            source->sysfs = optarg;
        else if (option == 'p')
            source->procfs = optarg;
        else if (option == 'v')
            return print_version();
        else if (option == 'h')
            return print_help();
        else
            return EXIT_USAGE; /* getopt_long() has said why */
    }
    if (optind < argc) {
        (void)fprintf(stderr, _("greend: unexpected argument '%s'; see greend --help\n"),
                      argv[optind]);
        return EXIT_USAGE;
    }
    return -1;
}

static void report_line(void *userdata, const char *line)
{
    (void)userdata;
    (void)fprintf(stderr, "%s\n", line);
}

/* What answers a person is in his language. A daemon's words are for the log: English. */
static bool answers_a_person(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++)
        if (str_equal(argv[i], "--help") || str_equal(argv[i], "--check-config"))
            return true;
    return false;
}

/* glibc puts large blocks on the heap once one of their size was freed, as reading the
 * configuration does; what was touched there once stays in memory, a megabyte of it. */
static void keep_large_blocks_apart(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
}

static bool check_web(const char *path)
{
    struct web *web = NULL;
    if (web_load(path, &web, report_line, NULL) != 0)
        return false;
    web_warn(web, report_line, NULL);
    (void)web_free(web);
    return true;
}

int main(int argc, char *argv[])
{
    keep_large_blocks_apart();
    struct manager_source source = {.file = CONFIGURATION_FILE};
    bool check = false;
    if (answers_a_person(argc, argv))
        language_of_environment();
    int status = parse_arguments(argc, argv, &source, &check);
    if (status >= 0)
        return status;
    log_open();

    struct settings *settings = calloc(1, sizeof(*settings));
    int r = settings ? manager_load(&source, settings, report_line, NULL) : -ENOMEM;
    if (r != 0) {
        free(settings);
        if (r > 0)
            return EXIT_USAGE; /* each error was reported */
        (void)log_errno(LOG_ERR, r, "cannot read the configuration %s", source.file);
        return EXIT_FAILURE;
    }
    if (check) {
        bool right = check_web(settings->web_file);
        if (right && access(source.file, F_OK) != 0)
            (void)printf(_("%s: no such file: all options have their defaults, but for what %s.d "
                           "sets\n"),
                         source.file, source.file);
        if (right)
            (void)printf(_("%s: no errors\n"), source.file);
        settings_done(settings);
        free(settings);
        return right ? EXIT_SUCCESS : EXIT_USAGE;
    }
    log_set_level(settings->log_level);
    bus_error_catch(
        "greend: error: a file was cut short while it was mapped: the ring in [runtime] "
        "directory=, or the -shm file of [store] database=. Nothing but greend may write "
        "there. Started again, greend makes a new one and goes on from the database\n");
    return manager_run(settings, &source) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
