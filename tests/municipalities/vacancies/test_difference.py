"""The month against the last submitted batch, as pure functions."""

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from municipalities.vacancies.difference import (
    Change,
    Row,
    apply,
    counts,
    difference,
    differing,
    live,
)


def row(number: str, title: str = "CIO補佐官", **values: str) -> dict[str, str]:
    return {"vacancy_no": number, "position_title": title, "updated_on": "2026-11-01", **values}


def rows(batch: Iterable[object]) -> list[dict[str, str]]:
    return [item.row for item in batch]  # type: ignore[attr-defined]


def changes(batch: Iterable[object]) -> dict[str, str]:
    return {item["vacancy_no"]: item["change_type"] for item in rows(batch)}


def sent(number: str, change: Change, title: str = "CIO補佐官") -> dict[str, str]:
    return row(number, title, change_type=change.value, submission_month="2026-10")


def test_each_kind_of_change() -> None:
    previous = [
        sent("a", Change.NEW),
        sent("b", Change.CHANGED),
        sent("c", Change.CONTINUED),
        sent("d", Change.NEW),
        sent("x", Change.CLOSED),
        sent("y", Change.WITHDRAWN),
    ]
    current = [row("a"), row("b", "CIO"), row("e")]
    batch = difference(previous, current, closed=["c"], month="2026-11")
    assert changes(batch) == {"a": "3", "b": "2", "c": "4", "d": "5", "e": "1"}
    assert {r["submission_month"] for r in rows(batch)} == {"2026-11"}
    assert [item.differs_in for item in batch if item.change is Change.CHANGED] == [
        ("position_title",)
    ]


@pytest.mark.parametrize("identifier", ["submission_month", "change_type", "updated_on"])
def test_three_fields_are_no_change(identifier: str) -> None:
    assert differing(row("a"), row("a", **{identifier: "other"})) == ()


def test_an_empty_and_a_missing_value_are_the_same() -> None:
    assert differing(row("a", note=""), row("a")) == ()


def test_an_ended_row_repeats_what_was_last_sent() -> None:
    batch = difference([sent("a", Change.NEW, "前の役職")], [], closed=["a"], month="2026-11")
    assert rows(batch) == [
        row("a", "前の役職", change_type="4", submission_month="2026-11"),
    ]


def test_an_ended_row_is_sent_once() -> None:
    first = difference([sent("a", Change.NEW)], [], closed=["a"], month="2026-11")
    assert difference(rows(first), [], closed=["a"], month="2026-12") == []


def test_what_came_and_went_between_two_batches_is_never_sent() -> None:
    assert difference([], [], closed=["a"], month="2026-11") == []


def test_what_was_taken_back_and_is_open_again_is_new() -> None:
    batch = difference([sent("a", Change.WITHDRAWN)], [row("a")], closed=[], month="2026-11")
    assert changes(batch) == {"a": "1"}


def test_rows_come_by_number_whatever_the_order_of_the_input() -> None:
    batch = difference([], [row("b"), row("a"), row("c")], closed=[], month="2026-11")
    assert [item.row["vacancy_no"] for item in batch] == ["a", "b", "c"]


def test_counts_name_every_kind() -> None:
    assert counts([sent("a", Change.NEW)]) == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 0}


def test_a_batch_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        apply([sent("a", Change.NEW)], [sent("a", Change.NEW)])
    with pytest.raises(ValueError, match="does not fit"):
        apply([sent("a", Change.CLOSED)], [])


numbers = st.sampled_from("abcdefgh")
shown = st.dictionaries(numbers, st.sampled_from(["一", "二", "三"]))


@given(shown, st.sets(numbers), shown, st.sets(numbers))
def test_apply_of_the_difference_is_the_current_state(
    before: dict[str, str], ended: set[str], after: dict[str, str], closed: set[str]
) -> None:
    previous = [
        sent(number, Change.WITHDRAWN if number in ended else Change.NEW, title)
        for number, title in before.items()
    ]
    current = [row(number, title) for number, title in after.items()]
    batch = rows(difference(previous, current, closed, month="2026-11"))
    result = apply(batch, previous)
    assert {number: r["position_title"] for number, r in result.items()} == after
    assert live(batch).keys() == after.keys()


def test_a_year_of_23_towns() -> None:
    """No vacancy is sent twice as new while it is shown, none is lost; a reader that only gets the
    batches knows each month what is open. Some months are frozen and never submitted."""
    chance = random.Random(20261123)
    open_now: dict[str, str] = {}
    submitted: list[Row] = []
    reader: dict[str, Row] = {}
    made = 0
    for month in range(12):
        closed = set()
        for town in range(23):
            for number in [n for n in open_now if n.startswith(f"{town:02}-")]:
                fate = chance.random()
                if fate < 0.15:
                    closed.add(number)
                if fate < 0.25:
                    del open_now[number]
                elif fate < 0.5:
                    open_now[number] = f"役職{chance.randrange(5)}"
            if chance.random() < 0.6:
                made += 1
                open_now[f"{town:02}-{made:03}"] = "新しい役職"
        current = [row(number, title) for number, title in open_now.items()]
        batch = rows(difference(submitted, current, closed, month=f"2026-{month + 1:02}"))
        if chance.random() < 0.2:
            continue  # frozen, not submitted: the next month is compared with the one before
        reader = apply(batch, submitted)  # raises when a row is sent as new twice
        submitted = list(batch)
        assert {n: r["position_title"] for n, r in reader.items()} == open_now
    assert made > 100
