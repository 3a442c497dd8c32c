"""Book capacity, sign engagements.

Rows of `CapacityMonth` are always locked in the order (specialist, month), so that two bookings
never wait for each other in a circle.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from matching.engagements.models import CapacityMonth, Engagement, Hold, Share
from matching.engagements.terms import Terms
from talentpool.audit import services as audit
from talentpool.conventions.era import fiscal_year
from talentpool.conventions.months import month_range
from talentpool.specialists.models import Availability, Specialist
from talentpool.users.models import User

NUMBER_LOCK = 0x5167


class BookingRefused(Exception):
    """The person has not enough free half-days in `months`; says so in Japanese."""

    def __init__(self, months: Sequence[date]) -> None:
        self.months = tuple(months)
        names = "、".join(f"{month.year}年{month.month}月" for month in months[:6])
        more = "ほか" if len(months) > 6 else ""
        super().__init__(
            f"稼働枠が足りません({names}{more})。ほかの契約や仮押さえが先に入りました。"
        )


@dataclass(frozen=True, slots=True)
class SignedShare:
    """What a town brings to the signing beside the worked-out terms (same `key`)."""

    key: int
    municipality_code: str
    need_id: int
    document_number: str
    decided_on: date


def _lock_months(specialist_id: int, months: Sequence[date]) -> dict[date, CapacityMonth]:
    """The person's rows for `months`, made where missing, locked, with the limit brought up to
    date: max(declared, used)."""
    declared = dict(
        Availability.objects.filter(specialist_id=specialist_id, month__in=months).values_list(
            "month", "half_days"
        )
    )
    CapacityMonth.objects.bulk_create(
        [
            CapacityMonth(specialist_id=specialist_id, month=month, limit=declared.get(month, 0))
            for month in months
        ],
        ignore_conflicts=True,
    )
    rows = (
        CapacityMonth.objects.select_for_update(of=("self",))
        .filter(specialist_id=specialist_id, month__in=months)
        .order_by("month")
    )
    locked = {row.month: row for row in rows}
    for month, row in locked.items():
        row.limit = max(declared.get(month, 0), row.used)
    return locked


def lock_capacity(specialist_id: int, spans: Iterable[tuple[date, date]]) -> None:
    """Lock all months of several spans at once. Call it first where one transaction books or
    releases more than one span of a person: two such transactions then queue, never cross."""
    months = {month for first, last in spans for month in month_range(first, last)}
    _lock_months(specialist_id, sorted(months))


def _change(specialist_id: int, first: date, last: date, *, signed: int = 0, held: int = 0) -> None:
    """Add to (or take from) signed and held half-days of every month; all months or none.

    Raises BookingRefused when a month has not enough left."""
    locked = _lock_months(specialist_id, month_range(first, last))
    short = [month for month, row in locked.items() if row.used + signed + held > row.limit]
    if short and signed + held > 0:
        raise BookingRefused(short)
    for row in locked.values():
        row.signed += signed
        row.held += held
    CapacityMonth.objects.bulk_update(locked.values(), ["signed", "held", "limit"])


@transaction.atomic
def hold(
    specialist_id: int, *, half_days: int, first_month: date, last_month: date, until: date
) -> Hold:
    """Keep `half_days` a month of a person until the day `until`. Raises BookingRefused."""
    _change(specialist_id, first_month, last_month, held=half_days)
    return Hold.objects.create(
        specialist_id=specialist_id,
        half_days=half_days,
        first_month=first_month,
        last_month=last_month,
        until=until,
    )


@transaction.atomic
def release(hold_id: int) -> None:
    """Give a hold's half-days back. A hold that is no longer active is left as it is."""
    kept = Hold.objects.select_for_update().get(pk=hold_id)
    if kept.state != Hold.State.ACTIVE:
        return
    _change(kept.specialist_id, kept.first_month, kept.last_month, held=-kept.half_days)
    kept.state = Hold.State.RELEASED
    kept.save(update_fields=["state"])


@transaction.atomic
def sign(
    specialist: Specialist,
    *,
    terms: Terms,
    towns: Sequence[SignedShare],
    hold_ids: Iterable[int],
    form_code: str | None,
    signed_on: date,
    by: User,
) -> Engagement:
    """Turn holds into an engagement; books anew what is held no longer.

    Called by matching.proposals once everybody has agreed. Raises BookingRefused.
    """
    held = list(Hold.objects.filter(pk__in=list(hold_ids)).order_by("pk"))
    spans = [(kept.first_month, kept.last_month) for kept in held]
    lock_capacity(
        specialist.pk, spans + [(share.first_month, share.last_month) for share in terms.shares]
    )
    for kept in held:
        release(kept.pk)
    for share in sorted(terms.shares, key=lambda share: share.key):
        _change(specialist.pk, share.first_month, share.last_month, signed=share.half_days)
    Hold.objects.filter(pk__in=[kept.pk for kept in held]).update(state=Hold.State.SIGNED)
    engagement = Engagement.objects.create(
        number=_next_number(signed_on),
        specialist=specialist,
        form_id=form_code,
        first_month=min(share.first_month for share in terms.shares),
        last_month=max(share.last_month for share in terms.shares),
        half_day_rate_yen=specialist.half_day_rate_yen,
        monthly_fixed_yen=specialist.monthly_fixed_yen,
        total_yen=terms.total_yen,
        signed_on=signed_on,
        signed_by=by,
    )
    by_key = {town.key: town for town in towns}
    Share.objects.bulk_create(
        [
            Share(
                engagement=engagement,
                municipality_id=by_key[share.key].municipality_code,
                need_id=by_key[share.key].need_id,
                half_days=share.half_days,
                first_month=share.first_month,
                last_month=share.last_month,
                cost_yen=share.cost_yen,
                document_number=by_key[share.key].document_number,
                decided_on=by_key[share.key].decided_on,
            )
            for share in terms.shares
        ]
    )
    audit.record(
        "sign_engagement",
        engagement,
        by=by,
        detail={"needs": sorted(town.need_id for town in towns), "total_yen": terms.total_yen},
    )
    return engagement


def _next_number(signed_on: date) -> str:
    """`{fiscal year}-{running number}`, e.g. 2026-0012; numbers are taken one at a time."""
    year = fiscal_year(signed_on)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBER_LOCK, year])
    last = Engagement.objects.filter(number__startswith=f"{year}-").aggregate(last=Max("number"))[
        "last"
    ]
    return f"{year}-{int(last.split('-')[1]) + 1 if last else 1:04d}"


def free_half_days(specialist_ids: Iterable[int], months: Sequence[date]) -> dict[int, list[int]]:
    """Half-days still free by person, one number a month of `months`: declared less what is
    signed or held."""
    ids = list(specialist_ids)
    index = {month: position for position, month in enumerate(months)}
    free = {pk: [0] * len(months) for pk in ids}
    for pk, month, half_days in Availability.objects.filter(
        specialist_id__in=ids, month__in=months
    ).values_list("specialist_id", "month", "half_days"):
        free[pk][index[month]] = half_days
    for row in CapacityMonth.objects.filter(specialist_id__in=ids, month__in=months):
        position = index[row.month]
        free[row.specialist_id][position] = max(0, free[row.specialist_id][position] - row.used)
    return free


def declare_days(specialist: Specialist, days: dict[date, int], *, by: Any) -> list[date]:
    """Record the half-days a month that a person declares. Returns the months in which more is
    booked than declared: those bookings stand, and the coordinator is told."""
    with transaction.atomic():
        locked = _lock_months(specialist.pk, sorted(days))
        for month, half_days in days.items():
            Availability.objects.update_or_create(
                specialist=specialist, month=month, defaults={"half_days": half_days}
            )
        hit = sorted(month for month, row in locked.items() if row.used > days[month])
        Specialist.objects.filter(pk=specialist.pk).update(confirmed_at=timezone.now())
        audit.record(
            "declare_days", specialist, by=by, detail={"months": len(days), "hit": len(hit)}
        )
    return hit
