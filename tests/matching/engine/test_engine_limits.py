"""What ends at a limit says so, keeps within it, and no bound that contradicts a plan passes."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from matching.engine import Plan, Problem, SolverFailed, greedy, solve, verify
from matching.engine import exact as engine_exact
from matching.engine.arrays import eligible_arrays
from matching.engine.exact import solve_stages, start_of
from matching.engine.generate import generate
from matching.engine.large import solve_large
from matching.engine.ledger import Ledger
from matching.engine.lookup import Lookup
from matching.engine.pack import CUT_OFF, make_pack, replay
from matching.engine.pairs import eligible_pairs
from matching.engine.planning import build_plan
from matching.engine.stages import stage_values
from tests.matching.engine.building import need, person, problem

HARD = {"towns": 179, "needs": 600, "specialists": 250, "seed": 0, "scarce": True}
TWO = problem(specialists=(person(levels={"SEC": 4}), person("S2", levels={"SEC": 2})))


def worse_plan(of: Problem, **fields: Any) -> Plan:
    """A sound plan that serves with the first person only, its proof withdrawn."""
    first = solve(dataclasses.replace(of, specialists=of.specialists[:1]), wall_s=10)
    stages = [dataclasses.replace(s, bound=s.value + 9_000, proven=False) for s in first.stages]
    return dataclasses.replace(
        first, input_sha256=greedy(of).input_sha256, stopped="limit", stages=tuple(stages), **fields
    )


@pytest.mark.parametrize(
    ("backend", "work", "cut_off"),
    [
        ("highs", {"cut": 1}, True),
        ("highs", {}, False),  # it ended at its nodes
        ("parts", {"parts": 2, "search": 1, "bounds": 1}, False),  # parts that were proven
        ("parts", {"parts": 2, "search": 1, "bounds": 1, "cut_1": 1}, True),
        ("search", {"search": 1, "bounds": 1}, False),
    ],
)
def test_a_replay_tells_what_differs_and_that_the_clock_ended_it(
    backend: str, work: dict[str, int], cut_off: bool
) -> None:
    again = replay(make_pack(TWO, worse_plan(TWO, backend=backend, work=work)))
    assert (again.same, again.cut_off) == (False, cut_off)
    assert (CUT_OFF in again.notes) == cut_off
    assert any(line.startswith("assignments: - ") and "S1" in line for line in again.differences)


def test_a_plan_that_the_clock_ended_says_so() -> None:
    of = generate(**HARD)
    plan = solve(of, wall_s=0.01)
    assert (plan.backend, plan.stopped, dict(plan.work)) == ("highs", "limit", {"cut": 1})
    assert verify(of, plan) == ()
    assert dict(solve(TWO, wall_s=60).work) == {}


def test_no_step_is_given_more_than_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, list[float]] = {"relax": [], "maximise": []}
    for name, limits in given.items():
        solver = getattr(engine_exact, name)

        def seen(
            *args: Any, solver: Any = solver, limits: list[float] = limits, **kwargs: Any
        ) -> Any:
            limits.append(kwargs["wall_s"])
            return solver(*args, **kwargs)

        monkeypatch.setattr(engine_exact, name, seen)
    of = generate(towns=15, needs=45, specialists=30, seed=5, scarce=True)
    solve(of, wall_s=600)
    first, *stages = given["relax"]
    assert len(stages) > 1
    assert max(given["maximise"][0], 1.0) < first <= 300
    assert all(limit < 600 for limit in stages)
    assert stages == sorted(stages, reverse=True)


def too_good(of: Problem) -> tuple[Lookup, dict[tuple[int, int], int]]:
    """Both people at the one place of a need."""
    return Lookup(of), {(0, 0): 4, (0, 1): 4}


def test_a_bound_below_the_plan_is_not_mended_silently() -> None:
    of = dataclasses.replace(TWO, policy=dataclasses.replace(TWO.policy, stages=("priority",)))
    lookup, taken = too_good(of)
    pairs = eligible_pairs(lookup)
    assert stage_values(lookup, taken) == (2,)
    with pytest.raises(SolverFailed, match="priority contradicts the plan: 1 < 2"):
        build_plan(lookup, pairs, taken, bounds=(1,), backend="b", stopped="optimal")
    with pytest.raises(SolverFailed, match="priority contradicts the plan: 1 < 2"):
        solve_stages(lookup, Ledger(lookup), pairs, taken, (5,), wall_s=60)
    served = start_of(lookup, pairs)
    with pytest.raises(SolverFailed, match="priority contradicts the plan: 0 < 1"):
        solve_large(lookup, eligible_arrays(lookup), served, (0,), wall_s=60)


def test_rounding_of_large_sums_is_no_contradiction() -> None:
    of = problem(needs=(need(count=2),), specialists=(person(), person("S2")))
    lookup = Lookup(of)
    taken = {(0, 0): 4, (0, 1): 4}
    values = stage_values(lookup, taken)
    large = dataclasses.replace(
        of, policy=dataclasses.replace(
            of.policy, weights=dataclasses.replace(of.policy.weights, confidence=1_000_000)
        )
    )  # fmt: skip
    (*_, score) = stage_values(Lookup(large), taken)
    bounds = (*values[:-1], score - 1)
    plan = build_plan(
        Lookup(large), eligible_pairs(lookup), taken, bounds=bounds, backend="b", stopped="limit"
    )
    assert (plan.stages[-1].bound, plan.stages[-1].proven) == (score, True)
