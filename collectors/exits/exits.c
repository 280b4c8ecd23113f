/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/exits/exits.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "collectors/source.h"
#include "greend/units.h"

/* The kernel counts some 1,300 bytes a record: room for the records of seconds of a fork storm. */
enum { QUEUE_BYTES = 32 << 20 };

/* A record with two statistics has 1,200 bytes. */
enum { MESSAGE_SIZE = 2048, BATCH = 64, CPUS_SIZE = 1024 };

/* A drain ends even where records come faster than they are read. */
enum { BATCHES_MAX = 1 << 13 };

/* How long a loss is shown. */
#define LOSS_SHOWN_NS (60 * NS_PER_S)

enum step { STEP_SOCKET, STEP_FAMILY, STEP_REGISTER, STEP_ECHO };

struct exits {
    int fd; /* -1: not listening */
    uint16_t family;
    enum step step; /* where opening failed, with this error */
    int error;
    uint64_t broken; /* messages that no kernel known here writes */
    uint64_t records;
    uint64_t lost_at_ns; /* when the kernel dropped some last, 0: never */
    struct mmsghdr heads[BATCH];
    struct iovec parts[BATCH];
    struct sockaddr_nl senders[BATCH];
    char messages[BATCH][MESSAGE_SIZE];
};

static uint64_t monotonic_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- Requests ---- */

/* A request with one attribute. The kernel has answered when send() returns. */
static int send_request(const struct exits *exits, uint16_t type, uint8_t command,
                        uint16_t attribute, const char *text)
{
    struct {
        struct nlmsghdr head;
        struct genlmsghdr command;
        struct nlattr attribute;
        char text[CPUS_SIZE];
    } request = {
        .head = {.nlmsg_type = type,                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .command = {.cmd = command,                                  .version = TASKSTATS_GENL_VERSION},
        .attribute = {.nla_type = attribute},
    };
    if (!str_copy(request.text, sizeof(request.text), text))
        return -EFBIG;
    request.attribute.nla_len = (uint16_t)(sizeof(request.attribute) + strlen(text) + 1);
    size_t length = offsetof(__typeof__(request), attribute) + NLA_ALIGN(request.attribute.nla_len);
    request.head.nlmsg_len = (uint32_t)length;
    return send(exits->fd, &request, length, 0) < 0 ? -errno : 0;
}

/* The next message that the kernel sent. */
static ssize_t receive_one(struct exits *exits)
{
    struct sockaddr_nl sender = {0};
    socklen_t size = sizeof(sender);
    ssize_t length = 0;
    do
        length = recvfrom(exits->fd, exits->messages[0], MESSAGE_SIZE, MSG_DONTWAIT,
                          (struct sockaddr *)&sender, &size);
    while (length >= 0 && sender.nl_pid != 0);
    return length < 0 ? -errno : length;
}

/* Records may come before the answer: nothing is known yet of whom they tell. */
static int read_acknowledgement(struct exits *exits)
{
    for (;;) {
        ssize_t length = receive_one(exits);
        if (length < 0 && length != -ENOBUFS)
            return (int)length;
        int r = length < 0 ? 1 : exit_answer_parse(exits->messages[0], (size_t)length);
        if (r <= 0)
            return r;
    }
}

static int find_family(struct exits *exits)
{
    int r = send_request(exits, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME,
                         TASKSTATS_GENL_NAME);
    if (r < 0)
        return r;
    ssize_t length = receive_one(exits);
    if (length < 0)
        return (int)length;
    r = exit_family_parse(exits->messages[0], (size_t)length, &exits->family);
    return r < 0 ? r : read_acknowledgement(exits);
}

/* Records come from the CPUs that are named; the kernel refuses some that cannot be. */
static int register_cpus(struct exits *exits, int sysfs_fd)
{
    char cpus[CPUS_SIZE];
    if (sysfs_fd < 0 ||
        source_read_line(sysfs_fd, "devices/system/cpu/possible", cpus, sizeof(cpus)) < 0)
        (void)snprintf(cpus, sizeof(cpus), "0-%ld", MAX(sysconf(_SC_NPROCESSORS_CONF), 1) - 1);
    int r = send_request(exits, exits->family, TASKSTATS_CMD_GET,
                         TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, cpus);
    return r < 0 ? r : read_acknowledgement(exits);
}

/* ---- Opening ---- */

/* In another network namespace the kernel takes the registration and sends nothing. A process that
 * has been waited for must have its record here. */
static int await_echo(struct exits *exits)
{
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0)
        _exit(0);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    for (;;) {
        ssize_t length = receive_one(exits);
        if (length == -ENOBUFS)
            continue;
        if (length < 0)
            return length == -EAGAIN ? -ENODATA : (int)length;
        struct exit_record record;
        size_t offset = 0;
        if (exit_record_next(exits->messages[0], (size_t)length, &offset, exits->family, &record) ==
                1 &&
            record.thread == pid)
            return 0;
    }
}

static int open_socket(struct exits *exits)
{
    exits->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
    if (exits->fd < 0)
        return -errno;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    if (bind(exits->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    int size = QUEUE_BYTES;
    if (setsockopt(exits->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
        (void)setsockopt(exits->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    return 0;
}

static int start_listening(struct exits *exits, int sysfs_fd)
{
    exits->step = STEP_SOCKET;
    int r = open_socket(exits);
    if (r < 0)
        return r;
    exits->step = STEP_FAMILY;
    r = find_family(exits);
    if (r < 0)
        return r;
    exits->step = STEP_REGISTER;
    r = register_cpus(exits, sysfs_fd);
    if (r < 0)
        return r;
    exits->step = STEP_ECHO;
    return await_echo(exits);
}

static void prepare_batch(struct exits *exits)
{
    for (size_t i = 0; i < BATCH; i++) {
        exits->parts[i] = (struct iovec){exits->messages[i], MESSAGE_SIZE};
        exits->heads[i].msg_hdr = (struct msghdr){
            .msg_name = &exits->senders[i],
            .msg_namelen = sizeof(exits->senders[i]),
            .msg_iov = &exits->parts[i],
            .msg_iovlen = 1,
        };
    }
}

int exits_open(int sysfs_fd, struct exits **ret_exits)
{
    struct exits *exits = calloc(1, sizeof(*exits));
    if (!exits)
        return -ENOMEM;
    prepare_batch(exits);
    exits->error = start_listening(exits, sysfs_fd);
    if (exits->error < 0) {
        close_fd_p(&exits->fd);
        exits->fd = -1;
    }
    *ret_exits = exits;
    return 0;
}

void exits_close(struct exits *exits)
{
    if (!exits)
        return;
    close_fd_p(&exits->fd); /* which ends the registration */
    free(exits);
}

bool exits_is_listening(const struct exits *exits)
{
    return exits && exits->fd >= 0;
}

/* ---- Draining ---- */

static void take_message(struct exits *exits, const struct mmsghdr *head, const void *bytes,
                         void (*take)(void *userdata, const struct exit_record *record),
                         void *userdata)
{
    const struct sockaddr_nl *sender = head->msg_hdr.msg_name;
    if (sender->nl_pid != 0) /* not the kernel */
        return;
    if (head->msg_hdr.msg_flags & MSG_TRUNC) {
        exits->broken++;
        return;
    }
    struct exit_record record;
    size_t offset = 0;
    int r = 0;
    while ((r = exit_record_next(bytes, head->msg_len, &offset, exits->family, &record)) != 0) {
        if (r < 0) {
            exits->broken++;
            continue;
        }
        exits->records++;
        take(userdata, &record);
    }
}

uint32_t exits_drain(struct exits *exits,
                     void (*take)(void *userdata, const struct exit_record *record), void *userdata)
{
    uint32_t lost = 0;
    if (!exits_is_listening(exits))
        return 0;
    for (int i = 0; i < BATCHES_MAX; i++) {
        int n = recvmmsg(exits->fd, exits->heads, BATCH, MSG_DONTWAIT, NULL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == ENOBUFS) {
            exits->lost_at_ns = monotonic_ns();
            lost++;
            continue;
        }
        if (n <= 0)
            break;
        for (int k = 0; k < n; k++)
            take_message(exits, &exits->heads[k], exits->messages[k], take, userdata);
    }
    return lost;
}

/* ---- Status ---- */

static const char mend_unit[] = N_("install taskstats.conf (packages have it in /usr/share/greend) "
                                   "as a drop-in of greend.service");

static void describe_refusal(const struct exits *exits, struct collector_status *status)
{
    status->health = HEALTH_OFF;
    status->error = exits->error;
    status->mend = mend_unit;
    if (exits->step == STEP_SOCKET) {
        status->why =
            N_("greend may not open netlink sockets: what processes used that ended between "
               "two sweeps is known only from parents that wait for them");
    } else if (exits->step == STEP_FAMILY && exits->error == -ENOENT) {
        status->health = HEALTH_ABSENT;
        status->error = 0;
        status->why = N_("this kernel was built without taskstats: what processes used that ended "
                         "between two sweeps is known only from parents that wait for them");
        status->mend = NULL;
    } else if (exits->step == STEP_REGISTER && exits->error == -EPERM) {
        status->why =
            N_("needs CAP_NET_ADMIN: what processes used that ended between two sweeps is "
               "known only from parents that wait for them");
    } else if (exits->step == STEP_REGISTER && exits->error == -EINVAL) {
        status->why = N_("the kernel tells of exits only outside of containers, in the host's user "
                         "and PID namespaces");
        status->mend = N_("run greend on the host");
    } else if (exits->step == STEP_ECHO && exits->error == -ENODATA && exits->broken == 0) {
        status->why = N_("the kernel tells of exits only in the host's network namespace, and this "
                         "is another");
        status->mend = N_("run greend on the host, without PrivateNetwork=");
    } else {
        status->health = HEALTH_FAILED;
        status->why = N_("the kernel answers the request for exits with an error");
        status->mend = NULL;
    }
}

struct collector_status exits_status(const struct exits *exits)
{
    struct collector_status status = {.item = "exits", .health = HEALTH_WORKING};
    if (!exits_is_listening(exits)) {
        describe_refusal(exits, &status);
    } else if (exits->lost_at_ns != 0 && monotonic_ns() - exits->lost_at_ns < LOSS_SHOWN_NS) {
        status.health = HEALTH_DEGRADED;
        status.error = -ENOBUFS;
        status.why =
            N_("more processes ended than the kernel could keep in mind: what they used is "
               "shown as unattributed, unless their parents waited for them");
        status.mend = N_("shorten [sampling] interval=");
    } else if (exits->broken > exits->records) {
        status.health = HEALTH_DEGRADED;
        status.error = -EBADMSG;
        status.why = N_("this kernel's records of exits have a form that greend does not know");
    }
    return status;
}
