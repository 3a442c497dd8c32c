"""The program over the loads that prices asked for: column generation, stage by stage.

While prices are improved, people answer with loads; these are the columns of a program that is
far smaller than that of all loads. Its linear relaxation has prices of its own, at which people
are asked again; when nobody answers with a new load, its value is that of the relaxation over all
loads, and so the bound. The program in whole numbers over the same loads makes the plan better.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .growth import Chosen, Points, Small
from .highs import Relaxed
from .ledger import Ledger
from .loads import Load
from .lookup import Lookup
from .master import Master
from .pricing import Pricing
from .spaces import Spaces
from .stages import Taken

MOST_GATHERED = 300_000  # answers waiting to be taken in: the last ones are the nearest
Prices = tuple[Points, Points, Points]  # of needs, budgets and held stages, as `Pricing` has them


class Columns:
    """Loads by person and choices, each once; `spaces` says which there are."""

    def __init__(self, lookup: Lookup, held: Ledger, spaces: Spaces) -> None:
        self.lookup, self.held, self.spaces = lookup, held, spaces
        # One load of every need, so that each has a price.
        self.loads = {(load.person, load.choices): load for load in _singles(spaces)}
        self._waiting: list[Chosen] = []

    def gather(self, chosen: Sequence[Chosen]) -> None:
        """Loads that people answered with; they are taken in by `take_in`."""
        self._waiting += chosen
        rows = sum(len(who) for who, _, _ in self._waiting)
        while rows > MOST_GATHERED:
            rows -= len(self._waiting.pop(0)[0])

    def take_in(self) -> int:
        """Take in what was gathered; how many loads are new."""
        before, by_width = len(self.loads), dict[int, list[Small]]()
        for who, members, bonus in self._waiting:
            if len(who):
                rows = np.concatenate([who[:, None], bonus[:, None], members], axis=1)
                rows = rows.astype(np.int32)
                by_width.setdefault(members.shape[1], []).append(rows)
        self._waiting = []
        for _, parts in sorted(by_width.items()):
            rows = np.unique(np.concatenate(parts), axis=0)
            for load in self.spaces.records(rows[:, 0], rows[:, 2:], rows[:, 1]):
                self.loads.setdefault((load.person, load.choices), load)
        return len(self.loads) - before

    def take_in_plan(self, taken: Taken) -> None:
        """Take in the loads of a plan, so that the program has it among its answers."""
        of_person: dict[int, list[tuple[int, int]]] = {}
        for (i, j), half_days in sorted(taken.items()):
            if (i, j) not in self.held.taken:
                of_person.setdefault(j, []).append((i, half_days))
        for j, mine in of_person.items():
            key = (j, tuple(mine))
            if key not in self.loads:
                self.loads[key] = self.spaces.load_of(j, mine)

    def program(self, pricing: Pricing) -> Master:
        """The program over the loads; no held stage of `pricing` may fall."""
        tight = {self.lookup.problem.towns[t].id for t in pricing.budget_towns}
        loads = [load for _, load in sorted(self.loads.items())]
        master = Master(self.lookup, self.held, loads, tight)
        for stage, least in pricing.holds:
            master.hold(stage, least)
        return master


def _singles(spaces: Spaces) -> list[Load]:
    """For each need that somebody could serve one load of it alone."""
    ok = np.flatnonzero(spaces.known | (spaces.most_towns[spaces.person] > 0))
    chosen = ok[np.unique(spaces.need[ok], return_index=True)[1]].astype(np.int32)
    alone = np.zeros(len(chosen), np.int32)
    return spaces.records(spaces.person[chosen], chosen[:, None], alone)


def prices_of(master: Master, relaxed: Relaxed, pricing: Pricing) -> Prices:
    """The prices of the relaxation, as `pricing` has them."""
    dual = relaxed.prices
    price, needs = pricing.price.copy(), master.lookup.needs
    for i, row in master.need_row.items():
        # A place is worth to its person what its need asks, less what its town pays.
        town = master.town_row.get(needs[i].town)
        price[i] = dual[row] + (0.0 if town is None else dual[town])
    budget = pricing.budget_price.copy()
    for k, t in enumerate(pricing.budget_towns):
        at = master.budget_row.get(master.lookup.problem.towns[t].id)
        if at is not None:
            budget[k] = max(0.0, dual[at[0]]) * float(pricing.unit[k]) / at[1]
    hold = [
        max(0.0, -dual[master.stage_row[name]]) if name in master.stage_row else 0.0
        for name, _ in pricing.holds
    ]
    return price, budget, np.array(hold, dtype=float)
