"""A plan from prices: people take the load worth most to them, as long as its places last.

Those who came too late are asked again for what is open; what nobody wants at the prices goes
to whoever has room, as in the quick plan.
"""

from __future__ import annotations

import numpy as np

from .arrays import Mask, PairArrays
from .greedy import fill
from .ledger import Ledger
from .loads import TooManyLoads
from .lookup import Lookup
from .pricing import Pricing
from .stages import Taken

ROUNDS = 6


def priced_plan(lookup: Lookup, pairs: PairArrays, pricing: Pricing) -> Taken:
    """The pairs of a plan on top of the accepted ones, at the prices at hand."""
    ledger = Ledger(lookup)
    spaces = pricing.spaces
    alone = np.array([not n.all_or_nothing or n.count == 1 for n in lookup.needs], dtype=bool)
    waiting = np.ones(len(lookup.people), dtype=bool)
    factors = pricing.factors(pricing.hold_price)
    price = pricing.high(pricing.price, factors)
    gains = pricing.gains(price, pricing.budget_price, factors)
    for _ in range(ROUNDS):
        open_needs = (np.array(ledger.places) > 0) & alone
        wanted: Mask = open_needs[spaces.need] & waiting[spaces.person]
        try:
            worth, chosen = pricing.respond(gains, factors, np.flatnonzero(wanted))
        except TooManyLoads:
            break  # the quick way does the rest
        loads = {
            j: row
            for who, members, _ in chosen
            for j, row in zip(who.tolist(), members.tolist(), strict=True)
        }
        for j in sorted(loads, key=lambda j: (-worth[j], j)):
            choices = [
                (int(spaces.need[o]), int(spaces.half_days[o]), int(spaces.cost[o]))
                for o in loads[j]
            ]
            if _fits(lookup, ledger, choices):
                waiting[j] = False
                for i, half_days, _ in choices:
                    ledger.take(i, j, half_days)
    short = np.flatnonzero(np.array(ledger.places)[pairs.need] > 0)
    fill(lookup, ledger, pairs.pairs(short))
    return dict(ledger.taken)


def _fits(lookup: Lookup, ledger: Ledger, choices: list[tuple[int, int, int]]) -> bool:
    """Whether places and budgets are left for all needs of a load (need, half-days, yen)."""
    spent: dict[str, int] = {}
    for i, _, yen in choices:
        town = lookup.needs[i].town
        spent[town] = spent.get(town, 0) + yen
        if ledger.places[i] <= 0:
            return False
    return all(yen <= ledger.budget.get(town, yen) for town, yen in spent.items())
