/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "input/factor_files.h"

#include <limits.h>

#include "core/text.h"
#include "input/regular_file.h"
#include "shell/language.h"

const char factor_files_folder[] = GREEND_FACTORS_DIR;

/* Read for every set. */
static const char *const common[] = {"defaults", "hardware"};

struct load {
    struct factor_table *table;
    bool wrong;
    void (*report)(void *userdata, const char *line);
    void *userdata;
};

void factor_files_free_p(struct factor_table **table)
{
    (void)factor_table_free(*table);
}

static void complain(struct load *load, const char *name, const char *what)
{
    char shown[PATH_MAX];
    char line[PATH_MAX + 256];
    (void)text_escape(shown, sizeof(shown), name, strlen(name));
    (void)snprintf(line, sizeof(line), _("%s: %s"), shown, _(what));
    load->wrong = true;
    load->report(load->userdata, line);
}

static void report_errors(struct load *load, const struct factor_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++)
        load->report(load->userdata, errors->list[i].text);
    if (errors->more > 0) {
        char line[64];
        (void)snprintf(line, sizeof(line),
                       P_("and %zu more error", "and %zu more errors", errors->more), errors->more);
        load->report(load->userdata, line);
    }
    load->wrong = true;
}

/* -ENOMEM; every other error was reported. */
static int load_file(struct load *load, const char *path)
{
    CLEANUP(free_p) char *bytes = NULL;
    CLEANUP(free_p) struct factor_errors *errors = calloc(1, sizeof(*errors));
    size_t length = 0;
    int r = errors ? regular_file_read(path, FACTOR_FILE_MAX, &bytes, &length) : -ENOMEM;
    if (r == 0)
        r = factor_table_add(load->table, path, bytes, length, errors);
    if (r == FACTORS_WRONG) {
        report_errors(load, errors);
        return 0;
    }
    if (r < 0 && r != -ENOMEM) {
        char what[256];
        (void)snprintf(what, sizeof(what), _("cannot be read: %s"),
                       r == -EBADMSG ? _("not a regular file") : language_error(-r));
        complain(load, path, what);
        return 0;
    }
    return r;
}

static int load_named(struct load *load, const char *folder, const char *name)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof(path), "%s/%s.csv", folder, name);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        complain(load, folder, "the path is too long");
        return 0;
    }
    return load_file(load, path);
}

/* A name that stands for a file of the folder, and not for one that is read anyhow. */
static bool is_set(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(common); i++)
        if (str_equal(name, common[i]))
            return false;
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return length > 0 && name[length] == '\0';
}

int factor_files_load(const char *folder, const char *set, const char *const *own, size_t n_own,
                      struct factor_table **ret_table,
                      void (*report)(void *userdata, const char *line), void *userdata)
{
    CLEANUP(factor_files_free_p) struct factor_table *table = factor_table_new();
    struct load load = {.table = table, .report = report, .userdata = userdata};
    if (!table)
        return -ENOMEM;
    if (*folder == '\0')
        folder = factor_files_folder;
    if (!is_set(set)) {
        complain(&load, set, "expected the name of a factor set: ademe, boavizta or numecoeval");
        return FACTORS_WRONG;
    }
    int r = 0;
    for (size_t i = 0; i < ARRAY_SIZE(common) && r == 0; i++)
        r = load_named(&load, folder, common[i]);
    if (r == 0)
        r = load_named(&load, folder, set);
    for (size_t i = 0; i < n_own && r == 0; i++)
        r = load_file(&load, own[i]);
    if (r < 0)
        return r;
    if (load.wrong)
        return FACTORS_WRONG;
    *ret_table = TAKE_PTR(table);
    return 0;
}
