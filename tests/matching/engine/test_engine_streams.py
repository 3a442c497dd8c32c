"""The command line's ends: what it refuses to read, names in its complaints, and cannot write."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from matching.engine import greedy, plan_to_json, problem_to_json, solve
from matching.engine.cli import main
from matching.engine.pack import make_pack
from tests.matching.engine.building import need, person, problem

OF = problem(specialists=(person(), person("S2")))


def write(folder: Path, **documents: Any) -> dict[str, str]:
    for name, data in documents.items():
        text = data if isinstance(data, str) else json.dumps(data)
        (folder / name).write_text(text, encoding="utf-8")
    return {name: str(folder / name) for name in documents}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    return capsys.readouterr().err


def test_a_key_given_twice_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = write(tmp_path, p='{"horizon": 1, "horizon": 2}')
    assert refused(capsys, "solve", at["p"]) == "horizon: is given twice in one object\n"


def test_a_complaint_names_the_file_and_the_field_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = plan_to_json(greedy(OF))
    pack = make_pack(OF, greedy(OF))
    twice = {"id": "N1", "town": "T1", "skills": [["SEC", 1]], "half_days": 1, "start": 0, "end": 1}
    part = problem_to_json(OF) | {"horizon": 0}
    at = write(
        tmp_path, p=problem_to_json(OF), plan=good | {"stopped": "never"}, pack=pack | {"x": 1},
        broken="{", good=good, need={"add_needs": [twice]}, added={"add_need": twice},
        strange={"add_need": twice | {"id": "N9", "town": "T9"}},
        join={"problem": problem_to_json(OF), "parts": [part], "plans": []},
        plans={"problem": problem_to_json(OF), "parts": [], "plans": [good | {"stopped": 1}]},
    )  # fmt: skip
    for arguments, line in (
        (("explain", at["p"], at["plan"], "N1"), f"{at['plan']}: stopped: must be"),
        (("explain", at["p"], at["broken"], "N1"), f"{at['broken']}: is not JSON"),
        (("replay", at["pack"]), f"{at['pack']}: x: is not a known field"),
        (("what-if", at["p"], at["need"]), "add_needs[0].id: is used twice: N1"),
        (("mend", at["p"], at["good"], at["added"]), "add_need.id: is used twice: N1"),
        (("mend", at["p"], at["good"], at["strange"]), "add_need.town: is not a known town"),
        (("join", at["join"]), "parts[0].horizon: must be"),
        (("join", at["plans"]), "plans[0].stopped: must be"),
    ):
        assert refused(capsys, *arguments).startswith(line)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("generate --towns 1 --needs 1000001 --specialists 1", "needs: must be an integer 1 to"),
        ("generate-gap A --agents 1001 --jobs 1", "agents: must be an integer 1 to 1000"),
        ("generate-gap A --agents 100 --jobs 100001", "jobs: must be an integer 1 to 100000"),
    ],
)
def test_what_is_made_up_has_a_largest_size(
    arguments: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(capsys, *arguments.split()).startswith(line)


def test_a_proof_in_a_file_is_not_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = plan_to_json(solve(OF, wall_s=10))
    assert plan["stopped"] == "optimal"
    at = write(tmp_path, p=problem_to_json(OF), plan=plan, change={"remove_needs": ["N1"]})
    assert main(["what-if", at["p"], at["change"]]) == 0
    assert json.loads(capsys.readouterr().out)["proven"] is True
    assert main(["what-if", at["p"], at["change"], "--plan", at["plan"]]) == 0
    assert json.loads(capsys.readouterr().out)["proven"] is False
    assert main(["shortages", at["p"], "--plan", at["plan"]]) == 0
    assert json.loads(capsys.readouterr().out)["proven"] is False
    assert main(["pack", at["p"], "--plan", at["plan"]]) == 0
    assert json.loads(capsys.readouterr().out)["plan"]["stopped"] == "optimal"


def test_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    of = problem(needs=tuple(need(f"N{k}") for k in range(400)))
    at = write(tmp_path, p=problem_to_json(of))
    command = f"{sys.executable} -m matching.engine split {at['p']}"
    for shell in (f"{command} > /dev/full", f"({command}; echo $? >&3) 3>{tmp_path / 'code'} | :"):
        told = subprocess.run(
            ["/bin/bash", "-c", shell], check=False, capture_output=True, text=True, timeout=60
        )
        (line,) = told.stderr.splitlines()
        assert line.startswith("the output cannot be written: ")
        code = told.returncode or int((tmp_path / "code").read_text(encoding="utf-8"))
        assert code == 1
