"""When subscribers are told of what: published, opened later, changed."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import Vacancy, VacancyRevision
from municipalities.vacancies.services.subscriptions import tell_of_opened
from talentpool.embedded.sample import past
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    change,
    make_coordinator,
    make_editor,
    make_vacancy,
)
from tests.municipalities.vacancies.test_subscriptions import mails, make_subscription

pytestmark = pytest.mark.django_db

PUBLISHED = "に募集情報が公表されました。"
CHANGED = "で公表している募集情報の内容が変わりました。"


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=ZoneInfo("Asia/Tokyo"))


def asked_for() -> list[int]:
    tasks = Message.objects.filter(kind="task", payload__name="vacancies.notify")
    return [message.payload["args"][0] for message in tasks.order_by("pk")]


def published_on(day: date, **values: str) -> Vacancy:
    with past.on(day):
        return make_vacancy("published", **values)


def changed_on(day: date, vacancy: Vacancy, by: User, **values: str) -> Vacancy:
    with past.on(day):
        return change(vacancy, by, **values)


def test_digests_by_day_and_week() -> None:
    make_subscription("daily@example.jp", rhythm="daily")
    make_subscription("weekly@example.jp", rhythm="weekly")
    for day in [18, 22]:
        published_on(date(2026, 11, day))
    assert services.send_digests(at(23, 6)) == 0
    assert services.send_digests(at(23, 7)) == 2  # a Monday
    assert services.send_digests(at(23, 8)) == 0
    daily, weekly = mails("daily"), mails("weekly")
    assert (len(daily), len(weekly)) == (1, 1)
    assert daily[0]["body"].count("/vacancies/") == 1
    assert weekly[0]["body"].count("/vacancies/") == 2
    assert services.send_digests(at(24, 9)) == 0


def test_what_opens_later_is_told_on_its_day_and_once() -> None:
    make_subscription()
    today = timezone.localdate()
    vacancy = published_on(today - timedelta(days=9), open_date=today.isoformat(), close_type="2")
    assert asked_for() == []
    tell_of_opened(today - timedelta(days=1))
    assert asked_for() == []
    tell_of_opened(today)
    tell_of_opened(today)
    assert asked_for() == [vacancy.pk]
    services.notify_at_once(vacancy.pk)
    assert PUBLISHED in mails("news")[0]["body"]
    tell_of_opened(today + timedelta(days=4))
    assert asked_for() == [vacancy.pk]


def test_the_calendar_tells_of_what_opens(settings: Any) -> None:
    today = timezone.localdate()
    vacancy = published_on(today - timedelta(days=2), open_date=today.isoformat())
    services.keep_calendar()
    assert asked_for() == [vacancy.pk]


def test_what_was_told_when_published_is_not_told_by_the_calendar() -> None:
    today = timezone.localdate()
    vacancy = make_vacancy("published", open_date=today.isoformat())
    tell_of_opened(today)
    assert asked_for() == [vacancy.pk]


def test_the_digest_tells_of_what_opened_the_day_before() -> None:
    make_subscription(rhythm="daily")
    published_on(date(2026, 11, 10), open_date="2026-11-18")
    assert services.send_digests(at(11, 8)) == 0
    assert services.send_digests(at(18, 8)) == 0
    assert services.send_digests(at(19, 8)) == 1
    assert services.send_digests(at(20, 8)) == 0
    assert PUBLISHED in mails("daily")[0]["body"]


def test_a_change_is_told_as_a_change() -> None:
    make_subscription("daily@example.jp", rhythm="daily")
    make_subscription("now@example.jp")
    by = make_coordinator()
    editor = make_editor()
    vacancy = published_on(date(2026, 11, 10), by=editor)
    published_on(date(2026, 11, 18), by=editor)
    vacancy = changed_on(date(2026, 11, 18), vacancy, by, headcount="2")
    assert services.send_digests(at(19, 8)) == 1
    body = mails("daily")[0]["body"]
    assert 0 < body.index(PUBLISHED) < body.index(CHANGED) < body.index(vacancy.vacancy_no)
    assert body.count("/vacancies/") == 2
    services.notify_at_once(vacancy.pk)
    body = mails("news")[0]["body"]
    assert CHANGED in body
    assert PUBLISHED not in body


def test_what_becomes_public_by_a_change_is_new() -> None:
    make_subscription()
    vacancy = published_on(date(2026, 11, 10), publish_ok="0")
    vacancy = changed_on(date(2026, 11, 18), vacancy, make_coordinator(), publish_ok="1")
    assert VacancyRevision.objects.count() == 2
    services.notify_at_once(vacancy.pk)
    assert PUBLISHED in mails("news")[0]["body"]


def test_days_on_which_nothing_ran_are_in_the_next_mail() -> None:
    make_subscription("daily@example.jp", rhythm="daily")
    make_subscription("weekly@example.jp", rhythm="weekly")
    services.send_digests(at(16, 8))  # a Monday
    published_on(date(2026, 11, 17))
    assert services.send_digests(at(20, 9)) == 1
    assert mails("daily")[0]["body"].count("/vacancies/") == 1
    published_on(date(2026, 11, 20))
    assert services.send_digests(at(24, 9)) == 2  # the Monday was missed
    assert mails("weekly")[0]["body"].count("/vacancies/") == 2
    make_subscription("later@example.jp", rhythm="weekly")
    assert services.send_digests(at(25, 9)) == 0


def test_a_change_that_the_public_does_not_see_is_no_news() -> None:
    make_subscription()
    make_subscription("daily@example.jp", rhythm="daily")
    by, today = make_coordinator(), timezone.localdate()
    vacancy = published_on(today - timedelta(days=1), open_date=str(today - timedelta(days=1)))
    services.notify_at_once(vacancy.pk)
    services.send_digests(timezone.localtime().replace(hour=12))
    told, asked = len(mails()), asked_for()
    change(vacancy, by, contact_name="主事 灘しずか")
    tell_of_opened(today)
    services.notify_at_once(vacancy.pk)
    assert asked_for() == asked
    with past.on(today + timedelta(days=1)):
        assert services.send_digests(timezone.now()) == 0
    assert len(mails()) == told


@pytest.mark.parametrize(
    ("before", "after", "at_change", "later"),
    [
        ("daily", "at_once", 1, 0),
        ("daily", "weekly", 1, 0),
        ("weekly", "daily", 2, 0),
        ("at_once", "daily", 0, 0),
        ("daily", "daily", 0, 1),
    ],
)
def test_another_rhythm_neither_loses_nor_repeats_news(
    before: str, after: str, at_change: int, later: int
) -> None:
    """Published were one vacancy on a Tuesday, told to the daily ones by the next mail, and one
    on the Wednesday on which the rhythm is changed; those who want it at once know of both."""
    with past.on(date(2026, 11, 12)):
        row = make_subscription(rhythm=before)
    services.send_digests(at(16, 8))
    services.notify_at_once(published_on(date(2026, 11, 17)).pk)
    services.send_digests(at(18, 8))
    with past.on(date(2026, 11, 18)):
        services.notify_at_once(make_vacancy("published").pk)
        known = links()
        services.change_subscription(row.token, areas=[], fields=[], rhythm=after)
    assert links() == known + at_change
    services.send_digests(at(19, 8))
    services.send_digests(at(23, 8))
    assert links() == known + at_change + later


def links() -> int:
    return sum(mail["body"].count("/vacancies/") for mail in mails())


WAITING = [("at_once", "daily"), ("at_once", "weekly"), ("daily", "at_once"), ("weekly", "at_once")]


@pytest.mark.parametrize(("before", "after"), WAITING)
def test_another_rhythm_while_the_mails_of_a_publication_wait(before: str, after: str) -> None:
    """What was published is told once: the message to tell it is still in the queue when the rhythm
    changes, and comes to its turn afterwards."""
    today = timezone.localdate()
    with past.on(today - timedelta(days=2)):
        older = make_vacancy("published")  # before anybody wished for news of it
    with past.on(today - timedelta(days=1)):
        services.send_digests(timezone.now())
        row = make_subscription(rhythm=before)
        vacancy = make_vacancy("published")
    services.change_subscription(row.token, areas=[], fields=[], rhythm=after)
    assert asked_for()[-1] == vacancy.pk
    bodies = [mail["body"] for mail in mails()]
    assert sum(vacancy.vacancy_no in body for body in bodies) == 1
    if before == "at_once":
        assert not any(older.vacancy_no in body for body in bodies)
    services.notify_at_once(vacancy.pk)
    for days in (0, 1, 7):
        with past.on(today + timedelta(days=days)):
            services.send_digests(timezone.now())
    assert [mail["body"] for mail in mails()] == bodies
    change(vacancy, make_coordinator(), headcount="2")
    services.notify_at_once(vacancy.pk)
    assert len(mails()) == len(bodies) + (after == "at_once")


def test_who_was_told_at_once_is_not_told_again_when_the_rhythm_changes() -> None:
    today = timezone.localdate()
    with past.on(today - timedelta(days=1)):
        row = make_subscription()
        services.notify_at_once(make_vacancy("published").pk)
    services.change_subscription(row.token, areas=[], fields=[], rhythm="daily")
    assert links() == 1
