"""Why not this person: the rules, or who holds the time, or what it would cost to have them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from .holding import Held, held, holders
from .lookup import Lookup
from .pairs import eligible_pair
from .planning import ledger_of, taken_of
from .policies import Solver
from .reasons import why_not
from .rules import FailedRule
from .types import Plan, Problem, ProblemError
from .whatif import WhatIf, forced


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands with a need under a plan.

    `chosen`: the plan has the pair. `rules`: every rule that forbids it, with its margin.
    `half_days`: the room the plan leaves for it when no rule forbids it, 0 when `limits` are used
    up: by the needs that `held_by` names, or the need's own places by others. `cost`: the plan
    that has the pair beside this one; None when nobody asked for it, or the pair cannot be held:
    all of the person's time, or all places of the need, are agreed.
    """

    chosen: bool
    rules: tuple[FailedRule, ...]
    half_days: int
    held_by: tuple[str, ...]
    cost: WhatIf | None = None
    limits: tuple[Held, ...] = ()


def standing(
    problem: Problem,
    plan: Plan,
    need_id: str,
    specialist_id: str,
    *,
    solver: Solver | None = None,
) -> Standing:
    """The whole answer to "why not this person". With a `solver` the cost of forcing the pair is
    worked out by solving again with it held, also against a rule.

    Raises ProblemError for unknown ids.
    """
    lookup = Lookup(problem)
    rules = why_not(problem, need_id, specialist_id, lookup)
    i, j = lookup.need_at[need_id], lookup.person_at[specialist_id]
    taken = taken_of(lookup, plan)
    chosen = (i, j) in taken
    ledger = ledger_of(lookup, taken)
    pair = eligible_pair(lookup, i, j)
    room = ledger.room(pair) if pair is not None else 0
    limits = held(ledger, pair) if pair is not None and not room and not chosen else ()
    cost = None
    if solver is not None and not chosen:
        with suppress(ProblemError):  # what is agreed leaves nothing to hold it with
            cost = forced(problem, plan, need_id, specialist_id, solver=solver)
    return Standing(chosen, rules, room, holders(limits), cost, limits)
