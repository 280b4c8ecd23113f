/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "advise/advise.h"
#include "collectors/source.h"
#include "greend/language.h"

enum { STAT_BYTES = 1 << 20, SECTOR = 512 };

#define CPU_FOLDER "devices/system/cpu"

static struct observation unknown(const char *why)
{
    return (struct observation){.why = why};
}

static struct observation known(double value)
{
    return (struct observation){.known = true, .value = value};
}

/* false: it cannot be read. */
static bool read_text(int root_fd, const char *path, char *text, size_t size)
{
    size_t length = 0;
    return source_read_begin(root_fd, path, text, size, &length) == 0;
}

/* ---- Counters since the start ---- */

static unsigned count_cpus(int procfs_fd)
{
    CLEANUP(free_p) char *text = malloc(STAT_BYTES);
    unsigned cpus = 0;
    if (!text || !read_text(procfs_fd, "stat", text, STAT_BYTES))
        return 0;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        cpus += strncmp(line, "cpu", 3) == 0 && line[3] >= '0' && line[3] <= '9';
        if (*line == '\0')
            break;
    }
    return cpus;
}

/* The number in a field, from 0, of fields parted by blanks. false: there is none. */
static bool number_at(const char *text, size_t field, uint64_t *ret)
{
    const char *s = text + strspn(text, " ");
    for (; field > 0; field--) {
        s += strcspn(s, " ");
        s += strspn(s, " ");
    }
    if (*s < '0' || *s > '9')
        return false;
    *ret = strtoull(s, NULL, 10);
    return true;
}

static uint64_t read_memory(int procfs_fd)
{
    static const char label[] = "MemTotal:";
    char text[4096];
    uint64_t kib = 0;
    bool found = read_text(procfs_fd, "meminfo", text, sizeof(text)) && str_starts(text, label) &&
                 number_at(text, 1, &kib);
    return found ? kib : 0;
}

/* Whole seconds. */
static double read_uptime(int procfs_fd)
{
    char text[64];
    uint64_t seconds = 0;
    bool found = read_text(procfs_fd, "uptime", text, sizeof(text)) && number_at(text, 0, &seconds);
    return found ? (double)seconds : 0;
}

/* Bytes of all interfaces but lo: "  eth0: received and 7 more fields, sent ...". */
static bool read_network(int procfs_fd, double *ret_bytes)
{
    enum { RECEIVED = 0, SENT = 8 };
    CLEANUP(free_p) char *text = malloc(STAT_BYTES);
    double bytes = 0;
    if (!text || !read_text(procfs_fd, "net/dev", text, STAT_BYTES))
        return false;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        uint64_t received = 0;
        uint64_t sent = 0;
        const char *colon = strchr(line, ':');
        line += strspn(line, " ");
        if (colon && !str_starts(line, "lo:") && number_at(colon + 1, RECEIVED, &received) &&
            number_at(colon + 1, SENT, &sent))
            bytes += (double)received + (double)sent;
    }
    *ret_bytes = bytes;
    return true;
}

struct disks {
    int sysfs_fd;
    size_t n;
    double bytes;
};

/* What is made of memory or of other disks would count twice. */
static bool is_disk(const char *name)
{
    static const char *const others[] = {"loop", "ram", "zram", "dm-", "md", "sr", "fd"};
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (str_starts(name, others[i]))
            return false;
    return true;
}

static int on_disk(void *userdata, const char *name)
{
    enum { READ = 2, WRITTEN = 6 };
    struct disks *disks = userdata;
    char path[300];
    char text[512];
    uint64_t read = 0;
    uint64_t written = 0;
    (void)snprintf(path, sizeof(path), "block/%s/stat", name);
    if (!is_disk(name) || !read_text(disks->sysfs_fd, path, text, sizeof(text)) ||
        !number_at(text, READ, &read) || !number_at(text, WRITTEN, &written))
        return 0;
    disks->n++;
    disks->bytes += ((double)read + (double)written) * SECTOR;
    return 0;
}

static void read_counters(int procfs_fd, int sysfs_fd, struct advise_live *live)
{
    struct disks disks = {.sysfs_fd = sysfs_fd};
    double bytes = 0;
    double uptime_s = read_uptime(procfs_fd);
    live->uptime = live->network = live->disk = unknown(N_("/proc/uptime cannot be read"));
    if (!(uptime_s > 0))
        return;
    live->uptime = known(uptime_s / 86400);
    live->network = unknown(N_("/proc/net/dev cannot be read"));
    if (read_network(procfs_fd, &bytes))
        live->network = known(bytes / uptime_s);
    (void)source_list(sysfs_fd, "block", on_disk, &disks);
    live->disk =
        disks.n > 0 ? known(disks.bytes / uptime_s) : unknown(N_("no disk is in /sys/block"));
}

/* ---- Clocks and idle states ---- */

struct cpus {
    int sysfs_fd;
    size_t all;
    size_t found;
};

static int on_policy(void *userdata, const char *name)
{
    struct cpus *cpus = userdata;
    char path[300];
    char governor[64];
    (void)snprintf(path, sizeof(path), CPU_FOLDER "/cpufreq/%s/scaling_governor", name);
    if (!str_starts(name, "policy") ||
        source_read_line(cpus->sysfs_fd, path, governor, sizeof(governor)) < 0)
        return 0;
    cpus->all++;
    cpus->found += str_equal(governor, "performance");
    return 0;
}

static struct observation read_governor(int sysfs_fd)
{
    struct cpus cpus = {.sysfs_fd = sysfs_fd};
    (void)source_list(sysfs_fd, CPU_FOLDER "/cpufreq", on_policy, &cpus);
    if (cpus.all == 0)
        return unknown(N_("the kernel does not set clocks here (no cpufreq)"));
    return known((double)cpus.found / (double)cpus.all);
}

static int on_cpu(void *userdata, const char *name)
{
    enum { STATES_MOST = 16, DEEPER = 2 /* behind POLL and C1 */ };
    struct cpus *cpus = userdata;
    if (!str_starts(name, "cpu") || name[3] < '0' || name[3] > '9')
        return 0;
    for (int state = DEEPER; state < STATES_MOST; state++) {
        char path[300];
        uint64_t disabled = 0;
        (void)snprintf(path, sizeof(path), CPU_FOLDER "/%s/cpuidle/state%d/disable", name, state);
        if (source_read_u64(cpus->sysfs_fd, path, &disabled) < 0)
            break;
        cpus->all++;
        cpus->found += disabled != 0;
    }
    return 0;
}

/* The word that told the kernel to know no idle states beyond the first; NULL: there is none. With
 * intel_idle.max_cstate=0 another driver has them. */
static const char *forbidden_at_start(int procfs_fd)
{
    static const char *const words[] = {"idle=poll", "intel_idle.max_cstate=1",
                                        "processor.max_cstate=0", "processor.max_cstate=1"};
    char line[8192];
    char *rest = NULL;
    if (!read_text(procfs_fd, "cmdline", line, sizeof(line)))
        return NULL;
    for (char *word = strtok_r(line, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest))
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
            if (str_equal(word, words[i]))
                return words[i];
    return NULL;
}

static struct observation read_idle_states(int sysfs_fd)
{
    struct cpus cpus = {.sysfs_fd = sysfs_fd};
    (void)source_list(sysfs_fd, CPU_FOLDER, on_cpu, &cpus);
    if (cpus.all == 0)
        return unknown(N_("the kernel knows no idle states beyond the first; the firmware may have "
                          "them off"));
    return known((double)cpus.found / (double)cpus.all);
}

/* ---- Power supplies ---- */

struct supplies {
    int sysfs_fd;
    double in_uw;
    double out_uw;
};

/* A supply says both what goes in and what comes out, as its labels tell. */
static int on_chip(void *userdata, const char *name)
{
    enum { POWERS_MOST = 16 };
    struct supplies *supplies = userdata;
    double in_uw = 0, out_uw = 0;
    for (int i = 1; i < POWERS_MOST; i++) {
        char path[300];
        char label[64];
        uint64_t uw = 0;
        (void)snprintf(path, sizeof(path), "class/hwmon/%s/power%d_label", name, i);
        if (source_read_line(supplies->sysfs_fd, path, label, sizeof(label)) < 0)
            continue;
        (void)snprintf(path, sizeof(path), "class/hwmon/%s/power%d_input", name, i);
        if (source_read_u64(supplies->sysfs_fd, path, &uw) < 0)
            continue;
        in_uw += str_starts(label, "pin") ? (double)uw : 0;
        out_uw += str_starts(label, "pout") ? (double)uw : 0;
    }
    if (in_uw > 0 && out_uw > 0) {
        supplies->in_uw += in_uw;
        supplies->out_uw += out_uw;
    }
    return 0;
}

static struct observation read_supplies(int sysfs_fd)
{
    struct supplies supplies = {.sysfs_fd = sysfs_fd};
    (void)source_list(sysfs_fd, "class/hwmon", on_chip, &supplies);
    if (!(supplies.in_uw > 0))
        return unknown(N_("no sensor says what goes into a power supply and what comes out"));
    if (supplies.out_uw > supplies.in_uw)
        return unknown(N_("sensors say that more comes out of the power supplies than goes in"));
    return known(supplies.out_uw / supplies.in_uw);
}

void advise_read_live(int procfs_fd, int sysfs_fd, enum machine machine, struct advise_live *ret)
{
    *ret = (struct advise_live){.cpus = count_cpus(procfs_fd)};
    ret->memory_kib = read_memory(procfs_fd);
    read_counters(procfs_fd, sysfs_fd, ret);
    ret->performance = ret->idle_states = ret->psu =
        unknown(N_("it is its host's, and this is a virtual machine"));
    if (machine == MACHINE_VIRTUAL)
        return;
    ret->performance = read_governor(sysfs_fd);
    ret->idle_states = read_idle_states(sysfs_fd);
    ret->idle_word = forbidden_at_start(procfs_fd);
    ret->psu = read_supplies(sysfs_fd);
}
