/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/settings/settings_lists.h"

#include "core/settings/vm_facts.h"
#include "greend/language.h"

/* One array of struct settings. Each member begins with its key, which stands once, and has one
 * text. */
struct list {
    const char *section;
    size_t members, count; /* offsets in struct settings: the array, and its length */
    size_t most;
    size_t size, key_size, text, text_size; /* bytes of a member, and where its text is */
    size_t text_least;
    bool of_patterns; /* then the pattern is the key */
};

#define LIST(name, array, type, key_, text_, least, max, patterns)                                 \
    {                                                                                              \
        .section = (name), .members = offsetof(struct settings, array),                            \
        .count = offsetof(struct settings, n_##array), .most = (max), .size = sizeof(type),        \
        .key_size = sizeof(((type *)0)->key_), .text = offsetof(type, text_),                      \
        .text_size = sizeof(((type *)0)->text_), .text_least = (least), .of_patterns = (patterns), \
    }

static const struct list names =
    LIST("names", names, struct settings_name, pattern, name, 1, SETTINGS_NAMES_MAX, true);
static const struct list environments = LIST("environments", environments, struct settings_name,
                                             pattern, name, 1, SETTINGS_NAMES_MAX, true);
static const struct list targets =
    LIST("targets", targets, struct settings_target, name, text, 1, SETTINGS_TARGETS_MAX, false);
static const struct list vms =
    LIST("vm", vms, struct settings_vm, name, facts, 0, SETTINGS_VMS_MAX, false);
static const struct list parts =
    LIST("parts", parts, struct settings_part, name, text, 1, SETTINGS_PARTS_MAX, false);

_Static_assert(offsetof(struct settings_name, pattern) == 0 &&
                   offsetof(struct settings_target, name) == 0 &&
                   offsetof(struct settings_vm, name) == 0 &&
                   offsetof(struct settings_part, name) == 0,
               "a member begins with its key");

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

/* ---- Members ---- */

static size_t *list_count(struct settings *settings, const struct list *list)
{
    return (size_t *)(void *)((char *)settings + list->count);
}

/* Arrays of several types: their pointers are copied, never read through another type. */
static char *list_members(const struct settings *settings, const struct list *list)
{
    char *members = NULL;
    memcpy(&members, (const char *)settings + list->members, sizeof(members));
    return members;
}

static void list_put(struct settings *settings, const struct list *list, char *members)
{
    memcpy((char *)settings + list->members, &members, sizeof(members));
}

static void list_done(struct settings *settings, const struct list *list)
{
    free(list_members(settings, list));
    list_put(settings, list, NULL);
    *list_count(settings, list) = 0;
}

void settings_done(struct settings *settings)
{
    list_done(settings, &names);
    list_done(settings, &environments);
    list_done(settings, &targets);
    list_done(settings, &vms);
    list_done(settings, &parts);
}

/* Room for a key: the member that has it, or one more. */
static int find_room(struct settings *settings, const struct list *list, const char *key,
                     char **ret_member)
{
    size_t *count = list_count(settings, list);
    char *members = list_members(settings, list);
    for (size_t i = 0; i < *count; i++) {
        *ret_member = members + i * list->size;
        if (str_equal(*ret_member, key))
            return 0;
    }
    if (*count == list->most)
        return -E2BIG;
    char *grown = reallocarray(members, *count + 1, list->size);
    if (!grown)
        return -ENOMEM;
    list_put(settings, list, grown);
    *ret_member = grown + (*count)++ * list->size;
    return 0;
}

/* Sets one member; neither text is too long. */
static int set_member(struct settings *settings, const struct list *list, const char *key,
                      const char *text, char *ret_error)
{
    char *member = NULL;
    int r = find_room(settings, list, key, &member);
    if (r == -ENOMEM)
        return no_memory(ret_error);
    if (r < 0) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX,
                       list->of_patterns ? _("expected at most %zu patterns in [%s]")
                                         : _("expected at most %zu lines in [%s]"),
                       list->most, list->section);
        return -EINVAL;
    }
    (void)str_copy(member, list->key_size, key);
    (void)str_copy(member + list->text, list->text_size, text);
    return 0;
}

/* ---- name=PATTERN... ---- */

static int set_pattern(struct settings *settings, const struct list *list, const char *pattern,
                       const char *name, char *ret_error)
{
    if (*pattern == '\0' || *name == '\0' || strlen(pattern) >= list->key_size ||
        strlen(name) >= list->text_size) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX,
                       _("%s: expected a name of 1 to %zu bytes and patterns of 1 to %zu bytes"),
                       show(name).text, list->text_size - 1, list->key_size - 1);
        return -EINVAL;
    }
    /* Names of workloads are not escaped again. */
    if (text_safe_length(name, strlen(name)) < strlen(name)) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX,
                       _("%s: expected a name in UTF-8, of characters that can be seen"),
                       show(name).text);
        return -EINVAL;
    }
    return set_member(settings, list, pattern, name, ret_error);
}

static int set_patterns(struct settings *settings, const struct list *list, const char *name,
                        const char *patterns, char *ret_error)
{
    CLEANUP(free_p) char *copy = strdup(patterns);
    if (!copy)
        return no_memory(ret_error);
    char *rest = NULL;
    const char *pattern = strtok_r(copy, " \t", &rest);
    if (!pattern)
        return set_pattern(settings, list, "", name, ret_error);
    int r = 0;
    for (; pattern && r == 0; pattern = strtok_r(NULL, " \t", &rest))
        r = set_pattern(settings, list, pattern, name, ret_error);
    return r;
}

int settings_set_name(struct settings *settings, const char *name, const char *patterns,
                      char *ret_error)
{
    return set_patterns(settings, &names, name, patterns, ret_error);
}

int settings_set_environment(struct settings *settings, const char *name, const char *patterns,
                             char *ret_error)
{
    return set_patterns(settings, &environments, name, patterns, ret_error);
}

/* ---- NAME=TEXT ---- */

static int set_line(struct settings *settings, const struct list *list, const char *name,
                    const char *text, char *ret_error)
{
    size_t length = strlen(text);
    if (*name == '\0' || length < list->text_least || strlen(name) >= list->key_size ||
        length >= list->text_size) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX,
                       _("%s: expected a name of 1 to %zu bytes and %zu to %zu bytes after the ="),
                       show(name).text, list->key_size - 1, list->text_least, list->text_size - 1);
        return -EINVAL;
    }
    CLEANUP(free_p) char *copy = strdup(text);
    if (!copy)
        return no_memory(ret_error);
    /* A blank as well, and one that is kept as it is where texts are escaped. */
    for (char *tab = copy; (tab = strchr(tab, '\t'));)
        *tab = ' ';
    return set_member(settings, list, name, copy, ret_error);
}

int settings_set_target(struct settings *settings, const char *name, const char *text,
                        char *ret_error)
{
    return set_line(settings, &targets, name, text, ret_error);
}

int settings_set_part(struct settings *settings, const char *name, const char *text,
                      char *ret_error)
{
    return set_line(settings, &parts, name, text, ret_error);
}

int settings_set_vm(struct settings *settings, const char *name, const char *facts, char *ret_error)
{
    char wrong[VM_FACTS_ERROR_MAX];
    struct vm_facts parsed;
    if (strlen(facts) < vms.text_size && vm_facts_parse(facts, &parsed, wrong) < 0) {
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX, "%s: %s", show(name).text, wrong);
        return -EINVAL;
    }
    return set_line(settings, &vms, name, facts, ret_error);
}
