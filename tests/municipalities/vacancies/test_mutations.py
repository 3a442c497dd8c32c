"""Whatever is spoilt in a file, the problem points at it and at nothing else (A-32): any cell or
header of any of several vacancies, in both layouts, as Excel and as CSV, wherever the table stands.
"""

import csv
import io
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from municipalities.registry.problems import Problem
from municipalities.vacancies.definition import FieldSpec
from municipalities.vacancies.spreadsheets import SINGLE_HEADERS
from tests.municipalities.vacancies.form_file import read_here
from tests.municipalities.vacancies.objects import COMPLETE
from tests.municipalities.vacancies.test_corpus import SPECS, WRONG

SHEETS = ("募集情報", "二つ目", "三つ目", "四つ目")
STRANGE = "ひみつの見出し"
Rows = list[list[Any]]


@dataclass(frozen=True)
class Place:
    """Where something was spoilt: sheet and cell, and of which vacancy."""

    sheet: str
    cell: str
    vacancy: int


@dataclass(frozen=True)
class Layout:
    """How a file is made: `single` is one vacancy a sheet, else one a row; `down` rows stand above
    the headers, `right` columns before them."""

    single: bool
    is_csv: bool
    count: int
    down: int
    right: int

    def file(self, vacancies: list[dict[str, str]], headers: list[dict[str, str]]) -> bytes:
        """The file; `headers` are of each vacancy those that are not called as in the form."""
        above: Rows = [[]] * self.down
        sheets = {
            name: [[""] * self.right + row for row in above + rows]
            for name, rows in self._sheets(vacancies, headers).items()
        }
        if self.is_csv:
            out = io.StringIO(newline="")
            csv.writer(out).writerows(next(iter(sheets.values())))
            return out.getvalue().encode()
        book = Workbook(write_only=True)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    def _sheets(
        self, vacancies: list[dict[str, str]], headers: list[dict[str, str]]
    ) -> dict[str, Rows]:
        if not self.single:
            names = [headers[0].get(spec.identifier, spec.header) for spec in SPECS]
            rows = [[one.get(spec.identifier, "") for spec in SPECS] for one in vacancies]
            return {SHEETS[0]: [names, *rows]}
        return {
            sheet: [
                list(SINGLE_HEADERS),
                *(
                    [
                        str(number),
                        called.get(spec.identifier, spec.header),
                        "",
                        one.get(spec.identifier, ""),
                        "",
                    ]
                    for number, spec in enumerate(SPECS, start=1)
                ),
            ]
            for sheet, one, called in zip(SHEETS, vacancies, headers, strict=False)
        }

    def place(self, spec: FieldSpec, vacancy: int, *, header: bool) -> Place:
        """The cell of a field of a vacancy, or that of its header."""
        number = SPECS.index(spec)
        if self.single:
            column, row, sheet = (2 if header else 4), number + 2, SHEETS[vacancy]
        else:
            column, row, sheet = number + 1, (1 if header else vacancy + 2), SHEETS[0]
        cell = f"{get_column_letter(column + self.right)}{row + self.down}"
        return Place("" if self.is_csv else sheet, cell, vacancy)


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    single, is_csv = draw(st.booleans()), draw(st.booleans())
    most = 1 if single and is_csv else len(SHEETS)  # a CSV file has one sheet
    return Layout(
        single, is_csv, draw(st.integers(1, most)), draw(st.integers(0, 3)), draw(st.integers(0, 2))
    )


def wrong_values(spec: FieldSpec) -> st.SearchStrategy[str]:
    """What must not stand in a field: what people get wrong, and noise where noise is wrong."""
    known = st.sampled_from(WRONG[spec.kind])
    if spec.kind in {"int", "decimal", "date", "code", "tel", "url"}:
        noise = st.text("あいう漢字xyz!?&<>\"',", min_size=1, max_size=12)
        return known | noise.map(lambda text: text + "誤")
    return known


def problems_of(
    layout: Layout, vacancies: list[dict[str, str]], headers: list[dict[str, str]]
) -> list[list[Problem]]:
    found = [entry.problems for entry in read_here(layout.file(vacancies, headers))]
    assert len(found) == layout.count
    return found


@settings(max_examples=80, deadline=None)
@given(data=st.data(), layout=layouts())
def test_a_spoilt_cell_is_the_one_that_is_named(data: st.DataObject, layout: Layout) -> None:
    spec = data.draw(st.sampled_from(SPECS))
    vacancy = data.draw(st.integers(0, layout.count - 1))
    wrong = data.draw(wrong_values(spec))
    vacancies = [COMPLETE | {"note": f"備考{number}"} for number in range(layout.count)]
    vacancies[vacancy][spec.identifier] = wrong
    found = problems_of(layout, vacancies, [{}] * layout.count)
    place = layout.place(spec, vacancy, header=False)
    (problem,) = found.pop(vacancy)
    assert (problem.sheet, problem.cell) == (place.sheet, place.cell)
    assert (problem.header, problem.value) == (spec.header, wrong)
    assert not any(found), "nothing is wrong with the others"


@settings(max_examples=40, deadline=None)
@given(data=st.data(), layout=layouts())
def test_a_spoilt_header_is_the_one_that_is_named(data: st.DataObject, layout: Layout) -> None:
    """And where its field is one that must be filled in, that it is missing, without a cell."""
    spec = data.draw(st.sampled_from([one for one in SPECS if COMPLETE.get(one.identifier)]))
    vacancy = data.draw(st.integers(0, layout.count - 1)) if layout.single else 0
    headers: list[dict[str, str]] = [{} for _ in range(layout.count)]
    headers[vacancy][spec.identifier] = STRANGE
    found = problems_of(layout, [dict(COMPLETE) for _ in range(layout.count)], headers)
    place = layout.place(spec, vacancy, header=True)
    first, *rest = found[vacancy]
    assert (first.sheet, first.cell, first.value) == (place.sheet, place.cell, STRANGE)
    missing = rest + [one for at, of in enumerate(found) if at != vacancy for one in of]
    assert {(one.cell, one.header) for one in missing} <= {("", spec.header)}
    assert layout.single is False or not any(of for at, of in enumerate(found) if at != vacancy)


@settings(max_examples=20, deadline=None)
@given(data=st.data(), layout=layouts())
def test_many_spoilt_cells_are_all_named_at_once(data: st.DataObject, layout: Layout) -> None:
    alone = [spec for spec in SPECS if spec.kind in {"str", "text", "tel", "mail", "url"}]
    spoilt = data.draw(
        st.sets(
            st.tuples(st.integers(0, layout.count - 1), st.integers(0, len(alone) - 1)), min_size=2
        )
    )
    vacancies = [dict(COMPLETE) for _ in range(layout.count)]
    for vacancy, number in spoilt:
        vacancies[vacancy][alone[number].identifier] = WRONG[alone[number].kind][0]
    found = problems_of(layout, vacancies, [{}] * layout.count)
    named = {(one.sheet, one.cell) for problems in found for one in problems}
    places = [layout.place(alone[number], vacancy, header=False) for vacancy, number in spoilt]
    assert named == {(place.sheet, place.cell) for place in places}
