"""Made-up instances, and the way for large pools on small ones of them."""

from __future__ import annotations

import json

import pytest

from matching.engine import input_sha256, problem_from_json, problem_to_json, solve, verify
from matching.engine import proving as engine_proving
from matching.engine.cli import main
from matching.engine.generate import generate
from tests.matching.engine.forcing import WAYS, Way, large_faults
from tests.matching.engine.trial import best_by_trial

PLAIN = {
    False: "4a98a0aebe09a5c3b0e403da76e60a660c0cb91288035f18213c3219aac25db9",
    True: "97e3a39d79b180d9d47b7f1c7f7c9de6174796873cc1c7a5d9b7c69809eaaa79",
}


@pytest.mark.parametrize("scarce", [False, True])
def test_plain_instances_are_those_they_were(scarce: bool) -> None:
    """Published figures name them by size and seed."""
    of = generate(towns=5, needs=12, specialists=8, seed=3, scarce=scarce)
    assert input_sha256(of) == PLAIN[scarce]


def test_a_rich_instance_has_every_field_and_the_plain_one_below() -> None:
    size = {"towns": 23, "needs": 60, "specialists": 120, "seed": 0}
    plain, rich = generate(**size), generate(**size, rich=True)
    assert rich == generate(**size, rich=True)
    assert problem_from_json(problem_to_json(rich)) == rich
    assert [(n.id, n.skills, n.half_days) for n in rich.needs] == [
        (n.id, n.skills, n.half_days) for n in plain.needs
    ]
    assert rich.accepted
    for name, nothing in (("present", None), ("budget_yen", None), ("language", "ja")):
        assert any(getattr(need, name) != nothing for need in rich.needs), name
    for name in ("serving", "interests", "monthly_fixed_yen"):
        assert any(getattr(person, name) for person in rich.specialists), name
    assert any(len(person.languages) > 1 for person in rich.specialists)
    plan = solve(rich, wall_s=60)
    assert (plan.stopped, verify(rich, plan)) == ("optimal", ())


def test_the_command_writes_it(capsys: pytest.CaptureFixture[str]) -> None:
    size = ["--towns", "3", "--needs", "8", "--specialists", "9", "--seed", "2"]
    assert main(["generate", *size, "--rich"]) == 0
    of = problem_from_json(json.loads(capsys.readouterr().out))
    assert of == generate(towns=3, needs=8, specialists=9, seed=2, rich=True)


@pytest.mark.parametrize("seed", range(6))
def test_rich_pools_are_solved_as_well_as_by_trying_every_plan(seed: int) -> None:
    of = generate(towns=2, needs=6, specialists=12, seed=seed, rich=True)
    assert tuple(s.value for s in solve(of, wall_s=60).stages) == best_by_trial(of)


@pytest.mark.parametrize("way", WAYS)
def test_large_pools_are_sound_and_their_bounds_hold(way: Way) -> None:
    seed = WAYS.index(way)
    of = generate(towns=11, needs=34, specialists=34, seed=seed, scarce=seed > 1, rich=True)
    assert large_faults(of, way) == ""


def test_a_bound_too_low_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the comparison above can fail: a bound pressed down to the value of a poor plan."""

    def press(proof: engine_proving.Proof, at: int, _: float) -> None:
        proof.bounds[at] = proof.values[at]

    monkeypatch.setattr(engine_proving.Proof, "_bound", press)
    of = generate(towns=15, needs=45, specialists=30, seed=5, scarce=True)
    assert "is below the best" in large_faults(of, Way(True, None, 1, 10))
