"""Book capacity, sign engagements.

Whoever books, releases or declares days of a person holds the lock of that person's row
(`lock_people`), so that two bookings of a person queue. A verb that may touch several people locks
them all at once, in the order of their keys, and so never waits in a circle (A-20).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast, Substr

from matching.engagements.bars import set_bars
from matching.engagements.models import CapacityMonth, Engagement, Hold, Share
from matching.engagements.terms import PersonTerms, Terms
from matching.engagements.watch import note_known
from talentpool.audit import services as audit
from talentpool.conventions.era import fiscal_year, format_month
from talentpool.conventions.months import month_range
from talentpool.specialists.models import Specialist
from talentpool.specialists.services import declared_half_days
from talentpool.users.models import User

NUMBER_LOCK = 0x5167


class BookingRefused(Exception):
    """The person has not enough free half-days in `months`; says so in Japanese."""

    def __init__(self, months: Sequence[date]) -> None:
        self.months = tuple(months)
        names = "、".join(format_month(month) for month in months[:6])
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


def lock_people(specialist_ids: Iterable[int]) -> None:
    """Lock the rows of people, in the order of their keys, until the transaction ends.

    Rows that only point at a person (a profile view, say) may still be written meanwhile.
    """
    list(
        Specialist.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=set(specialist_ids))
        .order_by("pk")
        .values_list("pk")
    )


def lock_months(
    specialist_id: int, months: Sequence[date]
) -> tuple[list[CapacityMonth], dict[date, int]]:
    """The person's rows for `months`, made where missing, and the half-days by month that count
    as declared. The person is locked first."""
    lock_people([specialist_id])
    declared = declared_half_days([specialist_id], months)[specialist_id]
    CapacityMonth.objects.bulk_create(
        [
            CapacityMonth(specialist_id=specialist_id, month=month, limit=declared[month])
            for month in months
        ],
        ignore_conflicts=True,
    )
    rows = CapacityMonth.objects.select_for_update(of=("self",), no_key=True).filter(
        specialist_id=specialist_id, month__in=months
    )
    return list(rows.order_by("month")), declared


def _change(specialist_id: int, first: date, last: date, *, signed: int = 0, held: int = 0) -> None:
    """Add to (or take from) signed and held half-days of every month; all months or none.
    Raises BookingRefused when a month has not enough left."""
    rows, declared = lock_months(specialist_id, month_range(first, last))
    taken = signed + held
    short = [row.month for row in rows if row.used + taken > max(declared[row.month], row.used)]
    if short:
        raise BookingRefused(short)
    for row in rows:
        row.signed += signed
        row.held += held
        row.limit = max(declared[row.month], row.used)
    CapacityMonth.objects.bulk_update(rows, ["signed", "held", "limit"])


@transaction.atomic
def hold(
    specialist_id: int,
    *,
    half_days: int,
    first_month: date,
    last_month: date,
    until: date,
    municipality_code: str | None = None,
) -> Hold:
    """Keep `half_days` a month of a person for a town until the day `until`. Raises
    BookingRefused."""
    _change(specialist_id, first_month, last_month, held=half_days)
    return Hold.objects.create(
        specialist_id=specialist_id,
        municipality_id=municipality_code,
        half_days=half_days,
        first_month=first_month,
        last_month=last_month,
        until=until,
    )


def release_signed(
    specialist_id: int, *, half_days: int, first_month: date, last_month: date
) -> None:
    """Give signed half-days of every month back: the engagement ends before them. Call it in the
    transaction that shortens the share."""
    _change(specialist_id, first_month, last_month, signed=-half_days)


@transaction.atomic
def release(hold_id: int) -> None:
    """Give a hold's half-days back. A hold that is no longer active is left as it is."""
    _end_hold(hold_id, Hold.State.RELEASED)


def _end_hold(hold_id: int, state: Hold.State) -> None:
    lock_people(Hold.objects.filter(pk=hold_id).values_list("specialist_id", flat=True))
    kept = Hold.objects.select_for_update(of=("self",), no_key=True).get(pk=hold_id)
    if kept.state != Hold.State.ACTIVE:
        return
    _change(kept.specialist_id, kept.first_month, kept.last_month, held=-kept.half_days)
    kept.state = state
    kept.save(update_fields=["state"])


@transaction.atomic
def sign(
    specialist: Specialist,
    *,
    person: PersonTerms,
    terms: Terms,
    towns: Sequence[SignedShare],
    hold_ids: Iterable[int],
    form_code: str | None,
    signed_on: date,
    by: User,
) -> Engagement:
    """Turn holds into an engagement; books anew what is held no longer.

    `person` is what the agreed terms were worked out from. Called by matching.proposals once
    everybody has agreed. Raises BookingRefused; the caller's transaction then keeps nothing.
    """
    lock_people([specialist.pk])
    for hold_id in sorted(hold_ids):
        _end_hold(hold_id, Hold.State.SIGNED)
    for share in sorted(terms.shares, key=lambda share: share.key):
        _change(specialist.pk, share.first_month, share.last_month, signed=share.half_days)
    engagement = Engagement.objects.create(
        number=_next_number(signed_on),
        specialist=specialist,
        form_id=form_code,
        first_month=min(share.first_month for share in terms.shares),
        last_month=max(share.last_month for share in terms.shares),
        half_day_rate_yen=person.half_day_rate_yen,
        monthly_fixed_yen=person.monthly_fixed_yen,
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
    note_known(engagement)
    bars = set_bars(engagement)
    audit.record(
        "sign_engagement",
        engagement,
        by=by,
        detail={
            "needs": sorted(town.need_id for town in towns),
            "total_yen": terms.total_yen,
            **bars.detail,
        },
    )
    return engagement


def _next_number(signed_on: date) -> str:
    """`{fiscal year}-{running number}`, e.g. 2026-0012; numbers are taken one at a time."""
    year = fiscal_year(signed_on)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBER_LOCK, year])
    # By the number behind the dash: as text, 2026-10000 would stand before 2026-9999.
    running = Cast(Substr("number", len(f"{year}-") + 1), IntegerField())
    taken = Engagement.objects.filter(number__startswith=f"{year}-")
    last: int | None = taken.aggregate(last=Max(running))["last"]
    return f"{year}-{(last or 0) + 1:04d}"


def free_half_days(specialist_ids: Iterable[int], months: Sequence[date]) -> dict[int, list[int]]:
    """Half-days still free by person, one number a month of `months`: declared less what is
    signed or held."""
    ids = list(specialist_ids)
    index = {month: position for position, month in enumerate(months)}
    declared = declared_half_days(ids, months)
    free = {pk: [declared[pk][month] for month in months] for pk in ids}
    for row in CapacityMonth.objects.filter(specialist_id__in=ids, month__in=months):
        position = index[row.month]
        free[row.specialist_id][position] = max(0, free[row.specialist_id][position] - row.used)
    return free


def towns_served(specialist_id: int, first: date, last: date) -> set[str]:
    """Codes of the towns with a share of the person in any month from `first` to `last`."""
    return set(
        Share.objects.filter(
            engagement__specialist_id=specialist_id,
            active=True,
            first_month__lte=last,
            last_month__gte=first,
        ).values_list("municipality_id", flat=True)
    )
