"""The pool: people, what they can do, when they have time, what they agreed to."""

from talentpool.specialists.models.availability import (
    MONTHS_AHEAD,
    Availability,
    AvailabilitySignal,
    Pause,
)
from talentpool.specialists.models.changes import ProfileChange
from talentpool.specialists.models.consent import Consent, Purpose, PurposeText
from talentpool.specialists.models.entry import EntryTicket
from talentpool.specialists.models.firms import FirmManager
from talentpool.specialists.models.fits import ConfidenceFit
from talentpool.specialists.models.interests import (
    BarTerm,
    ConflictCase,
    FirmRelation,
    Interest,
    InterestDeclaration,
)
from talentpool.specialists.models.lobbying import LobbyingRecord
from talentpool.specialists.models.people_import import PeopleImport
from talentpool.specialists.models.person import Firm, Specialist
from talentpool.specialists.models.profile_views import ProfileView
from talentpool.specialists.models.registration import (
    Background,
    Certificate,
    Document,
    PayWish,
    TopicDraft,
    WorkProfile,
)
from talentpool.specialists.models.skills import SpecialistSkill
from talentpool.specialists.models.vetting import InterviewNote, StatusChange

__all__ = [
    "MONTHS_AHEAD",
    "Availability",
    "AvailabilitySignal",
    "Background",
    "BarTerm",
    "Certificate",
    "ConfidenceFit",
    "ConflictCase",
    "Consent",
    "Document",
    "EntryTicket",
    "Firm",
    "FirmManager",
    "FirmRelation",
    "Interest",
    "InterestDeclaration",
    "InterviewNote",
    "LobbyingRecord",
    "Pause",
    "PayWish",
    "PeopleImport",
    "ProfileChange",
    "ProfileView",
    "Purpose",
    "PurposeText",
    "Specialist",
    "SpecialistSkill",
    "StatusChange",
    "TopicDraft",
    "WorkProfile",
]
