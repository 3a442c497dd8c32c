"""What a person changes after the review: the prefecture's level stays, and somebody looks."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from municipalities.registry.models import Membership
from municipalities.registry.queue import work_queue
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.forms.person import BackgroundForm
from talentpool.specialists.models import Background, ProfileChange, Specialist
from talentpool.specialists.services import changes, vetting
from talentpool.users.models import User
from tests.factories import make_coordinator, make_member, make_specialist
from tests.talentpool.specialists.registering import client_of, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def coordinator() -> User:
    return make_coordinator()


@pytest.fixture
def person(coordinator: User) -> Specialist:
    """Registered with NW, own level 4, assessed 2."""
    made = make_specialist(skills=["NW"])
    vetting.assess(made, {"NW": 2}, by=coordinator)
    return made


def save(person: Specialist, **levels: int) -> None:
    assert person.user is not None
    answers: dict[str, str] = {}
    for number, (code, level) in enumerate(levels.items(), start=1):
        answers |= {f"skill_{number}": code, f"level_{number}": str(level)}
    assert send(client_of(person.user), "skills", answers).status_code == 302


def kinds(person: Specialist) -> list[tuple[str, str | None]]:
    return list(person.profile_changes.unseen().order_by("pk").values_list("kind", "skill_id"))


def test_the_prefectures_level_is_not_washed_off_in_two_saves(person: Specialist) -> None:
    save(person, SEC=1)
    save(person, NW=4, SEC=1)
    row = person.skills.get(skill_id="NW")
    assert (row.own_level, row.assessed_level, row.level) == (4, 2, 2)
    assert kinds(person) == [("added", "SEC")]  # NW came back as it was
    save(person, SEC=1)
    save(person, NW=3, SEC=1)
    save(person, NW=4, SEC=1)
    assert person.skills.get(skill_id="NW").level == 2
    assert kinds(person) == [("added", "SEC"), ("raised", "NW")]


@pytest.mark.parametrize(
    ("status", "listed"), [("draft", False), ("registered", True), ("paused", True)]
)
def test_what_is_vetted_as_a_whole_is_not_listed(
    person: Specialist, status: str, listed: bool
) -> None:
    Specialist.objects.filter(pk=person.pk).update(status=status)
    save(person, SEC=3)
    save(person, NW=4, SEC=3)
    assert bool(kinds(person)) is listed
    assert person.skills.get(skill_id="NW").assessed_level == 2


def test_somebody_looks_at_what_was_added_or_raised(person: Specialist, coordinator: User) -> None:
    def titles() -> list[str]:
        rows = work_queue("coordinator", coordinator)
        return [row.title for row in rows if "登録のあとに" in row.title]

    client = Client()
    client.force_login(coordinator)
    page = reverse("admin:specialists_specialist_changed")
    assert "確かめる変更はありません" in client.get(page).content.decode()
    save(person, NW=4, SEC=3)
    assert titles() == ["登録のあとに変わった内容 1人"]
    words = client.get(page).content.decode()
    assert "セキュリティを加えた（自己評価L3）" in words
    assert person.pool_number in words
    assert person.name not in words
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    assert "登録のあとに、本人が変えたこと" in client.get(review).content.decode()
    client.post(review, {"seen": "1"})
    assert titles() == []
    assert "登録のあとに、本人が変えたこと" not in client.get(review).content.decode()
    with pytest.raises(PoolRefused):
        changes.note_seen(person, by=make_member(Membership.Role.AUDITOR))


def test_that_no_permit_is_needed_is_looked_at() -> None:
    person = make_specialist(kind="side_job")
    Background.objects.create(specialist=person, permit_needed=True)
    for answer, listed in (("yes", 0), ("no", 1), ("no", 1)):
        fresh = Specialist.objects.select_related("background").get(pk=person.pk)
        form = BackgroundForm({"employer": "見本", "permit_needed": answer}, person=fresh)
        assert form.is_valid(), form.errors
        form.write()
        assert len(kinds(person)) == listed
    assert kinds(person) == [("no_permit", None)]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"kind": "added"}, "change_of_a_skill_names_it"),
        ({"kind": "no_permit", "skill_id": "NW"}, "change_of_a_skill_names_it"),
        ({"kind": "added", "skill_id": "NW", "seen": True}, "change_is_seen_by_somebody"),
    ],
)
def test_the_database_keeps_changes_whole(
    person: Specialist, values: dict[str, Any], name: str
) -> None:
    seen_at = person.confirmed_at if values.pop("seen", False) else None
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ProfileChange.objects.create(specialist=person, seen_at=seen_at, **values)
