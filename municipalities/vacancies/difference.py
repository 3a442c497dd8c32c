"""The month against the last submitted batch: what is new, changed, goes on, ended or taken back.

Pure functions over rows in canonical values. Rules of sources.md 1.2 and of the monthly round:
提出年月, 更新区分 and 最終更新日 are no change; a row that may no longer be published counts as
taken back; an ended row is sent once and then dropped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

Row = Mapping[str, str]


class Change(StrEnum):
    """更新区分 of the standard form."""

    NEW = "1"
    CHANGED = "2"
    CONTINUED = "3"
    CLOSED = "4"
    WITHDRAWN = "5"


LABELS = {
    Change.NEW: "新規",
    Change.CHANGED: "変更",
    Change.CONTINUED: "継続",
    Change.CLOSED: "募集終了",
    Change.WITHDRAWN: "取下げ",
}
ENDED = frozenset({Change.CLOSED, Change.WITHDRAWN})
NO_CHANGE = frozenset({"submission_month", "change_type", "updated_on"})


@dataclass(frozen=True, slots=True)
class Changed:
    """One row of the batch, and the identifiers in which it differs from the row last sent."""

    row: dict[str, str]
    change: Change
    differs_in: tuple[str, ...] = ()


def live(batch: Iterable[Row]) -> dict[str, Row]:
    """The rows of a batch that the ministry goes on showing, by vacancy number."""
    return {row["vacancy_no"]: row for row in batch if Change(row["change_type"]) not in ENDED}


def differing(before: Row, after: Row) -> tuple[str, ...]:
    """Identifiers whose values differ, without those that never count."""
    identifiers = sorted((before.keys() | after.keys()) - NO_CHANGE)
    return tuple(key for key in identifiers if before.get(key, "") != after.get(key, ""))


def difference(
    previous: Iterable[Row], current: Iterable[Row], closed: Iterable[str], *, month: str
) -> list[Changed]:
    """The batch for `month` (YYYY-MM), by vacancy number.

    `previous` is the last submitted batch, `current` what is open and publishable now (each row
    with its updated_on), `closed` the numbers of vacancies whose recruiting ended. What is missing
    from `current` and not in `closed` was taken back. An ended row repeats what was last sent.
    A row that was ended in an earlier batch and is open again is new.
    """
    before = live(previous)
    now = {row["vacancy_no"]: row for row in current}
    ended = set(closed)
    batch = []
    for number in sorted(before.keys() | now.keys()):
        differs: tuple[str, ...] = ()
        if number not in now:
            change = Change.CLOSED if number in ended else Change.WITHDRAWN
        elif number not in before:
            change = Change.NEW
        else:
            differs = differing(before[number], now[number])
            change = Change.CHANGED if differs else Change.CONTINUED
        row = dict(now.get(number) or before[number])
        row |= {"submission_month": month, "change_type": change.value}
        batch.append(Changed(row, change, differs))
    return batch


def apply(batch: Iterable[Row], previous: Iterable[Row]) -> dict[str, Row]:
    """What the ministry shows after receiving `batch` on top of `previous`, by vacancy number.

    A reader that knows nothing of how the batch was made: new and changed rows are put in,
    continued ones stay, ended ones go. Raises ValueError on a batch that does not fit.
    """
    shown = dict(live(previous))
    for row in batch:
        number, change = row["vacancy_no"], Change(row["change_type"])
        if (change is Change.NEW) == (number in shown):
            raise ValueError(f"{number}: change type {change} does not fit what was sent before")
        if change in ENDED:
            del shown[number]
        else:
            shown[number] = row
    return shown


def counts(batch: Iterable[Row]) -> dict[str, int]:
    """How many rows of each kind of change, every kind named."""
    result = {change.value: 0 for change in Change}
    for row in batch:
        result[row["change_type"]] += 1
    return result
