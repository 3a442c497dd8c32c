"""System checks: no field without a class, no table about a person that nobody knows of (B-03)."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import models

from talentpool.privacy.erasure import cannot_be_emptied
from talentpool.privacy.inventory import Table, fields_of, inventory

HOW = (
    "Name it in the classification.py of its app, in the Table of its model: public= (公開), "
    "internal= (庁内), personal= (個人), sensitive= (要配慮) or secret= (秘密). "
    "talentpool/privacy/inventory.py says what each means."
)
WHOSE = (
    'Give the Table person="the lookup to the Specialist", such as "specialist" or '
    '"user__specialist" (then it is in the person\'s package and goes with an erasure); or name '
    "a reference to an account that acted for a body in actors=; or say in not_about= why the row "
    "is not about that person."
)


@register()
def data_is_classified(**kwargs: Any) -> list[CheckMessage]:
    """Every field has a class; every table that leads to a person says how."""
    return problems(inventory())


def problems(tables: dict[str, Table]) -> list[CheckMessage]:
    """What is wrong with these declarations, over all models."""
    found: list[CheckMessage] = []
    for model in apps.get_models():
        table = tables.get(model._meta.label, Table())
        found += _fields(model, table)
        found += _references(model, table, tables)
        found += [
            Error(
                f"{model._meta.label}.{name} cannot be emptied when its person is erased.",
                hint="Say with erased={...} what it becomes, or delete=True.",
                id="privacy.E004",
            )
            for name in cannot_be_emptied(model, table)
        ]
    known = {model._meta.label for model in apps.get_models()}
    found += [
        Error(f"classification of a model that is not there: {label}", id="privacy.E002")
        for label in sorted(set(tables) - known)
    ]
    return found


def _fields(model: type[models.Model], table: Table) -> Iterator[CheckMessage]:
    names = [one.name for one in fields_of(model)]
    classes = [name for name, _ in table.named()]
    label = model._meta.label
    for name in names:
        if name not in classes:
            yield Error(f"The field {label}.{name} has no data class.", hint=HOW, id="privacy.E001")
    for name in sorted(set(classes)):
        if name not in names:
            yield Error(f"{label} has no field {name} to classify.", id="privacy.E002")
        elif classes.count(name) > 1:
            yield Error(f"{label}.{name} has more than one data class.", id="privacy.E002")


def _references(
    model: type[models.Model], table: Table, tables: dict[str, Table]
) -> Iterator[CheckMessage]:
    """A row that points at a person, or at a row about one, is about that person too."""
    if table.person or table.not_about:
        return
    for one in model._meta.local_fields:
        if not isinstance(one, models.ForeignKey) or one.name in table.actors.split():
            continue
        target = one.related_model._meta.label
        if target == settings.AUTH_USER_MODEL or tables.get(target, Table()).person:
            yield Error(
                f"{model._meta.label}.{one.name} points at {target}, which may be a person of the "
                "pool, and the classification does not say whose the row is.",
                hint=WHOSE,
                id="privacy.E003",
            )
