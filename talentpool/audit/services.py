"""Write and check the audit chain."""

import hashlib
import json
from typing import Any, Protocol

from django.db import connection, models, transaction
from django.utils import timezone

from talentpool.audit.models import Event

CHAIN_LOCK = 0x7A11  # one writer at a time, or two events would share a predecessor
FIRST_HASH = "0" * 64


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
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    last = Event.objects.order_by("-pk").values_list("hash", flat=True).first()
    event = Event(
        at=timezone.now(),
        actor_id=by.pk if by else None,
        actor_role=by.role_word if by else "",
        action=action,
        object_type=target._meta.label,
        object_id=str(target.pk),
        detail=detail or {},
        previous_hash=last or FIRST_HASH,
    )
    event.hash = digest(event)
    event.save(force_insert=True)
    return event


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
