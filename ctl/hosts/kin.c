/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "hosts/kin.h"

#include "export/export.h"
#include "greend/units.h"

enum { KIN_SAID_MAX = 20 };

void kin_done(struct kin *kin)
{
    free(kin->list);
    *kin = (struct kin){0};
}

/* ---- Reading ---- */

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return hash_bytes(hash, text, strlen(text) + 1);
}

static uint64_t hash_number(uint64_t hash, double number)
{
    return hash_bytes(hash, &number, sizeof(number));
}

/* As understood and not as written: 1.35 and 1.350 are the same. */
static uint64_t hash_facts(const struct export_host *host)
{
    const struct site *site = &host->site;
    const struct asset *asset = &host->asset;
    const double numbers[] = {
        site->geography,
        site->pue.known ? site->pue.value : -1,
        site->wue.known ? site->wue.value : -1,
        asset->purchase,
        asset->planned_end,
        asset->life_days,
        asset->refurbished,
        asset->earlier_days,
        asset->later_days,
        asset->host_share.known ? asset->host_share.value : -1,
    };
    uint64_t hash = HASH_BEGIN;
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
        hash = hash_number(hash, numbers[i]);
    return hash;
}

/* Parts that a virtual machine reads are what its hypervisor made up. */
static uint64_t hash_hardware(const struct export_host *host)
{
    bool physical = export_host_is_physical(host);
    uint64_t hash = hash_text(HASH_BEGIN, physical ? "" : host->settings.described.host);
    hash = hash_number(hash, physical ? host->asset.purchase : 0);
    for (size_t i = 0; i < host->inventory.n_parts; i++) {
        const struct inventory_part *part = &host->inventory.parts[i];
        if (part->origin != ORIGIN_DECLARED && !physical)
            continue;
        hash = hash_number(hash_text(hash, part->model), part->size.value);
        hash = hash_number(hash_number(hash, part->count), part->kind);
    }
    return hash;
}

struct look {
    const struct ctl_arguments *arguments;
    int64_t now_s;
    hosts_period_finder *find_period;
    struct kin_machine *list; /* of each database */
};

static int look_at(void *userdata, const struct hosts_database *database, size_t place,
                   struct store_reader *reader)
{
    const struct look *look = userdata;
    struct kin_machine *ret = &look->list[place];
    CLEANUP(export_host_done) struct export_host host = {0};
    struct store_period recorded;
    struct period asked;
    int r = look->find_period(look->arguments, look->now_s, &asked); /* in its time zone */
    if (r == CTL_DONE)
        r = export_host_look(database, reader, &asked, &host, &recorded);
    if (r != CTL_DONE)
        return r;
    *ret = (struct kin_machine){
        .path = host.path,
        .virtual = export_host_is_virtual(&host),
        .physical = export_host_is_physical(&host),
        .told = host.told,
        .recorded = recorded.covered_ns > 0,
        .share = host.asset.host_share.known ? host.asset.host_share.value : 0,
        .since_s = recorded.since_s,
        .until_s = recorded.until_s,
        .covered_ns = recorded.covered_ns,
        .first_s = database->info.first_s,
        .last_s = database->info.last_s,
        .databases = 1,
        .facts = hash_facts(&host),
        .hardware = hash_hardware(&host),
        .on = CONTAINED_IN_NONE,
    };
    (void)str_copy(ret->name, sizeof(ret->name), export_host_name(&host));
    (void)str_copy(ret->host, sizeof(ret->host), host.settings.described.host);
    memcpy(ret->id, database->info.host_id, sizeof(ret->id));
    return CTL_DONE;
}

/* Its time, to that of another one or none. */
static void add_time(struct kin_machine *sum, const struct kin_machine *more)
{
    bool first = sum->until_s == sum->since_s;
    if (more->databases > 0) {
        sum->databases += more->databases;
        sum->first_s = MIN(sum->first_s, more->first_s);
        sum->last_s = MAX(sum->last_s, more->last_s);
    }
    if (more->until_s == more->since_s)
        return;
    sum->recorded |= more->recorded;
    sum->since_s = first ? more->since_s : MIN(sum->since_s, more->since_s);
    sum->until_s = first ? more->until_s : MAX(sum->until_s, more->until_s);
    sum->covered_ns = add_saturated(sum->covered_ns, more->covered_ns);
}

/* What the databases of each host tell together: facts are those of the newest. */
static int gather(const struct hosts *hosts, const struct kin_machine *databases, struct kin *kin)
{
    CLEANUP(free_p)
    const struct hosts_database **newest = calloc(kin->n + 1, sizeof(struct hosts_database *));
    if (!newest)
        return -ENOMEM;
    for (size_t i = 0; i < hosts->n; i++) {
        const struct hosts_database *database = &hosts->list[i];
        size_t host = database->host;
        struct kin_machine known = kin->list[host];
        if (!newest[host] || database->info.committed_s > newest[host]->info.committed_s) {
            newest[host] = database;
            kin->list[host] = databases[i];
            add_time(&kin->list[host], &known);
        } else {
            add_time(&kin->list[host], &databases[i]);
        }
    }
    return 0;
}

/* ---- One machine, one identity after the other ---- */

/* By identity; or by name, which is none where nobody gave it. */
static bool is_one_machine(const struct kin_machine *a, const struct kin_machine *b)
{
    if (store_host_is_known(a->id) && memcmp(a->id, b->id, sizeof(a->id)) == 0)
        return true;
    return a->name[0] != '\0' && !str_starts(a->name, "localhost") && str_equal(a->name, b->name) &&
           a->virtual == b->virtual && a->physical == b->physical && (a->virtual || a->physical);
}

/* By what all of their databases hold together; by each where that does not tell. */
static bool are_apart(const struct kin *kin, const struct hosts *hosts, size_t a, size_t b)
{
    const struct kin_machine *one = &kin->list[a];
    const struct kin_machine *other = &kin->list[b];
    if (one->first_s >= other->last_s || other->first_s >= one->last_s)
        return true;
    if (one->databases == 1 && other->databases == 1)
        return false;
    for (size_t i = 0; i < hosts->n; i++)
        for (size_t j = 0; j < hosts->n && hosts->list[i].host == a; j++) {
            const struct store_info *x = &hosts->list[i].info;
            const struct store_info *y = &hosts->list[j].info;
            if (hosts->list[j].host == b && x->first_s < y->last_s && y->first_s < x->last_s)
                return false;
        }
    return true;
}

static bool is_of_other_time(const struct kin *kin, const struct hosts *hosts, size_t a, size_t b)
{
    return a != b && is_one_machine(&kin->list[a], &kin->list[b]) && are_apart(kin, hosts, a, b);
}

/* b becomes a part of a, which comes before it. */
static void unite(struct kin *kin, struct hosts *hosts, size_t a, size_t b)
{
    const struct kin_machine one = kin->list[a];
    const struct kin_machine other = kin->list[b];
    bool first = !other.told || (one.told && one.until_s >= other.until_s);
    struct kin_machine both = first ? one : other;
    if (memcmp(one.id, other.id, sizeof(one.id)) != 0)
        ctl_complain(_("%s and %s are taken for one machine, %s, whose identity changed: its name "
                       "and what is declared of it are the same, one after the other"),
                     one.path, other.path, one.name);
    add_time(&both, first ? &other : &one);
    kin->list[a] = both;
    for (size_t i = 0; i < hosts->n; i++) {
        struct hosts_database *database = &hosts->list[i];
        if (database->host == b)
            database->host = a;
        else if (database->host > b)
            database->host--;
    }
    hosts->n_hosts--;
    memmove(&kin->list[b], &kin->list[b + 1], (--kin->n - b) * sizeof(*kin->list));
}

/* Of one that does not tell what it is, its identity alone says something. */
static bool are_alike(const struct kin_machine *a, const struct kin_machine *b, enum kin_by by)
{
    if (!a->told || !b->told)
        return store_host_is_known(a->id) && memcmp(a->id, b->id, sizeof(a->id)) == 0;
    return a->hardware == b->hardware && (by == KIN_BY_MACHINE || a->facts == b->facts);
}

static void unite_all(struct kin *kin, struct hosts *hosts, enum kin_by by)
{
    for (size_t a = 0; a < kin->n; a++)
        for (size_t b = a + 1; b < kin->n;) {
            if (are_alike(&kin->list[a], &kin->list[b], by) && is_of_other_time(kin, hosts, a, b))
                unite(kin, hosts, a, b);
            else
                b++;
        }
}

/* Each database by itself, so that what is declared in each counts for its time. */
static void part_all(struct hosts *hosts)
{
    for (size_t i = 0; i < hosts->n; i++)
        hosts->list[i].host = i;
    hosts->n_hosts = hosts->n;
}

const struct kin_machine *kin_find_other_time(const struct kin *kin, const struct hosts *hosts,
                                              size_t host)
{
    for (size_t i = 0; host < kin->n && i < kin->n; i++)
        if (is_of_other_time(kin, hosts, host, i))
            return &kin->list[i];
    return NULL;
}

uint64_t kin_covered_ns(const struct kin *kin, const struct hosts *hosts, size_t host)
{
    uint64_t covered_ns = 0;
    for (size_t i = 0; i < kin->n; i++)
        if (i == host || is_of_other_time(kin, hosts, host, i))
            covered_ns = add_saturated(covered_ns, kin->list[i].covered_ns);
    return covered_ns;
}

/* ---- One on the other ---- */

static struct contained_machine *contained_of(const struct kin *kin)
{
    struct contained_machine *machines = calloc(MAX(kin->n, (size_t)1), sizeof(*machines));
    for (size_t i = 0; machines && i < kin->n; i++) {
        const struct kin_machine *machine = &kin->list[i];
        machines[i] = (struct contained_machine){
            .name = machine->name,
            .host = machine->host,
            .physical = machine->physical,
            .recorded = machine->recorded,
            .share = machine->share,
            .since_s = machine->since_s,
            .until_s = machine->until_s,
        };
    }
    return machines;
}

static int find_hosts(struct kin *kin)
{
    CLEANUP(free_p) struct contained_machine *machines = contained_of(kin);
    CLEANUP(free_p) size_t *on = calloc(MAX(kin->n, (size_t)1), sizeof(*on));
    size_t wrong = 0;
    int r = machines && on ? contained_find(machines, kin->n, on, &wrong) : -ENOMEM;
    for (size_t i = 0; r == 0 && i < kin->n; i++)
        kin->list[i].on = on[i];
    if (r == 0)
        return CTL_DONE;
    const struct kin_machine *machine = &kin->list[wrong];
    if (r == CONTAINED_AMBIGUOUS)
        ctl_complain(_("%s (%s): several machines are called %s, which it is declared to run on: "
                       "say another name= in [asset] of one of them, or leave it out"),
                     machine->name, machine->path, machine->host);
    else if (r == CONTAINED_CIRCLE)
        ctl_complain(_("%s (%s): it is declared to run on itself, by way of %s: mend host= in "
                       "[asset] of greend.conf there, then systemctl reload greend"),
                     machine->name, machine->path, machine->host);
    else
        ctl_complain(_("out of memory"));
    return CTL_FAILED;
}

static int settle(struct hosts *hosts, const struct kin_machine *databases, enum kin_by by,
                  struct kin *kin)
{
    if (by == KIN_BY_FACTS)
        part_all(hosts);
    kin->n = hosts->n_hosts;
    kin->list = calloc(MAX(kin->n, (size_t)1), sizeof(*kin->list));
    if (!kin->list || gather(hosts, databases, kin) < 0) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    unite_all(kin, hosts, by);
    return kin->n > 1 ? find_hosts(kin) : CTL_DONE;
}

int kin_find(const struct ctl_arguments *arguments, const char *const *paths, size_t n,
             enum kin_by by, int64_t now_s, hosts_period_finder *find_period,
             struct hosts *ret_hosts, struct kin *ret_kin)
{
    CLEANUP(free_p) struct kin_machine *databases = calloc(n, sizeof(*databases));
    struct look look = {arguments, now_s, find_period, databases};
    if (!databases) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    int r = hosts_find(ret_hosts, paths, n, look_at, &look);
    return r == CTL_DONE ? settle(ret_hosts, databases, by, ret_kin) : r;
}

/* ---- What is said ---- */

int kin_check_shares(const struct kin *kin)
{
    CLEANUP(free_p) struct contained_machine *machines = contained_of(kin);
    CLEANUP(free_p) size_t *members = calloc(MAX(kin->n, (size_t)1), sizeof(*members));
    CLEANUP(text_done) struct text names = {0};
    size_t n = 0;
    double sum = 0;
    int r = machines && members ? contained_overfull(machines, kin->n, members, &n, &sum) : -ENOMEM;
    if (r == 0)
        return CTL_DONE;
    for (size_t i = 0; r > 0 && i < MIN(n, (size_t)KIN_SAID_MAX); i++)
        text_format(&names, "%s%s %g", i > 0 ? ", " : "", kin->list[members[i]].name,
                    kin->list[members[i]].share);
    if (r < 0 || names.error < 0)
        ctl_complain(_("out of memory"));
    else
        ctl_complain(_("the parts of %s that its virtual machines declare are %g in all, more than "
                       "all of it: %s%s. Mend host_share= in [asset] of greend.conf there, then "
                       "systemctl reload greend"),
                     kin->list[members[0]].host, sum, names.data, n > KIN_SAID_MAX ? ", ..." : "");
    return CTL_FAILED;
}

size_t kin_count_unplaced(const struct kin *kin, const struct kin_machine **ret_first)
{
    size_t n = 0;
    bool physical = false;
    for (size_t i = 0; i < kin->n; i++) {
        const struct kin_machine *machine = &kin->list[i];
        physical |= machine->physical && machine->recorded;
        if (!machine->virtual || !machine->recorded || machine->host[0] != '\0')
            continue;
        if (n++ == 0 && ret_first)
            *ret_first = machine;
    }
    return physical ? n : 0;
}

void kin_say_unplaced(const struct kin *kin)
{
    const struct kin_machine *first = NULL;
    size_t n = kin_count_unplaced(kin, &first);
    if (n == 0)
        return;
    ctl_complain(P_("%zu virtual machine does not say which machine it runs on, %s (%s), and "
                    "counts by itself: if that is one of these, its energy counts twice. Say "
                    "host=NAME in [asset] of greend.conf there, then systemctl reload greend",
                    "%zu virtual machines do not say which machine they run on, the first %s (%s), "
                    "and count by themselves: if that is one of these, their energy counts twice. "
                    "Say host=NAME in [asset] of greend.conf there, then systemctl reload greend",
                    n),
                 n, *first->name ? first->name : _("a host without a name"), first->path);
}

void kin_say(const struct kin *kin)
{
    size_t n = 0;
    for (size_t i = 0; i < kin->n; i++) {
        const struct kin_machine *machine = &kin->list[i];
        if (!kin_is_contained(kin, i) || n++ >= KIN_SAID_MAX)
            continue;
        ctl_complain(_("%s (%s) runs on %s, whose energy and hardware hold its: it is not added "
                       "again"),
                     machine->name, machine->path, machine->host);
    }
    if (n > KIN_SAID_MAX)
        ctl_complain(_("and %zu more like these"), n - KIN_SAID_MAX);
    kin_say_unplaced(kin);
}
