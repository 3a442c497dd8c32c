"""Bring shipped versions of the form into the database."""

import csv
from datetime import date
from pathlib import Path

from django.db import transaction

from municipalities.vacancies.models import FormField, FormVersion

DATA = Path(__file__).resolve().parent.parent / "data"
# file, code, name, in force from
SHIPPED = [
    (
        "form_proposed_1.csv",
        "proposed-1",
        "標準募集様式(再構成 第1版)",
        date(2026, 4, 1),
    )
]
NOTE = "公式の様式ではなく、公表資料から再構成したものです(data/README.md)。"


@transaction.atomic
def load_form(path: Path, *, code: str, name: str, in_force_from: date, note: str) -> FormVersion:
    """Read a form from a CSV file (columns: data/README.md) and put it in force from a day.

    Raises ValidationError on a field that is malformed.
    """
    version = FormVersion.objects.create(code=code, name=name, note=note)
    fields = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            field = FormField(
                version=version,
                order=int(row["order"]),
                identifier=row["identifier"],
                header=row["header"],
                kind=row["type"],
                requirement=row["requirement"],
                condition=row["condition"],
                allowed=row["allowed"],
                minimum=row["minimum"] or None,
                maximum=row["maximum"] or None,
                max_length=row["max_length"] or None,
                section=row["section"],
                note=row["rule"],
            )
            field.full_clean(validate_unique=False, validate_constraints=False)
            fields.append(field)
    FormField.objects.bulk_create(fields)
    version.in_force_from = in_force_from
    version.save(update_fields=["in_force_from"])
    return version


def load_shipped_forms() -> None:
    """Load what the project ships and the database does not have yet. Runs after each migrate."""
    known = set(FormVersion.objects.values_list("code", flat=True))
    for file, code, name, in_force_from in SHIPPED:
        if code not in known:
            load_form(DATA / file, code=code, name=name, in_force_from=in_force_from, note=NOTE)
