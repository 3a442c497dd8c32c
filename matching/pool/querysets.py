"""Who may search the pool, see a kept search or a demand; the conditions of the search."""

from collections.abc import Sequence
from typing import Any, Self

from django.db import models
from django.db.models import Q

from municipalities.registry.querysets import (
    is_coordinator,
    is_prefectural,
    municipality_code_of,
)
from talentpool.pages.search import containing


class _OfMonths(models.Func):
    """An expression over a stretch of `PoolEntry.free`: its column, the numbers of the first and
    the last month (`models.month_number`), and what else the template asks for."""

    template = ""

    def as_sql(  # type: ignore[override]  # nothing else is passed in
        self, compiler: Any, connection: Any, **extra_context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        column, *numbers = self.get_source_expressions()
        sql, params = compiler.compile(column)
        words: Any = self.template
        return words.format(sql, *(int(number.value) for number in numbers)), tuple(params)


class FreeThroughout(_OfMonths):
    """Whether every month has at least so many free half-days. Months that nobody declared lie
    outside the column's bounds and count as none.

    A CASE, of which the planner believes that half of all rows meet it: of the comparisons it
    would believe that one row does, and read all of them to sort.
    """

    output_field = models.BooleanField()
    template = (
        "(CASE WHEN array_lower({0}, 1) <= {1} AND array_upper({0}, 1) >= {2}"
        " THEN {3} <= ALL ({0}[{1}:{2}]) ELSE false END)"
    )


class LeastFree(_OfMonths):
    """The free half-days of the month that has least; months that nobody declared have none."""

    output_field = models.IntegerField()
    template = "(SELECT min(coalesce(({0})[m], 0)) FROM generate_series({1}, {2}) AS m)"


class MostFree(_OfMonths):
    """The free half-days of the month that has most."""

    output_field = models.IntegerField()
    template = "(SELECT max(coalesce(({0})[m], 0)) FROM generate_series({1}, {2}) AS m)"


class HasNone(models.Func):
    """Whether an array of words has none of the given ones: what `exclude` finds, without what that
    costs the ORM to write on every look into the pool (D-15)."""

    output_field = models.BooleanField()

    def __init__(self, column: str, words: Sequence[str]) -> None:
        super().__init__(column)
        self.words = list(words)

    def as_sql(  # type: ignore[override]  # nothing else is passed in
        self, compiler: Any, connection: Any, **extra_context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = compiler.compile(self.get_source_expressions()[0])
        return f"NOT ({column} && %s::text[])", (*params, self.words)


class PoolEntryQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The prefecture searches the pool, but for who has never applied; towns and persons do
        not search it."""
        return self.without(["unsent"]) if is_prefectural(user) else self.none()

    def having(self, *facets: str) -> Self:
        """Those with all of these facets."""
        return self.filter(facets__contains=list(facets)) if facets else self

    def having_one_of(self, facets: Sequence[str]) -> Self:
        """Those with at least one of these facets; nobody when there is none."""
        return self.filter(facets__overlap=list(facets)) if facets else self.none()

    def without(self, facets: Sequence[str]) -> Self:
        """Those with none of these facets."""
        return self.filter(HasNone("facets", facets)) if facets else self

    def free_in(self, first: int, last: int, half_days: int) -> Self:
        """Those with at least `half_days` free in every month from `first` to `last`
        (`models.month_number`)."""
        return self.filter(FreeThroughout("free", first, last, half_days))

    def with_free(self, first: int, last: int) -> Self:
        """Each with the `least` and the `most` free half-days of the months."""
        return self.annotate(
            least=LeastFree("free", first, last), most=MostFree("free", first, last)
        )

    def search(self, text: str) -> Self:
        """Those whose number, name, kana, firm, employer, strengths or evidence of skills hold
        every word, as LIKE over the folded column finds them (D-05)."""
        return containing(self, text)


class SavedSearchQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """One's own, and what colleagues of the prefecture share."""
        return self.filter(Q(owner=user) | Q(shared=True)) if is_prefectural(user) else self.none()

    def changeable_by(self, user: Any) -> Self:
        """A coordinator's own, and shared ones: those belong to the office, also when who made
        them has left."""
        return self.visible_to(user) if is_coordinator(user) else self.none()


class DemandQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The prefecture sees all, a town its own."""
        if is_prefectural(user):
            return self.all()
        code = municipality_code_of(user)
        return self.filter(municipality_id=code) if code else self.none()

    def open(self) -> Self:
        """What the prefecture has not answered yet."""
        return self.filter(status="open")
