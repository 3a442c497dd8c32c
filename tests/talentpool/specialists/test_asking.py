"""The monthly question, its link, and confirming in the portal."""

import time
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.queue import work_queue
from talentpool.audit.models import Event
from talentpool.conventions.months import add_months, first_of_month
from talentpool.outbox.models import Message
from talentpool.specialists.models import Availability, InterestDeclaration, Pause, Specialist
from talentpool.specialists.services.asking import (
    SALT,
    ask_each_month,
    ask_for_declarations,
    link_token,
)
from tests import factories as make

pytestmark = pytest.mark.django_db
OPENS = date(2027, 4, 1)  # a Thursday


@pytest.fixture
def person() -> Specialist:
    """Somebody who confirmed two months ago."""
    row = make.make_specialist(half_days=5)
    row.confirmed_at = timezone.now() - timedelta(days=60)
    row.save()
    return row


def questions() -> list[Any]:
    return list(Message.objects.filter(key__startswith="availability:"))


def test_asked_once_a_month_from_the_first_business_day(person: Specialist) -> None:
    old = timezone.make_aware(datetime(2027, 1, 10))
    Specialist.objects.update(confirmed_at=old)
    assert ask_each_month(date(2027, 5, 2)) == 0  # a Sunday; the 3rd to the 5th are holidays
    assert ask_each_month(OPENS) == 1
    ask_each_month(OPENS + timedelta(days=9))
    (mail,) = questions()
    assert mail.payload["to"] == person.user.email
    for private in (person.name, person.pool_number, person.kana):
        assert private not in mail.payload["subject"] + mail.payload["body"]
    ask_each_month(date(2027, 5, 6))
    assert len(questions()) == 2


@pytest.mark.parametrize(
    "values",
    [
        {"status": "paused"},
        {"confirmed_at": timezone.make_aware(datetime(2027, 3, 25))},
        {"user": None},
    ],
)
def test_who_is_not_asked(person: Specialist, values: dict[str, Any]) -> None:
    Specialist.objects.update(**values)
    assert ask_each_month(OPENS) == 0
    assert questions() == []


def test_the_link_shows_a_button_and_only_pressing_it_counts(person: Specialist) -> None:
    url = reverse("availability_confirm", args=[link_token(person.pk)])
    before = person.confirmed_at
    client = Client()
    for ask in (client.get, client.head, client.options):
        assert ask(url).status_code == 200
    page = client.get(url)
    words = page.content.decode()
    assert "月2.5日(5半日)" in words
    for private in (person.name, person.pool_number, person.user.email):
        assert private not in words + url
    person.refresh_from_db()
    assert person.confirmed_at == before
    assert not Event.objects.filter(action="confirm_availability").exists()

    client.post(url)
    assert client.post(url).status_code == 200  # pressed twice
    person.refresh_from_db()
    assert person.confirmed_at is not None
    assert timezone.now() - person.confirmed_at < timedelta(minutes=1)


def test_months_that_were_never_answered_are_asked_for(person: Specialist) -> None:
    """They count as no time, and are not shown as such; half a year ahead is enough."""

    def row() -> list[str]:
        return [
            item.title for item in work_queue("specialist", person.user) if "先の" in item.title
        ]

    first = first_of_month(timezone.localdate())
    url = reverse("availability_confirm", args=[link_token(person.pk)])
    assert "まだ入れていません" not in Client().get(url).content.decode()
    for last, asked in ((6, False), (5, True)):
        Availability.objects.filter(month__gt=add_months(first, last)).delete()
        assert bool(row()) is asked
        Message.objects.all().delete()
        ask_each_month(first + timedelta(days=9))
        [mail] = questions()
        assert ("その先の月は" in mail.payload["body"]) is asked
    Availability.objects.filter(month=first).update(half_days=0)
    page = Client().get(url).content.decode()
    assert page.count("<td>まだ入れていません</td>") == 12
    assert page.count("<td>なし</td>") == 1


def test_months_of_a_pause_are_answered(person: Specialist) -> None:
    def asked() -> bool:
        rows = work_queue("specialist", person.user)
        Message.objects.all().delete()
        ask_each_month(first + timedelta(days=9))
        [mail] = questions()
        in_mail = "その先の月は" in mail.payload["body"]
        assert any("先の" in item.title for item in rows) is in_mail
        return in_mail

    def pause(begins: int) -> None:
        Pause.objects.all().delete()
        Pause.objects.create(
            specialist=person,
            first_month=add_months(first, begins),
            last_month=add_months(first, 11),
        )

    first = first_of_month(timezone.localdate())
    for last in (2, 3, 4):  # months of 31 and of fewer days
        Availability.objects.filter(specialist=person).delete()
        Availability.objects.create(specialist=person, month=add_months(first, last), half_days=1)
        pause(last + 1)
        assert not asked()
        pause(last + 2)  # a month between is not answered
        assert asked()


def test_links_that_open_nothing(person: Specialist) -> None:
    good = link_token(person.pk)
    with_other_salt = signing.dumps(person.pk, salt="other")
    for token in (good[:-1] + ("A" if good[-1] != "A" else "B"), with_other_salt, "x"):
        answer = Client().post(reverse("availability_confirm", args=[token]))
        assert answer.status_code == 404
    assert signing.loads(good, salt=SALT) == person.pk
    Specialist.objects.update(status="withdrawn")
    assert Client().get(reverse("availability_confirm", args=[good])).status_code == 404


def test_an_old_link_is_closed(person: Specialist, monkeypatch: pytest.MonkeyPatch) -> None:
    url = reverse("availability_confirm", args=[link_token(person.pk)])
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 46 * 86_400)
    assert Client().get(url).status_code == 404


def test_in_the_portal_one_press_confirms(person: Specialist, settings: Any) -> None:
    def rows() -> list[str]:
        return [row.title for row in work_queue("specialist", person.user) if "稼働" in row.title]

    assert rows() == ["稼働可能日は、いまも合っていますか"]
    client = Client()
    client.force_login(person.user)
    assert client.get(reverse("specialist:days_confirm")).status_code == 405
    client.post(reverse("specialist:days_confirm"))
    assert rows() == []
    event = Event.objects.get(action="confirm_availability")
    assert (event.actor_id, event.detail) == (person.user.pk, {"by_link": False})


def test_ties_are_asked_for_each_fiscal_year_and_again_once_a_quarter(person: Specialist) -> None:
    def asked() -> list[str]:
        return list(
            Message.objects.filter(key__startswith="interests:").values_list("key", flat=True)
        )

    other = make.make_specialist()
    InterestDeclaration.objects.update(fiscal_year=2026)
    InterestDeclaration.objects.create(specialist=other, fiscal_year=2027)
    assert ask_for_declarations(date(2027, 3, 31)) == 0  # declared for the year that ends
    InterestDeclaration.objects.filter(specialist=person).update(fiscal_year=2025)
    assert ask_for_declarations(date(2027, 3, 31)) == 1  # the page declares for the coming year
    [early] = Message.objects.filter(key__startswith="interests:")
    assert "令和9年度" in early.payload["body"]
    assert "令和9年度" in early.payload["subject"]
    Message.objects.filter(key__startswith="interests:").delete()
    for days in range(100):  # each night
        assert ask_for_declarations(OPENS + timedelta(days=days)) == 1
    assert asked() == [f"interests:{person.pk}:2027:{time}" for time in (0, 1)]
    assert "およそ3か月ごと" in Message.objects.get(key=asked()[0]).payload["body"]
    Specialist.objects.filter(pk=person.pk).update(status="paused")  # engagements go on
    assert ask_for_declarations(OPENS + timedelta(days=160)) == 1
    assert len(asked()) == 3
    Specialist.objects.filter(pk=person.pk).update(status="registered")
    InterestDeclaration.objects.create(specialist=person, fiscal_year=2027)
    assert ask_for_declarations(date(2027, 12, 1)) == 0
    # 1 April 2028 is a Saturday: asked on Monday.
    assert ask_for_declarations(date(2028, 4, 2)) == 0
    assert ask_for_declarations(date(2028, 4, 3)) == 2
    words = Message.objects.get(key=f"interests:{person.pk}:2028:0").payload
    for private in (person.name, person.pool_number):
        assert private not in words["subject"] + words["body"]
