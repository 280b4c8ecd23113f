/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/web/web_limit.h"

static bool has_room(uint64_t full_ns, uint64_t now_ns, uint64_t period_ns, uint64_t burst)
{
    return sub_saturated(full_ns, now_ns) <= (burst - 1) * period_ns;
}

static struct web_peer *find(struct web_limit *limit, uint64_t address)
{
    for (size_t i = 0; i < WEB_PEERS; i++)
        if (limit->peers[i].used && limit->peers[i].address == address)
            return &limit->peers[i];
    return NULL;
}

static bool is_trusted(const struct web_peer *peer, uint64_t now_ns)
{
    return peer && peer->trusted_ns > now_ns;
}

/* Whether a is to be forgotten rather than b: trust first, then what its bucket lacks. A full
 * bucket of a stranger says nothing. */
static bool matters_less(const struct web_peer *a, const struct web_peer *b, uint64_t now_ns)
{
    bool trust_a = is_trusted(a, now_ns);
    bool trust_b = is_trusted(b, now_ns);
    if (trust_a != trust_b)
        return trust_b;
    return trust_a ? a->trusted_ns < b->trusted_ns : a->full_ns < b->full_ns;
}

static struct web_peer *find_or_add(struct web_limit *limit, uint64_t address, uint64_t now_ns)
{
    struct web_peer *peer = find(limit, address);
    if (peer)
        return peer;
    struct web_peer *victim = &limit->peers[0];
    for (size_t i = 0; i < WEB_PEERS && victim->used; i++)
        if (!limit->peers[i].used || matters_less(&limit->peers[i], victim, now_ns))
            victim = &limit->peers[i];
    *victim = (struct web_peer){.address = address, .used = true};
    return victim;
}

bool web_limit_admits(struct web_limit *limit, uint64_t address, uint64_t now_ns)
{
    const struct web_peer *peer = find(limit, address);
    if (peer && !has_room(peer->full_ns, now_ns, WEB_PEER_PERIOD_NS, WEB_PEER_BURST))
        return false;
    return is_trusted(peer, now_ns) ||
           has_room(limit->all_full_ns, now_ns, WEB_ALL_PERIOD_NS, WEB_ALL_BURST);
}

void web_limit_count(struct web_limit *limit, uint64_t address, uint64_t now_ns)
{
    struct web_peer *peer = find_or_add(limit, address, now_ns);
    peer->full_ns = MAX(peer->full_ns, now_ns) + WEB_PEER_PERIOD_NS;
    if (!is_trusted(peer, now_ns))
        limit->all_full_ns = MAX(limit->all_full_ns, now_ns) + WEB_ALL_PERIOD_NS;
}

void web_limit_trust(struct web_limit *limit, uint64_t address, uint64_t now_ns, bool counted)
{
    struct web_peer *peer = find_or_add(limit, address, now_ns);
    if (counted) {
        peer->full_ns = sub_saturated(peer->full_ns, WEB_PEER_PERIOD_NS);
        if (!is_trusted(peer, now_ns))
            limit->all_full_ns = sub_saturated(limit->all_full_ns, WEB_ALL_PERIOD_NS);
    }
    peer->trusted_ns = now_ns + WEB_TRUST_NS;
}
