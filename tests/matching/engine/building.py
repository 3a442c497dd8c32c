"""Small problems for the engine's tests: plain builders and a random strategy."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations, product
from math import isqrt
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
from matching.engine.recount import points_of
from matching.engine.stages import stage_values

Worth = dict[tuple[Any, ...], int]  # points of pairs and of one person's needs


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


def best_by_trial(of: Problem) -> tuple[int, ...]:
    """The best stage values by trying every plan; rules written out anew, nothing shared."""
    lookup = Lookup(of)
    towns = {t.id: t for t in of.towns}
    held = {(lookup.need_at[a.need], lookup.person_at[a.specialist]): a.half_days
            for a in of.accepted}  # fmt: skip
    options: list[list[tuple[tuple[int, int, int], ...]]] = []
    for i, n in enumerate(of.needs):
        mine = [(k[1], h) for k, h in held.items() if k[0] == i]
        taken_by = {j for j, _ in mine}
        singles = [
            (i, j, h)
            for j, s in enumerate(of.specialists) if j not in taken_by
            for h in range(1, n.half_days + 1) if _may(of, n, s, towns[n.town], h)
        ]  # fmt: skip
        choices: list[tuple[tuple[int, int, int], ...]] = [()]
        if n.count - len(mine) >= 1 and not (n.all_or_nothing and n.count - len(mine) > 1):
            choices += [(one,) for one in singles]
        if n.count - len(mine) >= 2:
            choices += [
                (a, b) for a, b in product(singles, singles) if a[1] < b[1]
            ]  # fmt: skip
        options.append(choices)
    worth: Worth = {}
    best: list[tuple[int, ...]] = [values_of(of, held, worth)]

    def extend(at: int, taken: dict[tuple[int, int], int]) -> None:
        if at == len(options):
            best[0] = max(best[0], values_of(of, taken, worth))
            return
        for choice in options[at]:
            more = {**taken, **{(i, j): h for i, j, h in choice}}
            if not choice or _fits(of, towns, held, more):
                extend(at + 1, more)

    extend(0, held)
    return best[0]


def values_of(of: Problem, taken: dict[tuple[int, int], int], worth: Worth) -> tuple[int, ...]:
    """The value of every stage, counted anew from the records; `worth` keeps what was counted."""
    places: Counter[str] = Counter(of.needs[i].town for i, _ in taken)
    asked: Counter[str] = Counter()
    for n in of.needs:
        asked[n.town] += n.count
    priority = sum(of.needs[i].priority for i, _ in taken)
    score = sum(_points(of, i, j, h, worth) for (i, j), h in taken.items())
    for j in {j for _, j in taken}:
        mine = tuple(sorted(i for i, k in taken if k == j))
        if (j, mine) not in worth:
            worth[j, mine] = _bonus(of, of.specialists[j], [of.needs[i] for i in mine])
        score += worth[j, mine]
    weights = of.policy.weights
    plain = {
        "priority": priority,
        "score": score,
        "weighted": weights.service * len(places) + weights.priority * priority + score,
    }
    values = []
    for name in of.policy.stages:
        kind, *numbers = name.split("_")
        if kind == "services":
            values.append(sum(count >= int(numbers[0]) for count in places.values()))
        elif kind == "share":
            part, whole = map(int, numbers)
            values.append(sum(n * whole >= part * asked[t] for t, n in places.items()))
        else:
            values.append(plain[name])
    return tuple(values)


def _points(of: Problem, i: int, j: int, half_days: int, worth: Worth) -> int:
    key = (i, j, half_days)
    if key not in worth:
        n, s = of.needs[i], of.specialists[j]
        place = next(t for t in of.towns if t.id == n.town)
        worth[key] = sum(points_of(of.policy.weights, n, s, place, half_days).values())
    return worth[key]


def _bonus(of: Problem, s: Specialist, needs: list[Need]) -> int:
    """Towns of one group beyond the first, and pairs of towns visited on one way."""
    weights, towns = of.policy.weights, {t.id: t for t in of.towns}
    served, visited = {n.town for n in needs}, sorted({n.town for n in needs if n.onsite_pct})
    points = sum(weights.group * max(0, len(g.towns & served) - 1) for g in of.groups)
    for a, b in combinations(visited, 2):
        one, other = towns[a], towns[b]
        ways = [isqrt((s.x - t.x) ** 2 + (s.y - t.y) ** 2) for t in (one, other)]
        between = isqrt((one.x - other.x) ** 2 + (one.y - other.y) ** 2)
        if min(ways) > 0 and (min(ways) + between - max(ways)) * 5 <= max(ways):
            points += weights.route
    return points


def _may(of: Problem, n: Need, s: Specialist, t: Town, half_days: int) -> bool:
    far = ((s.x - t.x) ** 2 + (s.y - t.y) ** 2) > s.radius_m**2
    firms = {*s.interests, s.vendor}
    months = range(n.start, n.end)
    return (
        all(s.levels.get(code, 0) >= level for code, level in n.skills)
        and max(n.least, s.min_block) <= half_days <= n.half_days
        and all(s.capacity[m] >= half_days for m in months)
        and n.weekdays & s.weekdays != 0
        and not (n.onsite_pct and far)
        and n.onsite_pct <= s.onsite_max_pct
        and (not n.forms or not s.forms or bool(n.forms & s.forms))
        and (n.half_day_rate_cap_yen is None or s.half_day_rate_yen <= n.half_day_rate_cap_yen)
        and (
            n.budget_yen is None
            or half_days
            * sum(s.half_day_rate_yen + s.monthly_fixed_yen // s.capacity[m] for m in months)
            <= n.budget_yen
        )
        and n.language in s.languages
        and not (firms & t.vendors.keys())
        and (n.id, s.id) not in {(d.need, d.specialist) for d in of.declined}
        and (s.permission is None or all(s.permission[0] <= m < s.permission[1] for m in months))
    )


def _fits(
    of: Problem, towns: dict[str, Town], held: dict[tuple[int, int], int],
    taken: dict[tuple[int, int], int],
) -> bool:  # fmt: skip
    for j, s in enumerate(of.specialists):
        mine = [(of.needs[i], h, (i, k) in held) for (i, k), h in taken.items() if k == j]
        before = {n.town for n, _, fixed in mine if fixed} | s.serving
        after = before | {n.town for n, _, _ in mine}
        if after != before and len(after) > s.max_towns:
            return False
        for month in range(of.horizon):
            active = [(n, h, fixed) for n, h, fixed in mine if n.start <= month < n.end]
            if sum(h for _, h, _ in active) > s.capacity[month]:
                return False
            for days in range(1, 32):
                inside = [v for v in active if (v[0].weekdays & s.weekdays) | days == days]
                load = sum(n.onsite_pct * h for n, h, _ in inside if n.onsite_pct)
                new = any(not fixed and n.onsite_pct for n, _, fixed in inside)
                if new and load > 800 * days.bit_count():
                    return False
    for t in towns.values():
        if t.budget_yen is None:
            continue
        spent = fixed_cost = 0
        for (i, j), h in taken.items():
            n = of.needs[i]
            if n.town == t.id:
                cost = h * of.specialists[j].half_day_rate_yen * (n.end - n.start)
                spent += cost
                fixed_cost += cost if (i, j) in held else 0
        if spent > max(t.budget_yen, fixed_cost):
            return False
    return True


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
