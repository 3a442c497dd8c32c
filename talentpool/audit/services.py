"""Write and check the audit chain."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from django.db import connection, models, transaction
from django.utils import timezone

from talentpool.audit.models import Event

CHAIN_LOCK = 0x7A11  # one writer at a time, or two events would share a predecessor
FIRST_HASH = "0" * 64
BATCH = 1000
_waiting: ContextVar[list[Event] | None] = ContextVar("events not yet appended", default=None)


class Actor(Protocol):
    """Who did it: anything with a primary key and a role word."""

    pk: Any

    @property
    def role_word(self) -> str: ...


def record(
    action: str, target: models.Model, *, by: Actor | None, detail: dict[str, Any] | None = None
) -> Event:
    """Append one event inside the caller's transaction; `by=None` means the system itself.

    Call it last in a verb: it holds the chain's lock until the transaction ends.
    Raises RuntimeError outside a transaction, because the event must share the verb's fate.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record must run inside the transaction of its verb")
    event = Event(
        actor_id=by.pk if by else None,
        actor_role=by.role_word if by else "",
        action=action,
        object_type=target._meta.label,
        object_id=str(target.pk),
        detail=detail or {},
    )
    waiting = _waiting.get()
    if waiting is None:
        _append([event])
    else:
        waiting.append(event)
    return event


@contextmanager
def together() -> Iterator[None]:
    """Append what is recorded inside at the end of the block, all at once.

    For verbs over thousands of rows: the chain's lock, for which every other verb waits, is then
    taken when the work is done and not at the first row. Until the end an event has no number.
    An exception that leaves the block takes its events with it; a block inside a block adds to the
    outer one.
    """
    if _waiting.get() is not None:
        yield
        return
    events: list[Event] = []
    token = _waiting.set(events)
    try:
        yield
    finally:
        _waiting.reset(token)
    if events:
        _append(events)


def _append(events: Sequence[Event]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    last = Event.objects.order_by("-pk").values_list("hash", flat=True).first() or FIRST_HASH
    for event in events:
        event.at = timezone.now()
        event.previous_hash = last
        event.hash = last = digest(event)
    if len(events) == 1:
        events[0].save(force_insert=True)
    else:
        Event.objects.bulk_create(events, batch_size=BATCH)


def recorded_actions() -> list[str]:
    """The codes of all actions that were ever recorded, in order: one look at the index for each,
    where DISTINCT would read a million events."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE known AS (
                (SELECT action FROM audit_event ORDER BY action LIMIT 1)
                UNION ALL
                SELECT (SELECT event.action FROM audit_event event
                        WHERE event.action > known.action ORDER BY event.action LIMIT 1)
                FROM known WHERE known.action IS NOT NULL
            )
            SELECT action FROM known WHERE action IS NOT NULL
            """
        )
        return [action for (action,) in cursor.fetchall()]


def digest(event: Event) -> str:
    """SHA-256 over the event's content and its predecessor's hash."""
    content = [
        event.at.isoformat(),
        event.actor_id,
        event.actor_role,
        event.action,
        event.object_type,
        event.object_id,
        event.detail,
        event.previous_hash,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def head() -> str:
    """The end of the chain as `number:hash`, to be kept outside the database: only who knows an
    earlier end can tell that the newest events were cut off (A-46)."""
    last = Event.objects.order_by("-pk").first()
    return f"{last.pk}:{last.hash}" if last else f"0:{FIRST_HASH}"


def verify_chain(known_head: str = "") -> tuple[int, int | None]:
    """Return (events checked, pk of the first broken event or None).

    With `known_head`, noted earlier by `head()`, an event that is missing since then is found too:
    its number counts as the broken one.
    """
    known_pk, _, known_hash = known_head.partition(":")
    waited_for = int(known_pk) if known_pk else 0
    previous = FIRST_HASH
    checked = 0
    with transaction.atomic():
        for event in Event.objects.order_by("pk").iterator(2000):
            if event.previous_hash != previous or event.hash != digest(event):
                return checked, event.pk
            if event.pk == waited_for and event.hash == known_hash:
                waited_for = 0
            previous = event.hash
            checked += 1
    return checked, waited_for or None
