"""Write messages in the caller's transaction; `relaying` delivers them afterwards.

A service names a task here and never imports one. `on_commit` only nudges: when the nudge is lost
(crash, broker away), beat's sweep finds the row.
"""

import json
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from talentpool.audit import services as audit
from talentpool.audit.services import Actor
from talentpool.outbox.models import Message

logger = logging.getLogger(__name__)

BATCH = 2000
NUDGE_PAUSE_SECONDS = 30  # after a failed nudge: the web must not wait for a broker that is away

WRITE = """
INSERT INTO outbox_message
    (kind, key, payload, in_bulk, state, attempts, not_before, created_at, last_error)
SELECT %s, key, payload, %s, %s, 0, %s, %s, ''
FROM jsonb_to_recordset(%s::jsonb) AS r (key text, payload jsonb)
ON CONFLICT (key) DO NOTHING
"""

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


def send_mails_later(mails: Iterable[Mail], *, in_bulk: bool = False) -> None:
    """Queue many mails at once, each like `send_mail_later` (D-14).

    Those `in_bulk` leave at the set rate and behind everything else: news to thousands never
    holds up an invitation. Any number may come: they are written in batches.
    """
    rest = iter(mails)
    while batch := [(mail.key, mail.payload()) for mail in islice(rest, BATCH)]:
        _write(Message.Kind.MAIL, batch, in_bulk=in_bulk)


def request_task(name: str, *args: int | str, key: str) -> None:
    """Queue the start of the Celery task `name`; a second call with the same key does nothing."""
    _write(Message.Kind.TASK, [(key, {"name": name, "args": list(args)})])


def _write(
    kind: Message.Kind, rows: Iterable[tuple[str, dict[str, Any]]], *, in_bulk: bool = False
) -> None:
    """Rows by key; one that is there stays as it is.

    All rows travel as one JSON text: of ten thousand mails, most of what `bulk_create` takes is
    the quoting of each value by itself.
    """
    now = timezone.now()
    content = json.dumps([{"key": key, "payload": payload} for key, payload in rows])
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [kind, in_bulk, Message.State.PENDING, now, now, content])
    transaction.on_commit(nudge, robust=True)


@transaction.atomic
def send_again(message: Message, *, by: Actor) -> bool:
    """Send a mail that failed, or of which nobody knows whether it left; False for any other.

    By a coordinator, who decides that a mail too many is better than one too few.
    """
    row = Message.objects.select_for_update().get(pk=message.pk)
    ended = row.state in {Message.State.UNKNOWN, Message.State.FAILED}
    if row.kind != Message.Kind.MAIL or not ended:
        return False
    row.state, row.attempts = Message.State.PENDING, 0
    row.not_before, row.finished_at, row.last_error = timezone.now(), None, ""
    row.save()
    audit.record("send_again", row, by=by)
    transaction.on_commit(nudge, robust=True)
    return True


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


def lag_seconds() -> float:
    """Age in seconds of the oldest message that is due and not delivered; 0 when there is none.

    Mass mail waits for its turn and does not count.
    """
    oldest = (
        Message.objects.filter(
            state=Message.State.PENDING, in_bulk=False, not_before__lte=timezone.now()
        )
        .order_by("not_before")
        .values_list("not_before", flat=True)
        .first()
    )
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0
