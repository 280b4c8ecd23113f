/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "footprint/words/decimal.h"

/* The digits of a number, its point moved behind them: digits x 10^exponent. */
struct mantissa {
    uint64_t digits;
    int significant;
    int exponent;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One digit more. Trailing zeros are only counted, so that they cost no digits. */
static int mantissa_push(struct mantissa *mantissa, char digit, int *zeros)
{
    if (digit == '0') {
        *zeros += mantissa->digits != 0;
        return 0;
    }
    for (; *zeros > 0 && mantissa->significant < DECIMAL_DIGITS_MAX; (*zeros)--) {
        mantissa->digits *= 10;
        mantissa->significant++;
    }
    if (mantissa->significant >= DECIMAL_DIGITS_MAX)
        return -ERANGE;
    mantissa->digits = mantissa->digits * 10 + (uint64_t)(digit - '0');
    mantissa->significant++;
    return 0;
}

/* [0-9]+(.[0-9]+)? */
static int mantissa_parse(const char **s, const char *end, struct mantissa *ret)
{
    *ret = (struct mantissa){0};
    int zeros = 0;
    int decimals = 0;
    bool point = false;
    const char *begin = *s;
    for (; *s < end && (is_digit(**s) || (**s == '.' && !point)); (*s)++) {
        if (**s == '.') {
            if (*s == begin || *s + 1 == end || !is_digit((*s)[1]))
                return -EINVAL;
            point = true;
            continue;
        }
        decimals += point;
        int r = mantissa_push(ret, **s, &zeros);
        if (r < 0)
            return r;
    }
    ret->exponent = zeros - decimals;
    return *s == begin ? -EINVAL : 0;
}

/* e-8, E+03 */
static int exponent_parse(const char **s, const char *end, int *ret_exponent)
{
    if (*s == end || (**s != 'e' && **s != 'E'))
        return 0;
    (*s)++;
    int sign = 1;
    if (*s < end && (**s == '-' || **s == '+'))
        sign = *(*s)++ == '-' ? -1 : 1;
    const char *begin = *s;
    int exponent = 0;
    for (; *s < end && is_digit(**s); (*s)++)
        if (exponent < 1000)
            exponent = exponent * 10 + (**s - '0');
    *ret_exponent = sign * exponent;
    return *s == begin ? -EINVAL : 0;
}

/* Nearest double where both operands are exact ones, else within one unit in the last place. */
static double scaled(uint64_t digits, int exponent)
{
    enum { EXACT_POWER = 22 };
    int steps = exponent < 0 ? -exponent : exponent;
    long double power = 1;
    for (int i = 0; i < steps; i++)
        power *= 10;
    if (digits < UINT64_C(1) << 53 && steps <= EXACT_POWER)
        return exponent < 0 ? (double)digits / (double)power : (double)digits * (double)power;
    return (double)(exponent < 0 ? (long double)digits / power : (long double)digits * power);
}

int decimal_parse(const char *text, size_t length, double *ret_value)
{
    enum { POWER_MAX = 40 };
    struct mantissa mantissa;
    const char *s = text;
    const char *end = text + length;
    int exponent = 0;
    int r = length <= 128 ? mantissa_parse(&s, end, &mantissa) : -ERANGE;
    if (r == 0)
        r = exponent_parse(&s, end, &exponent);
    if (r < 0)
        return r;
    if (s != end)
        return -EINVAL;
    if (mantissa.digits == 0) {
        *ret_value = 0;
        return 0;
    }
    exponent += mantissa.exponent;
    if (exponent < -POWER_MAX || exponent > POWER_MAX)
        return -ERANGE;
    double value = scaled(mantissa.digits, exponent);
    if (value >= 1e20 || value < 1e-20)
        return -ERANGE;
    *ret_value = value;
    return 0;
}

int digits_parse(const char *text, size_t digits)
{
    int value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (!is_digit(text[i]))
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}
