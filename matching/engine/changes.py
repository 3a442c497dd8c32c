"""One thing changed: mend the plan at once with everything else held, or show the difference."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .fields import Record, as_integer
from .lookup import Lookup, Pair
from .mending import Mending
from .pairs import eligible_needs, eligible_people
from .planning import build_plan, ledger_of, taken_of
from .rules import most_half_days
from .stages import Taken, easy_bounds
from .tally import Tally
from .types import Declined, Need, Plan, Problem, ProblemError


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
        from .arrays import eligible_arrays

        self.problem = problem
        self.lookup = Lookup(problem)
        self.of_need: dict[int, list[Pair]] = {}
        self.of_person: dict[int, list[Pair]] = {}
        for pair in eligible_arrays(self.lookup).pairs():
            self.of_need.setdefault(pair.need, []).append(pair)
            self.of_person.setdefault(pair.person, []).append(pair)
        self.ledger = ledger_of(self.lookup, taken_of(self.lookup, plan))
        self.tally = Tally(self.lookup, self.ledger.taken)
        self.values = self.tally.values()
        self.before: dict[tuple[int, int], int] = {}  # what the present change has touched

    @property
    def taken(self) -> dict[tuple[int, int], int]:
        """The pairs of the mended plan, by position."""
        return dict(self.ledger.taken)

    def plan(self) -> Plan:
        """The mended plan, for the verifier; its bounds are those of each need taken alone."""
        pairs = [pair for i in sorted(self.of_need) for pair in self.of_need[i]]
        return build_plan(
            self.lookup,
            pairs,
            self.ledger.taken,
            bounds=easy_bounds(self.lookup, pairs),
            backend="desk",
            stopped="limit",
        )

    def decline(self, need_id: str, specialist_id: str, reason: str = "") -> PlanDiff:
        """The pair is declined for good: the place goes to somebody with room, the person's
        time to open needs. Raises ProblemError for unknown or accepted pairs."""
        i = _position(self.lookup.need_at, "need", need_id)
        j = _position(self.lookup.person_at, "specialist", specialist_id)
        if (need_id, specialist_id) in self.lookup.accepted:
            raise ProblemError("specialist", "is agreed for this need: dissolve that first")
        freed = {j}
        if (i, j) in self.ledger.taken:
            self._drop(i, j)
            freed |= self._give_back(i)
        others = [
            d for d in self.problem.declined if (d.need, d.specialist) != (need_id, specialist_id)
        ]  # asked a second time, the newer reason stands
        declined = (*others, Declined(need_id, specialist_id, reason))
        self._become(dataclasses.replace(self.problem, declined=declined))
        self.lookup.declined[need_id, specialist_id] = reason
        self.of_need[i] = [p for p in self.of_need.get(i, []) if p.person != j]
        self.of_person[j] = [p for p in self.of_person.get(j, []) if p.need != i]
        return self._mend([*self._freed_by(i), *self._of_people(freed)])

    def change_capacity(self, specialist_id: str, capacity: tuple[int, ...]) -> PlanDiff:
        """The person's free half-days changed: what no longer fits is given back, the least
        score first, and mended; agreed pairs stay and must fit.

        Raises ProblemError for an unknown person or when agreed pairs do not fit.
        """
        j = _position(self.lookup.person_at, "specialist", specialist_id)
        lost = self._no_longer_fitting(j, capacity)
        freed = {j}
        for i in lost:
            self._drop(i, j)
            freed |= self._give_back(i)
        person = self.lookup.people[j]
        for month, (was, now) in enumerate(zip(person.capacity, capacity, strict=True)):
            self.ledger.free[j][month] += now - was
        people = list(self.problem.specialists)
        people[j] = dataclasses.replace(person, capacity=capacity)
        self._become(dataclasses.replace(self.problem, specialists=tuple(people)))
        for need in {p.need for p in self.of_person.get(j, [])}:
            self.of_need[need] = [p for p in self.of_need[need] if p.person != j]
        self.of_person[j] = eligible_needs(self.lookup, j)
        for pair in self.of_person[j]:
            self.of_need.setdefault(pair.need, []).append(pair)
        pairs = [p for i in lost for p in self._freed_by(i)]
        return self._mend([*pairs, *self._of_people(freed)])

    def _no_longer_fitting(self, j: int, capacity: tuple[int, ...]) -> list[int]:
        """The needs the person has to give back, agreed ones and richest ones kept first: for want
        of time, or as a fixed cost shared by fewer half-days passes what a need can pay.

        Raises ProblemError when agreed ones do not fit.
        """
        lookup, mine = self.lookup, self.tally.of_person.get(j, {})
        person = dataclasses.replace(lookup.people[j], capacity=capacity)
        points = {p.need: p.base for p in self.of_person.get(j, [])}
        agreed = {i for i in mine if (lookup.needs[i].id, lookup.people[j].id) in lookup.accepted}
        free, lost = list(capacity), []
        for i in sorted(mine, key=lambda i: (i not in agreed, -points.get(i, 0), i)):
            need, half_days = lookup.needs[i], mine[i]
            payable = i in agreed or half_days <= most_half_days(lookup, need, person)
            if payable and min(free[need.start : need.end]) >= half_days:
                for month in range(need.start, need.end):
                    free[month] -= half_days
            elif i in agreed:
                raise ProblemError("capacity", f"is below what is agreed for {need.id}")
            else:
                lost.append(i)
        return lost

    def add_need(self, need: Need) -> PlanDiff:
        """A new need comes: whoever has room serves it. Raises ProblemError for a known id or
        an unknown town."""
        if need.id in self.lookup.need_at:
            raise ProblemError("need.id", f"is used twice: {need.id}")
        if need.town not in self.lookup.towns:
            raise ProblemError("need.town", f"is not a known town: {need.town}")
        # Last, whatever its id: the positions of the others stay.
        self._become(dataclasses.replace(self.problem, needs=(*self.problem.needs, need)))
        place = self.lookup.add_need(need)
        self.ledger.places.append(need.count)
        self.of_need[place] = eligible_people(self.lookup, place)
        for pair in self.of_need[place]:
            self.of_person.setdefault(pair.person, []).append(pair)
        self.values = self.tally.values()
        return self._mend(self.of_need[place])

    def give_out(self, need_ids: Iterable[str], specialist_ids: Iterable[str] = ()) -> PlanDiff:
        """Several things changed in a problem that already says so: the open places of these needs
        and the time left of these people are given out together, every pair held. Raises
        ProblemError for unknown ones."""
        needs = [_position(self.lookup.need_at, "need", key) for key in need_ids]
        people = [_position(self.lookup.person_at, "specialist", key) for key in specialist_ids]
        pairs = [pair for i in needs for pair in self.of_need.get(i, [])]
        return self._mend([*pairs, *self._of_people(people)])

    def _become(self, problem: Problem) -> None:
        self.problem = self.lookup.problem = problem
        self.lookup.needs, self.lookup.people = problem.needs, problem.specialists

    def _freed_by(self, need_index: int) -> list[Pair]:
        """The pairs that a place given back may open: its own, and where the town counts its
        money also those of the town's other needs."""
        town = self.lookup.needs[need_index].town
        needs = self.lookup.needs_of_town[town] if town in self.ledger.budget else [need_index]
        return [pair for i in needs for pair in self.of_need.get(i, [])]

    def _of_people(self, people: Iterable[int]) -> list[Pair]:
        """The pairs of people whose time was freed."""
        return [pair for j in sorted(people) for pair in self.of_person.get(j, [])]

    def _give_back(self, need_index: int) -> set[int]:
        """A need that takes all or nobody has lost somebody: the others, who are returned, step
        back too."""
        need = self.lookup.needs[need_index]
        if not need.all_or_nothing:
            return set()
        freed = {
            j
            for i, j in self.ledger.taken
            if i == need_index and (need.id, self.lookup.people[j].id) not in self.lookup.accepted
        }
        for j in sorted(freed):
            self._drop(need_index, j)
        return freed

    def _take(self, i: int, j: int, half_days: int) -> None:
        self.before.setdefault((i, j), 0)
        self.ledger.take(i, j, half_days)
        self.tally.put(i, j, half_days)

    def _drop(self, i: int, j: int) -> None:
        self.before.setdefault((i, j), self.ledger.taken[i, j])
        self.ledger.drop(i, j)
        self.tally.cut(i, j)

    def _mend(self, pairs: Sequence[Pair]) -> PlanDiff:
        """Give the freed places and time out again in the best way, and tell the difference."""
        unique = {(p.need, p.person): p for p in pairs if self.ledger.room(p)}
        best = Mending(self.lookup, self.ledger, self.tally, list(unique.values())).best()
        for i, j, half_days in best:
            self._take(i, j, half_days)
        was, self.values = self.values, self.tally.values()
        touched, self.before = self.before, {}
        stages = self.lookup.problem.policy.stages
        names = (self._names(touched), self._names(self.ledger.taken, touched))
        return _diff(*names, [(s, was[k], self.values[k]) for k, s in enumerate(stages)])

    def _names(
        self, taken: Taken, only: Iterable[tuple[int, int]] | None = None
    ) -> dict[tuple[str, str], int]:
        needs, people = self.lookup.needs, self.lookup.people
        return {
            (needs[i].id, people[j].id): taken.get((i, j), 0)
            for i, j in (taken if only is None else only)
        }


def _position(positions: Mapping[str, int], field: str, key: str) -> int:
    if key not in positions:
        raise ProblemError(field, f"is not known: {key}")
    return positions[key]


def one_change(problem: Problem, desk: Desk, data: object) -> Callable[[], PlanDiff]:
    """The one change of a document: `decline`, `capacity` or `add_need`. Raises ProblemError."""
    from .whatif import change_from_json  # which asks this module for differences

    top = Record(data, "")
    given = [name for name in ("decline", "capacity", "add_need") if name in top]
    if len(given) != 1:
        raise ProblemError("(top)", "must hold one of decline, capacity, add_need")
    if given == ["add_need"]:
        need = top.raw("add_need")
        top.close()
        try:
            (added,) = change_from_json(problem, {"add_needs": [need]}).add_needs
        except ProblemError as error:
            field = error.field.replace("add_needs[0]", "add_need")
            raise ProblemError(field, error.message) from None
        return lambda: desk.add_need(added)
    row = top.sub(given[0])
    top.close()
    person = row.text("specialist")
    if given == ["capacity"]:
        months = tuple(
            as_integer(item, path, least=0, most=100) for path, item in row.items("capacity")
        )
        row.close()
        if len(months) != problem.horizon:
            raise ProblemError("capacity.capacity", f"must have {problem.horizon} entries")
        return lambda: desk.change_capacity(person, months)
    need_id, reason = row.text("need"), row.text("reason", "", blank=True)
    row.close()
    return lambda: desk.decline(need_id, person, reason)
