"""Everything that the portal holds about one person, as one package (B-04).

The tables come from the inventory, so a new table about a person is in the package from its first
day. What no table's reference leads to (the audit record, mails on their way) is handed in by the
app that holds it, with `register_part` in its `AppConfig.ready()`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from talentpool.conventions.data_class import DataClass
from talentpool.conventions.era import format_wareki
from talentpool.privacy.inventory import Table, fields_of, rows_about, tables_about_persons

Row = dict[str, Any]
WIDEST_TABLE = 6
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DAY.pattern + r"T[0-9:]{8}(?:[+-][0-9:]{5}|Z)")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is about: the number in the pool's table (`NOBODY` for an account without one), the
    account's number, mail addresses."""

    person: int
    account: int | None
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of record: its Japanese name and its rows, each a value by its label."""

    title: str
    rows: list[Row]

    @property
    def is_wide(self) -> bool:
        """More columns than a table on A4 can show: rows one under the other instead."""
        return len(self.rows[0]) > WIDEST_TABLE

    @property
    def words(self) -> list[dict[str, str]]:
        """The rows as a person reads them."""
        return [{label: in_words(value) for label, value in row.items()} for row in self.rows]


def in_words(value: Any) -> str:
    """A value as a person reads it: dates with their era, lists with commas."""
    if value is None or value == []:
        return "なし"
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, list):
        return "、".join(map(in_words, value))
    if isinstance(value, dict):
        return "、".join(f"{key}：{in_words(inner)}" for key, inner in value.items())
    text = str(value)
    if _DAY.fullmatch(text):
        return format_wareki(date.fromisoformat(text))
    if _MOMENT.fullmatch(text):
        moment = timezone.localtime(datetime.fromisoformat(text))
        return f"{format_wareki(moment.date())} {moment.hour}時{moment.minute:02}分"
    return text


Source = Callable[[Subject], Iterable[Part]]
_sources: list[Source] = []


def register_part(source: Source) -> None:
    """Add records that no reference to the person leads to."""
    _sources.append(source)


def collect(subject: Subject, *, to_review: bool) -> list[Part]:
    """All parts that hold something: the person's own row first, then table by table.

    With `to_review` also what the prefecture looks through before it discloses it.
    """
    tables = sorted(tables_about_persons(), key=lambda pair: pair[1].person != "pk")
    parts = [
        _part(model, table, subject) for model, table in tables if to_review or not table.reviewed
    ]
    parts += [part for source in _sources for part in source(subject)]
    return [part for part in parts if part.rows]


def reviewed_titles() -> list[str]:
    """Names of the records that a person gets only with a decision on disclosure."""
    return [str(m._meta.verbose_name) for m, table in tables_about_persons() if table.reviewed]


def as_json(subject: Subject, *, heading: Row, to_review: bool) -> bytes:
    """The package as a JSON file of UTF-8, for machines and for the person to keep."""
    parts: dict[str, list[Row]] = {}
    for part in collect(subject, to_review=to_review):
        parts.setdefault(part.title, []).extend(part.rows)
    return json.dumps({**heading, "記録": parts}, ensure_ascii=False, indent=1).encode()


def _part(model: type[models.Model], table: Table, subject: Subject) -> Part:
    classes = table.classes()
    shown = [
        one
        for one in fields_of(model)
        if classes[one.name] != DataClass.SECRET and not _says_whose(one, table)
    ]
    references = [one.name for one in shown if one.many_to_one or one.one_to_one]
    many = [one.name for one in shown if one.many_to_many]
    found = rows_about(model, table, subject.person, subject.account)
    rows = found.select_related(*references).prefetch_related(*many)
    title = table.title or str(model._meta.verbose_name)
    return Part(title, [dict(_values(row, shown, table.labels)) for row in rows])


def _says_whose(one: Any, table: Table) -> bool:
    """A column that only says whose the row is, or guards against sending a form twice."""
    return one.name == table.person.split("__")[0] or one.name == "request_key"


def _values(
    row: models.Model, shown: Iterable[Any], labels: dict[str, str]
) -> Iterator[tuple[str, Any]]:
    for one in shown:
        label = labels.get(one.name, str(one.verbose_name))
        if one.many_to_many:
            yield label, [str(other) for other in getattr(row, one.name).all()]
        elif one.is_relation:
            yield label, _reference(one, getattr(row, one.name))
        else:
            yield label, plain_value(one, row)


def _reference(one: Any, other: Any) -> Any:
    """What a reference points at in words. An account is named by its kind: who acted for a body
    acted for the body, and the person's own name stands in the own row."""
    if other is None:
        return None
    if one.related_model._meta.label == settings.AUTH_USER_MODEL:
        return other.get_kind_display()
    return str(other)


def plain_value(one: Any, row: models.Model) -> Any:
    """A column's value as JSON knows it: choices and codes in words, times in local time."""
    value = getattr(row, one.attname)
    if value in (None, ""):
        return None
    in_words = getattr(row, f"get_{one.name}_display", None)  # Django's for choices, or our own
    if in_words is not None:
        return str(in_words())
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | int | float | list | dict):
        return value
    return str(value)
