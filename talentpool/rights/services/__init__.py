"""Verbs on requests, on a person's data, and on alerts of unusual views."""

from talentpool.rights.services.persons import (
    account_json,
    erase_account,
    erase_person,
    heading_of,
    heading_of_account,
    package_json,
    subject_of,
    subject_of_account,
)
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
    "account_json",
    "breakdown",
    "carry_out",
    "decide",
    "erase_account",
    "erase_person",
    "extend",
    "file_request",
    "heading_of",
    "heading_of_account",
    "identify",
    "load_view_limits",
    "package_json",
    "settle_alert",
    "subject_of",
    "subject_of_account",
    "watch_views",
    "withdraw",
]
