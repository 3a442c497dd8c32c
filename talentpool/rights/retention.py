"""People, requests and views past their term."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from talentpool.outbox.models import Message
from talentpool.privacy.erasure import ERASED_WORD
from talentpool.rights.errors import Refused
from talentpool.rights.models import RightsRequest, ViewAlert
from talentpool.rights.services.persons import erase_account, erase_person
from talentpool.specialists.models import (
    EntryTicket,
    FirmManager,
    ProfileView,
    Specialist,
    StatusChange,
)
from talentpool.specialists.services.entry import ticket_mail_key
from talentpool.users.models import User


def withdrawn_people(before: datetime) -> QuerySet[Any]:
    """People who left, whose registration ended, or whom the prefecture refused or removed before
    that moment, registered or not, and who are still known by name. The step that ended it counts;
    where none is kept, the end of the registration."""
    steps = StatusChange.objects.filter(specialist=OuterRef("pk"), after__in=Specialist.GONE)
    steps = steps.exclude(before=F("after"))  # a note among the steps ends nothing
    gone = Specialist.objects.filter(status__in=Specialist.GONE).exclude(name=ERASED_WORD)
    return gone.annotate(ended_at=Subquery(steps.order_by("-pk").values("at")[:1])).filter(
        Q(ended_at__lt=before) | Q(ended_at=None, registered_until__lt=timezone.localdate(before))
    )


def abandoned_drafts(before: datetime) -> QuerySet[Any]:
    """Registrations that were begun or sent back, and that nobody has worked on since before that
    moment: no sign-in, nothing typed, no step."""
    drafts = Specialist.objects.filter(status=Specialist.Status.DRAFT).exclude(name=ERASED_WORD)
    last_seen = Greatest(
        "user__joined_at",
        "user__last_login",
        "submitted_at",
        Max("status_changes__at"),
        Max("topic_drafts__saved_at"),
    )  # of those that there are
    return drafts.annotate(last_seen=last_seen).filter(last_seen__lt=before)


def unused_accounts(before: datetime) -> QuerySet[Any]:
    """Accounts of the pool's people and of firms that belong to no registration and speak for no
    firm, and that nobody has used since before that moment: opened by mail and left, or of a
    manager who was ended."""
    day = timezone.localdate(before)
    speaks = FirmManager.objects.filter(Q(until=None) | Q(until__gte=day), user=OuterRef("pk"))
    return User.objects.filter(
        ~Exists(speaks),
        Q(last_login=None) | Q(last_login__lt=before),
        kind__in=[User.Kind.SPECIALIST, User.Kind.FIRM],
        specialist=None,
        joined_at__lt=before,
    ).exclude(name=ERASED_WORD)


def erase_accounts(rows: QuerySet[Any]) -> int:
    """Erase each that is still unused."""
    return _erased(rows, erase_account)


def erase_people(rows: QuerySet[Any]) -> int:
    """Erase each whom nothing holds back; who is still under contract waits for its end."""
    return _erased(rows, erase_person)


def _erased(rows: QuerySet[Any], erase: Callable[..., Any]) -> int:
    erased = 0
    for key in rows.values_list("pk", flat=True):
        try:
            erase(key, by=None)
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


def forget_tickets(rows: QuerySet[Any]) -> int:
    """Remove them with every mail that still holds the address."""
    keys = list(rows.values_list("pk", flat=True))
    Message.objects.filter(key__in=[ticket_mail_key(key) for key in keys]).delete()
    EntryTicket.objects.filter(pk__in=keys).delete()
    return len(keys)
