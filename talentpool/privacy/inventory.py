"""The inventory of all data: which class each field has, and whose it is (B-03).

Every app with models says so in its `classification.py`; tables of packages are classified by the
app that uses them. The person's package, erasure and the system check all read it here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from talentpool.conventions.data_class import DataClass

IDENTIFYING = (DataClass.PERSONAL, DataClass.SENSITIVE, DataClass.SECRET)


@dataclass(frozen=True, slots=True)
class Table:
    """What is held in one table. Each of the five classes lists its fields, parted by blanks; a
    key that the database numbers by itself is 庁内 and need not be named.

    `person` is the lookup from a row to the number of the person of the pool that it is about
    ("pk" for the person's own row, "engagement__specialist" for a share). When the person is
    erased, the fields of the last three classes are emptied (`erased` gives other values, with
    {pk} for the row's key) and the rest is kept as the public record; with `delete` the rows go.

    `held_until` names a date of the row up to which others need its identifying values, though not
    whose they were: an erasure leaves them until then, and the purge empties them after it.

    `actors` are references to accounts that acted for a body, which the record needs; `not_about`
    says why a reference to a person's row makes this row not the person's. Rows `reviewed` may tell
    of a town's procurement or of somebody else too: the person gets them with a decision on
    disclosure, not by himself or herself. `title` and `labels` are the Japanese words, for the
    package, of a table that has none of its own.
    """

    public: str = ""
    internal: str = ""
    personal: str = ""
    sensitive: str = ""
    secret: str = ""
    person: str = ""
    delete: bool = False
    erased: dict[str, Any] = field(default_factory=dict)
    held_until: str = ""
    actors: str = ""
    not_about: str = ""
    reviewed: bool = False
    title: str = ""
    labels: dict[str, str] = field(default_factory=dict)

    def named(self) -> Iterator[tuple[str, DataClass]]:
        """Each field with its class, in the order of writing."""
        for data_class in DataClass:
            for name in getattr(self, data_class.name.lower()).split():
                yield name, data_class

    def classes(self) -> dict[str, DataClass]:
        return dict(self.named())


@cache
def inventory() -> dict[str, Table]:
    """All declarations by the model's label (specialists.Specialist)."""
    tables: dict[str, Table] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.classification"
        if find_spec(name) is None:
            continue
        for label, table in import_module(name).TABLES.items():
            tables[label if "." in label else f"{config.label}.{label}"] = table
    return tables


def fields_of(model: type[models.Model]) -> list["models.Field[Any, Any]"]:
    """The fields of a model that want a class: all its columns and its many-to-many fields, less
    the key that the database numbers."""
    columns = [one for one in model._meta.local_fields if not getattr(one, "auto_created", False)]
    columns = [one for one in columns if not isinstance(one, models.AutoField)]
    return [*columns, *model._meta.local_many_to_many]


def leads_to_secret(model: type[models.Model], lookup: str) -> bool:
    """Whether a lookup of the ORM, such as user__password__startswith, passes a field whose class
    is 秘密."""
    at: Any = model
    for name in lookup.split("__"):
        if at is None or name not in {one.name for one in at._meta.get_fields()}:
            return False
        classes = inventory().get(at._meta.label, Table()).classes()
        if classes.get(name) == DataClass.SECRET:
            return True
        at = at._meta.get_field(name).related_model
    return False


def tables_about_persons() -> list[tuple[type[models.Model], Table]]:
    """Every model whose rows are about a person of the pool, with its declaration."""
    return [
        (apps.get_model(label), table)
        for label, table in sorted(inventory().items())
        if table.person
    ]


NOBODY = 0  # the person of an account that never came to be anybody's of the pool


def rows_about(
    model: type[models.Model], table: Table, person: int, account: int | None = None
) -> "models.QuerySet[Any]":
    """The rows of `model` that are about the person with this number; for `NOBODY` those that lead
    to a person by way of the account, such as its addresses and sessions."""
    if person == NOBODY:
        by = _way_of_account(model, table)
        rows = model._base_manager.filter(**{by: account}) if by else model._base_manager.none()
        return rows.order_by("pk")
    return model._base_manager.filter(**{table.person: person}).order_by("pk")


def _way_of_account(model: type[models.Model], table: Table) -> str:
    """The lookup from a row to its account; empty where the row leads to none."""
    if model._meta.label == settings.AUTH_USER_MODEL:
        return "pk"
    way = table.person.removesuffix("user__specialist")
    return f"{way}user" if way != table.person else ""
