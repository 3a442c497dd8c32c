"""A search that begins with an earlier plan: what is kept of it, and that it is made again."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from matching.engine import (
    Accepted,
    Plan,
    Problem,
    ProblemError,
    greedy,
    plan_from_json,
    plan_to_json,
    problem_to_json,
    solve,
    solve_in_child,
    verify,
)
from matching.engine import solving as engine_solving
from matching.engine.cli import main
from matching.engine.generate import generate
from matching.engine.lookup import Lookup
from matching.engine.pack import make_pack, plan_sha256, read_pack, replay
from matching.engine.pairs import eligible_pairs
from matching.engine.warm import kept_of
from tests.matching.engine.building import need, person, problem, small_problems, town

FREE = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def kept(of: Problem, *start: tuple[str, str, int]) -> list[tuple[str, str, int]]:
    rows = kept_of(Lookup(of), eligible_pairs(Lookup(of)), [Accepted(*row) for row in start])
    return [(row.need, row.specialist, row.half_days) for row in rows]


def test_what_still_holds_is_kept_and_the_rest_left_out() -> None:
    of = problem(
        towns=(town("T1"), town("T2")),
        needs=(need("N1", priority=1), need("N2", town="T2", priority=3, least=2), need("N3")),
        specialists=(person("S1", capacity=(6, 6, 6)), person("S2", levels={"SEC": 1})),
    )
    # The more urgent one first; for the other there is not room enough then, and N9, S9 and a
    # person below the level are none of this problem.
    start = (("N1", "S1", 4), ("N2", "S1", 4), ("N3", "S2", 4), ("N9", "S1", 4), ("N3", "S9", 4))
    assert kept(of, *start) == [("N2", "S1", 4)]
    assert kept(of, ("N1", "S1", 4), ("N2", "S1", 2)) == [("N1", "S1", 4), ("N2", "S1", 2)]


def test_a_need_of_all_or_nobody_is_kept_with_everybody_or_not_at_all() -> None:
    of = problem(
        needs=(need("N1", count=2, all_or_nothing=True),), specialists=(person("S1"), person("S2"))
    )
    assert kept(of, ("N1", "S1", 4)) == []
    assert len(kept(of, ("N1", "S1", 4), ("N1", "S2", 4))) == 2


@FREE
@given(small_problems(needs=8, people=5))
def test_a_warm_plan_is_as_good_as_a_cold_one_and_is_made_again(of: Problem) -> None:
    cold = solve(of, wall_s=30)
    last = of.needs[-1]
    changed = dataclasses.replace(of, needs=(*of.needs[:-1], dataclasses.replace(last, count=2)))
    warm = solve(changed, wall_s=30, start=cold.assignments)
    assert verify(changed, warm) == ()
    assert [s.value for s in warm.stages] == [s.value for s in solve(changed, wall_s=30).stages]
    again = kept_of(Lookup(changed), eligible_pairs(Lookup(changed)), warm.start)
    assert again == warm.start
    assert plan_from_json(plan_to_json(warm)) == warm


@pytest.fixture(scope="module")
def pool() -> Problem:
    return generate(towns=15, needs=45, specialists=30, seed=5, scarce=True)


def searched(of: Problem, monkeypatch: pytest.MonkeyPatch, start: Plan | None = None) -> Plan:
    monkeypatch.setattr(engine_solving, "MOST_LOADS", 1)
    pairs = start.assignments if start else ()
    return solve(of, wall_s=600, work={"search": 1, "bounds": 1}, start=pairs)


def test_the_search_begins_with_the_earlier_plan(
    pool: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = solve(pool, wall_s=60)
    values = {
        name: tuple(s.value for s in plan.stages)
        for name, plan in {
            "best": best,
            "quick": greedy(pool),
            "cold": searched(pool, monkeypatch),
            "warm": searched(pool, monkeypatch, best),
            "worse": searched(pool, monkeypatch, dataclasses.replace(
                best, assignments=best.assignments[:1])),
        }.items()
    }  # fmt: skip
    assert values["cold"] < values["warm"] == values["best"]
    assert values["worse"] >= values["quick"]


def test_the_start_is_part_of_the_pack_and_of_its_hash(
    pool: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm = searched(pool, monkeypatch, solve(pool, wall_s=60))
    assert warm.start
    pack = json.loads(json.dumps(make_pack(pool, warm)))
    assert replay(pack).same
    plan = read_pack(pack)[1]
    assert plan.start == warm.start
    without = dataclasses.replace(warm, start=())
    assert plan_sha256(without) != plan_sha256(warm)
    told = replay(make_pack(pool, without))
    assert not told.same
    pack["plan"]["start"][0]["half_days"] += 1
    with pytest.raises(ProblemError, match="sha256"):
        replay(pack)


def test_a_child_begins_with_it_too() -> None:
    of = problem(needs=(need("N1"), need("N2")), specialists=(person("S1", capacity=(4, 4, 4)),))
    (first,) = solve(of, wall_s=30).assignments
    other = next(n.id for n in of.needs if n.id != first.need)
    plan = solve_in_child(of, wall_s=30, start=(Accepted(other, "S1", 4),))
    assert plan.start == (Accepted(other, "S1", 4),)
    assert solve_in_child(of, wall_s=30).start == ()


def test_the_command_takes_a_plan_and_refuses_what_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    of = problem()
    files = {name: tmp_path / f"{name}.json" for name in ("problem", "plan", "other")}
    files["problem"].write_text(json.dumps(problem_to_json(of)))
    plan = plan_to_json(solve(of, wall_s=30))
    files["plan"].write_text(json.dumps(plan))
    files["other"].write_text(json.dumps(plan | {"work": 1}))
    assert main(["solve", str(files["problem"]), "--start", str(files["plan"])]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["start"] == [{"need": "N1", "specialist": "S1", "half_days": 4}]
    for start, greedy_too, named in (
        (files["other"], (), f"{files['other']}: work: "),
        (tmp_path / "none.json", (), "none.json: "),
        (files["plan"], ("--greedy",), "arguments: --start"),
    ):
        arguments = ["solve", str(files["problem"]), "--start", str(start), *greedy_too]
        assert main(arguments) == 2
        said = capsys.readouterr().err
        assert named in said
        assert said.count("\n") == 1
    document = {"problem": problem_to_json(of), "start": [{"need": "N1"}]}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(document)))
    assert main(["solve", "-", "--started"]) == 2
    assert "start[0].specialist" in capsys.readouterr().err
