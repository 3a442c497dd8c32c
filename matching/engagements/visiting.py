"""On which weekdays the visits of signed work happen, and which weekdays they fill."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from matching.engagements.models import Share
from talentpool.audit import services as audit
from talentpool.conventions.weekdays import bits_of
from talentpool.users.models import User

WEEKDAY_HALF_DAYS = 8  # of one weekday in a month, which has it four times, as the engine counts


@dataclass(frozen=True, slots=True)
class Visits:
    """The half-days a month that one share takes of each of its weekdays, rounded up."""

    weekdays: tuple[int, ...]
    half_days: int
    first: date
    last: date


@transaction.atomic
def note_weekdays(share_id: int, *, weekdays: int, by: User) -> Share:
    """Note on which weekdays the visits of a share happen (bit 0 is Monday; 0: not known). By a
    coordinator. The same again changes nothing. Raises ValueError for another mask."""
    if not 0 <= weekdays < 128:
        raise ValueError("weekdays are seven bits")
    share: Share = Share.objects.select_for_update(of=("self",), no_key=True).get(pk=share_id)
    if share.visit_weekdays == weekdays:
        return share
    before, share.visit_weekdays = share.visit_weekdays, weekdays
    share.save(update_fields=["visit_weekdays"])
    audit.record(
        "note_visit_weekdays", share, by=by, detail={"before": before, "weekdays": weekdays}
    )
    return share


def visits_by_person(people: Collection[int], first: date, last: date) -> dict[int, list[Visits]]:
    """The visits of signed shares whose weekdays are known, in any month from `first` to `last`."""
    rows = Share.objects.filter(
        engagement__specialist_id__in=people,
        active=True,
        visit_weekdays__gt=0,
        need__on_site_half_days__gt=0,
        first_month__lte=last,
        last_month__gte=first,
    ).select_related("engagement", "need")
    found: dict[int, list[Visits]] = {}
    for row in rows:
        days = tuple(bits_of(row.visit_weekdays))
        on_site = -(-row.need.on_site_half_days * row.half_days // row.need.half_days)
        a_day = -(-on_site // len(days))
        found.setdefault(row.engagement.specialist_id, []).append(
            Visits(days, a_day, row.first_month, row.last_month)
        )
    return found


def full_weekdays(visits: Collection[Visits], months: Collection[date]) -> int:
    """The weekdays that the visits fill in at least one of the months, as bits."""
    full = 0
    for month in months:
        load = [0] * 7
        for one in visits:
            if one.first <= month <= one.last:
                for day in one.weekdays:
                    load[day] += one.half_days
        full |= sum(1 << day for day in range(7) if load[day] >= WEEKDAY_HALF_DAYS)
    return full
