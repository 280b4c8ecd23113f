/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

#include "hosts/facts.h"
#include "hosts/hosts.h"
#include "input/configuration.h"
#include "input/factor_files.h"
#include "targets/targets_render.h"

/* Where another machine stands, its own database knows best. *ret_facts is NULL where it is this
 * one's, or does not tell. */
static int read_facts(struct store_reader *reader, const char *path, struct facts **ret_facts)
{
    struct store_info info;
    *ret_facts = NULL;
    int r = store_reader_info(reader, &info);
    if (r < 0) {
        ctl_complain_database(path, r, reader);
        return CTL_FAILED;
    }
    return facts_are_here(info.host_id) ? CTL_DONE : facts_load_stored(ret_facts, reader, path);
}

int targets_find(const struct settings *settings, struct store_reader *reader, const char *path,
                 struct target_list *ret_list)
{
    CLEANUP(factor_files_free_p) struct factor_table *factors = NULL;
    CLEANUP(facts_free_p) struct facts *facts = NULL;
    *ret_list = (struct target_list){0};
    if (settings->n_targets == 0)
        return CTL_DONE;
    /* Without factors, which was said, targets in kWh stand. */
    int status = facts_read_factors(settings, &factors);
    if (status == CTL_DONE)
        status = read_facts(reader, path, &facts);
    if (status != CTL_DONE)
        return status;
    int r = targets_evaluate(reader, settings, facts ? &facts->view.site : NULL, factors, NULL,
                             ret_list);
    /* Its texts are those of the table, which is freed here: the numbers stay. */
    for (int c = 0; c < CRITERIA; c++)
        ret_list->per_kwh.factors[c] = NULL;
    ret_list->per_kwh.pue_by = NULL;
    if (r < 0) {
        ctl_complain_database(path, r, reader);
        return CTL_FAILED;
    }
    return CTL_DONE;
}

static int print_targets(const struct ctl_arguments *arguments, const struct target_list *list)
{
    CLEANUP(text_done) struct text text = {0};
    struct style style;
    switch (arguments->format) {
    case FORMAT_TABLE:
        style_detect(&style);
        targets_render_table(list, &style, &text);
        break;
    case FORMAT_JSON:
        targets_render_json(list, &text);
        break;
    case FORMAT_CSV:
        targets_render_csv(list, &text);
        break;
    case FORMAT_HTML: /* refused before */
        break;
    }
    return ctl_print(&text);
}

static int targets_from(const struct ctl_arguments *arguments, const struct settings *settings)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    CLEANUP(target_list_done) struct target_list list = {0};
    const char *path = arguments->database ? arguments->database : settings->database;
    struct store_info info;
    int r = store_reader_open(&reader, path);
    if (r == 0)
        r = store_reader_info(reader, &info);
    if (r < 0) {
        ctl_complain_database(path, r, reader);
        return CTL_FAILED;
    }
    ctl_enter_timezone(info.timezone);
    r = targets_find(settings, reader, path, &list);
    if (r != CTL_DONE)
        return r;
    if (list.n == 0) {
        ctl_complain(_("the database %s is still empty: targets need what was measured"), path);
        return CTL_NO_DATA;
    }
    return print_targets(arguments, &list);
}

int targets_main(const struct ctl_arguments *arguments)
{
    CLEANUP(settings_done) struct settings settings = {0};
    if (arguments->format == FORMAT_HTML) {
        ctl_complain(_("--format: targets is a table, json or csv, got 'html'"));
        return CTL_USAGE;
    }
    int r = ctl_load_settings(arguments, &settings);
    if (r != CTL_DONE)
        return r;
    if (settings.n_targets == 0) {
        ctl_complain(_("there are no targets: expected lines in [targets] of %s, as "
                       "energy=host 2000 kWh per year"),
                     arguments->config ? arguments->config : CONFIGURATION_FILE);
        return CTL_NO_DATA;
    }
    return targets_from(arguments, &settings);
}
