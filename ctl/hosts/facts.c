/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "hosts/facts.h"

#include <fcntl.h>

#include "core/text.h"
#include "ctl.h"
#include "input/configuration.h"
#include "input/factor_files.h"
#include "shell/machine_id.h"

static void on_factor_error(void *userdata, const char *line)
{
    (void)userdata;
    ctl_complain("%s", line);
}

int facts_open_root(const char *path, int *ret_fd)
{
    *ret_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*ret_fd >= 0)
        return CTL_DONE;
    ctl_complain(_("cannot open %s: %s"), path, language_error(errno));
    return CTL_FAILED;
}

int facts_read_machine(const struct settings *settings, struct reading *ret_reading)
{
    CLEANUP(close_fd_p) int procfs = -1;
    CLEANUP(close_fd_p) int sysfs = -1;
    int r = facts_open_root(settings->procfs, &procfs);
    if (r == CTL_DONE)
        r = facts_open_root(settings->sysfs, &sysfs);
    if (r != CTL_DONE)
        return r;
    int taken = reading_take(procfs, sysfs, ret_reading);
    bool lacked = taken < 0;
    for (size_t i = 0; i < ret_reading->n_gaps; i++)
        lacked = lacked || ret_reading->gaps[i].error == -ENOMEM;
    if (lacked)
        text_note_lack(); /* the machine lacks nothing of that */
    if (taken == 0) {
        configuration_parts(settings, &ret_reading->inventory);
        return CTL_DONE;
    }
    ctl_complain(_("out of memory"));
    return CTL_FAILED;
}

int facts_read_factors(const struct settings *settings, struct factor_table **ret_table)
{
    int r = factor_files_load(settings->factors_folder, settings->factors, NULL, 0, ret_table,
                              on_factor_error, NULL);
    if (r >= 0)
        return CTL_DONE;
    ctl_complain(_("out of memory"));
    return CTL_FAILED;
}

bool facts_are_here(const uint8_t *host_id)
{
    uint8_t own[STORE_HOST_ID_SIZE];
    if (machine_id(own) < 0)
        text_note_lack(); /* it seems to be another machine's */
    return memcmp(own, host_id, sizeof(own)) == 0;
}

const char *facts_from_name(enum facts_from from)
{
    static const char *const names[] = {
        [FACTS_NOWHERE] = NULL,
        [FACTS_CONFIGURATION] = "greend.conf",
        [FACTS_DATABASE] = "database",
    };
    return names[from];
}

bool facts_need_factors(const struct facts *facts)
{
    const struct inventory_view *view = &facts->view;
    return view->site.geography != GEOGRAPHY_UNKNOWN || view->asset.purchase != DAY_UNKNOWN;
}

/* What is read beside the declarations. A machine that cannot be read is told as one that is not
 * here, for its energy is still worth a report. */
static int read_all(struct facts *facts, const uint8_t *host_id)
{
    struct inventory_view *view = &facts->view;
    bool needed = facts_need_factors(facts);
    view->factors_unneeded = !needed;
    int r = needed ? facts_read_factors(&facts->settings, &facts->table) : CTL_DONE;
    if (r != CTL_DONE)
        return r;
    facts->wrong = needed && !facts->table;
    view->factors = facts->table;
    facts->here = facts_are_here(host_id);
    if (!facts->here)
        return CTL_DONE;
    facts->reading = malloc(sizeof(*facts->reading));
    if (!facts->reading) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    facts->here = facts_read_machine(&facts->settings, facts->reading) == CTL_DONE;
    if (!facts->here)
        return CTL_DONE;
    view->reading = facts->reading;
    inventory_compute(view);
    return CTL_DONE;
}

/* As it is declared, else as the machine calls itself, which a database told the daemon too. */
static void find_name(struct facts *facts, const uint8_t *host_id)
{
    char own[256] = "";
    const char *declared = facts->settings.described.name;
    if (*declared == '\0' && facts_are_here(host_id))
        (void)gethostname(own, sizeof(own) - 1);
    const char *name = *declared ? declared : own;
    (void)text_escape(facts->name, sizeof(facts->name), name, strlen(name));
}

int facts_load(struct facts *ret_facts, struct settings *settings, bool declared,
               const uint8_t *host_id)
{
    *ret_facts = (struct facts){.from = declared ? FACTS_CONFIGURATION : FACTS_NOWHERE,
                                .declared = declared,
                                .settings = *settings};
    *settings = (struct settings){0};
    struct inventory_view *view = &ret_facts->view;
    view->settings = &ret_facts->settings;
    site_undeclared(&view->site);
    asset_undeclared(&view->asset);
    if (!declared) {
        view->factors_unneeded = true;
        return CTL_DONE;
    }
    configuration_declared(&ret_facts->settings, &view->site, &view->asset);
    find_name(ret_facts, host_id);
    return read_all(ret_facts, host_id);
}

void facts_done(struct facts *facts)
{
    facts->table = factor_table_free(facts->table);
    free(facts->reading);
    facts->reading = NULL;
    settings_done(&facts->settings);
}

struct facts *facts_free(struct facts *facts)
{
    if (facts)
        facts_done(facts);
    free(facts);
    return NULL;
}

void facts_free_p(struct facts **facts)
{
    *facts = facts_free(*facts);
}
