"""Attempts on the rules that hold in the database itself, made past the ORM (A-24).

The list of rules comes from the database: a room's test compares it with the attempts it makes.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import Error, IntegrityError, connection, transaction

Attempt = str | Sequence[str]

COPY = (
    "INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object("
    "'id', 900000) || '{changed}'::jsonb)).* FROM {table} t"
    " WHERE id = (SELECT min(id) FROM {table}{where})"
)


def copy(table: str, changed: str = "{}", where: str = "") -> str:
    """Another row like the first one (of those that `where` names), with some columns changed."""
    return COPY.format(table=table, changed=changed, where=f" WHERE {where}" if where else "")


def change(table: str, change: str, where: str = "true") -> str:
    return f"UPDATE {table} SET {change} WHERE {where}"


def names_in_database(*labels: str) -> set[str]:
    """Check and unique constraints, unique indexes and triggers of the apps `labels`, without
    primary keys, foreign keys and the "not negative" checks that field types bring."""
    tables = [
        model._meta.db_table
        for label in labels
        for model in apps.get_app_config(label).get_models()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
             WHERE contype IN ('c', 'u', 'x', 't') AND relname = ANY (%(tables)s)
            UNION
            SELECT index.relname FROM pg_index
              JOIN pg_class AS index ON index.oid = indexrelid
              JOIN pg_class AS the_table ON the_table.oid = indrelid
             WHERE indisunique AND NOT indisprimary AND the_table.relname = ANY (%(tables)s)
            UNION
            SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
             WHERE NOT tgisinternal AND relname = ANY (%(tables)s)
            """,
            {"tables": tables},
        )
        names = {name for (name,) in cursor.fetchall()}
    not_named = re.compile(r"_check\d*$")
    return {name_as_written(name) for name in names if not not_named.search(name)}


def name_as_written(name: str) -> str:
    """A unique field's constraint has another name where it was made so later."""
    return re.sub(r"_[0-9a-f]{8}_uniq$", "_key", name)


def refusals(attempts: Mapping[str, Attempt]) -> dict[str, str]:
    """What refused each attempt, by the attempt's name; each is undone before the next."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is left from building the world
        return {
            name: refused(cursor, (attempt,) if isinstance(attempt, str) else attempt)
            for name, attempt in attempts.items()
        }


def refused(cursor: Any, statements: Sequence[str]) -> str:
    """Run an attempt; which constraint refused it, or what went wrong with the attempt itself."""
    try:
        with transaction.atomic():
            for statement in statements:
                cursor.execute(statement)
                if cursor.rowcount < 1:
                    return "the attempt touches no row"
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    except IntegrityError as error:
        return broken_by(error)
    return "not refused"


def broken_by(error: Error) -> str:
    """The constraint that the server names, or the first word of a trigger's sentence."""
    cause: Any = error.__cause__
    return name_as_written(cause.diag.constraint_name or str(error).split(":")[0])
