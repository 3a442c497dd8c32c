"""Whether this process can serve: asked by the load balancer and the compose file (A-43).

Apps add checks of their own (the outbox: its lag) in `AppConfig.ready()`.
"""

import logging
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)

Check = Callable[[], bool]
_checks: dict[str, Check] = {}
_migrated: list[bool] = []


def register_readiness(name: str, check: Check) -> None:
    """Add a check that returns whether all is well; the same name again replaces the first."""
    _checks[name] = check


def is_ready() -> bool:
    """Database reachable, migrations applied, and all registered checks pass.

    What failed goes to the log, not to the anonymous asker.
    """
    try:
        failed = next((name for name, check in _all_checks().items() if not check()), None)
    except DatabaseError:
        logger.warning("Not ready: the database does not answer.", exc_info=True)
        return False
    if failed is not None:
        logger.warning("Not ready: %s", failed)
    return failed is None


def _all_checks() -> dict[str, Check]:
    return {"migrations": _migrations_applied, **_checks}


def _migrations_applied() -> bool:
    """Reads the migration graph until it is complete once: no process un-applies migrations."""
    if _migrated:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    _migrated.append(True)
    return True
