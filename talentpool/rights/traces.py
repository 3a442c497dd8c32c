"""Records about a person that no reference leads to: the audit record, mails, sessions."""

from collections.abc import Iterator

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q

from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.privacy.package import Part, Subject
from talentpool.specialists.models import EntryTicket, FirmManager, Specialist
from talentpool.specialists.services.entry import ticket_mail_key
from talentpool.users.models import User


def firms_spoken_for(subject: Subject) -> Iterator[Part]:
    """The firms for which the account speaks or spoke."""
    if subject.account is None:
        return
    managers = FirmManager.objects.filter(user_id=subject.account).select_related("firm")
    rows = [
        {
            "事業者": row.firm.name,
            "開始日": row.since.isoformat(),
            "終了日": row.until.isoformat() if row.until else None,
        }
        for row in managers.order_by("pk")
    ]
    yield Part("事業者の担当者", rows)


def audit_events(subject: Subject) -> Iterator[Part]:
    """What was done with the person's registration, and what the person did."""
    about = Q(object_type=Specialist._meta.label, object_id=str(subject.person))
    if subject.account is not None:
        about |= Q(actor_id=subject.account)
        about |= Q(object_type=User._meta.label, object_id=str(subject.account))
    rows = [
        {
            "日時": event.at.isoformat(timespec="seconds"),
            "操作した人": "あなた" if event.actor_id == subject.account else event.actor_role,
            "操作": event.action,
            "対象": f"{event.object_type} {event.object_id}",
            "内訳": event.detail,
        }
        for event in Event.objects.filter(about).order_by("pk")
    ]
    yield Part("監査記録", rows)


def mails(subject: Subject) -> Iterator[Part]:
    """Mails to the person that are still kept: those on their way, and those that failed."""
    rows = [
        {
            "作成": message.created_at.isoformat(timespec="seconds"),
            "状態": message.get_state_display(),
            "宛先": message.payload.get("to"),
            "件名": message.payload.get("subject"),
            "本文": message.payload.get("body"),
        }
        for message in _mails_to(subject)
    ]
    yield Part("送信箱", rows)


def remove_mails(subject: Subject) -> int:
    """Mails to the person are not sent any more, nor links to the person's registration."""
    ways = EntryTicket.objects.filter(specialist=subject.person).values_list("pk", flat=True)
    theirs = Q(pk__in=[message.pk for message in _mails_to(subject)])
    theirs |= Q(key__in=[ticket_mail_key(pk) for pk in ways])  # also to an address typed wrongly
    return Message.objects.filter(theirs).delete()[0]


def _mails_to(subject: Subject) -> list[Message]:
    return list(
        Message.objects.filter(
            kind=Message.Kind.MAIL, payload__to__in=list(subject.addresses)
        ).order_by("pk")
    )


def remove_sessions(subject: Subject) -> int:
    """The account is signed out everywhere."""
    keys = UserSession.objects.filter(user_id=subject.account).values_list("session_key", flat=True)
    count, _ = Session.objects.filter(session_key__in=list(keys)).delete()
    return count


def remove_tickets(subject: Subject) -> int:
    """Tickets by which the person came in: they know an address, not yet a person."""
    count, _ = EntryTicket.objects.filter(email__in=list(subject.addresses)).delete()
    return count
