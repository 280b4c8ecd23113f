/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* How many passwords may be tried: some at once, then one now and then, by each address and by all
 * together, so that guessing is hopeless and costs this machine little. Whoever knew a password of
 * late is not held up by strangers. Bounded memory. The caller tells the time.
 *
 * A bucket is the moment at which it is full again: a try moves it on by a period. */

#include "greend/base.h"
#include "greend/units.h"

enum {
    WEB_PEERS = 256,
    WEB_PEER_BURST = 6,
    WEB_ALL_BURST = 16,
};

#define WEB_PEER_PERIOD_NS (5 * NS_PER_S)
#define WEB_ALL_PERIOD_NS  NS_PER_S
#define WEB_TRUST_NS       (UINT64_C(86400) * NS_PER_S)

struct web_peer {
    uint64_t address; /* as of clients_address() */
    uint64_t full_ns;
    uint64_t trusted_ns; /* until when */
    bool used;
};

/* Zeroed: nobody has tried. */
struct web_limit {
    uint64_t all_full_ns;
    struct web_peer peers[WEB_PEERS];
};

/* Whether this address may try now. Also a look at what is known counts as a try: else guessing by
 * the fast answer would be free. */
bool web_limit_admits(struct web_limit *limit, uint64_t address, uint64_t now_ns);

/* Counts a try that was admitted. */
void web_limit_count(struct web_limit *limit, uint64_t address, uint64_t now_ns);

/* The password was right: the address is trusted for a day. `counted`: takes the try back. */
void web_limit_trust(struct web_limit *limit, uint64_t address, uint64_t now_ns, bool counted);
