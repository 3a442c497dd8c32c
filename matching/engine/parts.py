"""A problem in parts that can be solved on any number of machines, and put together again.

Towns and people that no eligible pair links share nothing, so that solving them apart loses
nothing. A part that is still too large is cut by place; what the cut hides is looked for again
when the plans are put together. How a problem is divided depends on the problem only, never on
who solves the parts: the plan is the same on one machine and on many.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from math import inf

from .arrays import NOTHING_LEFT, PairArrays, arrays_of, cut_short
from .documents import input_sha256
from .greedy import greedy
from .large import solve_large
from .ledger import Ledger
from .lookup import Lookup
from .planning import build_plan, taken_of
from .sofar import OnBest, SoFar
from .solving import solve
from .stages import easy_bounds
from .types import PART_NEEDS, Need, Plan, Problem, ProblemError, Progress, Specialist
from .verify import verify

MOST_NEEDS = 1_500  # more are cut by place
QUICK = "greedy"  # the backend of the quick plan
OnStage = Callable[[Progress], None]


def split(problem: Problem) -> tuple[Problem, ...]:
    """The parts of a problem, at least PART_NEEDS needs each; the problem itself when it has no
    two such parts. Every need is in one part, and so is every person with an eligible pair.

    Who has agreed to needs of several parts is at home in one of them, with the time and towns
    that the others leave, and in the others has just the time agreed there.
    """
    lookup = Lookup(problem)
    arrays = arrays_of(lookup)
    return _divided(lookup, arrays, _parts_of_towns(lookup, arrays))


def _divided(
    lookup: Lookup, arrays: PairArrays, parts: Sequence[Sequence[str]]
) -> tuple[Problem, ...]:
    """The problem divided by its towns: `parts` hold each town that has needs once."""
    problem = lookup.problem
    if len(parts) < 2:
        return (problem,)
    part_of_town = {town: k for k, towns in enumerate(parts) for town in towns}
    votes: list[dict[int, int]] = [{} for _ in lookup.people]
    for i, j in zip(arrays.need.tolist(), arrays.person.tolist(), strict=True):
        part = part_of_town[lookup.needs[i].town]
        votes[j][part] = votes[j].get(part, 0) + 1
    for (need_id, person_id), _ in lookup.accepted.items():
        part = part_of_town[lookup.needs[lookup.need_at[need_id]].town]
        mine = votes[lookup.person_at[person_id]]
        mine[part] = mine.get(part, 0) + len(lookup.needs)  # what is agreed is never cut
    people: list[set[int]] = [set() for _ in parts]
    for j, mine in enumerate(votes):
        if mine:
            people[max(sorted(mine), key=lambda part: mine[part])].add(j)
    agreed = _agreed(lookup)
    return tuple(
        _part(problem, set(towns), mine, agreed) for towns, mine in zip(parts, people, strict=True)
    )


Agreed = list[tuple[Need, int]]  # needs and the half-days a month that one person gives them


def _agreed(lookup: Lookup) -> dict[str, Agreed]:
    """What each person has agreed to."""
    found: dict[str, Agreed] = {}
    for pair in lookup.problem.accepted:
        need = lookup.needs[lookup.need_at[pair.need]]
        found.setdefault(pair.specialist, []).append((need, pair.half_days))
    return found


def _at_home(person: Specialist, agreed: Agreed, towns: set[str]) -> Specialist:
    """The person without the time and the towns agreed outside of `towns`.

    Visits agreed elsewhere hold weekdays, which no record can say: their person visits nobody
    new in this part, and is looked at again when the parts are joined.
    """
    away = [(need, half_days) for need, half_days in agreed if need.town not in towns]
    if not away:
        return person
    used = _time(away, len(person.capacity))
    return dataclasses.replace(
        person,
        capacity=tuple(free - taken for free, taken in zip(person.capacity, used, strict=True)),
        serving=person.serving | {need.town for need, _ in away},
        onsite_max_pct=0 if any(need.onsite_pct for need, _ in away) else person.onsite_max_pct,
    )


def _as_guest(person: Specialist, agreed: Agreed, towns: set[str]) -> Specialist:
    """The person with the time agreed in these towns and no more."""
    here = [(need, half_days) for need, half_days in agreed if need.town in towns]
    return dataclasses.replace(person, capacity=_time(here, len(person.capacity)))


def _time(agreed: Agreed, months: int) -> tuple[int, ...]:
    """The half-days that agreed needs take in each month."""
    return tuple(
        sum(half_days for need, half_days in agreed if need.start <= month < need.end)
        for month in range(months)
    )


def _parts_of_towns(lookup: Lookup, arrays: PairArrays) -> list[list[str]]:
    """The towns of each part: components, cut where they are large, joined where small."""
    pieces: list[list[str]] = []
    for towns in _components(lookup, arrays):
        count = sum(len(lookup.needs_of_town[town]) for town in towns)
        pieces += [towns] if count <= MOST_NEEDS else _cut(lookup, towns)
    pieces.sort(key=lambda towns: (-sum(len(lookup.needs_of_town[t]) for t in towns), towns[0]))
    parts: list[list[str]] = []
    rest: list[str] = []
    needs = 0
    for piece in pieces:
        count = sum(len(lookup.needs_of_town[town]) for town in piece)
        if count >= PART_NEEDS:
            parts.append(piece)
            continue
        rest += piece
        needs += count
        if needs >= PART_NEEDS:
            parts.append(rest)
            rest, needs = [], 0
    if rest:
        parts = [*parts[:-1], [*(parts[-1] if parts else []), *rest]]
    return [sorted(part) for part in parts]


def _components(lookup: Lookup, arrays: PairArrays) -> list[list[str]]:
    """Towns linked by people who could serve both, or who do."""
    towns = sorted(lookup.needs_of_town)
    number = {town: k for k, town in enumerate(towns)}
    above = list(range(len(towns)))

    def root(k: int) -> int:
        while above[k] != k:
            above[k] = above[above[k]]
            k = above[k]
        return k

    first: dict[int, int] = {}
    pairs = list(zip(arrays.need.tolist(), arrays.person.tolist(), strict=True))
    pairs += [(lookup.need_at[n], lookup.person_at[s]) for n, s in lookup.accepted]
    for i, j in pairs:
        one = number[lookup.needs[i].town]
        other = root(first.setdefault(j, one))
        one = root(one)
        above[max(one, other)] = min(one, other)
    found: dict[int, list[str]] = {}
    for k, town in enumerate(towns):
        found.setdefault(root(k), []).append(town)
    return list(found.values())


def _cut(lookup: Lookup, towns: list[str]) -> list[list[str]]:
    """Towns of a large component in strips of neighbours, about equal in needs."""
    count = sum(len(lookup.needs_of_town[town]) for town in towns)
    wanted = -(-count // MOST_NEEDS)
    ordered = sorted(towns, key=lambda t: (*_place(lookup, t), t))
    pieces: list[list[str]] = [[]]
    done = 0
    for town in ordered:
        if done >= count * len(pieces) / wanted:
            pieces.append([])
        pieces[-1].append(town)
        done += len(lookup.needs_of_town[town])
    return pieces


def _place(lookup: Lookup, town: str) -> tuple[int, int]:
    """Strips of 100 km from north to south, from west to east within them."""
    at = lookup.towns[town]
    return at.y // 100_000, at.x


def _part(
    problem: Problem, towns: set[str], people: set[int], agreed: Mapping[str, Agreed]
) -> Problem:
    needs = tuple(need for need in problem.needs if need.town in towns)
    need_ids = {need.id for need in needs}
    accepted = tuple(a for a in problem.accepted if a.need in need_ids)
    here = {a.specialist for a in accepted}
    who = tuple(
        _at_home(person, agreed.get(person.id, []), towns)
        if j in people
        else _as_guest(person, agreed[person.id], towns)
        for j, person in enumerate(problem.specialists)
        if j in people or person.id in here
    )
    person_ids = {person.id for person in who}
    return dataclasses.replace(
        problem,
        towns=tuple(town for town in problem.towns if town.id in towns),
        needs=needs,
        specialists=who,
        groups=tuple(group for group in problem.groups if len(group.towns & towns) > 1),
        accepted=accepted,
        declined=tuple(
            d for d in problem.declined if d.need in need_ids and d.specialist in person_ids
        ),
    )


def join(
    problem: Problem,
    parts: Sequence[Problem],
    plans: Sequence[Plan],
    *,
    wall_s: float = inf,
    work: Mapping[str, int] | None = None,
    on_stage: OnStage | None = None,
    on_best: OnBest | None = None,
) -> Plan:
    """One plan from the plans of the parts of a problem, in the same order.

    Parts that share nothing and are all proven make a proven plan. Else the plan is improved
    across the parts, and its bounds are those of the whole problem; without any `work` (search
    and bounds 0) they are just put side by side. `on_best` is called now and then with the best
    at hand.
    Raises ProblemError when the parts are not those that the problem has when it is divided by
    their towns, or the plans not sound ones of the parts.
    """
    began = time.perf_counter()
    lookup = Lookup(problem)
    arrays = arrays_of(lookup)
    _check_parts(lookup, arrays, parts, plans)
    pairs = arrays.pairs()
    taken: dict[tuple[int, int], int] = dict(Ledger(lookup).taken)
    for plan in plans:
        taken |= taken_of(lookup, plan)
    bounds = _bounds(lookup, arrays, parts, plans)
    counted: dict[str, int] = {}
    versions = {name: version for plan in plans for name, version in sorted(plan.versions.items())}

    def tell(best: SoFar) -> None:
        if on_best is not None:
            on_best(best.within("parts", _work_of(plans), versions))

    if bounds is None:
        easy = easy_bounds(lookup, pairs)
        taken, found, done = solve_large(
            lookup, arrays, taken, easy,
            wall_s=wall_s, work=work, on_stage=on_stage, on_best=tell,
        )  # fmt: skip
        bounds = tuple(found)
        counted = done.counts()
    return build_plan(
        lookup,
        pairs,
        taken,
        cut_short=cut_short(arrays),
        bounds=bounds,
        backend="parts",
        stopped="optimal",
        versions=versions,
        work={**counted, **_work_of(plans)},
        seconds=sum(plan.seconds for plan in plans) + time.perf_counter() - began,
    )


def _check_parts(
    lookup: Lookup, arrays: PairArrays, parts: Sequence[Problem], plans: Sequence[Plan]
) -> None:
    """Raise ProblemError where parts or plans are others than they say: nothing is taken on trust
    that a proof of the whole goes by."""
    names = [input_sha256(part) for part in parts]
    if [plan.input_sha256 for plan in plans] != names:
        raise ProblemError("plans", "are not those of the parts")
    towns = [sorted({need.town for need in part.needs}) for part in parts]
    if sorted(town for mine in towns for town in mine) != sorted(lookup.needs_of_town):
        raise ProblemError("parts", "do not hold each town of the problem once")
    for k, part in enumerate(_divided(lookup, arrays, towns)):
        if input_sha256(part) != names[k]:
            raise ProblemError(f"parts[{k}]", "is not the part of the problem with these towns")
        violations = verify(parts[k], plans[k])
        if violations:
            raise ProblemError(f"plans[{k}]", f"{violations[0].code}: {violations[0].text}")


def _bounds(
    lookup: Lookup, arrays: PairArrays, parts: Sequence[Problem], plans: Sequence[Plan]
) -> tuple[int, ...] | None:
    """The bounds of the whole where every part is proven and no pair lies across parts."""
    if any(plan.stopped != "optimal" for plan in plans) or (arrays.rest > NOTHING_LEFT).any():
        return None
    people = [person.id for part in parts for person in part.specialists]
    if len(people) > len(set(people)):
        return None  # somebody agreed to needs of several parts: what a part left is not all
    part_of = {need.id: k for k, part in enumerate(parts) for need in part.needs}
    who = {person.id: k for k, part in enumerate(parts) for person in part.specialists}
    for i, j in zip(arrays.need.tolist(), arrays.person.tolist(), strict=True):
        if part_of[lookup.needs[i].id] != who[lookup.people[j].id]:
            return None
    stages = range(len(lookup.problem.policy.stages))
    return tuple(sum(plan.stages[at].bound for plan in plans) for at in stages)


def _work_of(plans: Sequence[Plan]) -> dict[str, int]:
    """The work of all parts in one table: `search_0`, `bounds_0`, `cut_0` …; `quick_0` where the
    quick plan stands for a part whose solver gave up."""
    work = {"parts": len(plans)}
    for k, plan in enumerate(plans):
        work |= {f"{name}_{k}": count for name, count in sorted(plan.work.items())}
        if plan.backend == QUICK:
            work[f"quick_{k}"] = 1
    return work


def solve_in_parts(
    problem: Problem,
    *,
    wall_s: float = inf,
    work: Mapping[str, int] | None = None,
    on_stage: OnStage | None = None,
) -> Plan:
    """What many machines would make of a problem, on this one: its parts one after the other.
    `wall_s` is for each part and for putting them together, `work` is that of an earlier plan."""
    parts = split(problem)
    if len(parts) == 1:
        return solve(problem, wall_s=wall_s, work=work, on_stage=on_stage)
    plans = []
    for k, part in enumerate(parts):
        mine = {
            name.removesuffix(f"_{k}"): count
            for name, count in (work or {}).items()
            if name.endswith(f"_{k}")
        }
        if "quick" in mine:
            plans.append(greedy(part))
        else:
            plans.append(solve(part, wall_s=wall_s, work=mine or None, on_stage=on_stage))
    return join(problem, parts, plans, wall_s=wall_s, work=work, on_stage=on_stage)
