"""The monthly round: open it by the calendar, take the answers, remind the silent ones.

The days are this project's proposal (sources.md 8: 照会 in the first ten days, 取りまとめ in the
middle of the month): asked on the first business day, answered by the last one up to the 15th.
"""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Municipality
from municipalities.registry.notices import tell_town
from municipalities.vacancies.errors import NotAllowedNowError
from municipalities.vacancies.models import MonthlyRound, RoundAnswer
from municipalities.vacancies.services.bounces import forget_old_bounces
from municipalities.vacancies.services.gaps import ask_to_fill
from municipalities.vacancies.services.imports import discard_old_imports
from municipalities.vacancies.services.subscriptions import send_digests
from talentpool.audit import services as audit
from talentpool.conventions.business_days import add_business_days
from talentpool.conventions.era import format_wareki
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User

CUT_OFF_DAY = 15
REMIND_BUSINESS_DAYS_BEFORE = 3


def days_of(month: date) -> tuple[date, date]:
    """First day and cut-off of a month's round."""
    opens = add_business_days(month, 0)
    cut_off = add_business_days(month.replace(day=CUT_OFF_DAY) + timedelta(days=1), -1)
    return opens, cut_off


def _tell(round_: MonthlyRound, code: str, subject: str, first_line: str, occasion: str) -> None:
    tell_town(
        code,
        subject=subject,
        first_line=first_line,
        path=reverse("town:round"),
        key=f"round:{round_.pk}:{code}:{occasion}",
    )


def open_round(today: date) -> MonthlyRound | None:
    """Open this month's round when its day has come; None before it, after it, or when it is open.

    Run by the calendar, any number of times.
    """
    month = first_of_month(today)
    opens, cut_off = days_of(month)
    if not opens <= today <= cut_off or MonthlyRound.objects.filter(month=month).exists():
        return None
    try:
        with transaction.atomic():
            round_ = MonthlyRound.objects.create(month=month, opens_on=today, cut_off=cut_off)
            towns = list(
                Municipality.objects.in_prefecture()
                .filter(memberships__until=None)
                .distinct()
                .order_by("code")
            )
            RoundAnswer.objects.bulk_create(
                RoundAnswer(round=round_, municipality=town) for town in towns
            )
            audit.record("open_round", round_, by=None, detail={"towns": len(towns)})
            for town in towns:
                _tell(
                    round_,
                    town.code,
                    f"{month.month}月分の募集情報の確認",
                    f"公表中の募集情報に変わりがないか、{format_wareki(cut_off)}までに"
                    "お答えください。募集がない場合も、その旨をお答えください。",
                    "open",
                )
    except IntegrityError:  # another worker was quicker
        return None
    return round_


@transaction.atomic
def confirm_round(answer: RoundAnswer, *, by: User) -> RoundAnswer:
    """Say that what is published holds as it is. By staff of the town.

    May be said again, and after the cut-off until the month is frozen.
    """
    row = RoundAnswer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    row.answered_at = timezone.now()
    row.answered_by = by
    row.save()
    audit.record("confirm_round", row, by=by)
    return row


@transaction.atomic
def remind_silent(round_: MonthlyRound, *, by: User | None) -> int:
    """Mail the towns that have not answered; returns how many. By a coordinator or the calendar.

    Raises NotAllowedNowError when all have answered.
    """
    silent = list(
        RoundAnswer.objects.select_for_update(of=("self",)).filter(
            round=round_, answered_at__isnull=True
        )
    )
    if not silent:
        raise NotAllowedNowError("すべての市町が回答しています。")
    RoundAnswer.objects.filter(pk__in=[answer.pk for answer in silent]).update(
        reminders=F("reminders") + 1
    )
    audit.record("remind_silent", round_, by=by, detail={"towns": len(silent)})
    for answer in silent:
        _tell(
            round_,
            answer.municipality_id,
            f"{round_.month.month}月分の募集情報の確認(再度のお願い)",
            f"まだ回答がありません。{format_wareki(round_.cut_off)}までにお答えください。",
            f"remind:{answer.reminders + 1}",
        )
    return len(silent)


def remind_by_calendar(today: date) -> int:
    """Remind once, some business days before the cut-off; returns how many were mailed.

    Run by the calendar, any number of times.
    """
    round_ = MonthlyRound.objects.filter(month=first_of_month(today)).first()
    if round_ is None or not (
        add_business_days(round_.cut_off, -REMIND_BUSINESS_DAYS_BEFORE) <= today <= round_.cut_off
    ):
        return 0
    silent = round_.answers.filter(answered_at__isnull=True)
    if not silent.filter(reminders=0).exists() or round_.answers.filter(reminders__gt=0).exists():
        return 0
    return remind_silent(round_, by=None)


def keep_calendar() -> None:
    """All that happens by itself: open the round, remind, ask for what a new form asks for,
    digests, give up what is old."""
    today = timezone.localdate()
    open_round(today)
    remind_by_calendar(today)
    ask_to_fill(today)
    discard_old_imports()
    forget_old_bounces(today)
    send_digests(timezone.now())
