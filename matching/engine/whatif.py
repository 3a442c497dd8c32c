"""What would happen if: every answer is an exact re-solve of a changed copy, nothing moves."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .changes import PlanDiff, difference
from .documents import problem_from_json, problem_to_json
from .fields import Record
from .lookup import Lookup
from .policies import Solver
from .rules import is_eligible, most_half_days
from .types import Accepted, Need, Plan, Problem, ProblemError, SolverFailed, Specialist
from .verify import verify


@dataclass(frozen=True, slots=True)
class Change:
    """A change to look at: people and needs by whole records, budgets by town, rules by code
    (R5 lets distance go for everybody, and so on)."""

    add_specialists: tuple[Specialist, ...] = ()
    remove_specialists: frozenset[str] = frozenset()
    add_needs: tuple[Need, ...] = ()
    remove_needs: frozenset[str] = frozenset()
    budgets_yen: Mapping[str, int | None] = field(default_factory=dict)
    without_rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ledgered:
    """The figures of a plan: towns served, places filled, half-days a month summed over all pairs
    whether or not their months overlap, money over the horizon in yen."""

    towns: int
    places: int
    half_days: int
    yen: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Before and after, the pairs that would change, and whether both sides are proven. `in_part`:
    needs of all or nobody that somebody held for them serves without all the others."""

    before: Ledgered
    after: Ledgered
    diff: PlanDiff
    proven: bool
    in_part: tuple[str, ...] = ()


def change_from_json(problem: Problem, data: object) -> Change:
    """Read a change; records are those of a problem document. Raises ProblemError."""
    top = Record(data, "")
    whole = problem_to_json(problem)
    added = {
        name: [item for _, item in top.items(f"add_{name}", ())]
        for name in ("specialists", "needs")
    }
    budgets: dict[str, int | None] = {}
    budget_record = top.sub("budgets_yen")
    for town in problem.towns:
        if town.id in budget_record:
            budgets[town.id] = budget_record.integer_or_none(town.id)
    budget_record.close()
    rules = top.texts("without_rules")
    unknown = sorted(rules - RULE_WAIVERS.keys())
    if unknown:
        raise ProblemError("without_rules", f"cannot be let go: {', '.join(unknown)}")
    gone_people, gone_needs = top.texts("remove_specialists"), top.texts("remove_needs")
    top.close()
    for name, gone, known in (
        ("remove_specialists", gone_people, {s.id for s in problem.specialists}),
        ("remove_needs", gone_needs, {n.id for n in problem.needs}),
    ):
        if gone - known:
            raise ProblemError(name, f"is not known: {', '.join(sorted(gone - known))}")
    # The added records are read alone, so that a complaint names their own place.
    bare = {**whole, "needs": [], "specialists": [], "accepted": [], "declined": []}
    try:
        read = problem_from_json({**bare, **added})
    except ProblemError as error:
        raise ProblemError(f"add_{error.field}", error.message) from None
    for name, kept in (
        ("specialists", {s.id for s in problem.specialists} - gone_people),
        ("needs", {n.id for n in problem.needs} - gone_needs),
    ):
        for k, row in enumerate(added[name]):
            if isinstance(row, dict) and row["id"] in kept:
                raise ProblemError(f"add_{name}[{k}].id", f"is used twice: {row['id']}")
    return Change(read.specialists, gone_people, read.needs, gone_needs, budgets, rules)


def _needs(**fields: Any) -> Callable[[Problem], Problem]:
    def waive(problem: Problem) -> Problem:
        needs = tuple(dataclasses.replace(n, **fields) for n in problem.needs)
        return dataclasses.replace(problem, needs=needs)

    return waive


def _people(**fields: Any) -> Callable[[Problem], Problem]:
    def waive(problem: Problem) -> Problem:
        people = tuple(dataclasses.replace(s, **fields) for s in problem.specialists)
        return dataclasses.replace(problem, specialists=people)

    return waive


def _towns(**fields: Any) -> Callable[[Problem], Problem]:
    def waive(problem: Problem) -> Problem:
        towns = tuple(dataclasses.replace(t, **fields) for t in problem.towns)
        return dataclasses.replace(problem, towns=towns)

    return waive


def _unasked(code: str) -> Callable[[Problem], Problem]:
    """Let a rule of a pair go and keep the points that go by its limit."""

    def waive(problem: Problem) -> Problem:
        return dataclasses.replace(problem, waived=problem.waived | {code})

    return waive


def _weekdays(problem: Problem) -> Problem:
    return _people(weekdays=127)(_needs(weekdays=127)(problem))


def _languages(problem: Problem) -> Problem:
    return _people(languages=frozenset(n.language for n in problem.needs))(problem)


def _declined(problem: Problem) -> Problem:
    return dataclasses.replace(problem, declined=())


# R1 to R3 are not among them: levels and half-days make the points and the room of every plan, so
# that a question without them would be about other people.
RULE_WAIVERS: dict[str, Callable[[Problem], Problem]] = {
    "R4": _weekdays,
    "R5": _unasked("R5"),
    "R6": _people(onsite_max_pct=100),
    "R7": _needs(forms=frozenset()),
    "R8": _unasked("R8"),
    "R9": _towns(budget_yen=None),
    "R10": _languages,
    "R11": _towns(vendors={}),
    "R12": _declined,
    "R13": _people(permission=None),
    "R14": _people(min_block=1),
    "R15": _people(max_towns=1000),
}


def changed(problem: Problem, change: Change) -> Problem:
    """The problem with the change made. Raises ProblemError when it does not hang together."""
    gone_people, gone_needs = change.remove_specialists, change.remove_needs
    needs = [n for n in problem.needs if n.id not in gone_needs]
    people = [s for s in problem.specialists if s.id not in gone_people]
    made = dataclasses.replace(
        problem,
        towns=tuple(
            dataclasses.replace(t, budget_yen=change.budgets_yen[t.id])
            if t.id in change.budgets_yen
            else t
            for t in problem.towns
        ),
        needs=(*needs, *change.add_needs),
        specialists=(*people, *change.add_specialists),
        accepted=tuple(
            a for a in problem.accepted
            if a.need not in gone_needs and a.specialist not in gone_people
        ),
        declined=tuple(
            d for d in problem.declined
            if d.need not in gone_needs and d.specialist not in gone_people
        ),
    )  # fmt: skip
    for code in sorted(change.without_rules):
        made = RULE_WAIVERS[code](made)
    return problem_from_json(problem_to_json(made))


def solver_within(wall_s: float) -> Solver:
    """Solving in this process, every plan verified; callers that must return on time bring
    `solve_in_child`. The solver raises SolverFailed for a plan that breaks a rule."""
    from .solving import solve  # loads the solver, which asking needs and reading does not

    return lambda problem: sound(problem, solve(problem, wall_s=wall_s))


def sound(problem: Problem, plan: Plan) -> Plan:
    """The plan, when the verifier finds nothing; raises SolverFailed with the first thing else."""
    violations = verify(problem, plan)
    if violations:
        raise SolverFailed(f"the plan broke a rule: {violations[0].code} {violations[0].subject}")
    return plan


def what_if(
    problem: Problem,
    plan: Plan,
    change: Change,
    *,
    wall_s: float = 60.0,
    solver: Solver | None = None,
) -> WhatIf:
    """Solve the changed problem and set it beside the plan. Nothing is touched.

    Raises ProblemError when the change does not hang together.
    """
    return beside(problem, plan, changed(problem, change), solver or solver_within(wall_s))


def beside(problem: Problem, plan: Plan, other: Problem, solver: Solver) -> WhatIf:
    """The plan of `problem` and the best one of `other`, with what differs."""
    after = solver(other)
    return WhatIf(
        ledgered(problem, plan),
        ledgered(other, after),
        difference(plan, after),
        plan.stopped == "optimal" and after.stopped == "optimal",
        _in_part(other, after),
    )


def _in_part(problem: Problem, plan: Plan) -> tuple[str, ...]:
    """Needs of all or nobody of which some places are filled and others open: a pair is held there
    as it is, whatever the need asks for."""
    served, open_ = {a.need for a in plan.assignments}, {u.need for u in plan.unfilled}
    return tuple(
        n.id for n in problem.needs if n.all_or_nothing and n.id in served and n.id in open_
    )


def forced(
    problem: Problem,
    plan: Plan,
    need_id: str,
    specialist_id: str,
    *,
    wall_s: float = 60.0,
    solver: Solver | None = None,
) -> WhatIf:
    """What it costs to have this person at this need, all else solved anew.

    A pair that a rule forbids is forced as well: that is what an exception would cost. It is held
    with the half-days wanted, or what the person has free beside what is agreed; where the need
    takes all its people or nobody and the others are not to be had, `in_part` says so.
    Raises ProblemError for unknown ids, when all of the person's time is agreed elsewhere, or
    all places of the need are.
    """
    lookup = Lookup(problem)
    if need_id not in lookup.need_at:
        raise ProblemError("need", f"is not known: {need_id}")
    if specialist_id not in lookup.person_at:
        raise ProblemError("specialist", f"is not known: {specialist_id}")
    others = tuple(
        a for a in problem.accepted if (a.need, a.specialist) != (need_id, specialist_id)
    )
    half_days = _held_half_days(lookup, need_id, specialist_id, others)
    pair = Accepted(need_id, specialist_id, half_days)
    declined = tuple(
        d for d in problem.declined if (d.need, d.specialist) != (need_id, specialist_id)
    )
    made = dataclasses.replace(problem, accepted=(*others, pair), declined=declined)
    other = problem_from_json(problem_to_json(made))
    return beside(problem, plan, other, solver or solver_within(wall_s))


def _held_half_days(
    lookup: Lookup, need_id: str, specialist_id: str, others: tuple[Accepted, ...]
) -> int:
    """The half-days a month a forced pair is held with: those wanted where the person has them
    free, for an eligible pair no more than its rules allow. Raises ProblemError where none are."""
    need = lookup.needs[lookup.need_at[need_id]]
    person = lookup.people[lookup.person_at[specialist_id]]
    agreed = [
        (lookup.needs[lookup.need_at[a.need]], a.half_days)
        for a in others if a.specialist == specialist_id
    ]  # fmt: skip
    free = min(
        person.capacity[month]
        - sum(half_days for n, half_days in agreed if n.start <= month < n.end)
        for month in range(need.start, need.end)
    )
    wanted = need.half_days
    if is_eligible(lookup, need, person):
        wanted = most_half_days(lookup, need, person)
    if min(wanted, free) < 1:
        raise ProblemError("specialist", f"has no half-day free for {need_id}")
    return min(wanted, free)


def middle(problem: Problem) -> tuple[int, int]:
    """The place in the middle of the towns: where somebody who is added is put, so that a trip
    takes in two towns for this person only where it would for others."""
    towns = problem.towns
    if not towns:
        return 0, 0
    return sum(t.x for t in towns) // len(towns), sum(t.y for t in towns) // len(towns)


def ledgered(problem: Problem, plan: Plan) -> Ledgered:
    """The figures of a plan."""
    needs = {n.id: n for n in problem.needs}
    rates = {s.id: s.half_day_rate_yen for s in problem.specialists}
    return Ledgered(
        towns=len({needs[a.need].town for a in plan.assignments}),
        places=len(plan.assignments),
        half_days=sum(a.half_days for a in plan.assignments),
        yen=sum(a.half_days * needs[a.need].months * rates[a.specialist] for a in plan.assignments),
    )
