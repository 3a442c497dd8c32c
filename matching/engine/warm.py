"""A start from an earlier plan: what of it still holds is where the search begins.

Pairs that the problem no longer has, that may no longer be, or that do not fit beside each other
are left out; the rest is filled up as in the quick plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .greedy import fill
from .ledger import Ledger
from .lookup import Lookup, Pair
from .stages import Taken, stage_values
from .types import Accepted, Assignment

Start = Iterable[Accepted | Assignment]


def kept_of(lookup: Lookup, pairs: Sequence[Pair], start: Start) -> tuple[Accepted, ...]:
    """What of an earlier plan still holds, on top of the accepted pairs: `pairs` are those that
    may be. The most urgent needs come first; who has less room gives fewer half-days, down to the
    least. A need of all or nobody is kept with everybody or not at all. What was kept is kept
    again as it is."""
    may = {(pair.need, pair.person): pair for pair in pairs}
    wanted: dict[tuple[int, int], int] = {}
    for row in start:
        i, j = lookup.need_at.get(row.need), lookup.person_at.get(row.specialist)
        if i is not None and j is not None and (i, j) in may:
            wanted[i, j] = row.half_days
    ledger = Ledger(lookup)
    of_need: dict[int, list[int]] = {}
    for i, j in sorted(wanted, key=lambda at: (-lookup.needs[at[0]].priority, at)):
        half_days = min(wanted[i, j], ledger.room(may[i, j]))
        if half_days >= may[i, j].least:
            ledger.take(i, j, half_days)
            of_need.setdefault(i, []).append(j)
    for i, people in of_need.items():
        if lookup.needs[i].all_or_nothing and ledger.places[i]:
            for j in people:
                ledger.drop(i, j)
    held = Ledger(lookup).taken
    return tuple(
        Accepted(lookup.needs[i].id, lookup.people[j].id, half_days)
        for (i, j), half_days in sorted(ledger.taken.items())
        if (i, j) not in held
    )


def warm_start(
    lookup: Lookup, pairs: Sequence[Pair], kept: Sequence[Accepted], quick: Taken
) -> Taken:
    """The pairs that were kept, filled up; the quick plan where that is better."""
    ledger = Ledger(lookup)
    for row in kept:
        ledger.take(lookup.need_at[row.need], lookup.person_at[row.specialist], row.half_days)
    fill(lookup, ledger, pairs)
    if stage_values(lookup, ledger.taken) > stage_values(lookup, quick):
        return dict(ledger.taken)
    return quick
