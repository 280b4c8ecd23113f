/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "ctl.h"
#include "report/fleet.h"

/* Who says it in a list of all exclusions: this, or inventory_gaps() where the inventory is known.
 */
enum by { BY_THIS, BY_INVENTORY };

static const struct {
    unsigned gap;
    enum by by;
    struct inventory_gap shown;
} told[] = {
    {FOOTPRINT_NOT_DECLARED,
     BY_THIS,      {"declarations",
      N_("the database does not tell where and what the measured machine is: the greend that wrote "
         "it is older than that"),
      N_("upgrade greend there; or, for one machine, name its configuration: --config FILE"), 0}  },
    {FOOTPRINT_NO_FACTORS,
     BY_THIS,      {"factors", N_("they cannot be read: no impact is computed"),
      N_("see the errors, and [footprint] in greend.conf"), 0}                                    },
    {FOOTPRINT_NO_COUNTRY,
     BY_INVENTORY, {"country", N_("without it no impact of electricity can be counted"),
      N_("say country=CODE in [site] of greend.conf, as FR"), 0}                             },
    {FOOTPRINT_NO_PUE,
     BY_THIS,      {"pue", N_("none is declared, and there is no default for the country: no impact of use"),
      N_("say pue=NUMBER in [site] of greend.conf"), 0}                                           },
    {FOOTPRINT_NO_MIX,
     BY_THIS,      {"electricity", N_("the set of factors has none for the country: no impact of use"),
      N_("choose another set or folder in [footprint] of greend.conf"), 0}                        },
    {FOOTPRINT_ELSEWHERE,
     BY_THIS,      {"inventory",
      N_("the database is not this machine's, whose parts are not known here: no hardware"),
      N_("make the report on the machine that was measured"), 0}                                  },
    {FOOTPRINT_NO_PURCHASE,
     BY_INVENTORY, {"purchase", N_("without its date nothing of the hardware can be counted for a period"),
      N_("say purchase=YYYY-MM-DD in [asset] of greend.conf"), 0}                            },
    {FOOTPRINT_NO_SHARE,
     BY_INVENTORY, {"machine",
      N_("a virtual machine's hardware is its host's: without a declared share none is counted"),
      N_("say host_share=NUMBER in [asset] of greend.conf: its part of the host, 0 to 1"), 0}},
    {FOOTPRINT_NO_MACHINE,
     BY_THIS,      {"machine", N_("whether it is physical is not known: no hardware is counted"),
      N_("say machine=physical or machine=virtual in [asset] of greend.conf"), 0}                 },
    {FOOTPRINT_PURCHASE_AHEAD,
     BY_THIS,      {"purchase", N_("its date is still to come, and yet the machine runs: no hardware is counted"),
      N_("correct purchase= in [asset] of greend.conf"), 0}                                       },
    {FOOTPRINT_NO_LIFE,
     BY_THIS,      {"life", N_("none is declared, and no factor has a default: no hardware is counted"),
      N_("say life=YEARS in [asset] of greend.conf"), 0}                                          },
    {FOOTPRINT_BEFORE_PURCHASE,
     BY_THIS,      {"purchase", N_("the time before it is in the period and counts no hardware"), "", 0}       },
    {FOOTPRINT_PAST_LIFE,
     BY_THIS,      {"life",
      N_("the time behind the planned life is in the period and counts no hardware: all of "
         "it was counted before"),
      "", 0}                                                                                      },
};

const struct inventory_gap *report_footprint_gap(unsigned gap)
{
    for (size_t i = 0; i < ARRAY_SIZE(told); i++)
        if (told[i].gap == gap)
            return &told[i].shown;
    return NULL;
}

static void add(struct inventory_gap *list, size_t *n, const char *item, const char *why,
                const char *mend)
{
    list[(*n)++] = (struct inventory_gap){item, why, mend, 0};
}

static void add_unpublished(const struct report_footprint *footprint, struct inventory_gap *list,
                            size_t *n)
{
    bool use = !(footprint->gaps & FOOTPRINT_GAPS_USE);
    bool embodied = !(footprint->gaps & FOOTPRINT_GAPS_EMBODIED);
    for (int c = 0; c < CRITERIA; c++) {
        const char *id = criterion_info((enum criterion)c)->id;
        if (use && !footprint->total.use.factors[c])
            add(list, n, id,
                N_("of use: not published for the country in the chosen set of factors"), "");
        if (embodied && !footprint->total.embodied[c].known)
            add(list, n, id, N_("of hardware: not published"), "");
    }
    if (use && !footprint->facts->view.site.wue.known)
        add(list, n, "water", N_("on site is not declared, so that the sum is not known"),
            N_("say wue=LITRES per kWh in [site] of greend.conf"));
}

/* Those of all hosts, each once. */
static size_t of_fleet(const struct fleet *fleet,
                       struct inventory_gap ret[FOOTPRINT_EXCLUSIONS_MAX])
{
    struct inventory_gap own[FOOTPRINT_EXCLUSIONS_MAX];
    size_t n = 0;
    if (fleet->silent > 0)
        add(ret, &n, "hosts",
            N_("some have no data in the period: neither their energy nor their hardware is "
               "counted"),
            "");
    if (fleet->unplaced > 0)
        add(ret, &n, "hosts",
            N_("some virtual machines do not say which machine they run on: if that is one of "
               "these, their energy counts twice"),
            N_("say host=NAME in [asset] of greend.conf there"));
    for (size_t i = 0; i < fleet->n; i++) {
        size_t n_own = report_footprint_exclusions(&fleet->hosts[i]->footprint, own);
        for (size_t k = 0; k < n_own && n < FOOTPRINT_EXCLUSIONS_MAX; k++) {
            size_t same = 0;
            while (same < n && !(str_equal(ret[same].item, own[k].item) &&
                                 str_equal(ret[same].why, own[k].why)))
                same++;
            if (same == n)
                ret[n++] = own[k];
        }
    }
    return n;
}

size_t report_footprint_exclusions(const struct report_footprint *footprint,
                                   struct inventory_gap ret[FOOTPRINT_EXCLUSIONS_MAX])
{
    if (footprint->fleet)
        return of_fleet(footprint->fleet, ret);
    const struct facts *facts = footprint->facts;
    size_t n = facts->here && !facts->wrong ? inventory_gaps(&facts->view, ret) : 0;
    for (size_t i = 0; i < ARRAY_SIZE(told); i++)
        if ((footprint->gaps & told[i].gap) && (told[i].by == BY_THIS || !facts->here))
            ret[n++] = told[i].shown;
    if (facts->view.factors)
        add_unpublished(footprint, ret, &n);
    if (footprint->gaps & FOOTPRINT_GAPS_EMBODIED)
        return n;
    if (footprint->amortised.notes & AMORTISED_NO_EARLIER_USE)
        add(ret, &n, "earlier_use",
            N_("refurbished, and how long it served before is not declared: nothing is taken off"),
            N_("say earlier_use=YEARS in [asset] of greend.conf"));
    if (!facts->view.embodied.whole)
        add(ret, &n, "hardware", N_("transport and end of life are not counted"), "");
    return n;
}
