/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <stdio.h>

#include "sim/suite.h"

int main(int argc, char **argv)
{
    struct suite suite = {NULL, 1, 2, 2, 2};
    if (argc > 1)
        suite.seeds = (size_t)atoi(argv[1]);
    if (argc > 2)
        suite.hours = atof(argv[2]);
    if (argc > 3)
        suite.scenario = argv[3];
    static struct summary s[100];
    size_t n = suite_run(&suite, s, 100);
    for (size_t i = 0; i < n; i++)
        printf("%-20s %d g %5.1f/%5.1f w %5.1f idle %5.1f seen %zu %5.1f k %5.1f s %5.1f c %5.1f "
               "gain %.1f rel90 %.1f\n",
               s[i].scenario->name, s[i].exact, 100 * s[i].error[0], 100 * s[i].error_p90[0],
               100 * s[i].worst[0], 100 * s[i].idle_error, s[i].idle_seen, 100 * s[i].seen_error,
               100 * s[i].error[1], 100 * s[i].error[2], 100 * s[i].error[3], summary_gain(&s[i]),
               100 * s[i].relative_p90);
    return 0;
}
