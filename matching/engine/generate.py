"""Made-up instances for measurements: seeded, so that anyone gets the same file.

Towns lie in prefectures of about 37 on a square of 100 km; people live near towns; eight needs
in ten are on site in part. `scarce` leaves people half the time and one town less.
"""

from __future__ import annotations

import dataclasses
import random
from collections import Counter

from .types import (
    ALL_WEEKDAYS,
    Declined,
    Group,
    Need,
    Policy,
    Problem,
    ProblemError,
    Specialist,
    Town,
)

SKILLS = tuple(f"SK{i:02d}" for i in range(1, 11))
FORMS = ("10", "20", "21", "50")
TOWNS_PER_PREFECTURE = 37
SIDE_M = 100_000
HORIZON = 12
MOST_ROWS = 10**6  # of a kind, in a file
USUAL_RATE_YEN = 18_000


def generate(
    *,
    towns: int,
    needs: int,
    specialists: int,
    seed: int,
    scarce: bool = False,
    rich: bool = False,
) -> Problem:
    """A problem of the size asked for; with `rich` also what plain instances leave out (`enrich`),
    on top of the same plain one. Raises ProblemError when a number is below 1."""
    for name, number in (("towns", towns), ("needs", needs), ("specialists", specialists)):
        if number < 1:
            raise ProblemError(name, "must be an integer ≥ 1")
    rng = random.Random(f"{towns}/{needs}/{specialists}/{seed}/{scarce}")  # noqa: S311
    prefectures = max(1, round(towns / TOWNS_PER_PREFECTURE))
    width = max(1, round(prefectures**0.5))
    places = []
    for i in range(towns):
        at = i * prefectures // towns
        x, y = at % width * SIDE_M, at // width * SIDE_M
        vendors = {f"F{rng.randrange(40):02d}": "情報システムの受託者" for _ in range(2)}
        places.append(
            Town(
                f"T{i:05d}",
                f"町{i:05d}",
                x + rng.randrange(SIDE_M),
                y + rng.randrange(SIDE_M),
                vendors=vendors,
            )
        )
    people = [_person(rng, i, rng.choice(places), scarce) for i in range(specialists)]
    wanted = [_need(rng, i, places[i % towns if i < towns else rng.randrange(towns)])
              for i in range(needs)]  # fmt: skip
    asked: Counter[str] = Counter()
    for need in wanted:
        asked[need.town] += need.half_days * need.months * need.count
    places = [_with_budget(rng, town, asked[town.id]) for town in places]
    groups = [
        Group(f"G{i:04d}", f"共同利用{i:04d}", frozenset(t.id for t in places[i * 9 : i * 9 + 4]))
        for i in range(max(1, towns // 9))
        if len(places[i * 9 : i * 9 + 4]) > 1
    ]
    declined = {(rng.choice(wanted).id, rng.choice(people).id) for _ in range(needs // 10)}
    problem = Problem(
        horizon=HORIZON,
        towns=tuple(places),
        needs=tuple(wanted),
        specialists=tuple(people),
        groups=tuple(groups),
        declined=tuple(Declined(n, s, "辞退") for n, s in sorted(declined)),
        policy=Policy(),
        first_month="2027-04",
    )
    if not rich:
        return problem
    from .enrich import enrich  # loads numpy

    return enrich(problem, seed)


def _with_budget(rng: random.Random, town: Town, wanted: int) -> Town:
    """Six towns in ten have a budget, made for their needs at the usual rate, more or less;
    `wanted` are the half-days of all their needs."""
    share = rng.randrange(80, 161)
    if rng.random() < 0.4:
        return town
    budget = max(1, wanted) * USUAL_RATE_YEN * share // 100
    return dataclasses.replace(town, budget_yen=budget // 10_000 * 10_000)


def _weekdays(rng: random.Random, days: int) -> int:
    return sum(1 << day for day in rng.sample(range(5), days))


def _need(rng: random.Random, index: int, town: Town) -> Need:
    start = 0 if rng.random() < 0.7 else rng.randrange(1, 7)
    half_days = rng.choice((2, 2, 4, 4, 6, 8))
    skills = [(rng.choice(SKILLS), rng.choice((1, 2, 2, 3)))]
    if rng.random() < 0.15:
        other = rng.choice(SKILLS)
        skills += [(other, 1)] if other != skills[0][0] else []
    partial = rng.random() < 0.2 and half_days > 2
    return Need(
        id=f"N{index:05d}",
        town=town.id,
        skills=tuple(sorted(skills)),
        half_days=half_days,
        least=half_days // 2 if partial else half_days,
        start=start,
        end=HORIZON if rng.random() < 0.7 else rng.randrange(start + 3, HORIZON + 1),
        count=2 if rng.random() < 0.08 else 1,
        priority=rng.choice((1, 1, 2, 2, 3)),
        onsite_pct=rng.choice((0, 0, 25, 25, 25, 50, 50, 50, 100, 100)),
        weekdays=ALL_WEEKDAYS if rng.random() < 0.7 else _weekdays(rng, 2),
        half_day_rate_cap_yen=rng.choice((None, 15_000, 20_000, 25_000, 30_000)),
        forms=frozenset(rng.sample(FORMS, 2)) if rng.random() < 0.5 else frozenset(),
        all_or_nothing=rng.random() < 0.03,
    )


def _person(rng: random.Random, index: int, near: Town, scarce: bool) -> Specialist:
    levels = {skill: rng.choice((1, 2, 2, 3, 3, 4)) for skill in rng.sample(SKILLS, 2)}
    most = rng.choice((4, 6, 8, 10) if scarce else (8, 12, 16, 20))
    capacity = [max(0, most - rng.choice((0, 0, 0, 2))) for _ in range(HORIZON)]
    if rng.random() < 0.15:
        away = rng.randrange(HORIZON)
        capacity[away:] = [0] * (HORIZON - away)
    return Specialist(
        id=f"S{index:06d}",
        name=f"H-{index:06d}",
        levels=levels,
        capacity=tuple(capacity),
        max_towns=rng.choice((1, 2, 2, 3) if scarce else (2, 3, 3, 4)),
        weekdays=ALL_WEEKDAYS if rng.random() < 0.6 else _weekdays(rng, 3),
        half_day_rate_yen=rng.randrange(10_000, 26_000, 500),
        x=near.x + rng.randrange(-15_000, 15_001),
        y=near.y + rng.randrange(-15_000, 15_001),
        radius_m=rng.choice((20_000, 30_000, 40_000, 60_000)),
        onsite_max_pct=rng.choice((25, 50, 100, 100)),
        forms=frozenset(rng.sample(FORMS, 3)) if rng.random() < 0.7 else frozenset(),
        vendor=f"F{rng.randrange(40):02d}" if rng.random() < 0.4 else None,
        min_block=rng.choice((1, 1, 1, 2)),
        permission=(0, rng.randrange(6, HORIZON + 1)) if rng.random() < 0.2 else None,
        confidence=rng.randrange(300, 1001),
    )
