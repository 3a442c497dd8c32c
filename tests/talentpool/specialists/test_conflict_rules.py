"""The table of conflicts of interest, with the boundaries of its dates."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from talentpool.specialists.conflicts.rules import (
    RULES,
    TIE_LABELS,
    Assessment,
    Deal,
    DealKind,
    Decision,
    Finding,
    Relation,
    Result,
    Tie,
    TieKind,
    Work,
    assess,
    expand,
    phase_of,
    settle,
    strength_of,
)

DAY = timedelta(days=1)
FIRST, LAST = date(2027, 4, 1), date(2028, 3, 31)
WORK = Work(FIRST, LAST, procurement=True, skills=frozenset({"NW"}))
ADVICE = Work(FIRST, LAST, procurement=False, skills=frozenset({"NW"}))
TWO_YEARS_BEFORE = date(2025, 4, 1)  # the last day whose two years reach the first day of work
NOW = {"since": date(2020, 4, 1), "until": None}
PAST = {"since": date(2020, 4, 1), "until": date(2026, 9, 30)}
A, B = "A" * 13, "B" * 13


def tie(kind: str = "employer", number: str = A, **fields: object) -> Tie:
    return Tie(**{"kind": TieKind(kind), "corporate_number": number, "name": "甲社", **fields})


def contract(starts: date, ends: date, number: str = A) -> Deal:
    return Deal(DealKind.CONTRACT, "contract:1", number, "保守", starts, ends)


def procurement(starts: date, ends: date, number: str = A, skill: str = "NW") -> Deal:
    return Deal(DealKind.PROCUREMENT, "procurement:1", number, "更改", starts, ends, skill)


RUNNING = contract(date(2026, 4, 1), date(2028, 3, 31))
ENDED = contract(date(2022, 4, 1), date(2026, 3, 31))
PLANNED = procurement(date(2027, 6, 1), date(2027, 12, 1))

# tie × time × deal → rule and result: every cell, the empty ones too.
TABLE = [
    ("employer", NOW, PLANNED, "K1", "no"),
    ("employer", NOW, RUNNING, "K2", "no"),
    ("employer", NOW, ENDED, "K3", "check"),
    ("employer", PAST, PLANNED, "K4", "no"),
    ("employer", PAST, RUNNING, "K5", "check"),
    ("employer", PAST, ENDED, "", "none"),
    ("officer", NOW, PLANNED, "K1", "no"),
    ("officer", NOW, RUNNING, "K2", "no"),
    ("officer", NOW, ENDED, "K3", "check"),
    ("officer", PAST, PLANNED, "K4", "no"),
    ("officer", PAST, RUNNING, "K5", "check"),
    ("officer", PAST, ENDED, "", "none"),
    ("shares", NOW, PLANNED, "K6", "check"),
    ("shares", NOW, RUNNING, "K7", "measures"),
    ("shares", NOW, ENDED, "", "none"),
    ("shares", PAST, PLANNED, "", "none"),
    ("shares", PAST, RUNNING, "", "none"),
    ("product", NOW, PLANNED, "K6", "check"),
    ("product", NOW, RUNNING, "K7", "measures"),
    ("product", NOW, ENDED, "", "none"),
    ("product", PAST, PLANNED, "", "none"),
    ("client", NOW, PLANNED, "K8", "check"),
    ("client", NOW, RUNNING, "K9", "measures"),
    ("client", NOW, ENDED, "", "none"),
    ("client", PAST, PLANNED, "", "none"),
    ("relative", NOW, PLANNED, "K8", "check"),
    ("relative", NOW, RUNNING, "K9", "measures"),
    ("relative", NOW, ENDED, "", "none"),
    ("relative", PAST, RUNNING, "", "none"),
]


@pytest.mark.parametrize(("kind", "term", "deal", "rule", "result"), TABLE)
def test_every_cell(kind: str, term: dict[str, date], deal: Deal, rule: str, result: str) -> None:
    found = assess([tie(kind, **term)], [deal], WORK, declared=True)
    assert found.result == result
    assert [finding.rule for finding in found.findings] == ([rule] if rule else [])


def test_every_rule_is_reached_and_none_claims_to_be_read() -> None:
    reached = {rule for _, _, _, rule, _ in TABLE if rule} | {"K10", "K11", "K12"}
    assert reached == set(RULES)
    assert not any(rule.confirmed for rule in RULES.values())
    assert set(TIE_LABELS) == set(TieKind)


@pytest.mark.parametrize(
    ("related", "deal", "rule", "result"),
    [
        (NOW, PLANNED, "K4", "no"),
        (NOW, RUNNING, "K5", "check"),
        (NOW, ENDED, "", "none"),
        (PAST, PLANNED, "K6", "check"),
        (PAST, RUNNING, "K7", "measures"),
    ],
)
def test_a_related_firm_counts_one_step_less(
    related: dict[str, date], deal: Deal, rule: str, result: str
) -> None:
    for relation in (
        Relation(parent=B, parent_name="親", child=A, child_name="甲社"),
        Relation(parent=A, parent_name="甲社", child=B, child_name="子"),
    ):
        ties = expand([tie(number=B, **related)], [relation])
        found = assess(ties, [deal], WORK, declared=True)
        assert [(f.rule, f.result) for f in found.findings] == ([(rule, result)] if rule else [])
        assert all("の関係会社" in f.evidence for f in found.findings)


def test_a_relation_counts_while_it_lasts_and_for_own_firms_and_shares_only() -> None:
    ended = Relation(A, "親", B, "子", until=date(2019, 3, 31))
    assert len(expand([tie(**NOW)], [ended])) == 1
    short = Relation(A, "親", B, "子", since=date(2026, 4, 1), until=date(2026, 9, 30))
    found = expand([tie(**NOW)], [short])[1]
    assert (found.corporate_number, found.since, found.until) == (B, short.since, short.until)
    lasting = Relation(A, "親", B, "子")
    for kind, count in (("employer", 2), ("officer", 2), ("shares", 2), ("client", 1)):
        assert len(expand([tie(kind, **NOW)], [lasting])) == count
    # One step, not two.
    chain = [lasting, Relation(B, "子", "C" * 13, "孫")]
    assert {one.corporate_number for one in expand([tie(**NOW)], chain)} == {A, B}


# --- Boundaries of dates --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("until", "strength"),
    [
        (FIRST, "own now"),
        (FIRST - DAY, "own past"),
        (TWO_YEARS_BEFORE, "own past"),
        (TWO_YEARS_BEFORE - DAY, ""),
    ],
)
def test_two_years_after_leaving_to_the_day(until: date, strength: str) -> None:
    assert strength_of(tie(until=until), WORK) == strength


@pytest.mark.parametrize(("since", "strength"), [(LAST, "own now"), (LAST + DAY, "")])
def test_a_tie_that_begins_during_the_work_counts(since: date, strength: str) -> None:
    assert strength_of(tie(since=since), WORK) == strength


def test_two_years_after_the_29th_of_february() -> None:
    left = tie(until=date(2024, 2, 29))
    assert strength_of(left, Work(date(2026, 2, 28), date(2026, 3, 31))) == "own past"
    assert strength_of(left, Work(date(2026, 3, 1), date(2026, 3, 31))) == ""


@pytest.mark.parametrize(
    ("starts", "ends", "phase"),
    [
        (date(2026, 4, 1), FIRST, "running"),
        (date(2026, 4, 1), FIRST - DAY, "ended"),
        (date(2020, 4, 1), TWO_YEARS_BEFORE, "ended"),
        (date(2020, 4, 1), TWO_YEARS_BEFORE - DAY, ""),
        (LAST, LAST + DAY, "running"),
        (LAST + DAY, LAST + DAY, ""),
    ],
)
def test_phases_of_a_contract(starts: date, ends: date, phase: str) -> None:
    assert phase_of(contract(starts, ends), WORK) == phase


@pytest.mark.parametrize(
    ("starts", "ends", "phase"),
    [
        (date(2026, 4, 1), FIRST, "planned"),
        (date(2026, 4, 1), FIRST - DAY, ""),  # decided before the work begins
        (date(2030, 3, 31), date(2030, 6, 1), "planned"),  # prepared within two years after it
        (date(2030, 4, 1), date(2030, 6, 1), ""),
    ],
)
def test_phases_of_a_procurement(starts: date, ends: date, phase: str) -> None:
    assert phase_of(procurement(starts, ends), WORK) == phase


@pytest.mark.parametrize(
    ("starts", "phase"),
    [
        (date(2026, 4, 1), "planned"),
        (date(2030, 3, 31), "planned"),
        (date(2030, 4, 1), ""),  # prepared more than two years after the work
    ],
)
def test_an_overdue_procurement_goes_on(starts: date, phase: str) -> None:
    """Nobody has said what became of it, so the day that it had been planned for says nothing."""
    late = replace(procurement(starts, max(starts, FIRST - DAY)), overdue=True)
    assert phase_of(late, WORK) == phase
    found = assess([tie(**NOW)], [late], WORK, declared=True)
    assert [finding.rule for finding in found.findings] == (["K1"] if phase else [])
    assert all("まだ決まっていません" in one.evidence for one in found.findings)


# --- The tie and the deal beside each other ---
LATE = contract(date(2027, 12, 1), date(2028, 3, 31))  # begins during the work
EARLY = contract(date(2026, 4, 1), date(2027, 6, 30))  # ends during the work
PREPARED_LATE = procurement(date(2027, 12, 1), date(2028, 3, 1))


@pytest.mark.parametrize(
    ("kind", "term", "deal", "rule", "result"),
    [
        ("employer", {"until": date(2027, 12, 1)}, LATE, "K2", "no"),
        ("employer", {"until": date(2027, 11, 30)}, LATE, "K5", "check"),
        ("employer", {"until": date(2025, 12, 1)}, LATE, "K5", "check"),
        ("employer", {"until": date(2025, 11, 30)}, LATE, "", "none"),
        ("shares", {"until": date(2027, 12, 1)}, LATE, "K7", "measures"),
        ("shares", {"until": date(2027, 11, 30)}, LATE, "", "none"),
        ("employer", {"since": date(2027, 6, 30)}, EARLY, "K2", "no"),
        ("employer", {"since": date(2027, 7, 1)}, EARLY, "K3", "check"),
        ("client", {"since": date(2027, 7, 1)}, EARLY, "", "none"),
        ("employer", {"until": date(2025, 12, 1)}, PREPARED_LATE, "K4", "no"),
        ("employer", {"until": date(2025, 11, 30)}, PREPARED_LATE, "", "none"),
    ],
)
def test_a_tie_meets_a_deal_only_where_both_last(
    kind: str, term: dict[str, date], deal: Deal, rule: str, result: str
) -> None:
    found = assess([tie(kind, **term)], [deal], WORK, declared=True)
    assert found.result == result
    assert [finding.rule for finding in found.findings] == ([rule] if rule else [])


# --- What depends on the work -----------------------------------------------------------------
def test_work_that_touches_no_buying_may_be_done_with_measures() -> None:
    past = [tie(**PAST)]
    assert assess(past, [RUNNING], WORK, declared=True).result == Result.CHECK
    found = assess(past, [RUNNING], ADVICE, declared=True)
    assert found.result == Result.MEASURES
    assert found.measures == (RULES["K5"].measure,)
    assert assess([tie(**NOW)], [RUNNING], ADVICE, declared=True).result == Result.NO


@pytest.mark.parametrize(
    ("work", "skill", "term", "result"),
    [
        (WORK, "NW", NOW, "check"),
        (WORK, "SEC", NOW, "none"),
        (WORK, "", NOW, "none"),
        (ADVICE, "NW", NOW, "none"),
        (WORK, "NW", PAST, "none"),
    ],
)
def test_a_procurement_open_to_all_in_the_same_field(
    work: Work, skill: str, term: dict[str, date], result: str
) -> None:
    still_open = procurement(date(2027, 6, 1), date(2027, 12, 1), number="", skill=skill)
    assert assess([tie(**term)], [still_open], work, declared=True).result == result


def test_without_a_declaration_somebody_has_to_ask() -> None:
    assert assess([], [], WORK, declared=True).result == Result.NONE
    found = assess([], [], WORK, declared=False)
    assert (found.result, [f.rule for f in found.findings]) == (Result.CHECK, ["K11"])


def test_another_firm_is_no_conflict() -> None:
    deals = [RUNNING, ENDED, PLANNED]
    assert assess([tie(number=B, **NOW)], deals, WORK, declared=True) == Assessment()


# --- The result and what is said -----------------------------------------------------------------
def test_the_worst_finding_is_the_result_and_comes_first() -> None:
    ties = [tie("client", **NOW), tie(**NOW)]
    found = assess(ties, [RUNNING], WORK, declared=False)
    assert [f.rule for f in found.findings] == ["K2", "K11", "K9"]
    assert found.result == Result.NO
    assert [result.rank for result in Result] == [0, 1, 2, 3]
    assert [r.label for r in Result] == ["該当なし", "回避措置付き可", "要確認", "不可"]


def test_evidence_names_rule_dates_and_facts() -> None:
    (finding,) = assess([tie(**NOW)], [RUNNING], WORK, declared=True).findings
    assert finding.evidence == (
        "勤務先・所属先「甲社」(令和2年4月1日〜現在)／契約「保守」(令和8年4月1日〜令和10年3月31日)"
    )
    assert "甲社" not in finding.blind_evidence
    assert "令和10年3月31日まで" in finding.blind_evidence


def test_the_same_conflict_has_the_same_key_on_another_day() -> None:
    later = Work(FIRST + 30 * DAY, LAST + 30 * DAY, procurement=True)
    keys = {
        assess([tie(**NOW)], [RUNNING], work, declared=True).findings[0].key
        for work in (WORK, later)
    }
    assert keys == {f"K2:employer:{A}:contract:1"}


def test_what_was_decided_counts_but_never_against_a_ban() -> None:
    found = assess([tie(**NOW), tie("client", **NOW)], [RUNNING, ENDED], WORK, declared=True)
    ban, look, measures = found.findings
    assert [f.result for f in found.findings] == ["no", "check", "measures"]
    decided = settle(
        found,
        {
            ban.key: Decision(Result.NONE, "違う", of=Result.CHECK),
            look.key: Decision(Result.MEASURES, "資料を見せない", of=Result.CHECK),
            measures.key: Decision(Result.NONE, "関わりは終わった", of=Result.MEASURES),
        },
    )
    assert [(f.rule, f.result, f.decided) for f in decided.findings] == [
        ("K2", "no", False),
        ("K3", "measures", True),
        ("K9", "none", True),
    ]
    assert Assessment(decided.findings[1:]).measures == ("資料を見せない",)


def test_a_finding_without_a_tie_is_its_rule() -> None:
    assert Finding(Result.CHECK, "K11").evidence == RULES["K11"].words


@pytest.mark.parametrize(
    ("decided", "of", "ends", "covers"),
    [
        (Result.MEASURES, Result.CHECK, None, True),
        (Result.MEASURES, Result.MEASURES, None, False),  # graver today than what was decided on
        (Result.NONE, Result.NONE, None, False),
        (Result.MEASURES, Result.CHECK, RUNNING.ends, True),
        (Result.MEASURES, Result.CHECK, RUNNING.ends + DAY, True),  # ends earlier than was known
        (Result.MEASURES, Result.CHECK, RUNNING.ends - DAY, False),  # was extended by a day
        (Result.NO, Result.MEASURES, RUNNING.ends - DAY, True),  # what was refused stays refused
    ],
)
def test_a_decision_counts_for_what_was_decided_on(
    decided: Result, of: Result, ends: date | None, covers: bool
) -> None:
    past = {"until": FIRST - DAY}
    found = assess([tie(**past)], [RUNNING], WORK, declared=True)
    (finding,) = found.findings
    assert (finding.rule, finding.result) == ("K5", Result.CHECK)
    settled = settle(found, {finding.key: Decision(decided, "理由", of=of, ends=ends)})
    assert settled.findings[0].decided is covers
    assert settled.result == (decided if covers else Result.CHECK)
