"""Who may see a need or a vacancy."""

from typing import Any, Self

from django.db import models

from municipalities.registry.querysets import is_prefectural, municipality_code_of


class NeedQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see what was submitted, a town its own."""
        if is_prefectural(user):
            return self.exclude(status="draft")
        code = municipality_code_of(user)
        return self.filter(municipality_id=code) if code else self.none()
