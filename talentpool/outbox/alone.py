"""One process at a time, for work that another one takes up when its worker dies (ADR 3)."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(space: int, key: int) -> Iterator[bool]:
    """True for one process at a time. The lock belongs to the database session and ends with
    it: a worker that was killed holds nothing. `space` and `key` are below 2**31."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, key])
        (gained,) = cursor.fetchone() or (False,)
        try:
            yield bool(gained)
        finally:
            if gained:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [space, key])


def busy(space: int, keys: Collection[int]) -> set[int]:
    """Of these keys those that a process is at now. Looks without taking any lock: whoever begins
    in this moment is not turned away."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND classid = %s AND objid = ANY(%s) AND granted",
            [space, list(keys)],
        )
        return {int(key) for (key,) in cursor.fetchall()}
