"""Reading problems: what is refused, under which name, and what order does not change."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from matching.engine import (
    Problem,
    ProblemError,
    input_sha256,
    plan_from_json,
    problem_from_json,
    problem_to_json,
)
from matching.engine.generate import generate
from tests.matching.engine.building import problem

PLAIN: dict[str, Any] = {
    "horizon": 3,
    "towns": [{"id": "T1", "name": "海田町", "budget_yen": 900_000}, {"id": "T2"}],
    "needs": [
        {"id": "N1", "town": "T1", "skills": [["SEC", 2]], "half_days": 4, "start": 0, "end": 3},
        {"id": "N2", "town": "T2", "skills": [["NW", 1]], "half_days": 2, "start": 1, "end": 2},
    ],
    "specialists": [{"id": "S1", "levels": {"SEC": 3, "NW": 2}, "capacity": [8, 8, 8]}],
    "groups": [{"id": "G1", "towns": ["T1", "T2"]}],
    "accepted": [{"need": "N1", "specialist": "S1", "half_days": 4}],
    "declined": [{"need": "N2", "specialist": "S1", "reason": "日程"}],
}


def changed(path: str, value: object) -> dict[str, Any]:
    data = copy.deepcopy(PLAIN)
    target: Any = data
    steps = [int(s) if s.isdigit() else s for s in path.split("/")]
    for step in steps[:-1]:
        target = target[step]
    if value is KeyError:
        del target[steps[-1]]
    else:
        target[steps[-1]] = value
    return data


def test_a_plain_problem_is_read_and_written_back_equal() -> None:
    found = problem_from_json(PLAIN)
    assert found.needs[0].least == 4
    assert problem_from_json(json.loads(json.dumps(problem_to_json(found)))) == found


def test_generated_problems_survive_the_round_trip() -> None:
    made = generate(towns=9, needs=20, specialists=15, seed=1)
    assert problem_from_json(problem_to_json(made)) == made


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("horizon", KeyError, "horizon: is required"),
        ("horizon", 0, "horizon: must be an integer 1 to 60"),
        ("horizon", True, "horizon: must be an integer 1 to 60"),
        ("schema", "other", "schema: must be talentpool-problem-1"),
        ("towns", {}, "towns: must be a list"),
        ("towns/0/id", "", "towns[0].id: must be a non-empty text"),
        ("towns/1/id", "T1", "towns[1].id: is used twice: T1"),
        ("towns/0/x", 10**8 + 1, "towns[0].x: must be an integer -100000000 to 100000000"),
        ("specialists/0/y", 4 * 10**9, "specialists[0].y: must be an integer -100000000 to"),
        ("towns/0/budget_yen", -1, "towns[0].budget_yen: must be an integer ≥ 0"),
        ("towns/0/vendors", {"F1": 3}, "towns[0].vendors.F1: must be a text"),
        ("needs/1", 7, "needs[1]: must be an object"),
        ("needs/1/town", "T9", "needs[1].town: is not a known town: T9"),
        ("needs/1/half_days", 0, "needs[1].half_days: must be an integer 1 to 100"),
        ("needs/1/half_days", 1.5, "needs[1].half_days: must be an integer 1 to 100"),
        ("needs/1/least", 3, "needs[1].least: must be an integer 1 to 2"),
        ("needs/1/end", 1, "needs[1].end: must be an integer 2 to 3"),
        ("needs/1/start", 3, "needs[1].start: must be an integer 0 to 2"),
        ("needs/1/skills", [], "needs[1].skills: must name at least one skill"),
        ("needs/1/skills", [["NW"]], "needs[1].skills[0]: must be a pair of skill code"),
        ("needs/1/skills", [["NW", 0]], "needs[1].skills[0][1]: must be an integer 1 to 9"),
        ("needs/1/skills", [["NW", 1], ["NW", 2]], "needs[1].skills[1]: names the skill NW twice"),
        ("needs/1/priority", 4, "needs[1].priority: must be an integer 1 to 3"),
        ("needs/1/weekdays", 128, "needs[1].weekdays: must be an integer 1 to 127"),
        ("needs/1/all_or_nothing", 1, "needs[1].all_or_nothing: must be true or false"),
        ("needs/1/forms", [1], "needs[1].forms[0]: must be a non-empty text"),
        ("needs/1/halfdays", 2, "needs[1].halfdays: is not a known field"),
        ("specialists/0/capacity", [8, 8], "specialists[0].capacity: must have one entry a month"),
        ("specialists/0/capacity/2", -1, "specialists[0].capacity[2]: must be an integer 0 to 100"),
        ("specialists/0/levels", ["SEC"], "specialists[0].levels: must be an object of integers"),
        ("specialists/0/levels/SEC", 10, "specialists[0].levels.SEC: must be an integer 1 to 9"),
        ("specialists/0/permission", [2], "specialists[0].permission: must be a range of months"),
        ("specialists/0/confidence", 1001, "specialists[0].confidence: must be an integer 0 to"),
        ("groups/0/towns", ["T1"], "groups[0].towns: must name at least two towns"),
        ("accepted/0/need", "N9", "accepted[0].need: is not a known need: N9"),
        ("accepted/0/half_days", 9, "accepted[0].half_days: month 0 has 8 half-days free"),
        ("declined/0/specialist", "S9", "declined[0].specialist: is not a known specialist: S9"),
        ("declined/0/need", "N1", "accepted[0]: is also declined"),
        ("policy", {"stages": []}, "policy.stages: must name at least one stage"),
        ("policy", {"stages": ["best"]}, "policy.stages[0]: must be services_1 to services_9"),
        ("policy", {"weights": {"level": -1}}, "policy.weights.level: must be an integer 0 to"),
        ("policy", {"weights": {"lvl": 1}}, "policy.weights.lvl: is not a known field"),
        ("first_month", "2027/4", "first_month: must be a month"),
        ("labels", {"SEC": 1}, "labels.SEC: must be a text"),
        ("extra", 1, "extra: is not a known field"),
    ],
)
def test_malformed_input_names_its_field(path: str, value: object, line: str) -> None:
    with pytest.raises(ProblemError) as caught:
        problem_from_json(changed(path, value))
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)
    assert caught.value.field == line.split(":")[0]


def test_a_need_cannot_hold_more_accepted_people_than_it_asks_for() -> None:
    data = copy.deepcopy(PLAIN)
    data["specialists"].append({"id": "S2", "levels": {"SEC": 2}, "capacity": [8, 8, 8]})
    data["accepted"].append({"need": "N1", "specialist": "S2", "half_days": 4})
    with pytest.raises(ProblemError, match=r"^accepted\[1\]\.need: takes only 1: N1$"):
        problem_from_json(data)


def test_the_hash_does_not_depend_on_the_order_of_lists() -> None:
    turned = copy.deepcopy(PLAIN)
    for name in ("towns", "needs"):
        turned[name].reverse()
    first, second = problem_from_json(PLAIN), problem_from_json(turned)
    assert input_sha256(first) == input_sha256(second)
    assert first == second


def test_the_hash_changes_with_every_value() -> None:
    plain = input_sha256(problem_from_json(PLAIN))
    for path, value in (("needs/0/half_days", 5), ("towns/0/name", "府中町"), ("horizon", 3)):
        other = changed(path, value)
        assert (input_sha256(problem_from_json(other)) == plain) == (path == "horizon")


def test_a_hand_built_problem_has_the_hash_of_its_document() -> None:
    made: Problem = problem()
    assert input_sha256(made) == input_sha256(problem_from_json(problem_to_json(made)))


@pytest.mark.parametrize("data", [[], {}, {"schema": "talentpool-plan-1"}, {"schema": 3}])
def test_a_malformed_plan_is_refused(data: object) -> None:
    with pytest.raises(ProblemError):
        plan_from_json(data)
