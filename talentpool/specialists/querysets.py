"""Who may see a person of the pool, and for what a person's data may be used."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from municipalities.registry.querysets import is_prefectural


class SpecialistQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see everybody who has ever applied, a person himself or herself: what
        was given up before it was sent in stays the person's own. Towns never browse the pool:
        they meet a candidate on a proposal, blind until both agree."""
        if is_prefectural(user):
            return self.exclude(submitted_at=None)
        if getattr(user, "is_authenticated", False) and user.is_active:
            return self.filter(user=user)
        return self.none()

    def registered(self) -> Self:
        """Who can be matched: registered, with a term that has not run out (a sweep that was late
        changes nothing), and may be introduced."""
        in_term = self.filter(status="registered", registered_until__gte=timezone.localdate())
        return in_term.introducible()

    def introducible(self) -> Self:
        """Of whom towns may be told: who agreed to it in words that count today (B-02). Of a firm's
        people both must have agreed, the person and the firm (B-09)."""
        both = self.exclude(kind="firm", firm_agreed_at=None)
        return both.consenting("registration", "provision")

    def taken_back(self) -> Self:
        """Who agrees no more that towns are told of them, in whatever words, or whose firm does
        not. Who has not answered to new words yet is not among them."""
        from talentpool.specialists.models.consent import INTRODUCED, Consent  # they import us

        given = Consent.objects.current().filter(specialist=OuterRef("pk"))
        lacks = Q(kind="firm", firm_agreed_at=None)
        for purpose in sorted(INTRODUCED):
            lacks |= ~Q(Exists(given.filter(purpose=purpose)))
        return self.filter(lacks)

    def without_firm(self) -> Self:
        """Of a firm's people who are in the pool or have applied: those to whose introduction the
        firm has not agreed, or agrees no more."""
        return self.filter(
            kind="firm",
            firm_agreed_at=None,
            status__in=["applied", "under_review", "registered", "paused", "renewal_due"],
        )

    def unsettled(self) -> Self:
        """Who applied or is in the pool under the kind that was divided, and of whom nobody has
        told yet under which of its parts."""
        return self.exclude(kind_unsettled_since=None).exclude(
            status__in=["draft", "withdrawn", "removed"]
        )

    def changed(self) -> Self:
        """Who has changed something in the pool that the prefecture has not looked at yet."""
        from talentpool.specialists.models.changes import ProfileChange  # it imports us

        unseen = ProfileChange.objects.unseen().filter(specialist=OuterRef("pk"))
        return self.filter(Exists(unseen), status__in=["registered", "paused", "renewal_due"])

    def managed_by(self, user: Any) -> Self:
        """The people of the firm that the account speaks for now."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        return self.filter(
            kind="firm",
            left_firm_on=None,
            firm__managers__user=user,
            firm__managers__until=None,
        )

    def consenting(self, *purposes: str, today: date | None = None) -> Self:
        """Who agrees to all `purposes` in words that count today (default: the local date).

        Consent to the version before the one in force counts while its grace lasts.
        """
        from talentpool.specialists.models.consent import Consent, PurposeText  # they import us

        people = self
        counting = PurposeText.objects.counting(purposes, today or timezone.localdate())
        for purpose, texts in counting.items():
            given = Consent.objects.filter(
                specialist=OuterRef("pk"), purpose=purpose, withdrawn_at=None, text__in=texts
            )
            people = people.filter(Exists(given))
        return people


class OwnPersonQuerySet(models.QuerySet[Any]):
    """For rows that belong to one person (`specialist`)."""

    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see those of people whom they see, a person the own ones."""
        if is_prefectural(user):
            return self.exclude(specialist__submitted_at=None)
        if getattr(user, "is_authenticated", False) and user.is_active:
            return self.filter(specialist__user=user)
        return self.none()


class ProfileChangeQuerySet(OwnPersonQuerySet):
    def unseen(self) -> Self:
        """What the prefecture has still to look at."""
        return self.filter(seen_at=None).exclude(kind="removed")


class PurposeTextQuerySet(models.QuerySet[Any]):
    def in_force(self, purpose: str, today: date) -> Any | None:
        """The version whose words people read today; None before the first."""
        return self.filter(purpose=purpose, in_force_from__lte=today).order_by("-version").first()

    def counting(self, purposes: Iterable[str], today: date) -> dict[str, list[int]]:
        """Keys of the versions to which a consent counts today, by purpose: the one in force, and
        the one before it during the grace. One query."""
        found: dict[str, list[int]] = {purpose: [] for purpose in purposes}
        current: dict[str, Any] = {}
        begun = self.filter(purpose__in=list(found), in_force_from__lte=today)
        for row in begun.order_by("-version"):
            if current.setdefault(row.purpose, row).still_takes(row.version, today):
                found[row.purpose].append(row.pk)
        return found


class ConsentQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see all consents, a person the own ones."""
        if is_prefectural(user):
            return self
        if getattr(user, "is_authenticated", False) and user.is_active:
            return self.filter(specialist__user=user)
        return self.none()

    def current(self) -> Self:
        """Those that were not withdrawn or replaced."""
        return self.filter(withdrawn_at=None)


class OwnRowsQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see all rows, a person the own ones; nobody else any."""
        if is_prefectural(user):
            return self
        if getattr(user, "is_authenticated", False) and user.is_active:
            return self.filter(specialist__user=user)
        return self.none()


class DeclarationQuerySet(OwnRowsQuerySet):
    def counting(self, year: int) -> Self:
        """Those that count for a fiscal year: made for it or a later one, and since the person came
        to the present kind and firm. Before that somebody else was the employer."""
        since = Q(specialist__belonging_changed_at=None)
        since |= Q(declared_at__gt=F("specialist__belonging_changed_at"))
        return self.filter(since, fiscal_year__gte=year)


class PrefectureOnlyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """What the prefecture keeps of firms and conflicts is shown to nobody else."""
        return self.all() if is_prefectural(user) else self.none()


class ProfileViewQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see all views, a person the views of the own profile."""
        if is_prefectural(user):
            return self
        if getattr(user, "is_authenticated", False) and user.is_active:
            return self.filter(specialist__user=user)
        return self.none()
