"""The pool: people, what they can do, when they have time, what they agreed to."""

from talentpool.specialists.models.availability import (
    MONTHS_AHEAD,
    Availability,
    AvailabilitySignal,
    Pause,
)
from talentpool.specialists.models.consent import Consent, Purpose, PurposeText
from talentpool.specialists.models.interests import (
    ConflictCase,
    FirmRelation,
    Interest,
    InterestDeclaration,
)
from talentpool.specialists.models.person import Firm, Specialist
from talentpool.specialists.models.profile_views import ProfileView
from talentpool.specialists.models.skills import SpecialistSkill

__all__ = [
    "MONTHS_AHEAD",
    "Availability",
    "AvailabilitySignal",
    "ConflictCase",
    "Consent",
    "Firm",
    "FirmRelation",
    "Interest",
    "InterestDeclaration",
    "Pause",
    "ProfileView",
    "Purpose",
    "PurposeText",
    "Specialist",
    "SpecialistSkill",
]
