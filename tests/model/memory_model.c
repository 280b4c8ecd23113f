/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "model/memory_model.h"

#include <setjmp.h>

enum {
    WORDS_MAX = 128, /* that are written while histories are kept */
    MESSAGES_MAX = 32,
    INDEX_SIZE = 1024,
    DEPTH_MAX = 4096,
    TRIES_MAX = 1, /* of a cell that was being written: the next try is one more reader */
};

/* Of each word, the message before which nothing may be read. */
struct view {
    uint8_t from[WORDS_MAX];
};

struct message {
    uint64_t value;
    bool released;
    struct view view;
};

static struct history {
    const uint64_t *word;
    unsigned n;
    struct message messages[MESSAGES_MAX];
} histories[WORDS_MAX];

static unsigned n_histories;
static uint8_t index_of[INDEX_SIZE]; /* by address: place in histories + 1 */

static enum { PLAIN, WRITING, READING } phase;
static const struct mutant *mutant;
static struct view view; /* of whoever runs */
static jmp_buf leave;
static const char *wrong;
static int stores_left, stores_made;

static void fail(const char *what)
{
    (void)fprintf(stderr, "the model itself: %s\n", what);
    abort();
}

/* ---- Choices ---- */

static struct {
    uint16_t options, taken;
} script[DEPTH_MAX];

static size_t depth, length;

unsigned model_choose(unsigned options)
{
    if (options == 1)
        return 0;
    if (depth == DEPTH_MAX)
        fail("too many choices");
    if (depth == length) {
        script[length].options = (uint16_t)options;
        script[length++].taken = 0;
    }
    if (script[depth].options != options)
        fail("the reader is not the same each time");
    return script[depth++].taken;
}

/* false: every execution was run. */
static bool next_execution(void)
{
    depth = 0;
    while (length > 0 && ++script[length - 1].taken == script[length - 1].options)
        length--;
    return length > 0;
}

/* ---- Histories ---- */

/* NULL: the word was never written while histories were kept. */
static struct history *find(const uint64_t *word, bool make)
{
    size_t at = (uintptr_t)word / sizeof(*word) * 31 % INDEX_SIZE;
    for (; index_of[at] != 0; at = (at + 1) % INDEX_SIZE)
        if (histories[index_of[at] - 1].word == word)
            return &histories[index_of[at] - 1];
    if (!make)
        return NULL;
    if (n_histories == WORDS_MAX)
        fail("too many words");
    struct history *history = &histories[n_histories++];
    index_of[at] = (uint8_t)n_histories;
    /* What was there before is known to all who could find the memory. */
    *history = (struct history){.word = word, .n = 1};
    history->messages[0].value = *word;
    return history;
}

static void join(const struct view *more)
{
    for (unsigned i = 0; i < n_histories; i++)
        view.from[i] = MAX(view.from[i], more->from[i]);
}

/* ---- Operations ---- */

static bool is_mutant(enum mutation mutation, const struct model_site *site)
{
    return mutant && mutant->mutation == mutation &&
           str_equal(mutant->site.function, site->function) &&
           str_equal(mutant->site.word, site->word) && str_equal(mutant->site.value, site->value);
}

void model_store(uint64_t *word, uint64_t value, enum memory_order order, struct model_site site)
{
    if (phase == PLAIN) {
        *word = value;
        return;
    }
    if (phase == READING)
        fail("a reader stores");
    if (stores_left-- == 0)
        longjmp(leave, 1);
    stores_made++;
    if (is_mutant(MUTATION_SKIP, &site))
        return;
    struct history *history = find(word, true);
    if (history->n == MESSAGES_MAX)
        fail("too many messages");
    view.from[history - histories] = (uint8_t)history->n;
    struct message *message = &history->messages[history->n++];
    *message = (struct message){.value = value};
    message->released = order == memory_order_release && !is_mutant(MUTATION_RELAX, &site);
    if (message->released)
        message->view = view;
}

/* What was read of the cell at hand. */
static struct {
    const uint64_t *sequence;
    uint64_t before;
    unsigned tries;
    unsigned message; /* of the word of payload before */
} cell;

static unsigned words_free;

/* The message to read, from the oldest allowed. */
static unsigned choose_message(const struct history *history, const struct model_site *site)
{
    unsigned oldest = view.from[history - histories];
    size_t word = (size_t)(history->word - cell.sequence);
    bool payload = cell.sequence && str_equal(site->word, "&cell->words[i]");
    if (payload && word > words_free)
        return MAX(oldest, MIN(cell.message, history->n - 1));
    unsigned chosen = oldest + model_choose(history->n - oldest);
    if (payload)
        cell.message = chosen;
    return chosen;
}

static uint64_t read_message(const uint64_t *word, bool acquire, const struct model_site *site)
{
    struct history *history = find(word, false);
    if (!history)
        return *word;
    unsigned chosen = choose_message(history, site);
    const struct message *message = &history->messages[chosen];
    view.from[history - histories] = (uint8_t)chosen;
    if (acquire && message->released)
        join(&message->view);
    return message->value;
}

static bool begins_cell(enum memory_order order, const struct model_site *site)
{
    return order == memory_order_acquire && str_equal(site->word, "&cell->sequence");
}

uint64_t model_load(const uint64_t *word, enum memory_order order, struct model_site site)
{
    if (phase == PLAIN)
        return *word;
    if (phase == WRITING) { /* who writes has seen all of the past */
        const struct history *history = find(word, false);
        return history ? history->messages[history->n - 1].value : *word;
    }
    if (!str_starts(site.word, "&cell->"))
        cell.sequence = NULL;
    if (begins_cell(order, &site)) {
        if (cell.sequence == word && ++cell.tries > TRIES_MAX)
            model_leave();
        if (cell.sequence != word)
            cell.tries = 1;
        cell.sequence = word;
    } else if (is_mutant(MUTATION_REPEAT, &site)) {
        return cell.before;
    }
    bool acquire = order == memory_order_acquire && !is_mutant(MUTATION_RELAX, &site);
    uint64_t value = read_message(word, acquire, &site);
    if (begins_cell(order, &site))
        cell.before = value;
    return value;
}

/* ---- Running ---- */

void model_reset(const struct mutant *chosen)
{
    memset(index_of, 0, sizeof(index_of));
    n_histories = 0;
    phase = PLAIN;
    mutant = chosen;
}

int model_write(void (*writer)(void), int stores)
{
    phase = WRITING;
    stores_left = stores;
    stores_made = 0;
    memset(&view, 0, sizeof(view));
    for (unsigned i = 0; i < n_histories; i++)
        view.from[i] = (uint8_t)(histories[i].n - 1);
    if (setjmp(leave) == 0)
        writer();
    phase = PLAIN;
    return stores_made;
}

void model_wrong(const char *what)
{
    wrong = what;
    longjmp(leave, 1);
}

void model_leave(void)
{
    longjmp(leave, 1);
}

uint64_t model_read(void (*reader)(void), unsigned free_words, const char **ret_wrong)
{
    static uint64_t executions; /* static: setjmp() */
    executions = 0;
    words_free = free_words;
    depth = length = 0;
    wrong = NULL;
    phase = READING;
    do {
        memset(&view, 0, sizeof(view));
        memset(&cell, 0, sizeof(cell));
        executions++;
        if (setjmp(leave) == 0)
            reader();
    } while (!wrong && next_execution());
    phase = PLAIN;
    *ret_wrong = wrong;
    return executions;
}
