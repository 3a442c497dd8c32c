"""The ways for larger pools give sound plans, true bounds, and the same again."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings

from matching.engine import Plan, Problem, plan_to_json, solve, verify
from matching.engine.arrays import eligible_arrays
from matching.engine.exact import all_loads, solve_stages, start_of
from matching.engine.gap import check_gap, generate_gap, solve_gap
from matching.engine.gapsearch import search_gap
from matching.engine.generate import generate
from matching.engine.greedy import fill
from matching.engine.highs import maximise
from matching.engine.large import solve_large
from matching.engine.ledger import Ledger
from matching.engine.lookup import Lookup
from matching.engine.model import Model
from matching.engine.pairs import eligible_pairs
from matching.engine.planning import build_plan
from matching.engine.pricing import Pricing
from matching.engine.search import Search
from matching.engine.stages import easy_bounds, stage_values
from tests.matching.engine.building import best_by_trial, small_problems

FREE = settings(
    max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
MIDDLE = {"towns": 15, "needs": 45, "specialists": 30, "seed": 5, "scarce": True}


@FREE
@given(small_problems(needs=8, people=8, towns=4))
def test_vectorised_pairs_are_those_of_the_rules(of: Problem) -> None:
    lookup = Lookup(of)
    assert eligible_arrays(lookup).pairs() == eligible_pairs(lookup)


def test_vectorised_pairs_of_a_generated_pool() -> None:
    lookup = Lookup(generate(**MIDDLE))
    assert eligible_arrays(lookup).pairs() == eligible_pairs(lookup)


@FREE
@given(small_problems())
def test_the_program_over_pairs_reaches_the_best_too(of: Problem) -> None:
    """The program of blocks with too many loads keeps the same rules."""
    lookup = Lookup(of)
    model = Model(lookup, Ledger(lookup), eligible_pairs(lookup))
    base = stage_values(lookup, model.ledger.taken)
    values = []
    for at, stage in enumerate(of.policy.stages):
        costs = model.objective(stage)
        answer = maximise(model.rows, costs)
        best = int(answer.bound) if costs else 0
        assert answer.proven or not costs
        values.append(best + base[at])
        if costs:
            model.rows.row(costs, least=best)
    assert tuple(values) == best_by_trial(of)


@FREE
@given(small_problems(needs=6, people=6))
def test_a_block_never_makes_a_plan_worse(of: Problem) -> None:
    lookup = Lookup(of)
    pairs = eligible_pairs(lookup)
    ledger = Ledger(lookup)
    fill(lookup, ledger, pairs)
    before = stage_values(lookup, ledger.taken)
    search = Search(lookup, ledger, pairs)
    search.run(4)
    after = stage_values(lookup, ledger.taken)
    assert after >= before
    plan = build_plan(lookup, pairs, ledger.taken, bounds=after, backend="b", stopped="optimal")
    assert verify(of, plan) == ()


@FREE
@given(small_problems())
def test_prices_bound_every_stage(of: Problem) -> None:
    lookup = Lookup(of)
    pairs = eligible_pairs(lookup)
    held = Ledger(lookup)
    base = stage_values(lookup, held.taken)
    best = best_by_trial(of)
    holds: list[tuple[str, int]] = []
    for at, stage in enumerate(of.policy.stages):
        pricing = Pricing(lookup, held, pairs, stage, holds, start_of(lookup, pairs))
        if pricing.spaces and at == 0:
            pricing.run(50)
            assert pricing.whole_bound + base[at] >= best[at]
        holds.append((stage, best[at] - base[at]))


def large(of: Problem, blocks: int) -> Plan:
    lookup = Lookup(of)
    pairs = eligible_arrays(lookup).pairs()
    taken, bounds, work = solve_large(
        lookup, pairs, start_of(lookup, pairs), easy_bounds(lookup, pairs),
        wall_s=600, blocks=blocks,
    )  # fmt: skip
    return build_plan(
        lookup, pairs, taken, bounds=bounds, backend="search", stopped="optimal",
        work={"blocks": work.blocks},
    )  # fmt: skip


def test_the_way_for_large_pools_is_sound_near_the_best_and_repeats() -> None:
    of = generate(**MIDDLE)
    best = solve(of, wall_s=600)
    assert best.stopped == "optimal"
    plan = large(of, 10)
    assert verify(of, plan) == ()
    assert plan.work == {"blocks": 10}
    values, exact = ([s.value for s in p.stages] for p in (plan, best))
    assert values <= exact
    assert plan.stages[0].value == best.stages[0].value
    assert plan.stages[0].bound >= best.stages[0].value
    assert plan_to_json(large(of, 10)) == plan_to_json(plan)


def test_the_weighted_stage_is_bounded_and_close() -> None:
    of = generate(**MIDDLE)
    policy = dataclasses.replace(of.policy, stages=("services_1", "weighted"))
    of = dataclasses.replace(of, policy=policy)
    best, plan = solve(of, wall_s=600), large(of, 10)
    assert plan.stages[1].value <= best.stages[1].value <= plan.stages[1].bound
    assert plan.stages[1].bound - plan.stages[1].value < plan.stages[1].bound // 50


def test_staged_solving_on_top_of_held_pairs_keeps_them() -> None:
    of = generate(towns=8, needs=15, specialists=20, seed=1)
    lookup = Lookup(of)
    pairs = eligible_pairs(lookup)
    held = Ledger(lookup)
    first = next(p for p in pairs if held.room(p))
    held.take(first.need, first.person, first.most)
    assert all_loads(lookup, held, pairs)
    taken, _ = solve_stages(
        lookup, held, pairs, dict(held.taken), easy_bounds(lookup, pairs), wall_s=60
    )
    assert taken[first.need, first.person] == first.most


@pytest.mark.parametrize("family", ["A", "B", "C", "D", "E"])
def test_each_family_of_assignment_is_searched_within_its_bound(family: str) -> None:
    instance = generate_gap(family, 4, 20, 1)
    exact = solve_gap(instance, wall_s=60)
    chosen, bound = search_gap(instance, wall_s=1)
    assert chosen is not None
    value = check_gap(instance, [[agent] for agent in chosen])
    assert value is not None
    assert bound <= exact["value"] <= value
    assert value - exact["value"] <= exact["value"] // 100
