/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Plays a recorded trace of a real machine through the ledger, and says how well its model of each
 * domain holds: docs/accuracy.md, Real traces. Figures, not judgements.
 *
 * The file is CSV with a header. Columns, in any order, others being left alone:
 *
 *     unix_s            seconds; growing
 *     cpu_cycles_per_s  of all CPUs, in the interval that ends there
 *     NAME_per_s        other counts, up to four: for the line in hindsight alone
 *     NAME_w            mean power in it: each such column is played as a domain by itself
 *
 * Busy CPUs are cycles per second / --ghz, all of them one workload's: such a trace does not say
 * whose they are. */

#include <getopt.h>
#include <math.h>
#include <stdio.h>

#include "core/attribution/ledger.h"
#include "core/estimator/triangle.h"
#include "greend/units.h"

enum { COLUMNS_MAX = 32, SLOTS = 1 << 12, FEATURES_MAX = 6, PROBES = 60 };

/* As in the simulations: what is learned first does not count. */
static const double learning_s = 600, start_s = 30;

enum role { ROLE_NONE, ROLE_TIME, ROLE_CYCLES, ROLE_COUNT, ROLE_POWER };

struct trace {
    double ghz;
    uint32_t cpus;
    size_t n_columns;
    char names[COLUMNS_MAX][64];
    enum role roles[COLUMNS_MAX];
    size_t n_rows, room;
    double (*rows)[COLUMNS_MAX];
};

static int column_of(const struct trace *trace, enum role role)
{
    for (size_t i = 0; i < trace->n_columns; i++) {
        if (trace->roles[i] == role)
            return (int)i;
    }
    return -1;
}

/* ---- The file ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && str_equal(text + a - b, end);
}

static enum role role_of(const char *name)
{
    if (str_equal(name, "unix_s"))
        return ROLE_TIME;
    if (str_equal(name, "cpu_cycles_per_s"))
        return ROLE_CYCLES;
    if (ends_with(name, "_per_s"))
        return ROLE_COUNT;
    return ends_with(name, "_w") ? ROLE_POWER : ROLE_NONE;
}

static bool read_header(struct trace *trace, char *line)
{
    size_t counts = 0;
    for (char *name = strtok(line, ",\r\n"); name; name = strtok(NULL, ",\r\n")) {
        if (trace->n_columns == COLUMNS_MAX ||
            !str_copy(trace->names[trace->n_columns], sizeof(trace->names[0]), name))
            return false;
        enum role role = role_of(name);
        if (role == ROLE_COUNT && ++counts > FEATURES_MAX - 2)
            role = ROLE_NONE;
        trace->roles[trace->n_columns++] = role;
    }
    return column_of(trace, ROLE_TIME) >= 0 && column_of(trace, ROLE_CYCLES) >= 0 &&
           column_of(trace, ROLE_POWER) >= 0;
}

static bool read_row(struct trace *trace, const char *line)
{
    if (trace->n_rows == trace->room) {
        trace->room = trace->room ? 2 * trace->room : 1024;
        void *more = realloc(trace->rows, trace->room * sizeof(*trace->rows));
        if (!more)
            return false;
        trace->rows = more;
    }
    double *row = trace->rows[trace->n_rows];
    for (size_t i = 0; i < trace->n_columns; i++) {
        char *end = NULL;
        row[i] = strtod(line, &end);
        if (trace->roles[i] != ROLE_NONE && (end == line || !(row[i] >= 0) || isinf(row[i])))
            return false;
        line = strchr(end, ',');
        if (!line)
            return i + 1 == trace->n_columns && trace->n_rows++ < SIZE_MAX;
        line++;
    }
    return false;
}

static bool read_trace(struct trace *trace, const char *path)
{
    CLEANUP(fclose_p) FILE *file = fopen(path, "re");
    char line[4096];
    if (!file || !fgets(line, sizeof(line), file) || !read_header(trace, line)) {
        (void)fprintf(stderr, "%s: cannot be read, or a column is missing\n", path);
        return false;
    }
    int time = column_of(trace, ROLE_TIME);
    while (fgets(line, sizeof(line), file)) {
        if (!read_row(trace, line) ||
            (trace->n_rows > 1 &&
             trace->rows[trace->n_rows - 1][time] <= trace->rows[trace->n_rows - 2][time])) {
            (void)fprintf(stderr, "%s: line %zu is no sample\n", path, trace->n_rows + 2);
            return false;
        }
    }
    return trace->n_rows > 2;
}

/* What the length of the interval before a row is; the first one's is taken for the second's. */
static double length_s(const struct trace *trace, size_t row)
{
    int time = column_of(trace, ROLE_TIME);
    row = MAX(row, 1);
    return trace->rows[row][time] - trace->rows[row - 1][time];
}

static double age_s(const struct trace *trace, size_t row)
{
    int time = column_of(trace, ROLE_TIME);
    return trace->rows[row][time] - trace->rows[0][time] + length_s(trace, 0);
}

static double busy_cpus(const struct trace *trace, size_t row)
{
    return trace->rows[row][column_of(trace, ROLE_CYCLES)] / (trace->ghz * 1e9);
}

/* ---- Plain least squares ---- */

struct line {
    size_t n; /* coefficients, the first of which is the intercept */
    double gram[FEATURES_MAX * (FEATURES_MAX + 1) / 2];
    double moment[FEATURES_MAX];
    double theta[FEATURES_MAX];
};

/* Returns how many: one, the busy CPUs, and with `counts` all that the trace has. */
static size_t features(const struct trace *trace, size_t row, bool counts, double x[FEATURES_MAX])
{
    size_t n = 0;
    x[n++] = 1;
    x[n++] = busy_cpus(trace, row);
    for (size_t i = 0; counts && i < trace->n_columns; i++) {
        if (trace->roles[i] == ROLE_COUNT)
            x[n++] = trace->rows[row][i] / 1e9;
    }
    return n;
}

static void line_add(struct line *line, const double *x, size_t n, double power_w)
{
    line->n = n;
    triangle_add_square(line->gram, x, 1, n);
    for (size_t i = 0; i < n; i++)
        line->moment[i] += x[i] * power_w;
}

static bool line_solve(struct line *line)
{
    double factor[ARRAY_SIZE(line->gram)];
    memcpy(factor, line->gram, sizeof(factor));
    memcpy(line->theta, line->moment, sizeof(line->theta));
    for (size_t i = 0; i < line->n; i++) {
        if (!triangle_factor_row(factor, i))
            return false;
    }
    triangle_solve_lower(factor, line->theta, line->n);
    triangle_solve_upper(factor, line->theta, line->n);
    return true;
}

/* ---- greend ---- */

struct player {
    void *memory;
    struct ring ring;
    struct ledger ledger;
    struct sample sample;
    struct activity activity;
    double energy_j;
    uint64_t mono_ns;
};

static struct player *player_new(const struct trace *trace, const char *name)
{
    static const uint8_t id[RING_ID_SIZE] = "a trace played", boot[16] = "a trace played";
    struct player *player = calloc(1, sizeof(*player));
    size_t size = ring_memory_size(SLOTS);
    void *memory = aligned_alloc(64, size);
    if (!player || !memory) {
        free(memory);
        free(player);
        return NULL;
    }
    memset(memory, 0, size);
    player->memory = memory;
    (void)ring_format(&player->ring, memory, size, SLOTS, id);
    ledger_init(&player->ledger, &player->ring, boot, 3600 * NS_PER_S);
    bool memory_domain = strstr(name, "dram") != NULL;
    player->sample.meters.count = 1;
    player->sample.meters.meters[0] =
        (struct meter){.kind = memory_domain ? DOMAIN_DRAM : DOMAIN_PACKAGE,
                       .source = SOURCE_RAPL,
                       .form = METER_COUNTER,
                       .die = -1,
                       .range_uj = UINT64_MAX / 4,
                       .max_power_uw = 100000 * UW_PER_W};
    (void)str_copy(player->sample.meters.meters[0].key, METER_KEY_MAX, name);
    (void)str_copy(player->sample.meters.meters[0].domain, DOMAIN_NAME_MAX, name);
    player->sample.busy.cpus = trace->cpus;
    player->activity = (struct activity){.pid = 1,
                                         .last_cpu = -1,
                                         .package = -1,
                                         .start_ticks = 1,
                                         .workload = ring_workload_id(RING_WORKLOAD_FIRST, 1)};
    player->sample.activities = &player->activity;
    player->mono_ns = NS_PER_S;
    return player;
}

static void player_free(struct player *player)
{
    ledger_done(&player->ledger);
    free(player->memory);
    free(player);
}

static void player_tick(struct player *player, double seconds, double cpus, double power_w)
{
    uint64_t elapsed_ns = (uint64_t)(seconds * 1e9);
    player->mono_ns += elapsed_ns;
    player->energy_j += seconds * power_w;
    player->activity.cpu_ns = (uint64_t)(cpus * (double)elapsed_ns);
    player->sample.n_activities = player->activity.cpu_ns > 0;
    player->sample.busy.busy_ns = player->activity.cpu_ns;
    player->sample.busy.elapsed_ns = elapsed_ns;
    player->sample.meters.readings[0] = (struct meter_reading){
        .time_ns = player->mono_ns, .value = (uint64_t)(player->energy_j * 1e6)};
    struct ledger_clock clock = {player->mono_ns, player->mono_ns,
                                 INT64_C(1800000000000000000) + (int64_t)player->mono_ns};
    ledger_tick(&player->ledger, &player->sample, &clock);
}

static struct estimator *player_estimator(struct player *player)
{
    struct division_domain *domain = player->ledger.division.domains[0];
    return domain ? &domain->estimator : NULL;
}

/* What power the estimator expects at this load, by what it says of powers that might be: where it
 * calls just its idle power idle, it is not surprised. A nanosecond of each leaves no trace in what
 * it learns. Below 0: it has no opinion. */
static double predict_w(struct player *player, double cpus)
{
    struct estimator *estimator = player_estimator(player);
    if (!estimator || !(estimator->level_w > 0))
        return -1;
    double least_w = 0, most_w = 100000;
    for (int i = 0; i < PROBES; i++) {
        double power_w = (least_w + most_w) / 2;
        struct estimator_load load = {.workload = player->activity.workload, .cpus = cpus};
        struct estimator_tick tick = {.energy_j = power_w * 1e-9,
                                      .dt_s = 1e-9,
                                      .elapsed_s = 1e-9,
                                      .busy_cpus = cpus,
                                      .cpus = player->sample.busy.cpus,
                                      .loads = &load,
                                      .n_loads = cpus > 0};
        struct estimator_answer answer;
        estimator_tick(estimator, &tick, &answer);
        if (answer.idle_j < estimator->level_w * 1e-9)
            least_w = power_w;
        else
            most_w = power_w;
    }
    return least_w;
}

/* ---- The report ---- */

struct errors {
    double sum;
    size_t n;
};

static void count_error(struct errors *errors, double predicted_w, double power_w)
{
    if (!(power_w > 0) || predicted_w < 0)
        return;
    errors->sum += fabs(predicted_w / power_w - 1);
    errors->n++;
}

static void print_errors(const char *what, const struct errors *errors)
{
    if (errors->n > 0)
        printf("    %-50s %6.2f %%\n", what, 100 * errors->sum / (double)errors->n);
}

/* A line through all of the trace: what it costs to have known it before. */
static double print_hindsight(const struct trace *trace, size_t power, bool counts)
{
    struct line line = {0};
    struct errors errors = {0};
    double x[FEATURES_MAX];
    for (size_t row = 0; row < trace->n_rows; row++) {
        size_t n = features(trace, row, counts, x);
        line_add(&line, x, n, trace->rows[row][power]);
    }
    if (!line_solve(&line))
        return NAN;
    for (size_t row = 0; row < trace->n_rows; row++) {
        if (age_s(trace, row) <= learning_s)
            continue;
        size_t n = features(trace, row, counts, x);
        count_error(&errors, triangle_dot(line.theta, x, n), trace->rows[row][power]);
    }
    print_errors(counts ? "the same, through all counts of the trace"
                        : "least-squares line, in hindsight",
                 &errors);
    return line.theta[0];
}

/* Mean power of the twentieth part of the rows in which least was done. */
static double seen_idle_w(const struct trace *trace, size_t power)
{
    double limit = 0, most = trace->cpus;
    for (int i = 0; i < PROBES; i++) {
        double middle = (limit + most) / 2;
        size_t below = 0;
        for (size_t row = 0; row < trace->n_rows; row++)
            below += busy_cpus(trace, row) <= middle;
        if (below * 20 < trace->n_rows)
            limit = middle;
        else
            most = middle;
    }
    double sum = 0;
    size_t n = 0;
    for (size_t row = 0; row < trace->n_rows; row++) {
        if (busy_cpus(trace, row) > most)
            continue;
        sum += trace->rows[row][power];
        n++;
    }
    return n > 0 ? sum / (double)n : NAN;
}

static int play(const struct trace *trace, size_t power)
{
    struct player *player = player_new(trace, trace->names[power]);
    if (!player)
        return 1;
    struct line line = {0};
    struct errors own = {0}, online = {0};
    double at_start_w = 0, at_learned_w = 0, x[FEATURES_MAX];
    for (size_t row = 0; row < trace->n_rows; row++) {
        double cpus = busy_cpus(trace, row), power_w = trace->rows[row][power];
        size_t n = features(trace, row, false, x);
        if (age_s(trace, row) > learning_s) {
            count_error(&own, predict_w(player, cpus), power_w);
            if (line_solve(&line))
                count_error(&online, triangle_dot(line.theta, x, n), power_w);
        }
        player_tick(player, length_s(trace, row), cpus, power_w);
        line_add(&line, x, n, power_w);
        double level_w = player_estimator(player) ? player_estimator(player)->level_w : 0;
        if (age_s(trace, row) <= start_s)
            at_start_w = level_w;
        if (age_s(trace, row) <= learning_s)
            at_learned_w = level_w;
    }
    printf("%s\n  idle power, W: after %.0f s %.1f, after %.0f s %.1f, at the end %.1f\n",
           trace->names[power], start_s, at_start_w, learning_s, at_learned_w,
           player_estimator(player) ? player_estimator(player)->level_w : 0);
    printf("  mean error of predicted power, after the first %.0f s\n", learning_s);
    print_errors("greend, one step ahead", &own);
    print_errors("least-squares line of all before, one step ahead", &online);
    double intercept_w = print_hindsight(trace, power, false);
    if (column_of(trace, ROLE_COUNT) >= 0)
        (void)print_hindsight(trace, power, true);
    printf(
        "  mean power in the 5 %% of least load %.1f W; the line in hindsight says idle %.1f W\n",
        seen_idle_w(trace, power), intercept_w);
    player_free(player);
    return 0;
}

int main(int argc, char **argv)
{
    struct trace trace = {.ghz = 0};
    int c = 0;
    static const struct option known[] = {
        {"ghz", required_argument, NULL, 'g'},
        {"cpus", required_argument, NULL, 'c'},
        {0    }
    };
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (c == 'g')
            trace.ghz = strtod(optarg, NULL);
        else if (c == 'c')
            trace.cpus = (uint32_t)strtoul(optarg, NULL, 10);
    }
    if (optind + 1 != argc || !(trace.ghz > 0) || trace.cpus < 1) {
        (void)fputs("usage: trace --ghz NOMINAL --cpus LOGICAL FILE.csv\n", stderr);
        return 2;
    }
    int status = read_trace(&trace, argv[optind]) ? 0 : 2;
    double mean = 0, most = 0;
    for (size_t row = 0; status == 0 && row < trace.n_rows; row++) {
        mean += busy_cpus(&trace, row) / (double)trace.n_rows;
        most = fmax(most, busy_cpus(&trace, row));
    }
    if (status == 0)
        printf("%zu samples, %.0f s; busy CPUs %.2f on average, %.2f at most, of %u\n",
               trace.n_rows, age_s(&trace, trace.n_rows - 1), mean, most, trace.cpus);
    for (size_t i = 0; status == 0 && i < trace.n_columns; i++) {
        if (trace.roles[i] == ROLE_POWER)
            status = play(&trace, i);
    }
    free(trace.rows);
    return status;
}
