"""Reads a spreadsheet in a process of its own: `python -m talentpool.files.sheet_reader`.

The file comes on standard input, rows go out as JSON lines, a sheet's name first. The process
limits its own memory and time before it looks at the file, so that a hostile one costs a child and
not a worker (A-28). Imports nothing of Django.
"""

import io
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from talentpool.files.child import limit_this_process

MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_SHEETS = 200
CHUNK = 500


def cell_text(value: Any) -> str:
    """A cell as text: whole numbers without a fraction, dates as ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value)


def rows_of(sheet: Any) -> Iterator[list[str]]:
    """Rows from the sheet's first row and column on, cut at the caps; ValueError beyond them."""
    if sheet.end is None:
        return
    if sheet.end[0] >= MOST_ROWS or sheet.end[1] >= MOST_COLUMNS:
        raise ValueError(f"too large: {sheet.end[0] + 1} rows, {sheet.end[1] + 1} columns")
    before = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield before + [cell_text(value) for value in row]


def main() -> int:
    limit_this_process()
    from python_calamine import load_workbook

    out = sys.stdout
    book = load_workbook(io.BytesIO(sys.stdin.buffer.read()))
    if len(book.sheet_names) > MOST_SHEETS:
        raise ValueError(f"too many sheets: {len(book.sheet_names)}")
    for name in book.sheet_names:
        out.write(json.dumps({"sheet": name}) + "\n")
        chunk: list[list[str]] = []
        for row in rows_of(book.get_sheet_by_name(name)):
            chunk.append(row)
            if len(chunk) == CHUNK:
                out.write(json.dumps({"rows": chunk}) + "\n")
                chunk = []
        if chunk:
            out.write(json.dumps({"rows": chunk}) + "\n")
    out.write(json.dumps({"end": True}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
