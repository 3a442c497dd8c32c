"""Who may see a consultation, and what waits for whom."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q

from municipalities.registry.querysets import is_prefectural, municipality_code_of


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
        """What a coordinator should look at: nobody's, the own ones, and anybody's past the day."""
        return self.filter(Q(assignee__isnull=True) | Q(assignee=user) | Q(answer_due__lt=today))


class MessageQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """As the consultation they belong to."""
        if is_prefectural(user):
            return self.all()
        code = municipality_code_of(user)
        return self.filter(consultation__municipality_id=code) if code else self.none()
