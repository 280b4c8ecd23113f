/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "doctor/doctor_checks.h"

#include <fcntl.h>
#include <sys/stat.h>

/* ---- Tools of the checks ---- */

void doctor_add_name(struct text *detail, const char *name)
{
    char shown[4 * DOCTOR_COMPLAINT_MAX];
    (void)text_escape(shown, sizeof(shown), name, strlen(name));
    text_add(detail, detail->length > 0 ? ", " : "");
    text_add(detail, shown);
}

bool doctor_exists(int root_fd, const char *path)
{
    struct stat status;
    return fstatat(root_fd, path, &status, 0) == 0;
}

/* ---- Judging ---- */

int doctor_judge(const struct doctor_scene *scene, struct doctor_report *ret)
{
    *ret = (struct doctor_report){0};
    ret->findings = calloc(doctor_checks_count, sizeof(*ret->findings));
    if (!ret->findings)
        return -ENOMEM;
    for (; ret->n < doctor_checks_count; ret->n++) {
        struct doctor_finding *finding = &ret->findings[ret->n];
        finding->check = &doctor_checks[ret->n];
        finding->verdict = finding->check->judge(scene, &finding->detail);
        if (finding->detail.error < 0)
            return finding->detail.error;
        ret->by_verdict[finding->verdict]++;
    }
    return 0;
}

void doctor_report_done(struct doctor_report *report)
{
    for (size_t i = 0; report->findings && i < doctor_checks_count; i++)
        text_done(&report->findings[i].detail);
    free(report->findings);
    *report = (struct doctor_report){0};
}

bool doctor_is_well(const struct doctor_report *report)
{
    return report->by_verdict[DOCTOR_WARNING] == 0 && report->by_verdict[DOCTOR_FAULT] == 0;
}

/* ---- Commands ---- */

enum { EXPANDED_MAX = 4 };

/* What "%x" stands for; false: nothing here. */
static bool expand(const struct doctor_scene *scene, const char *word,
                   const char *ret[EXPANDED_MAX + 1])
{
    const bool debian = scene->packages && str_equal(scene->packages, "apt-get");
    const bool fedora = scene->packages && str_equal(scene->packages, "dnf");
    size_t n = 0;
    if (word[0] != '%') {
        ret[n++] = word;
    } else if (str_equal(word, "%user")) {
        ret[n++] = scene->user;
    } else if (str_equal(word, "%config")) {
        ret[n++] = scene->config;
    } else if (str_equal(word, "%mount")) {
        ret[n++] = scene->disk_mount;
    } else if (str_equal(word, "%sensors")) {
        ret[n++] = "modprobe";
        ret[n++] = doctor_sensor_module(scene);
    } else if (debian || fedora) {
        bool again = str_equal(word, "%reinstall");
        ret[n++] = scene->packages;
        ret[n++] = debian ? "install" : again ? "reinstall" : "upgrade";
        if (debian)
            ret[n++] = again ? "--reinstall" : "--only-upgrade";
        ret[n++] = "greend";
    }
    ret[n] = NULL;
    /* A name that a program would take for an option, or none. */
    return n > 0 && ret[n - 1] && ret[n - 1][0] != '\0' && (word[0] != '%' || ret[n - 1][0] != '-');
}

static int add_word(struct doctor_command *command, const char *word)
{
    char *copy = strdup(word);
    if (!copy)
        return -ENOMEM;
    command->words[command->n++] = copy;
    return 0;
}

int doctor_command(const struct doctor_scene *scene, const struct doctor_check *check,
                   struct doctor_command *ret)
{
    const char *const *words = check->mend;
    *ret = (struct doctor_command){.root = words[0] && !str_equal(words[0], "-")};
    for (size_t i = ret->root ? 0 : 1; words[0] && i < DOCTOR_WORDS_MAX && words[i]; i++) {
        const char *expanded[EXPANDED_MAX + 1];
        if (!expand(scene, words[i], expanded)) {
            doctor_command_done(ret);
            return 0;
        }
        for (size_t j = 0; expanded[j]; j++)
            if (add_word(ret, expanded[j]) < 0) {
                doctor_command_done(ret);
                return -ENOMEM;
            }
    }
    return 0;
}

void doctor_command_done(struct doctor_command *command)
{
    for (size_t i = 0; i < command->n; i++)
        free(command->words[i]);
    *command = (struct doctor_command){0};
}

static void add_quoted(struct text *text, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./:=@+,-";
    char shown[4 * PATH_MAX];
    (void)text_escape(shown, sizeof(shown), word, strlen(word));
    if (shown[0] != '\0' && shown[strspn(shown, plain)] == '\0') {
        text_add(text, shown);
        return;
    }
    text_add(text, "'");
    for (const char *c = shown; *c; c++)
        if (*c == '\'')
            text_add(text, "'\\''");
        else
            text_append(text, c, 1);
    text_add(text, "'");
}

void doctor_add_command(const struct doctor_scene *scene, const struct doctor_command *command,
                        struct text *text)
{
    const char *sudo = command->root && !scene->root ? "sudo " : "";
    for (size_t i = 0; i < command->n; i++) {
        bool begins = i == 0 || str_equal(command->words[i - 1], "&&");
        text_add(text, i > 0 ? " " : "");
        text_add(text, begins ? sudo : "");
        if (str_equal(command->words[i], "&&"))
            text_add(text, "&&");
        else
            add_quoted(text, command->words[i]);
    }
}
