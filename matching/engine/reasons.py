"""Why this person, why not that one, who else: the questions a coordinator asks of a plan."""

from __future__ import annotations

from dataclasses import dataclass

from .holding import Held, held, holders
from .lookup import Lookup
from .pairs import eligible_people
from .planning import ledger_of, taken_of
from .rules import FailedRule, failed_rules
from .scoring import TERM_LABELS, terms
from .types import Plan, Problem, ProblemError, Reason


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a score with its Japanese name."""

    name: str
    label: str
    points: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A person the plan gives to the need."""

    specialist: str
    half_days: int
    score: int
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """An eligible person not chosen. `half_days` is what the plan leaves room for (0: none, then
    `limits` tell what is used up and `held_by` names the needs that use it), `score` the points
    with the wanted half-days, `difference` those points minus the points of the weakest person
    chosen (None: none chosen)."""

    specialist: str
    half_days: int
    score: int
    terms: tuple[Term, ...]
    difference: int | None
    held_by: tuple[str, ...]
    limits: tuple[Held, ...] = ()

    @property
    def free(self) -> bool:
        return self.half_days > 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """The chosen people, the next best, and for open places the reasons."""

    need: str
    chosen: tuple[Choice, ...]
    alternatives: tuple[Alternative, ...]
    missing: int
    reasons: tuple[Reason, ...]


def explain(problem: Problem, plan: Plan, need_id: str, alternatives: int = 5) -> Explanation:
    """Why the need got whom it got. Raises ProblemError for an unknown need."""
    return explain_in(Lookup(problem), plan, need_id, alternatives)


def explain_in(lookup: Lookup, plan: Plan, need_id: str, count: int = 5) -> Explanation:
    """As `explain`, with a lookup built once for many needs."""
    i = _position(lookup.need_at, need_id, "need")
    chosen = tuple(
        Choice(a.specialist, a.half_days, a.score, _labelled(a.terms))
        for a in plan.assignments
        if a.need == need_id
    )
    missing = [u for u in plan.unfilled if u.need == need_id]
    return Explanation(
        need=need_id,
        chosen=chosen,
        alternatives=_alternatives(lookup, plan, i, count, chosen),
        missing=sum(u.missing for u in missing),
        reasons=tuple(reason for u in missing for reason in u.reasons),
    )


def alternatives(problem: Problem, plan: Plan, need_id: str, k: int = 5) -> tuple[Alternative, ...]:
    """The k best eligible people the plan does not give to the need, by score.

    Raises ProblemError for an unknown need.
    """
    return explain(problem, plan, need_id, k).alternatives


def why_not(
    problem: Problem, need_id: str, specialist_id: str, lookup: Lookup | None = None
) -> tuple[FailedRule, ...]:
    """Every rule that keeps the person from the need, with its margin; empty when eligible.

    Pass a lookup when asking about many pairs. Raises ProblemError for unknown ids.
    """
    lookup = lookup or Lookup(problem)
    need = lookup.needs[_position(lookup.need_at, need_id, "need")]
    person = lookup.people[_position(lookup.person_at, specialist_id, "specialist")]
    return failed_rules(lookup, need, person)


def _position(positions: dict[str, int], key: str, field: str) -> int:
    if key not in positions:
        raise ProblemError(field, f"is not known: {key}")
    return positions[key]


def _labelled(points: object) -> tuple[Term, ...]:
    return tuple(
        Term(name, TERM_LABELS.get(name, name), value)
        for name, value in dict(points).items()  # type: ignore[call-overload]
    )


def _alternatives(
    lookup: Lookup, plan: Plan, need_index: int, count: int, chosen: tuple[Choice, ...]
) -> tuple[Alternative, ...]:
    need = lookup.needs[need_index]
    ledger = ledger_of(lookup, taken_of(lookup, plan))
    # The room is asked as if the need's weakest person stepped back.
    weakest = min(chosen, key=lambda c: (c.score, c.specialist), default=None)
    if weakest is not None:
        ledger.drop(need_index, lookup.person_at[weakest.specialist])
    names = {c.specialist for c in chosen}
    ranked = sorted(
        (p for p in eligible_people(lookup, need_index) if lookup.people[p.person].id not in names),
        key=lambda p: (-(p.base + lookup.weights.served * p.most), p.person),
    )
    found = []
    for pair in ranked[:count]:
        person = lookup.people[pair.person]
        room = ledger.room(pair)
        points = terms(lookup, need, person, pair.most)
        score = sum(points.values())
        limits = () if room else held(ledger, pair)
        found.append(
            Alternative(
                person.id,
                room,
                score,
                _labelled(points),
                None if weakest is None else score - weakest.score,
                holders(limits),
                limits,
            )
        )
    return tuple(found)
