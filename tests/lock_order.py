"""Watches the order of locks: the chain of the audit record comes last in every verb.

Every verb waits for the chain, and holds it until its end. One that then locks a row of a kind that
it had not touched before may wait for a verb that holds this row and waits for the chain: a
deadlock (A-22). The watcher looks at what a verb, that is the outermost `atomic` block of a test,
sends to the database.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from talentpool.audit.services import CHAIN_LOCK

LOCKING = re.compile(
    r'SELECT .*? FROM "(?P<locked>\w+)".* FOR (NO KEY )?UPDATE'
    r'|UPDATE "(?P<updated>\w+)" SET'
    r'|DELETE FROM "(?P<deleted>\w+)"'
    r'|INSERT INTO "(?P<made>\w+)"',
    re.DOTALL,
)


class LockOrder:
    """`found` has, for each verb that was out of order, the table that it locked after the chain
    and the statement."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._outside = len(connection.savepoint_ids)
        self._verb: str | None = None
        self._touched: set[str] = set()
        self._chained = False

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        depth = connection.savepoint_ids
        verb = depth[self._outside] if len(depth) > self._outside else None
        if verb != self._verb:
            self._verb, self._touched, self._chained = verb, set(), False
        if verb is not None:
            self._look(str(sql), params)
        return execute(sql, params, many, context)

    def _look(self, sql: str, params: Any) -> None:
        if "pg_advisory_xact_lock" in sql and list(params or ()) == [CHAIN_LOCK]:
            self._chained = True
            return
        match = LOCKING.match(sql)
        if match is None:
            return
        table = next(name for name in match.groupdict().values() if name)
        if self._chained and table not in self._touched and not match["made"]:
            self.found.append((table, sql))
        self._touched.add(table)


@contextmanager
def watching() -> Iterator[LockOrder]:
    """Watch the verbs that are called inside, in a test with a transaction of its own."""
    order = LockOrder()
    with connection.execute_wrapper(order):
        yield order
