"""Who is in the way of a pair that no rule forbids: which limit binds, and what holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .ledger import Ledger, weekday_limits
from .lookup import Pair

LIMITS = ("place", "time", "towns", "weekdays", "budget")


@dataclass(frozen=True, slots=True)
class Held:
    """A limit that leaves a pair less than its least, and the needs of the plan that use it.

    `limit`: `place` (all places of the need itself are filled; no other need holds them), `time`
    (half-days of the person in the need's months), `towns` (of the person), `weekdays` (of the
    person's visits), `budget` (of the need's town).
    """

    limit: str
    needs: tuple[str, ...]


def held(ledger: Ledger, pair: Pair) -> tuple[Held, ...]:
    """Every limit that forbids the pair now, in the order of `LIMITS`; empty when there is room."""
    lookup, j = ledger.lookup, pair.person
    need, person = lookup.needs[pair.need], lookup.people[j]
    mine = [i for i, k in sorted(ledger.taken) if k == j and i != pair.need]
    found: dict[str, Iterable[int]] = {}
    if ledger.places[pair.need] <= 0:
        found["place"] = ()
    full = [m for m in range(need.start, need.end) if ledger.free[j][m] < pair.least]
    if full:
        found["time"] = [
            i for i in mine if any(lookup.needs[i].start <= m < lookup.needs[i].end for m in full)
        ]
    if not ledger.town_open(j, need.town):
        found["towns"] = [i for i in mine if lookup.needs[i].town not in person.serving]
    if need.onsite_pct:
        limits = weekday_limits(*ledger.weekdays_of(pair.need, j))
        short = [active for left, active in limits if left < pair.least]
        found["weekdays"] = {lookup.need_at[n.id] for active in short for n, _, _ in active}
    left = ledger.budget.get(need.town)
    if left is not None and left < person.half_day_rate_yen * pair.least * need.months:
        found["budget"] = {
            i for i, k in ledger.taken
            if lookup.needs[i].town == need.town and lookup.people[k].half_day_rate_yen
            and i != pair.need
        }  # fmt: skip
    return tuple(
        Held(limit, tuple(lookup.needs[i].id for i in sorted(found[limit])))
        for limit in LIMITS
        if limit in found and (found[limit] or limit != "weekdays")
    )


def holders(limits: Iterable[Held]) -> tuple[str, ...]:
    """The needs of all limits, each once."""
    return tuple(dict.fromkeys(need for one in limits for need in one.needs))
