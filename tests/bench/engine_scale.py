"""How the engine grows with the pool: `python -m tests.bench.engine_scale [NAME…]`.

One JSON line a step, each size beside its baselines in the same run: the quick plan (greedy)
and the search on the twelve best pairs of each need. Gaps are to the bound for all pairs.
`cpu_seconds` is time of the processor: on a machine with other work only that tells. The limits
are those of the work; `WALL_S` of the environment changes the limit on the clock.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable

from matching.engine import Plan, Problem, solve, verify
from matching.engine.arrays import arrays_of, eligible_arrays
from matching.engine.exact import start_of
from matching.engine.generate import generate
from matching.engine.large import solve_large
from matching.engine.lookup import Lookup
from matching.engine.parts import solve_in_parts, split
from matching.engine.stages import easy_bounds, stage_values
from tests.bench.engine import clock, gaps, say

FEW_PAIRS = 12


def weighted(towns: int, needs: int, people: int, *, scarce: bool, seed: int = 0) -> Problem:
    of = generate(towns=towns, needs=needs, specialists=people, seed=seed, scarce=scarce)
    return dataclasses.replace(of, policy=dataclasses.replace(of.policy, stages=("weighted",)))


def gap_pct(value: int, bound: int) -> float:
    return round(100 * (bound - value) / bound, 3)


def size(name: str, of: Problem, wall_s: float, *, few: bool = True) -> Plan:
    """Pairs, plan with bound, verification; then the baselines against the same bound."""
    wall_s = float(os.environ.get("WALL_S", wall_s))
    possible = len(of.needs) * len(of.specialists)
    lookup = Lookup(of)
    with clock() as taken:
        arrays = arrays_of(lookup)
    say(f"{name}-pairs", possible=possible, kept=len(arrays), **taken,
        cpu_ns_each=round(1e9 * taken["cpu_seconds"] / possible, 3))  # fmt: skip
    with clock() as taken:
        plan = solve(of, wall_s=wall_s)
    last = plan.stages[-1]
    say(f"{name}-plan", values={s.name: s.value for s in plan.stages}, gap_pct=gaps(plan),
        bound=last.bound, stopped=plan.stopped, work=dict(plan.work), **taken,
        cpu_ns_a_possible_pair=round(1e9 * taken["cpu_seconds"] / possible, 2))  # fmt: skip
    with clock() as taken:
        violations = len(verify(of, plan))
    say(f"{name}-verified", violations=violations, **taken)
    with clock() as taken:
        pairs = arrays.pairs()
        start = start_of(lookup, pairs)
    say(f"{name}-baseline-greedy", value=stage_values(lookup, start)[-1], **taken,
        gap_pct=gap_pct(stage_values(lookup, start)[-1], last.bound))  # fmt: skip
    if few:
        with clock() as taken:
            best = eligible_arrays(lookup, most=FEW_PAIRS)
            found, own, _ = solve_large(lookup, best, start, easy_bounds(lookup, pairs),
                                        wall_s=wall_s)  # fmt: skip
        value = stage_values(lookup, found)[-1]
        say(f"{name}-baseline-top{FEW_PAIRS}", pairs=len(best), value=value, own_bound=own[-1],
            gap_pct=gap_pct(value, last.bound), **taken)  # fmt: skip
    return plan


def plenty() -> None:
    """179 towns, 600 needs, 2,000 people: three seeds, all pairs."""
    for seed in range(3):
        size(f"plenty-{seed}", weighted(179, 600, 2_000, scarce=False, seed=seed), 60)


def nation_scarce() -> None:
    size("nation-scarce", weighted(1_741, 6_000, 2_500, scarce=True), 120)


def nation() -> None:
    size("nation", weighted(1_741, 6_000, 20_000, scarce=False), 120)


def ten_nations() -> None:
    size("ten-nations", weighted(17_410, 60_000, 200_000, scarce=False), 700, few=False)


def replayed() -> None:
    """The same counts give the same plan."""
    of = weighted(179, 600, 2_000, scarce=False)
    plan = solve(of, wall_s=20)
    again = solve(of, wall_s=3_600, work=plan.work)
    say("replayed", same=again.assignments == plan.assignments and again.stages == plan.stages,
        work=dict(plan.work))  # fmt: skip


def in_parts() -> None:
    """A country in parts and put together, beside the plan in one piece."""
    of = weighted(1_741, 6_000, 2_500, scarce=True)
    wall_s = float(os.environ.get("WALL_S", 60))
    with clock() as taken:
        plan = solve_in_parts(of, wall_s=wall_s)
    say("in-parts", parts=len(split(of)), gap_pct=gaps(plan), work=dict(plan.work),
        violations=len(verify(of, plan)), **taken)  # fmt: skip


FIGURES: dict[str, Callable[[], object]] = {
    f.__name__: f for f in (plenty, nation_scarce, nation, ten_nations, replayed, in_parts)
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        sys.stderr.write(f"no such figure: {', '.join(unknown)}; there are {', '.join(FIGURES)}\n")
        return 2
    for name in names or FIGURES:
        FIGURES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
