"""Plans and bounds for pools whose loads cannot all be listed.

Prices for a sum of all stages guide blocks of people to a good plan; then the prices of each
stage give its bound for the full set of pairs. Everything is done in steps of counted work:
the same counts give the same plan, and a time limit only ends the counting early.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf

from .arrays import PairArrays
from .ledger import Ledger
from .lookup import Lookup
from .planning import ledger_of
from .pricing import OutOfTime, Pricing
from .proving import Proof
from .rounding import priced_plan
from .search import Search
from .sofar import OnBest, SoFar
from .spaces import Spaces
from .stages import Taken, guide_factors_of, stage_values
from .types import Progress

TOLD = 25  # steps of the search between two plans that are told
FIRST_PRICES = 30  # steps of PRICES iterations before the first block, at most
FIRST_STAGED = (
    15  # of several stages: blocks keep their order and prices do not, so that they win more
)
ROUNDED = 5  # steps between two plans made from the prices
WORTH_WHILE = 1e-3  # share of the bound that so many steps must win
ROUND_PRICES = 4
PRICES = 10
BLOCKS = (60, 120, 180, *[240] * 6)  # people in a block, round by round
SEARCH_SHARE = 0.45  # of the time; the proof makes plans too
FEW_NEEDS = 1_500  # up to here all people are one block at the end of a round
FEW_PEOPLE = 2_500


@dataclass(slots=True)
class Work:
    """What was done, in steps that can be done again."""

    search: int = 0
    bounds: int = 0

    def counts(self) -> dict[str, int]:
        """As a plan holds them."""
        return {"search": self.search, "bounds": self.bounds}


OnStage = Callable[[Progress], None]


def solve_large(
    lookup: Lookup,
    pairs: PairArrays,
    start: Taken,
    bounds: tuple[int, ...],
    *,
    wall_s: float = inf,
    work: Mapping[str, int] | None = None,
    on_stage: OnStage | None = None,
    on_best: OnBest | None = None,
) -> tuple[dict[tuple[int, int], int], list[int], Work]:
    """A plan, a bound for every stage, and the work done.

    With `work` given (`search` and `bounds`), exactly so many steps are done unless the time
    is up; with none of both the start is the plan. `on_best` is called every so many steps with
    what is at hand.
    """
    if work is not None and not work.get("search", 0) + work.get("bounds", 0):
        return dict(start), list(bounds), Work()
    until = time.perf_counter() + wall_s
    done = Work()
    stages = lookup.problem.policy.stages
    large = _Large(lookup, pairs, start, on_stage)

    def tell(taken: Taken, bounds: Sequence[int]) -> None:
        if on_best is not None:
            on_best(SoFar(dict(taken), tuple(bounds), done.counts(), "search"))

    tell(start, bounds)
    least = None if work is None else work.get("search", 0)
    share = 1.0 if work is not None else SEARCH_SHARE if len(stages) > 1 else 0.9
    large.guide.until = limit = until - wall_s * (1 - share) if wall_s < inf else inf
    guide = large.guide.state()
    try:
        for _ in large.search_steps() if least != 0 else ():
            done.search += 1
            guide = large.guide.state()
            if done.search % TOLD == 1:
                tell(large.ledger.taken, bounds)
            if done.search == least or time.perf_counter() > limit:
                break
    except OutOfTime:
        large.guide.back_to(guide)  # the step that the clock ended does not count
    large.guide.until = inf
    proof = large.proof(bounds, until)
    found = dict(proof.taken), list(proof.bounds)
    tell(*found)
    least = None if work is None else work.get("bounds", 0)
    with suppress(OutOfTime):
        for _ in proof.steps() if least != 0 else ():
            done.bounds += 1
            found = dict(proof.taken), list(proof.bounds)
            tell(*found)
            if done.bounds == least or time.perf_counter() > until:
                break
    return *found, done


class _Large:
    def __init__(
        self, lookup: Lookup, pairs: PairArrays, start: Taken, on_stage: OnStage | None
    ) -> None:
        self.lookup, self.on_stage = lookup, on_stage
        self.stages = lookup.problem.policy.stages
        self.held = Ledger(lookup)
        self.base = stage_values(lookup, self.held.taken)
        self.spaces = Spaces(lookup, self.held, pairs)
        self.factors = guide_factors_of(self.stages)
        self.guide = Pricing(lookup, self.held, self.spaces, self.factors)
        self.pairs, self.ledger = pairs, ledger_of(lookup, start)

    def _target(self) -> float:
        """What the plan at hand is worth in the sum of stages, beyond the held pairs."""
        values = stage_values(self.lookup, self.ledger.taken)
        return sum(
            self.factors[name] * (value - base)
            for name, value, base in zip(self.stages, values, self.base, strict=True)
        )

    def _say(self, text: str, done: int) -> None:
        if self.on_stage is not None:
            self.on_stage(Progress(text, done, len(self.stages)))

    def search_steps(self) -> Iterator[None]:
        """Prices and blocks in turn; one step each time."""
        if not len(self.spaces):
            return
        yield from self._first_steps()
        if self.guide.bound == inf:  # no prices: the plan at hand stays
            return
        search = Search(self.lookup, self.ledger, self.spaces, self.guide)
        for at, people in enumerate(BLOCKS):
            self._say(f"価格の調整と近傍の改善 {at + 1}/{len(BLOCKS)}", 0)
            target = self._target()
            for _ in range(ROUND_PRICES if at else 0):
                self.guide.run(PRICES, target)
                yield
            search.refresh()
            for _ in search.sweep(people):
                yield
            everyone = search.everyone()
            if len(self.lookup.needs) <= FEW_NEEDS and len(everyone) <= FEW_PEOPLE:
                search.improve(everyone, few=True)
                yield

    def _first_steps(self) -> Iterator[None]:
        """Prices until they hardly win any more, and every so often a plan made from them."""
        self._say("価格の調整", 0)
        target, before = self._target(), inf
        steps = FIRST_PRICES if len(self.stages) == 1 else FIRST_STAGED
        for at in range(1, steps + 1):
            self.guide.run(PRICES, target)
            if self.guide.bound == inf:
                return
            if at in (1, steps) or at % ROUNDED == 0:
                taken = priced_plan(self.lookup, self.pairs, self.guide)
                if stage_values(self.lookup, taken) > stage_values(self.lookup, self.ledger.taken):
                    self.ledger = ledger_of(self.lookup, taken)
                    target = self._target()
            yield
            if at % ROUNDED == 0:
                if before - self.guide.bound < WORTH_WHILE * abs(self.guide.bound):
                    return
                before = self.guide.bound

    def proof(self, bounds: Sequence[int], until: float) -> Proof:
        """The plan at hand and what is known of its stages, to be proven until the time given."""
        return Proof(
            self.lookup, self.held, self.spaces, self.guide, self.factors,
            self.ledger.taken, bounds, self._say, until,
        )  # fmt: skip
