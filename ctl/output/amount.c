/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "output/amount.h"

#include <inttypes.h>
#include <math.h>

#include "core/text.h"
#include "ctl.h"
#include "greend/units.h"

struct remainder {
    size_t part;
    uint64_t lost; /* of one unit, in parts of the denominator */
};

static int by_loss(const void *a, const void *b)
{
    const struct remainder *x = a;
    const struct remainder *y = b;
    if (x->lost != y->lost)
        return x->lost > y->lost ? -1 : 1;
    return x->part < y->part ? -1 : 1;
}

int64_t amount_share_out(const uint64_t *parts, size_t count, uint64_t numerator,
                         uint64_t denominator, uint64_t *ret_units)
{
    if (denominator == 0) {
        memset(ret_units, 0, count * sizeof(*ret_units));
        return 0;
    }
    CLEANUP(free_p) struct remainder *remainders = calloc(count + 1, sizeof(*remainders));
    if (!remainders) {
        text_note_lack(); /* whoever asked: nothing is to be printed then */
        return -ENOMEM;
    }
    struct wide sum = wide_of(denominator / 2);
    uint64_t given = 0;
    for (size_t i = 0; i < count; i++) {
        struct wide product = wide_product(parts[i], numerator);
        struct wide units = wide_div(product, denominator);
        sum = wide_add(sum, product);
        ret_units[i] = wide_low(units);
        remainders[i] =
            (struct remainder){i, wide_low(wide_sub(product, wide_mul(units, denominator)))};
        given += ret_units[i];
    }
    uint64_t target = wide_low(wide_div(sum, denominator));
    qsort(remainders, count, sizeof(*remainders), by_loss);
    for (size_t i = 0; i < count && given < target; i++, given++)
        ret_units[remainders[i].part]++;
    return (int64_t)target;
}

struct amount_scale amount_scale_for(uint64_t energy_uj)
{
    struct amount_scale scale = {.unit = "J", .step_uj = UJ_PER_J};
    if (energy_uj >= UJ_PER_KWH)
        scale = (struct amount_scale){.unit = "kWh", .step_uj = UJ_PER_KWH};
    else if (energy_uj >= UJ_PER_WH)
        scale = (struct amount_scale){.unit = "Wh", .step_uj = UJ_PER_WH};
    for (uint64_t whole = energy_uj / scale.step_uj; scale.decimals < 3 && whole < 1000;
         whole *= 10) {
        scale.decimals++;
        whole = MAX(whole, 1U);
    }
    for (unsigned i = 0; i < scale.decimals; i++)
        scale.step_uj /= 10;
    return scale;
}

const char *amount_format(char *target, size_t size, uint64_t steps, unsigned decimals)
{
    uint64_t one = 1;
    for (unsigned i = 0; i < decimals; i++)
        one *= 10;
    char digits[48];
    char number[LANGUAGE_NUMBER_MAX];
    if (decimals == 0)
        (void)snprintf(digits, sizeof(digits), "%" PRIu64, steps);
    else
        (void)snprintf(digits, sizeof(digits), "%" PRIu64 ".%0*" PRIu64, steps / one, (int)decimals,
                       steps % one);
    (void)str_copy(target, size, language_number(number, digits));
    return target;
}

/* Digits as "%.3e" has them, as people write a power of ten. */
static void power_of_ten(char *target, size_t size, const char *digits)
{
    static const char *const raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char mantissa[48] = "";
    char number[LANGUAGE_NUMBER_MAX];
    const char *e = strchr(digits, 'e');
    size_t length = e ? (size_t)(e - digits) : strlen(digits);
    long exponent = e ? strtol(e + 1, NULL, 10) : 0;
    bool utf8 = language_is_utf8();
    memcpy(mantissa, digits, MIN(length, sizeof(mantissa) - 1));
    int used = snprintf(target, size, "%s%s%s%s10%s", language_number(number, mantissa),
                        language_blank(), utf8 ? "×" : "x", language_blank(), utf8 ? "" : "^");
    (void)snprintf(mantissa, sizeof(mantissa), "%ld", exponent);
    for (const char *s = mantissa; *s && used > 0 && (size_t)used < size; s++) {
        const char one[] = {*s, '\0'};
        const char *shown = !utf8 ? one : *s == '-' ? "⁻" : raised[*s - '0'];
        used += snprintf(target + used, size - (size_t)used, "%s", shown);
    }
}

const char *amount_number(char *target, size_t size, double value, enum amount_rounding rounding)
{
    /* What a product of doubles may be off by is no reason to round it up. */
    static const double noise = 1e-12;
    double amount = fabs(value);
    int magnitude = amount > 1e-300 ? (int)floor(log10(amount)) : 0;
    int decimals = 3 - magnitude;
    double scale = pow(10, decimals);
    if (rounding == AMOUNT_DOWN)
        amount = floor(amount * scale * (1 + noise)) / scale;
    if (rounding == AMOUNT_UP)
        amount = ceil(amount * scale * (1 - noise)) / scale;
    char digits[48];
    char number[LANGUAGE_NUMBER_MAX];
    bool small = amount > 0 && amount < 1e-3;
    if (small)
        (void)snprintf(digits, sizeof(digits), "%.3e", amount);
    else
        (void)snprintf(digits, sizeof(digits), "%.*f", MIN(MAX(decimals, 0), 9), amount);
    if (small)
        power_of_ten(number, sizeof(number), digits);
    else
        (void)language_number(number, digits);
    (void)snprintf(target, size, "%s%s", value < 0 ? "-" : "", number);
    return target;
}

void amount_add(struct text *text, double value)
{
    char number[LANGUAGE_NUMBER_MAX];
    text_add(text, amount_number(number, sizeof(number), value, AMOUNT_NEAREST));
}

void amount_add_interval(struct text *text, double least, double most)
{
    char number[LANGUAGE_NUMBER_MAX];
    text_add(text, amount_number(number, sizeof(number), least, AMOUNT_DOWN));
    text_add(text, _(" to "));
    text_add(text, amount_number(number, sizeof(number), most, AMOUNT_UP));
}

void amount_add_fixed(struct text *text, double value, int decimals)
{
    char digits[48];
    char number[LANGUAGE_NUMBER_MAX];
    (void)snprintf(digits, sizeof(digits), "%.*f", decimals, fabs(value));
    text_add(text, value < 0 ? "-" : "");
    text_add(text, language_number(number, digits));
}

void amount_add_percent(struct text *text, double part, int decimals)
{
    amount_add_fixed(text, 100 * part, decimals);
    text_add(text, language_percent());
}

const char *amount_duration(char *target, size_t size, uint64_t time_ns)
{
    static const struct {
        uint64_t from_s; /* used from here on */
        uint64_t unit_s, part_s;
        const char *unit, *part;
    } forms[] = {
        {UINT64_C(2) * 86400, 86400, 3600, N_("d"),   N_("h")  },
        {3600,                3600,  60,   N_("h"),   N_("min")},
        {60,                  60,    1,    N_("min"), N_("s")  },
    };
    uint64_t s = time_ns / NS_PER_S;
    const char *blank = language_blank();
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        if (s < forms[i].from_s)
            continue;
        uint64_t parts = s % forms[i].unit_s / forms[i].part_s;
        int length =
            snprintf(target, size, "%" PRIu64 "%s%s", s / forms[i].unit_s, blank, _(forms[i].unit));
        if (parts > 0 && length > 0 && (size_t)length < size)
            (void)snprintf(target + length, size - (size_t)length, " %" PRIu64 "%s%s", parts, blank,
                           _(forms[i].part));
        return target;
    }
    (void)snprintf(target, size, "%" PRIu64 "%s%" PRIu64 "%s%s", s, language_decimal(),
                   time_ns % NS_PER_S / (100 * NS_PER_MS), blank, _("s"));
    return target;
}
