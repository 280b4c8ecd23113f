/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* How wrong the attribution is, on machines whose truth is known: docs/accuracy.md.
 *
 * Exit status 0: all was run, and the ledger was exact. 1: it was not, or something got worse than
 * the table of --limits says. 2: it could not be run. */

#include <getopt.h>
#include <stdio.h>

#include "accuracy_table.h"
#include "sim/limits.h"

static const char usage[] =
    "usage: accuracy [OPTION...]\n"
    "  --seeds N              seeds of each scenario (20)\n"
    "  --set reported|tuning  which seeds: tune on the tuning ones alone (reported)\n"
    "  --scenario NAME        one scenario\n"
    "  --hours H              simulated hours; errors count after 10 minutes (2)\n"
    "  --jobs N               processes (2)\n"
    "  --workloads            each workload of --scenario, with the first of the seeds\n"
    "  --markdown             tables as in docs/accuracy.md\n"
    "  --list                 the scenarios\n"
    "  --limits FILE          fail where something is worse than the table says\n"
    "  --write-limits FILE    write that table anew\n";

struct options {
    struct suite suite;
    bool markdown;
    bool list;
    bool workloads;
    const char *limits;
    const char *write_limits;
};

static bool parse_option(struct options *options, int c)
{
    char *end = NULL;
    switch (c) {
    case 's':
        options->suite.seeds = strtoul(optarg, &end, 10);
        return *end == '\0' && options->suite.seeds - 1 < SUITE_SEEDS_MAX;
    case 't':
        if (str_equal(optarg, "tuning"))
            options->suite.first_seed = SUITE_TUNING_SEED;
        return str_equal(optarg, "tuning") || str_equal(optarg, "reported");
    case 'n':
        options->suite.scenario = optarg;
        return scenario_find(optarg) != NULL;
    case 'h':
        options->suite.hours = strtod(optarg, &end);
        return *end == '\0' && options->suite.hours * 3600 > JUDGE_AFTER_S;
    case 'j':
        options->suite.jobs = strtoul(optarg, &end, 10);
        return *end == '\0' && options->suite.jobs - 1 < 1000;
    case 'm':
        options->markdown = true;
        return true;
    case 'p':
        options->workloads = true;
        return true;
    case 'l':
        options->list = true;
        return true;
    case 'c':
        options->limits = optarg;
        return true;
    case 'w':
        options->write_limits = optarg;
        return true;
    default:
        return false;
    }
}

static bool parse(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"seeds",            required_argument, NULL, 's'},
        {"set",              required_argument, NULL, 't'},
        {"scenario",                  required_argument, NULL, 'n'},
        {"hours",required_argument, NULL, 'h'},
        {"jobs",               required_argument, NULL, 'j'},
        {"markdown",         no_argument, NULL, 'm'},
        {"workloads",              no_argument, NULL, 'p'},
        {"list",                  no_argument, NULL, 'l'},
        {"limits",              required_argument, NULL, 'c'},
        {"write-limits",               required_argument, NULL, 'w'},
        {0            },
    };
    *options = (struct options){
        .suite = {.first_seed = SUITE_REPORTED_SEED, .seeds = 20, .hours = 2, .jobs = 2}
    };
    int c = 0;
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (!parse_option(options, c))
            return false;
    }
    return optind == argc && (!options->workloads || options->suite.scenario);
}

static void list(bool markdown)
{
    if (markdown)
        printf("| scenario | class | what |\n|---|---|---|\n");
    for (size_t i = 0; i < n_scenarios; i++)
        printf(markdown ? "| %s | %s | %s |\n" : "%-20s %-12s %s\n", scenarios[i].name,
               class_names[scenarios[i].class], scenarios[i].what);
}

/* What a mean hides: for whoever works on the attribution. */
static int print_workloads(const struct suite *suite)
{
    struct verdict verdict;
    static struct judged_workload workloads[SIM_WORKLOADS];
    const struct scenario *scenario = scenario_find(suite->scenario);
    if (!judge(scenario, suite->first_seed, suite->hours, &verdict, workloads))
        return 2;
    printf("%8s %10s %10s %10s %8s %10s %8s\n", "workload", "cpu s", "truth J", "greend J",
           "error %", "interval %", "W/core");
    for (size_t i = 0; i < scenario->workloads; i++) {
        const struct judged_workload *one = &workloads[i];
        double percent = one->truth_j > 0 ? 100 / one->truth_j : 0;
        printf("%8zu %10.1f %10.1f %10.1f %8.1f %10.1f %8.2f\n", i, one->cpu_s, one->truth_j,
               one->estimate_j, (one->estimate_j - one->truth_j) * percent, one->half_j * percent,
               one->cpu_s > 0 ? one->truth_j / one->cpu_s : 0);
    }
    printf("error %.1f %%, worst %.1f %%, idle %.1f %%, exact: %s\n",
           100 * verdict.error[METHOD_GREEND], 100 * verdict.worst[METHOD_GREEND],
           100 * verdict.idle_error, verdict.exact ? "yes" : "NO");
    return verdict.exact ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct options options;
    if (!parse(argc, argv, &options)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (options.list) {
        list(options.markdown);
        return 0;
    }
    if (options.workloads)
        return print_workloads(&options.suite);
    struct summary *summaries = calloc(n_scenarios, sizeof(*summaries));
    size_t n = summaries ? suite_run(&options.suite, summaries, n_scenarios) : 0;
    if (n == 0)
        return 2;
    accuracy_table(summaries, n, options.markdown);
    printf("\n");
    accuracy_bars(summaries, n, options.markdown);
    int status = 0;
    for (size_t i = 0; i < n; i++)
        status |= !summaries[i].exact;
    if (options.limits)
        status |= limits_check(options.limits, summaries, n) != 0;
    if (options.write_limits)
        status |= limits_write(options.write_limits, summaries, n) != 0;
    free(summaries);
    return status;
}
