"""What a person changes after the review: the prefecture's level stays, and somebody looks."""

import re
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Membership
from municipalities.registry.queue import work_queue
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.forms.person import BackgroundForm
from talentpool.specialists.models import Background, ProfileChange, Specialist
from talentpool.specialists.services import changes, registration, vetting
from talentpool.users.models import User
from tests.factories import make_coordinator, make_member, make_specialist
from tests.opened import opened
from tests.talentpool.files import making
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
    shown = re.findall(r'name="shown" value="(\d+)"', client.get(review).content.decode())
    assert len(shown) == 1
    save(person, NW=4, SEC=3, PRC=2)  # while the page is open
    client.post(review, {"seen": "1", "shown": [*shown, "x"]})
    assert kinds(person) == [("added", "PRC")]  # nobody has seen it yet
    changes.note_seen(person, by=coordinator)
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


def test_two_coordinators_at_the_levels(person: Specialist, coordinator: User) -> None:
    """Who saves second reads what the first has saved; a skill that came meanwhile stays."""
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    client = client_of(coordinator)
    first = opened(client, review)
    vetting.assess(person, {"NW": 3}, by=coordinator)
    save(person, NW=4, SEC=3)
    vetting.assess(person, {"SEC": 3}, by=coordinator)
    answer = client.post(review, {"levels": "1", "level_NW": "1", **first})
    assert answer.status_code == 422
    assert "いまの内容は「L3" in answer.content.decode()
    assert [row.assessed_level for row in person.skills.order_by("skill_id")] == [3, 3]
    again = re.findall(r'name="opened" value="(\w+)"', answer.content.decode())
    client.post(review, {"levels": "1", "level_NW": "1", "opened": again[0]})
    assert dict(person.skills.values_list("skill_id", "assessed_level")) == {"NW": 1, "SEC": 3}
    same = {"levels": "1", "level_NW": "1", **first}
    assert client.post(review, same).status_code == 302  # a double click


NEW_PERMIT = {"employer": "見本", "permit_needed": "yes"}
TODAY = timezone.localdate()


def parts(name: str, day: date) -> dict[str, str]:
    return {f"{name}_{n}": str(part) for n, part in enumerate([day.year, day.month, day.day])}


def test_a_permit_is_extended_by_a_new_copy_and_looked_at(coordinator: User) -> None:
    end, given = TODAY + timedelta(days=30), TODAY - timedelta(days=300)
    person = make_specialist(kind="side_job", employer="見本", side_job_permit_until=end)
    Background.objects.create(specialist=person, permit_needed=True, permit_given_on=given)
    client, later = client_of(person.user), end + timedelta(days=365)
    longer = {**NEW_PERMIT, **parts("side_job_permit_until", later)}
    copy = partial(
        registration.add_document, person, kind="permit", name="許可.pdf", by=person.user
    )
    assert (
        send(client, "background", {**longer, **parts("permit_given_on", given)}).status_code == 422
    )
    new = {**longer, **parts("permit_given_on", TODAY)}
    assert send(client, "background", new).status_code == 422  # without a copy
    tomorrow = {**longer, **parts("permit_given_on", TODAY + timedelta(days=1))}
    copy(content=making.pdf())
    assert send(client, "background", tomorrow).status_code == 422
    assert send(client, "background", new).status_code == 302
    change = person.profile_changes.get()
    assert change.kind == "background"
    assert "許可・承諾の期限" in change.detail
    mended = {**new, **parts("side_job_permit_until", later + timedelta(days=1))}
    assert send(client, "background", mended).status_code == 302  # mistyped; the copy is there


@pytest.mark.parametrize(("given", "may"), [(None, True), (0, True), (-1, True), (1, False)])
def test_a_permit_counts_from_the_day_it_was_given(given: int | None, may: bool) -> None:
    person = Specialist(kind="side_job", side_job_permit_until=TODAY + timedelta(days=9))
    day = None if given is None else TODAY + timedelta(days=given)
    person.background = Background(specialist=person, permit_needed=True, permit_given_on=day)
    assert person.may_work_on(TODAY) is may


def test_what_was_vetted_is_looked_at_when_it_changes(coordinator: User) -> None:
    """A retired person takes the own banner off, a name and a certificate change: the list names
    the kind, the review page what stood there."""
    person = make_specialist(kind="retired", name="見本 一郎", kana="ミホン イチロウ")
    Background.objects.create(
        specialist=person, retired_on=TODAY - timedelta(days=90), present_work="company"
    )
    client = client_of(person.user)
    basics = {"name": "見本 次郎", "kana": "ミホン ジロウ", "base": person.base_id}
    assert send(client, "basics", basics).status_code == 302
    answers = {
        **parts("retired_on", TODAY - timedelta(days=90)),
        "last_post": "課長",
        "was_manager": "yes",
        "departments": "課",
        "present_work": "none",
    }
    assert send(client, "background", answers).status_code == 302
    assert send(client, "certificates", {"other_name_1": "見本の資格"}).status_code == 302
    assert send(client, "certificates", {"other_name_1": "見本の資格"}).status_code == 302
    assert [kind for kind, _ in kinds(person)] == ["name", "background", "certificate"]
    staff = client_of(coordinator)
    listed = staff.get(reverse("admin:specialists_specialist_changed")).content.decode()
    assert "退職・勤め先・許可の内容を変えた" in listed
    assert "一郎" not in listed
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    page = staff.get(review).content.decode()
    assert "見本 一郎 → 見本 次郎" in page
    assert "今の勤め先：会社などの営利企業等 → 勤めていない・個人で働いている" in page
    late = {**answers, **parts("retired_on", TODAY + timedelta(days=1))}
    assert send(client, "background", late).status_code == 422


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
