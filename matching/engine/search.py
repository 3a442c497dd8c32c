"""Neighbourhood search for sizes at which the whole program is too large to solve.

Again and again a block of people gives back its needs, the small program of the block is
solved with everything else held, and the answer is kept when no stage gets worse. Work is
counted in blocks, so that the same number of blocks gives the same plan on any machine.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from math import inf

from .exact import all_loads
from .highs import maximise
from .ledger import Ledger
from .loads import TooManyLoads
from .lookup import Lookup, Pair
from .master import Master, tight_budgets
from .model import Model
from .stages import Taken, factors_of

BLOCK_PAIRS = 1_000
BLOCK_LOADS = 8_000
BLOCK_NODES = 40
BLOCK_GAP = 1e-4


class Search:
    """A ledger being improved block by block. `of_need` holds the pairs looked at."""

    def __init__(
        self, lookup: Lookup, ledger: Ledger, pairs: Sequence[Pair], *, seed: int = 0
    ) -> None:
        self.lookup = lookup
        self.ledger = ledger
        self.of_need: dict[int, list[Pair]] = {}
        self.of_person: dict[int, list[Pair]] = {}
        for pair in pairs:
            self.of_need.setdefault(pair.need, []).append(pair)
            self.of_person.setdefault(pair.person, []).append(pair)
        self.stages = lookup.problem.policy.stages
        self.factors = factors_of(self.stages)
        self.random = random.Random(seed)  # noqa: S311 (a search, not a secret)
        self.fixed = {(lookup.need_at[n], lookup.person_at[s]) for n, s in lookup.accepted}
        self.takers: dict[int, set[int]] = {}
        for i, j in ledger.taken:
            self.takers.setdefault(i, set()).add(j)
        self.blocks_done = 0
        self._needs = sorted(self.of_need)

    def run(
        self, blocks: int, *, wall_s: float = inf, on_block: Callable[[int], None] | None = None
    ) -> None:
        """Sweep over all people by place, then blocks around needs that are open or poor."""
        until = time.perf_counter() + wall_s
        sweep = self._sweep()
        while self.blocks_done < blocks and time.perf_counter() < until:
            people = next(sweep, None) or self._around()
            if not people:
                return
            self.improve(people)
            self.blocks_done += 1
            if on_block is not None:
                on_block(self.blocks_done)

    def _sweep(self) -> Iterator[list[int]]:
        """Blocks of people who live near each other, each person once."""
        block: list[int] = []
        size = 0
        for j in sorted(self.of_person, key=lambda j: self._curve(j)):
            block.append(j)
            size += len(self.of_person[j])
            if size >= BLOCK_PAIRS:
                yield block
                block, size = [], 0
        if block:
            yield block

    def _curve(self, person_index: int) -> tuple[int, int]:
        """A place on a curve that keeps neighbours together (bits of x and y interleaved)."""
        person, key = self.lookup.people[person_index], 0
        x, y = (person.x + (1 << 28)) >> 12, (person.y + (1 << 28)) >> 12
        for bit in range(18):
            key |= (x >> bit & 1) << (2 * bit) | (y >> bit & 1) << (2 * bit + 1)
        return key, person_index

    def _around(self) -> list[int]:
        """People who compete for the same needs, grown from one need, open ones more often."""
        if not self._needs:
            return []
        open_needs = [i for i in self._needs if self.ledger.places[i] > 0]
        pool = open_needs if open_needs and self.random.random() < 0.7 else self._needs
        queue = [self.random.choice(pool)]
        seen, people = set(queue), dict[int, None]()
        size = 0
        while queue and size < BLOCK_PAIRS:
            at = queue.pop(self.random.randrange(len(queue)))
            pairs = self.of_need[at]
            if len(pairs) > 12:
                pairs = self.random.sample(pairs, 12)
            near = [p.person for p in pairs] + sorted(self.takers.get(at, ()))
            for j in near:
                if j in people or j not in self.of_person:
                    continue
                people[j] = None
                size += len(self.of_person[j])
                found = [p.need for p in self.of_person[j] if p.need not in seen]
                seen.update(found)
                queue.extend(found)
                if size >= BLOCK_PAIRS:
                    break
        return list(people)

    def improve(self, people: Sequence[int]) -> bool:
        """Solve the block of these people anew; whether anything changed."""
        inside = set(people)
        pairs = []
        for j in people:
            for pair in self.of_person[j]:
                need = self.lookup.needs[pair.need]
                takers = self.takers.get(pair.need, set())
                free = self.ledger.places[pair.need] > 0 or not takers.isdisjoint(inside)
                if need.all_or_nothing and need.count > 1 and not takers <= inside:
                    continue  # somebody outside holds a place: all or nobody stays as it is
                if free and (pair.need, j) not in self.fixed:
                    pairs.append(pair)
        if not pairs:
            return False
        needs = {pair.need for pair in pairs}
        before = {
            (i, j): self.ledger.taken[i, j]
            for i in sorted(needs)
            for j in sorted(self.takers.get(i, set()) & inside)
            if (i, j) not in self.fixed
        }
        for i, j in before:
            self.ledger.drop(i, j)
        model, start = self._program(pairs, before)
        answer = maximise(
            model.rows,
            model.combined(self.factors),
            start=start,
            nodes=BLOCK_NODES,
            relative_gap=BLOCK_GAP,
        )
        after = before
        if answer.columns is not None:
            old, new = (self._values(model, columns) for columns in (start, answer.columns))
            if new >= old:
                after = model.chosen(answer.columns)
        for (i, j), half_days in after.items():
            self.ledger.take(i, j, half_days)
        for i in needs:
            self.takers[i] = self.takers.get(i, set()) - inside
        for i, j in after:
            self.takers.setdefault(i, set()).add(j)
        for i, j in self.fixed:
            self.takers.setdefault(i, set()).add(j)
        return after != before

    def _program(self, pairs: Sequence[Pair], before: Taken) -> tuple[Master | Model, list[int]]:
        """The program of a block over loads; over pairs where there are too many loads."""
        try:
            loads = all_loads(self.lookup, self.ledger, pairs, BLOCK_LOADS)
        except TooManyLoads:
            loads = []
        if loads:
            tight = tight_budgets(self.lookup, self.ledger, pairs)
            master = Master(self.lookup, self.ledger, loads, tight)
            start = master.start(before)
            if start is not None:
                return master, start
        model = Model(self.lookup, self.ledger, pairs)
        return model, model.start(before)

    def _values(self, model: Master | Model, columns: Sequence[int]) -> tuple[int, ...]:
        return tuple(
            sum(value * columns[column] for column, value in model.objective(stage).items())
            for stage in self.stages
        )
