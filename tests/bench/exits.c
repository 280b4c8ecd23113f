/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What listening to exits costs: a fork storm, and the CPU time of this thread for each record.
 *
 *   floor    recv() of the same records, one by one; nothing is looked at
 *   drain    exits_drain(): received in batches and parsed
 *   sweep    collect() with records, less collect() without them, for the same storm: the records
 *            are joined with the table, and each PID is asked once
 *
 * Each round forks and waits for EXITS children at once, as 10,000 a second would. What was lost is
 * told too. Figures, not judgements. The exit status is 77 where the kernel sends nothing here. */
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "collectors/exits/exits.h"
#include "greend/units.h"

extern const struct collector collector_process;

enum { EXITS = 10000, ROUNDS = 7, FORKERS = 4, SKIPPED = 77 };

static uint64_t cpu_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* From processes of their own: this one would give each child its many pages. */
static void storm(void)
{
    for (int i = 0; i < FORKERS; i++) {
        if (fork() != 0)
            continue;
        for (int k = 0; k < EXITS / FORKERS; k++) {
            pid_t pid = vfork();
            if (pid == 0)
                _exit(0);
            (void)waitpid(pid, NULL, 0);
        }
        _exit(0);
    }
    while (wait(NULL) > 0)
        ;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(*values), compare);
    return values[ROUNDS / 2];
}

/* ---- The floor ---- */

static int request(int fd, uint16_t type, uint8_t command, uint16_t attribute, const char *text)
{
    struct {
        struct nlmsghdr head;
        struct genlmsghdr command;
        struct nlattr attribute;
        char text[64];
    } message = {
        .head = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST},
        .command = {.cmd = command,                  .version = 1},
        .attribute = {.nla_type = attribute},
    };
    (void)str_copy(message.text, sizeof(message.text), text);
    message.attribute.nla_len = (uint16_t)(sizeof(message.attribute) + strlen(text) + 1);
    message.head.nlmsg_len =
        (uint32_t)(offsetof(__typeof__(message), attribute) + NLA_ALIGN(message.attribute.nla_len));
    return send(fd, &message, message.head.nlmsg_len, 0) < 0 ? -errno : 0;
}

static int open_floor(void)
{
    char buffer[4096];
    char cpus[64];
    uint16_t family = 0;
    int size = 32 << 20;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 ||
        request(fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, "TASKSTATS") < 0)
        return -1;
    ssize_t length = recv(fd, buffer, sizeof(buffer), 0);
    if (length < 0 || exit_family_parse(buffer, (size_t)length, &family) < 0)
        return -1;
    (void)snprintf(cpus, sizeof(cpus), "0-%ld", sysconf(_SC_NPROCESSORS_CONF) - 1);
    return request(fd, family, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, cpus) < 0
               ? -1
               : fd;
}

static double floor_ns(int fd)
{
    char buffer[2048];
    uint64_t records = 0;
    storm();
    uint64_t begin_ns = cpu_ns();
    while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) >= 0)
        records++;
    return (double)(cpu_ns() - begin_ns) / (double)MAX(records, 1);
}

/* ---- The listener ---- */

static void count(void *userdata, const struct exit_record *record)
{
    (void)record;
    ++*(uint64_t *)userdata;
}

static double drain_ns(struct exits *exits, uint64_t *records, uint64_t *lost)
{
    uint64_t n = 0;
    (void)exits_drain(exits, count, &n);
    n = 0;
    storm();
    uint64_t begin_ns = cpu_ns();
    *lost += exits_drain(exits, count, &n);
    *records += n;
    return (double)(cpu_ns() - begin_ns) / (double)MAX(n, 1);
}

/* ---- The collector ---- */

static uint32_t identify(void *userdata, const struct process_identity *identity)
{
    (void)userdata;
    return (uint32_t)identity->pid;
}

static void release(void *userdata, uint32_t workload)
{
    (void)userdata;
    (void)workload;
}

static double collect_ns(void *state, struct sample *sample)
{
    (void)collector_process.collect(state, sample);
    storm();
    (void)collector_process.collect(state, sample); /* its memory has grown */
    storm();
    uint64_t begin_ns = cpu_ns();
    (void)collector_process.collect(state, sample);
    return (double)(cpu_ns() - begin_ns) / EXITS;
}

static void *open_collector(struct collector_env *env, bool exits)
{
    *env = (struct collector_env){
        .sysfs_fd = open("/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        .procfs_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        .live_procfs = true,
        .exits = exits,
        .identify = identify,
        .release = release,
    };
    void *state = NULL;
    return collector_process.open(env, &state) < 0 ? NULL : state;
}

int main(void)
{
    static struct sample sample;
    struct exits *exits = NULL;
    struct collector_env env[2];
    double floors[ROUNDS];
    double drains[ROUNDS];
    double with[ROUNDS];
    double without[ROUNDS];
    uint64_t records = 0;
    uint64_t lost = 0;
    if (exits_open(-1, &exits) < 0 || !exits_is_listening(exits)) {
        puts("the kernel sends no records of exits here");
        return SKIPPED;
    }
    int fd = open_floor();
    for (int i = 0; i < ROUNDS; i++) {
        drains[i] = drain_ns(exits, &records, &lost);
        char buffer[2048];
        while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) >= 0)
            ;
        floors[i] = floor_ns(fd);
    }
    (void)close(fd);
    exits_close(exits);
    for (int i = 0; i < ROUNDS; i++) {
        void *plain = open_collector(&env[0], false);
        without[i] = collect_ns(plain, &sample);
        collector_process.close(plain);
        void *listening = open_collector(&env[1], true);
        with[i] = collect_ns(listening, &sample);
        collector_process.close(listening);
    }
    double floor = median(floors);
    double drain = median(drains);
    double join = median(with) - median(without);
    printf("%d exits at once, %d rounds: %llu records, lost %llu times\n", EXITS, ROUNDS,
           (unsigned long long)records, (unsigned long long)lost);
    printf("floor  %6.2f us an exit\n", floor / 1e3);
    printf("drain  %6.2f us an exit, %.2f of the floor\n", drain / 1e3, drain / floor);
    printf("sweep  %6.2f us an exit, %.2f of the floor: drained and told\n", join / 1e3,
           join / floor);
    return 0;
}
