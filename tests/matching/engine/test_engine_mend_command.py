"""The commands over a plan at hand: why a need stays open, and one change mended."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from matching.engine import Problem, greedy, plan_to_json, problem_to_json
from matching.engine.cli import main
from matching.engine.conflicts import conflict, relaxations
from tests.matching.engine.building import need, person, plan_of, problem, town


@pytest.fixture
def at_hand(tmp_path: Path) -> tuple[Problem, str, str, Path]:
    """N1 is served, N2 is too dear for anybody; S2 could take N1's place."""
    of = problem(
        towns=(town("T1"), town("T2")),
        needs=(need("N1"), need("N2", town="T2", half_day_rate_cap_yen=10_000)),
        specialists=(
            person("S1", half_day_rate_yen=30_000),
            person("S2", half_day_rate_yen=20_000, levels={"SEC": 4}),
        ),
    )
    files = {"p": problem_to_json(of), "plan": plan_to_json(greedy(of))}
    for name, data in files.items():
        (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
    return of, str(tmp_path / "p"), str(tmp_path / "plan"), tmp_path / "change"


def test_an_open_need_is_explained_by_its_smallest_set_and_what_would_do(
    at_hand: tuple[Problem, str, str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    of, file, plan, _ = at_hand
    assert main(["explain", file, plan, "N2"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = conflict(of, greedy(of), "N2")
    assert found is not None
    assert told["missing"] == 1
    assert (told["conflict"]["rules"], told["conflict"]["people"]) == (["R8"], [2])
    assert [row["text"] for row in told["relaxations"]] == [
        row.text for row in relaxations(of, greedy(of), "N2")
    ]
    assert told["relaxations"][0]["margin"] == 10_000
    assert main(["explain", file, plan, "N1"]) == 0
    served = json.loads(capsys.readouterr().out)
    assert (served["conflict"], served["relaxations"]) == (None, [])
    assert served["chosen"][0]["specialist"] == "S1"


def test_a_decline_is_mended_and_nothing_else_moves(
    at_hand: tuple[Problem, str, str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _, file, plan, change = at_hand
    change.write_text('{"decline": {"need": "N1", "specialist": "S1"}}', encoding="utf-8")
    assert main(["mend", file, plan, str(change)]) == 0
    told = json.loads(capsys.readouterr().out)
    moved = {(row["specialist"], row["before"], row["after"]) for row in told["pairs"]}
    assert moved == {("S1", 4, 0), ("S2", 0, 4)}
    assert told["seconds"] > 0


@pytest.mark.parametrize(
    ("change", "specialists"),
    [
        ({"capacity": {"specialist": "S1", "capacity": [0, 0, 0]}}, {"S1", "S2"}),
        (
            {
                "add_need": {
                    "id": "N3", "town": "T2", "skills": [["SEC", 2]], "half_days": 2,
                    "start": 0, "end": 1,
                }
            },
            {"S1"},
        ),
    ],
)  # fmt: skip
def test_months_and_a_new_need_are_mended(
    at_hand: tuple[Problem, str, str, Path],
    capsys: pytest.CaptureFixture[str],
    change: dict[str, Any],
    specialists: set[str],
) -> None:
    _, file, plan, path = at_hand
    path.write_text(json.dumps(change), encoding="utf-8")
    assert main(["mend", file, plan, str(path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {row["specialist"] for row in told["pairs"]} == specialists


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({}, "(top): must hold one of decline, capacity, add_need\n"),
        ({"decline": {"need": "N9", "specialist": "S1"}}, "need: is not known: N9\n"),
        ({"decline": {"need": "N1"}}, "decline.specialist: is required\n"),
        (
            {"capacity": {"specialist": "S1", "capacity": [1]}},
            "capacity.capacity: must have 3 entries\n",
        ),
        ({"add_need": {"id": "N3"}}, "add_need.skills: is required\n"),
    ],
)
def test_a_bad_change_is_one_line_that_names_the_field(
    at_hand: tuple[Problem, str, str, Path],
    capsys: pytest.CaptureFixture[str],
    change: dict[str, Any],
    line: str,
) -> None:
    _, file, plan, path = at_hand
    path.write_text(json.dumps(change), encoding="utf-8")
    assert main(["mend", file, plan, str(path)]) == 2
    assert capsys.readouterr().err == line
    assert main(["explain", file, plan, "N9"]) == 2
    assert capsys.readouterr().err == "need: is not known: N9\n"


def test_a_change_is_set_beside_the_plan_at_hand(
    at_hand: tuple[Problem, str, str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan has S2 where a new one would have S1."""
    of, file, plan, change = at_hand
    other = plan_of(of, ("N1", "S2", 4))
    Path(plan).write_text(json.dumps(plan_to_json(other)), encoding="utf-8")
    change.write_text("{}", encoding="utf-8")
    assert main(["what-if", file, str(change), "--plan", plan]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(row["specialist"], row["after"]) for row in told["diff"]["pairs"]] == [
        ("S1", 4), ("S2", 0)
    ]  # fmt: skip


def test_what_the_pool_lacks_and_shared_posts_are_commands(
    at_hand: tuple[Problem, str, str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    of, file, plan, _ = at_hand
    assert main(["shortages", file, "--plan", plan]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(row["skills"], row["half_days"], row["towns"]) for row in told["found"]] == [
        ([["SEC", 2]], 6, 1)
    ]  # fmt: skip
    assert main(["shortages", file, "--half-days", "3"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["found"]
    assert row["half_days"] == 4  # as many as the need takes
    assert main(["shortages", file, "--half-days", "101"]) == 2
    assert capsys.readouterr().err == "half_days: must be an integer 1 to 100\n"
    nobody = dataclasses.replace(of, specialists=())
    Path(file).write_text(json.dumps(problem_to_json(nobody)), encoding="utf-8")
    assert main(["shared-posts", file]) == 0
    (post,) = json.loads(capsys.readouterr().out)["posts"]
    assert (post["needs"], post["half_days"]) == (["N1", "N2"], 8)
