"""How much time the pool has in the coming months: declared, booked, free, and to be expected.

Counted once a day and kept, for it reads everybody; the page reads one row.
"""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from matching.engagements.models import CapacityMonth, Outlook
from talentpool.conventions.months import add_months, first_of_month
from talentpool.specialists.models import MONTHS_AHEAD, Specialist
from talentpool.specialists.services import confidence_by_person, declared_half_days

BATCH = 2000


def renew_outlook(today: date) -> Outlook:
    """Count the outlook of `today` and keep it. Run by the calendar, any number of times a day.

    `expected` weighs each person's free half-days by the confidence: what an approach would find.
    """
    months = [add_months(first_of_month(today), index) for index in range(MONTHS_AHEAD)]
    rows = {
        month: dict.fromkeys(("people", "declared", "booked", "free", "expected"), 0)
        for month in months
    }
    now = timezone.now()
    people = list(Specialist.objects.registered().order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(people), BATCH):
        ids = people[start : start + BATCH]
        declared = declared_half_days(ids, months)
        sure = confidence_by_person(ids, now=now)
        used: dict[tuple[int, date], int] = {
            (pk, month): taken
            for pk, month, taken in CapacityMonth.objects.filter(
                specialist_id__in=ids, month__in=months
            ).values_list("specialist_id", "month", models.F("signed") + models.F("held"))
        }
        for pk in ids:
            for month in months:
                booked = used.get((pk, month), 0)
                free = max(0, declared[pk][month] - booked)
                row = rows[month]
                row["people"] += bool(free)
                row["declared"] += declared[pk][month]
                row["booked"] += booked
                row["free"] += free
                row["expected"] += free * sure[pk]
    content = [
        {"month": month.isoformat(), **row, "expected": row["expected"] // 1000}
        for month, row in rows.items()
    ]
    with transaction.atomic():
        kept, _ = Outlook.objects.update_or_create(
            as_of=today, defaults={"rows": content, "counted_at": now}
        )
    return kept


def latest() -> tuple[Outlook | None, list[dict[str, Any]]]:
    """The newest outlook and its rows with months as dates."""
    kept = Outlook.objects.order_by("-as_of").first()
    if kept is None:
        return None, []
    return kept, [{**row, "month": date.fromisoformat(row["month"])} for row in kept.rows]
