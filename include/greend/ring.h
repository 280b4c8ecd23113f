/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The ring: how the sampler tells everyone else what it measured, without ever waiting for them.
 *
 * One producer, any number of readers, in memory that may be a file shared with other processes.
 * Fixed records of 64 bytes: a sequence number and 56 bytes of payload. The producer overwrites the
 * oldest record. A reader that was overtaken is told so. Records form frames, one per tick; a frame
 * becomes visible as a whole. Beside the records stand tables of rarely changed entries: the names
 * that the numbers in the records refer to.
 *
 * Layout, native byte order, all offsets multiples of 64:
 *     header | table 0 entries | table 1 entries | ... | slots
 *
 * A slot's sequence is 2n+1 while record n is written and 2n+2 once it is there, so a reader knows
 * a torn or overwritten slot, and so does a producer that takes over after a crash. Table entries
 * work the same way with their own counters.
 *
 * Readers trust nothing that they read: offsets and sizes are checked once against the memory's
 * size, and indices at each use.
 *
 * This is pure: it works on memory it is given. daemon/storage/ring_file.h maps the file. */

#include "greend/base.h"
#include "greend/sample.h"

#define RING_FILE_NAME "ring"

enum {
    RING_VERSION = 1,
    RING_RECORD_SIZE = 56,
    RING_WORKLOADS_MAX = 2048, /* entries of the workload table, reserved ones included */
    RING_STATUS_MAX = 256,
    RING_ID_SIZE = 16,
    RING_LANES = 3,           /* energies in one record */
    RING_SLOTS_MIN = 1 << 10, /* the number of slots is a power of two */
    RING_SLOTS_MAX = 1 << 20, /* 64 MiB of slots */
    RING_SLOTS_DEFAULT = 1 << 16,
};

/* ---- Records ---- */

/* A reader passes over what it does not know: new types may come without a new version. */
enum ring_record_type {
    RING_FRAME = 1,
    RING_HOST,
    RING_DOMAIN,
    RING_METER,
    RING_ENERGY,
    RING_RESERVED
};

/* Opens a frame. `records` counts all records of the frame, this one included. */
struct ring_frame {
    uint8_t type;
    uint8_t flags;
    uint16_t domains;
    uint32_t records;
    uint64_t number;      /* frames since the ring was made, from 1 */
    uint64_t mono_ns;     /* CLOCK_MONOTONIC at the end of the interval */
    int64_t real_ns;      /* CLOCK_REALTIME then */
    uint64_t interval_ns; /* time this frame speaks for */
    uint64_t gap_ns; /* time before it that nothing was measured in (suspend, reboot, lost meter) */
    uint64_t total_uj; /* running total of all summed domains before this frame, since the ring
                          was made */
};

/* Follows RING_FRAME. */
struct ring_host {
    uint8_t type;
    uint8_t flags;
    uint16_t cpus;
    uint32_t processes;
    uint8_t boot_id[16];
    uint64_t boottime_ns;     /* CLOCK_BOOTTIME at the end of the interval */
    uint64_t busy_ns;         /* CPU time that was used in the interval */
    uint64_t unattributed_ns; /* of it, what no process is known for */
    uint64_t skew_ns;         /* what processes used above /proc/stat's busy time */
};

enum {
    RING_DOMAIN_SUMMED = 1 << 0, /* part of the host's total in this frame */
    RING_DOMAIN_GAP = 1 << 1,    /* energy of a part of the interval is not known */
};

/* One energy domain in this frame. */
struct ring_domain {
    uint8_t type;
    uint8_t flags;
    uint16_t domain; /* entry of RING_TABLE_DOMAIN */
    uint32_t uncertainty_ppm;
    uint64_t energy_uj; /* idle + unattributed + workloads (or + unsplit), exactly */
    uint64_t
        total_uj; /* running total of this domain, this frame included, since the ring was made */
    uint64_t interval_ns;
    uint64_t gap_ns;
    uint64_t idle_uj; /* the idle part of energy_uj: equals the record of RING_WORKLOAD_IDLE */
    uint64_t reserved;
};

enum {
    RING_METER_RESET = 1 << 0, /* the counter began anew within the interval */
};

/* The last raw reading of one meter: where the next interval begins, also for the next daemon. */
struct ring_meter {
    uint8_t type;
    uint8_t flags;
    uint16_t meter; /* entry of RING_TABLE_METER */
    int32_t error;
    uint64_t raw_uj;
    uint64_t mono_ns;
    uint64_t delta_uj;    /* what it added in this frame */
    uint64_t boottime_ns; /* CLOCK_BOOTTIME at mono_ns; 0: not known */
    uint64_t reserved[2];
};

/* CPU time and energy of one process (or of a whole workload: pid 0) in up to three domains:
 * first_domain, +1, +2. A process with energy in more domains has further records with cpu_ns 0. */
struct ring_energy {
    uint8_t type;
    uint8_t flags;
    uint16_t first_domain;
    int32_t pid;
    uint64_t start_ticks;
    uint32_t workload;    /* ring_workload_id() */
    uint32_t uncertainty; /* of the split, per lane: core/attribution/uncertainty.h */
    uint64_t cpu_ns;
    uint64_t energy_uj[RING_LANES];
};

enum {
    RING_RESERVED_MEMORY = 1 << 0, /* memory_kib is known, of all workloads */
    RING_RESERVED_WEIGHT = 1 << 1, /* weight_ppb likewise */
};

/* What a workload kept for itself, whether it worked or not, in the time up to this frame: in about
 * one frame a minute. The first such record is that of RING_WORKLOAD_IDLE, which keeps nothing and
 * says for which time what is known of all others. */
struct ring_reserved {
    uint8_t type;
    uint8_t flags;
    uint16_t unused;
    uint32_t workload;
    uint64_t interval_ns;
    uint64_t memory_kib; /* held on average in that time */
    uint64_t weight_ppb; /* part of RESERVED_WEIGHT_ALL that its CPU weight stands for */
    uint64_t reserved[3];
};

union ring_record {
    uint8_t type; /* enum ring_record_type */
    struct ring_frame frame;
    struct ring_host host;
    struct ring_domain domain;
    struct ring_meter meter;
    struct ring_energy energy;
    struct ring_reserved reserved;
    uint64_t words[RING_RECORD_SIZE / 8];
};

_Static_assert(sizeof(union ring_record) == RING_RECORD_SIZE, "a record is seven words");

/* ---- Tables ---- */

enum ring_table {
    RING_TABLE_WORKLOAD,
    RING_TABLE_DOMAIN,
    RING_TABLE_METER,
    RING_TABLE_STATUS,
    RING_TABLE_SENSOR,
    RING_TABLES
};

/* What a workload is. Texts are escaped UTF-8, at most one of the kinds of
 * core/workload/workload.h. */
enum workload_kind {
    WORKLOAD_SERVICE,
    WORKLOAD_USER,
    WORKLOAD_CONTAINER,
    WORKLOAD_VM,
    WORKLOAD_KERNEL,
    WORKLOAD_OTHER,        /* more workloads than can be told apart */
    WORKLOAD_IDLE,         /* pseudo: energy that the machine uses without work */
    WORKLOAD_UNATTRIBUTED, /* pseudo: energy of work that no process is known for */
    WORKLOAD_UNSPLIT,      /* pseudo: energy of a domain that is shown and not split */
    WORKLOAD_KINDS
};

enum { WORKLOAD_UNIT_MAX = 160, WORKLOAD_COMMAND_MAX = 48, WORKLOAD_USER_MAX = 36 };

struct workload {
    uint32_t generation; /* 0: the entry is free */
    uint32_t kind;       /* enum workload_kind */
    char unit[WORKLOAD_UNIT_MAX];
    char command[WORKLOAD_COMMAND_MAX];
    char user[WORKLOAD_USER_MAX];
    uint32_t reserved;
};

/* Reserved entries of the workload table, generation 1. */
enum ring_workload_slot {
    RING_WORKLOAD_IDLE = 0,
    RING_WORKLOAD_UNATTRIBUTED = 1,
    RING_WORKLOAD_UNSPLIT = 2,
    RING_WORKLOAD_OTHER = 3,
    RING_WORKLOAD_FIRST = 4 /* the first that names a real workload */
};

/* The number of a workload in records: table entry in the low 12 bits, generation above, so that a
 * record that outlived its entry is recognised. */
static inline uint32_t ring_workload_id(uint32_t slot, uint32_t generation)
{
    return (generation << 12) | (slot & 0xfffU);
}

static inline uint32_t ring_workload_slot(uint32_t id)
{
    return id & 0xfffU;
}

static inline uint32_t ring_workload_generation(uint32_t id)
{
    return id >> 12;
}

/* An entry is never another domain's in the life of a ring. */
struct ring_domain_entry {
    char name[DOMAIN_NAME_MAX];
    uint32_t kind;   /* enum domain_kind */
    uint32_t source; /* enum energy_source */
    uint32_t used;   /* 0: free entry */
    uint32_t reserved;
};

/* An entry may become another meter's when no frame that refers to it can be read any more. */
struct ring_meter_entry {
    char key[METER_KEY_MAX];
    uint32_t reserved;
    uint32_t used;
};

/* As struct collector_status, with its texts copied. */
struct ring_status {
    char collector[16]; /* "" : free entry */
    char item[64];
    uint32_t health;
    int32_t error;
    uint64_t duration_ns; /* of the last collect(), for the entry with an empty item */
    uint64_t updated_mono_ns;
    char why[192];
    char mend[256];
};

struct ring_sensor {
    char chip[SENSOR_NAME_MAX]; /* escaped UTF-8; "": free entry */
    char label[SENSOR_NAME_MAX];
    uint32_t quantity; /* enum sensor_quantity */
    int32_t error;
    int64_t value_milli;
};

/* ---- The ring ---- */

/* A view of the ring's memory. One per thread that reads; the producer has its own. */
struct ring {
    void *memory;
    size_t size;
    uint64_t slots;
    uint64_t head;      /* producer: the next record to write */
    uint64_t published; /* producer: what readers can see ends here */
};

/* What readers are told besides 0. */
enum {
    RING_EMPTY = 1,  /* nothing newer than the position */
    RING_LAPPED = 2, /* the record was overwritten: the reader was too slow */
};

/* Bytes needed for a ring of that many slots; 0 where there can be no such ring. Pure. */
size_t ring_memory_size(uint64_t slots);

/* Makes a new ring in memory (64-byte aligned, zeroed, ring_memory_size(slots) bytes). `id` tells
 * this ring from every other: a reader's saved position is worth nothing in another one.
 * -EINVAL: size, alignment or slots out of range. */
int ring_format(struct ring *ring, void *memory, size_t size, uint64_t slots,
                const uint8_t id[RING_ID_SIZE]);

/* Attaches to an existing ring, as a reader or (after a crash) as its next producer, which goes on
 * at the published head. `size` is all of the ring's memory, neither less nor more.
 * -EBADMSG: not a ring, or its header contradicts the size, this program's layout or itself.
 * -EPROTONOSUPPORT: another version. -EINVAL: not aligned. */
int ring_attach(struct ring *ring, void *memory, size_t size);

/* Producer only, between ring_attach() and the first push, while no other producer is alive:
 * whether every slot holds what a producer that published up to the head, and died at any moment,
 * leaves there. -EBADMSG: no; positions would lie, make a new ring. */
int ring_verify(const struct ring *ring);

void ring_id(const struct ring *ring, uint8_t ret_id[RING_ID_SIZE]);

/* When the first frame was made, in which all running totals began at zero. The producer states it
 * before it publishes that frame. false: not known. */
struct ring_birth {
    uint8_t boot_id[16];
    uint64_t mono_ns; /* CLOCK_MONOTONIC in that boot */
};
void ring_set_birth(struct ring *ring, const struct ring_birth *birth);
bool ring_get_birth(const struct ring *ring, struct ring_birth *ret_birth);

/* Producer only. push() writes the next record of the frame; publish() shows all pushed records to
 * readers at once. Records pushed and not published when a producer dies are overwritten by the
 * next one. A frame must have at most slots / 2 records. */
void ring_push(struct ring *ring, const union ring_record *record);
void ring_publish(struct ring *ring);

/* Position behind the last published record: where a reader starts that wants only what is new. */
uint64_t ring_head(const struct ring *ring);

/* The oldest position that can still be read; it may be gone when it is read. */
uint64_t ring_oldest(const struct ring *ring);

/* Where the newest frame begins, as the producer noted it: one frame older where the producer died
 * within ring_publish(), and not to be trusted. frame_newest() is what most readers want. */
uint64_t ring_newest(const struct ring *ring);

/* Copies the record at a position. 0, RING_EMPTY or RING_LAPPED; -EBADMSG: the slot holds what no
 * producer writes there. */
int ring_read(const struct ring *ring, uint64_t position, union ring_record *ret_record);

/* Tables. Producer: put. Reader: get, -EAGAIN when the entry was being written each time it was
 * tried (a producer that died in between leaves it so until its successor writes it again).
 * `entry` has the size of the table's struct. -ERANGE: no such entry. get() terminates every text
 * whatever the memory holds; numbers are as read. An entry never put is all zeros. */
int ring_table_put(struct ring *ring, enum ring_table table, uint32_t index, const void *entry);
int ring_table_get(const struct ring *ring, enum ring_table table, uint32_t index, void *ret_entry);
uint32_t ring_table_count(enum ring_table table);

/* ---- Frames ---- */

/* The records of one frame, copied out of the ring, in a buffer that the reader owns and reuses. */
struct frame {
    union ring_record *records;
    size_t count;
    size_t capacity;
    uint64_t position; /* of its first record */
    uint64_t next;     /* position behind its last record */
};

void frame_done(struct frame *frame);

/* Copies the frame that begins at position: RING_FRAME, RING_HOST, and further records, whose types
 * and numbers are the caller's to check; no second RING_FRAME among them. 0, RING_EMPTY,
 * RING_LAPPED; -EBADMSG: the position is not a frame's beginning or the frame contradicts itself;
 * -ENOMEM. `frame` holds a frame only after 0. After RING_LAPPED and -EBADMSG a reader goes on with
 * frame_find(position + 1), and so never meets the same frame again. */
int frame_read(const struct ring *ring, uint64_t position, struct frame *frame);

/* What one domain says in a frame, by number of the domain table. */
enum { FRAME_DOMAINS_MAX = 64 };

struct frame_domain {
    const struct ring_domain *record; /* within the frame; NULL: it says nothing */
    uint64_t parts_uj;                /* sum of what the frame says of workloads */
    bool exact; /* they add up to the domain: else none of them is to be believed */
};

void frame_domains(const struct frame *frame, struct frame_domain ret[FRAME_DOMAINS_MAX]);

/* The position of the first complete frame that begins at `from` or later and can be read. 0, or
 * RING_EMPTY: there is none, or the producer overtook the search. Takes at most one look at each
 * slot, however fast the producer is. */
int frame_find(const struct ring *ring, uint64_t from, uint64_t *ret_position);

/* The position of the oldest complete frame that can be read. 0 or RING_EMPTY, as frame_find(). */
int frame_oldest(const struct ring *ring, uint64_t *ret_position);

/* The position of the newest complete frame. 0 or RING_EMPTY, as frame_find(). */
int frame_newest(const struct ring *ring, uint64_t *ret_position);
