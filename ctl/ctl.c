/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "ctl.h"

#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>

#include "core/text.h"
#include "output/style.h"
#include "report/report.h"
#include "shell/bus_error.h"

enum { HELP_COLUMN = 22, COUNT_MAX = 1000000000 };

enum verb_mask {
    OF_REPORT = 1 << 0,
    OF_STATUS = 1 << 1,
    OF_FORGET = 1 << 2,
    OF_INVENTORY = 1 << 3,
    OF_TARGETS = 1 << 4,
    OF_CARBON = 1 << 5,
    OF_ADVISE = 1 << 6,
    OF_EXPORT = 1 << 7,
    OF_DOCTOR = 1 << 8,
    OF_TOP = 1 << 9,
    OF_SUMS = OF_REPORT | OF_EXPORT,
    OF_PERIOD = OF_REPORT | OF_CARBON | OF_EXPORT,
    OF_SHOWING =
        OF_REPORT | OF_STATUS | OF_INVENTORY | OF_TARGETS | OF_CARBON | OF_ADVISE | OF_DOCTOR,
    OF_STORE = OF_REPORT | OF_EXPORT | OF_FORGET | OF_TARGETS | OF_CARBON | OF_DOCTOR,
    OF_ALL = OF_SHOWING | OF_FORGET | OF_EXPORT | OF_TOP
};

static const struct verb {
    const char *name;
    const char *argument; /* what the help calls it; NULL: takes none */
    enum verb_mask mask;
    int (*main)(const struct ctl_arguments *arguments);
    const char *help;
} verbs[] = {
    {"report",    NULL,       OF_REPORT,    report_main,    N_("who used how much energy, in a period")},
    {"top",       NULL,       OF_TOP,       top_main,
     N_("who uses how many watts now: on a terminal with keys, else a block of lines each time")       },
    {"status",    NULL,       OF_STATUS,    status_main,
     N_("what is measured, what is not, and how to mend it")                                           },
    {"doctor",    NULL,       OF_DOCTOR,    doctor_main,
     N_("look for every known cause of missing or wrong figures, and say what mends it")               },
    {"inventory", NULL,       OF_INVENTORY, inventory_main,
     N_("what this machine is made of, how that is known, and what making it cost")                    },
    {"targets",   NULL,       OF_TARGETS,   targets_main,
     N_("where the targets of the configuration stand, and where they will end up")                    },
    {"carbon",    NULL,       OF_CARBON,    carbon_main,
     N_("the climate impact of each hour's electricity, and cleaner hours: a second figure")           },
    {"advise",    NULL,       OF_ADVISE,    advise_main,
     N_("good practices that this machine's history and settings speak of")                            },
    {"export",    N_("WHAT"), OF_EXPORT,    export_main,
     N_("write files for others: numecoeval, g4it, csv, sci, rgesn; or a backup: database")            },
    {"forget",    N_("USER"), OF_FORGET,    forget_main,
     N_("replace a person's name by 'users' in the whole history; the energy stays")                   },
};

enum {
    OPTION_SINCE = 256,
    OPTION_UNTIL,
    OPTION_BY,
    OPTION_TOP,
    OPTION_IDLE,
    OPTION_FORMAT,
    OPTION_STYLESHEET,
    OPTION_LANG,
    OPTION_DATABASE,
    OPTION_OUTPUT,
    OPTION_PARTIAL,
    OPTION_UNITS,
    OPTION_METRIC,
    OPTION_SOFTWARE,
    OPTION_RUNTIME,
    OPTION_WINDOW,
    OPTION_INTERVAL,
    OPTION_COUNT,
    OPTION_SYSFS,
    OPTION_PROCFS,
    OPTION_FIX,
    OPTION_CAPTURE,
    OPTION_CONFIG,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct option_row {
    const char *name;
    const char *value; /* what the help calls its value; NULL: has none */
    int code;
    enum verb_mask verbs;
    const char *help;
} option_rows[] = {
    {"since",      N_("TIME"),     OPTION_SINCE,      OF_PERIOD,
     N_("begin of the period (today; of carbon 30 days ago): today, 2026-11-01, '2026-11-01 "
        "12:00', "
        "-2h, '2h ago'")                                                                                                          },
    {"until",      N_("TIME"),     OPTION_UNTIL,      OF_PERIOD,                      N_("end of the period (now), exclusive")    },
    {"by",         N_("GROUP"),    OPTION_BY,         OF_SUMS | OF_TOP,
     N_("workload (default), unit, command, user, container, vm, domain, hour, day, month; of "
        "top: workload, unit, user, container, process")                                                                          },
    {"top",        N_("N"),        OPTION_TOP,        OF_PERIOD | OF_TOP,
     N_("show the N rows with most energy, the others as one (20)")                                                               },
    {"idle",       N_("POLICY"),   OPTION_IDLE,       OF_SUMS,
     N_("idle energy: separate (default), proportional or reserved")                                                              },
    {"database",   N_("FILE"),     OPTION_DATABASE,   OF_STORE,
     N_("this database, for example a copy from another machine; of report and export also more "
        "than one, each with its --database")                                                                                     },
    {"output",     N_("DIR"),      OPTION_OUTPUT,     OF_EXPORT,
     N_("the folder that files are written to; of export database the file")                                                      },
    {"partial",    NULL,           OPTION_PARTIAL,    OF_EXPORT,
     N_("tell a year also from less than 28 days, or less than nine tenths of the period")                                        },
    {"units",      N_("FILE"),     OPTION_UNITS,      OF_EXPORT,
     N_("of export sci: how many functional units the period had, one number or a file of "
        "metrics")                                                                                                                },
    {"metric",     N_("NAME"),     OPTION_METRIC,     OF_EXPORT,                      N_("the metric of that file")               },
    {"software",   N_("UNIT"),     OPTION_SOFTWARE,   OF_EXPORT,
     N_("of export sci: the unit that is meant, where it does not have the machines for itself")                                  },
    {"runtime",    N_("DIR"),      OPTION_RUNTIME,    OF_STATUS | OF_DOCTOR | OF_TOP,
     N_("where the running greend has its ring")                                                                                  },
    {"window",     N_("TIME"),     OPTION_WINDOW,     OF_TOP,                         N_("of top: mean watts of so long (10s)")   },
    {"interval",   N_("TIME"),     OPTION_INTERVAL,   OF_TOP,                         N_("of top: show anew after so long (1s)")  },
    {"count",      N_("N"),        OPTION_COUNT,      OF_TOP,                         N_("of top: end after N times")             },
    {"sysfs",      N_("DIR"),      OPTION_SYSFS,      OF_DOCTOR,                      N_("look at meters below DIR, not /sys")    },
    {"procfs",     N_("DIR"),      OPTION_PROCFS,     OF_DOCTOR,                      N_("look at processes below DIR, not /proc")},
    {"fix",        NULL,           OPTION_FIX,        OF_DOCTOR,
     N_("show each command that mends, ask on the terminal, and run it after a yes")                                              },
    {"capture",    N_("FILE"),     OPTION_CAPTURE,    OF_DOCTOR,
     N_("pack meter, sensor, topology and cgroup files, without names and serials, into a tar")                                   },
    {"format",     N_("FORMAT"),   OPTION_FORMAT,     OF_SHOWING,
     N_("table (default), json; csv, not of inventory, advise and doctor; html, of report alone")                                 },
    {"stylesheet", N_("FILE"),     OPTION_STYLESHEET, OF_REPORT,
     N_("CSS that --format html takes into the page")                                                                             },
    {"lang",       N_("LANGUAGE"), OPTION_LANG,       OF_ALL,
     N_("the language of texts: fr or en (that of the environment)")                                                              },
    {"config",     N_("FILE"),     OPTION_CONFIG,     OF_ALL,
     N_("the configuration that names the database and the runtime directory")                                                    },
    {"help",       NULL,           OPTION_HELP,       OF_ALL,                         N_("show this help")                        },
    {"version",    NULL,           OPTION_VERSION,    OF_ALL,                         N_("show the version")                      },
};

void ctl_complain(const char *format, ...)
{
    char message[2048];
    char shown[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    (void)text_escape(shown, sizeof(shown), message, strlen(message));
    (void)fprintf(stderr, "greend-ctl: %s\n", shown);
}

int ctl_print(const struct text *text)
{
    if (text_lacked_memory() || text->error) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    if (fwrite(text->data, 1, text->length, stdout) != text->length || fflush(stdout) != 0) {
        ctl_complain(_("cannot write the output: %s"), language_error(errno));
        return CTL_FAILED;
    }
    return CTL_DONE;
}

/* ---- The command line ---- */

static void add_help_line(struct text *text, const char *name, const char *help)
{
    size_t width = style_width(name);
    text_format(text, "  %s%*s %s\n", name, width < HELP_COLUMN ? (int)(HELP_COLUMN - width) : 0,
                "", _(help));
}

static int show_help(void)
{
    CLEANUP(text_done) struct text text = {0};
    text_add(&text, _("greend-ctl: what greend measured on this machine\n\n"
                      "Usage: greend-ctl VERB [OPTION...]\n\nVerbs:\n"));
    for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
        char name[64];
        const char *argument = verbs[i].argument;
        (void)snprintf(name, sizeof(name), "%s %s", verbs[i].name, argument ? _(argument) : "");
        add_help_line(&text, name, verbs[i].help);
    }
    text_add(&text, _("\nOptions:\n"));
    for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++) {
        const struct option_row *row = &option_rows[i];
        char name[64];
        (void)snprintf(name, sizeof(name), "--%s %s", row->name, row->value ? _(row->value) : "");
        add_help_line(&text, name, row->help);
    }
    text_add(&text, _("\nExit status: 0 done, 1 failed (or status or doctor found a fault), 2 "
                      "wrong usage, 3 no "
                      "data for the period (or nothing to forget).\n"));
    return ctl_print(&text);
}

static int show_version(void)
{
    CLEANUP(text_done) struct text text = {0};
    text_add(&text, "greend-ctl " GREEND_VERSION "\n");
    return ctl_print(&text);
}

static int parse_number(const char *option, unsigned long most, const char *value,
                        size_t *ret_number)
{
    char *end = NULL;
    unsigned long number = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || number < 1 || number > most) {
        ctl_complain(_("--%s: expected a whole number from 1 to %lu, got '%s'"), option, most,
                     value);
        return CTL_USAGE;
    }
    *ret_number = number;
    return CTL_DONE;
}

static int parse_format(const char *value, enum ctl_format *ret_format)
{
    static const char *const names[] = {"table", "json", "csv", "html"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (str_equal(value, names[i])) {
            *ret_format = (enum ctl_format)i;
            return CTL_DONE;
        }
    ctl_complain(_("--format: expected table, json, csv or html, got '%s'"), value);
    return CTL_USAGE;
}

static int set_language(const char *code)
{
    int r = language_set(code);
    if (r == -EINVAL) {
        ctl_complain(_("--lang: expected fr or en, got '%s'"), code);
        return CTL_USAGE;
    }
    if (r == -ENOENT)
        ctl_complain(
            _("--lang=%s: its texts or the locale C.UTF-8 are not installed: going on in English"),
            code);
    return CTL_DONE;
}

static int set_option(struct ctl_arguments *arguments, int code, const char *value)
{
    switch (code) {
    case OPTION_SINCE:
        arguments->since = value;
        return CTL_DONE;
    case OPTION_UNTIL:
        arguments->until = value;
        return CTL_DONE;
    case OPTION_BY:
        arguments->by = value;
        return CTL_DONE;
    case OPTION_IDLE:
        arguments->idle = value;
        return CTL_DONE;
    case OPTION_DATABASE:
        arguments->database = value;
        arguments->databases[arguments->n_databases++] = value;
        return CTL_DONE;
    case OPTION_OUTPUT:
        arguments->output = value;
        return CTL_DONE;
    case OPTION_PARTIAL:
        arguments->partial = true;
        return CTL_DONE;
    case OPTION_UNITS:
        arguments->units = value;
        return CTL_DONE;
    case OPTION_METRIC:
        arguments->metric = value;
        return CTL_DONE;
    case OPTION_SOFTWARE:
        arguments->software = value;
        return CTL_DONE;
    case OPTION_RUNTIME:
        arguments->runtime = value;
        return CTL_DONE;
    case OPTION_WINDOW:
        arguments->window = value;
        return CTL_DONE;
    case OPTION_INTERVAL:
        arguments->interval = value;
        return CTL_DONE;
    case OPTION_COUNT:
        return parse_number("count", COUNT_MAX, value, &arguments->count);
    case OPTION_SYSFS:
        arguments->sysfs = value;
        return CTL_DONE;
    case OPTION_PROCFS:
        arguments->procfs = value;
        return CTL_DONE;
    case OPTION_FIX:
        arguments->fix = true;
        return CTL_DONE;
    case OPTION_CAPTURE:
        arguments->capture = value;
        return CTL_DONE;
    case OPTION_CONFIG:
        arguments->config = value;
        return CTL_DONE;
    case OPTION_STYLESHEET:
        arguments->stylesheet = value;
        return CTL_DONE;
    case OPTION_LANG:
        return set_language(value);
    case OPTION_TOP:
        return parse_number("top", REPORT_TOP_MAX, value, &arguments->top);
    case OPTION_FORMAT:
        return parse_format(value, &arguments->format);
    default:
        return CTL_USAGE;
    }
}

/* What the command line asks for, besides the values in struct ctl_arguments. */
struct request {
    bool help;
    bool version;
    unsigned used; /* bit i: option_rows[i] was given */
};

/* What getopt_long(3) has not understood. */
static void complain_option(int code, char *argv[])
{
    const char *word = argv[optind - 1];
    char letter[3] = {'-', (char)optopt, '\0'};
    if (code == ':')
        ctl_complain(_("%s: expected a value behind it. See greend-ctl --help"), word);
    else if (optopt >= OPTION_SINCE)
        ctl_complain(_("%s: expected no value. See greend-ctl --help"), word);
    else
        ctl_complain(_("there is no option '%s'. See greend-ctl --help"),
                     optopt > 0 ? letter : word);
}

static int parse_options(int argc, char *argv[], struct ctl_arguments *arguments,
                         struct request *request)
{
    struct option options[ARRAY_SIZE(option_rows) + 1] = {0};
    for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++)
        options[i] = (struct option){option_rows[i].name,
                                     option_rows[i].value ? required_argument : no_argument, NULL,
                                     option_rows[i].code};
    int code = 0;
    int place = 0;
    optind = 0; /* glibc: start anew, so that ctl_main() can be called twice */
    opterr = 0;
    while ((code = getopt_long(argc, argv, ":h", options, &place)) != -1) {
        if (code == '?' || code == ':') {
            complain_option(code, argv);
            return CTL_USAGE;
        }
        if (code == 'h' || code == OPTION_HELP)
            request->help = true;
        else if (code == OPTION_VERSION)
            request->version = true;
        else if (set_option(arguments, code, optarg) != CTL_DONE)
            return CTL_USAGE;
        else
            request->used |= 1U << place;
    }
    return CTL_DONE;
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
        if (str_equal(verbs[i].name, name))
            return &verbs[i];
    ctl_complain(_("there is no verb '%s': expected report, top, status, doctor, inventory, "
                   "targets, carbon, advise, export or forget. "
                   "See greend-ctl --help"),
                 name);
    return NULL;
}

static int run_verb(const struct verb *verb, const struct ctl_arguments *arguments, unsigned used)
{
    for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++)
        if ((used & (1U << i)) && !(option_rows[i].verbs & verb->mask)) {
            ctl_complain(_("--%s says nothing to %s. See greend-ctl --help"), option_rows[i].name,
                         verb->name);
            return CTL_USAGE;
        }
    return verb->main(arguments);
}

/* Errors in other options are to be said in that language, wherever it stands. */
static void find_language(int argc, char *argv[])
{
    static const char option[] = "--lang";
    const size_t length = strlen(option);
    language_of_environment();
    for (int i = 1; i < argc && !str_equal(argv[i], "--"); i++) {
        const char *code = "";
        if (str_equal(argv[i], option) && i + 1 < argc)
            code = argv[i + 1];
        else if (str_starts(argv[i], option) && argv[i][length] == '=')
            code = argv[i] + length + 1;
        if (language_exists(code))
            (void)language_set(code);
    }
}

/* For jansson: a value without memory would be an absent key. */
static void *allocate_json(size_t size)
{
    void *memory = malloc(size);
    if (!memory)
        text_note_lack();
    return memory;
}

int ctl_main(int argc, char *argv[])
{
    CLEANUP(free_p) const char **databases = calloc((size_t)argc + 1, sizeof(*databases));
    struct ctl_arguments arguments = {.databases = databases};
    struct request request = {0};
    json_set_alloc_funcs(allocate_json, free);
    find_language(argc, argv);
    bus_error_catch(_("greend-ctl: a file was cut short while it was read: greend's ring, or its "
                      "database's -shm. Is greend running? Try again\n"));
    if (!databases) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    if (parse_options(argc, argv, &arguments, &request) != CTL_DONE)
        return CTL_USAGE;
    if (request.help)
        return show_help();
    if (request.version)
        return show_version();
    if (optind == argc) {
        ctl_complain(_("expected one verb: report, top, status, doctor, inventory, targets, "
                       "carbon, advise, export "
                       "or forget. See greend-ctl --help"));
        return CTL_USAGE;
    }
    const struct verb *verb = find_verb(argv[optind]);
    if (!verb)
        return CTL_USAGE;
    if (optind + (verb->argument ? 2 : 1) != argc) {
        ctl_complain(_("expected one verb: %s%s%s, and options. See greend-ctl --help"), verb->name,
                     verb->argument ? " " : "", verb->argument ? _(verb->argument) : "");
        return CTL_USAGE;
    }
    arguments.operand = verb->argument ? argv[optind + 1] : NULL;
    return run_verb(verb, &arguments, request.used);
}
