"""Who may see which town's rows, and the account's membership, read once a request."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from municipalities.registry.models import Membership


def membership_of(user: Any) -> "Membership | None":
    """The current membership of a signed-in, active account, or None. Kept on the user object,
    which lives one request, so that a change holds from the next request on (A-18)."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return None
    if not hasattr(user, "_membership"):
        current = user.memberships.filter(until__isnull=True).select_related("municipality")
        user._membership = next(iter(current[:1]), None)  # there is one at most: no order to ask
    membership: Membership | None = user._membership
    return membership


def is_prefectural(user: Any) -> bool:
    """Coordinator, prefectural approver or auditor."""
    membership = membership_of(user)
    return membership is not None and membership.role in membership.PREFECTURAL_ROLES


def is_coordinator(user: Any) -> bool:
    """May carry out the prefecture's verbs (coordinator or prefectural approver, not auditor)."""
    membership = membership_of(user)
    return membership is not None and membership.role in {
        membership.Role.COORDINATOR,
        membership.Role.PREFECTURAL_APPROVER,
    }


def municipality_code_of(user: Any) -> str | None:
    """The code of the municipality that the account works for, or None."""
    membership = membership_of(user)
    if membership is None or membership.role not in membership.MUNICIPAL_ROLES:
        return None
    return membership.municipality_id


class KeyOfTown(models.Func):
    """Whether `column` holds a key that the rows of `model` have in `key` for a town: the condition
    of `visible_to` where the town stands in another table.

    The keys are an array that the database works out once. As a subquery of the ORM, the condition
    took a third of the time of a page of rows to write, and as a join as long again to plan (D-15).
    """

    output_field = models.BooleanField()
    template = "{column} = ANY(ARRAY(SELECT own.{key} FROM {table} own WHERE own.{town} = %s))"

    def __init__(self, column: str, model: type[models.Model], key: str, code: str) -> None:
        super().__init__(column)
        self.model, self.key, self.code = model, key, code

    def as_sql(  # type: ignore[override]  # nothing else is passed in
        self, compiler: Any, connection: Any, **extra_context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = compiler.compile(self.get_source_expressions()[0])
        quote = connection.ops.quote_name
        columns: dict[str, Any] = {one.name: one.column for one in self.model._meta.concrete_fields}
        words: Any = self.template
        sql: str = words.format(
            column=column,
            table=quote(self.model._meta.db_table),
            key=quote(columns[self.key]),
            town=quote(columns["municipality"]),
        )
        return sql, (*params, self.code)


class MembershipQuerySet(models.QuerySet[Any]):
    def current(self) -> Self:
        """Of people who are there and have not left."""
        return self.filter(until__isnull=True, user__is_active=True)

    def writing_for_prefecture(self) -> Self:
        """Who may carry out the prefecture's verbs, as `is_coordinator` says."""
        return self.filter(role__in=["coordinator", "prefectural_approver"])


class MunicipalityQuerySet(models.QuerySet[Any]):
    def in_prefecture(self) -> Self:
        """The towns of the prefecture that this portal serves (PREFECTURE_CODE)."""
        return self.filter(code__startswith=settings.PREFECTURE_CODE)

    def kana_of(self, codes: Iterable[str]) -> dict[str, str]:
        """The kana by which towns stand in lists, by code."""
        return dict(self.filter(code__in=list(codes)).values_list("code", "kana"))

    def names_of(self, codes: Iterable[str]) -> dict[str, str]:
        """The names by code, of those that the registry knows; asks nothing for none."""
        wanted = list(set(codes))
        return dict(self.filter(code__in=wanted).values_list("code", "name")) if wanted else {}

    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see all the prefecture's towns, municipal staff their own."""
        if is_prefectural(user):
            return self.in_prefecture()
        code = municipality_code_of(user)
        return self.filter(code=code) if code else self.none()


class OwnTownQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see the rows of all towns, a town its own; nobody else any."""
        if is_prefectural(user):
            return self
        code = municipality_code_of(user)
        return self.filter(municipality_id=code) if code else self.none()


class ProcurementQuerySet(OwnTownQuerySet):
    def overdue(self, today: date) -> Self:
        """Those that were to be decided before today and are not, as far as their town has said."""
        return self.filter(decided_on__lt=today, status__in=["planned", "announced"])

    def still_there(self, first: date, today: date) -> Self:
        """Those whose day of decision is not before `first`, and the overdue ones."""
        late = Q(decided_on__lt=today, status__in=["planned", "announced"])
        return self.filter(Q(decided_on__gte=first) | late)


class OwnTownsPartsQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The firms of the procurements that one may see."""
        if is_prefectural(user):
            return self
        code = municipality_code_of(user)
        return self.filter(procurement__municipality_id=code) if code else self.none()


class InvitationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Invitations are the prefecture's."""
        return self.all() if is_prefectural(user) else self.none()
