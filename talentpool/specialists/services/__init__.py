"""Verbs on a person of the pool."""

from talentpool.specialists.services.availability import (
    answered_months,
    confidence_by_person,
    confirm_availability,
    declared_half_days,
    note_sign_in,
    note_signal,
)
from talentpool.specialists.services.interests import (
    CaseChanged,
    CaseClosed,
    decide_case,
    declare_interests,
    register_interest_watcher,
    remove_interest,
    save_interest,
    say_no_company,
    seen_of,
)
from talentpool.specialists.services.lobbying import link_lobbying, record_lobbying, report_lobbying
from talentpool.specialists.services.profile_views import log_views

__all__ = [
    "CaseChanged",
    "CaseClosed",
    "answered_months",
    "confidence_by_person",
    "confirm_availability",
    "decide_case",
    "declare_interests",
    "declared_half_days",
    "link_lobbying",
    "log_views",
    "note_sign_in",
    "note_signal",
    "record_lobbying",
    "register_interest_watcher",
    "remove_interest",
    "report_lobbying",
    "save_interest",
    "say_no_company",
    "seen_of",
]
