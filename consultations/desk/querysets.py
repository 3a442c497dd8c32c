"""Who may see a consultation, and what waits for whom."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from municipalities.registry.models import Membership
from municipalities.registry.querysets import is_prefectural, municipality_code_of


def prefectural_writers() -> Any:
    """The accounts that may answer for the prefecture now."""
    return Membership.objects.current().writing_for_prefecture().values("user")


class ConsultationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The prefecture sees all, a town its own, nobody else any."""
        if is_prefectural(user):
            return self.all()
        code = municipality_code_of(user)
        return self.filter(municipality_id=code) if code else self.none()

    def open(self) -> Self:
        """Not closed yet."""
        return self.exclude(status="closed")

    def waiting_for_prefecture(self) -> Self:
        return self.filter(turn="prefecture")

    def waiting_for_town(self) -> Self:
        return self.filter(turn="town")

    def concerning(self, user: Any, today: date) -> Self:
        """What a coordinator should look at: nobody's, those of people who have left, the own ones,
        and anybody's past the day."""
        return self.filter(
            Q(assignee__isnull=True)
            | ~Q(assignee__in=prefectural_writers())
            | Q(assignee=user)
            | Q(answer_due__lt=today)
        )

    def with_who_answers(self) -> Self:
        """With `has_assignee`: whether it has one who has not left."""
        return self.annotate(
            has_assignee=Exists(prefectural_writers().filter(user=OuterRef("assignee")))
        )


class MessageQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """As the consultation they belong to."""
        if is_prefectural(user):
            return self.all()
        code = municipality_code_of(user)
        return self.filter(consultation__municipality_id=code) if code else self.none()
