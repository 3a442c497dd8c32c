"""A person says when there is time: days a month, a pause; what that would do to bookings.

Bookings stand whatever is declared. The page names the towns and days before anything is saved, the
coordinators find the months in their work queue.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from matching.engagements.models import CapacityMonth, Hold, SettledMonth, Share
from matching.engagements.services import lock_months, lock_people
from municipalities.registry.notices import tell_coordinators
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.conventions.months import month_range
from talentpool.specialists.models import Availability, Pause, Specialist
from talentpool.specialists.services import declared_half_days
from talentpool.users.models import User


class DeclarationRefused(Exception):
    """The pause cannot be kept; says why in Japanese."""


@dataclass(frozen=True, slots=True)
class TownDays:
    """What a town has of a person in a month, in half-days; `sure` when it is signed."""

    town: str
    half_days: int
    sure: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A month in which more is booked than would be declared, with the towns that are hit."""

    month: date
    declared: int
    booked: int
    towns: tuple[TownDays, ...]

    @property
    def short(self) -> int:
        """Half-days that are missing."""
        return self.booked - self.declared


def hits_of(specialist_id: int, days: Mapping[date, int]) -> list[Hit]:
    """The months in which `days` (half-days by month) would be less than what is booked."""
    return hits_by_person({specialist_id: days})[specialist_id]


def hits_by_person(days: Mapping[int, Mapping[date, int]]) -> dict[int, list[Hit]]:
    """As `hits_of`, for many people by their key, in at most three queries."""
    months = {month for of_one in days.values() for month in of_one}
    rows = CapacityMonth.objects.filter(specialist_id__in=list(days), month__in=months)
    short = [
        row
        for row in rows.order_by("month")
        if row.used > days[row.specialist_id].get(row.month, row.used)
    ]
    found: dict[int, list[Hit]] = {pk: [] for pk in days}
    if not short:
        return found
    parts = _booked_parts({row.specialist_id for row in short}, short[0].month, short[-1].month)
    for row in short:
        found[row.specialist_id].append(
            Hit(
                month=row.month,
                declared=days[row.specialist_id][row.month],
                booked=row.used,
                towns=tuple(
                    TownDays(town, half_days, sure)
                    for town, half_days, sure, begins, ends in parts.get(row.specialist_id, ())
                    if begins <= row.month <= ends
                ),
            )
        )
    return found


def _booked_parts(
    people: Collection[int], first: date, last: date
) -> dict[int, list[tuple[str, int, bool, date, date]]]:
    """What is signed, then what is held, in the months from `first` to `last`, by person: the town,
    half-days, whether it is signed, its first and last month."""
    spans = {"first_month__lte": last, "last_month__gte": first}
    shares = Share.objects.filter(engagement__specialist_id__in=people, active=True, **spans)
    holds = Hold.objects.filter(specialist_id__in=people, state=Hold.State.ACTIVE, **spans)
    columns = ("municipality__name", "half_days", "first_month", "last_month")
    found: dict[int, list[tuple[str, int, bool, date, date]]] = {}
    for rows, way, sure in (
        (shares, "engagement__specialist_id", True),
        (holds, "specialist_id", False),
    ):
        by_town = rows.order_by("municipality__kana")
        for pk, town, half_days, begins, ends in by_town.values_list(way, *columns):
            found.setdefault(pk, []).append((town or "市町", half_days, sure, begins, ends))
    return found


def new_hits(specialist_id: int, days: Mapping[date, int]) -> list[Hit]:
    """As `hits_of`, only where the days would be fewer than they are now."""
    now = declared_half_days([specialist_id], list(days))[specialist_id]
    return [hit for hit in hits_of(specialist_id, days) if hit.declared < now[hit.month]]


def effective(specialist_id: int, days: Mapping[date, int]) -> dict[date, int]:
    """`days` with none in the months of a pause."""
    pauses = Pause.objects.filter(specialist_id=specialist_id)
    paused = {month for row in pauses for month in month_range(row.first_month, row.last_month)}
    return {month: 0 if month in paused else half_days for month, half_days in days.items()}


@transaction.atomic
def declare_days(
    specialist: Specialist, days: dict[date, int], *, weekdays: int | None = None, by: User
) -> list[date]:
    """Record the half-days a month that a person declares, and the weekdays. By the person.

    Returns the months in which more is booked than declared: those bookings stand, nothing more is
    booked there, and the months stand in the coordinators' work queue (`overbooked`).
    """
    rows, _ = lock_months(specialist.pk, sorted(days))
    for month, half_days in days.items():
        Availability.objects.update_or_create(
            specialist=specialist, month=month, defaults={"half_days": half_days}
        )
    changed: dict[str, object] = {"confirmed_at": timezone.now()}
    if weekdays is not None:
        changed["weekdays"] = weekdays
    Specialist.objects.filter(pk=specialist.pk).update(**changed)
    hit = _set_limits(specialist, rows)
    audit.record("declare_days", specialist, by=by, detail={"months": len(days), "hit": len(hit)})
    return hit


@transaction.atomic
def add_pause(
    specialist: Specialist, *, first_month: date, last_month: date, by: User
) -> list[date]:
    """Take no work in these months. By the person. Returns the months in which something is booked
    all the same. Raises DeclarationRefused when the months lie in another pause."""
    rows, _ = lock_months(specialist.pk, month_range(first_month, last_month))
    try:
        with transaction.atomic():
            pause = Pause.objects.create(
                specialist=specialist, first_month=first_month, last_month=last_month
            )
    except IntegrityError as error:
        raise DeclarationRefused("ほかの休止期間と重なっています。") from error
    hit = _set_limits(specialist, rows)
    audit.record("add_pause", pause, by=by, detail={"hit": len(hit)})
    return hit


@transaction.atomic
def end_pause(pause: Pause, *, by: User) -> None:
    """Take a pause back: what was declared for its months counts again. By the person."""
    specialist = pause.specialist
    rows, _ = lock_months(specialist.pk, month_range(pause.first_month, pause.last_month))
    Pause.objects.filter(pk=pause.pk).delete()
    _set_limits(specialist, rows)
    audit.record("end_pause", pause, by=by)


def _set_limits(specialist: Specialist, rows: Sequence[CapacityMonth]) -> list[date]:
    """Renew the limits of locked months; returns the months that are short, and tells the
    coordinators once a day that there are such months."""
    declared = declared_half_days([specialist.pk], [row.month for row in rows])[specialist.pk]
    for row in rows:
        row.set_declared(declared[row.month])
    CapacityMonth.objects.bulk_update(rows, ["declared", "limit"])
    hit = [row.month for row in rows if row.used > row.declared]
    if hit:
        tell_coordinators(
            subject="稼働可能日が契約より少なくなりました",
            first_line="契約や仮押さえが残っています。本人と市町に確かめてください。",
            path="/admin/engagements/engagement/capacity/",
            key=f"short:{specialist.pk}:{timezone.localdate():%Y%m%d}",
        )
    return hit


@transaction.atomic
def settle_months(
    specialist: Specialist, seen: Mapping[date, tuple[int, int]], *, note: str, by: User
) -> list[date]:
    """Note what was agreed with the towns about months that are short, `seen` with their declared
    and booked half-days: they leave the work queue until those numbers change. By a coordinator or
    an approver of the prefecture. Returns the months that were settled: not those whose numbers
    are others by now. Raises DeclarationRefused."""
    if not is_coordinator(by):
        raise DeclarationRefused("記録できるのは、県コーディネーターと県決裁者です。")
    lock_people([specialist.pk])
    declared = declared_half_days([specialist.pk], list(seen))[specialist.pk]
    now = {hit.month: (hit.declared, hit.booked) for hit in hits_of(specialist.pk, declared)}
    settled = [month for month in sorted(seen) if now.get(month) == seen[month]]
    for month in settled:
        SettledMonth.objects.update_or_create(
            specialist=specialist,
            month=month,
            declared=now[month][0],
            booked=now[month][1],
            defaults={"note": note, "settled_by": by},
        )
    if settled:
        audit.record("settle_months", specialist, by=by, detail={"months": len(settled)})
    return settled


def months_short(*, since: date) -> dict[int, list[date]]:
    """The months from `since` on in which more is booked than declared, by the person's key,
    whether they were settled or not; the index `months_that_are_short` holds these months alone."""
    rows = CapacityMonth.objects.filter(month__gte=since, declared__lt=F("signed") + F("held"))
    found: dict[int, list[date]] = {}
    for pk, month in rows.order_by("month").values_list("specialist_id", "month"):
        found.setdefault(pk, []).append(month)
    return found


def overbooked(
    *, since: date, settled: bool = True, most: int | None = None
) -> list[tuple[Specialist, list[date]]]:
    """People with the months from `since` on in which more is booked than they declare, by pool
    number, the first `most` of them; without those that were settled with the towns as they stand,
    unless `settled`. A month without a declaration, or in a pause, counts as none declared.

    The index `months_that_are_short` holds these months alone. All of them are read, also for
    `most`: of a LIMIT the planner would think that it need only walk along the pool numbers.
    """
    rows = (
        CapacityMonth.objects.filter(month__gte=since, declared__lt=F("signed") + F("held"))
        .select_related("specialist")
        .only("month", "specialist__pool_number")
        .order_by("specialist__pool_number", "month")
    )
    if not settled:
        agreed = SettledMonth.objects.filter(
            specialist=OuterRef("specialist"),
            month=OuterRef("month"),
            declared=OuterRef("declared"),
            booked=OuterRef("signed") + OuterRef("held"),
        )
        rows = rows.exclude(Exists(agreed))
    people = groupby(rows, key=lambda row: row.specialist)
    return [(person, [row.month for row in months]) for person, months in islice(people, most)]
