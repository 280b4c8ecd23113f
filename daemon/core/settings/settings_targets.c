/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/settings/settings_targets.h"

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

static int no_memory(char *ret_error)
{
    (void)str_copy(ret_error, SETTINGS_ERROR_MAX, _("out of memory"));
    return -ENOMEM;
}

void settings_targets_done(struct settings *settings)
{
    free(settings->environments);
    free(settings->targets);
    settings->environments = NULL;
    settings->targets = NULL;
    settings->n_environments = settings->n_targets = 0;
}

/* ---- [environments] ---- */

/* One more line, or the one with this pattern. */
static int environment_slot(struct settings *settings, const char *pattern,
                            struct settings_name **ret)
{
    for (size_t i = 0; i < settings->n_environments; i++) {
        *ret = &settings->environments[i];
        if (str_equal((*ret)->pattern, pattern))
            return 0;
    }
    if (settings->n_environments == SETTINGS_NAMES_MAX)
        return -E2BIG;
    struct settings_name *grown =
        reallocarray(settings->environments, settings->n_environments + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    settings->environments = grown;
    *ret = &grown[settings->n_environments++];
    return 0;
}

static int set_environment(struct settings *settings, const char *pattern, const char *name,
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
    int r = environment_slot(settings, pattern, &slot);
    if (r == -ENOMEM)
        return no_memory(ret_error);
    if (r < 0) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX,
                       _("expected at most %d patterns in [environments]"), SETTINGS_NAMES_MAX);
        return -EINVAL;
    }
    (void)str_copy(slot->pattern, sizeof(slot->pattern), pattern);
    (void)str_copy(slot->name, sizeof(slot->name), name);
    return 0;
}

int settings_set_environment(struct settings *settings, const char *name, const char *patterns,
                             char *ret_error)
{
    CLEANUP(free_p) char *list = strdup(patterns);
    if (!list)
        return no_memory(ret_error);
    char *rest = NULL;
    const char *pattern = strtok_r(list, " \t", &rest);
    if (!pattern)
        return set_environment(settings, "", name, ret_error);
    int r = 0;
    for (; pattern && r == 0; pattern = strtok_r(NULL, " \t", &rest))
        r = set_environment(settings, pattern, name, ret_error);
    return r;
}

/* ---- [targets] ---- */

static struct settings_target *target_find(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->n_targets; i++)
        if (str_equal(settings->targets[i].name, name))
            return &settings->targets[i];
    return NULL;
}

int settings_set_target(struct settings *settings, const char *name, const char *text,
                        char *ret_error)
{
    struct settings_target *slot = target_find(settings, name);
    if (*name == '\0' || *text == '\0' || strlen(name) >= sizeof(slot->name) ||
        strlen(text) >= sizeof(slot->text)) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX,
                       _("%s: expected a name of 1 to %zu bytes and a target of 1 to %zu bytes"),
                       show(name).text, sizeof(slot->name) - 1, sizeof(slot->text) - 1);
        return -EINVAL;
    }
    if (!slot && settings->n_targets == SETTINGS_TARGETS_MAX) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX, _("expected at most %d lines in [%s]"),
                       SETTINGS_TARGETS_MAX, "targets");
        return -EINVAL;
    }
    if (!slot) {
        struct settings_target *grown =
            reallocarray(settings->targets, settings->n_targets + 1, sizeof(*grown));
        if (!grown)
            return no_memory(ret_error);
        settings->targets = grown;
        slot = &grown[settings->n_targets++];
    }
    (void)str_copy(slot->name, sizeof(slot->name), name);
    (void)str_copy(slot->text, sizeof(slot->text), text);
    return 0;
}
