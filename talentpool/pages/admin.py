"""Base classes of the portal's admin pages."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Page, Paginator
from django.db import connection, models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from talentpool.conventions.era import format_month
from talentpool.conventions.numbers import number_in
from talentpool.pages.opened import NAME as OPENED
from talentpool.pages.opened import OpenedModelForm, OpenedRowForm
from talentpool.pages.templatetags.portal import wareki, wareki_time, yen


def number_or_404(object_id: str) -> str:
    """The key in an admin address, for pages of our own: what is no number is not found."""
    if not number_in(object_id):
        raise Http404
    return object_id


class EstimatingPaginator(Paginator):
    """Counts exactly up to a cap and takes PostgreSQL's estimate above it (D-04).

    `show_full_result_count=False` alone does not spare the paginator's COUNT. Pages past the middle
    of an estimated list are read from its end: the last page costs what the first does (D-03), and
    it is the last one however far off the estimate is. What lies before a page further in is
    skipped by its keys alone, without what the rows read along, of which there may be thousands.
    """

    CAP = 5000
    NEAR = 500  # rows that cost less to skip than another statement

    @property
    def is_estimated(self) -> bool:
        """Whether the count is the database's estimate of a whole table."""
        rows: Any = self.object_list
        return self.count > self.CAP and not rows.query.where

    @property
    def count_words(self) -> str:
        """12件, 5,000件以上 for what is not counted further, 約1,000,000件 for an estimate."""
        if self.count <= self.CAP:
            return f"{self.count:,}件"
        return f"約{self.count:,}件" if self.is_estimated else f"{self.CAP:,}件以上"

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        after = self.count - number * self.per_page  # rows behind this page
        before = (number - 1) * self.per_page
        rows: Any = self.object_list
        if not self.is_estimated or before <= after:
            size = min(self.per_page, self.count - before)
            return Page(self._stretch(rows, before, size), number, self)
        turned = self._stretch(rows.reverse(), max(after, 0), self.per_page + min(after, 0))
        return Page(list(turned)[::-1], number, self)

    def _stretch(self, rows: Any, skipped: int, size: int) -> Any:
        if skipped < self.NEAR or rows.query.distinct:
            return rows[skipped : skipped + size]
        keys = rows.values_list("pk", flat=True)[skipped : skipped + size]
        return rows.filter(pk__in=list(keys))

    @cached_property
    def count(self) -> int:
        query_set: Any = self.object_list
        counted: int = query_set.order_by()[: self.CAP + 1].count()
        if counted <= self.CAP or query_set.query.where:
            return counted
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass",
                [query_set.model._meta.db_table],
            )
            estimate = int(cursor.fetchone()[0])
        return max(counted, estimate)


class KeyedPaginator(EstimatingPaginator):
    """For a table that is only ever appended to, newest first: a page of the whole list is a
    stretch of keys, so that each costs what the first does (D-03). A key that nothing was written
    under (a verb that was undone) leaves its page a row shorter; no row is left out or comes twice.
    """

    @cached_property
    def count(self) -> int:
        counted = super().count
        if not self._is_whole or counted <= self.CAP:
            return counted
        return self._keys[1] - self._keys[0] + 1

    @property
    def _is_whole(self) -> bool:
        rows: Any = self.object_list
        return not rows.query.where and set(rows.query.order_by) == {"-pk"}

    @cached_property
    def _keys(self) -> tuple[int, int]:
        """The first and the last key there is."""
        rows: Any = self.object_list
        found = rows.order_by().aggregate(first=models.Min("pk"), last=models.Max("pk"))
        return found["first"], found["last"]

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        if not self._is_whole or self.count <= self.CAP:
            return super().page(number)
        newest = self._keys[1] - (number - 1) * self.per_page
        rows: Any = self.object_list
        return Page(rows.filter(pk__lte=newest, pk__gt=newest - self.per_page), number, self)


def _shown_by(
    field: "models.Field[Any, Any]", words: Callable[[Any], Any], heading: str = ""
) -> Callable[[models.Model], Any]:
    @admin.display(description=heading or field.verbose_name, ordering=field.name, empty_value="")
    def column(row: models.Model) -> Any:
        return words(getattr(row, field.attname))

    column.__name__ = field.name  # the column's class on the page
    return column


@cache
def _column(field: "models.Field[Any, Any]") -> Callable[[models.Model], Any] | None:
    """The column in the words of the other pages; None where Django's own will do. Always the same
    function for a field: Django asks whether a column is among those that may be sorted by."""
    if isinstance(field, models.DateField):
        if field.name.endswith("_month"):
            return _shown_by(field, lambda day: format_month(day) if day else "")
        return _shown_by(field, wareki_time if isinstance(field, models.DateTimeField) else wareki)
    if field.name.endswith("_yen"):
        return _shown_by(field, yen, str(field.verbose_name).removesuffix("(円)"))
    return None


class _NarrowList(ChangeList):
    """A list that reads no more of its rows than it shows, where its page names the fields."""

    def apply_select_related(self, qs: models.QuerySet[Any]) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = super().apply_select_related(qs)
        fields: Any = getattr(self.model_admin, "list_only", ())
        return rows.only(*fields) if fields else rows


class PortalAdmin(admin.ModelAdmin):
    """Lists start from `visible_to`; who may do what follows from the membership, not from
    Django's permission tables."""

    form = OpenedModelForm  # who saves second overwrites nothing unseen
    paginator = EstimatingPaginator
    show_full_result_count = False
    list_per_page = 50
    list_only: tuple[str, ...] | list[str] = ()  # the fields of a wide table that its list reads
    add_words = ""  # what the button over the list says, where "…を追加する" is not what it does

    def note_offered(self, request: HttpRequest, rows: list[Any]) -> None:
        """Called with what a field elsewhere offers of these rows, before the answer is sent. Pages
        of people record there that they are seen (B-07)."""

    def action_checkbox(self, obj: models.Model) -> SafeString:
        """As Django's, without a template for the box of each row."""
        label = gettext("Select this object for an action - {}")
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">',
            ACTION_CHECKBOX_NAME,
            obj.pk,
            format_html(label, str(obj)),
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return _NarrowList

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Dates, months and yen as on every other page (C-11); sorting stays with the column."""
        return [self._shown(name) for name in super().get_list_display(request)]

    def _shown(self, name: Any) -> Any:
        try:
            field = self.model._meta.get_field(name)
        except (FieldDoesNotExist, TypeError):
            return name
        if not isinstance(field, models.Field) or name in (self.list_display_links or ()):
            return name
        return _column(field) or name

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = f"{self.opts.verbose_name}の追加"
        return super().add_view(request, form_url, {"title": title, **(extra_context or {})})

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        return [name for name in super().get_fields(request, obj) if name != OPENED]

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """The stock ones, and the hidden input by which the form knows what it was opened on."""
        groups = list(super().get_fieldsets(request, obj))
        if obj is None or not issubclass(self.form, OpenedModelForm):
            return groups
        if not self.has_change_permission(request, obj):
            return groups
        name, options = groups[-1]
        return [*groups[:-1], (name, {**options, "fields": [*options["fields"], OPENED]})]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset = super().get_queryset(request)
        if hasattr(queryset, "visible_to"):
            scoped: models.QuerySet[Any] = queryset.visible_to(request.user)
            return scoped
        return queryset

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """As Django's, which lets a list be filtered by each of its columns, but for those that
        hold keys: by `token__startswith=` one could be guessed character by character."""
        site: Any = self.admin_site
        if site.leads_to_secret(self.model, lookup):
            return False
        return super().lookup_allowed(lookup, value, request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(self.admin_site.has_permission(request))

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return bool(self.admin_site.has_permission(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may_write(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may_write(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def _may_write(self, request: HttpRequest) -> bool:
        may_write: bool = self.admin_site.may_write(request)  # type: ignore[attr-defined]
        return may_write


class OpenedInline(admin.TabularInline):
    """Rows beneath another row: who saves second overwrites no row unseen (A-23)."""

    form = OpenedRowForm

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        names = [name for name in super().get_fields(request, obj) if name != OPENED]
        return [*names, OPENED] if self.has_change_permission(request, obj) else names


class ReadOnlyAdmin(PortalAdmin):
    """For rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class GivenFilter(admin.EmptyFieldListFilter):
    """Rows with and without a value, in words that say so: Django's are 「空」 and 「空でない」."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            words = str(choice["display"])
            yield {**choice, "display": words.replace("空でない", "あり").replace("空", "なし")}
