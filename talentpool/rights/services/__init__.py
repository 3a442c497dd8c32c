"""Verbs on requests, on a person's data, and on alerts of unusual views."""

from talentpool.rights.services.persons import erase_person, heading_of, package_json, subject_of
from talentpool.rights.services.requests import (
    STALE,
    carry_out,
    decide,
    extend,
    file_request,
    identify,
    withdraw,
)
from talentpool.rights.services.watch import breakdown, load_view_limits, settle_alert, watch_views

__all__ = [
    "STALE",
    "breakdown",
    "carry_out",
    "decide",
    "erase_person",
    "extend",
    "file_request",
    "heading_of",
    "identify",
    "load_view_limits",
    "package_json",
    "settle_alert",
    "subject_of",
    "watch_views",
    "withdraw",
]
