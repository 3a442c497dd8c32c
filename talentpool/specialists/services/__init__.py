"""Verbs on a person of the pool."""

from talentpool.specialists.services.availability import (
    confidence_by_person,
    confirm_availability,
    declared_half_days,
    note_signal,
)
from talentpool.specialists.services.profile_views import log_views

__all__ = [
    "confidence_by_person",
    "confirm_availability",
    "declared_half_days",
    "log_views",
    "note_signal",
]
