"""Take the identity of a person out of every table, and keep the public record (B-05).

What goes is read from the inventory. What lies outside the tables that lead to the person (mails on
their way, sessions) is removed by `register_eraser`; who still needs the person says so with
`register_obstacle`. Both are filled in `AppConfig.ready()`.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from talentpool.privacy.inventory import (
    IDENTIFYING,
    Table,
    inventory,
    rows_about,
    tables_about_persons,
)
from talentpool.privacy.package import Subject

ERASED_WORD = "削除済み"

Eraser = Callable[[Subject], int]
Obstacle = Callable[[int], Iterable[str]]
_erasers: dict[str, Eraser] = {}
_obstacles: list[Obstacle] = []


def register_eraser(name: str, eraser: Eraser) -> None:
    """Add what removes records of a person that no table's reference leads to; it returns how
    many. It is called before the tables are emptied."""
    _erasers[name] = eraser


def register_obstacle(obstacle: Obstacle) -> None:
    """Add a source of reasons, in Japanese, why a person cannot be erased yet."""
    _obstacles.append(obstacle)


def why_not(person: int) -> list[str]:
    """Why the person cannot be erased now; empty when nothing stands against it."""
    return [reason for obstacle in _obstacles for reason in obstacle(person)]


def erase(subject: Subject) -> dict[str, int]:
    """Empty or remove everything that tells who the person is; returns the rows by table.

    Inside the caller's transaction; the verb around it has asked `why_not` and writes the audit
    event. Doing it twice changes nothing the second time.
    """
    done = {name: eraser(subject) for name, eraser in _erasers.items()}
    # All keys first: an emptied row may no longer lead to the person.
    found = [
        (model, table, list(_keys(model, table, subject)))
        for model, table in tables_about_persons()
    ]
    for model, table, keys in found:
        if keys:
            _remove_files(model, table, keys)
            if not table.delete:
                done[model._meta.label] = _empty(model, table, _free(model, table, keys))
    _delete([(model, keys) for model, table, keys in found if table.delete and keys], done)
    return {label: rows for label, rows in done.items() if rows}


def _keys(model: type[models.Model], table: Table, subject: Subject) -> "models.QuerySet[Any]":
    rows = rows_about(model, table, subject.person, subject.account)
    return rows.values_list("pk", flat=True)


def _free(model: type[models.Model], table: Table, keys: list[Any]) -> list[Any]:
    """The rows that nothing holds any more."""
    if not table.held_until:
        return keys
    over = {f"{table.held_until}__lt": timezone.localdate()}
    return list(model._base_manager.filter(pk__in=keys, **over).values_list("pk", flat=True))


def empty_held(model: type[models.Model], keys: list[Any]) -> int:
    """Empty rows of erased people whose hold has ended; called by the purge. Returns how many."""
    table = inventory()[model._meta.label]
    return _empty(model, table, _free(model, table, keys))


def _empty(model: type[models.Model], table: Table, keys: list[Any]) -> int:
    """Put values without content into the fields that tell of the person."""
    fields = [
        model._meta.get_field(name)
        for name, data_class in table.named()
        if data_class in IDENTIFYING or name in table.erased
    ]
    columns: list[Any] = [one for one in fields if not one.many_to_many]
    for row in model._base_manager.filter(pk__in=keys):
        # A text that is empty stays so: another one would say that there was something.
        values = {
            one.name: _value(one, table, row.pk) for one in columns if getattr(row, one.name) != ""
        }
        if values:
            model._base_manager.filter(pk=row.pk).update(**values)
        for one in fields:
            if one.many_to_many:
                getattr(row, one.name).clear()
    return len(keys) if fields else 0


def _value(one: Any, table: Table, pk: Any) -> Any:
    if one.name in table.erased:
        value = table.erased[one.name]
        return value.format(pk=pk) if isinstance(value, str) else value
    return empty_value(one, pk)


def _delete(left: list[tuple[type[models.Model], list[Any]]], done: dict[str, int]) -> None:
    """Delete rows, those first that others do not hold on to; and once more those that a trigger
    of the database has made anew meanwhile, such as entries of a search."""
    everything = left
    while left:
        held = []
        for model, keys in left:
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk__in=keys).delete()
            except models.ProtectedError:
                held.append((model, keys))
            else:
                done[model._meta.label] = len(keys)
        if len(held) == len(left):
            names = ", ".join(model._meta.label for model, _ in held)
            raise RuntimeError(f"rows to erase are held by rows that stay: {names}")
        left = held
    for model, keys in everything:
        model._base_manager.filter(pk__in=keys).delete()


def _remove_files(model: type[models.Model], table: Table, keys: list[Any]) -> None:
    """The files of the rows go when the transaction has held."""
    for one in model._meta.local_fields:
        if isinstance(one, models.FileField) and table.classes()[one.name] in IDENTIFYING:
            for name in model._base_manager.filter(pk__in=keys).values_list(one.name, flat=True):
                if name:
                    transaction.on_commit(partial(one.storage.delete, name))


def cannot_be_emptied(model: type[models.Model], table: Table) -> Iterator[str]:
    """Names of fields that an erasure would have to empty and cannot."""
    if not table.person or table.delete:
        return
    for name, data_class in table.named():
        if data_class in IDENTIFYING and name not in table.erased:
            try:
                empty_value(model._meta.get_field(name), 0)
            except ValueError:
                yield name


def empty_value(one: Any, pk: Any) -> Any:
    """The value without content: nothing, the default, an empty text or zero. Raises ValueError
    where the field has none of them."""
    if one.many_to_many or one.null:
        return None
    if one.has_default():
        return one.get_default()
    if isinstance(one, models.CharField | models.TextField | models.FileField):
        if one.unique:
            return f"erased-{pk}"[: one.max_length]
        return "" if one.blank else ERASED_WORD[: one.max_length]
    if isinstance(one, models.IntegerField | models.DecimalField):
        return 0
    if isinstance(one, models.BooleanField):
        return False
    raise ValueError(one.name)
