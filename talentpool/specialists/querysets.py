"""Who may see a person of the pool."""

from typing import Any, Self

from django.db import models

from municipalities.registry.querysets import is_prefectural


class SpecialistQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see everybody, a person himself or herself. Towns never browse the
        pool: they meet a candidate on a proposal, blind until both agree."""
        if is_prefectural(user):
            return self
        if getattr(user, "is_authenticated", False) and user.is_active:
            return self.filter(user=user)
        return self.none()

    def registered(self) -> Self:
        """Who can be matched."""
        return self.filter(status="registered")


class ProfileViewQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff see all views, a person the views of the own profile."""
        if is_prefectural(user):
            return self
        if getattr(user, "is_authenticated", False) and user.is_active:
            return self.filter(specialist__user=user)
        return self.none()
