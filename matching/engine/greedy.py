"""The plan that is there at once: no solver, and no numpy but for large pools."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .ledger import Ledger
from .lookup import Lookup, Pair
from .pairs import eligible_pairs
from .planning import build_plan
from .stages import easy_bounds
from .types import Plan, Problem

PLAIN_POSSIBLE = 2_000_000  # needs × people above which the pairs are found by numpy


def greedy(problem: Problem) -> Plan:
    """A plan made in rounds: every town's first service, then every second, and so on.

    Towns with the fewest possible people choose first; a need takes the free person with the
    best score. Its bounds are easy ones, so a stage is rarely proven: `stopped` is "fallback".
    """
    began = time.perf_counter()
    lookup = Lookup(problem)
    pairs, cut = pairs_at_hand(lookup)
    ledger = Ledger(lookup)
    fill(lookup, ledger, pairs)
    return build_plan(
        lookup,
        pairs,
        ledger.taken,
        cut_short=cut,
        bounds=easy_bounds(lookup, pairs),
        backend="greedy",
        stopped="fallback",
        seconds=time.perf_counter() - began,
    )


def pairs_at_hand(lookup: Lookup) -> tuple[list[Pair], frozenset[int]]:
    """The eligible pairs, and the needs of which only the best were kept (`arrays.arrays_of`)."""
    if len(lookup.needs) * len(lookup.people) <= PLAIN_POSSIBLE:
        return eligible_pairs(lookup), frozenset()
    from .arrays import arrays_of, cut_short  # numpy is loaded for large pools only

    arrays = arrays_of(lookup)
    return arrays.pairs(), cut_short(arrays)


def fill(lookup: Lookup, ledger: Ledger, pairs: Sequence[Pair]) -> None:
    """Take as many pairs as fit, in rounds over the towns, on top of what is taken already."""
    by_need: dict[int, list[Pair]] = {}
    for pair in pairs:
        by_need.setdefault(pair.need, []).append(pair)
    served_points = lookup.weights.served
    for found in by_need.values():
        found.sort(key=lambda p: (-(p.base + served_points * p.most), p.person))
    served: dict[str, int] = {}
    for i, _ in ledger.taken:
        town = lookup.needs[i].town
        served[town] = served.get(town, 0) + 1
    open_needs: dict[str, list[int]] = {}
    for i in by_need:
        open_needs.setdefault(lookup.needs[i].town, []).append(i)
    for needs in open_needs.values():
        needs.sort(key=lambda i: (-lookup.needs[i].priority, len(by_need[i]), i))
    scarcity = {t: min(len(by_need[i]) for i in needs) for t, needs in open_needs.items()}
    waiting = sorted(open_needs, key=lambda t: (served.get(t, 0), scarcity[t], t))
    while waiting:
        level = min(served.get(town, 0) for town in waiting)
        again = []
        for town in waiting:
            if served.get(town, 0) > level:
                again.append(town)
                continue
            filled = _serve(lookup, ledger, open_needs[town], by_need)
            if filled:
                served[town] = served.get(town, 0) + filled
                again.append(town)
        waiting = again


def _serve(lookup: Lookup, ledger: Ledger, needs: list[int], by_need: dict[int, list[Pair]]) -> int:
    """Fill one place of a town, or all places of a need that takes all or nobody."""
    for i in list(needs):
        need = lookup.needs[i]
        wanted = ledger.places[i] if need.all_or_nothing else 1
        took: list[Pair] = []
        for pair in by_need[i]:
            if len(took) == wanted:
                break
            half_days = ledger.room(pair)
            if half_days:
                ledger.take(pair.need, pair.person, half_days)
                took.append(pair)
        if took and len(took) == wanted:
            if ledger.places[i] == 0:
                needs.remove(i)
            return wanted
        for pair in took:
            ledger.drop(pair.need, pair.person)
        needs.remove(i)  # room only shrinks from here on, so this need stays open
    return 0
