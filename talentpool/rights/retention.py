"""People, requests and views past their term."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from talentpool.privacy.erasure import ERASED_WORD
from talentpool.rights.errors import Refused
from talentpool.rights.models import RightsRequest, ViewAlert
from talentpool.rights.services.persons import erase_person
from talentpool.specialists.models import EntryTicket, ProfileView, Specialist


def withdrawn_people(before: datetime) -> QuerySet[Any]:
    """People whose registration ended before that moment and who are still known by name."""
    day = timezone.localdate(before)
    return Specialist.objects.filter(
        status=Specialist.Status.WITHDRAWN, registered_until__lt=day
    ).exclude(name=ERASED_WORD)


def erase_people(rows: QuerySet[Any]) -> int:
    """Erase each whom nothing holds back; who is still under contract waits for its end."""
    erased = 0
    for key in rows.values_list("pk", flat=True):
        try:
            erase_person(key, by=None)
        except Refused:
            continue
        erased += 1
    return erased


def views(before: datetime) -> QuerySet[Any]:
    """Views of profiles before that moment."""
    return ProfileView.objects.filter(at__lt=before)


def view_alerts(before: datetime) -> QuerySet[Any]:
    """Alerts of unusual views that were found before that moment."""
    return ViewAlert.objects.filter(found_at__lt=before)


def closed_requests(before: datetime) -> QuerySet[Any]:
    """Requests that were dealt with, or taken back, before that moment."""
    day = timezone.localdate(before)
    done = RightsRequest.objects.filter(status=RightsRequest.Status.DONE, done_on__lt=day)
    taken_back = RightsRequest.objects.filter(
        status=RightsRequest.Status.WITHDRAWN, received_on__lt=day
    )
    return done | taken_back


def expired_sessions(before: datetime) -> QuerySet[Any]:
    """Sessions that ran out before that moment."""
    return Session.objects.filter(expire_date__lt=before)


def ended_tickets(before: datetime) -> QuerySet[Any]:
    """Ways in that ran out before that moment: wishes that nobody confirmed, and used ones."""
    return EntryTicket.objects.filter(expires_at__lt=before)
