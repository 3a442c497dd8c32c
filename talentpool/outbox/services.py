"""Write messages in the caller's transaction; relay them afterwards.

A service names a task here and never imports one. `on_commit` only nudges: when the nudge is lost
(crash, broker away), beat's sweep finds the row.
"""

import hashlib
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from talentpool.outbox.models import Message

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
CLAIM_IS_STALE = timedelta(minutes=10)
NUDGE_PAUSE_SECONDS = 30  # after a failed nudge: the web must not wait for a broker that is away

_no_nudge_before = 0.0


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one recipient; `headers` are further ones, such as List-Unsubscribe."""

    to: str
    subject: str
    body: str
    key: str
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """Raises ValueError when a header holds a line break (header injection)."""
        for text in (self.subject, self.to, *self.headers.values()):
            if "\n" in text or "\r" in text:
                raise ValueError("mail headers must be one line")
        return {"to": self.to, "subject": self.subject, "body": self.body, "headers": self.headers}


def send_mail_later(*, to: str, subject: str, body: str, key: str) -> None:
    """Queue one mail to one recipient (B-13); a second call with the same key does nothing.

    Raises ValueError when the subject or the address holds a line break (header injection).
    """
    send_mails_later([Mail(to=to, subject=subject, body=body, key=key)])


def send_mails_later(mails: Iterable[Mail]) -> None:
    """Queue many mails at once, each like `send_mail_later` (D-14)."""
    now = timezone.now()
    Message.objects.bulk_create(
        (
            Message(kind=Message.Kind.MAIL, key=mail.key, payload=mail.payload(), not_before=now)
            for mail in mails
        ),
        batch_size=1000,
        ignore_conflicts=True,
    )
    transaction.on_commit(nudge, robust=True)


def request_task(name: str, *args: int | str, key: str) -> None:
    """Queue the start of the Celery task `name`; a second call with the same key does nothing."""
    _write(Message.Kind.TASK, key, {"name": name, "args": list(args)})


def _write(kind: Message.Kind, key: str, payload: dict[str, Any]) -> None:
    Message.objects.bulk_create(
        [Message(kind=kind, key=key, payload=payload, not_before=timezone.now())],
        ignore_conflicts=True,
    )
    transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Ask a worker to relay now. A broker that is away is noted, never the user's problem."""
    global _no_nudge_before
    if time.monotonic() < _no_nudge_before:
        return
    try:
        current_app.send_task("outbox.relay", expires=60)
    except (OperationalError, OSError):
        _no_nudge_before = time.monotonic() + NUDGE_PAUSE_SECONDS
        logger.warning("broker not reached; the sweep will relay the outbox")


def relay() -> int:
    """Deliver what is pending and due; returns how many messages were handled. Runs beside itself.

    Rows are claimed with SKIP LOCKED, so that several relays share the work.
    """
    mark_stale_claims()
    handled = 0
    while (message := _claim()) is not None:
        _deliver(message)
        handled += 1
    return handled


def _claim() -> Message | None:
    """One at a time: a relay that dies leaves one mail behind of which nobody knows (A-36)."""
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(skip_locked=True)
            .filter(state=Message.State.PENDING, not_before__lte=timezone.now())
            .order_by("not_before", "pk")
            .first()
        )
        if message is not None:
            message.state = Message.State.CLAIMED
            message.attempts += 1
            message.not_before = timezone.now()
            _keep(message, "state", "attempts", "not_before")
    return message


def _deliver(message: Message) -> None:
    try:
        if message.kind == Message.Kind.MAIL:
            _send_mail(message)
        else:
            current_app.send_task(message.payload["name"], args=message.payload["args"])
    except Exception as error:  # any failure of SMTP or broker is retried, whatever its type
        _put_back(message, error)
        return
    message.state = Message.State.DONE
    message.finished_at = timezone.now()
    if message.kind == Message.Kind.MAIL:
        message.payload = {}  # addresses, words and links (an invitation's!) are kept no longer
    _keep(message, "state", "finished_at", "payload")


def _put_back(message: Message, error: Exception) -> None:
    """Back to pending with a growing pause (1 min to 1 h), or failed after MAX_ATTEMPTS."""
    message.last_error = type(error).__name__
    if message.attempts >= MAX_ATTEMPTS:
        message.state = Message.State.FAILED
        message.finished_at = timezone.now()
        logger.error("outbox message %s failed for good", message.pk)
    else:
        message.state = Message.State.PENDING
        message.not_before = timezone.now() + timedelta(minutes=min(60, 2**message.attempts // 2))
    _keep(message, "state", "not_before", "finished_at", "last_error")


def _keep(message: Message, *names: str) -> None:
    """Save columns of a row that may be gone by now: who unsubscribes leaves no trace."""
    Message.objects.filter(pk=message.pk).update(**{name: getattr(message, name) for name in names})


def _send_mail(message: Message) -> None:
    mail = EmailMessage(
        subject=message.payload["subject"],
        body=message.payload["body"],
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.payload["to"]],
        # The same row always carries the same id, so that a repeated sending is seen as one mail.
        headers={
            **message.payload.get("headers", {}),
            "Message-ID": f"<{hashlib.sha256(message.key.encode()).hexdigest()}@talentpool>",
        },
    )
    mail.send(fail_silently=False)


def mark_stale_claims() -> None:
    """Settle claims whose relay died: a task is asked for again (tasks may run twice), a mail is
    listed for staff as unknown, because it may have gone out (A-36)."""
    stale = Message.objects.filter(
        state=Message.State.CLAIMED, not_before__lt=timezone.now() - CLAIM_IS_STALE
    )
    stale.filter(kind=Message.Kind.TASK).update(
        state=Message.State.PENDING, not_before=timezone.now()
    )
    stale.filter(kind=Message.Kind.MAIL).update(
        state=Message.State.UNKNOWN, finished_at=timezone.now()
    )


def lag_seconds() -> float:
    """Age in seconds of the oldest message that is due and not delivered; 0 when there is none."""
    oldest = (
        Message.objects.filter(state=Message.State.PENDING, not_before__lte=timezone.now())
        .order_by("not_before")
        .values_list("not_before", flat=True)
        .first()
    )
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0
