"""The monthly round: open it by the calendar, take the answers, remind the silent ones."""

import logging
from collections.abc import Callable, Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Membership, Municipality
from municipalities.registry.notices import tell_town
from municipalities.vacancies.errors import NotAllowedNowError
from municipalities.vacancies.models import MonthlyRound, RoundAnswer, Vacancy
from municipalities.vacancies.services.answers import days_of, is_frozen
from municipalities.vacancies.services.bounces import forget_old_bounces
from municipalities.vacancies.services.columns import renew_columns
from municipalities.vacancies.services.gaps import ask_to_fill
from municipalities.vacancies.services.imports import discard_old_imports
from municipalities.vacancies.services.subscriptions import send_digests, tell_of_opened
from talentpool.audit import services as audit
from talentpool.conventions.business_days import add_business_days
from talentpool.conventions.era import format_wareki
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User

logger = logging.getLogger(__name__)

REMIND_BUSINESS_DAYS_BEFORE = 3
Step = tuple[str, Callable[[], object]]


def _tell(round_: MonthlyRound, code: str, subject: str, first_line: str, occasion: str) -> None:
    tell_town(
        code,
        subject=subject,
        first_line=first_line,
        path=reverse("town:round"),
        key=f"round:{round_.pk}:{code}:{occasion}",
    )


def open_round(today: date) -> MonthlyRound | None:
    """Open this month's round when its day has come; None before it, after it, when it is open,
    or when the month is frozen and an answer would change nothing.

    Run by the calendar, any number of times.
    """
    month = first_of_month(today)
    opens, cut_off = days_of(month)
    if not opens <= today <= cut_off or MonthlyRound.objects.filter(month=month).exists():
        return None
    if is_frozen(month):
        return None
    try:
        with transaction.atomic():
            round_ = MonthlyRound.objects.create(month=month, opens_on=today, cut_off=cut_off)
            towns = _ask(round_)
            audit.record("open_round", round_, by=None, detail={"towns": towns})
    except IntegrityError:  # another worker was quicker
        return None
    return round_


def _ask(round_: MonthlyRound) -> int:
    """Ask every town that is to be asked and was not yet; returns how many.

    Asked is who has somebody here to answer, and who has published something, account or not: the
    prefecture sees of which it must ask in another way.
    """
    towns = list(
        Municipality.objects.in_prefecture()
        .filter(
            Q(Exists(current_members("pk")))
            | Q(Exists(Vacancy.objects.filter(municipality=OuterRef("pk"), status="published")))
        )
        .exclude(pk__in=round_.answers.values("municipality"))
        .order_by("code")
    )
    RoundAnswer.objects.bulk_create(RoundAnswer(round=round_, municipality=town) for town in towns)
    for town in towns:
        _tell(
            round_,
            town.code,
            f"{round_.month.month}月分の募集情報の確認",
            f"公表中の募集情報に変わりがないか、{format_wareki(round_.cut_off)}までに"
            "お答えください。募集がない場合も、その旨をお答えください。",
            "open",
        )
    return len(towns)


def current_members(field: str) -> QuerySet[Membership]:
    """Those who can sign in for the town that the outer query names in `field`."""
    return Membership.objects.filter(
        municipality=OuterRef(field), until__isnull=True, user__is_active=True
    )


@transaction.atomic
def ask_newcomers(today: date) -> int:
    """Ask the towns whose first member came while the round is open; returns how many. Run by the
    calendar, any number of times."""
    found = MonthlyRound.objects.select_for_update().filter(
        month=first_of_month(today), opens_on__lte=today, cut_off__gte=today
    )
    round_ = found.first()
    if round_ is None or is_frozen(round_.month):
        return 0
    towns = _ask(round_)
    if towns:
        audit.record("open_round", round_, by=None, detail={"towns": towns})
    return towns


@transaction.atomic
def confirm_round(answer: RoundAnswer, *, by: User) -> RoundAnswer:
    """Say that what is published holds as it is. By staff of the town.

    May be said again, and after the cut-off until the month is frozen; a town that changed or
    ended something in the month is still known for that, and what it says beside a change stands
    when the change is given up. Raises NotAllowedNowError once the month is frozen.
    """
    row: RoundAnswer = (
        RoundAnswer.objects.select_for_update(of=("self",))
        .select_related("round")
        .get(pk=answer.pk)
    )
    if is_frozen(row.round.month):
        raise NotAllowedNowError(
            f"{row.round.month.month}月分は、県がもう確定しました。変わったことは、次の月に伝わります。"
        )
    row.kind = row.kind or RoundAnswer.Kind.UNCHANGED
    row.answered_at = timezone.now()
    row.answered_by = by
    beside_a_change = row.kind == RoundAnswer.Kind.CHANGED
    row.confirmed_at = row.answered_at if beside_a_change else None
    row.confirmed_by = by if beside_a_change else None
    row.save()
    audit.record("confirm_round", row, by=by)
    return row


@transaction.atomic
def remind_silent(round_: MonthlyRound, *, by: User | None) -> int:
    """Mail the towns that have not answered; returns how many. By a coordinator or the calendar.

    Raises NotAllowedNowError when all have answered, or nobody is left who could read the mail.
    """
    silent = _silent_locked(round_)
    if not silent and round_.answers.filter(answered_at__isnull=True).exists():
        raise NotAllowedNowError(
            "催促を送れる市町がありません。月が確定しているか、アカウントのない市町だけが残っています。"
        )
    if not silent:
        raise NotAllowedNowError("すべての市町が回答しています。")
    _remind(round_, silent, by)
    return len(silent)


def _silent_locked(round_: MonthlyRound) -> list[RoundAnswer]:
    """Whom to remind: nobody once the month's batch is made, and no town without an account."""
    if is_frozen(round_.month):
        return []
    rows = RoundAnswer.objects.select_for_update(of=("self",))
    staffed = Exists(current_members("municipality"))
    return list(rows.filter(staffed, round=round_, answered_at__isnull=True))


def _remind(round_: MonthlyRound, silent: list[RoundAnswer], by: User | None) -> None:
    RoundAnswer.objects.filter(pk__in=[answer.pk for answer in silent]).update(
        reminders=F("reminders") + 1, reminded_at=timezone.now()
    )
    audit.record("remind_silent", round_, by=by, detail={"towns": len(silent)})
    day = format_wareki(round_.cut_off)
    words = f"まだ回答がありません。{day}までにお答えください。"
    if timezone.localdate() > round_.cut_off:
        words = f"締切({day})を過ぎましたが、まだ回答がありません。県が確定する前にお答えください。"
    for answer in silent:
        _tell(
            round_,
            answer.municipality_id,
            f"{round_.month.month}月分の募集情報の確認(再度のお願い)",
            words,
            f"remind:{answer.reminders + 1}",
        )


@transaction.atomic
def remind_by_calendar(today: date) -> int:
    """Remind the silent once in the last business days before the cut-off; returns how many.

    Who was reminded by hand in these days is left in peace, who was reminded earlier is not. Run
    by the calendar, any number of times.
    """
    round_ = MonthlyRound.objects.filter(month=first_of_month(today)).first()
    if round_ is None:
        return 0
    from_day = add_business_days(round_.cut_off, -REMIND_BUSINESS_DAYS_BEFORE)
    if not from_day <= today <= round_.cut_off:
        return 0
    silent = [
        answer
        for answer in _silent_locked(round_)
        if answer.reminded_at is None or timezone.localdate(answer.reminded_at) < from_day
    ]
    if silent:
        _remind(round_, silent, by=None)
    return len(silent)


def keep_calendar() -> None:
    """All that happens by itself: open the round, remind, ask for what a new form asks for, news,
    give up what is old, make texts anew.

    A step that fails keeps no other one back; raises ExceptionGroup with all that failed.
    """
    today, now = timezone.localdate(), timezone.now()
    steps: list[Step] = [
        ("open_round", lambda: open_round(today)),
        ("ask_newcomers", lambda: ask_newcomers(today)),
        ("remind_by_calendar", lambda: remind_by_calendar(today)),
        ("ask_to_fill", lambda: ask_to_fill(today)),
        ("discard_old_imports", discard_old_imports),
        ("forget_old_bounces", lambda: forget_old_bounces(today)),
        ("tell_of_opened", lambda: tell_of_opened(today)),
        ("send_digests", lambda: send_digests(now)),
        ("renew_columns", renew_columns),
    ]
    carry_out(steps)


def carry_out(steps: Iterable[Step]) -> None:
    """Carry out every step, whatever became of the ones before; raises ExceptionGroup at the end
    when some failed."""
    failed = []
    for name, step in steps:
        try:
            step()
        except Exception as error:
            logger.exception("the calendar's step %s failed", name)
            failed.append(error)
    if failed:
        raise ExceptionGroup("steps of the calendar failed", failed)
