"""Hostile spreadsheets: each is refused in words that name the cap, and costs a child (A-28)."""

import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from talentpool.conventions.cells import UnreadableFileError
from talentpool.files.child import ChildFailed, run_child
from talentpool.files.containers import ZipFault, check_zip
from talentpool.files.sheet_reader import TOO_MANY_COLUMNS, answer, letters, parse
from talentpool.files.sheets import read_sheets
from tests.talentpool.files import hostile

FILES = hostile.small_floods() | hostile.workbooks() | hostile.tables()
MEGABYTE = 1024 * 1024
MOST_MEMORY = 100 * MEGABYTE


def memory(word: str) -> int:
    """Bytes of this process: `VmRSS` now, `VmHWM` at most since `forget_peak`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(word))
    return int(line.split()[1]) * 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


@pytest.mark.parametrize("name", FILES)
def test_it_is_refused_in_words_and_costs_little_memory(name: str) -> None:
    data = FILES[name].make()
    forget_peak()
    before = memory("VmRSS")
    with pytest.raises(UnreadableFileError) as refused:
        read_sheets(data)
    assert FILES[name].words in str(refused.value)
    assert len(str(refused.value)) <= 300
    assert memory("VmHWM") - before < MOST_MEMORY


def test_a_huge_dimension_alone_does_no_harm() -> None:
    data = hostile.book(b'<dimension ref="A1:XFD1048576"/>' + hostile.ONE_CELL)
    (sheet,) = read_sheets(data)
    assert list(sheet.rows) == [["1"]]


def test_the_caps_hold_over_all_sheets_together() -> None:
    """Twenty sheets of 1,001 rows are as many rows as one sheet of 20,020."""
    book = Workbook(write_only=True)
    for _ in range(20):
        sheet = book.create_sheet()
        for _ in range(1001):
            sheet.append([1])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(UnreadableFileError, match="20,000行まで"):
        read_sheets(out.getvalue())


@pytest.mark.parametrize(
    ("row", "width"),
    [
        ("a" + "," * 5_000, 1),  # a table that was marked to the end of the sheet and saved
        ("," * 199 + "a" + "," * 300, 200),
        ("," * 300, 0),
        ("," * 200 + "a", None),
        (",".join("a" * 201), None),
    ],
)
def test_columns_are_counted_to_the_last_that_holds_something(row: str, width: int | None) -> None:
    out = io.BytesIO()
    answer(f"{row}\r\n".encode(), out)
    said = dict(parse(line) for line in out.getvalue().splitlines())
    if width is None:
        assert said["refused"] == TOO_MANY_COLUMNS
    else:
        assert [len(cells) for cells in said["rows"]] == [width]


def test_rows_are_read_from_anywhere() -> None:
    """Of 1,200 rows that come in three lines: from the front, the back, between, and in order."""
    text = "".join(f'{number},"x\r\n{number}",\r\n' for number in range(1200))
    (sheet,) = read_sheets(text.encode())
    rows = [[str(number), f"x\r\n{number}"] for number in range(1200)]
    assert list(sheet.rows) == rows
    assert len(sheet.rows) == 1200
    assert [sheet.rows[at] for at in (1199, 0, 500, 499, -1)] == [
        rows[at] for at in (1199, 0, 500, 499, -1)
    ]
    assert sheet.rows[498:503] == rows[498:503]
    with pytest.raises(IndexError):
        sheet.rows[1200]


def test_a_child_writes_no_more_than_it_may() -> None:
    with pytest.raises(ChildFailed) as failure:
        run_child("tests.talentpool.files.endless", b"", seconds=30)
    assert failure.value.exhausted
    assert len(failure.value.stderr) <= 2000


def test_a_zip_with_the_long_form_of_its_end_is_refused_unread() -> None:
    data = hostile.book()
    at = data.rindex(b"PK\x05\x06")
    with pytest.raises(ZipFault, match="large"):
        check_zip(data[:at] + b"PK\x06\x07" + bytes(16) + data[at:])


@pytest.mark.parametrize(
    ("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (200, "GR"), (703, "AAA")]
)
def test_names_of_columns(column: int, name: str) -> None:
    assert letters(column) == name
