/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "footprint/words/decimal.h"
#include "greend/footprint.h"

enum { FIRST_YEAR = 1970, LAST_YEAR = 2199 };

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_year(int year)
{
    return is_leap(year) ? 366 : 365;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

int date_parse(const char *text, int32_t *ret_day)
{
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return -EINVAL;
    int year = digits_parse(text, 4);
    int month = digits_parse(text + 5, 2);
    int day = digits_parse(text + 8, 2);
    if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return -EINVAL;
    int32_t days = day - 1;
    for (int y = FIRST_YEAR; y < year; y++)
        days += days_in_year(y);
    for (int m = 1; m < month; m++)
        days += days_in_month(year, m);
    *ret_day = days;
    return 0;
}

void date_format(int32_t day, char ret_text[11])
{
    int year = FIRST_YEAR;
    int month = 1;
    while (year < LAST_YEAR && day >= days_in_year(year))
        day -= days_in_year(year++);
    while (month < 12 && day >= days_in_month(year, month))
        day -= days_in_month(year, month++);
    (void)snprintf(ret_text, 11, "%04d-%02d-%02d", year, month, MAX(0, MIN(day, 30)) + 1);
}

int32_t days_of_years(double years)
{
    return (int32_t)(years * 365.25 + 0.5);
}
