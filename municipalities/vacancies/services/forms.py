"""Versions of the form: those that ship, and those that the prefecture makes from them."""

import csv
from datetime import date
from itertools import count
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from municipalities.vacancies.errors import IncompleteError, NotAllowedNowError
from municipalities.vacancies.fitting import misfits
from municipalities.vacancies.models import FormField, FormVersion
from talentpool.audit import services as audit
from talentpool.users.models import User

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
                public=row["public"] == "true",
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


@transaction.atomic
def put_in_force(version: FormVersion, day: date, *, by: User) -> FormVersion:
    """Let a draft of the form hold from a day on; from then it cannot be changed. By a coordinator.

    Raises IncompleteError when the program cannot work with it (`fitting.misfits`: fields missing,
    of another kind, or larger than the columns), and for a day in the past.
    """
    row = FormVersion.objects.select_for_update().get(pk=version.pk)
    if row.in_force_from is not None:
        raise NotAllowedNowError("この版は、もう適用されています。")
    if day < timezone.localdate():
        raise IncompleteError("適用開始日は、今日以後の日にしてください。")
    wrong = misfits(row.definition)
    if wrong:
        raise IncompleteError(" ".join(wrong))
    row.in_force_from = day
    row.save(update_fields=["in_force_from"])
    audit.record("put_form_in_force", row, by=by)
    return row


@transaction.atomic
def take_back_form(version: FormVersion, *, by: User) -> FormVersion:
    """Make a version whose day lies ahead a draft again: nothing was written in it yet. By a
    coordinator. Raises NotAllowedNowError for a draft and from its first day on."""
    row = FormVersion.objects.select_for_update().get(pk=version.pk)
    if row.in_force_from is None or row.in_force_from <= timezone.localdate():
        raise NotAllowedNowError(f"{row.code}：下書きに戻せるのは、適用開始日より前の版だけです。")
    day, row.in_force_from = row.in_force_from, None
    row.save(update_fields=["in_force_from"])
    audit.record("take_back_form", row, by=by, detail={"day": day.isoformat()})
    return row


@transaction.atomic
def delete_form(version: FormVersion, *, by: User) -> None:
    """Remove a draft of the form with its fields. By a coordinator. Raises NotAllowedNowError for
    a version that has its day."""
    row = FormVersion.objects.select_for_update().get(pk=version.pk)
    if row.in_force_from is not None:
        raise NotAllowedNowError(f"{row.code}：消せるのは、下書きの版だけです。")
    audit.record("delete_form", row, by=by, detail={"code": row.code})
    row.delete()


@transaction.atomic
def copy_form(version: FormVersion, *, by: User) -> FormVersion:
    """A draft with the same fields, to be edited into the next version. By a coordinator."""
    taken = set(FormVersion.objects.values_list("code", flat=True))
    code = next(
        code for number in count(len(taken) + 1) if (code := f"draft-{number}") not in taken
    )
    copy = FormVersion.objects.create(
        code=code, name=f"{version.name}の写し"[:80], note=version.note
    )
    fields = list(version.fields.all())
    for field in fields:
        field.pk, field.version = None, copy
    FormField.objects.bulk_create(fields)
    audit.record("copy_form", copy, by=by, detail={"from": version.pk})
    return copy
