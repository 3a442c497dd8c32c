"""One thing changed: mend the plan at once with everything else held, or show the difference."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .ledger import Ledger
from .lookup import Lookup, Pair
from .pairs import eligible_pairs
from .planning import taken_of
from .stages import Taken, bonus_of_person, service_level, stage_values
from .types import Declined, Need, Plan, Problem, ProblemError

MOST_TRIALS = 3_000


@dataclass(frozen=True, slots=True)
class PairChange:
    """A pair before and after, in half-days a month; 0 where it is not in the plan."""

    need: str
    specialist: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """What differs between two plans: pairs, and the value of each stage before and after."""

    pairs: tuple[PairChange, ...]
    stages: tuple[tuple[str, int, int], ...]


def difference(before: Plan, after: Plan) -> PlanDiff:
    """What changes when `after` replaces `before`: the "re-plan all" to look at."""
    old = {(a.need, a.specialist): a.half_days for a in before.assignments}
    new = {(a.need, a.specialist): a.half_days for a in after.assignments}
    was = {stage.name: stage.value for stage in before.stages}
    return _diff(old, new, [(s.name, was.get(s.name, 0), s.value) for s in after.stages])


def _diff(
    old: Mapping[tuple[str, str], int],
    new: Mapping[tuple[str, str], int],
    stages: Iterable[tuple[str, int, int]],
) -> PlanDiff:
    changed = (
        PairChange(need, person, old.get((need, person), 0), new.get((need, person), 0))
        for need, person in sorted(old.keys() | new.keys())
    )
    return PlanDiff(tuple(c for c in changed if c.before != c.after), tuple(stages))


class Desk:
    """A plan at hand that is mended in milliseconds when one thing changes.

    Built once for a problem and its plan. Every method holds all other pairs of the plan,
    looks only at what the change frees, and returns the difference; nothing moves that is
    agreed. The mended state stays, `problem` and `taken` tell it.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self._load(problem, taken_of(Lookup(problem), plan))

    def _load(self, problem: Problem, taken: Taken) -> None:
        self.problem = problem
        self.lookup = Lookup(problem)
        self.of_need: dict[int, list[Pair]] = {}
        self.of_person: dict[int, list[Pair]] = {}
        for pair in eligible_pairs(self.lookup):
            self.of_need.setdefault(pair.need, []).append(pair)
            self.of_person.setdefault(pair.person, []).append(pair)
        self.ledger = Ledger(self.lookup)
        for (i, j), half_days in taken.items():
            if (i, j) not in self.ledger.taken:
                self.ledger.take(i, j, half_days)
        self.values = stage_values(self.lookup, self.ledger.taken)

    @property
    def taken(self) -> dict[tuple[int, int], int]:
        """The pairs of the mended plan, by position."""
        return dict(self.ledger.taken)

    def decline(self, need_id: str, specialist_id: str, reason: str = "") -> PlanDiff:
        """The pair is declined for good: the place goes to somebody with room, the person's
        time to open needs. Raises ProblemError for unknown or accepted pairs."""
        i = _position(self.lookup.need_at, "need", need_id)
        j = _position(self.lookup.person_at, "specialist", specialist_id)
        if (need_id, specialist_id) in self.lookup.accepted:
            raise ProblemError("specialist", "is agreed for this need: dissolve that first")
        before = dict(self.ledger.taken)
        if (i, j) in self.ledger.taken:
            self.ledger.drop(i, j)
            self._give_back(i)
        declined = (*self.problem.declined, Declined(need_id, specialist_id, reason))
        self.problem = dataclasses.replace(self.problem, declined=declined)
        self.lookup.problem = self.problem
        self.lookup.declined[need_id, specialist_id] = reason
        self.of_need[i] = [p for p in self.of_need.get(i, []) if p.person != j]
        self.of_person[j] = [p for p in self.of_person.get(j, []) if p.need != i]
        return self._mend(before, [*self._freed_by(i), *self.of_person[j]])

    def change_capacity(self, specialist_id: str, capacity: tuple[int, ...]) -> PlanDiff:
        """The person's free half-days changed: what no longer fits is given back, the least
        score first, and mended; agreed pairs stay and must fit.

        Raises ProblemError for an unknown person or when agreed pairs do not fit.
        """
        j = _position(self.lookup.person_at, "specialist", specialist_id)
        people = list(self.problem.specialists)
        people[j] = dataclasses.replace(people[j], capacity=capacity)
        old, was = dict(self.ledger.taken), self.values
        keep = {pair: h for pair, h in old.items() if pair[1] != j}
        mine = sorted((i for i, k in old if k == j), key=lambda i: (-self._points(i, j), i))
        agreed = [i for i in mine if (self.lookup.needs[i].id, specialist_id) in
                  self.lookup.accepted]  # fmt: skip
        free = list(capacity)
        for i in [*agreed, *(i for i in mine if i not in agreed)]:
            need, half_days = self.lookup.needs[i], old[i, j]
            if min(free[need.start : need.end]) >= half_days:
                keep[i, j] = half_days
                for month in range(need.start, need.end):
                    free[month] -= half_days
            elif i in agreed:
                raise ProblemError("capacity", f"is below what is agreed for {need.id}")
        self._load(dataclasses.replace(self.problem, specialists=tuple(people)), keep)
        lost = [i for i in mine if (i, j) not in keep]
        for i in lost:
            self._give_back(i)
        pairs = [p for i in lost for p in self._freed_by(i)]
        return self._mend(old, [*pairs, *self.of_person.get(j, [])], was)

    def add_need(self, need: Need) -> PlanDiff:
        """A new need comes: whoever has room serves it. Raises ProblemError for a known id or
        an unknown town."""
        if need.id in self.lookup.need_at:
            raise ProblemError("need.id", f"is used twice: {need.id}")
        if need.town not in self.lookup.towns:
            raise ProblemError("need.town", f"is not a known town: {need.town}")
        needs = tuple(sorted((*self.problem.needs, need), key=lambda n: n.id))
        place = needs.index(need)
        moved = {
            (i + (i >= place), j): half_days for (i, j), half_days in self.ledger.taken.items()
        }
        self._load(dataclasses.replace(self.problem, needs=needs), moved)
        return self._mend(moved, self.of_need.get(place, []))

    def _freed_by(self, need_index: int) -> list[Pair]:
        """The pairs that a place given back may open: its own, and where the town counts its
        money also those of the town's other needs."""
        town = self.lookup.needs[need_index].town
        needs = self.lookup.needs_of_town[town] if town in self.ledger.budget else [need_index]
        return [pair for i in needs for pair in self.of_need.get(i, [])]

    def _give_back(self, need_index: int) -> None:
        """A need that takes all or nobody has lost somebody: the others step back too."""
        need = self.lookup.needs[need_index]
        if not need.all_or_nothing:
            return
        for i, j in list(self.ledger.taken):
            person = self.lookup.people[j].id
            if i == need_index and (need.id, person) not in self.lookup.accepted:
                self.ledger.drop(i, j)

    def _points(self, need_index: int, person_index: int) -> int:
        pairs = self.of_person.get(person_index, [])
        return next((p.base for p in pairs if p.need == need_index), 0)

    def _mend(
        self, before: Taken, pairs: Sequence[Pair], was: tuple[int, ...] | None = None
    ) -> PlanDiff:
        """Give the freed places and time out again in the best way, and tell the difference."""
        was = self.values if was is None else was
        unique = {(p.need, p.person): p for p in pairs if self.ledger.room(p)}
        stages = self.lookup.problem.policy.stages
        best = _Trial(self.lookup, self.ledger, list(unique.values())).best()
        for i, j, half_days in best:
            self.ledger.take(i, j, half_days)
        now = self.values = stage_values(self.lookup, self.ledger.taken)
        names = (self._names(before), self._names(self.ledger.taken))
        return _diff(*names, [(s, was[k], now[k]) for k, s in enumerate(stages)])

    def _names(self, taken: Taken) -> dict[tuple[str, str], int]:
        needs, people = self.lookup.needs, self.lookup.people
        return {(needs[i].id, people[j].id): h for (i, j), h in taken.items()}


class _Trial:
    """The best way to add a handful of pairs to a ledger, by trying.

    Beyond MOST_TRIALS sets the best of those tried is taken, the richest pairs first.
    """

    def __init__(self, lookup: Lookup, ledger: Ledger, pairs: list[Pair]) -> None:
        self.lookup, self.ledger = lookup, ledger
        self.pairs = sorted(pairs, key=lambda p: (-p.base, p.need, p.person))
        self.stages = lookup.problem.policy.stages
        self.counts = {
            town: ledger.services(town) for town in {lookup.needs[p.need].town for p in pairs}
        }
        self.held: dict[int, list[int]] = {p.person: [] for p in pairs}
        for i, j in ledger.taken:
            if j in self.held:
                self.held[j].append(i)
        self.trials = 0
        self.chosen: list[tuple[int, int, int]] = []
        self.best_value: tuple[int, ...] | None = None
        self.best_set: list[tuple[int, int, int]] = []

    def best(self) -> list[tuple[int, int, int]]:
        self._extend(0, 0, 0)
        return self.best_set

    def _extend(self, first: int, priority: int, score: int) -> None:
        self.trials += 1
        if self._whole():
            value = self._value(priority, score)
            if self.best_value is None or value > self.best_value:
                self.best_value, self.best_set = value, list(self.chosen)
        for k in range(first, len(self.pairs)):
            if self.trials > MOST_TRIALS:
                return
            pair = self.pairs[k]
            half_days = self.ledger.room(pair)
            if not half_days:
                continue
            need = self.lookup.needs[pair.need]
            mine = self.held[pair.person]
            bonus = -bonus_of_person(self.lookup, pair.person, mine)
            mine.append(pair.need)
            bonus += bonus_of_person(self.lookup, pair.person, mine)
            self.ledger.take(pair.need, pair.person, half_days)
            self.chosen.append((pair.need, pair.person, half_days))
            self.counts[need.town] += 1
            points = pair.base + self.lookup.weights.served * half_days + bonus
            self._extend(k + 1, priority + need.priority, score + points)
            self.counts[need.town] -= 1
            self.chosen.pop()
            self.ledger.drop(pair.need, pair.person)
            mine.pop()

    def _whole(self) -> bool:
        """Whether needs that take all or nobody have all or nobody."""
        return all(
            not self.lookup.needs[i].all_or_nothing or self.ledger.places[i] == 0
            for i, _, _ in self.chosen
        )

    def _value(self, priority: int, score: int) -> tuple[int, ...]:
        weights = self.lookup.weights
        first = sum(count >= 1 for count in self.counts.values())
        plain = {
            "priority": priority,
            "score": score,
            "weighted": weights.service * first + weights.priority * priority + score,
        }
        return tuple(
            plain[name] if name in plain
            else sum(count >= service_level(name) for count in self.counts.values())
            for name in self.stages
        )  # fmt: skip


def _position(positions: Mapping[str, int], field: str, key: str) -> int:
    if key not in positions:
        raise ProblemError(field, f"is not known: {key}")
    return positions[key]
