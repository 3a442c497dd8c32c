"""Verbs on a person of the pool."""

from talentpool.specialists.services.profile_views import log_views

__all__ = ["log_views"]
