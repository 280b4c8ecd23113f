/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "export/export.h"

enum option_mask {
    TAKES_BY = 1 << 0, /* and --top */
    TAKES_IDLE = 1 << 1,
    TAKES_PARTIAL = 1 << 2,
    TAKES_UNITS = 1 << 3, /* and --metric, --software */
    TAKES_PERIOD = 1 << 4,
    WRITES_FILE = 1 << 5, /* and no folder of files */
};

static const struct {
    const char *name;
    enum option_mask takes;
    int (*main)(const struct ctl_arguments *arguments);
} kinds[] = {
    {"numecoeval", TAKES_PERIOD | TAKES_IDLE | TAKES_PARTIAL,               export_state   },
    {"g4it",       TAKES_PERIOD | TAKES_IDLE | TAKES_PARTIAL,               export_state   },
    {"csv",        TAKES_PERIOD | TAKES_BY | TAKES_IDLE,                    export_csv     },
    {"sci",        TAKES_PERIOD | TAKES_IDLE | TAKES_PARTIAL | TAKES_UNITS, export_sci     },
    {"rgesn",      TAKES_PERIOD,                                            export_rgesn   },
    {"database",   WRITES_FILE,                                             export_database},
};

/* The first option that was given and says nothing to this kind; NULL: there is none. */
static const char *find_idler(const struct ctl_arguments *arguments, enum option_mask takes)
{
    const struct {
        const char *name;
        bool given;
        enum option_mask mask;
    } options[] = {
        {"since",    arguments->since != NULL,    TAKES_PERIOD },
        {"until",    arguments->until != NULL,    TAKES_PERIOD },
        {"by",       arguments->by != NULL,       TAKES_BY     },
        {"top",      arguments->top > 0,          TAKES_BY     },
        {"idle",     arguments->idle != NULL,     TAKES_IDLE   },
        {"partial",  arguments->partial,          TAKES_PARTIAL},
        {"units",    arguments->units != NULL,    TAKES_UNITS  },
        {"metric",   arguments->metric != NULL,   TAKES_UNITS  },
        {"software", arguments->software != NULL, TAKES_UNITS  },
    };
    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        if (options[i].given && !(takes & options[i].mask))
            return options[i].name;
    return NULL;
}

int export_main(const struct ctl_arguments *arguments)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (!str_equal(kinds[i].name, arguments->operand))
            continue;
        const char *idler = find_idler(arguments, kinds[i].takes);
        if (idler)
            ctl_complain(_("--%s says nothing to export %s. See greend-ctl --help"), idler,
                         kinds[i].name);
        else if (arguments->output && arguments->output[0] != '\0')
            return kinds[i].main(arguments);
        else if (kinds[i].takes & WRITES_FILE)
            ctl_complain(_("export %s: expected --output FILE, the copy"), kinds[i].name);
        else
            ctl_complain(_("export %s: expected --output DIR, the folder for its files"),
                         kinds[i].name);
        return CTL_USAGE;
    }
    ctl_complain(_("export: expected numecoeval, g4it, csv, sci, rgesn or database, got '%s'"),
                 arguments->operand);
    return CTL_USAGE;
}
