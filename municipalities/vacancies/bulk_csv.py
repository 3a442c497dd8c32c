"""Large CSV files straight from the database, safe to open in a spreadsheet (A-33, D-07).

COPY does the writing and the escaping of formulas is part of its query; which rows come is decided
by the queryset, whose own SQL stands inside.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.fields.json import KT
from psycopg import sql

FORMULA_STARTS = ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"]
BOM = b"\xef\xbb\xbf"


def stream_csv(
    queryset: models.QuerySet[Any], columns: Sequence[tuple[str, str]], *, safe: bool = True
) -> Iterator[bytes]:
    """Yield the file in blocks: UTF-8 with BOM, a header, every field quoted.

    `columns` are (identifier in `values`, header). `safe=False` leaves formulas as they are, for
    comparison in the benchmark.
    """
    names = [f"c{number}" for number in range(len(columns))]
    expressions = {
        name: KT(f"values__{identifier}")
        for name, (identifier, _) in zip(names, columns, strict=True)
    }
    inner, params = queryset.values(**expressions).query.sql_with_params()
    guarded = sql.SQL(", ").join(
        _guarded(name, header) if safe else _plain(name, header)
        for name, (_, header) in zip(names, columns, strict=True)
    )
    statement = sql.SQL(
        "COPY (SELECT {columns} FROM ({rows}) AS q) TO STDOUT"
        " WITH (FORMAT csv, HEADER, FORCE_QUOTE *)"
    ).format(columns=guarded, rows=sql.SQL(inner))
    with connection.cursor() as cursor:
        yield BOM
        # Django's cursor binds on the client side, as COPY needs it.
        with cursor.cursor.copy(statement, params or None) as copy:
            for block in copy:
                yield bytes(block)


def _guarded(name: str, header: str) -> sql.Composed:
    """A text that begins like a formula, or with apostrophes before one, gets an apostrophe."""
    return sql.SQL(
        "CASE WHEN ltrim({column}, '''') <> '' AND left(ltrim({column}, ''''), 1) = ANY({starts})"
        " THEN '''' || {column} ELSE {column} END AS {header}"
    ).format(
        column=sql.Identifier(name),
        starts=sql.Literal(FORMULA_STARTS),
        header=sql.Identifier(header),
    )


def _plain(name: str, header: str) -> sql.Composed:
    return sql.SQL("{} AS {}").format(sql.Identifier(name), sql.Identifier(header))
