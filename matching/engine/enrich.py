"""Made-up instances with what plain ones leave out: present advisers, agreed pairs, languages,
budgets of needs, fixed costs, towns served already, ties to firms.

Seeded and added on top of a plain instance, which it leaves as it is otherwise.
"""

from __future__ import annotations

import dataclasses
import random

from .arrays import eligible_arrays
from .ledger import Ledger
from .lookup import Lookup
from .types import Accepted, Need, Problem, Specialist

USUAL_RATE_YEN = 18_000
OTHER_LANGUAGES = ("en", "pt", "vi")


def enrich(problem: Problem, seed: int) -> Problem:
    """The problem with such fields set for some needs and people; the same for the same seed."""
    size = f"{len(problem.towns)}/{len(problem.needs)}/{len(problem.specialists)}"
    rng = random.Random(f"rich/{size}/{seed}")  # noqa: S311 (made-up data, not a secret)
    towns = [town.id for town in problem.towns]
    problem = dataclasses.replace(
        problem,
        needs=tuple(_need(rng, need) for need in problem.needs),
        specialists=tuple(_person(rng, person, towns) for person in problem.specialists),
    )
    return _agreed(rng, _advised(rng, problem))


def _need(rng: random.Random, need: Need) -> Need:
    language = rng.choice(OTHER_LANGUAGES) if rng.random() < 0.06 else need.language
    budget = None
    if rng.random() < 0.25:
        share = rng.randrange(60, 171)
        budget = need.half_days * need.months * USUAL_RATE_YEN * share // 100 // 1_000 * 1_000
    return dataclasses.replace(need, language=language, budget_yen=budget)


def _person(rng: random.Random, person: Specialist, towns: list[str]) -> Specialist:
    languages, serving, interests = {"ja"}, set[str](), set[str]()
    if rng.random() < 0.2:
        languages.add(rng.choice(OTHER_LANGUAGES))
    if rng.random() < 0.1:
        serving = {rng.choice(towns) for _ in range(rng.randrange(1, 3))}
    if rng.random() < 0.15:
        interests = {f"F{rng.randrange(40):02d}" for _ in range(rng.randrange(1, 4))}
    fixed = rng.randrange(5_000, 60_001, 5_000) if rng.random() < 0.25 else 0
    return dataclasses.replace(
        person,
        languages=frozenset(languages),
        serving=frozenset(serving),
        interests=frozenset(interests),
        monthly_fixed_yen=fixed,
    )


def _advised(rng: random.Random, problem: Problem) -> Problem:
    """Every fifth need has somebody at present, three in four of them somebody eligible."""
    lookup = Lookup(problem)
    chosen = [i for i in range(len(lookup.needs)) if rng.random() < 0.2]
    arrays = eligible_arrays(lookup, needs=chosen)
    able: dict[int, list[int]] = {i: [] for i in chosen}
    for i, j in zip(arrays.need.tolist(), arrays.person.tolist(), strict=True):
        able[i].append(j)
    needs = list(problem.needs)
    at = {need.id: k for k, need in enumerate(needs)}
    for i, people in able.items():
        others = range(len(lookup.people))
        j = rng.choice(people if people and rng.random() < 0.75 else others)
        k = at[lookup.needs[i].id]
        needs[k] = dataclasses.replace(needs[k], present=lookup.people[j].id)
    return dataclasses.replace(problem, needs=tuple(needs))


def _agreed(rng: random.Random, problem: Problem) -> Problem:
    """Of every tenth need one place is agreed, with somebody who has the room for it."""
    lookup = Lookup(problem)
    plain = [i for i, n in enumerate(lookup.needs) if not (n.all_or_nothing and n.count > 1)]
    chosen = [i for i in plain if rng.random() < 0.1]
    pairs = eligible_arrays(lookup, needs=chosen).pairs()
    rng.shuffle(pairs)
    ledger = Ledger(lookup)
    agreed: dict[int, Accepted] = {}
    for pair in pairs:
        half_days = ledger.room(pair)
        if pair.need not in agreed and half_days:
            ledger.take(pair.need, pair.person, half_days)
            need, person = lookup.needs[pair.need], lookup.people[pair.person]
            agreed[pair.need] = Accepted(need.id, person.id, half_days)
    return dataclasses.replace(problem, accepted=tuple(agreed[i] for i in sorted(agreed)))
