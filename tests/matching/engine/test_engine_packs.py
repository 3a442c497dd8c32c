"""An audit pack says what was decided: whatever was changed in it shows when it is replayed."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from matching.engine import ProblemError, solve
from matching.engine import pack as engine_pack
from matching.engine.cli import main
from matching.engine.pack import NO_HASH, OUT_OF_TIME, make_pack, read_pack, replay, with_appendix
from tests.matching.engine.building import need, person, problem

Pack = dict[str, Any]
OF = problem(
    needs=(need(), need("N2")),
    specialists=(person(), person("S2"), person("S3", levels={"SEC": 2})),
)


@pytest.fixture(scope="module")
def made() -> Pack:
    pack: Pack = json.loads(json.dumps(make_pack(OF, solve(OF, wall_s=10))))
    return pack


def sealed(pack: Pack, **fields: Any) -> Pack:
    """The pack with these fields changed and its hash made anew."""
    other = copy.deepcopy(pack) | fields
    return other | {"sha256": engine_pack._sha256(other)}


def test_what_is_changed_and_sealed_anew_is_told_line_by_line(made: Pack) -> None:
    assert replay(made).same
    plan = made["plan"] | {"assignments": made["plan"]["assignments"][::-1]}
    turned = replay(sealed(made, plan=plan))
    assert not turned.same
    assert "assignments: the same rows in another order" in turned.differences
    assert any(line.startswith("plan_sha256: ") for line in turned.differences)
    other = sealed(made, alternates={}, rules={"R1": "x"}, plan_sha256="0" * 64)
    told = replay(other)
    assert not told.same
    beginnings = {line.split(":")[0] for line in told.differences}
    assert {"plan_sha256", "rules.R1", "rules.R15", "alternates.N1"} <= beginnings
    twice = made["plan"] | {"handovers": ["N1", "N1"]}
    assert not replay(sealed(made, plan=twice)).same


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"note": "?"}, "note: is not a known field"),
        ({"rules": {"R1": "\ud800"}}, "rules.R1: holds half of a character"),
        ({"alternates": {"\ud800": []}}, "(top): holds half of a character"),
        ({"alternates": []}, "alternates: must be an object"),
        ({"edits": [{"what": "x"}]}, "edits[0].by: is required"),
    ],
)
def test_a_pack_is_read_strictly(made: Pack, fields: Pack, line: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_pack(made | fields)
    assert str(caught.value).startswith(line)


def test_no_plan_counts_more_steps_than_there_are(made: Pack) -> None:
    plan = made["plan"] | {"backend": "search", "work": {"search": 10**9}}
    with pytest.raises(ProblemError, match=r"plan\.work\.search: must be an integer 0 to 1000000"):
        replay(sealed(made, plan=plan))


def test_an_appendix_has_a_hash_of_its_own(made: Pack) -> None:
    pack = with_appendix(made, {"edits": ["だれかが変えた"]})
    assert replay(pack).same
    pack["appendix"]["edits"] = []
    with pytest.raises(ProblemError, match="appendix_sha256: does not fit"):
        replay(pack)
    del pack["appendix_sha256"]
    assert NO_HASH in replay(pack).notes


def test_a_replay_has_a_limit_and_says_when_it_ended_there(
    made: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pack.json"
    file.write_text(json.dumps(made), encoding="utf-8")
    assert main(["replay", str(file), "--wall", "0"]) == 2
    limits = []
    plan = dataclasses.replace(solve(OF, wall_s=10), assignments=(), work={"cut": 1})

    def cut(of: Any, *, wall_s: float, work: Any, start: Any) -> Any:
        limits.append(wall_s)
        return plan

    monkeypatch.setattr("matching.engine.solving.solve", cut)
    assert main(["replay", str(file), "--wall", "7"]) == 1
    assert limits == [7.0]
    assert OUT_OF_TIME in capsys.readouterr().out
