"""A coordinator makes somebody without an account matchable, with how the person said it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talentpool.audit.models import Event
from talentpool.conventions.months import add_months, first_of_month
from talentpool.specialists.conflicts.facts import said_by
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import (
    Availability,
    Interest,
    InterestDeclaration,
    ProfileView,
    Specialist,
)
from talentpool.specialists.services import behalf, declared_half_days
from tests import factories as make

pytestmark = pytest.mark.django_db
SAID = "11月26日、電話で本人から"
NUMBER = "7000020340006"


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def person() -> Specialist:
    """Registered on paper: nothing is known of days, ties and documents."""
    person = make.make_specialist(kind="side_job", employer="見本大学")
    Availability.objects.all().delete()
    InterestDeclaration.objects.all().delete()
    Specialist.objects.update(user=None, submitted_at=timezone.now(), confirmed_at=None)
    person.refresh_from_db()
    return person


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make.make_coordinator())
    return client


def steps(person: Specialist) -> list[str]:
    return list(person.status_changes.order_by("pk").values_list("reason", flat=True))


def page_of(person: Specialist, topic: str) -> str:
    return reverse("admin:specialists_specialist_topic", args=[person.pk, topic])


def test_days_are_entered_with_how_they_were_said(person: Specialist, client: Client) -> None:
    page = reverse("admin:engagements_days_for", args=[person.pk])
    topics = reverse("admin:specialists_specialist_topics", args=[person.pk])
    assert page in client.get(topics).content.decode()
    form = client.get(page).context["form"]
    month = add_months(first_of_month(timezone.localdate()), 1)
    sent = {"opened": form.initial["opened"], "weekdays": ["1", "2"], f"{month:%Y-%m}": "2.5"}
    assert client.post(page, sent).status_code == 422  # how it was said is missing
    assert client.post(page, {**sent, "reason": SAID}).status_code == 302
    assert declared_half_days([person.pk], [month])[person.pk] == {month: 5}
    person.refresh_from_db()
    assert (person.weekdays, person.confirmed_at is not None) == (3, True)
    assert steps(person) == [f"本人に代わって、稼働可能日を入れました。{SAID}"]
    assert Event.objects.filter(action="enter_for_person").count() == 1
    assert ProfileView.objects.filter(specialist=person, purpose__contains="日数").exists()


def test_ties_are_entered_and_declared(person: Specialist, client: Client) -> None:
    def said() -> tuple[bool, bool]:
        now = said_by([person.pk], timezone.localdate())[person.pk]
        return now.declared, now.unnumbered

    page = page_of(person, "interests")
    assert said() == (False, True)
    assert "見本大学" in client.get(page).content.decode()
    assert client.post(page, {"declare": "1", "reason": " "}).status_code == 422
    assert client.post(page, {"no_company": "見本大学", "reason": SAID}).status_code == 302
    assert client.post(page, {"declare": "1", "reason": SAID}).status_code == 302
    assert said() == (True, False)
    tie = {"tie": "1", "kind": "client", "name": "見本社", "corporate_number": NUMBER}
    assert client.post(page, tie).status_code == 422
    assert client.post(page, {**tie, "reason": SAID}).status_code == 302
    interest = Interest.objects.get(specialist=person)
    one = f"{page}?tie={interest.pk}"
    shown = client.get(one)
    opened = shown.context["forms"]["tie"].initial["opened"]
    client.post(one, {**tie, "name": "見本社2", "opened": opened, "reason": SAID})
    interest.refresh_from_db()
    assert interest.name == "見本社2"
    assert client.post(one, {"remove": "1", "reason": SAID}).status_code == 302
    assert not Interest.objects.exists()
    assert client.get(one).status_code == 404
    assert client.post(page, {"remove": "1", "reason": SAID}).status_code == 404
    assert len(steps(person)) == 5
    assert all(SAID in step for step in steps(person))


def test_two_different_things_are_two_steps_and_one_by_two_clicks_is_one(
    person: Specialist, client: Client
) -> None:
    page = page_of(person, "interests")
    tie = {"tie": "1", "kind": "client", "corporate_number": NUMBER, "reason": SAID}
    for name in ("見本社", "別の社", "別の社"):
        assert client.post(page, {**tie, "name": name}).status_code == 302
    first, second = steps(person)
    assert "見本社" in first
    assert "別の社" in second
    assert "別の社" not in str(list(Event.objects.values_list("detail", flat=True)))


def test_a_document_on_paper_is_taken_in(person: Specialist, client: Client) -> None:
    page = page_of(person, "documents")

    def send(**values: Any) -> int:
        file = SimpleUploadedFile("permit.csv", "許可,承諾\n1,2\n".encode())
        return client.post(page, {"kind": "permit", "file": file, **values}).status_code

    assert send() == 422
    assert send(reason=SAID) == 302
    assert person.documents.filter(kind="permit").count() == 1
    assert "permit.csv" in client.get(page).content.decode()
    assert SAID in steps(person)[0]
    empty = SimpleUploadedFile("x.exe", b"MZ")
    wrong = client.post(page, {"kind": "permit", "file": empty, "reason": SAID})
    assert wrong.status_code == 422
    assert len(steps(person)) == 1


def test_nothing_is_entered_for_who_has_an_account(client: Client) -> None:
    other = make.make_specialist(registered_until=timezone.localdate() + timedelta(days=9))
    for page in (
        reverse("admin:engagements_days_for", args=[other.pk]),
        page_of(other, "interests"),
        page_of(other, "documents"),
    ):
        assert client.get(page).status_code == 404
        assert client.post(page, {"declare": "1", "reason": SAID}).status_code == 404
    with pytest.raises(PoolRefused):
        behalf.enter_for(other, "x", lambda: None, reason=SAID, by=make.make_coordinator())
    Specialist.objects.update(user=None, submitted_at=timezone.now())
    staff = make.make_member("auditor")
    with pytest.raises(PoolRefused):
        behalf.enter_for(other, "x", lambda: None, reason=SAID, by=staff)
