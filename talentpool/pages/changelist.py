"""The rows of an admin list, written in one go.

Django looks up each column anew for each row and gives each cell to the template by itself, which
for fifty rows costs more than the rest of the page. Here a column is looked up once for the list.
What a cell shows is what Django's own list shows.
"""

from collections.abc import Callable
from datetime import date, time
from typing import Any

from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import display_for_field, display_for_value
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

Shown = tuple[Any, bool]  # what a cell shows, and whether it must not wrap
Column = Callable[[Any], Shown]


def result_list(cl: Any) -> dict[str, Any]:
    """Context of components/register_results.html: the headers as Django gives them, and `rows`.

    Raises ValueError for a list with fields to type into, which the portal has none of.
    """
    if cl.formset is not None:
        raise ValueError("The rows of a list with list_editable are not written here")
    headers = list(result_headers(cl))
    return {
        "cl": cl,
        "result_headers": headers,
        "num_sorted_fields": sum(head["sortable"] and head["sorted"] for head in headers),
        "rows": rows_of(cl),
    }


def rows_of(cl: Any) -> SafeString:
    """The rows as `<tr>` elements; nothing where there is none."""
    columns = [
        (_class_of(name, index), _is_link(cl, index, name), _column(cl, name))
        for index, name in enumerate(cl.list_display)
    ]
    link = _links(cl)
    written = (f"<tr>{_cells(row, columns, link)}</tr>" for row in cl.result_list)
    return mark_safe("\n".join(written))  # noqa: S308 -- every part is escaped in _cells


def _cells(row: Any, columns: list[tuple[str, bool, Column]], link_to: Callable[[Any], str]) -> str:
    """The cells of a row. The first with a link is its header."""
    cells = []
    tag, opening = "th", link_to(row)
    for css, is_link, column in columns:
        shown, nowrap = column(row)
        text = conditional_escape(shown)
        classes = f"{css} nowrap" if nowrap else css
        if is_link:
            link = f"{opening}{text}</a>" if opening else text
            cells.append(f'<{tag} class="{classes}">{link}</{tag}>')
            tag = "td"
        else:
            cells.append(f'<td class="{classes}">{text}</td>')
    return "".join(cells)


def _links(cl: Any) -> Callable[[Any], str]:
    """The opening tag of the link to a row's page; empty where there is none.

    What of the list's address goes along is the same for every row, and is put together once.
    """
    kept = {"preserved_filters": cl.preserved_filters, "opts": cl.opts}
    ending: list[str] = []

    def address(row: Any) -> str:
        url: str = cl.url_for_result(row)
        if not cl.preserved_filters:
            return url
        if not ending:
            ending.append(add_preserved_filters(kept, url).removeprefix(url))
        return url + ending[0]

    def link(row: Any) -> str:
        try:
            url = conditional_escape(address(row))
        except NoReverseMatch:
            return ""
        opener = ""
        if cl.is_popup:
            column = str(cl.to_field) if cl.to_field else cl.lookup_opts.pk.attname
            key = conditional_escape(row.serializable_value(column))
            opener = f' data-popup-opener="{key}"'
        return f'<a href="{url}"{opener}>'

    return link


def _class_of(name: Any, index: int) -> str:
    if name == "action_checkbox":
        return "action-checkbox"
    word = name.__name__ if callable(name) else name
    return f"field-lambda{index}" if word == "<lambda>" else f"field-{word}"


def _is_link(cl: Any, index: int, name: Any) -> bool:
    links = cl.list_display_links
    if links is None:
        return False
    return name in links if links else index == 0


def _column(cl: Any, name: Any) -> Column:
    """How a column's cell is worked out from its row."""
    empty = cl.model_admin.get_empty_value_display()
    if isinstance(name, str):
        try:
            field = cl.lookup_opts.get_field(name)
        except FieldDoesNotExist:
            return _of_attribute(cl, name, empty)
        return _of_field(field, empty)
    return _of_callable(name, name, empty)


def _of_field(field: Any, empty: str) -> Column:
    wraps_not = isinstance(field, models.DateField | models.TimeField | models.ForeignKey)
    if field.remote_field:
        return lambda row: (_or_empty(getattr(row, field.name), empty), wraps_not)
    if field.choices:
        words = dict(field.flatchoices)
        return lambda row: (words.get(getattr(row, field.attname), empty), wraps_not)
    return lambda row: (
        display_for_field(_stripped(getattr(row, field.attname)), field, empty),
        wraps_not,
    )


def _or_empty(value: Any, empty: str) -> Any:
    return empty if value is None else value


def _of_attribute(cl: Any, name: str, empty: str) -> Column:
    """A method of the admin or of the model, or a property of the model."""
    if name != "__str__" and hasattr(cl.model_admin, name):
        attribute = getattr(cl.model_admin, name)
        return _of_callable(attribute, attribute, empty)
    attribute = getattr(cl.model, name)

    def value_of(row: Any) -> Any:
        value = getattr(row, name)
        return value() if callable(value) else value

    return _of_callable(getattr(attribute, "fget", attribute), value_of, empty)


def _of_callable(described: Any, value_of: Callable[[Any], Any], empty: str) -> Column:
    """`described` carries what `admin.display` put on it."""
    empty = getattr(described, "empty_value_display", empty)
    boolean = getattr(described, "boolean", False)

    def column(row: Any) -> Shown:
        try:
            value = _stripped(value_of(row))
        except ObjectDoesNotExist:
            return empty, False
        return display_for_value(value, empty, boolean), isinstance(value, date | time)

    return column


def _stripped(value: Any) -> Any:
    return "" if isinstance(value, str) and not value.strip() else value
