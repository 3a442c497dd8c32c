"""Book capacity, sign engagements.

Whoever books, releases or declares days of a person holds the lock of that person's row
(`lock_people`), so that two bookings of a person queue. A verb that may touch several people locks
them all at once, in the order of their keys, and so never waits in a circle (A-20).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection, transaction
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast, Substr

from matching.engagements.bars import set_bars
from matching.engagements.models import CapacityMonth, Engagement, Hold, Share
from matching.engagements.terms import PersonTerms, ShareTerms, Terms
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
            f"稼働枠が足りません({names}{more})。ほかの契約や仮押さえが先に入ったか、"
            "申告された日数が足りません。"
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
            CapacityMonth(
                specialist_id=specialist_id,
                month=month,
                declared=declared[month],
                limit=declared[month],
            )
            for month in months
        ],
        ignore_conflicts=True,
    )
    rows = CapacityMonth.objects.select_for_update(of=("self",), no_key=True).filter(
        specialist_id=specialist_id, month__in=months
    )
    return list(rows.order_by("month")), declared


@dataclass(frozen=True, slots=True)
class Span:
    """`half_days` a month of a person from `first_month` to `last_month`, for a town."""

    half_days: int
    first_month: date
    last_month: date
    municipality_code: str | None = None


@dataclass(slots=True)
class _Turn:
    """What is added to (or taken from) the signed and held half-days of each month at once."""

    signed: Counter[date] = field(default_factory=Counter)
    held: Counter[date] = field(default_factory=Counter)

    def add(self, book: Counter[date], span: Span | Hold | ShareTerms, sign: int) -> None:
        for month in month_range(span.first_month, span.last_month):
            book[month] += sign * span.half_days

    def taken(self, month: date) -> int:
        return self.signed[month] + self.held[month]


def _change(specialist_id: int, turn: _Turn) -> None:
    """Carry a turn out in every month, or in none. What takes no more of a month than was booked
    in it stands, whatever is declared by now. Raises BookingRefused when more is taken than is
    left."""
    months = sorted(turn.signed.keys() | turn.held.keys())
    rows, declared = lock_months(specialist_id, months)
    short = [
        row.month
        for row in rows
        if turn.taken(row.month) > 0 and row.used + turn.taken(row.month) > declared[row.month]
    ]
    if short:
        raise BookingRefused(short)
    for row in rows:
        row.signed += turn.signed[row.month]
        row.held += turn.held[row.month]
        row.set_declared(declared[row.month])
    CapacityMonth.objects.bulk_update(rows, ["signed", "held", "declared", "limit"])


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
    span = Span(half_days, first_month, last_month, municipality_code)
    (kept,) = hold_anew(specialist_id, [span], instead_of=(), until=until)
    return kept


@transaction.atomic
def hold_anew(
    specialist_id: int, spans: Sequence[Span], *, instead_of: Iterable[int], until: date
) -> list[Hold]:
    """Keep the days of `spans` until the day `until` in place of the holds `instead_of`, whose
    days count as free for them: who declared less meanwhile loses nothing that was held. Returns
    the new holds in the order of `spans`. Raises BookingRefused; everything is then as it was.
    """
    turn = _Turn()
    for kept in _lock_active(specialist_id, instead_of):
        turn.add(turn.held, kept, -1)
        _end(kept, Hold.State.RELEASED)
    for span in spans:
        turn.add(turn.held, span, +1)
    _change(specialist_id, turn)
    return [
        Hold.objects.create(
            specialist_id=specialist_id,
            municipality_id=span.municipality_code,
            half_days=span.half_days,
            first_month=span.first_month,
            last_month=span.last_month,
            until=until,
        )
        for span in spans
    ]


def release_signed(
    specialist_id: int, *, half_days: int, first_month: date, last_month: date
) -> None:
    """Give signed half-days of every month back: the engagement ends before them. Call it in the
    transaction that shortens the share."""
    turn = _Turn()
    turn.add(turn.signed, Span(half_days, first_month, last_month), -1)
    _change(specialist_id, turn)


@transaction.atomic
def release(hold_id: int) -> None:
    """Give a hold's half-days back. A hold that is no longer active is left as it is."""
    person = Hold.objects.values_list("specialist_id", flat=True).get(pk=hold_id)
    turn = _Turn()
    for kept in _lock_active(person, [hold_id]):
        turn.add(turn.held, kept, -1)
        _end(kept, Hold.State.RELEASED)
        _change(person, turn)


def _lock_active(specialist_id: int, hold_ids: Iterable[int]) -> list[Hold]:
    """Those of a person's holds that are active, locked; the person is locked first."""
    lock_people([specialist_id])
    rows = Hold.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=list(hold_ids), specialist_id=specialist_id, state=Hold.State.ACTIVE
    )
    return list(rows.order_by("pk"))


def _end(kept: Hold, state: Hold.State) -> None:
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
    """Turn holds into an engagement: held days stand, also where the person declared less after
    the yes; what is held no longer is booked anew.

    `person` is what the agreed terms were worked out from. Called by matching.proposals once
    everybody has agreed. Raises BookingRefused; the caller's transaction then keeps nothing.
    """
    turn = _Turn()
    for kept in _lock_active(specialist.pk, hold_ids):
        turn.add(turn.held, kept, -1)
        _end(kept, Hold.State.SIGNED)
    for share in terms.shares:
        turn.add(turn.signed, share, +1)
    _change(specialist.pk, turn)
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
