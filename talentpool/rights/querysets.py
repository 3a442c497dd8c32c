"""Who may see requests about a person's data, and alerts of unusual views."""

from typing import Any, Self

from django.db import models

from municipalities.registry.querysets import is_prefectural


class RightsRequestQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see all, a person the own ones. Towns have nothing to do with them."""
        if is_prefectural(user):
            return self
        if getattr(user, "is_authenticated", False) and user.is_active:
            return self.filter(specialist__user=user)
        return self.none()


class ViewAlertQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see all, also those about themselves; nobody else any."""
        return self.all() if is_prefectural(user) else self.none()

    def open(self) -> Self:
        """Those of which nobody has found out yet what was behind them."""
        return self.filter(settled_at=None)
