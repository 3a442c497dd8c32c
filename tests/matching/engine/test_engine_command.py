"""The command line as a user calls it, and the public benchmark when it is at hand."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matching.engine import plan_from_json, problem_from_json, problem_to_json, verify
from matching.engine.gap import Gap, read_gap, solve_gap
from matching.engine.generate import generate
from matching.engine.types import ProblemError

ROOT = Path(__file__).parents[3]


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "matching.engine", *arguments]
    return subprocess.run(
        command, cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )


def test_solve_prints_a_verified_plan(tmp_path: Path) -> None:
    problem = generate(towns=5, needs=10, specialists=12, seed=2)
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(problem_to_json(problem)), encoding="utf-8")
    done = run("solve", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    plan = plan_from_json(json.loads(done.stdout))
    assert plan.stopped == "optimal"
    assert verify(problem_from_json(json.loads(file.read_text())), plan) == ()
    quick = run("solve", "-", "--greedy", given=file.read_text())
    assert plan_from_json(json.loads(quick.stdout)).backend == "greedy"


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """A small problem with a change, as JSON in ASCII."""
    data = problem_to_json(generate(towns=2, needs=2, specialists=1, seed=0))
    change(data)
    return json.dumps(data)


def with_id(text: str) -> str:
    return changed(lambda data: [need.update(id=text) for need in data["needs"]])


def with_skill(text: str) -> str:
    return changed(lambda data: data["needs"][0].update(skills=[[text, 1]]))


def with_level(text: str) -> str:
    return changed(lambda data: data["specialists"][0].update(levels={text: 1}))


def with_label(text: str) -> str:
    return changed(lambda data: data.update(labels={"NW": text}))


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("{", "(top): is not JSON in UTF-8: "),
        ("[" * 100_000, "(top): is nested too deeply"),
        ("[]", "(top): must be an object"),
        ('{"horizon": "12"}', "horizon: must be an integer 1 to 60"),
        (changed(lambda data: data.update({"a\nb\u2028c": 1})), "a b c: is not a known field"),
        (with_id("a\nb"), "needs[1].id: is used twice: a b"),
        (with_id("\ud800"), "needs[0].id: holds half of a character"),
        (with_skill("\udfff"), "needs[0].skills[0][0]: holds half of a character"),
        (with_level("\ud800"), "specialists[0].levels.\\ud800: holds half of a character"),
        (with_label("\ud800"), "labels.NW: holds half of a character"),
    ],
)
def test_bad_input_is_one_line_and_code_2(given: str, line: str) -> None:
    done = run("solve", "-", given=given)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1


def test_a_missing_file_is_named() -> None:
    done = run("solve", "no-such.json")
    assert (done.returncode, done.stderr) == (2, "no-such.json: No such file or directory\n")


def test_reading_and_the_quick_plan_need_no_solver() -> None:
    code = (
        "import sys; sys.modules['numpy'] = sys.modules['highspy'] = None\n"
        "from matching.engine import greedy, verify, problem_from_json\n"
        "from matching.engine.generate import generate\n"
        "p = generate(towns=3, needs=4, specialists=5, seed=0)\n"
        "print(verify(p, greedy(p)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("()\n", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must begin with the numbers of agents and jobs"),
        ("0 3", "must begin with the numbers of agents and jobs"),
        ("1 1 5 5", "must hold 5 numbers, holds 4"),
        ("1 1 5 x 5", "must hold whole numbers only"),
        ("1 1 5 -5 5", "must not hold negative numbers"),
        (f"1 1 5 {10**40} 5", "must not hold numbers above 1000000000000"),
    ],
)
def test_malformed_assignment_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "gap"
    file.write_text(text)
    with pytest.raises(ProblemError) as caught:
        read_gap(file)
    assert str(caught.value) == f"{file}: {message}"


def test_an_assignment_is_cheapest_within_capacity() -> None:
    made = Gap("two", ((1, 1, 9), (5, 4, 2)), ((2, 2, 2), (2, 2, 2)), (3, 4))
    row = solve_gap(made, wall_s=10)
    assert (row["value"], row["bound"], row["proven"]) == (7, 7, True)


def test_an_impossible_assignment_has_no_value() -> None:
    row = solve_gap(Gap("none", ((1, 1),), ((2, 2),), (3,)), wall_s=10)
    assert (row["value"], row["bound"], row["proven"]) == (None, None, False)


def test_the_sixty_public_instances_are_proven_at_their_optimum(gap_dir: Path) -> None:
    with (gap_dir / "optima.csv").open() as file:
        optima = {row["instance"]: int(row["optimum_min"]) for row in csv.DictReader(file)}
    files = sorted(str(gap_dir / name) for name in optima)
    done = run("gap", *files)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["instance"]: row["value"] for row in rows if row["proven"]} == optima
    assert len(optima) == 60


def test_every_question_has_its_command(tmp_path: Path) -> None:
    made = run("generate", "--towns=4", "--needs=6", "--specialists=6", "--seed=3")
    problem = problem_from_json(json.loads(made.stdout))
    file, change, scores = (tmp_path / name for name in ("p.json", "c.json", "s.csv"))
    file.write_text(made.stdout, encoding="utf-8")
    change.write_text(json.dumps({"without_rules": ["R5"]}), encoding="utf-8")
    scores.write_text("p1,r1,0.5\np1,r2,0.75\n", encoding="utf-8")
    asked = run("why-not", str(file), problem.needs[0].id, problem.specialists[0].id)
    assert json.loads(asked.stdout)["eligible"] == (not json.loads(asked.stdout)["rules"])
    told = json.loads(run("what-if", str(file), str(change)).stdout)
    assert told["after"]["towns"] >= told["before"]["towns"]
    pack = run("pack", str(file))
    again = run("replay", "-", given=pack.stdout)
    assert (again.returncode, json.loads(again.stdout)["same"]) == (0, True)
    plan, edits = tmp_path / "plan.json", tmp_path / "edits.json"
    plan.write_text(run("solve", str(file), "--greedy").stdout, encoding="utf-8")
    edit = {"what": "案件1", "by": "市町", "at": "2027-04-01", "why": "面接"}
    edits.write_text(json.dumps([edit]), encoding="utf-8")
    packed = json.loads(run("pack", str(file), f"--plan={plan}", f"--edits={edits}").stdout)
    assert (packed["plan"]["backend"], packed["edits"]) == ("greedy", [edit])
    edits.write_text(json.dumps([{"what": "案件1"}]), encoding="utf-8")
    wrong = run("pack", str(file), f"--plan={plan}", f"--edits={edits}")
    assert (wrong.returncode, wrong.stderr) == (2, "edits[0].by: is required\n")
    forged = run(
        "replay", "-", given=pack.stdout.replace('"edits": []', f'"edits": [{json.dumps(edit)}]')
    )
    assert (forged.returncode, forged.stderr.split(":")[0]) == (2, "sha256")
    row = json.loads(run("reviewers", str(scores), "--demand=1", "--load=1").stdout)
    assert (row["total"], row["assignments"]) == (0.75, [["p1", "r2"]])
    refused = run("generate", "--towns=0", "--needs=1", "--specialists=1")
    assert (refused.returncode, refused.stderr) == (2, "towns: must be an integer 1 to 1000000\n")
