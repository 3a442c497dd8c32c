"""A rule that is let go for a question forbids nobody, and changes nothing else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from matching.engine import Problem, ProblemError, greedy, solve, verify
from matching.engine.arrays import eligible_arrays
from matching.engine.documents import input_sha256, problem_from_json, problem_to_json
from matching.engine.failures import Failures
from matching.engine.lacking import shortages
from matching.engine.lookup import Lookup
from matching.engine.pairs import eligible_pairs
from matching.engine.rules import failed_rules
from matching.engine.whatif import Change, changed, what_if
from tests.matching.engine.building import need, person, problem, small_problems

FREE = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("rule", ["R5", "R8"])
@FREE
@given(of=small_problems())
def test_every_way_of_looking_at_pairs_lets_the_rule_go_alike(rule: str, of: Problem) -> None:
    free = changed(of, Change(without_rules=frozenset({rule})))
    lookup = Lookup(free)
    assert eligible_arrays(lookup).pairs() == eligible_pairs(lookup)
    counts = Failures(lookup).counts
    for one in free.needs:
        told = [r.code for p in free.specialists for r in failed_rules(lookup, one, p)]
        assert rule not in told
        assert counts(one) == {
            code: told.count(code) for code in dict.fromkeys(sorted(told, key=lambda c: int(c[1:])))
        }
    assert verify(free, solve(free, wall_s=30)) == ()
    # Who was eligible before has the points of before.
    before = {(p.need, p.person): p.base for p in eligible_pairs(Lookup(of))}
    after = {(p.need, p.person): p.base for p in eligible_pairs(lookup)}
    assert before.items() <= after.items()


def test_letting_the_distance_go_moves_nobody_for_the_sake_of_points() -> None:
    of = problem(
        needs=(need(onsite_pct=50),),
        specialists=(
            person("S1", x=2_000, radius_m=10_000),
            person("S2", x=9_000, radius_m=10_000, levels={"SEC": 2}, confidence=1000),
            person("S3", x=50_000, radius_m=10_000),
        ),
    )
    plan = solve(of, wall_s=10)
    told = what_if(of, plan, Change(without_rules=frozenset({"R5"})))
    assert told.diff.pairs == ()
    assert told.before == told.after


def test_what_is_waived_is_read_strictly_and_stays_out_of_old_hashes() -> None:
    of = problem()
    assert "waived" not in problem_to_json(of)
    free = changed(of, Change(without_rules=frozenset({"R8"})))
    assert problem_from_json(problem_to_json(free)) == free
    assert input_sha256(free) != input_sha256(of)
    with pytest.raises(ProblemError, match="waived: cannot be waived: R1"):
        problem_from_json(problem_to_json(of) | {"waived": ["R1"]})


def test_what_lacks_is_tried_as_long_as_there_is_time_most_wanted_first() -> None:
    of = problem(
        needs=(
            need("N1", skills=(("NW", 1),)),
            need("N2", skills=(("SEC", 4),)),
            need("N3", skills=(("SEC", 4),)),
        ),
        specialists=(),
    )
    tries = iter((True, False))
    told = shortages(of, greedy(of), solver=greedy, go_on=lambda: next(tries))
    assert [row.skills for row in told.found] == [(("SEC", 4),)]
    assert (told.untried, told.proven) == (((("NW", 1),),), False)
