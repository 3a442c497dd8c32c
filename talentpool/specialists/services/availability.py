"""What people say of their time, and how sure it is."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, Max, OuterRef, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from talentpool.audit import services as audit
from talentpool.conventions.months import month_range
from talentpool.specialists.confidence import KINDS, SIGN_IN, confidence
from talentpool.specialists.models import Availability, AvailabilitySignal, Pause, Specialist
from talentpool.specialists.services.fits import parameters_in_force
from talentpool.users.models import User

BESIDES_SIGN_IN = [kind for kind in KINDS if kind != SIGN_IN]


def declared_half_days(
    specialist_ids: Iterable[int], months: Sequence[date]
) -> dict[int, dict[date, int]]:
    """Half-days a month that count as declared, by person: none without a declaration, none in
    a pause."""
    ids = list(specialist_ids)
    declared: dict[int, dict[date, int]] = {pk: dict.fromkeys(months, 0) for pk in ids}
    rows = Availability.objects.filter(specialist_id__in=ids, month__in=months)
    for pk, month, half_days in rows.values_list("specialist_id", "month", "half_days"):
        declared[pk][month] = half_days
    if not months:
        return declared
    pauses = Pause.objects.filter(
        specialist_id__in=ids, first_month__lte=max(months), last_month__gte=min(months)
    )
    for pk, first, last in pauses.values_list("specialist_id", "first_month", "last_month"):
        declared[pk].update(
            dict.fromkeys([m for m in month_range(first, last) if m in declared[pk]], 0)
        )
    return declared


def answered_months(person: Specialist, months: Sequence[date]) -> set[date]:
    """Those of `months` for which the person has said how much time there is, none or by a pause
    included; the others count as none until they are answered."""
    rows = Availability.objects.filter(specialist=person, month__in=months)
    answered = set(rows.values_list("month", flat=True))
    for pause in Pause.objects.filter(specialist=person):
        answered.update(month_range(pause.first_month, pause.last_month))
    return answered & set(months)


def last_answered_month() -> Greatest:
    """The last month for which somebody has said how much time there is, or that there is none by a
    pause, to annotate people. A pause that begins later, with months between that nobody answered,
    does not count."""
    months = Availability.objects.filter(specialist=OuterRef("pk")).order_by("-month")
    month_before = ExpressionWrapper(  # later than the first of any month but the one before
        OuterRef("first_month") - timedelta(days=31), output_field=DateTimeField()
    )
    joined = Availability.objects.filter(specialist=OuterRef("specialist"), month__gte=month_before)
    pauses = Pause.objects.filter(Exists(joined), specialist=OuterRef("pk")).order_by("-last_month")
    return Greatest(  # PostgreSQL leaves out what is not there
        Subquery(months.values("month")[:1]), Subquery(pauses.values("last_month")[:1])
    )


def confidence_by_person(
    specialist_ids: Iterable[int], *, now: datetime | None = None
) -> dict[int, int]:
    """Confidence in permille by person, in three queries however many there are. Ranking,
    estimates and lists all ask here."""
    ids = list(specialist_ids)
    signals: dict[int, dict[str, datetime]] = {}
    latest = (
        AvailabilitySignal.objects.filter(specialist_id__in=ids, kind__in=BESIDES_SIGN_IN)
        .values_list("specialist_id", "kind")
        .annotate(latest=Max("at"))
    )
    for pk, kind, at in latest.order_by():
        signals.setdefault(pk, {})[kind] = at
    at_time = now or timezone.now()
    parameters = parameters_in_force()
    found = {}
    people = Specialist.objects.filter(pk__in=ids)
    for pk, confirmed_at, signed_in in people.values_list("pk", "confirmed_at", "user__last_login"):
        known = signals.get(pk, {}) | ({SIGN_IN: day_of(signed_in)} if signed_in else {})
        found[pk] = confidence(at_time, confirmed_at, known, parameters)
    return found


def note_signal(specialist_id: int, kind: str, *, asked_at: datetime) -> None:
    """Record how a person answered to what was asked at `asked_at`. Call it inside the verb's
    transaction."""
    AvailabilitySignal.objects.create(
        specialist_id=specialist_id, kind=AvailabilitySignal.Kind(kind), asked_at=asked_at
    )


def note_sign_in(user: User) -> None:
    """Record the day on which somebody of the pool has signed in: once, without the time."""
    people = Specialist.objects.filter(user=user, status__in=Specialist.IN_POOL)
    person = people.values_list("pk", flat=True).first()
    if person is not None:
        today = day_of(timezone.now())
        row = AvailabilitySignal(specialist_id=person, kind=SIGN_IN, at=today)
        AvailabilitySignal.objects.bulk_create([row], ignore_conflicts=True)


def day_of(moment: datetime) -> datetime:
    """When the local day of a moment began: all that is kept, and counts, of a sign-in."""
    return timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)


@transaction.atomic
def confirm_availability(specialist: Specialist, *, by: User | None) -> None:
    """Say that the declared days still hold. By the person; `by=None` by the link of the mail,
    which only the person has."""
    Specialist.objects.filter(pk=specialist.pk).update(confirmed_at=timezone.now())
    audit.record("confirm_availability", specialist, by=by, detail={"by_link": by is None})
