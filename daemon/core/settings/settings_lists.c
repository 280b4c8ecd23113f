/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/settings/settings_lists.h"

#include "core/settings/settings_targets.h"
#include "core/settings/vm_facts.h"
#include "greend/language.h"

/* A text from the file as it may be shown: escaped and not too long. */
struct shown {
    char text[72];
};

static struct shown show(const char *raw)
{
    struct shown shown;
    (void)text_escape(shown.text, sizeof(shown.text), raw, strlen(raw));
    return shown;
}

void settings_done(struct settings *settings)
{
    free(settings->names);
    free(settings->vms);
    free(settings->parts);
    settings->names = NULL;
    settings->vms = NULL;
    settings->parts = NULL;
    settings->n_names = settings->n_vms = settings->n_parts = 0;
    settings_targets_done(settings);
}

/* Whether a name may be shown as it is: names of workloads are not escaped again. */
static bool can_be_shown(const char *name)
{
    char escaped[4 * WORKLOAD_UNIT_MAX];
    (void)text_escape(escaped, sizeof(escaped), name, strlen(name));
    return str_equal(escaped, name);
}

/* ---- [names] ---- */

static struct settings_name *name_find(const struct settings *settings, const char *pattern)
{
    for (size_t i = 0; i < settings->n_names; i++)
        if (str_equal(settings->names[i].pattern, pattern))
            return &settings->names[i];
    return NULL;
}

/* One more line of [names], or the one with this pattern. */
static int name_slot(struct settings *settings, const char *pattern, struct settings_name **ret)
{
    *ret = name_find(settings, pattern);
    if (*ret)
        return 0;
    if (settings->n_names == SETTINGS_NAMES_MAX)
        return -E2BIG;
    struct settings_name *names =
        reallocarray(settings->names, settings->n_names + 1, sizeof(*names));
    if (!names)
        return -ENOMEM;
    settings->names = names;
    *ret = &names[settings->n_names++];
    return 0;
}

static int set_name(struct settings *settings, const char *pattern, const char *name,
                    char *ret_error)
{
    struct settings_name *slot = NULL;
    if (*pattern == '\0' || *name == '\0' || strlen(pattern) >= sizeof(slot->pattern) ||
        strlen(name) >= sizeof(slot->name)) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX,
                       _("%s: expected a name of 1 to %zu bytes and patterns of 1 to %zu bytes"),
                       show(name).text, sizeof(slot->name) - 1, sizeof(slot->pattern) - 1);
        return -EINVAL;
    }
    if (!can_be_shown(name)) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX,
                       _("%s: expected a name in UTF-8, of characters that can be seen"),
                       show(name).text);
        return -EINVAL;
    }
    int r = name_slot(settings, pattern, &slot);
    if (r == -ENOMEM) {
        (void)str_copy(ret_error, SETTINGS_ERROR_MAX, _("out of memory"));
        return r;
    }
    if (r < 0) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX, _("expected at most %d lines in [%s]"),
                       SETTINGS_NAMES_MAX, "names");
        return -EINVAL;
    }
    (void)str_copy(slot->pattern, sizeof(slot->pattern), pattern);
    (void)str_copy(slot->name, sizeof(slot->name), name);
    return 0;
}

/* name=PATTERN...: the name is the key, since a container's pattern holds the ':' that ends a key.
 */
int settings_set_name(struct settings *settings, const char *name, const char *patterns,
                      char *ret_error)
{
    CLEANUP(free_p) char *list = strdup(patterns);
    if (!list) {
        (void)str_copy(ret_error, SETTINGS_ERROR_MAX, _("out of memory"));
        return -ENOMEM;
    }
    char *rest = NULL;
    const char *pattern = strtok_r(list, " \t", &rest);
    if (!pattern)
        return set_name(settings, "", name, ret_error);
    int r = 0;
    for (; pattern && r == 0; pattern = strtok_r(NULL, " \t", &rest))
        r = set_name(settings, pattern, name, ret_error);
    return r;
}

/* ---- [vm] ---- */

static int vm_slot(struct settings *settings, const char *name, struct settings_vm **ret)
{
    for (size_t i = 0; i < settings->n_vms; i++) {
        if (str_equal(settings->vms[i].name, name)) {
            *ret = &settings->vms[i];
            return 0;
        }
    }
    if (settings->n_vms == SETTINGS_VMS_MAX)
        return -E2BIG;
    struct settings_vm *vms = reallocarray(settings->vms, settings->n_vms + 1, sizeof(*vms));
    if (!vms)
        return -ENOMEM;
    settings->vms = vms;
    *ret = &vms[settings->n_vms++];
    return 0;
}

int settings_set_vm(struct settings *settings, const char *name, const char *facts, char *ret_error)
{
    char wrong[VM_FACTS_ERROR_MAX];
    struct vm_facts parsed;
    struct settings_vm *slot = NULL;
    if (*name == '\0' || strlen(name) >= sizeof(slot->name) ||
        strlen(facts) >= sizeof(slot->facts)) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX,
                       _("%s: expected a name of 1 to %zu bytes and facts of up to %zu bytes"),
                       show(name).text, sizeof(slot->name) - 1, sizeof(slot->facts) - 1);
        return -EINVAL;
    }
    if (vm_facts_parse(facts, &parsed, wrong) < 0) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX, "%s: %s", show(name).text, wrong);
        return -EINVAL;
    }
    int r = vm_slot(settings, name, &slot);
    if (r == -ENOMEM) {
        (void)str_copy(ret_error, SETTINGS_ERROR_MAX, _("out of memory"));
        return r;
    }
    if (r < 0) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX, _("expected at most %d lines in [%s]"),
                       SETTINGS_VMS_MAX, "vm");
        return -EINVAL;
    }
    (void)str_copy(slot->name, sizeof(slot->name), name);
    (void)str_copy(slot->facts, sizeof(slot->facts), facts);
    /* A blank as well, and one that is kept as it is where texts are escaped. */
    for (char *tab = slot->facts; (tab = strchr(tab, '\t'));)
        *tab = ' ';
    return 0;
}

/* ---- [parts] ---- */

static struct settings_part *part_find(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->n_parts; i++)
        if (str_equal(settings->parts[i].name, name))
            return &settings->parts[i];
    return NULL;
}

int settings_set_part(struct settings *settings, const char *name, const char *text,
                      char *ret_error)
{
    struct settings_part *slot = part_find(settings, name);
    if (*name == '\0' || *text == '\0' || strlen(name) >= sizeof(slot->name) ||
        strlen(text) >= sizeof(slot->text)) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX,
                       _("%s: expected a name of 1 to %zu bytes and facts of up to %zu bytes"),
                       show(name).text, sizeof(slot->name) - 1, sizeof(slot->text) - 1);
        return -EINVAL;
    }
    if (!slot && settings->n_parts == SETTINGS_PARTS_MAX) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX, _("expected at most %d lines in [%s]"),
                       SETTINGS_PARTS_MAX, "parts");
        return -EINVAL;
    }
    if (!slot) {
        struct settings_part *grown =
            reallocarray(settings->parts, settings->n_parts + 1, sizeof(*grown));
        if (!grown) {
            (void)str_copy(ret_error, SETTINGS_ERROR_MAX, _("out of memory"));
            return -ENOMEM;
        }
        settings->parts = grown;
        slot = &grown[settings->n_parts++];
    }
    (void)str_copy(slot->name, sizeof(slot->name), name);
    (void)str_copy(slot->text, sizeof(slot->text), text);
    for (char *tab = slot->text; (tab = strchr(tab, '\t'));) /* as in [vm] */
        *tab = ' ';
    return 0;
}
