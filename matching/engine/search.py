"""Neighbourhood search for sizes at which the whole program is too large to solve.

Again and again a block of people gives back its needs, the program over the loads that the
prices rate best for these people is solved with everything else held, and the answer is kept
when no stage gets worse. Work is counted in blocks, so that the same number of blocks gives
the same plan on any machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np

from .arrays import Ints, Mask
from .growth import Hope
from .highs import maximise
from .ledger import Ledger
from .loads import Load, TooManyLoads
from .lookup import Lookup
from .master import Master
from .pricing import Pricing
from .spaces import Spaces
from .stages import Taken, factors_of

BLOCK_LOADS = 200_000  # looked at before the best are kept
PERSON_LOADS = 24
FEW_LOADS = 12
BLOCK_NODES = 20
BLOCK_GAP = 1e-4
NARROWER = 0.5


class Search:
    """A ledger being improved block by block, guided by prices."""

    def __init__(
        self, lookup: Lookup, ledger: Ledger, spaces: Spaces, pricing: Pricing, *, seed: int = 0
    ) -> None:
        self.lookup, self.ledger, self.spaces, self.pricing = lookup, ledger, spaces, pricing
        self.stages = lookup.problem.policy.stages
        self.factors = factors_of(self.stages)
        self.random = random.Random(seed)  # noqa: S311 (a search, not a secret)
        self.fixed = {(lookup.need_at[n], lookup.person_at[s]) for n, s in lookup.accepted}
        self.takers: dict[int, set[int]] = {}
        self.serves: dict[int, set[int]] = {}
        for i, j in ledger.taken:
            self.takers.setdefault(i, set()).add(j)
            if (i, j) not in self.fixed:
                self.serves.setdefault(j, set()).add(i)
        self.by_need = np.argsort(spaces.need, kind="stable")
        self._need_first = np.searchsorted(
            spaces.need[self.by_need], np.arange(len(lookup.needs) + 1)
        )
        self._person_first = np.searchsorted(spaces.person, np.arange(len(lookup.people) + 1))
        self.refresh()

    def refresh(self) -> None:
        """Take over the prices as they are now."""
        pricing = self.pricing
        factors = pricing.factors(pricing.hold_price)
        self.point = factors.score
        self.gains = pricing.gains(
            pricing.high(pricing.price, factors), pricing.budget_price, factors
        )

    def everyone(self) -> list[int]:
        """All people who have a choice, by place."""
        people: list[int] = np.flatnonzero(np.diff(self._person_first) > 0).tolist()
        people.sort(key=self._curve)
        return people

    def sweep(self, size: int) -> Iterator[None]:
        """Blocks of so many people who live near each other, each person once, then a quarter
        as many blocks around open needs; one at each step."""
        people = self.everyone()
        offset = self.random.randrange(size)
        blocks = [people[:offset]] if offset else []
        blocks += [people[first : first + size] for first in range(offset, len(people), size)]
        for block in blocks:
            self.improve(block)
            yield
        for _ in range(len(blocks) // 4):
            block = self._around(size)
            if block:
                self.improve(block)
            yield

    def _curve(self, person_index: int) -> tuple[int, int]:
        """A place on a curve that keeps neighbours together (bits of x and y interleaved)."""
        person, key = self.lookup.people[person_index], 0
        x, y = (person.x + (1 << 28)) >> 12, (person.y + (1 << 28)) >> 12
        for bit in range(18):
            key |= (x >> bit & 1) << (2 * bit) | (y >> bit & 1) << (2 * bit + 1)
        return key, person_index

    def _around(self, size: int) -> list[int]:
        """People who compete for the same needs, grown from one need, open ones more often."""
        spaces = self.spaces
        needs = np.flatnonzero(np.diff(self._need_first) > 0).tolist()
        if not needs:
            return []
        open_needs = [i for i in needs if self.ledger.places[i] > 0]
        pool = open_needs if open_needs and self.random.random() < 0.7 else needs
        queue = [self.random.choice(pool)]
        seen, people = set(queue), dict[int, None]()
        while queue and len(people) < size:
            at = queue.pop(self.random.randrange(len(queue)))
            choices = self.by_need[self._need_first[at] : self._need_first[at + 1]]
            best = choices[np.argsort(-self.gains[choices], kind="stable")[:12]]
            near = [*spaces.person[best].tolist(), *sorted(self.takers.get(at, ()))]
            for j in near:
                if j in people or self._person_first[j] == self._person_first[j + 1]:
                    continue
                people[j] = None
                mine = np.arange(self._person_first[j], self._person_first[j + 1])
                rich = mine[np.argsort(-self.gains[mine], kind="stable")[:6]]
                found = [i for i in dict.fromkeys(spaces.need[rich].tolist()) if i not in seen]
                seen.update(found)
                queue.extend(found)
        return list(people)[:size]

    def improve(self, people: Sequence[int], *, few: bool = False) -> bool:
        """Solve the block of these people anew, with `few` loads a person; whether anything
        changed."""
        if not people:
            return False
        people = self._together(people)
        inside = set(people)
        before = {(i, j): self.ledger.taken[i, j] for j in people for i in self.serves.get(j, ())}
        for i, j in before:
            self.ledger.drop(i, j)
        loads = self._loads(people, inside, before, FEW_LOADS if few else PERSON_LOADS)
        after = before
        if loads:
            master = Master(self.lookup, self.ledger, loads, self._budgets(loads))
            start = master.start(before)
            answer = maximise(
                master.rows,
                master.combined(self.factors),
                start=start,
                nodes=BLOCK_NODES,
                relative_gap=BLOCK_GAP,
            )
            if answer.columns is not None:
                new = self._values(master, answer.columns)
                if start is not None and new >= self._values(master, start):
                    after = master.chosen(answer.columns)
        for (i, j), half_days in after.items():
            self.ledger.take(i, j, half_days)
        for i, j in before:
            self.takers[i].discard(j)
            self.serves[j].discard(i)
        for i, j in after:
            self.takers.setdefault(i, set()).add(j)
            self.serves.setdefault(j, set()).add(i)
        return after != before

    def _together(self, people: Sequence[int]) -> list[int]:
        """The block with everybody who serves a need of all or nobody beside one of it: else one
        could leave the others behind."""
        block = dict.fromkeys(people)
        waiting = list(block)
        while waiting:
            j = waiting.pop()
            for i in sorted(self.serves.get(j, ())):
                if self.lookup.needs[i].all_or_nothing:
                    for other in sorted(self.takers[i]):
                        if other not in block and (i, other) not in self.fixed:
                            block[other] = None
                            waiting.append(other)
        return list(block)

    def _budgets(self, loads: Sequence[Load]) -> set[str]:
        towns = {self.lookup.needs[i].town for load in loads for i, _ in load.choices}
        return {town for town in towns if town in self.ledger.budget}

    def _loads(
        self, people: Sequence[int], inside: set[int], before: Taken, most: int
    ) -> list[Load]:
        """The loads of the block that the prices rate best, the present ones included."""
        spaces = self.spaces
        choices = np.concatenate(
            [np.arange(self._person_first[j], self._person_first[j + 1]) for j in sorted(inside)]
        )
        choices = choices[self._free(choices, inside)]
        loads: list[Load] = []
        if len(choices):
            loads = self._rich(choices, most)
        known = {(load.person, frozenset(load.choices)) for load in loads}
        own: dict[int, list[tuple[int, int]]] = {}
        for (i, j), half_days in sorted(before.items()):
            own.setdefault(j, []).append((i, half_days))
        for j, mine in own.items():
            if (j, frozenset(mine)) not in known:
                loads.append(spaces.load_of(j, mine))
        return loads

    def _free(self, choices: Ints, inside: set[int]) -> Mask:
        """The choices whose need has a place in the block."""
        needs = self.spaces.need[choices]
        ok = np.array(self.ledger.places)[needs] > 0
        for i in np.unique(needs[ok]).tolist():
            need = self.lookup.needs[i]
            if need.all_or_nothing and need.count > 1 and not self.takers.get(i, set()) <= inside:
                ok &= needs != i  # somebody outside holds a place: it stays as it is
        for i, j in self.fixed:
            if j in inside:
                ok &= (needs != i) | (self.spaces.person[choices] != j)
        return ok

    def _rich(self, choices: Ints, most: int) -> list[Load]:
        """For each person the loads worth most at the prices."""
        spaces, people = self.spaces, len(self.lookup.people)
        hope = Hope(self.gains, self.pricing.reach, self.point, np.zeros(people))
        try:
            spaces.grow(choices[hope.most[choices] > 0], BLOCK_LOADS, hope)
        except TooManyLoads:
            return []
        best = hope.least
        width = np.maximum(best, self.point * 1_000.0)
        for _ in range(8):
            try:
                hope = Hope(self.gains, self.pricing.reach, self.point, best - width, fixed=True)
                levels = spaces.grow(choices, BLOCK_LOADS, hope)
                break
            except TooManyLoads:
                width = width * NARROWER
        else:
            return []
        return spaces.best_of(levels, self.gains, self.point, most)

    def _values(self, master: Master, columns: Sequence[int]) -> tuple[int, ...]:
        return tuple(
            sum(value * columns[column] for column, value in master.objective(stage).items())
            for stage in self.stages
        )
