/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A backup of the history. cp(1) of a file that greend writes meanwhile may tear. */

#include <inttypes.h>

#include "core/text.h"
#include "export/export.h"
#include "storage/reader/store_copy.h"

static void complain(const char *path, const char *target, int error, bool target_failed)
{
    if (!target_failed)
        ctl_complain_database(path, error, NULL);
    else if (error == -EEXIST)
        ctl_complain(_("%s is there already and stays as it is: choose another --output FILE"),
                     target);
    else if (error == -ENOSPC || error == -EDQUOT)
        ctl_complain(_("cannot write %s: %s: make room there, or choose another --output FILE"),
                     target, language_error(-error));
    else
        ctl_complain(_("cannot write %s: %s: choose another --output FILE"), target,
                     language_error(-error));
}

int export_database(const struct ctl_arguments *arguments)
{
    char path[PATH_MAX];
    CLEANUP(text_done) struct text text = {0};
    struct store_copy copy;
    if (arguments->n_databases > 1) {
        ctl_complain(_("--database: export database takes one, got %zu"), arguments->n_databases);
        return CTL_USAGE;
    }
    int found = ctl_find_database(arguments, path, sizeof(path));
    if (found != CTL_DONE)
        return found;
    int r = store_copy(path, arguments->output, &copy);
    if (r < 0) {
        complain(path, arguments->output, r, copy.target_failed);
        return CTL_FAILED;
    }
    text_format(&text, _("%s: a copy of %s, %" PRIu64 " bytes, checked.\n"), arguments->output,
                path, copy.bytes);
    return ctl_print(&text);
}
