"""Who may see an engagement."""

from typing import Any, Self

from django.db import models

from municipalities.registry.querysets import KeyOfTown, is_prefectural, municipality_code_of


class EngagementQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The prefecture sees all, a town those it has a share in, a person the own ones."""
        if is_prefectural(user):
            return self
        code = municipality_code_of(user)
        if code:
            return self.filter(_is_of("pk", code))
        if getattr(user, "is_authenticated", False) and user.is_active:
            return self.filter(specialist__user=user)
        return self.none()


class ShareQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The shares of the engagements one may see: partners know who shares with them."""
        if is_prefectural(user):
            return self
        code = municipality_code_of(user)
        if code:
            return self.filter(_is_of("engagement_id", code))
        if getattr(user, "is_authenticated", False) and user.is_active:
            return self.filter(engagement__specialist__user=user)
        return self.none()


def _is_of(column: str, code: str) -> KeyOfTown:
    """Whether the engagement in `column` has a share of the town, active or not."""
    from matching.engagements.models import Share

    return KeyOfTown(column, Share, "engagement", code)
