"""What if, what lacks, which rules forbid, what would do, and the audit pack."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine import Declined, Problem, ProblemError, greedy, solve
from matching.engine import pack as engine_pack
from matching.engine.conflicts import conflict, relaxations
from matching.engine.pack import HandEdit, make_pack, replay
from matching.engine.whatif import (
    Change,
    change_from_json,
    changed,
    forced,
    what_if,
)
from tests.matching.engine.building import need, person, plan_of, problem, small_problems, town
from tests.matching.engine.waiving import faults_of, relaxation_fault

FREE = settings(
    max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def served(of: Problem, need_id: str) -> bool:
    """Whether the need can have one more person with the rest of the plan held."""
    plan = solve(of, wall_s=30)
    return need_id not in {u.need for u in plan.unfilled}


def test_a_planted_conflict_is_found_exactly() -> None:
    of = problem(
        towns=(town(vendors={"F1": "保守"}),),
        needs=(need(onsite_pct=50, language="en"),),
        specialists=(
            person("S1", x=90_000, radius_m=10_000, languages=frozenset({"en"})),
            person("S2", vendor="F1", languages=frozenset({"en"})),
            person("S3", vendor="F1", x=90_000, radius_m=10_000),
        ),
    )
    found = conflict(of, greedy(of), "N1")
    assert found is not None
    assert (found.rules, found.people) == (("R5", "R11"), (1, 1))


PLANTED_NEED = need(
    onsite_pct=50, half_day_rate_cap_yen=20_000, forms=frozenset({"10"}), language="en"
)
BREAKS: dict[str, dict[str, Any]] = {
    "R1": {"levels": {"SEC": 1}}, "R2": {"capacity": (0, 8, 8)}, "R3": {"capacity": (8, 3, 8)},
    "R4": {"weekdays": 64}, "R5": {"x": 90_000}, "R6": {"onsite_max_pct": 40},
    "R7": {"forms": frozenset({"20"})}, "R8": {"half_day_rate_yen": 30_000},
    "R10": {"languages": frozenset({"ja"})}, "R11": {"vendor": "F1"}, "R12": {},
    "R13": {"permission": (0, 1)}, "R14": {"min_block": 5}, "R15": {"max_towns": 0},
}  # fmt: skip


@FREE
@given(st.data())
def test_planted_conflict_sets_are_found_exactly(data: st.DataObject) -> None:
    """One person at least breaks each planted rule and no other; the others break more."""
    codes = list(BREAKS)
    planted = data.draw(st.sets(st.sampled_from(codes), min_size=1, max_size=4))
    broken = [{code} for code in sorted(planted)]
    for _ in range(data.draw(st.integers(0, 5))):
        of_those = data.draw(st.sets(st.sampled_from(sorted(planted)), min_size=1))
        broken.append(of_those | data.draw(st.sets(st.sampled_from(codes), max_size=3)))
    people = []
    for k, rules in enumerate(broken):
        fields = {"languages": frozenset({"en"}), "radius_m": 10_000}
        for code in sorted(rules):
            fields |= BREAKS[code]
        if {"R2", "R3"} <= rules:
            fields["capacity"] = (0, 3, 8)
        people.append(person(f"S{k}", **fields))
    of = problem(
        towns=(town(vendors={"F1": "保守"}),),
        needs=(PLANTED_NEED,),
        specialists=tuple(people),
        declined=tuple(Declined("N1", f"S{k}", "") for k, b in enumerate(broken) if "R12" in b),
    )
    found = conflict(of, greedy(of), "N1")
    assert found is not None
    assert found.rules == tuple(code for code in codes if code in planted)
    assert found.people == tuple(broken.count({code}) for code in found.rules)


@FREE
@given(small_problems(needs=4, people=5))
def test_a_conflict_set_forbids_and_none_of_it_is_idle(of: Problem) -> None:
    """By solving: the set alone leaves nobody for the need, without any one of it somebody is."""
    plan = solve(of, wall_s=30)
    for open_need in plan.unfilled:
        found = conflict(of, plan, open_need.need)
        if found is None or not found.rules:
            continue
        assert faults_of(of, plan, open_need.need, found) == []


@FREE
@given(small_problems(needs=4, people=4))
def test_every_relaxation_serves_the_need_when_solved(of: Problem) -> None:
    plan = solve(of, wall_s=30)
    for open_need in plan.unfilled:
        for option in relaxations(of, plan, open_need.need):
            assert relaxation_fault(of, plan, option) is None


def test_a_need_of_all_or_nobody_is_not_opened_by_room_for_one() -> None:
    of = problem(
        needs=(need(count=2, all_or_nothing=True),),
        specialists=(person("S1", levels={"SEC": 1}), person("S2", levels={})),
    )
    assert relaxations(of, greedy(of), "N1") == ()
    two = dataclasses.replace(of, specialists=(of.specialists[0], person("S2")))
    options = relaxations(two, greedy(two), "N1")
    assert [(o.rule, o.specialist) for o in options] == [("R1", "S1"), ("all_or_nothing", "S2")]
    assert [relaxation_fault(two, greedy(two), option) for option in options] == [None, None]


def test_all_that_a_need_lacks_are_paid_from_one_budget() -> None:
    of = problem(
        towns=(town(budget_yen=23),),
        needs=(need(count=2, all_or_nothing=True, half_day_rate_cap_yen=0),),
        specialists=(person("S1", half_day_rate_yen=1), person("S2")),
    )
    assert [o.rule for o in relaxations(of, greedy(of), "N1")] == ["R8", "all_or_nothing"]
    dear = dataclasses.replace(
        of, specialists=(person("S1", half_day_rate_yen=1), person("S2", half_day_rate_yen=1))
    )
    assert relaxations(dear, greedy(dear), "N1") == ()


def test_the_smallest_relaxation_is_told_with_its_margin() -> None:
    of = problem(
        needs=(need(half_day_rate_cap_yen=10_000),),
        specialists=(person(half_day_rate_yen=15_000), person("S2", half_day_rate_yen=12_500)),
    )
    (option,) = relaxations(of, greedy(of), "N1")
    assert (option.rule, option.specialist, option.margin) == ("R8", "S2", 2_500)
    assert option.text == "半日あたりの上限を2,500円上げて12,500円にする"


def test_what_if_tells_towns_money_and_pairs() -> None:
    of = problem(needs=(need(),), specialists=(person(half_day_rate_yen=10_000),))
    plan = solve(of, wall_s=10)
    told = what_if(of, plan, Change(remove_specialists=frozenset({"S1"})))
    assert dataclasses.astuple(told.before) == (1, 1, 4, 120_000)
    assert dataclasses.astuple(told.after) == (0, 0, 0, 0)
    assert [(c.before, c.after) for c in told.diff.pairs] == [(4, 0)]
    assert told.proven


@pytest.mark.parametrize(
    ("fields", "change"),
    [
        ({"specialists": ()}, Change(add_specialists=(person(),))),
        (
            {"needs": (need(), need("N0", half_days=8))},
            Change(remove_needs=frozenset({"N0"})),
        ),
        (
            {"towns": (town(budget_yen=1),), "specialists": (person(half_day_rate_yen=1),)},
            Change(budgets_yen={"T1": 12}),
        ),
        ({"specialists": (person(weekdays=1),), "needs": (need(weekdays=2),)}, "R4"),
        ({"specialists": (person(x=9, radius_m=1),), "needs": (need(onsite_pct=9),)}, "R5"),
        ({"specialists": (person(onsite_max_pct=8),), "needs": (need(onsite_pct=9),)}, "R6"),
        (
            {"specialists": (person(forms=frozenset("a")),),
             "needs": (need(forms=frozenset("b")),)},
            "R7",
        ),
        (
            {"specialists": (person(half_day_rate_yen=2),),
             "needs": (need(half_day_rate_cap_yen=1),)},
            "R8",
        ),
        (
            {"towns": (town(budget_yen=1),), "specialists": (person(half_day_rate_yen=1),)},
            "R9",
        ),
        ({"needs": (need(language="en"),)}, "R10"),
        ({"towns": (town(vendors={"F": ""}),), "specialists": (person(vendor="F"),)}, "R11"),
        ({"declined": (Declined("N1", "S1", ""),)}, "R12"),
        ({"specialists": (person(permission=(0, 1)),)}, "R13"),
        ({"specialists": (person(min_block=5),)}, "R14"),
        ({"specialists": (person(max_towns=0),)}, "R15"),
    ],
)  # fmt: skip
def test_each_change_opens_what_it_should(fields: dict[str, Any], change: Change | str) -> None:
    of = problem(**fields)
    if isinstance(change, str):
        change = Change(without_rules=frozenset({change}))
    assert not served(of, "N1")
    assert served(changed(of, change), "N1")


def test_a_forced_pair_costs_what_the_solver_says() -> None:
    of = problem(specialists=(person(levels={"SEC": 2}), person("S2", levels={"SEC": 4})))
    plan = solve(of, wall_s=10)
    told = forced(of, plan, "N1", "S2")
    assert [(c.specialist, c.after) for c in told.diff.pairs] == [("S1", 0), ("S2", 4)]
    assert told.diff.stages[-1][1] - told.diff.stages[-1][2] == 150
    with pytest.raises(ProblemError, match="specialist: is not known: S9"):
        forced(of, plan, "N1", "S9")


def test_a_change_document_is_read_strictly() -> None:
    of = problem()
    read = change_from_json(of, {"remove_specialists": ["S1"], "budgets_yen": {"T1": None}})
    assert read == Change(remove_specialists=frozenset({"S1"}), budgets_yen={"T1": None})
    for data, line in (
        ({"remove_needs": ["N9"]}, "remove_needs: is not known: N9"),
        ({"without_rules": ["R1"]}, "without_rules: cannot be let go: R1"),
        ({"budgets_yen": {"T9": 1}}, "budgets_yen.T9: is not a known field"),
        ({"add_needs": [{"id": "N2"}]}, "add_needs[0].skills: is required"),
        ({"drop": []}, "drop: is not a known field"),
    ):
        with pytest.raises(ProblemError) as caught:
            change_from_json(of, data)
        assert str(caught.value) == line


def test_a_pack_is_replayed_to_the_same_hash_and_tampering_shows() -> None:
    of = problem(specialists=(person(), person("S2")))
    edit = HandEdit("S2を候補から外す", "調整担当", "2026-11-23", "本人の希望")
    pack = json.loads(json.dumps(make_pack(of, solve(of, wall_s=10), [edit])))
    assert pack["edits"][0]["why"] == "本人の希望"
    assert [a["specialist"] for a in pack["alternates"]["N1"]] == ["S2"]
    again = replay(pack)
    assert (again.same, again.sha256, again.differences) == (True, pack["plan_sha256"], ())
    slower = copy.deepcopy(pack)
    slower["plan"]["seconds"] = 99.0
    assert replay(slower).same
    forged = copy.deepcopy(pack)
    forged["plan"]["assignments"][0]["half_days"] = 3
    with pytest.raises(ProblemError, match="sha256: does not fit"):
        replay(forged)
    other = make_pack(of, greedy(of))
    other["plan"]["backend"] = "highs"
    del other["sha256"]
    with pytest.raises(ProblemError, match="sha256: is required"):
        replay(other)


def test_a_pack_of_a_large_pool_holds_no_next_best(monkeypatch: pytest.MonkeyPatch) -> None:
    of = problem(specialists=(person(), person("S2")))
    monkeypatch.setattr(engine_pack, "MOST_FOR_ALTERNATES", 2)
    assert make_pack(of, greedy(of))["alternates"]["N1"]
    monkeypatch.setattr(engine_pack, "MOST_FOR_ALTERNATES", 1)
    assert make_pack(of, greedy(of))["alternates"] == {}


def test_a_replay_that_differs_says_where() -> None:
    of = problem(specialists=(person(levels={"SEC": 4}), person("S2", levels={"SEC": 2})))
    worse = dataclasses.replace(
        greedy(dataclasses.replace(of, specialists=of.specialists[:1])), backend="highs"
    )
    lookup = dataclasses.replace(worse, input_sha256=greedy(of).input_sha256)
    again = replay(make_pack(of, lookup))
    assert not again.same
    assert any(line.startswith("assignments: - ") and "S1" in line for line in again.differences)


def test_time_given_to_others_counts_beside_months_without_any() -> None:
    """Somebody without any time in one month, and with none left in another, comes by neither
    change alone."""
    of = problem(
        needs=(need("N1", start=0, end=2), need("N2", start=1, end=2)),
        specialists=(person(capacity=(0, 4, 0)),),
    )
    found = conflict(of, plan_of(of, ("N2", "S1", 4)), "N1")
    assert found is not None
    assert (found.rules, found.people) == (("R2",), (0,))
    alone = conflict(of, plan_of(of), "N1")
    assert alone is not None
    assert (alone.rules, alone.people) == (("R2",), (1,))
