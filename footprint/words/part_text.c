/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Parts of a machine that its operator declares, and what becomes of those that were read. */

#include "core/text.h"
#include "footprint/words/decimal.h"
#include "greend/inventory.h"
#include "greend/language.h"

#define PART_SIZE_MOST  1e9
#define PART_COUNT_MOST 1000000.0

enum { PART_TEXT_MAX = 200 };

struct shown {
    char text[72];
};

static struct shown show(const char *raw)
{
    struct shown shown;
    (void)text_escape(shown.text, sizeof(shown.text), raw, strlen(raw));
    return shown;
}

static int tell_wrong(char *ret_error, const char *key, const char *expected, const char *got)
{
    (void)snprintf(ret_error, PART_ERROR_MAX, _("%s: expected %s, got '%s'"), key, _(expected),
                   show(got).text);
    return -EINVAL;
}

/* ---- Words ---- */

static int set_kind(struct inventory_part *part, const char *value)
{
    for (int kind = 0; kind < PARTS; kind++)
        if (str_equal(part_name((enum part_kind)kind), value)) {
            part->kind = (enum part_kind)kind;
            return 0;
        }
    return -EINVAL;
}

static int set_count(struct inventory_part *part, const char *value)
{
    double number = 0;
    if (value[strspn(value, "0123456789")] != '\0' ||
        decimal_parse(value, strlen(value), &number) < 0 || number < 1 || number > PART_COUNT_MOST)
        return -EINVAL;
    part->count = (uint32_t)number;
    return 0;
}

static int set_trait(struct trait *trait, const char *value)
{
    double number = 0;
    if (decimal_parse(value, strlen(value), &number) < 0 || number <= 0 || number >= PART_SIZE_MOST)
        return -EINVAL;
    *trait = (struct trait){ORIGIN_DECLARED, number};
    return 0;
}

static int set_size(struct inventory_part *part, const char *value)
{
    return set_trait(&part->size, value);
}

static int set_density(struct inventory_part *part, const char *value)
{
    return set_trait(&part->density, value);
}

static int set_model(struct inventory_part *part, const char *value)
{
    return str_copy(part->model, sizeof(part->model), value) ? 0 : -EINVAL;
}

static const struct {
    const char *key;
    int (*set)(struct inventory_part *part, const char *value);
    const char *expected;
} words[] = {
    {"kind",    set_kind,    N_("cpu, ram, ssd, hdd, psu, gpu, rack or blade")               },
    {"count",   set_count,   N_("a whole number from 1 to 1000000")                          },
    {"size",    set_size,
     N_("a number above 0: mm2 of silicon of a cpu, GB of a ram module or disk, kg of a psu")},
    {"density", set_density, N_("a number of GB per cm2, above 0")                           },
    {"model",   set_model,   N_("a text of at most 63 bytes")                                },
};

static int take_word(char *word, struct inventory_part *part, unsigned *said, char *ret_error)
{
    char *value = text_split_pair(&word);
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (!str_equal(words[i].key, word))
            continue;
        if (*said & 1U << i)
            return tell_wrong(ret_error, words[i].key, N_("it once"), value);
        *said |= 1U << i;
        return words[i].set(part, value) == 0
                   ? 0
                   : tell_wrong(ret_error, words[i].key, words[i].expected, value);
    }
    (void)snprintf(ret_error, PART_ERROR_MAX,
                   _("expected kind=, count=, size=, density= or model=, with commas between, got "
                     "'%s'"),
                   show(word).text);
    return -EINVAL;
}

/* Whether what is said makes sense of such a part. */
static int check_part(const struct inventory_part *part, unsigned said, char *ret_error)
{
    bool dense = part->kind == PART_RAM || part->kind == PART_SSD;
    bool sized =
        dense || part->kind == PART_CPU || part->kind == PART_HDD || part->kind == PART_PSU;
    const char *wrong = NULL;
    if (!(said & 1U))
        wrong = _("expected kind=cpu, ram, ssd, hdd, psu, gpu, rack or blade");
    else if (part->kind == PART_RAM && part->size.origin == ORIGIN_UNKNOWN)
        wrong = _("size: expected the GB of one module");
    else if (part->kind == PART_SSD && part->size.origin == ORIGIN_UNKNOWN)
        wrong = _("size: expected the GB of one disk");
    else if (part->size.origin != ORIGIN_UNKNOWN && !sized)
        wrong = _("size: expected none, for such a part counts by the piece");
    else if (part->density.origin != ORIGIN_UNKNOWN && !dense)
        wrong = _("density: expected one of ram and ssd alone");
    if (!wrong)
        return 0;
    (void)str_copy(ret_error, PART_ERROR_MAX, wrong);
    return -EINVAL;
}

int part_parse(const char *text, struct inventory_part *ret, char *ret_error)
{
    char copy[PART_TEXT_MAX];
    struct inventory_part part = {.origin = ORIGIN_DECLARED, .count = 1};
    unsigned said = 0;
    char *rest = NULL;
    if (!str_copy(copy, sizeof(copy), text)) {
        (void)snprintf(ret_error, PART_ERROR_MAX, _("expected at most %zu bytes"),
                       sizeof(copy) - 1);
        return -EINVAL;
    }
    for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        int r = take_word(word, &part, &said, ret_error);
        if (r < 0)
            return r;
    }
    int r = check_part(&part, said, ret_error);
    if (r == 0)
        *ret = part;
    return r;
}

/* ---- Beside what was read ---- */

/* A machine has one case, and its disks are declared together. */
static enum part_kind group_of(enum part_kind kind)
{
    if (kind == PART_HDD)
        return PART_SSD;
    return kind == PART_BLADE ? PART_RACK : kind;
}

bool inventory_declares(const struct inventory *inventory, enum part_kind kind)
{
    for (size_t i = 0; i < inventory->n_parts; i++)
        if (inventory->parts[i].origin == ORIGIN_DECLARED &&
            group_of(inventory->parts[i].kind) == group_of(kind))
            return true;
    return false;
}

/* Of more parts than there is room for, those that were read go: the last one. */
static void drop_read(struct inventory *inventory)
{
    size_t at = inventory->n_parts;
    while (at > 0 && inventory->parts[at - 1].origin == ORIGIN_DECLARED)
        at--;
    if (at == 0)
        return;
    memmove(&inventory->parts[at - 1], &inventory->parts[at],
            (--inventory->n_parts - (at - 1)) * sizeof(*inventory->parts));
}

void inventory_declare(struct inventory *inventory, const struct inventory_part *part)
{
    size_t kept = 0;
    for (size_t i = 0; i < inventory->n_parts; i++)
        if (inventory->parts[i].origin == ORIGIN_DECLARED ||
            group_of(inventory->parts[i].kind) != group_of(part->kind))
            inventory->parts[kept++] = inventory->parts[i];
    inventory->n_parts = kept;
    if (kept == INVENTORY_PARTS_MAX)
        drop_read(inventory);
    if (inventory->n_parts == INVENTORY_PARTS_MAX)
        return;
    inventory->parts[inventory->n_parts] = *part;
    inventory->parts[inventory->n_parts++].origin = ORIGIN_DECLARED;
}
