"""Lists by keyset: page 1 and the last page cost the same, and nothing is counted (D-03).

The place in the list travels in the address as an encrypted cursor: the values a list is sorted
by may be personal, and an address is no place for them (ASVS 14.2.1).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

from django.db.models import BooleanField, Expression, F, Func, Model, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

from talentpool.pages.sealing import seal, unseal

ModelT = TypeVar("ModelT", bound=Model)
RowT = TypeVar("RowT")

PAGE_SIZE = 50
PURPOSE = "talentpool.pages.paging"


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """Rows of one page, and the cursors of its neighbours (empty when there is none)."""

    items: list[RowT]
    previous: str
    next: str
    size: int

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def keyset_page(
    queryset: QuerySet[ModelT],
    params: Mapping[str, str],
    *,
    order: Sequence[str],
    size: int = PAGE_SIZE,
) -> Page[ModelT]:
    """The page of `queryset` that the cursor in `params` points at, the first without one.

    `order` names fields or annotations, all ascending or all descending ("-opened_on"); the
    primary key is added as the last, so that the order is total. An index over the same columns
    makes every page one short index scan. Show it with components/pager.html; filters in the
    address stay. A cursor that cannot be read, or belongs to another order, gives the first page.

    Raises ValueError when the directions differ or a column may be NULL (rows would vanish
    between pages: give it a value with Coalesce in an annotation).
    """
    names, descending = _names(queryset, order)
    place = open_place(params.get("cursor", ""), names)
    rows = queryset.order_by(*_by(names, descending))
    backwards = place is not None and place.backwards
    if place is not None:
        down = descending != backwards
        lookup = (LessThan if down else GreaterThan)(_row_of(names), _row_at(rows, place))
        rows = rows.filter(lookup).order_by(*_by(names, down))
    page = page_at(
        place, list(rows[: size + 1]), lambda row: _values(row, names), names=names, size=size
    )
    return keyset_page(queryset, {}, order=order, size=size) if page is None else page


def page_at(
    place: "Place | None",
    found: Sequence[RowT],
    values: Callable[[RowT], Sequence[str]],
    *,
    names: tuple[str, ...],
    size: int,
) -> Page[RowT] | None:
    """The page made of the `found` rows, one more than `size` when there are more, in the direction
    in which they were looked for from `place`; for rows that are no queryset's.

    `values` gives those of the columns `names` in a row. None when the rows before shrank: start
    again at the beginning.
    """
    backwards = place is not None and place.backwards
    more, items = len(found) > size, list(found[:size])
    if backwards:
        items.reverse()
        if not more and len(items) < size:
            return None

    def sealed(row: RowT, back: bool) -> str:
        return _seal(values(row), names, back)

    return Page(
        items=items,
        previous=sealed(items[0], True) if items and (more if backwards else place) else "",
        next=sealed(items[-1], False) if items and (more or backwards) else "",
        size=size,
    )


def _names(queryset: QuerySet[Any], order: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    directions = {name.startswith("-") for name in order}
    if len(directions) != 1:
        raise ValueError(f"A keyset order runs in one direction: {order!r}")
    names = [name.removeprefix("-") for name in order]
    if names[-1] != "pk":
        names.append("pk")
    for name in names:
        column = F(name).resolve_expression(queryset.query)
        if getattr(getattr(column, "target", None), "null", False):
            raise ValueError(f"A keyset order needs a value in every row: {name}")
    return tuple(names), directions.pop()


def _by(names: Sequence[str], descending: bool) -> list[str]:
    return [f"-{name}" if descending else name for name in names]


# --- Row comparison: (a, b, pk) > (x, y, z), which an index over (a, b, pk) answers directly --
class _Row(Func):
    template = "(%(expressions)s)"
    output_field = BooleanField()  # a row has no field class; comparisons do not ask for one


def _row_of(names: Sequence[str]) -> Expression:
    return _Row(*(F(name) for name in names))


def _row_at(rows: QuerySet[Any], place: "Place") -> Expression:
    def typed(name: str, text: str) -> Value:
        field = F(name).resolve_expression(rows.query).output_field
        return Value(field.to_python(text), output_field=field)

    return _Row(*(typed(*pair) for pair in zip(place.names, place.values, strict=True)))


# --- The cursor -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list: the values of a row's columns, and whether to look back from there."""

    names: tuple[str, ...]
    values: tuple[str, ...]
    backwards: bool


def _values(row: Any, names: tuple[str, ...]) -> list[str]:
    def text(name: str) -> str:
        value = reduce(getattr, name.split("__"), row)
        return value.isoformat() if hasattr(value, "isoformat") else str(value)

    return [text(name) for name in names]


def _seal(values: Sequence[str], names: tuple[str, ...], backwards: bool) -> str:
    content = json.dumps([names, list(values), backwards], ensure_ascii=False)
    return seal(content, purpose=PURPOSE)


def open_place(cursor: str, names: tuple[str, ...]) -> Place | None:
    """The place of a cursor; None without one, when it cannot be read, or of another order."""
    if not cursor:
        return None
    content = unseal(cursor, purpose=PURPOSE)
    if content is None:
        return None
    of, values, backwards = json.loads(content)
    place = Place(tuple(of), tuple(values), backwards)
    return place if place.names == names else None
