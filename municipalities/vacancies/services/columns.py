"""Texts that are made of a vacancy's values, made anew."""

from django.db import transaction

from municipalities.vacancies.models import Vacancy

BATCH = 500


def renew_columns() -> int:
    """Write the text for search and the line for open data of all vacancies that have no line, as
    those of before the column; returns how many. Runs after each migrate: a migration that changes
    how the texts are made empties the lines. The rows' version and times stay."""
    written = 0
    while done := _renew_some():
        written += done
    return written


@transaction.atomic
def _renew_some() -> int:
    rows = list(
        Vacancy.objects.filter(open_line="")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
        .prefetch_related("form_version__fields")[:BATCH]
    )
    for row in rows:
        row.write_texts()
    Vacancy.objects.bulk_update(rows, ["search_text", "open_line"])
    return len(rows)
