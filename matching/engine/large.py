"""Plans and bounds for pools whose loads cannot all be listed.

Blocks first make a good plan; then, stage by stage, prices give a bound for the full set and
name the loads worth combining, and one program over those improves the plan once more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

from .highs import maximise
from .ledger import Ledger
from .loads import Load, TooManyLoads
from .lookup import Lookup, Pair
from .master import Master, tight_budgets
from .pricing import Pricing
from .search import Search
from .stages import Taken, stage_label, stage_values
from .types import Progress

ROUNDS = 40
RICH_LOADS = 12_000
RICH_NODES = 100
FIRST_REACH = 0.002  # of the stage's value: how far below the best price a load may be
BLOCKS_PER_PAIR = 1 / 150
FEWEST_BLOCKS = 60
SEARCH_SHARE = 0.35


@dataclass(slots=True)
class Work:
    """What was done, in counts that can be done again."""

    blocks: int = 0


def solve_large(
    lookup: Lookup,
    pairs: Sequence[Pair],
    start: Taken,
    bounds: Sequence[int],
    *,
    wall_s: float,
    blocks: int | None = None,
    on_stage: Callable[[Progress], None] | None = None,
) -> tuple[dict[tuple[int, int], int], list[int], Work]:
    """A plan, a bound for every stage, and the work done.

    With `blocks` given, exactly so many blocks are improved unless the time is up.
    """
    until = time.perf_counter() + wall_s
    stages = lookup.problem.policy.stages
    ledger = Ledger(lookup)
    base = stage_values(lookup, ledger.taken)
    for (i, j), half_days in start.items():
        if (i, j) not in ledger.taken:
            ledger.take(i, j, half_days)
    total = FEWEST_BLOCKS + round(len(pairs) * BLOCKS_PER_PAIR) if blocks is None else blocks
    search = Search(lookup, ledger, pairs)

    def on_block(done: int) -> None:
        if on_stage is not None and done % 10 == 1:
            on_stage(Progress(f"近傍の改善 {done}/{total}", 0, len(stages)))

    search.run(total, wall_s=wall_s * SEARCH_SHARE, on_block=on_block)
    taken = dict(ledger.taken)
    values, bounds = stage_values(lookup, taken), list(bounds)
    holds: list[tuple[str, int]] = []
    for at, stage in enumerate(stages):
        if on_stage is not None:
            on_stage(Progress(stage_label(stage), at, len(stages)))
        left = until - time.perf_counter()
        if values[at] < bounds[at] and left > 0:
            share = left / (len(stages) - at)
            pricing = Pricing(lookup, Ledger(lookup), pairs, stage, holds, taken)
            pricing.run(ROUNDS, wall_s=share)
            if pricing.whole_bound < inf:
                bounds[at] = max(values[at], min(bounds[at], int(pricing.whole_bound) + base[at]))
            left = until - time.perf_counter()
            if values[at] < bounds[at] and left > 1 and pricing.duals is not None:
                found = _combine(lookup, pricing, pairs, stage, holds, taken, left / 2)
                better = stage_values(lookup, found)
                if better[: at + 1] >= values[: at + 1]:
                    taken, values = found, better
            bounds[at] = max(values[at], bounds[at])
        holds.append((stage, values[at] - base[at]))
    return taken, bounds, Work(search.blocks_done)


def _combine(
    lookup: Lookup,
    pricing: Pricing,
    pairs: Sequence[Pair],
    stage: str,
    holds: Sequence[tuple[str, int]],
    taken: Taken,
    wall_s: float,
) -> dict[tuple[int, int], int]:
    """The best plan over the loads that the prices rate highest, the plan's own included."""
    held = Ledger(lookup)
    loads = _rich(pricing, pricing.value * FIRST_REACH / max(1, len(pricing.spaces)) * 50)
    own: dict[int, list[tuple[int, int]]] = {}
    for (i, j), half_days in sorted(taken.items()):
        if (i, j) not in held.taken:
            own.setdefault(j, []).append((i, half_days))
    known = {(load.person, tuple(sorted(load.choices))) for load in loads}
    for space in pricing.spaces:
        mine = own.get(space.person)
        if mine and (space.person, tuple(mine)) not in known:
            loads.append(space.load_of(mine))
    master = Master(lookup, held, loads, tight_budgets(lookup, held, pairs))
    for name, least in holds:
        master.hold(name, least)
    answer = maximise(
        master.rows,
        master.objective(stage),
        start=master.start(taken),
        wall_s=wall_s,
        nodes=RICH_NODES,
    )
    if answer.columns is None:
        return dict(taken)
    return {**held.taken, **master.chosen(answer.columns)}


def _rich(pricing: Pricing, reach: float) -> list[Load]:
    """All loads within `reach` of the best at the prices, the reach halved until they are few."""
    assert pricing.duals is not None  # noqa: S101 (asked by the caller)
    prices = pricing.prices(pricing.duals)
    for _ in range(12):
        loads: list[Load] = []
        try:
            for space in pricing.spaces:
                price = max(0.0, pricing.duals[pricing.master.person_row[space.person]])
                loads += space.loads_above(
                    prices, price - reach, RICH_LOADS - len(loads), floor=-reach
                )[0]
        except TooManyLoads:
            reach /= 2
            continue
        return loads
    return []
