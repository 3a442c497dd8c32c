"""The shipped form as a definition, without a database."""

import csv
from decimal import Decimal

from municipalities.vacancies.definition import Definition, FieldSpec, parse_allowed
from municipalities.vacancies.imports import Entry, entries_of
from municipalities.vacancies.services.forms import DATA
from talentpool.files.sheet_reader import answer
from talentpool.files.sheets import Answer, sheets_of


def _definition() -> Definition:
    with (DATA / "form_proposed_1.csv").open(encoding="utf-8", newline="") as file:
        fields = [
            FieldSpec(
                identifier=row["identifier"],
                header=row["header"],
                kind=row["type"],
                requirement=row["requirement"],
                condition=row["condition"],
                allowed=parse_allowed(row["allowed"]),
                minimum=Decimal(row["minimum"]) if row["minimum"] else None,
                maximum=Decimal(row["maximum"]) if row["maximum"] else None,
                max_length=int(row["max_length"]),
                section=row["section"],
                note=row["rule"],
                public=row["public"] == "true",
            )
            for row in csv.DictReader(file)
        ]
    return Definition("proposed-1", tuple(fields))


DEFINITION = _definition()

KNOWN = {"population": "22000", "population_date": "2020-01-01"}  # of the town, for its file


def read_here(data: bytes) -> list[Entry]:
    """The vacancies of a file, read as the child of `files.sheets` does, but in this process: for
    tests with hundreds of files."""
    own = Answer()
    answer(data, own.file)
    return list(entries_of(sheets_of(own), DEFINITION, KNOWN))
