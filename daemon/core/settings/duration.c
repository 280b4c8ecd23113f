/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/settings/duration.h"

#include "greend/units.h"

#define MINUTE_NS (60 * NS_PER_S)
#define HOUR_NS   (60 * MINUTE_NS)
#define DAY_NS    (24 * HOUR_NS)
#define YEAR_NS   (UINT64_C(31557600) * NS_PER_S)

static const struct unit {
    const char *name;
    uint64_t ns;
} units[] = {
    {"ns",      1           },
    {"nsec",    1           },
    {"us",      NS_PER_US   },
    {"usec",    NS_PER_US   },
    {"ms",      NS_PER_MS   },
    {"msec",    NS_PER_MS   },
    {"s",       NS_PER_S    },
    {"sec",     NS_PER_S    },
    {"second",  NS_PER_S    },
    {"seconds", NS_PER_S    },
    {"m",       MINUTE_NS   },
    {"min",     MINUTE_NS   },
    {"minute",  MINUTE_NS   },
    {"minutes", MINUTE_NS   },
    {"h",       HOUR_NS     },
    {"hr",      HOUR_NS     },
    {"hour",    HOUR_NS     },
    {"hours",   HOUR_NS     },
    {"d",       DAY_NS      },
    {"day",     DAY_NS      },
    {"days",    DAY_NS      },
    {"w",       7 * DAY_NS  },
    {"week",    7 * DAY_NS  },
    {"weeks",   7 * DAY_NS  },
    {"M",       YEAR_NS / 12},
    {"month",   YEAR_NS / 12},
    {"months",  YEAR_NS / 12},
    {"y",       YEAR_NS     },
    {"year",    YEAR_NS     },
    {"years",   YEAR_NS     },
};

/* isalpha(3) and its kin depend on the locale. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " \t");
}

static const struct unit *unit_find(const char *name, size_t length)
{
    for (size_t i = 0; i < ARRAY_SIZE(units); i++)
        if (strlen(units[i].name) == length && strncmp(units[i].name, name, length) == 0)
            return &units[i];
    return NULL;
}

/* "12" or "1.25": the whole part, and the fraction in billionths (further digits are ignored). */
struct decimal {
    uint64_t whole;
    uint64_t billionths;
};

static int decimal_parse(const char **text, struct decimal *ret)
{
    const char *s = *text;
    struct decimal value = {0};
    if (!is_digit(*s))
        return -EINVAL;
    for (; is_digit(*s); s++)
        if (__builtin_mul_overflow(value.whole, 10U, &value.whole) ||
            __builtin_add_overflow(value.whole, (uint64_t)(*s - '0'), &value.whole))
            return -ERANGE;
    if (*s == '.') {
        if (!is_digit(*++s))
            return -EINVAL;
        for (uint64_t place = 100 * NS_PER_MS; is_digit(*s); s++, place /= 10)
            value.billionths += place * (uint64_t)(*s - '0');
    }
    *text = s;
    *ret = value;
    return 0;
}

/* One number with its unit, added to the sum. */
static int part_parse(const char **text, uint64_t *sum_ns)
{
    struct decimal value;
    int r = decimal_parse(text, &value);
    if (r < 0)
        return r;
    const char *name = skip_blanks(*text);
    size_t length = 0;
    while (is_letter(name[length]))
        length++;
    if (length == 0)
        return *name == '\0' ? DURATION_NO_UNIT : -EINVAL;
    const struct unit *unit = unit_find(name, length);
    if (!unit)
        return -EINVAL;
    uint64_t whole_ns = 0;
    if (__builtin_mul_overflow(value.whole, unit->ns, &whole_ns) ||
        __builtin_add_overflow(*sum_ns, whole_ns, sum_ns) ||
        __builtin_add_overflow(*sum_ns, mul_div(value.billionths, unit->ns, NS_PER_S), sum_ns))
        return -ERANGE;
    *text = skip_blanks(name + length);
    return 0;
}

int duration_parse(const char *text, uint64_t *ret_ns)
{
    uint64_t sum_ns = 0;
    const char *s = skip_blanks(text);
    do {
        int r = part_parse(&s, &sum_ns);
        if (r != 0)
            return r;
    } while (*s != '\0');
    *ret_ns = sum_ns;
    return 0;
}
