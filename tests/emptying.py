"""What stands at the end of every test that commits: the tables as they were at the beginning.

Django truncates all tables, which makes a thousand files anew, and then looks for every content
type and permission again: more work than many of these tests do themselves.
"""

from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.db.models.signals import post_migrate
from django.test import TransactionTestCase

PERMISSIONS = "django.contrib.auth.management.create_permissions"
# They follow from the models alone, which no test changes.
KEPT = {"auth_permission", "django_content_type"}


def empty_tables(_case: TransactionTestCase) -> None:
    """Instead of `TransactionTestCase._fixture_teardown`."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [name for name in names if name not in KEPT]
    quoted = [connection.ops.quote_name(name) for name in tables]
    with transaction.atomic(), connection.cursor() as cursor:
        # As TRUNCATE would: wait for what a server's thread or a worker still writes.
        cursor.execute(f"LOCK TABLE {', '.join(quoted)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SELECT ARRAY[" + ", ".join(f"EXISTS (TABLE {q})" for q in quoted) + "]")
        filled = [q for q, holds in zip(quoted, cursor.fetchone()[0], strict=True) if holds]
        # All rows go, so neither foreign keys nor triggers have anything to watch.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in filled:
            cursor.execute(f"DELETE FROM {table}")
    if filled:
        with connection.cursor() as cursor:  # later tests shall not read over what is deleted
            cursor.execute(f"VACUUM {', '.join(filled)}")
    _load_what_migrations_load()


def _load_what_migrations_load() -> None:
    """The rows of our own apps; content types and permissions are still there."""
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid=PERMISSIONS)
    try:
        emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
    finally:
        post_migrate.connect(create_contenttypes)
        post_migrate.connect(create_permissions, dispatch_uid=PERMISSIONS)
