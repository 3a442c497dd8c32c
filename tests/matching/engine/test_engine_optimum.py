"""The engine against trying everything, and every plan against the verifier."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from matching.engine import Problem, greedy, plan_from_json, plan_to_json, solve, verify
from tests.matching.engine.building import small_problems
from tests.matching.engine.trial import best_by_trial

FREE = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@FREE
@given(small_problems(needs=8, people=5))
def test_the_staged_plan_is_the_best_there_is(problem: Problem) -> None:
    plan = solve(problem, wall_s=30)
    assert tuple(stage.value for stage in plan.stages) == best_by_trial(problem)
    assert plan.stopped == "optimal"
    assert verify(problem, plan) == ()


@FREE
@given(small_problems(needs=8, people=5))
def test_the_quick_plan_is_sound_and_below_its_bounds(problem: Problem) -> None:
    plan = greedy(problem)
    assert verify(problem, plan) == ()
    assert plan.stopped == "fallback"
    best = solve(problem, wall_s=30)
    assert verify(problem, best) == ()
    for quick, exact in zip(plan.stages, best.stages, strict=True):
        assert exact.value <= quick.bound
    quick_values = tuple(stage.value for stage in plan.stages)
    assert quick_values <= tuple(stage.value for stage in best.stages)


@FREE
@given(small_problems())
def test_the_same_input_gives_the_same_plan(problem: Problem) -> None:
    first, second = (plan_to_json(solve(problem, wall_s=30)) for _ in range(2))
    assert plan_to_json(plan_from_json(first)) == first
    del first["seconds"], second["seconds"]
    assert first == second
