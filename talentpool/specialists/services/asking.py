"""The monthly question whether the declared days still hold, with the link that answers it, and the
yearly question for ties to firms."""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from talentpool.conventions.business_days import add_business_days
from talentpool.conventions.era import fiscal_year, fiscal_year_label, fiscal_year_span
from talentpool.conventions.months import add_months, first_of_month
from talentpool.outbox.services import Mail, send_mails_later
from talentpool.specialists import terms
from talentpool.specialists.models import InterestDeclaration, Specialist
from talentpool.specialists.services.availability import last_answered_month

SALT = "availability"
LINK_DAYS = 45
MONTHS_TO_HAVE_AHEAD = 6  # whose answers end earlier is asked for more
GAP = """
日数か休止の予定が入っているのは、{until}までです。その先の月は、入れるまで打診の候補になりません。
"""
NOTHING_YET = """
日数が、まだ入っていません。入れるまで打診の候補になりません。
"""
RECENT_DAYS = 14  # who confirmed so lately is not asked
BODY = """稼働可能日は、いまも合っていますか。

次のページを開き、合っていればボタンを押してください。開いただけでは、何も変わりません。
{link}

日数を直すときは、サインインして「稼働可能日」を開いてください。
{days}
{gap}
お問い合わせ: {office}
"""

DECLARE_BODY = """{year}の利益相反の申告をお願いします。

サインインして、会社との関わりを確かめてください。変わりがなければ、ボタンを1回押すだけです。
申告があるまで、およそ3か月ごとにお知らせします。
{link}

お問い合わせ: {office}
"""


def link_token(specialist_id: int) -> str:
    """What the mail's link carries: signed, for LINK_DAYS days, nothing readable about a person."""
    return signing.dumps(specialist_id, salt=SALT)


def person_of(token: str) -> Specialist | None:
    """The registered person of a link; None when it is wrong, too old, or the person left."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=timedelta(days=LINK_DAYS))
    except signing.BadSignature:
        return None
    person: Specialist | None = Specialist.objects.registered().filter(pk=pk).first()
    return person


def ask_each_month(today: date) -> int:
    """Queue this month's question from its first business day on; returns to how many.

    Run by the calendar, any number of times: a person is asked once a month, and not within
    RECENT_DAYS of an own confirmation.
    """
    month = first_of_month(today)
    if today < add_business_days(month, 0):
        return 0
    recently = timezone.make_aware(datetime.combine(today, time())) - timedelta(days=RECENT_DAYS)
    people = (
        Specialist.objects.registered()
        .filter(Q(confirmed_at__isnull=True) | Q(confirmed_at__lt=recently), user__is_active=True)
        .order_by("pk")
        .annotate(until=last_answered_month())
        .values_list("pk", "user__email", "until")
    )
    found = list(people)
    send_mails_later((_question(*row, month=month) for row in found), in_bulk=True)
    return len(found)


def ends_soon(until: date | None, today: date) -> bool:
    """Whether the answers of somebody reach less than six months from this one on; `until` is the
    last answered month."""
    return until is None or until < add_months(first_of_month(today), MONTHS_TO_HAVE_AHEAD)


def _gap(until: date | None, month: date) -> str:
    if not ends_soon(until, month):
        return ""
    if until is None or until < month:
        return NOTHING_YET
    return GAP.format(until=f"{until:%Y年%-m月}")


def _question(pk: int, email: str, until: date | None, *, month: date) -> Mail:
    path = reverse("availability_confirm", args=[link_token(pk)])
    return Mail(
        to=email,
        subject=f"【{settings.SITE_NAME}】稼働可能日は、いまも合っていますか",
        body=BODY.format(
            link=settings.SITE_URL + path,
            days=settings.SITE_URL + reverse("specialist:days"),
            gap=_gap(until, month),
            office=settings.PREFECTURE_OFFICE,
        ),
        key=f"availability:{pk}:{month:%Y-%m}",
    )


def ask_for_declarations(today: date) -> int:
    """Queue the yearly question for ties to firms, from the first business day of the fiscal year
    on, to people who have not declared in it: registered ones, and paused ones, whose engagements
    go on; returns to how many.

    Run by the calendar, any number of times: a person is asked once, and again about once a
    quarter until the declaration is there (`terms.occasion`).
    """
    year = fiscal_year(today)
    opens = add_business_days(fiscal_year_span(year)[0], 0)
    if today < opens:
        return 0
    asked = terms.occasion(opens, today)
    declared = InterestDeclaration.objects.counting(year).values("specialist_id")
    people = (
        Specialist.objects.filter(
            Q(pk__in=Specialist.objects.registered().values("pk"))
            | Q(status=Specialist.Status.PAUSED),
            user__is_active=True,
        )
        .exclude(pk__in=declared)
        .order_by("pk")
        .values_list("pk", "user__email")
    )
    named = fiscal_year_label(terms.declaration_year(today))  # for which the page declares
    mails = [
        Mail(
            to=email,
            subject=f"【{settings.SITE_NAME}】{named}の申告のお願い",
            body=DECLARE_BODY.format(
                year=named,
                link=settings.SITE_URL + reverse("specialist:interests"),
                office=settings.PREFECTURE_OFFICE,
            ),
            key=f"interests:{pk}:{year}:{asked}",
        )
        for pk, email in people
    ]
    send_mails_later(mails, in_bulk=True)
    return len(mails)
