"""Verbs on requests and on a person's data."""

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

__all__ = [
    "STALE",
    "carry_out",
    "decide",
    "erase_person",
    "extend",
    "file_request",
    "heading_of",
    "identify",
    "package_json",
    "subject_of",
    "withdraw",
]
