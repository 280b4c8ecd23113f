/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The terminal of greend-ctl top when a signal comes while nothing waits that it could end. */
#include "unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "support/die_with.h"
#include "top/terminal.h"

enum { STUCK_S = 15 };

static int slave = -1;

/* A terminal of its own, on standard input and output, as the job of a shell: nobody stops a
 * program whose session has no other. */
static void take_terminal(void)
{
    int status = 0;
    (void)setsid();
    (void)signal(SIGTTOU, SIG_IGN);
    if (ioctl(slave, TIOCSCTTY, 0) < 0 || dup2(slave, STDIN_FILENO) < 0 ||
        dup2(slave, STDOUT_FILENO) < 0)
        _exit(2);
    pid_t shell = getpid();
    pid_t job = fork();
    if (job != 0)
        _exit(waitpid(job, &status, 0) == job && WIFEXITED(status) ? WEXITSTATUS(status) : 2);
    die_with(shell);
    (void)setpgid(0, 0);
    if (tcsetpgrp(slave, getpid()) < 0 || terminal_open() < 0)
        _exit(2);
}

static void draw_after_signal(void)
{
    (void)tcflow(slave, TCOOFF);
    (void)raise(SIGTERM);
    terminal_draw("a line\n");
}

/* Only the signal could end the wait for a key. */
static void ask_after_signal(void)
{
    (void)raise(SIGTERM);
    (void)terminal_key(-1);
}

/* A stop gives the terminal back first: who waits for that is ended, not stopped. */
static void end_while_stopping(void)
{
    pid_t parent = getpid();
    (void)tcflow(slave, TCOOFF);
    pid_t killer = fork();
    if (killer == 0) {
        die_with(parent);
        (void)sleep(1);
        (void)kill(parent, SIGTERM);
        _exit(0);
    }
    (void)raise(SIGTSTP);
    (void)terminal_key(-1);
}

static void run(void (*happens)(void))
{
    struct termios before;
    struct termios after;
    pid_t parent = getpid();
    int status = 0;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0);
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(slave >= 0);
    assert_int_equal(tcgetattr(slave, &before), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        die_with(parent);
        take_terminal();
        happens();
        int ended = terminal_ended();
        terminal_close();
        _exit(ended == SIGTERM ? 0 : 1);
    }
    for (int tenths = 0; waitpid(child, &status, WNOHANG) == 0; tenths++) {
        if (tenths == 10 * STUCK_S) {
            (void)kill(child, SIGKILL);
            fail_msg("it hangs");
        }
        (void)usleep(100000);
    }
    assert_int_equal(status, 0);
    assert_int_equal(tcgetattr(slave, &after), 0);
    assert_int_equal(after.c_lflag, before.c_lflag);
    (void)close(slave);
    (void)close(master);
}

static void test_before_a_write(void **state)
{
    (void)state;
    run(draw_after_signal);
}

static void test_before_a_key(void **state)
{
    (void)state;
    run(ask_after_signal);
}

static void test_while_stopping(void **state)
{
    (void)state;
    run(end_while_stopping);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_a_write),
        cmocka_unit_test(test_before_a_key),
        cmocka_unit_test(test_while_stopping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
