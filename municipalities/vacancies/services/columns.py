"""Texts that are made of a vacancy's values, made anew."""

from django.db import transaction

from municipalities.registry.models import Municipality
from municipalities.vacancies.models import Vacancy

BATCH = 500


def renew_columns() -> int:
    """Write the text for search and the line for open data of all vacancies that have no line;
    returns how many. The rows' version and times stay.

    Runs after each migrate, for those of before the column and for a migration that changes how
    the texts are made and empties the lines; and by the calendar, because the database also empties
    the line of a vacancy of which only what is hidden was changed.
    """
    written = last = 0
    while done := _renew_some(last):
        written += len(done)
        last = done[-1].pk
    return written


@transaction.atomic
def _renew_some(after: int) -> list[Vacancy]:
    rows = list(
        Vacancy.objects.filter(open_line="", pk__gt=after)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
        .prefetch_related("form_version__fields")[:BATCH]
    )
    names = Municipality.objects.names_of(code for row in rows for code in row.joint_codes)
    for row in rows:
        row.write_texts(names)
    Vacancy.objects.bulk_update(rows, ["search_text", "open_line"])
    return rows
