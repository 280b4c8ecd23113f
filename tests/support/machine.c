/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "machine.h"

struct machine *machine_new(uint64_t slots, uint64_t seed)
{
    static const uint8_t id[RING_ID_SIZE] = {'m', 'a', 'c', 'h', 'i', 'n', 'e'};
    struct machine *machine = calloc(1, sizeof(*machine));
    size_t size = ring_memory_size(slots);
    void *memory = machine ? aligned_alloc(64, size) : NULL;
    if (!memory)
        abort();
    memset(memory, 0, size);
    if (ring_format(&machine->ring, memory, size, slots, id) != 0)
        abort();
    machine->random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    machine->mono_ns = 1000 * NS_PER_S;
    machine->real_ns = INT64_C(1800000000) * (int64_t)NS_PER_S;
    return machine;
}

void machine_free(struct machine *machine)
{
    if (machine)
        free(machine->ring.memory);
    free(machine);
}

uint64_t machine_random(struct machine *machine, uint64_t below)
{
    machine->random ^= machine->random >> 12;
    machine->random ^= machine->random << 25;
    machine->random ^= machine->random >> 27;
    return (machine->random * UINT64_C(0x2545f4914f6cdd1d) >> 11) % below;
}

uint16_t machine_add_domain(struct machine *machine, const char *name, enum domain_kind kind,
                            enum energy_source source, bool summed)
{
    uint16_t number = (uint16_t)machine->n_domains++;
    struct machine_domain *domain = &machine->domains[number];
    domain->entry = (struct ring_domain_entry){.kind = kind, .source = source, .used = 1};
    (void)str_copy(domain->entry.name, sizeof(domain->entry.name), name);
    domain->summed = summed;
    if (ring_table_put(&machine->ring, RING_TABLE_DOMAIN, number, &domain->entry) != 0)
        abort();
    return number;
}

uint32_t machine_name(struct machine *machine, uint32_t slot, uint32_t generation,
                      enum workload_kind kind, const char *unit, const char *command,
                      const char *user)
{
    struct workload workload = {.generation = generation, .kind = kind};
    (void)str_copy(workload.unit, sizeof(workload.unit), unit);
    (void)str_copy(workload.command, sizeof(workload.command), command);
    (void)str_copy(workload.user, sizeof(workload.user), user);
    if (ring_table_put(&machine->ring, RING_TABLE_WORKLOAD, slot, &workload) != 0)
        abort();
    return ring_workload_id(slot, generation);
}

void machine_begin(struct machine *machine, uint64_t interval_ns)
{
    machine->interval_ns = interval_ns;
    machine->gap_ns = 0;
    machine->n_energies = 0;
    for (size_t i = 0; i < machine->n_domains; i++) {
        machine->domains[i].energy_uj = 0;
        machine->domains[i].idle_uj = 0;
    }
}

void machine_idle(struct machine *machine, uint16_t domain, uint64_t energy_uj)
{
    machine->domains[domain].energy_uj += energy_uj;
    machine->domains[domain].idle_uj += energy_uj;
}

void machine_use(struct machine *machine, uint16_t domain, uint32_t workload, int32_t pid,
                 uint64_t energy_uj, uint64_t cpu_ns)
{
    if (machine->n_energies == MACHINE_ENERGIES)
        abort();
    machine->domains[domain].energy_uj += energy_uj;
    machine->energies[machine->n_energies++] = (struct ring_energy){
        .type = RING_ENERGY,
        .first_domain = domain,
        .pid = pid,
        .workload = workload,
        .uncertainty = machine->codes,
        .cpu_ns = cpu_ns,
        .energy_uj = {energy_uj},
    };
}

static void push_domain(struct machine *machine, uint16_t number)
{
    struct machine_domain *domain = &machine->domains[number];
    domain->total_uj += domain->energy_uj;
    domain->summed_total_uj += domain->summed ? domain->energy_uj : 0;
    ring_push(&machine->ring, &(union ring_record){
                                  .domain = {
                                             .type = RING_DOMAIN,
                                             .flags = domain->summed ? RING_DOMAIN_SUMMED : 0,
                                             .domain = number,
                                             .uncertainty_ppm = domain->uncertainty_ppm,
                                             .energy_uj = domain->energy_uj,
                                             .total_uj = domain->total_uj,
                                             .interval_ns = machine->interval_ns,
                                             .gap_ns = machine->gap_ns,
                                             .idle_uj = domain->idle_uj,
                                             }
    });
}

void machine_end(struct machine *machine, struct frame *frame)
{
    uint64_t position = machine->ring.head;
    machine->mono_ns += machine->interval_ns + machine->gap_ns;
    machine->real_ns += (int64_t)(machine->interval_ns + machine->gap_ns);
    for (uint16_t i = 0; i < machine->n_domains; i++)
        if (machine->domains[i].idle_uj != 0)
            machine->energies[machine->n_energies++] = (struct ring_energy){
                .type = RING_ENERGY,
                .first_domain = i,
                .workload = ring_workload_id(RING_WORKLOAD_IDLE, 1),
                .energy_uj = {machine->domains[i].idle_uj},
            };
    ring_push(&machine->ring,
              &(union ring_record){
                  .frame = {
                            .type = RING_FRAME,
                            .domains = (uint16_t)machine->n_domains,
                            .records = (uint32_t)(2 + machine->n_domains + machine->n_energies),
                            .number = ++machine->number,
                            .mono_ns = machine->mono_ns,
                            .real_ns = machine->real_ns,
                            .interval_ns = machine->interval_ns,
                            .gap_ns = machine->gap_ns,
                            .total_uj = machine->total_uj,
                            }
    });
    ring_push(&machine->ring, &(union ring_record){
                                  .host = {.type = RING_HOST, .cpus = 4}
    });
    for (uint16_t i = 0; i < machine->n_domains; i++) {
        push_domain(machine, i);
        machine->total_uj += machine->domains[i].summed ? machine->domains[i].energy_uj : 0;
    }
    for (size_t i = 0; i < machine->n_energies; i++)
        ring_push(&machine->ring, &(union ring_record){.energy = machine->energies[i]});
    ring_publish(&machine->ring);
    if (frame && frame_read(&machine->ring, position, frame) != 0)
        abort();
}
