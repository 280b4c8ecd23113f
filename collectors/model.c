/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Models what is not metered: the whole machine where there is no meter at all, and what lies
 * outside the processor's meters where there is no other. Collected last: it looks at what the
 * collectors before it put into the sample. */

#include <time.h>

#include "collectors/model/estimate.h"
#include "collectors/model/host.h"
#include "collectors/source.h"
#include "greend/collector.h"
#include "greend/units.h"

/* A meter that was seen is waited for that long before a model takes its place, so that a few
 * failed reads do not mix the two. */
#define PATIENCE_NS (60 * NS_PER_S)

/* No package draws more: a counter that says so was reset. */
#define PACKAGE_POWER_MAX_UW (10000 * UW_PER_W)

/* The rest is fitted on one server: no interval can be derived from that. */
enum { REST_UNCERTAINTY_PPM = 1000000 };

/* The reading of a package or DRAM meter one tick ago. */
struct last_reading {
    char key[METER_KEY_MAX];
    uint64_t value;
    uint64_t time_ns; /* 0: none */
};

enum mode { MODE_WAITING, MODE_ESTIMATE, MODE_METERED, MODE_REST };

struct model {
    const struct collector_env *env;
    struct machine machine;
    struct estimate estimate;
    int error; /* of reading what the machine is */
    uint32_t cpus;
    enum mode mode;
    uint64_t metered_ns; /* when a meter was last seen to work; 0: never */
    uint64_t least_uw;   /* least package and DRAM power seen */
    size_t n_last;
    struct last_reading last[METERS_MAX];
};

static uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- What the machine is ---- */

static void read_firmware(int sysfs_fd, struct machine *machine)
{
    char vendor[128] = "";
    char product[128] = "";
    (void)source_read_line(sysfs_fd, "class/dmi/id/sys_vendor", vendor, sizeof(vendor));
    (void)source_read_line(sysfs_fd, "class/dmi/id/product_name", product, sizeof(product));
    machine->guest = machine->cpu.x86 ? machine->cpu.hypervisor : host_is_guest(vendor, product);

    uint64_t chassis = 0;
    (void)source_read_u64(sysfs_fd, "class/dmi/id/chassis_type", &chassis);
    switch (chassis) { /* SMBIOS 3.6, table 17 */
    case 8:            /* portable */
    case 9:            /* laptop */
    case 10:           /* notebook */
    case 14:           /* sub notebook */
    case 30:           /* tablet */
    case 31:           /* convertible */
    case 32:           /* detachable */
        machine->laptop = !machine->guest;
        break;
    case 17: /* main server */
    case 23: /* rack mount */
    case 25: /* multi-system */
    case 28: /* blade */
        machine->server = true;
        break;
    default:
        break;
    }
}

static void know_machine(struct model *model)
{
    struct machine machine = {0};
    model->error = host_cpuinfo(model->env->procfs_fd, &machine.cpu);
    machine.memory_kb = host_memory_kb(model->env->procfs_fd);
    read_firmware(model->env->sysfs_fd, &machine);
    model->machine = machine;
    estimate_by_row(estimate_row_of(&machine), &machine, &model->estimate);
}

/* ---- What is metered ---- */

static bool carries_the_host(enum domain_kind kind)
{
    return kind == DOMAIN_PLATFORM || kind == DOMAIN_PSYS || kind == DOMAIN_PACKAGE ||
           kind == DOMAIN_DRAM;
}

/* An MMIO zone shows the counter of the MSR zone of the same name a second time. */
static bool has_msr_twin(const struct meter_set *meters, const struct meter *mmio)
{
    for (size_t i = 0; i < meters->count; i++)
        if (!meters->meters[i].mmio && str_equal(meters->meters[i].domain, mmio->domain))
            return true;
    return false;
}

/* Whether a meter is part of the packages' and memory's power, each joule once. */
static bool is_counted(const struct model *model, const struct meter_set *meters, size_t i)
{
    const struct meter *meter = &meters->meters[i];
    if (meter->source == SOURCE_MODEL ||
        (meter->kind != DOMAIN_PACKAGE && meter->kind != DOMAIN_DRAM))
        return false;
    if (meter->mmio && has_msr_twin(meters, meter))
        return false;
    /* AMD's dies of one package all show the package. */
    return model->machine.cpu.vendor != CPU_VENDOR_AMD || meter->die <= 0;
}

static struct last_reading *last_of(struct model *model, const char *key)
{
    for (size_t i = 0; i < model->n_last; i++)
        if (str_equal(model->last[i].key, key))
            return &model->last[i];
    if (model->n_last == METERS_MAX)
        return NULL;
    struct last_reading *last = &model->last[model->n_last++];
    *last = (struct last_reading){0};
    (void)str_copy(last->key, sizeof(last->key), key);
    return last;
}

/* -ENODATA: not known in this tick. */
static int counter_power(const struct meter *meter, const struct meter_reading *reading,
                         const struct last_reading *last, uint64_t *ret_power_uw)
{
    if (last->time_ns == 0 || reading->time_ns <= last->time_ns)
        return -ENODATA;
    uint64_t delta_uj = reading->value - last->value;
    if (reading->value < last->value)
        /* max_energy_range_uj is a truncated scaling of 32 bits: the true period is longer. Where
         * the counter was reset, or has no range, this becomes a power that no package has. */
        delta_uj += meter->range_uj + meter->range_uj / UINT32_MAX;
    uint64_t power_uw = power_of_energy(delta_uj, reading->time_ns - last->time_ns);
    if (power_uw > PACKAGE_POWER_MAX_UW)
        return -ENODATA;
    *ret_power_uw = power_uw;
    return 0;
}

static int meter_power(struct model *model, const struct meter *meter,
                       const struct meter_reading *reading, uint64_t *ret_power_uw)
{
    struct last_reading *last = last_of(model, meter->key);
    if (!last)
        return -ENODATA;
    if (reading->error) {
        last->time_ns = 0;
        return -ENODATA;
    }
    if (meter->form == METER_GAUGE) {
        *ret_power_uw = reading->value;
        return 0;
    }
    int r = counter_power(meter, reading, last, ret_power_uw);
    last->value = reading->value;
    last->time_ns = reading->time_ns;
    return r;
}

/* The power of all packages and memory in this tick; -ENODATA where one of them is not known. */
static int package_power(struct model *model, const struct meter_set *meters,
                         uint64_t *ret_power_uw)
{
    uint64_t sum_uw = 0;
    int error = 0;
    for (size_t i = 0; i < meters->count; i++) {
        if (!is_counted(model, meters, i))
            continue;
        uint64_t power_uw = 0;
        int r = meter_power(model, &meters->meters[i], &meters->readings[i], &power_uw);
        error = error ? error : r;
        sum_uw = add_saturated(sum_uw, power_uw);
    }
    *ret_power_uw = sum_uw;
    return error;
}

/* ---- Meters of the model ---- */

static struct meter_reading *append_meter(struct meter_set *meters, const struct meter *meter)
{
    if (meters->count == METERS_MAX)
        return NULL;
    meters->meters[meters->count] = *meter;
    struct meter_reading *reading = &meters->readings[meters->count++];
    *reading = (struct meter_reading){.time_ns = now_ns()};
    return reading;
}

static int append_platform(struct model *model, struct sample *sample)
{
    const struct meter platform = {
        .key = "model/platform",
        .domain = "platform",
        .kind = DOMAIN_PLATFORM,
        .source = SOURCE_MODEL,
        .form = METER_GAUGE,
        .package = -1,
        .die = -1,
        .max_power_uw = model->estimate.full_uw,
        .uncertainty_ppm = model->estimate.uncertainty_ppm,
    };
    struct meter_reading *reading = append_meter(&sample->meters, &platform);
    if (!reading)
        return -ENOSPC;
    const struct busy *busy = &sample->busy;
    uint64_t capacity_ns = 0;
    if (__builtin_mul_overflow(busy->elapsed_ns, (uint64_t)busy->cpus, &capacity_ns) ||
        capacity_ns == 0) {
        reading->error = -ENODATA; /* the first tick: how busy it was is not known yet */
        return 0;
    }
    uint64_t busy_ppm = mul_div(busy->busy_ns, PPM, capacity_ns);
    reading->value = estimate_power_uw(&model->estimate, busy_ppm);
    reading->idle_uw = model->estimate.idle_uw;
    return 0;
}

static int append_rest(struct model *model, struct sample *sample, int error, uint64_t power_uw)
{
    const struct meter rest = {
        .key = "model/rest",
        .domain = "rest",
        .kind = DOMAIN_REST,
        .source = SOURCE_MODEL,
        .form = METER_GAUGE,
        .package = -1,
        .die = -1,
        .uncertainty_ppm = REST_UNCERTAINTY_PPM,
    };
    struct meter_reading *reading = append_meter(&sample->meters, &rest);
    if (!reading)
        return -ENOSPC;
    reading->error = error;
    if (error)
        return 0;
    /* The loss on the packages' idle power is idle power too. */
    model->least_uw = MIN(model->least_uw, power_uw);
    uint32_t sockets = model->machine.cpu.sockets;
    reading->value = estimate_rest_uw(sockets, power_uw);
    reading->idle_uw = estimate_rest_uw(sockets, model->least_uw);
    return 0;
}

/* ---- The collector ---- */

static int model_open(const struct collector_env *env, void **ret_state)
{
    struct model *model = calloc(1, sizeof(*model));
    if (!model)
        return -ENOMEM;
    model->env = env;
    model->least_uw = UINT64_MAX;
    know_machine(model);
    *ret_state = model;
    return 0;
}

/* What the other collectors found decides what is to be modelled. */
static enum mode choose_mode(struct model *model, const struct meter_set *meters)
{
    bool metered = false;
    bool platform = false;
    bool package = false;
    for (size_t i = 0; i < meters->count; i++) {
        const struct meter *meter = &meters->meters[i];
        if (meter->source == SOURCE_MODEL || meters->readings[i].error ||
            !carries_the_host(meter->kind))
            continue;
        metered = true;
        platform = platform || meter->kind == DOMAIN_PLATFORM || meter->kind == DOMAIN_PSYS;
        package = package || meter->kind == DOMAIN_PACKAGE;
    }
    uint64_t now = now_ns();
    if (!metered) {
        bool waiting = model->metered_ns && now - model->metered_ns < PATIENCE_NS;
        return waiting ? MODE_WAITING : MODE_ESTIMATE;
    }
    model->metered_ns = now;
    bool rest =
        package && !platform && model->env->model_rest && estimate_has_rest(&model->machine);
    return rest ? MODE_REST : MODE_METERED;
}

static int model_collect(void *state, struct sample *sample)
{
    struct model *model = state;
    /* CPUs come and go, in guests above all. */
    if (sample->busy.cpus != model->cpus) {
        model->cpus = sample->busy.cpus;
        know_machine(model);
    }
    uint64_t power_uw = 0;
    int error = package_power(model, &sample->meters, &power_uw);
    model->mode = choose_mode(model, &sample->meters);
    if (model->mode == MODE_REST)
        return append_rest(model, sample, error, power_uw);
    if (model->mode != MODE_ESTIMATE)
        return COLLECT_NO_DATA;
    return model->error ? model->error : append_platform(model, sample);
}

static const char *mend_estimate(const struct model *model)
{
    const struct cpuinfo *cpu = &model->machine.cpu;
    if (model->machine.guest)
        return N_("a guest has no meter: ask the operator of its host for measured energy");
    if (!cpu->x86)
        return N_(
            "this kind of processor has no meter known to greend: read the machine's BMC or a "
            "metered power strip");
    if (model->estimate.row == ESTIMATE_INTEL_CORE2 ||
        model->estimate.row == ESTIMATE_INTEL_NEHALEM ||
        model->estimate.row == ESTIMATE_AMD_OPTERON)
        return N_("this processor has no meter: modprobe acpi_power_meter, if the machine has that "
                  "one");
    return N_("modprobe intel_rapl_msr (also for AMD), or modprobe acpi_power_meter; see what the "
              "collector rapl says");
}

static struct collector_status platform_status(const struct model *model)
{
    if (model->mode == MODE_METERED || model->mode == MODE_REST)
        return (struct collector_status){.health = HEALTH_WORKING, .why = N_("a meter measures")};
    if (model->mode == MODE_WAITING)
        return (struct collector_status){.health = HEALTH_DEGRADED,
                                         .why = N_("waiting for a meter that worked a minute ago")};
    if (model->error)
        return (struct collector_status){.health = HEALTH_FAILED,
                                         .error = model->error,
                                         .why = N_("no meter, and no processor found in cpuinfo"),
                                         .mend = N_("check procfs=")};
    return (struct collector_status){
        /* A guest can have no more than this; elsewhere a meter may be had. */
        .health = model->machine.guest ? HEALTH_WORKING : HEALTH_DEGRADED,
        .why = model->estimate.why,
        .mend = mend_estimate(model),
    };
}

static struct collector_status rest_status(const struct model *model)
{
    struct collector_status status = {.item = "rest", .health = HEALTH_ABSENT};
    if (!model->env->model_rest) {
        status.health = HEALTH_OFF;
        status.why = N_("switched off by [model] rest=off");
    } else if (model->mode == MODE_REST) {
        status.health = HEALTH_WORKING;
        status.why = N_("an estimate, no measurement: supply, fans, board and disks as on the one "
                        "server that was studied");
        status.mend =
            N_("a platform meter replaces it: modprobe acpi_power_meter, or read the BMC");
    } else if (estimate_has_rest(&model->machine)) {
        status.why = N_("part of what is measured or modelled as the platform");
    } else {
        status.why = N_("nothing is known about what such a machine uses beside its meters");
    }
    return status;
}

static void model_status(void *state,
                         void (*emit)(void *userdata, const struct collector_status *status),
                         void *userdata)
{
    const struct model *model = state;
    struct collector_status status = platform_status(model);
    emit(userdata, &status);
    status = rest_status(model);
    emit(userdata, &status);
}

static void model_close(void *state)
{
    free(state);
}

const struct collector collector_model = {
    .name = "model",
    .open = model_open,
    .collect = model_collect,
    .status = model_status,
    .close = model_close,
};
