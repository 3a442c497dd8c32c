"""Who may read an article, and how articles are searched."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from consultations.desk.models import Consultation
from municipalities.registry.querysets import KeyOfTown, is_prefectural, municipality_code_of
from talentpool.pages.search import containing


class ArticleQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The prefecture sees all; a town what is published, and what was made of its own
        consultations; nobody else any."""
        if is_prefectural(user):
            return self.all()
        code = municipality_code_of(user)
        if code is None:
            return self.none()
        own = KeyOfTown("consultation_id", Consultation, "id", code)
        return self.filter(Q(status="published") | Q(own))

    def published(self) -> Self:
        """What all towns may read."""
        return self.filter(status="published")

    def of_town(self, code: str) -> Self:
        """Made of the consultations of one town, in whatever state."""
        return self.filter(consultation__municipality_id=code)

    def search(self, text: str) -> Self:
        """Articles that hold every word of `text`, wherever it stands, width, case and kana alike:
        exactly those that LIKE on the folded column finds, by its index (D-05)."""
        return containing(self, text)
