"""How the engine grows with the pool: `python -m tests.bench.engine_scale [NAME…]`.

Each figure in a process of its own. One JSON line a step, each size beside its baselines in the
same run: the quick plan (greedy) and the search on the twelve best pairs of each need. Gaps are
to the bound for all pairs. `cpu_seconds` is time of the processor: on a machine with other work
only that tells. The limits are those of the work; `WALL_S` of the environment changes the limit on
the clock, `SIZES` names those of the staged figure.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Callable

from matching.engine import Plan, Problem, greedy, plan_to_json, solve, verify
from matching.engine.arrays import arrays_of, eligible_arrays
from matching.engine.exact import start_of
from matching.engine.generate import generate
from matching.engine.large import solve_large
from matching.engine.lookup import Lookup
from matching.engine.pairs import eligible_pairs
from matching.engine.parts import solve_in_parts, split
from matching.engine.stages import easy_bounds, stage_values
from tests.bench.engine import clock, gaps, memory_mib, run_figures, say

FEW_PAIRS = 12


def weighted(towns: int, needs: int, people: int, *, scarce: bool, seed: int = 0) -> Problem:
    of = generate(towns=towns, needs=needs, specialists=people, seed=seed, scarce=scarce)
    return dataclasses.replace(of, policy=dataclasses.replace(of.policy, stages=("weighted",)))


def gap_pct(value: int, bound: int) -> float:
    return round(100 * (bound - value) / bound, 3)


def walled(wall_s: float) -> float:
    """The limit on the clock: that of the work, or `WALL_S` of the environment."""
    return float(os.environ.get("WALL_S", wall_s))


def size(
    name: str, of: Problem, wall_s: float, *, most_pct: float, most_mib: int, few: bool = True
) -> Plan:
    """Pairs, plan with bound, verified and written as JSON within the limit; then the baselines
    against the same bound. `most_pct`, `most_mib` and the limit are the targets."""
    wall_s = walled(wall_s)
    possible = len(of.needs) * len(of.specialists)
    lookup = Lookup(of)
    with clock() as taken:
        arrays = arrays_of(lookup)
    say(f"{name}-pairs", possible=possible, kept=len(arrays), **taken,
        cpu_ns_each=round(1e9 * taken["cpu_seconds"] / possible, 3))  # fmt: skip
    with clock() as taken:
        plan = solve(of, wall_s=wall_s)
        with clock() as ending:
            violations = len(verify(of, plan))
            json.dumps(plan_to_json(plan))
    last = plan.stages[-1]
    reached = max(gaps(plan).values()) <= most_pct and memory_mib() <= most_mib
    reached = reached and taken["seconds"] <= wall_s
    say(f"{name}-plan", f"at most {most_pct} % within {most_mib} MiB and {wall_s:g} s", reached,
        values={s.name: s.value for s in plan.stages}, gap_pct=gaps(plan),
        bound=last.bound, stopped=plan.stopped, work=dict(plan.work), **taken,
        cpu_ns_a_possible_pair=round(1e9 * taken["cpu_seconds"] / possible, 2))  # fmt: skip
    say(f"{name}-verified", "no violation", violations == 0, violations=violations, **ending)
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
        of = weighted(179, 600, 2_000, scarce=False, seed=seed)
        size(f"plenty-{seed}", of, 60, most_pct=0.3, most_mib=1_024)


def nation_scarce() -> None:
    of = weighted(1_741, 6_000, 2_500, scarce=True)
    size("nation-scarce", of, 120, most_pct=4, most_mib=1_024)


def nation() -> None:
    of = weighted(1_741, 6_000, 20_000, scarce=False)
    size("nation", of, 120, most_pct=1.5, most_mib=1_024)


def ten_nations() -> None:
    of = weighted(17_410, 60_000, 200_000, scarce=False)
    size("ten-nations", of, 660, most_pct=100, most_mib=4_096, few=False)


def staged() -> None:
    """The house rule, stage by stage, in pools too large for all loads: a gap for each stage,
    beside the quick plan's to the same bounds."""
    for name, towns, needs, people, scarce, wall_s, most_pct in (
        ("plenty", 179, 600, 2_000, False, 60, 0.3),
        ("nation-scarce", 1_741, 6_000, 2_500, True, 120, 4),
        ("nation", 1_741, 6_000, 20_000, False, 120, 1.5),
    ):
        if name not in os.environ.get("SIZES", name).split():
            continue
        of = generate(towns=towns, needs=needs, specialists=people, seed=0, scarce=scarce)
        quick = greedy(of)
        with clock() as taken:
            plan = solve(of, wall_s=walled(wall_s))
            violations = len(verify(of, plan))
            json.dumps(plan_to_json(plan))
        bounds = {s.name: s.bound for s in plan.stages}
        within = taken["seconds"] <= walled(wall_s)
        say(f"staged-{name}", f"every gap at most {most_pct} % within {walled(wall_s):g} s",
            max(gaps(plan).values()) <= most_pct and within, gap_pct=gaps(plan),
            greedy_gap_pct={s.name: gap_pct(s.value, bounds[s.name]) for s in quick.stages},
            values={s.name: s.value for s in plan.stages}, stopped=plan.stopped,
            violations=violations, work=dict(plan.work), **taken)  # fmt: skip


def warm() -> None:
    """One person of a planned pool gone, 600 × 2,000, house rule: solved anew with the plan before
    as a start and without (the baseline), the same steps of search each, to the same bounds."""
    of = generate(towns=179, needs=600, specialists=2_000, seed=0)
    work = {"search": 20, "bounds": 40}
    before = solve(of, wall_s=3_600, work=work)
    gone = before.assignments[0].specialist
    changed = dataclasses.replace(
        of, specialists=tuple(p for p in of.specialists if p.id != gone),
        declined=tuple(d for d in of.declined if d.specialist != gone),
    )  # fmt: skip
    served = {(a.need, a.specialist) for a in before.assignments}
    bounds = {s.name: s.bound for s in solve(changed, wall_s=3_600, work=work).stages}
    for steps in (1, 5, 20):
        for start in ((), before.assignments):
            with clock() as taken:
                plan = solve(changed, wall_s=3_600, work={"search": steps}, start=start)
            pairs = {(a.need, a.specialist) for a in plan.assignments}
            say("warm" if start else "cold", steps=steps, kept=len(plan.start),
                gap_pct={s.name: gap_pct(s.value, bounds[s.name]) for s in plan.stages},
                values={s.name: s.value for s in plan.stages}, same_pairs=len(pairs & served),
                violations=len(verify(changed, plan)), **taken)  # fmt: skip


def quick_pairs() -> None:
    """The quick plan's pairs by numpy and in plain Python, and that the plan is the same."""
    for towns, needs, people, scarce in ((179, 600, 2_000, False), (1_741, 6_000, 2_500, True)):
        of = generate(towns=towns, needs=needs, specialists=people, seed=0, scarce=scarce)
        lookup = Lookup(of)
        with clock() as taken:
            by_numpy = arrays_of(lookup).pairs()
        with clock() as plain:
            pairs = eligible_pairs(lookup)
        same = start_of(lookup, by_numpy) == start_of(lookup, pairs)
        say(f"quick-pairs-{needs}x{people}", "the same plan", same, pairs=len(pairs), **taken,
            plain_python_cpu_seconds=plain["cpu_seconds"])  # fmt: skip


def replayed() -> None:
    """The same counts give the same plan."""
    of = weighted(179, 600, 2_000, scarce=False)
    plan = solve(of, wall_s=20)
    again = solve(of, wall_s=3_600, work=plan.work)
    same = again.assignments == plan.assignments and again.stages == plan.stages
    say("replayed", "the same plan", same, work=dict(plan.work))  # fmt: skip


def in_parts() -> None:
    """A country in parts and put together, beside the plan in one piece."""
    of = weighted(1_741, 6_000, 2_500, scarce=True)
    with clock() as taken:
        plan = solve_in_parts(of, wall_s=walled(60))
    say("in-parts", "at most 4 %", max(gaps(plan).values()) <= 4,
        parts=len(split(of)), gap_pct=gaps(plan), work=dict(plan.work),
        violations=len(verify(of, plan)), **taken)  # fmt: skip


FIGURES: dict[str, Callable[[], object]] = {
    f.__name__: f
    for f in (
        quick_pairs, plenty, nation_scarce, nation, ten_nations, staged, warm, replayed, in_parts,
    )
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(run_figures("tests.bench.engine_scale", FIGURES, sys.argv[1:]))
