/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A report as open data: its CSV, and a Table Schema (specs.frictionlessdata.io/table-schema) that
 * says what is in its columns. */

#include "export/export.h"
#include "output/json.h"
#include "render/render.h"
#include "render/render_footprint.h"

enum column_type { TYPE_TEXT, TYPE_TIME, TYPE_WHOLE, TYPE_NUMBER };

/* In the order of render_report_csv(); what they mean is in docs/report.md. */
static const struct column {
    const char *name;
    enum column_type type;
    const char *description;
    const char *words; /* all that can stand there, separated by blanks; NULL: anything */
} columns[] = {
    {"row",                              TYPE_TEXT,   "what the line is",                                      "item rest outside unattributed idle total not_summed"},
    {"begin",                            TYPE_TIME,   "begin of its time",                                     NULL                                                  },
    {"end",                              TYPE_TIME,   "end of its time, exclusive",                            NULL                                                  },
    {"kind",                             TYPE_TEXT,   "kind of workload",                                      "service user container vm kernel other"              },
    {"unit",                             TYPE_TEXT,   "systemd unit, container or virtual machine",            NULL                                                  },
    {"command",                          TYPE_TEXT,   "name of the program",                                   NULL                                                  },
    {"user",                             TYPE_TEXT,   "account that it runs as; persons are 'users'",          NULL                                                  },
    {"domain",                           TYPE_TEXT,   "part of the machine",                                   NULL                                                  },
    {"meter",                            TYPE_TEXT,   "what the energy of a domain comes from",                "rapl hwmon acpi bmc gpu model"                       },
    {"energy_microjoules",               TYPE_WHOLE,  "energy, in microjoules: 3600000000 are 1 Wh",           NULL                                                  },
    {"energy_joules",                    TYPE_NUMBER, "the same, in joules",                                   NULL                                                  },
    {"uncertainty_microjoules",          TYPE_WHOLE,
     "half-width of the 95 % interval; empty: none is stated",                                                 NULL                                                  },
    {"uncertainty_unstated_microjoules", TYPE_WHOLE,
     "part of the energy for which no interval is stated",                                                     NULL                                                  },
    {"share_ratio",                      TYPE_NUMBER, "part of the total",                                     NULL                                                  },
    {"source",                           TYPE_TEXT,   "measured by a meter, estimated by a model, or both",
     "measured modelled mixed none"                                                                                                                                  },
    {"modelled_microjoules",             TYPE_WHOLE,  "part of the energy that a model says and no meter",     NULL                                                  },
    {"idle_microjoules",                 TYPE_WHOLE,  "part of the energy that the machine uses without work", NULL                                                  },
    {"unattributed_microjoules",         TYPE_WHOLE,  "part of the energy whose process is not known",         NULL                                                  },
    {"cpu_seconds",                      TYPE_NUMBER, "CPU time",                                              NULL                                                  },
    {"coverage_ratio",                   TYPE_NUMBER, "part of the time that was measured or modelled",        NULL                                                  },
    {"quality",                          TYPE_TEXT,   "quality of the figure; empty: not told",                "high medium low"                                     },
    {"idle_policy",                      TYPE_TEXT,   "what became of idle energy",                            "separate proportional reserved"                      },
    {"idle_unowned_microjoules",         TYPE_WHOLE,  "part of idle energy that nobody was given",             NULL                                                  },
};

static void set_type(json_t *field, enum column_type type)
{
    static const char *const names[] = {[TYPE_TEXT] = "string",
                                        [TYPE_TIME] = "datetime",
                                        [TYPE_WHOLE] = "integer",
                                        [TYPE_NUMBER] = "number"};
    json_set(field, "type", json_string(names[type]));
    if (type == TYPE_TIME)
        json_set(field, "format", json_string("%Y-%m-%dT%H:%M:%S%z"));
}

static json_t *words_array(const char *words)
{
    json_t *array = json_array();
    while (*words) {
        size_t length = strcspn(words, " ");
        (void)json_array_append_new(array, json_stringn(words, length));
        words += length;
        words += strspn(words, " ");
    }
    return array;
}

/* Those of the footprint that come first, in the order of footprint_csv_titles(). */
static const struct column footprint_columns[] = {
    {"state",                TYPE_TEXT,   "what the time that was asked for is so far",   "whole partial in_progress"},
    {"facility_energy_kwh",  TYPE_NUMBER, "energy with the PUE",                          NULL                       },
    {"water_on_site_m3",     TYPE_NUMBER, "water on site",                                NULL                       },
    {"water_upstream_m3",    TYPE_NUMBER, "water of the electricity",                     NULL                       },
    {"embodied_share_ratio", TYPE_NUMBER, "part of the hardware's impacts of the period", NULL                       },
};

static void add_field(json_t *fields, const struct column *column)
{
    json_t *field = json_object();
    json_set(field, "name", json_string(column->name));
    set_type(field, column->type);
    json_set(field, "description", json_string(column->description));
    if (column->words) {
        json_t *constraints = json_object();
        json_set(constraints, "enum", words_array(column->words));
        json_set(field, "constraints", constraints);
    }
    (void)json_array_append_new(fields, field);
}

/* Behind those, of each criterion: of use and of the hardware, each with its least and greatest. */
static void add_impact(json_t *fields, const char *title, size_t place)
{
    static const char *const bounds[] = {"", ", least", ", greatest"};
    const struct criterion_info *info = criterion_info((enum criterion)(place / 6));
    char description[160];
    (void)snprintf(description, sizeof(description), "%s, %s%s, %s", info->name,
                   place / 3 % 2 == 0 ? "use" : "making of the hardware", bounds[place % 3],
                   info->unit);
    add_field(fields, &(struct column){title, TYPE_NUMBER, description, NULL});
}

static void add_footprint(json_t *fields)
{
    CLEANUP(text_done) struct text titles = {0};
    char *rest = NULL;
    size_t place = 0;
    footprint_csv_titles(&titles);
    if (titles.error < 0)
        return;
    for (char *title = strtok_r(titles.data, ",", &rest); title;
         title = strtok_r(NULL, ",", &rest), place++) {
        if (place < ARRAY_SIZE(footprint_columns))
            add_field(fields, &footprint_columns[place]);
        else
            add_impact(fields, title, place - ARRAY_SIZE(footprint_columns));
    }
}

static void render_schema(struct text *text)
{
    json_t *root = json_object();
    json_t *fields = json_array();
    json_t *missing = json_array();
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
        add_field(fields, &columns[i]);
    add_footprint(fields);
    (void)json_array_append_new(missing, json_string(""));
    json_set(root, "fields", fields);
    json_set(root, "missingValues", missing);
    json_finish(root, text);
}

static void file_done(struct export_file *file)
{
    text_done(&file->text);
}

static int write_files(const struct ctl_arguments *arguments, const struct report_paths *paths,
                       const struct report *report, const struct report_footprint *footprint)
{
    (void)paths;
    CLEANUP(file_done) struct export_file data = {.name = "report.csv"};
    CLEANUP(file_done) struct export_file schema = {.name = "tableschema.json"};
    CLEANUP(text_done) struct text text = {0};
    render_report_csv(report, footprint, &data.text);
    render_schema(&schema.text);
    const struct export_file files[] = {data, schema};
    int r = export_files_write(arguments->output, files, ARRAY_SIZE(files));
    if (r != CTL_DONE)
        return r;
    text_format(&text, _("%s/report.csv: %zu rows and the total\n%s/tableschema.json\n"),
                arguments->output, report->n_rows + report->n_apart, arguments->output);
    return ctl_print(&text);
}

int export_csv(const struct ctl_arguments *arguments)
{
    CLEANUP(report_done) struct report report = {0};
    CLEANUP(report_paths_done) struct report_paths paths = {0};
    int r = report_set_group(arguments, &report);
    if (r == CTL_DONE)
        r = report_find_paths(arguments, &paths);
    report.idle = paths.choice.idle;
    if (r == CTL_DONE)
        r = report_of_hosts(arguments, paths.list, paths.n, &report);
    return r == CTL_DONE ? report_with_footprint(arguments, &paths, &report, write_files) : r;
}
