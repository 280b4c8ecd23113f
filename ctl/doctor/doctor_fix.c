/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Runs commands that mend, each only after a yes. Words go to the program as they are: no shell
 * reads them. */

#include "doctor/doctor.h"

#include <spawn.h>
#include <sys/wait.h>
#include <termios.h>

enum { ANSWER_MAX = 64, DONE_MAX = 64 };

/* "y", "yes", and what they are in the language. */
static bool is_yes(const char *answer)
{
    const char *const words[] = {"y", "yes", language_in("answer", NC_("answer", "y")),
                                 language_in("answer", NC_("answer", "yes"))};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (strcasecmp(answer, words[i]) == 0)
            return true;
    return false;
}

/* A line that is longer than any answer is read to its end: its rest must not answer the next
 * question. */
static bool is_whole(const char *answer)
{
    if (strchr(answer, '\n'))
        return true;
    for (int c = getchar(); c != '\n' && c != EOF;)
        c = getchar();
    return false;
}

/* The end of the input is a no. What was typed before the question answers another. */
static bool ask(void)
{
    char answer[ANSWER_MAX];
    (void)tcflush(STDIN_FILENO, TCIFLUSH);
    (void)printf("%s ", _("Run it? [y/N]"));
    (void)fflush(stdout);
    if (!fgets(answer, sizeof(answer), stdin) || !is_whole(answer))
        return false;
    answer[strcspn(answer, "\r\n")] = '\0';
    return is_yes(answer);
}

/* One program. CTL_DONE or CTL_FAILED. */
static int run_one(char *const words[])
{
    pid_t pid = 0;
    int status = 0;
    if (!words[0])
        return CTL_FAILED;
    int r = posix_spawnp(&pid, words[0], NULL, NULL, words, environ);
    if (r != 0) {
        ctl_complain(_("cannot run %s: %s"), words[0], language_error(r));
        return CTL_FAILED;
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return CTL_FAILED;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return CTL_DONE;
    ctl_complain(_("%s failed (status %d)"), words[0],
                 WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return CTL_FAILED;
}

/* The programs between "&&", until one fails. */
static int run_command(const struct doctor_scene *scene, const struct doctor_command *command)
{
    static char sudo[] = "sudo";
    char *words[ARRAY_SIZE(command->words) + 2];
    int r = CTL_DONE;
    for (size_t i = 0; i < command->n && r == CTL_DONE; i++) {
        size_t n = 0;
        if (command->root && !scene->root)
            words[n++] = sudo;
        for (; i < command->n && !str_equal(command->words[i], "&&"); i++)
            words[n++] = command->words[i];
        words[n] = NULL;
        r = run_one(words);
    }
    return r;
}

/* What was said before, to ask for one command once. */
struct asked {
    const struct doctor_scene *scene;
    struct text commands[DONE_MAX];
    size_t n;
    int result;
};

static bool asked_before(const struct asked *asked, const char *shown)
{
    for (size_t i = 0; i < asked->n; i++)
        if (str_equal(asked->commands[i].data, shown))
            return true;
    return false;
}

static int offer(struct asked *asked, const struct doctor_finding *finding)
{
    CLEANUP(doctor_command_done) struct doctor_command command = {0};
    CLEANUP(text_done) struct text shown = {0};
    int r = doctor_command(asked->scene, finding->check, &command);
    if (r < 0 || command.n == 0)
        return r;
    doctor_add_command(asked->scene, &command, &shown);
    if (!shown.data || asked_before(asked, shown.data) || asked->n == DONE_MAX)
        return shown.error;
    (void)printf("\n%s%s%s\n    %s\n", _(finding->check->message),
                 finding->detail.length > 0 ? _(": ") : "",
                 finding->detail.length > 0 ? finding->detail.data : "", shown.data);
    asked->commands[asked->n++] = shown;
    shown = (struct text){0};
    if (ask() && run_command(asked->scene, &command) != CTL_DONE)
        asked->result = CTL_FAILED;
    return 0;
}

int doctor_fix(const struct doctor_scene *scene, const struct doctor_report *report)
{
    struct asked asked = {.scene = scene, .result = CTL_DONE};
    int r = 0;
    for (int verdict = DOCTOR_FAULT; verdict > DOCTOR_OK; verdict--)
        for (size_t i = 0; i < report->n && r == 0; i++)
            if (report->findings[i].verdict == (enum doctor_verdict)verdict)
                r = offer(&asked, &report->findings[i]);
    if (r == 0 && asked.n > 0)
        (void)printf("\n%s\n", _("To see what is left: greend-ctl doctor"));
    for (size_t i = 0; i < asked.n; i++)
        text_done(&asked.commands[i]);
    if (r < 0)
        ctl_complain(_("out of memory"));
    return r < 0 ? CTL_FAILED : asked.result;
}
