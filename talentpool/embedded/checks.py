"""System check of the database that DATABASE_URL names (runs with `migrate` and `check`)."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

JAPANESE = "認証基盤"


@register(Tags.database)
def japanese_search_works(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """pg_trgm must see Japanese letters: with LC_CTYPE C it sees none, and says nothing about it.

    Asks pg_trgm itself where the extension is there already, else the database's LC_CTYPE.
    """
    messages: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
            if cursor.fetchone():
                cursor.execute("SELECT cardinality(show_trgm(%s)) > 0", [JAPANESE])
            else:
                cursor.execute(
                    "SELECT datctype NOT IN ('C', 'POSIX') FROM pg_database"
                    " WHERE datname = current_database()"
                )
            works = cursor.fetchone()[0]
        if not works:
            messages.append(
                Error(
                    f"Database {alias!r} cannot search Japanese text: its LC_CTYPE is C, with"
                    " which pg_trgm finds no Japanese letters.",
                    hint=(
                        "Make the database anew with LC_CTYPE 'C.UTF-8' (CREATE DATABASE …"
                        " TEMPLATE template0 LC_CTYPE 'C.UTF-8'), and restore the data into it."
                    ),
                    id="embedded.E001",
                )
            )
    return messages
