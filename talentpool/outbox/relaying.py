"""Deliver what the outbox holds: at once what is urgent, mass mail at the set rate."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.utils import timezone

from talentpool.outbox.alone import alone
from talentpool.outbox.models import Message
from talentpool.outbox.pace import Pace
from talentpool.outbox.post import Post
from talentpool.outbox.services import nudge

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
CLAIM_IS_STALE = timedelta(minutes=10)
BULK_LOCK = 0xB01C
# A relay gives its worker back after that time and asks for the next one: no task may run so long
# that its time limit cuts it, and others wait for a place, too.
TURN_SECONDS = 50.0
LOOK_SECONDS = 0.5  # while mass mail waits for its moment, what is urgent is looked for

CLAIM = """
UPDATE outbox_message SET state = 'claimed', attempts = attempts + 1, not_before = %s
WHERE id = (
    SELECT id FROM outbox_message
    WHERE state = 'pending' AND in_bulk = %s AND not_before <= %s
    ORDER BY not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING *
"""

Deliver = Callable[[Message], None]


def relay() -> int:
    """Deliver what is pending and due; returns how many messages were handled. Runs beside itself.

    Rows are claimed with SKIP LOCKED, so that several relays share the work. Mass mail goes
    through one relay at a time, `MAILS_PER_SECOND`; between its mails everything else goes first.
    """
    mark_stale_claims()
    end = time.monotonic() + TURN_SECONDS
    post = Post()

    def deliver(message: Message) -> None:
        _deliver(message, post)

    try:
        handled = _relay_urgent(deliver, end)
        if _bulk_waits():
            with alone(BULK_LOCK, 0) as gained:
                if gained:
                    handled += _relay_bulk(deliver, end)
            if gained and _bulk_waits():
                nudge()
    finally:
        post.close()
    return handled


def _relay_urgent(deliver: Deliver, end: float) -> int:
    handled = 0
    while time.monotonic() < end and (message := _claim(in_bulk=False)) is not None:
        deliver(message)
        handled += 1
    return handled


def _relay_bulk(deliver: Deliver, end: float) -> int:
    """Nothing is claimed before its moment: a relay that is killed while it waits loses nothing."""
    pace = Pace(settings.MAILS_PER_SECOND)
    handled = 0
    looked = time.monotonic()
    while time.monotonic() < end:
        wait = pace.wait_seconds()
        if wait > 0:
            time.sleep(min(wait, LOOK_SECONDS))
        if time.monotonic() - looked >= LOOK_SECONDS:
            handled += _relay_urgent(deliver, end)
            looked = time.monotonic()
        if pace.wait_seconds() > 0:
            continue
        message = _claim(in_bulk=True)
        if message is None:
            break
        pace.take()
        deliver(message)
        handled += 1
    return handled


def _bulk_waits() -> bool:
    return Message.objects.filter(
        state=Message.State.PENDING, in_bulk=True, not_before__lte=timezone.now()
    ).exists()


def _claim(*, in_bulk: bool) -> Message | None:
    """One at a time, in one statement: a relay that dies leaves one mail behind of which nobody
    knows (A-36)."""
    now = timezone.now()
    return next(iter(Message.objects.raw(CLAIM, [now, in_bulk, now])), None)


def _deliver(message: Message, post: Post) -> None:
    try:
        if message.kind == Message.Kind.MAIL:
            post.send(message)
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
