/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <signal.h>

#include "core/settings/duration.h"
#include "ctl.h"
#include "status/status.h"
#include "threads/clock.h"
#include "top/follow.h"
#include "top/terminal.h"
#include "top/top.h"

#define WINDOW_DEFAULT_NS   (10 * NS_PER_S)
#define WINDOW_LEAST_NS     (1 * NS_PER_S)
#define WINDOW_MOST_NS      (300 * NS_PER_S)
#define INTERVAL_DEFAULT_NS (1 * NS_PER_S)
#define INTERVAL_LEAST_NS   (100 * NS_PER_MS)
#define INTERVAL_MOST_NS    (3600 * NS_PER_S)

enum { POLL_MS = 200, ROWS_PIPED = 20, LINES_ABOVE = 7 };

struct top {
    struct top_follower follower;
    struct top_window *window;
    struct top_sums sums;
    struct top_view view;
    uint64_t interval_ns;
    uint64_t count; /* blocks; 0: no end */
    size_t rows;    /* --top */
};

/* ---- What is shown ---- */

/* Reads on also while paused: what is missed then would be gone. */
static int update(struct top *top)
{
    struct status_clock now;
    int r = top_follow(&top->follower, top->window);
    if (r < 0 || top->view.paused)
        return r;
    status_read_clock(&now);
    top->view.missed_uj = top_window_missed(top->window);
    top->view.live = top_is_live(&top->follower, &now, &top->view.age_ns);
    return top_window_sum(top->window, top->view.group, &top->sums);
}

static void sort_sums(struct top *top)
{
    top_sort(&top->sums, top->view.order);
}

static int print_blocks(struct top *top)
{
    struct style style;
    style_detect(&style);
    top->view.lines = top->rows ? top->rows : ROWS_PIPED;
    for (uint64_t block = 0; top->count == 0 || block < top->count; block++) {
        CLEANUP(text_done) struct text text = {0};
        const struct timespec pause = {.tv_sec = (time_t)(top->interval_ns / NS_PER_S),
                                       .tv_nsec = (long)(top->interval_ns % NS_PER_S)};
        if (block > 0) {
            text_add(&text, "\n");
            (void)nanosleep(&pause, NULL);
        }
        int r = update(top);
        if (r < 0)
            return r;
        sort_sums(top);
        top_render(&top->sums, &top->view, &style, &text);
        if (ctl_print(&text) != CTL_DONE)
            return -EPIPE;
    }
    return 0;
}

/* ---- The terminal ---- */

static int draw(struct top *top, bool help)
{
    CLEANUP(text_done) struct text text = {0};
    struct style style;
    size_t rows = 0;
    style_detect(&style);
    terminal_size(&rows, &style.width);
    style.width = MAX(style.width, (size_t)STYLE_WIDTH_LEAST);
    top->view.lines = rows > LINES_ABOVE + 1 ? rows - LINES_ABOVE : 1;
    if (top->rows)
        top->view.lines = MIN(top->view.lines, top->rows);
    if (help)
        top_render_help(&style, &text);
    else
        top_render(&top->sums, &top->view, &style, &text);
    if (text.error == 0)
        terminal_draw(text.data ? text.data : "");
    return text.error;
}

static void set_window(struct top *top, uint64_t length_ns)
{
    top_window_set_length(top->window,
                          MIN(MAX(length_ns, WINDOW_LEAST_NS), (uint64_t)WINDOW_MOST_NS));
    top->view.window_ns = top_window_length(top->window);
}

/* What is typed behind "/"; false: it has ended. */
static bool edit_filter(struct top_view *view, int key)
{
    size_t length = strlen(view->filter);
    if (key == KEY_ESCAPE)
        view->filter[0] = '\0';
    if (key == KEY_ESCAPE || key == '\r' || key == '\n')
        return false;
    if ((key == 0x7f || key == '\b') && length > 0)
        view->filter[length - 1] = '\0';
    else if (key >= ' ' && key < 0x7f && length + 1 < sizeof(view->filter)) {
        view->filter[length] = (char)key;
        view->filter[length + 1] = '\0';
    }
    view->skip = 0;
    return true;
}

static void scroll(struct top *top, bool down)
{
    if (down && top->view.skip + 1 < top->sums.n)
        top->view.skip++;
    else if (!down && top->view.skip > 0)
        top->view.skip--;
}

/* What a key asks for. -1: to quit. */
static int obey(struct top *top, int key, bool *typing, bool *help)
{
    static const struct {
        int key;
        enum top_order order;
    } orders[] = {
        {'w', TOP_ORDER_POWER},
        {'c', TOP_ORDER_CPU  },
        {'n', TOP_ORDER_NAME },
    };
    struct top_view *view = &top->view;
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++)
        if (key == orders[i].key)
            view->order = orders[i].order;
    if (key == 'q')
        return -1;
    if (key == '/')
        *typing = true;
    else if (key == ' ')
        view->paused = !view->paused;
    else if (key == '?' || key == 'h')
        *help = true;
    else if (key == '+' || key == '-')
        set_window(top, key == '+' ? 2 * view->window_ns : view->window_ns / 2);
    else if (key == 'j' || key == KEY_DOWN || key == 'k' || key == KEY_UP)
        scroll(top, key == 'j' || key == KEY_DOWN);
    if (key != 'b')
        return 0;
    view->group = (enum top_group)((view->group + 1) % TOP_GROUPS);
    view->skip = 0;
    return top_window_sum(top->window, view->group, &top->sums);
}

static int on_key(struct top *top, int key, bool *typing, bool *help)
{
    if (*help) {
        *help = false;
        return 0;
    }
    if (!*typing)
        return obey(top, key, typing, help);
    *typing = edit_filter(&top->view, key);
    return 0;
}

/* 0, -ENOMEM, or -EINTR: a signal ended it. */
static int run_terminal(struct top *top)
{
    bool typing = false, help = false, stale = false;
    uint64_t next_ns = 0;
    int r = 0;
    for (uint64_t blocks = 0; r == 0;) {
        if (clock_mono_ns() >= next_ns) {
            if (top->count > 0 && blocks++ == top->count)
                return 0;
            r = update(top);
            next_ns = clock_mono_ns() + top->interval_ns;
            stale = true;
        }
        stale = terminal_changed() || stale;
        if (r == 0 && stale) {
            sort_sums(top);
            r = draw(top, help);
            stale = false;
        }
        int key = r == 0 ? terminal_key(POLL_MS) : KEY_NONE;
        if (terminal_ended())
            return -EINTR;
        if (key == KEY_NONE)
            continue;
        stale = true;
        r = on_key(top, key, &typing, &help);
        if (r == -1)
            return 0;
    }
    return r;
}

/* ---- The verb ---- */

/* CTL_DONE or CTL_USAGE. */
static int parse_duration(const char *option, const char *value, uint64_t least_ns,
                          uint64_t most_ns, uint64_t *ret_ns)
{
    uint64_t parsed_ns = 0;
    if (!value)
        return CTL_DONE;
    if (duration_parse(value, &parsed_ns) == 0 && parsed_ns >= least_ns && parsed_ns <= most_ns) {
        *ret_ns = parsed_ns;
        return CTL_DONE;
    }
    char least[48];
    char most[48];
    (void)snprintf(least, sizeof(least), "%.1f", (double)least_ns / (double)NS_PER_S);
    (void)snprintf(most, sizeof(most), "%.0f", (double)most_ns / (double)NS_PER_S);
    ctl_complain(_("--%s: expected a time with its unit from %s s to %s s, as 10s, got '%s'"),
                 option, least, most, value);
    return CTL_USAGE;
}

static int parse_arguments(const struct ctl_arguments *arguments, struct top *top)
{
    uint64_t window_ns = WINDOW_DEFAULT_NS;
    int group = arguments->by ? top_group_find(arguments->by) : TOP_BY_WORKLOAD;
    top->interval_ns = INTERVAL_DEFAULT_NS;
    top->count = arguments->count;
    top->rows = arguments->top;
    if (group < 0) {
        ctl_complain(_("--by: expected workload, unit, user, container or process, got '%s'"),
                     arguments->by);
        return CTL_USAGE;
    }
    top->view = (struct top_view){.group = (enum top_group)group};
    int r =
        parse_duration("window", arguments->window, WINDOW_LEAST_NS, WINDOW_MOST_NS, &window_ns);
    if (r == CTL_DONE)
        r = parse_duration("interval", arguments->interval, INTERVAL_LEAST_NS, INTERVAL_MOST_NS,
                           &top->interval_ns);
    if (r != CTL_DONE)
        return r;
    top->view.window_ns = window_ns;
    top->window = top_window_new(window_ns);
    if (top->window)
        return CTL_DONE;
    ctl_complain(_("out of memory"));
    return CTL_FAILED;
}

static int show(struct top *top)
{
    int r = 0;
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && terminal_open() == 0) {
        r = run_terminal(top);
        int ended = terminal_ended();
        terminal_close();
        /* As a program that a signal ended: the shell must know. */
        if (r == -EINTR && ended)
            (void)raise(ended);
    } else {
        r = print_blocks(top);
    }
    if (r == -ENOMEM)
        ctl_complain(_("out of memory"));
    return r < 0 ? CTL_FAILED : CTL_DONE;
}

int top_main(const struct ctl_arguments *arguments)
{
    CLEANUP(free_p) struct top *top = calloc(1, sizeof(*top));
    if (!top) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    int r = parse_arguments(arguments, top);
    if (r == CTL_DONE)
        r = ctl_find_runtime(arguments, top->follower.directory, sizeof(top->follower.directory));
    if (r == CTL_DONE) {
        int error = top_follower_open(&top->follower);
        if (error < 0) {
            status_complain_ring(top->follower.directory, error);
            r = CTL_FAILED;
        } else {
            r = show(top);
        }
    }
    top_follower_done(&top->follower);
    top_sums_done(&top->sums);
    top->window = top_window_free(top->window);
    return r;
}
