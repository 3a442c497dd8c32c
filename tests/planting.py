"""Canaries in everything that is held about a person, after the classification (B-03).

Which columns get one is read from the inventory, so that a new column has its canary by itself. The
access tests look for them where nobody may read them, the tests of a person's rights in the package
and, after an erasure, in the whole database.
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from municipalities.vacancies.models import Vacancy
from talentpool.conventions.data_class import DataClass
from talentpool.files.models import StoredFile
from talentpool.privacy.inventory import Table, inventory, rows_about, tables_about_persons
from talentpool.specialists.models import Specialist
from talentpool.users.models import User
from tests import factories
from tests.municipalities.vacancies.objects import make_vacancy

MARK = "鵺"
LATER = datetime(2099, 1, 1, tzinfo=UTC)
OF_THE_PERSON = (DataClass.PERSONAL, DataClass.SENSITIVE)
WITH_A_FORM = {"corporate_number", "code"}  # constraints want digits, or a row of a code list
# Days that decide what the person may do, and months that are counted: any other day is another
# world.
DECIDING_DAYS = {"left_firm_on", "side_job_permit_until", "until", "month"}
DECIDING_DAYS |= {"first_month", "last_month"}


# --- A row in every table -------------------------------------------------------------------
def fill_tables(
    person: Specialist,
    *,
    by: User,
    classes: Collection[DataClass] = tuple(DataClass),
    leave: Collection[str] = (),
) -> None:
    """A row in each table that points at the person, has a column for a canary of these classes and
    no row yet, of the simplest kind, but in those to `leave` (labels of models); what staff must
    have written is written by `by`."""
    for model, table in tables_about_persons():
        if table.person != "specialist" or model._meta.label in leave:
            continue
        if rows_about(model, table, person.pk).exists():
            continue
        if classes != tuple(DataClass) and not canary_fields(model, table, classes):
            continue
        values = {
            one.name: _simple_value(one, person, by)
            for one in model._meta.concrete_fields
            if not one.primary_key and one.name != "specialist" and not one.null
        }
        if "way" in values:
            values |= {"way": "claim", "email": f"claim{person.pk}@example.jp"}
            values["expires_at"] = LATER
        if "code" in values:
            values["code"] = ""  # a certificate has a code or a name, not both
        if "agreed_words" in values:
            values["agreed_at"] = timezone.now()
        if "booked" in values:
            values |= {"booked": 2, "month": timezone.localdate().replace(day=1)}  # declared: 1
        if "file" in values:
            values["file"] = file_of(person)
        with suppress(IntegrityError), transaction.atomic():
            # What is not made here is named by the tests that ask for every table.
            model._base_manager.create(specialist=person, **values)
    UserSession.objects.get_or_create(
        user=person.user,
        defaults={"ip": "192.0.2.1", "session_key": f"{person.pk:s>32}", "user_agent": "見本"},
    )


def _simple_value(one: Any, person: Specialist, by: User) -> Any:
    """Something that the column takes."""
    if one.choices:
        return one.choices[0][0]
    if one.has_default():
        return one.get_default()
    if one.is_relation and one.related_model is Vacancy:
        return make_vacancy(by=factories.make_editor())
    if one.is_relation and one.related_model is User:
        return by
    if one.is_relation:
        return one.related_model._base_manager.order_by("pk").first()
    if isinstance(one, models.DateTimeField):
        return timezone.now()
    if isinstance(one, models.DateField):
        return timezone.localdate()
    if isinstance(one, models.BooleanField):
        return False
    if isinstance(one, models.IntegerField):
        return 1
    return f"値{person.pk}"[: one.max_length]


def file_of(person: Specialist) -> StoredFile:
    return StoredFile.objects.create(
        room="specialists",
        holder=f"specialist:{person.pk}",
        name="経歴.csv",
        kind=StoredFile.Kind.CSV,
        size=1,
        sha256="0" * 64,
        state=StoredFile.State.DELETED,
        uploaded_by_id=person.user_id,
    )


# --- Which columns --------------------------------------------------------------------------
def tables_with_persons() -> list[tuple[type[models.Model], Table]]:
    """Those that the inventory lists, and every other table that points straight at a person: what
    the code forgets must not be forgotten here too. The search's entries come last: triggers write
    them anew whenever the person changes."""
    listed = dict(tables_about_persons())
    for model in apps.get_models():
        table = inventory().get(model._meta.label, Table())
        for one in model._meta.local_fields:
            if one.related_model is Specialist and not table.not_about and model not in listed:
                listed[model] = replace(table, person=one.name)
    return sorted(listed.items(), key=lambda pair: pair[0]._meta.app_label == "pool")


def canary_fields(
    model: type[models.Model], table: Table, classes: Collection[DataClass]
) -> list[Any]:
    """Columns of these classes that can hold a canary: texts, lists of texts, days and yen."""
    fields = [model._meta.get_field(name) for name, one in table.named() if one in classes]
    return [one for one in fields if kind_of(one)]


def kind_of(field: Any) -> str:
    """What a canary in the column would be: text, list, json, day or yen; empty for none, as in
    keys, choices, marks and small numbers."""
    if field.is_relation or field.choices or field.name in WITH_A_FORM:
        return ""
    if isinstance(field, ArrayField):
        return "list" if isinstance(field.base_field, models.CharField) else ""
    if isinstance(field, models.JSONField):
        return "json"
    if isinstance(field, models.CharField | models.TextField):
        return "text" if (field.max_length or 99) >= 6 else ""
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return "" if field.name in DECIDING_DAYS else "day"
    return "yen" if field.name.split("_")[-1] == "yen" else ""


# --- The canaries ---------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Planted:
    """One canary: its words, in which column it stands, and that column's class."""

    words: str
    label: str
    field: str
    data_class: DataClass


def plant(
    person: Specialist,
    words_for: Callable[[type[models.Model], Table, Any], Any],
    classes: Collection[DataClass],
) -> list[Planted]:
    """Put a canary into every column of these classes in every row about the person, past all
    verbs. `words_for` gives it for a model, its declaration and a field: a text, a day for a day, a
    number for yen; None leaves the column as it is."""
    planted: list[Planted] = []
    for model, table in tables_with_persons():
        for row in rows_about(model, table, person.pk):
            values: dict[str, Any] = {}
            for field in canary_fields(model, table, classes):
                words = words_for(model, table, field)
                if words is None:
                    continue
                values[field.name] = _shaped(field, words)
                data_class = table.classes()[field.name]
                planted.append(Planted(str(words), model._meta.label, field.name, data_class))
            if values:
                model._base_manager.filter(pk=row.pk).update(**values)
    return planted


def _shaped(field: Any, words: Any) -> Any:
    kind = kind_of(field)
    if kind == "json":
        return [[words, 1]]
    if kind == "list":
        return [words]
    if isinstance(field, models.EmailField):
        return f"{words}@example.jp"
    return words


def is_planted(row: models.Model, field: Any) -> bool:
    """Whether the column of the row, read anew, holds a canary."""
    value = type(row)._base_manager.values_list(field.attname, flat=True).get(pk=row.pk)
    if isinstance(value, date):
        return value.year < LONG_AGO + 10
    if isinstance(value, int):
        return str(value).startswith(YEN)
    return MARK in str(value)


LONG_AGO = 1931  # the year of days that are canaries: this or one of the next
YEN = "7391"  # how a sum of yen that is a canary begins


def columns_with(text: str) -> set[tuple[str, str]]:
    """Every column of every table of the database in which `text` stands, whatever its type."""
    found: set[tuple[str, str]] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema()"
        )
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT 1 FROM "{table}" WHERE "{column}"::text LIKE %s LIMIT 1', [f"%{text}%"]
            )
            if cursor.fetchone():
                found.add((table, column))
    return found
