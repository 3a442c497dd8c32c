"""Mail to many before a date: the end of a registration, new words of a consent (B-02)."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse

from municipalities.registry.notices import letter
from talentpool.outbox.services import Mail, send_mails_later
from talentpool.specialists import terms
from talentpool.specialists.models import Consent, Purpose, PurposeText, Specialist
from talentpool.specialists.models.consent import INTRODUCED

LAST_WEEK = timedelta(days=7)
# New words are told of within these days only: what the outbox has delivered it forgets after its
# term (90 days), and a key that is forgotten would mail anew.
TOLD_WITHIN = timedelta(days=30)
WORDS_END_IN_DAYS = (3, 14)  # before an earlier version counts no more; the nearest first
NEW = "new"
Status = Specialist.Status


def remind_of_renewal(today: date) -> int:
    """Queue the question to renew for those whose registration ends within the two months, and once
    more in its last week; returns for how many.

    Run by the calendar, any number of times: a person is asked once for each end and occasion.
    """
    people = (
        Specialist.objects.filter(
            status__in=[Status.REGISTERED, Status.PAUSED],
            registered_until__gte=today,
            registered_until__lt=terms.term_end(today),
            user__is_active=True,
        )
        .order_by("pk")
        .values_list("pk", "user__email", "registered_until")
    )
    found = list(people)
    # All of them have a last day: the filter above asks for it.
    mails = (_renewal(pk, email, until, today) for pk, email, until in found if until)
    send_mails_later(mails, in_bulk=True)
    return len(found)


def _renewal(pk: int, email: str, until: date, today: date) -> Mail:
    is_last = until - today < LAST_WEEK
    return letter(
        email,
        subject="登録の更新をお願いします" + ("(期限が近づいています)" if is_last else ""),
        first_line=f"登録は{_day(until)}までです。更新は1ページで終わります。"
        "それまでに更新しないと、次の日から打診の候補になりません。",
        path=reverse("specialist:registration_renew"),
        key=f"renewal:{pk}:{until:%Y%m%d}:{'last' if is_last else 'opens'}",
    )


def remind_of_words(today: date) -> int:
    """Queue the question to read new words: when they are in force, and while earlier ones still
    count 14 and 3 days before these count no more; returns for how many there is a question.

    It goes to who has agreed to earlier words and not taken that back. Words that came together are
    one mail. Run by the calendar, any number of times: once a person, words and occasion.
    """
    together: dict[tuple[date, date | None], list[PurposeText]] = {}
    for purpose in Purpose.values:
        text = PurposeText.objects.in_force(purpose, today)
        if text is not None and text.version > 1:
            together.setdefault((text.in_force_from, text.earlier_until), []).append(text)
    count = 0
    for (_, until), texts in together.items():
        if _occasion(until, today) == NEW and today - texts[0].in_force_from > TOLD_WITHIN:
            continue
        mails = list(_questions(texts, today))
        send_mails_later(mails, in_bulk=True)
        count += len(mails)
    return count


def _questions(texts: list[PurposeText], today: date) -> Iterator[Mail]:
    earlier = Q()
    for text in texts:
        earlier |= Q(purpose=text.purpose) & ~Q(text=text)
    people = (
        Consent.objects.current()
        .filter(earlier, specialist__user__is_active=True)
        .exclude(specialist__status__in=[Status.WITHDRAWN, Status.REMOVED])
        .order_by("specialist_id")
        .values_list("specialist_id", "specialist__user__email")
        .distinct()
    )
    until = texts[0].earlier_until
    key = f"{texts[0].in_force_from:%Y%m%d}-{'-'.join(str(text.pk) for text in texts)}"
    for pk, email in people:
        yield letter(
            email,
            subject="新しい文面を読んで、答えてください",
            first_line=_why(texts, until, today),
            path=reverse("specialist:registration"),
            key=f"words:{pk}:{key}:{_occasion(until, today)}",
        )


def _occasion(until: date | None, today: date) -> str:
    if until is not None and today <= until:
        for days in WORDS_END_IN_DAYS:
            if until - today <= timedelta(days=days):
                return str(days)
    return NEW


def _why(texts: list[PurposeText], until: date | None, today: date) -> str:
    """What has changed, and what follows without an answer."""
    names = "、".join(text.get_purpose_display() for text in texts)
    said = f"「{names}」の文面が新しくなりました。"
    if not any(text.purpose in INTRODUCED for text in texts):
        return said + "サインインして、読んで答えてください。"
    if until is None or until < today:
        return said + "答えるまで、市町に紹介されません。"
    return said + f"{_day(until)}までに答えないと、次の日から市町に紹介されません。"


def _day(day: date) -> str:
    return f"{day:%Y年%-m月%-d日}"
