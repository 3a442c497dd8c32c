"""Small problems for the engine's tests: plain builders and a random strategy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from matching.engine import (
    Accepted,
    Declined,
    Group,
    Need,
    Plan,
    Problem,
    Specialist,
    Town,
    problem_from_json,
    problem_to_json,
)
from matching.engine.generate import generate
from matching.engine.lookup import Lookup
from matching.engine.pairs import eligible_pairs
from matching.engine.planning import build_plan
from matching.engine.stages import stage_values


def town(town_id: str = "T1", **fields: Any) -> Town:
    return Town(**{"id": town_id, "name": f"{town_id}町", **fields})


def need(need_id: str = "N1", **fields: Any) -> Need:
    plain: dict[str, Any] = {
        "id": need_id, "town": "T1", "skills": (("SEC", 2),), "half_days": 4, "start": 0, "end": 3,
    }  # fmt: skip
    return Need(**{**plain, **fields})


def person(person_id: str = "S1", **fields: Any) -> Specialist:
    plain: dict[str, Any] = {
        "id": person_id, "name": person_id, "levels": {"SEC": 3}, "capacity": (8, 8, 8),
    }  # fmt: skip
    return Specialist(**{**plain, **fields})


def problem(**fields: Any) -> Problem:
    plain: dict[str, Any] = {
        "horizon": 3, "towns": (town(),), "needs": (need(),), "specialists": (person(),),
    }  # fmt: skip
    return Problem(**{**plain, **fields})


def plan_of(of: Problem, *chosen: tuple[str, str, int]) -> Plan:
    """An honest plan of the chosen (need, person, half-days), whether or not they may be."""
    lookup = Lookup(of)
    taken = {(lookup.need_at[n], lookup.person_at[s]): h for n, s, h in chosen}
    return build_plan(
        lookup,
        eligible_pairs(lookup),
        taken,
        bounds=stage_values(lookup, taken),
        backend="hand",
        stopped="optimal",
    )


@st.composite
def small_problems(
    draw: st.DrawFn, needs: int = 4, people: int = 4, towns: int = 3, held: bool = True
) -> Problem:
    """Problems small enough to try everything, with every rule able to bind."""

    def some(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    def flag(one_in: int) -> bool:
        return some(1, one_in) == 1

    town_ids = [f"T{i}" for i in range(some(1, towns))]
    made_towns = [
        town(t, x=some(0, 3) * 10_000, y=some(0, 3) * 10_000,
             budget_yen=some(1, 12) * 100_000 if flag(3) else None,
             vendors={"F1": "保守の受託者"} if flag(3) else {})
        for t in town_ids
    ]  # fmt: skip
    person_ids = [f"S{i}" for i in range(some(1, people))]
    made_people = []
    for s in person_ids:
        skills = {"SEC": some(1, 3)} | ({"NW": some(1, 3)} if flag(2) else {})
        made_people.append(
            person(
                s, levels=skills, capacity=tuple(some(0, 8) for _ in range(3)),
                max_towns=some(1, 3), serving=frozenset(town_ids[: some(1, 3)] if flag(6) else ()),
                weekdays=some(1, 31) if flag(2) else 31, half_day_rate_yen=some(1, 3) * 10_000,
                x=some(0, 3) * 10_000, y=some(0, 3) * 10_000, radius_m=some(1, 4) * 10_000,
                onsite_max_pct=50 if flag(4) else 100, vendor="F1" if flag(4) else None,
                forms=frozenset({"20"} if flag(4) else ()), min_block=some(1, 3),
                permission=(0, some(1, 3)) if flag(4) else None, confidence=some(0, 10) * 100,
                monthly_fixed_yen=some(1, 5) * 10_000 if flag(3) else 0,
                languages=frozenset({"ja", "en"} if flag(2) else {"ja"}),
            )
        )  # fmt: skip
    made_needs = []
    for i in range(some(1, needs)):
        half_days, start = some(1, 4), some(0, 2)
        made_needs.append(
            need(
                f"N{i}", town=draw(st.sampled_from(town_ids)),
                skills=((draw(st.sampled_from(("SEC", "NW"))), some(1, 2)),),
                half_days=half_days, least=some(1, half_days), start=start, end=some(start + 1, 3),
                count=2 if flag(4) else 1, priority=some(1, 3), all_or_nothing=flag(3),
                onsite_pct=draw(st.sampled_from((0, 0, 50, 100))),
                weekdays=some(1, 3) if flag(2) else 31,
                half_day_rate_cap_yen=20_000 if flag(3) else None,
                budget_yen=some(1, 20) * 10_000 if flag(3) else None,
                forms=frozenset({"10"} if flag(5) else ()),
                present=draw(st.sampled_from(person_ids)) if flag(3) else None,
                language="en" if flag(5) else "ja",
            )
        )  # fmt: skip
    groups = (Group("G1", "共同利用", frozenset(town_ids[:2])),) if len(town_ids) > 1 else ()
    accepted: tuple[Accepted, ...] = ()
    first = made_needs[0]
    free = min(made_people[0].capacity[first.start : first.end])
    if held and free and flag(3):
        accepted = (Accepted(first.id, "S0", min(free, first.half_days)),)
    declined = (Declined(made_needs[-1].id, person_ids[-1], "日程"),) if flag(4) else ()
    if accepted and declined and (declined[0].need, declined[0].specialist) == (first.id, "S0"):
        declined = ()
    made = problem(
        towns=tuple(made_towns), needs=tuple(made_needs), specialists=tuple(made_people),
        groups=groups, accepted=accepted, declined=declined,
    )  # fmt: skip
    return problem_from_json(problem_to_json(made))


def islands(number: int, *, needs: int) -> Problem:
    """Made-up pools side by side, too far from each other for anybody to serve two of them."""
    made = [generate(towns=8, needs=needs, specialists=60, seed=k) for k in range(number)]
    of = []
    for k, pool in enumerate(made):
        of.append(
            replace(
                pool,
                towns=tuple(
                    replace(t, id=f"{k}{t.id}", x=t.x + k * 10_000_000) for t in pool.towns
                ),
                needs=tuple(
                    replace(n, id=f"{k}{n.id}", town=f"{k}{n.town}", onsite_pct=n.onsite_pct or 25)
                    for n in pool.needs
                ),
                specialists=tuple(
                    replace(p, id=f"{k}{p.id}", x=p.x + k * 10_000_000) for p in pool.specialists
                ),
                groups=tuple(
                    replace(g, id=f"{k}{g.id}", towns=frozenset(f"{k}{t}" for t in g.towns))
                    for g in pool.groups
                ),
                declined=(),
            )
        )
    return replace(
        made[0],
        towns=tuple(t for pool in of for t in pool.towns),
        needs=tuple(n for pool in of for n in pool.needs),
        specialists=tuple(p for pool in of for p in pool.specialists),
        groups=tuple(g for pool in of for g in pool.groups),
        declined=(),
    )
