"""The shipped form as a definition, without a database."""

import csv
from decimal import Decimal

from municipalities.vacancies.definition import Definition, FieldSpec, parse_allowed
from municipalities.vacancies.services.forms import DATA


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
