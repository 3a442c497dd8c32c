"""Who may see a need, a vacancy or a month's export."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from municipalities.registry.querysets import is_prefectural, municipality_code_of
from talentpool.conventions.months import first_of_month
from talentpool.pages.search import containing

# States of a need after which nobody waits for its vacancy any more; with nobody found, it does.
NEED_IS_DONE = ("filled", "withdrawn", "lapsed")


class NeedQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see what was submitted at least once, a town its own."""
        if is_prefectural(user):
            return self.filter(submitted_at__isnull=False)
        code = municipality_code_of(user)
        return self.filter(municipality_id=code) if code else self.none()

    def not_over_on(self, day: date) -> Self:
        """Those with months left on `day`, its own month included."""
        return self.filter(last_month__gte=first_of_month(day))


class TownBudgetQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see what the towns state, a town its own."""
        if is_prefectural(user):
            return self
        code = municipality_code_of(user)
        return self.filter(municipality_id=code) if code else self.none()


class VacancyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see what was submitted at least once, a town its own.

        Everybody else, signed in or not, sees what the public sees."""
        if is_prefectural(user):
            return self.filter(submitted_at__isnull=False)
        code = municipality_code_of(user)
        return self.filter(municipality_id=code) if code else self.public()

    def public(self) -> Self:
        """What was ever published and may be shown to all (公表可否 is 1); ended ones stay
        readable by their address until 公表終了希望日 has passed."""
        return self.filter(
            Q(publish_until__isnull=True) | Q(publish_until__gte=timezone.localdate()),
            published_at__isnull=False,
            publish_ok=True,
        ).exclude(status="withdrawn")

    def not_over_on(self, day: date) -> Self:
        """Published and neither past the closing date nor past the wished end of publication,
        begun or not."""
        return self.filter(
            Q(close_date__isnull=True) | Q(close_date__gte=day),
            Q(publish_until__isnull=True) | Q(publish_until__gte=day),
            status="published",
        )

    def over_on(self, day: date) -> Self:
        """Published ones past one of these days, which wait for their outcome."""
        return self.filter(Q(close_date__lt=day) | Q(publish_until__lt=day), status="published")

    def open_on(self, day: date) -> Self:
        """Those of `not_over_on` for which people can apply."""
        return self.not_over_on(day).filter(Q(open_date__isnull=True) | Q(open_date__lte=day))

    def left_over(self) -> Self:
        """Open ones whose need is met, taken back or over, until the town has decided to go on."""
        return self.filter(
            status__in=["draft", "submitted", "published"],
            need__status__in=NEED_IS_DONE,
            kept_on_at__isnull=True,
        )

    def of_town(self, code: str) -> Self:
        """Those that the town posts, alone or together with others."""
        return self.filter(Q(municipality_id=code) | Q(joint_codes__contains=[code]))

    def search(self, text: str) -> Self:
        """Those that hold every word of `text`, exactly as LIKE over the folded column would find
        them. The index over pairs of characters only narrows the rows down (D-05)."""
        return containing(self, text, in_order=True)


class RevisionQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """What the public could read (公表可否 was 1), the newest first."""
        return self.filter(values__publish_ok="1").order_by("-number")


class QuestionQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """Answered ones that neither the town nor the prefecture keeps back."""
        return self.filter(answered_at__isnull=False, hidden=False, hidden_reason="")

    def to_answer(self) -> Self:
        """Those without an answer that somebody would read."""
        return self.filter(answered_at__isnull=True, hidden=False, hidden_reason="")


class MinistryExportQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The month's batches are the prefecture's."""
        return self.all() if is_prefectural(user) else self.none()


class FormVersionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The definition of the form is the prefecture's to edit."""
        return self.all() if is_prefectural(user) else self.none()

    def in_force_on(self, day: date) -> Any:
        """The version in force on a day, or None."""
        return self._up_to(day).first()

    def with_current(self, day: date) -> Self:
        """Each with `current`: the key of the version in force on a day, or None."""
        return self.annotate(
            current=models.Subquery(self.model.objects.all()._up_to(day).values("pk")[:1])
        )

    def _up_to(self, day: date) -> Self:
        return self.filter(in_force_from__lte=day).order_by("-in_force_from")


class JointTownQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Where the town was asked to join, and what its own vacancies ask of others; all of
        what was submitted once to the prefecture."""
        if is_prefectural(user):
            return self.filter(vacancy__submitted_at__isnull=False)
        code = municipality_code_of(user)
        if not code:
            return self.none()
        return self.filter(Q(municipality_id=code) | Q(vacancy__municipality_id=code))
