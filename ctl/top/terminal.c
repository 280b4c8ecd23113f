/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "top/terminal.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

#include "shell/bus_error.h"

/* Other screen, no cursor; and back. */
#define ENTER "\x1b[?1049h\x1b[?25l"
#define LEAVE "\x1b[?25h\x1b[?1049l"
#define HOME  "\x1b[H"
#define REST  "\x1b[K" /* of the line */
#define BELOW "\x1b[J"

enum { PATIENCE_S = 1 };

static struct termios before;
static bool is_open;
static volatile sig_atomic_t ending;
static volatile sig_atomic_t stopping;
static volatile sig_atomic_t changed;

/* A terminal that is stopped (Ctrl-S, a line that hangs) takes nothing: a program that is asked to
 * end must not wait for it. The signal that asks may come just before a call that waits, where it
 * interrupts nothing: so its handler sets an alarm, again and again until the terminal is closed.
 */
static void put(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, length);
        if (written < 0 && (errno != EINTR || ending))
            return;
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
}

/* The shell that moves the program to the foreground may interrupt it. */
static void set_mode(int when, const struct termios *mode)
{
    while (tcsetattr(STDIN_FILENO, when, mode) < 0 && errno == EINTR && !ending)
        continue;
}

static void enter(void)
{
    struct termios raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    set_mode(TCSADRAIN, &raw);
    put(ENTER, sizeof(ENTER) - 1);
    is_open = true;
}

static void leave(void)
{
    if (!is_open)
        return;
    put(LEAVE, sizeof(LEAVE) - 1);
    set_mode(ending ? TCSANOW : TCSADRAIN, &before);
    is_open = false;
}

static void on_signal(int signal)
{
    if (signal == SIGTSTP)
        stopping = 1;
    else if (signal == SIGWINCH || signal == SIGCONT)
        changed = 1;
    else if (signal != SIGALRM)
        ending = signal;
    if (ending)
        (void)alarm(PATIENCE_S);
}

static void handle(int signal, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler}; /* without SA_RESTART: poll(2) must end */
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(signal, &action, NULL);
}

static const int signals[] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT,
                              SIGTSTP, SIGCONT, SIGWINCH, SIGALRM};

int terminal_open(void)
{
    if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
        return -ENOTTY;
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
        handle(signals[i], on_signal);
    bus_error_before(leave);
    enter();
    return 0;
}

void terminal_close(void)
{
    leave();
    handle(SIGALRM, SIG_IGN);
    (void)alarm(0);
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
        handle(signals[i], SIG_DFL);
}

/* Gives the terminal back, stops as the shell expects it, and takes it again afterwards. */
static void stop(void)
{
    sigset_t only;
    stopping = 0;
    leave();
    if (ending)
        return;
    handle(SIGTSTP, SIG_DFL);
    (void)sigemptyset(&only);
    (void)sigaddset(&only, SIGTSTP);
    (void)sigprocmask(SIG_UNBLOCK, &only, NULL);
    (void)raise(SIGTSTP);
    handle(SIGTSTP, on_signal);
    enter();
    changed = 1;
}

void terminal_size(size_t *ret_rows, size_t *ret_columns)
{
    struct winsize size = {0};
    (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    *ret_rows = size.ws_row > 0 ? size.ws_row : 24;
    *ret_columns = size.ws_col > 0 ? size.ws_col : STYLE_WIDTH_PIPED;
}

void terminal_draw(const char *lines)
{
    CLEANUP(text_done) struct text screen = {0};
    size_t rows = 0;
    size_t columns = 0;
    terminal_size(&rows, &columns);
    text_add(&screen, HOME);
    for (size_t row = 0; *lines != '\0' && row < rows; row++) {
        size_t length = strcspn(lines, "\n");
        text_append(&screen, lines, length);
        /* No line feed behind the last row: it would scroll. */
        text_add(&screen, row + 1 < rows ? REST "\r\n" : REST);
        lines += length + (lines[length] == '\n');
    }
    text_add(&screen, BELOW);
    if (screen.error == 0)
        put(screen.data, screen.length);
}

/* What follows an escape is there at once, or it was the key. */
static int escaped(void)
{
    char bytes[2] = "";
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&input, 1, 20) != 1 || read(STDIN_FILENO, bytes, sizeof(bytes)) != 2 ||
        (bytes[0] != '[' && bytes[0] != 'O'))
        return KEY_ESCAPE;
    return bytes[1] == 'A' ? KEY_UP : bytes[1] == 'B' ? KEY_DOWN : KEY_ESCAPE;
}

int terminal_key(int timeout_ms)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    unsigned char byte = 0;
    int ready = ending || stopping ? 0 : poll(&input, 1, timeout_ms);
    if (stopping && !ending)
        stop();
    if (ready != 1)
        return KEY_NONE;
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    /* A terminal that is gone asks for nothing more. */
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
        ending = SIGHUP;
    if (got != 1)
        return KEY_NONE;
    return byte == 0x1b ? escaped() : byte;
}

bool terminal_changed(void)
{
    bool was = changed != 0;
    changed = 0;
    return was;
}

int terminal_ended(void)
{
    return ending;
}
