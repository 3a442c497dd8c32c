"""Conflict sets checked by solving: rules are waived person by person, then the engine is asked."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Collection

from matching.engine import Accepted, Declined, Need, Plan, Problem, Specialist, solve
from matching.engine.conflicts import HELD, Conflict, Relaxation
from matching.engine.lookup import Lookup
from matching.engine.rules import RULES, failed_rules

Waiver = Callable[[Need, Specialist], Specialist]

WAIVERS: dict[str, Waiver] = {
    "R1": lambda n, s: dataclasses.replace(s, levels={**s.levels, **dict(n.skills)}),
    "R2": lambda n, s: dataclasses.replace(s, capacity=tuple(c or 100 for c in s.capacity)),
    "R3": lambda n, s: dataclasses.replace(s, capacity=tuple(100 if c else 0 for c in s.capacity)),
    "R4": lambda n, s: dataclasses.replace(s, weekdays=127),
    "R5": lambda n, s: dataclasses.replace(s, radius_m=10**8),
    "R6": lambda n, s: dataclasses.replace(s, onsite_max_pct=100),
    "R7": lambda n, s: dataclasses.replace(s, forms=frozenset()),
    # What a budget has to pay goes by all the time of the person, which other waivers change: who
    # breaks the rule as things are is declined, and the need asks for no price.
    "R8": lambda n, s: s,
    "R9": lambda n, s: dataclasses.replace(s, half_day_rate_yen=0),
    "R10": lambda n, s: dataclasses.replace(s, languages=s.languages | {n.language}),
    "R11": lambda n, s: dataclasses.replace(s, vendor=None, interests=frozenset()),
    "R13": lambda n, s: dataclasses.replace(s, permission=None),
    "R14": lambda n, s: dataclasses.replace(s, min_block=1),
    "R15": lambda n, s: dataclasses.replace(s, max_towns=1000),
}
ALL_RULES = {code for code, _, _ in RULES} | {HELD}


def is_possible(of: Problem, plan: Plan, need_id: str, kept: Collection[str]) -> bool:
    """Whether one more person can serve the need when only the rules `kept` hold, by solving."""
    lookup = Lookup(of)
    need = lookup.needs[lookup.need_at[need_id]]
    here = {a.specialist for a in plan.assignments if a.need == need_id}
    people, barred = [], set()
    for person in of.specialists:
        broken = {r.code for r in failed_rules(lookup, need, person)}
        if "R8" in broken & set(kept) and person.id not in here:
            barred.add((need_id, person.id))
        for code in sorted(broken - set(kept) - {"R12"}):
            person = WAIVERS[code](need, person)
        people.append(person)
    held = [
        Accepted(a.need, a.specialist, a.half_days)
        for a in plan.assignments
        if a.need == need_id or HELD in kept
    ]
    wider = dataclasses.replace(
        need, count=len(here) + 1, all_or_nothing=False, half_day_rate_cap_yen=None, budget_yen=None
    )
    asked = {a.need for a in held} - {need_id}
    others = [dataclasses.replace(n, all_or_nothing=False) for n in of.needs if n.id in asked]
    apart = {
        (d.need, d.specialist) for d in of.declined if "R12" in kept and d.need in {need_id, *asked}
    }
    declined = tuple(Declined(n, s, "") for n, s in sorted(apart | barred))
    made = dataclasses.replace(
        of, needs=(*others, wider), specialists=tuple(people), accepted=tuple(held),
        declined=declined,
    )  # fmt: skip
    after = solve(made, wall_s=30)
    return sum(a.need == need_id for a in after.assignments) > len(here)


def faults_of(of: Problem, plan: Plan, need_id: str, found: Conflict) -> list[str]:
    """What is wrong with a conflict set: kept alone it must forbid, less any one it must not."""
    faults = []
    if is_possible(of, plan, need_id, found.rules):
        faults.append(f"{need_id}: {found.rules} alone does not forbid it")
    for rule in found.rules:
        if not is_possible(of, plan, need_id, set(found.rules) - {rule}):
            faults.append(f"{need_id}: without {rule} of {found.rules} it is still forbidden")
        people = found.people[found.rules.index(rule)]
        if is_possible(of, plan, need_id, ALL_RULES - {rule}) != bool(people):
            faults.append(f"{need_id}: {people} people could serve it without {rule} alone")
    return faults


def relaxation_fault(of: Problem, plan: Plan, option: Relaxation) -> str | None:
    """What is wrong with a relaxation: solving again with the plan held, the changed need must
    have more people than before. It may go on asking for all or nobody; the other open needs, who
    would like a larger budget too, stay as the plan has them."""
    need_id = option.need.id
    held = tuple(Accepted(a.need, a.specialist, a.half_days) for a in plan.assignments)
    before = sum(a.need == need_id for a in plan.assignments)
    people = Counter(a.need for a in plan.assignments)
    other = relaxed(of, option)
    needs = tuple(
        n if n.id == need_id else dataclasses.replace(n, count=people[n.id])
        for n in other.needs
        if n.id == need_id or people[n.id]
    )
    declined = tuple(d for d in of.declined if d.need == need_id or people[d.need])
    made = dataclasses.replace(other, needs=needs, accepted=held, declined=declined)
    after = solve(made, wall_s=30)
    if sum(a.need == need_id for a in after.assignments) > before:
        return None
    return f"{option.rule} for {need_id} brings nobody: {option.text}"


def relaxed(of: Problem, option: Relaxation) -> Problem:
    needs = tuple(option.need if n.id == option.need.id else n for n in of.needs)
    towns = tuple(
        dataclasses.replace(t, budget_yen=option.budget_yen)
        if option.budget_yen is not None and t.id == option.need.town
        else t
        for t in of.towns
    )
    return dataclasses.replace(of, needs=needs, towns=towns)
