"""Mail before a registration or a consent ends: to whom, when, once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talentpool.outbox.models import Message
from talentpool.specialists.models import PurposeText, Specialist
from talentpool.specialists.services import consent
from talentpool.specialists.services.reminding import remind_of_renewal, remind_of_words
from talentpool.specialists.tasks import ask_each_month
from tests.factories import make_coordinator, make_specialist
from tests.talentpool.specialists.test_consent import new_words

pytestmark = pytest.mark.django_db
END = date(2027, 3, 31)


def mails(beginning: str) -> list[Any]:
    return list(Message.objects.filter(key__startswith=beginning).order_by("pk"))


def endings(beginning: str) -> list[str]:
    return [mail.key.rsplit(":", 1)[1] for mail in mails(beginning)]


# --- The end of the fiscal year -------------------------------------------------------------------
def ending(status: str = "registered", **values: Any) -> Specialist:
    person = make_specialist(status=status, registered_on=date(2026, 4, 1), registered_until=END)
    Specialist.objects.filter(pk=person.pk).update(**values)
    return person


@pytest.mark.parametrize(
    ("day", "sent"),
    [
        (date(2027, 1, 31), []),
        (date(2027, 2, 1), ["opens"]),
        (date(2027, 3, 24), ["opens"]),
        (date(2027, 3, 25), ["last"]),
        (date(2027, 3, 31), ["last"]),
        (date(2027, 4, 1), []),
    ],
)
def test_renewal_is_asked_for_in_february_and_in_the_last_week(day: date, sent: list[str]) -> None:
    ending()
    remind_of_renewal(day)
    remind_of_renewal(day)
    assert endings("renewal:") == sent


def test_everybody_is_asked_twice_a_year_in_bulk_without_a_word_about_the_person() -> None:
    person, paused = ending(), ending("paused")
    ending("withdrawn")
    ending(user=None)
    ending(registered_until=date(2028, 3, 31))  # has renewed
    for days in range(-70, 3):
        remind_of_renewal(END + timedelta(days=days))
    sent = mails("renewal:")
    assert sorted(mail.payload["to"] for mail in sent) == sorted(
        [person.user.email, paused.user.email] * 2  # type: ignore[union-attr]
    )
    for mail in sent:
        assert mail.in_bulk
        assert "2027年3月31日" in mail.payload["body"]
        assert person.name not in mail.payload["subject"] + mail.payload["body"]
    Specialist.objects.update(registered_until=date(2028, 3, 31))
    remind_of_renewal(date(2028, 2, 1))
    assert len(mails("renewal:")) == 4 + 3  # anew in the next year; the one who had renewed too


# --- New words ------------------------------------------------------------------------------------
def test_new_words_are_told_at_once_and_before_the_earlier_ones_end() -> None:
    person, silent, removed = (
        make_specialist(),
        make_specialist(),
        make_specialist(status="removed"),
    )
    today = timezone.localdate()
    until = today + timedelta(days=30)
    new_words("provision", from_day=today, grace=until)
    new_words("registration", from_day=today, grace=until)
    for days in range(20):
        remind_of_words(today + timedelta(days=days))
    consent.give(person, consent.missing(person), by=person.user)
    for days in range(20, 40):
        remind_of_words(today + timedelta(days=days))
    sent = [endings(f"words:{row.pk}:") for row in (person, silent, removed)]
    assert sent == [["new", "14"], ["new", "14", "3"], []]
    for mail in mails("words:"):
        assert mail.in_bulk
        assert f"{until:%Y年%-m月%-d日}までに答えないと" in mail.payload["body"]


def test_words_of_tomorrow_and_consents_taken_back_are_not_asked_for() -> None:
    person = make_specialist()
    today = timezone.localdate()
    new_words("provision", from_day=today + timedelta(days=1))
    assert remind_of_words(today) == 0
    assert remind_of_words(today + timedelta(days=1)) == 1
    assert "答えるまで、市町に紹介されません" in mails("words:")[0].payload["body"]
    # The outbox forgets what it has delivered: nobody is asked again each quarter for ever.
    assert remind_of_words(today + timedelta(days=31)) == 1
    assert remind_of_words(today + timedelta(days=32)) == 0
    consent.withdraw(person, "provision", by=person.user)
    assert remind_of_words(today + timedelta(days=1)) == 0


def test_words_that_end_the_earlier_ones_at_once_are_asked_about_with_a_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "SECOND_FACTOR_REQUIRED", False)
    for _ in range(2):
        make_specialist()
    make_specialist(status="paused")
    client = Client()
    client.force_login(make_coordinator())
    page = reverse("admin:specialists_purposetext_add")
    assert "候補から外れる人がいることを確かめた" in client.get(page).content.decode()
    day = timezone.localdate() + timedelta(days=7)
    sent: dict[str, Any] = {"purpose": "provision", "body": "新しい文面", "recipients": "市町"}
    sent |= {"retention": "1年", "in_force_from": day.isoformat(), "earlier_until": ""}
    refused = client.post(page, sent)
    assert "登録中の2人" in refused.content.decode()
    assert PurposeText.objects.filter(purpose="provision").count() == 1
    with_grace = client.post(
        page, {**sent, "earlier_until": (day + timedelta(days=30)).isoformat()}
    )
    assert with_grace.status_code == 302
    # The grace reaches one version back: who has not answered by then is counted again.
    PurposeText.objects.filter(purpose="provision", version=2).update(
        in_force_from=timezone.localdate() - timedelta(days=1)
    )
    again = {**sent, "earlier_until": (day + timedelta(days=30)).isoformat()}
    assert "登録中の2人" in client.post(page, again).content.decode()
    assert client.post(page, {**again, "sure": "on"}).status_code == 302
    assert PurposeText.objects.filter(purpose="provision").count() == 3
    made = PurposeText.objects.get(purpose="provision", version=3)
    view = reverse("admin:specialists_purposetext_change", args=[made.pk])
    assert client.get(view).status_code == 200


def test_the_calendar_asks_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    ending()
    new_words("provision", from_day=timezone.localdate())
    PurposeText.objects.filter(version=2).update(in_force_from=date(2027, 2, 1))
    monkeypatch.setattr(timezone, "localdate", lambda: date(2027, 2, 3))
    ask_each_month()
    assert endings("renewal:") == ["opens"]
    assert endings("words:") == ["new"]
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert "specialists.ask_each_month" in planned
