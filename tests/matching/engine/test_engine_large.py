"""The ways for larger pools give sound plans, true bounds, and the same again."""

from __future__ import annotations

import dataclasses
import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from matching.engine import Accepted, Plan, Problem, greedy, plan_to_json, solve, verify
from matching.engine import pricing as engine_pricing
from matching.engine import solving as engine_solving
from matching.engine.arrays import NOTHING_LEFT, eligible_arrays
from matching.engine.exact import all_loads, solve_stages, start_of
from matching.engine.failures import Failures
from matching.engine.gap import Gap, check_gap, generate_gap, solve_gap
from matching.engine.gapchains import Chains
from matching.engine.gapmixing import Mixing
from matching.engine.gapprices import Tables
from matching.engine.gaprings import Rings
from matching.engine.gapsearch import search_gap
from matching.engine.generate import generate
from matching.engine.greedy import fill
from matching.engine.highs import maximise, whole
from matching.engine.large import solve_large
from matching.engine.ledger import Ledger
from matching.engine.lookup import Lookup
from matching.engine.model import Model
from matching.engine.pack import make_pack, replay
from matching.engine.pairs import eligible_pairs
from matching.engine.planning import build_plan, failure_counts, ledger_of
from matching.engine.pricing import Pricing
from matching.engine.proving import Proof
from matching.engine.rounding import priced_plan
from matching.engine.search import Search
from matching.engine.spaces import Spaces
from matching.engine.stages import easy_bounds, stage_values
from tests.matching.engine.building import need, person, problem, small_problems, town
from tests.matching.engine.trial import best_by_trial

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
@given(small_problems(needs=4, people=8))
def test_bounds_hold_for_all_pairs_when_only_the_best_are_kept(of: Problem) -> None:
    lookup = Lookup(of)
    held = Ledger(lookup)
    kept = eligible_arrays(lookup, most=1)
    assert len(kept) <= len(of.needs)
    base, best = stage_values(lookup, held.taken), best_by_trial(of)
    spaces = Spaces(lookup, held, kept)
    for at, stage in enumerate(of.policy.stages[:1]):
        pricing = Pricing(lookup, held, spaces, {stage: 1.0})
        pricing.run(20, float(best[at] - base[at]))
        assert whole(pricing.bound) + base[at] >= best[at]
    policy = dataclasses.replace(of.policy, stages=("weighted",))
    of = dataclasses.replace(of, policy=policy)
    lookup = Lookup(of)
    pricing = Pricing(lookup, held, Spaces(lookup, held, kept), {"weighted": 1.0})
    (value,), (least,) = best_by_trial(of), stage_values(lookup, held.taken)
    pricing.run(20, float(value - least))
    assert whole(pricing.bound) + least >= value


def test_as_many_pairs_are_kept_as_a_need_has_places() -> None:
    """Else the bound would say that no plan fills more of them than pairs were kept."""
    of = problem(
        needs=(need(count=3),), specialists=tuple(person(f"S{k}") for k in range(4))
    )  # fmt: skip
    lookup = Lookup(of)
    kept = eligible_arrays(lookup, most=1)
    assert (len(kept), (kept.rest > NOTHING_LEFT).tolist()) == (3, [True])
    values = [s.value for s in solve(of, wall_s=10).stages]
    bounds = easy_bounds(lookup, kept.pairs())
    assert all(b >= v for v, b in zip(values, bounds, strict=True))


def test_the_bound_counts_people_left_out_where_those_kept_are_taken() -> None:
    """The best of the first need has agreed to other work: somebody left out comes instead."""
    of = problem(
        needs=(need(), need("N0", half_days=8)),
        specialists=(person("S0", levels={"SEC": 2}), person("S1")),
        accepted=(Accepted("N0", "S0", 8),),
    )
    lookup, best = Lookup(of), solve(of, wall_s=10)
    held = Ledger(lookup)
    kept = eligible_arrays(lookup, most=1)
    base = stage_values(lookup, held.taken)
    pricing = Pricing(lookup, held, Spaces(lookup, held, kept), {"priority": 1.0})
    at = [s.name for s in best.stages].index("priority")
    pricing.run(20, float(best.stages[at].value - base[at]))
    assert best.stages[at].value == 2
    assert whole(pricing.bound) + base[at] >= 2


def test_without_any_prices_the_quick_plan_and_the_easy_bounds_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("MOST_STATIC_LOADS", "MOST_LOADS_AT_ONCE"):
        monkeypatch.setattr(engine_pricing, name, 1)
    monkeypatch.setattr(engine_solving, "MOST_LOADS", 1)
    of = generate(towns=8, needs=15, specialists=20, seed=1)
    plan, quick = solve(of, wall_s=60), greedy(of)
    assert plan.backend == "search"
    assert verify(of, plan) == ()
    figures = [(s.value, s.bound) for s in plan.stages]
    assert figures == [(s.value, s.bound) for s in quick.stages]
    assert replay(make_pack(of, plan)).same


@FREE
@given(small_problems(needs=6, people=8, towns=3))
def test_failures_counted_by_columns_are_those_of_the_rules(of: Problem) -> None:
    lookup = Lookup(of)
    failures = Failures(lookup)
    for at in range(len(of.needs)):
        assert failure_counts(lookup, at, failures) == failure_counts(lookup, at)


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
    pairs = eligible_arrays(lookup)
    ledger, held = Ledger(lookup), Ledger(lookup)
    fill(lookup, ledger, pairs.pairs())
    before = stage_values(lookup, ledger.taken)
    spaces = Spaces(lookup, held, pairs)
    guide = Pricing(lookup, held, spaces, {"weighted": 1.0})
    search = Search(lookup, ledger, spaces, guide)
    for _ in range(2):
        for _ in search.sweep(2):
            after = stage_values(lookup, ledger.taken)
            assert after >= before
            before = after
        search.improve(search.everyone())
    plan = build_plan(
        lookup, pairs.pairs(), ledger.taken, bounds=stage_values(lookup, ledger.taken),
        backend="b", stopped="optimal",
    )  # fmt: skip
    assert verify(of, plan) == ()


def test_a_block_leaves_nobody_alone_at_a_need_of_all_or_nobody() -> None:
    """Another town would gain by one of the two, were the other counted as serving still."""
    of = problem(
        towns=(town("T1"), town("T2")),
        needs=(need("N1", count=2, all_or_nothing=True), need("N2", town="T2")),
        specialists=tuple(person(f"S{k}", capacity=(4, 4, 4)) for k in (1, 2)),
    )
    lookup = Lookup(of)
    pairs = eligible_arrays(lookup)
    spaces = Spaces(lookup, Ledger(lookup), pairs)
    ledger = ledger_of(lookup, {(0, 0): 4, (0, 1): 4})
    guide = Pricing(lookup, Ledger(lookup), spaces, {"services_1": 1.0, "score": 1.0})
    Search(lookup, ledger, spaces, guide).improve([0])
    assert sum(i == 0 for i, _ in ledger.taken) in (0, 2)


@FREE
@given(small_problems(needs=6, people=4))
def test_loads_grown_together_are_those_of_each_person(of: Problem) -> None:
    """None is missing, none breaks a rule, and each is worth what its person's space says."""
    lookup = Lookup(of)
    held = Ledger(lookup)
    pairs = eligible_arrays(lookup)
    spaces = Spaces(lookup, held, pairs)
    levels = spaces.grow(np.arange(len(spaces)), 100_000)
    gains = spaces.score.astype(float)
    grown = {
        (load.person, frozenset(load.choices)): load
        for load in spaces.best_of(levels, gains, 1.0, 100_000)
    } if levels else {}  # fmt: skip
    for load in all_loads(lookup, held, pairs.pairs(), 100_000):
        found = grown[load.person, frozenset(load.choices)]
        assert (found.score, found.priority) == (load.score, load.priority)
    for who, choices in grown:
        ledger = Ledger(lookup)
        for i, half_days in sorted(choices):
            row = np.flatnonzero((pairs.need == i) & (pairs.person == who))
            assert ledger.room(pairs.pairs(row)[0]) >= half_days or _over_budget(lookup, i)
            ledger.take(i, who, half_days)


def _over_budget(lookup: Lookup, need: int) -> bool:
    """A budget joins people: the program, not the load, keeps it."""
    return lookup.town_of(lookup.needs[need]).budget_yen is not None


@FREE
@given(small_problems(needs=6, people=5))
def test_loads_without_hope_are_left_out_and_the_best_is_not(of: Problem) -> None:
    lookup = Lookup(of)
    held = Ledger(lookup)
    spaces = Spaces(lookup, held, eligible_arrays(lookup))
    pricing = Pricing(lookup, held, spaces, {"weighted": 1.0})
    none = np.zeros(len(pricing.budget)), np.zeros(0)
    for price in (np.zeros(len(of.needs)), np.full(len(of.needs), 2_900.0)):
        pricing.levels = spaces.grow(np.arange(len(spaces)), 100_000)
        every = pricing.answer(price, *none)
        pricing.levels = None
        for _ in range(2):  # the second time knowing the first answer
            again = pricing.answer(price, *none)
            assert again.value == pytest.approx(every.value)
            assert again.best == pytest.approx(every.best)
        pricing.at_once = 2  # choices: everybody in a piece of their own
        apart = pricing.answer(price, *none)
        assert apart.value == pytest.approx(every.value)
        assert apart.short.tolist() == again.short.tolist()


@FREE
@given(small_problems(needs=6, people=6))
def test_a_plan_from_prices_breaks_no_rule(of: Problem) -> None:
    """Whatever the prices: none, fair ones, and ones at which everybody is wanted everywhere."""
    policy = dataclasses.replace(of.policy, stages=("weighted",))
    of = dataclasses.replace(of, policy=policy)
    lookup = Lookup(of)
    held, pairs = Ledger(lookup), eligible_arrays(lookup)
    guide = Pricing(lookup, held, Spaces(lookup, held, pairs), {"weighted": 1.0})
    for price in (guide.price, np.zeros(len(of.needs)), np.full(len(of.needs), -5_000.0)):
        guide.price = price
        taken = priced_plan(lookup, pairs, guide)
        plan = build_plan(
            lookup, pairs.pairs(), taken, bounds=best_by_trial(of), backend="b", stopped="limit"
        )
        assert verify(of, plan) == ()


def test_a_plan_from_prices_is_better_than_the_quick_one() -> None:
    of = generate(towns=60, needs=200, specialists=84, seed=1, scarce=True)
    policy = dataclasses.replace(of.policy, stages=("weighted",))
    lookup = Lookup(dataclasses.replace(of, policy=policy))
    held, pairs = Ledger(lookup), eligible_arrays(lookup)
    guide = Pricing(lookup, held, Spaces(lookup, held, pairs), {"weighted": 1.0})
    (quick,) = stage_values(lookup, start_of(lookup, pairs.pairs()))
    (base,) = stage_values(lookup, held.taken)
    guide.run(60, float(quick - base))
    (priced,) = stage_values(lookup, priced_plan(lookup, pairs, guide))
    assert quick < priced <= guide.bound + base


@FREE
@given(small_problems())
def test_prices_bound_every_stage(of: Problem) -> None:
    lookup = Lookup(of)
    held = Ledger(lookup)
    base = stage_values(lookup, held.taken)
    best = best_by_trial(of)
    spaces = Spaces(lookup, held, eligible_arrays(lookup))
    holds: list[tuple[str, int]] = []
    for at, stage in enumerate(of.policy.stages):
        pricing = Pricing(lookup, held, spaces, {stage: 1.0}, holds)
        for _ in range(3):
            pricing.run(10, float(best[at] - base[at]))
            assert whole(pricing.bound) + base[at] >= best[at]
        holds.append((stage, best[at] - base[at]))


def large(of: Problem, work: dict[str, int] | None = None, wall_s: float = 600) -> Plan:
    lookup = Lookup(of)
    arrays = eligible_arrays(lookup)
    pairs = arrays.pairs()
    taken, bounds, done = solve_large(
        lookup, arrays, start_of(lookup, pairs), easy_bounds(lookup, pairs),
        wall_s=wall_s, work=work,
    )  # fmt: skip
    return build_plan(
        lookup, pairs, taken, bounds=bounds, backend="search", stopped="optimal",
        work={"search": done.search, "bounds": done.bounds},
    )  # fmt: skip


def test_the_way_for_large_pools_is_sound_near_the_best_and_repeats() -> None:
    of = generate(**MIDDLE)
    best = solve(of, wall_s=600)
    assert best.stopped == "optimal"
    plan = large(of)
    assert verify(of, plan) == ()
    values, exact = ([s.value for s in p.stages] for p in (plan, best))
    assert values <= exact
    assert plan.stages[0].value == best.stages[0].value
    assert plan.stages[0].bound >= best.stages[0].value
    assert plan_to_json(large(of, dict(plan.work))) == plan_to_json(plan)


def test_stages_of_a_scarce_pool_are_bounded_by_the_loads_that_people_answer_with() -> None:
    """Prices alone leave second services a fifth open here, third ones a third: each need alone,
    though a town's later services compete for people with other towns."""
    of = generate(towns=120, needs=400, specialists=170, seed=0, scarce=True)
    lookup = Lookup(of)
    arrays = eligible_arrays(lookup)
    pairs = arrays.pairs()
    easy = easy_bounds(lookup, pairs)
    taken, bounds, _ = solve_large(
        lookup, arrays, start_of(lookup, pairs), easy, work={"search": 20, "bounds": 60}
    )
    values = stage_values(lookup, taken)
    assert list(values[:4]) == bounds[:4]
    assert 0 <= bounds[4] - values[4] < bounds[4] // 500
    assert values[1] < easy[1] * 4 // 5


def test_a_better_plan_takes_the_bounds_of_later_stages_with_it() -> None:
    """They hold for plans that do as well before them: where the new plan does not, anew."""
    of = generate(**MIDDLE)
    lookup = Lookup(of)
    pairs = eligible_arrays(lookup)
    easy = easy_bounds(lookup, pairs.pairs())
    held = Ledger(lookup)
    spaces = Spaces(lookup, held, pairs)
    stages = of.policy.stages
    guide = Pricing(lookup, held, spaces, dict.fromkeys(stages, 1.0))
    proof = Proof(
        lookup, held, spaces, guide, dict.fromkeys(stages, 1.0), {}, easy, lambda *_: None, math.inf
    )  # fmt: skip
    proof.values = tuple(bound - 1 for bound in easy)
    proof.bounds = [easy[0], *proof.values[1:]]
    first, second, third, *rest = proof.values
    proof._go_on_with(0, {}, (first + 1, second - 1, third, *rest))
    assert proof.bounds == [first + 1, second, *easy[2:]]


@pytest.mark.parametrize("ticks", [3, 30, 120])
def test_a_plan_cut_off_by_time_is_made_again_from_its_counts(
    ticks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the clock strikes, also within a step: that one does not count. This clock counts
    how often it was looked at."""
    of, clock = generate(**MIDDLE), itertools.count()
    with monkeypatch.context() as patched:
        patched.setattr(time, "perf_counter", lambda: float(next(clock)))
        cut = large(of, wall_s=ticks)
    looked = next(clock)
    assert looked < ticks + 60
    assert verify(of, cut) == ()
    assert plan_to_json(large(of, dict(cut.work))) == plan_to_json(cut)


def test_the_weighted_stage_is_bounded_and_close() -> None:
    of = generate(**MIDDLE)
    policy = dataclasses.replace(of.policy, stages=("weighted",))
    of = dataclasses.replace(of, policy=policy)
    best, plan = solve(of, wall_s=600), large(of)
    assert plan.stages[0].value <= best.stages[0].value <= plan.stages[0].bound
    assert plan.stages[0].bound - plan.stages[0].value < plan.stages[0].bound // 100


def test_staged_solving_on_top_of_held_pairs_keeps_them() -> None:
    of = generate(towns=8, needs=15, specialists=20, seed=1)
    lookup = Lookup(of)
    pairs = eligible_pairs(lookup)
    held = Ledger(lookup)
    first = next(p for p in pairs if held.room(p))
    held.take(first.need, first.person, first.most)
    assert all_loads(lookup, held, pairs)
    staged = solve_stages(
        lookup, held, pairs, dict(held.taken), easy_bounds(lookup, pairs), wall_s=60
    )
    assert staged.taken[first.need, first.person] == first.most


@pytest.mark.parametrize("family", ["A", "B", "C", "D", "E"])
def test_each_family_of_assignment_is_searched_within_its_bound(family: str) -> None:
    instance = generate_gap(family, 4, 12, 1)
    exact = solve_gap(instance, wall_s=60)
    found = search_gap(instance)
    assert found.chosen is not None
    assert found.bound is not None
    value = check_gap(instance, [[agent] for agent in found.chosen])
    assert value is not None
    assert (exact["cut"], found.cut) == (False, False)
    assert found.bound <= exact["value"] <= value
    assert value - exact["value"] <= exact["value"] // 100


def test_an_assignment_is_searched_in_counted_steps() -> None:
    """The same steps find the same assignment; the clock, where it ends them, is told."""
    instance = generate_gap("C", 3, 14, 1)
    found = search_gap(instance)
    assert (found.cut, found) == (False, search_gap(instance, wall_s=600))
    assert search_gap(generate_gap("D", 20, 400, 1), wall_s=0.01).cut


@pytest.mark.parametrize("family", ["C", "E"])
def test_rings_keep_every_capacity_and_never_cost_more(family: str) -> None:
    instance = generate_gap(family, 10, 200, 2)
    tables = Tables(instance)
    tables.relax(math.inf)
    chains = Chains(tables, tables.regret.argmin(axis=0), 0)
    chains.run(500, math.inf)
    assert chains.best is not None
    rings, before = Rings(tables, chains.best, 2.6, 0), tables.cost(chains.best)
    for _ in range(60):
        cost = rings.cost
        rings.next()
        assert rings.cost <= cost
        assert rings.cost == check_gap(instance, [[agent] for agent in rings.to.tolist()])
        assert rings.used.tolist() == tables.used(rings.to).tolist()
    assert rings.cost < before


def test_mixtures_keep_every_capacity_and_make_an_assignment_cheaper() -> None:
    """The same steps give the same ones, and drafts that exceed capacities are mended."""
    instance = generate_gap("D", 8, 40, 0)
    tables = Tables(instance)
    tables.relax(math.inf)
    chains = Chains(tables, tables.start(), 0)
    chains.run(200, math.inf)
    assert chains.best is not None
    before = tables.cost(chains.best)
    tables.tighten(before, 60, math.inf)
    drafts = [to for _, to in tables.drafts[-12:]]
    assert any((tables.used(to) > tables.most).any() for to in drafts)
    found = []
    for _ in range(2):
        mixing = Mixing(tables, chains.best, 0)
        mixing.run(drafts, 10_000_000, math.inf)
        found.append(mixing.kept)
        assert not mixing.late
    assert found[0] == found[1]
    costs = [check_gap(instance, [[agent] for agent in to]) for _, to in found[0]]
    assert costs == sorted(cost for cost, _ in found[0])
    bound, least = tables.least, found[0][0][0]
    assert bound <= least < before
    assert least - bound <= (before - bound) // 2


@pytest.mark.parametrize("capacity", [9, 4_900, 6_200])
def test_an_impossible_assignment_has_no_bound(capacity: int) -> None:
    """A job that fits nowhere; more work than there is room; room that no set of jobs fills."""
    agents, jobs = (2, 501)
    loads = ((10 if capacity < 6_000 else 25,) * jobs,) * agents
    instance = Gap("x", ((1,) * jobs,) * agents, loads, (capacity // 2,) * agents)
    row = solve_gap(instance, wall_s=5)
    assert (row["value"], row["bound"], row["proven"]) == (None, None, False)


def test_capacities_that_nobody_could_use_take_no_memory() -> None:
    """Knapsacks hold a cell for each unit of capacity that all jobs together could use."""
    plain = generate_gap("C", 4, 20, 1)
    wide = dataclasses.replace(plain, capacities=(10**12,) * 4)
    just = dataclasses.replace(plain, capacities=tuple(sum(row) for row in plain.loads))
    tables = Tables(wide)
    assert tables.most.tolist() == list(just.capacities)
    heavy = Tables(
        dataclasses.replace(
            plain,
            loads=tuple(tuple(load * 10**8 for load in row) for row in plain.loads),
            capacities=tuple(c * 10**8 for c in plain.capacities),
        )
    )
    heavy.relax(time.perf_counter() + 5)
    relaxed = heavy.bound
    assert not heavy.tighten(relaxed + 100, 50, time.perf_counter() + 5)
    assert heavy.bound == relaxed > 0
