"""Large CSV files straight from the database, safe to open in a spreadsheet (A-33, D-07).

COPY does the writing and the escaping of formulas is part of its query; which rows come is decided
by the queryset, whose own SQL stands inside.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql

FORMULA_STARTS = "=+-@\t\r＝＋－＠"
BOM = b"\xef\xbb\xbf"


def stream_csv(
    queryset: models.QuerySet[Any], columns: Sequence[tuple[str, str]], *, safe: bool = True
) -> Iterator[bytes]:
    """Yield the file in blocks: UTF-8 with BOM, a header, every field quoted.

    `columns` are (identifier in `values`, header). `safe=False` leaves formulas as they are, for
    comparison in the benchmark.
    """
    inner, params = queryset.values("values").query.sql_with_params()
    shown = sql.SQL(", ").join(
        _guarded(identifier, header) if safe else _plain(identifier, header)
        for identifier, header in columns
    )
    record = sql.SQL(", ").join(
        sql.SQL("{} text").format(sql.Identifier(identifier)) for identifier, _ in columns
    )
    # One pass over each row's JSON: `->>` for every column would unpack it as often.
    statement = sql.SQL(
        "COPY (SELECT {shown} FROM ({rows}) AS q (content),"
        " LATERAL jsonb_to_record(q.content) AS r ({record})) TO STDOUT"
        " WITH (FORMAT csv, HEADER, FORCE_QUOTE *)"
    ).format(shown=shown, record=record, rows=sql.SQL(inner))
    with connection.cursor() as cursor:
        yield BOM
        # Django's cursor binds on the client side, as COPY needs it.
        with cursor.cursor.copy(statement, params or None) as copy:
            for block in copy:
                yield bytes(block)


def _guarded(name: str, header: str) -> sql.Composed:
    """A text that begins like a formula, or with apostrophes before one, gets an apostrophe.

    The first letter is compared as a number: that costs least for the many that are harmless.
    """
    return sql.SQL(
        "CASE WHEN ascii({column}) IN ({starts}) THEN '''' || {column}"
        " WHEN ascii({column}) = 39 AND ascii(ltrim({column}, '''')) IN ({starts})"
        " THEN '''' || {column} ELSE {column} END AS {header}"
    ).format(
        column=sql.Identifier(name),
        starts=sql.SQL(", ").join(sql.Literal(ord(start)) for start in FORMULA_STARTS),
        header=sql.Identifier(header),
    )


def _plain(name: str, header: str) -> sql.Composed:
    return sql.SQL("{} AS {}").format(sql.Identifier(name), sql.Identifier(header))
