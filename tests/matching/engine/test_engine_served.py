"""People who serve more towns already than they may take: the most was lowered after bookings."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from matching.engine import Problem, greedy, solve, verify
from matching.engine.arrays import eligible_arrays
from matching.engine.exact import all_loads
from matching.engine.highs import maximise
from matching.engine.ledger import Ledger
from matching.engine.lookup import Lookup, most_towns
from matching.engine.model import Model
from matching.engine.pairs import eligible_pairs
from matching.engine.pricing import Pricing
from matching.engine.spaces import Spaces
from matching.engine.stages import easy_bounds
from tests.matching.engine.building import need, person, problem, town
from tests.matching.engine.trial import best_by_trial


@pytest.fixture
def of() -> Problem:
    """Two towns on one way, both served by somebody who may take one only; all points of score
    are those of the shared way."""
    made = problem(
        towns=(town("T1", x=20_000), town("T2", x=21_000)),
        needs=(need("N1", onsite_pct=50), need("N2", town="T2", onsite_pct=50)),
        specialists=(person(max_towns=1, serving=frozenset({"T1", "T2"})),),
    )
    weights = dataclasses.replace(
        made.policy.weights, level=0, travel=0, pay=0, weekdays=0, confidence=0, served=0
    )
    policy = dataclasses.replace(made.policy, stages=("score",), weights=weights)
    return dataclasses.replace(made, policy=policy)


def test_the_shared_way_of_towns_served_already_counts(of: Problem) -> None:
    assert best_by_trial(of) == (100,)
    assert most_towns(of.specialists[0]) == 2
    plan = solve(of, wall_s=60)
    assert [(s.value, s.bound, s.proven) for s in plan.stages] == [(100, 100, True)]
    assert verify(of, plan) == ()
    assert greedy(of).stages[0].bound >= 100


def test_no_bound_is_below_it(of: Problem) -> None:
    lookup, held = Lookup(of), Ledger(Lookup(of))
    pairs = eligible_pairs(lookup)
    assert easy_bounds(lookup, pairs)[0] >= 100
    assert max(load.score for load in all_loads(lookup, held, pairs)) == 100
    model = Model(lookup, held, pairs)
    assert maximise(model.rows, model.objective("score")).bound == 100
    kept = eligible_arrays(lookup)
    kept = dataclasses.replace(kept, rest=np.zeros(2, dtype=np.int64))  # as if others were left out
    pricing = Pricing(lookup, held, Spaces(lookup, held, kept), {"score": 1.0})
    assert pricing.most_left_out.tolist() == [100.0, 100.0]
    pricing.run(50, 100.0)
    assert pricing.bound >= 100
