"""Large CSV files straight from the database, safe to open in a spreadsheet (A-33, D-07).

Each vacancy carries its line (ADR 16), so that a file is a COPY of lines; which rows come is
decided by the queryset, whose own SQL stands inside. A line that lacks the last columns of the
file, which only earlier forms have, gets them empty; a row whose line has other columns is unpacked
by the database.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql

from municipalities.vacancies.models import FormVersion
from talentpool.conventions.cells import csv_line

FORMULA_STARTS = "=+-@\t\r＝＋－＠"
BOM = b"\xef\xbb\xbf"
LINES_TOGETHER = 64


def stream_csv(
    queryset: models.QuerySet[Any], columns: Sequence[tuple[str, str]]
) -> Iterator[bytes]:
    """Yield the file of a queryset of vacancies in blocks: UTF-8 with BOM, a header, every field
    quoted, lines that end in CRLF.

    `columns` are (identifier in `values`, header).
    """
    yield BOM + csv_line(header for _, header in columns).encode()
    identifiers = tuple(identifier for identifier, _ in columns)
    inner, params = queryset.values("values", "form_version", "open_line").query.sql_with_params()
    # Binary, because the other formats would quote and escape the line once more.
    statement = sql.SQL(
        "COPY (SELECT CASE {lines} ELSE {unpacked} END"
        " FROM ({rows}) AS q (content, form, line)) TO STDOUT WITH (FORMAT binary)"
    ).format(
        lines=sql.SQL(" ").join(_lines_of(identifiers)),
        unpacked=_unpacked(identifiers),
        rows=sql.SQL(inner),
    )
    # Django's cursor binds on the client side, as COPY needs it.
    with connection.cursor() as cursor, cursor.cursor.copy(statement, params or None) as copy:
        copy.set_types(["bytea"])  # the bytes of the text, as they come
        together = []
        for (line,) in copy.rows():
            together.append(line)
            if len(together) == LINES_TOGETHER:
                yield b"".join(together)
                together.clear()
        yield b"".join(together)


def _lines_of(identifiers: tuple[str, ...]) -> Iterator[sql.Composable]:
    """For each version of the form whose lines have these columns, or all but the last ones, which
    are none of its fields: when a row is in it, the line."""
    for row in FormVersion.objects.prefetch_related("fields"):
        definition = row.definition
        own = definition.open_identifiers
        more = identifiers[len(own) :]
        if own and identifiers[: len(own)] == own and not set(more) & {*definition.identifiers}:
            yield sql.SQL("WHEN form = {form} AND line <> '' THEN {line}").format(
                form=sql.Literal(row.pk),
                line=sql.SQL("left(line, -2) || {}").format(sql.Literal(',""' * len(more) + "\r\n"))
                if more
                else sql.SQL("line"),
            )
    yield sql.SQL("WHEN false THEN ''")  # so that there is a case


def _unpacked(identifiers: Sequence[str]) -> sql.Composed:
    """The line made from `content`, in one pass over its JSON: `->>` for every column would unpack
    it as often."""
    cells = sql.SQL(", ").join(_guarded(identifier) for identifier in identifiers)
    record = sql.SQL(", ").join(
        sql.SQL("{} text").format(sql.Identifier(identifier)) for identifier in identifiers
    )
    return sql.SQL(
        "(SELECT {quote} || array_to_string(ARRAY[{cells}], {between}, '') || {end}"
        " FROM jsonb_to_record(content) AS r ({record}))"
    ).format(
        quote=sql.Literal('"'),
        cells=cells,
        between=sql.Literal('","'),
        end=sql.Literal('"\r\n'),
        record=record,
    )


def _guarded(name: str) -> sql.Composed:
    """A text that begins like a formula, or with apostrophes before one, gets an apostrophe.

    The first letter is compared as a number: that costs least for the many that are harmless.
    """
    return sql.SQL(
        "CASE WHEN ascii({column}) IN ({starts}) THEN ''''"
        " WHEN ascii({column}) = 39 AND ascii(ltrim({column}, '''')) IN ({starts}) THEN ''''"
        " ELSE '' END || replace({column}, {quote}, {twice})"
    ).format(
        column=sql.Identifier(name),
        starts=sql.SQL(", ").join(sql.Literal(ord(start)) for start in FORMULA_STARTS),
        quote=sql.Literal('"'),
        twice=sql.Literal('""'),
    )
