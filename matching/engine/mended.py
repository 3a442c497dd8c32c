"""A plan that was mended: from which pairs, and what was given out anew, so that it can be made
again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .documents import input_sha256
from .fields import Record
from .ledger import Ledger
from .lookup import Lookup
from .pairs import eligible_pair
from .types import Assignment, Plan, Problem, ProblemError

BACKEND = "desk"


@dataclass(frozen=True, slots=True)
class Mending:
    """What a mended plan was made from: the pairs that were held, as need, person and half-days a
    month, and the needs and people whose places and time were given out anew, all else held."""

    pairs: tuple[tuple[str, str, int], ...]
    needs: tuple[str, ...]
    people: tuple[str, ...]


def mended(problem: Problem, mending: Mending) -> Plan:
    """The mended plan. Raises ProblemError for a pair that is unknown or breaks a rule, where
    pairs take more than there is, and for an unknown need or person."""
    from .changes import Desk

    desk = Desk(problem, bare_plan(problem, mending.pairs))
    desk.give_out(mending.needs, mending.people)
    return desk.plan()


def bare_plan(problem: Problem, pairs: Iterable[tuple[str, str, int]]) -> Plan:
    """A plan of pairs (need, person, half-days a month) that nothing else is told of: to begin
    from. Accepted pairs are held as they are. Raises ProblemError as `mended` does."""
    lookup = Lookup(problem)
    ledger = Ledger(lookup)
    rows = [Assignment(a.need, a.specialist, a.half_days, 0, {}) for a in problem.accepted]
    for need, person, half_days in pairs:
        if (need, person) in lookup.accepted:
            continue
        if need not in lookup.need_at or person not in lookup.person_at:
            raise ProblemError("mending.pairs", f"is not known: {need}/{person}")
        i, j = lookup.need_at[need], lookup.person_at[person]
        pair = eligible_pair(lookup, i, j)
        if pair is None or ledger.room(pair) < half_days:
            raise ProblemError("mending.pairs", f"is not possible: {need}/{person}")
        ledger.take(i, j, half_days)
        rows.append(Assignment(need, person, half_days, 0, {}))
    return Plan(tuple(rows), (), (), (), (), BACKEND, "limit", input_sha256(problem), {})


def mending_to_json(mending: Mending) -> dict[str, Any]:
    """What a plan was mended from, as JSON data that `mending_from_json` reads back equal."""
    return {
        "pairs": [
            {"need": need, "specialist": person, "half_days": half_days}
            for need, person, half_days in mending.pairs
        ],
        "needs": list(mending.needs),
        "people": list(mending.people),
    }


def mending_from_json(data: object) -> Mending:
    """Read strictly. Raises ProblemError naming the field."""
    top = Record(data, "mending")
    pairs = []
    for row in top.records("pairs"):
        half_days = row.integer("half_days", least=1, most=100)
        pairs.append((row.text("need"), row.text("specialist"), half_days))
        row.close()
    needs, people = (tuple(sorted(top.texts(name))) for name in ("needs", "people"))
    top.close()
    return Mending(tuple(pairs), needs, people)
