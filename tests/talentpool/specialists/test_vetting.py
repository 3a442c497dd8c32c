"""From the application into the pool, and on from year to year: review, decision, renewal."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Membership
from talentpool.specialists.duplicates import duplicates_of, with_twins
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import (
    ProfileView,
    Specialist,
    StatusChange,
)
from talentpool.specialists.services import vetting
from talentpool.vocabulary.models import Term
from tests.factories import (
    make_code_lists,
    make_coordinator,
    make_member,
    make_specialist,
    make_town,
)
from tests.opened import opened
from tests.talentpool.specialists.registering import (
    Status,
    client_of,
    make_applied,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()  # rate limits of earlier tests
    make_code_lists()
    make_town()
    Term.objects.get_or_create(vocabulary="talent_type", code="PM", defaults={"label": "PM"})


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"name": "高橋　花子", "kana": "ヨミ チガイ"}, "お名前が同じ"),  # 髙 and a blank
        ({"name": "別人", "kana": "タカハシハナコ"}, "フリガナが同じ"),
        (
            {"name": "別人", "kana": "ヨミ チガイ", "known_as": "高橋花子"},
            "通称・旧姓がお名前と同じ",
        ),
        ({"name": "旧姓　花子", "kana": "ヨミ チガイ"}, "お名前が通称・旧姓と同じ"),
        ({"name": "別人", "kana": "ヨミ チガイ"}, ""),
    ],
)
def test_the_same_person_is_found_by_name_or_reading(other: dict[str, str], why: str) -> None:
    person = make_specialist(
        name="髙橋 花子", kana="タカハシ　ハナコ", known_as="旧姓 花子", status="applied"
    )
    twin = make_specialist(**other)
    flagged: Any = with_twins(Specialist.objects.filter(pk=person.pk)).get()
    assert flagged.has_twin is bool(why)
    assert [(one.person, one.why) for one in duplicates_of(person)] == (
        [(twin, why)] if why else []
    )


# --- Review ---------------------------------------------------------------------------------------
def test_a_review_shows_both_levels_duplicates_and_logs_the_view() -> None:
    twin = make_specialist(kana="ミホン　ハナコ")
    person = make_applied()
    coordinator = make_coordinator()
    client = client_of(coordinator)
    queue = client.get(reverse("admin:specialists_specialist_review_queue")).content.decode()
    assert person.pool_number in queue
    assert "重複の疑い" in queue
    assert person.name not in queue
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    page = client.get(review).content.decode()
    assert twin.pool_number in page
    assert "自己評価" in page
    assert "開示されます" in page
    logged = ProfileView.objects.filter(specialist=person).values_list("scope", "purpose")
    assert set(logged) == {
        ("pool_number", "審査を待つ人を一覧で見るため"),
        ("name", "登録の審査のため"),
    }
    of_twin = ProfileView.objects.filter(specialist=twin).values_list("scope", "purpose")
    assert set(of_twin) == {("pool_number", "登録の審査で、重複の疑いを確かめるため")}
    client.post(review, {"levels": "1", "level_NW": "4", **opened(client, review)})
    assert person.skills.get().level == 4
    client.post(
        review,
        {
            "note": "1",
            "text": "話を聞いた",
            **dict.fromkeys(("held_on_0",), "2026"),
            "held_on_1": "4",
            "held_on_2": "1",
        },
    )
    assert person.interview_notes.get().written_by == coordinator
    client.post(review, {"decide": "1", "verb": "take_up"})
    refused = client.post(review, {"decide": "1", "verb": "refuse"})
    assert refused.status_code == 422
    client.post(review, {"decide": "1", "verb": "register"})
    person.refresh_from_db()
    assert person.status == "registered"
    assert list(Specialist.objects.registered().exclude(pk=twin.pk)) == [person]


def test_an_auditor_reads_the_review_and_decides_nothing() -> None:
    person = make_applied()
    client = client_of(make_member(Membership.Role.AUDITOR))
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    page = client.get(review).content.decode()
    assert "決定する" not in page
    assert client.post(review, {"decide": "1", "verb": "take_up"}).status_code == 404


def test_a_registration_that_is_sent_back_says_why_and_can_be_sent_in_again() -> None:
    person = make_applied()
    vetting.decide(person, "send_back", reason="資格の番号を入れてください", by=make_coordinator())
    client = client_of(person.user)
    assert (
        "資格の番号を入れてください"
        in client.get(reverse("specialist:registration")).content.decode()
    )
    client.post(reverse("specialist:registration_check"))
    person.refresh_from_db()
    assert person.status == "applied"


def test_each_verb_starts_from_its_states_only() -> None:
    person = make_specialist()
    for verb, (before, after) in Specialist.TRANSITIONS.items():
        for status in Status.values:
            Specialist.objects.filter(pk=person.pk).update(status=status)
            if status not in before:
                with pytest.raises(PoolRefused):
                    vetting._move(person, verb, by=None, reason="理由")
                continue
            assert vetting._move(person, verb, by=None, reason="理由").status == after
            step = StatusChange.objects.filter(specialist=person).first()
            assert step is not None
            assert (step.verb, step.before, step.after) == (verb, status, after)


def test_a_decision_against_a_person_has_a_reason_in_the_database_too() -> None:
    person = make_specialist()
    with (
        pytest.raises(IntegrityError, match="decision_against_a_person_has_reason"),
        transaction.atomic(),
    ):
        StatusChange.objects.create(
            specialist=person, verb="remove", before="registered", after="removed"
        )


# --- Term and renewal -----------------------------------------------------------------------------
def test_a_registration_ends_with_its_term_and_is_renewed_on_one_page() -> None:
    today = timezone.localdate()
    person = make_specialist(registered_on=today - timedelta(days=300))
    Specialist.objects.filter(pk=person.pk).update(registered_until=today - timedelta(days=1))
    assert vetting.sweep_terms() == 1
    assert vetting.sweep_terms() == 0
    person.refresh_from_db()
    assert person.status == "renewal_due"
    assert not Specialist.objects.registered().exists()
    client = client_of(person.user)
    page = client.get(reverse("specialist:registration_renew"))
    assert page.status_code == 200
    client.post(reverse("specialist:registration_renew"))
    person.refresh_from_db()
    assert person.status == "registered"
    assert person.registered_until is not None
    assert person.registered_until > today
    assert person.registered_until.strftime("%m%d") == "0331"


def test_a_registration_that_nobody_renews_ends_after_90_days() -> None:
    today = timezone.localdate()
    people = [make_specialist(registered_on=today - timedelta(days=400)) for _ in range(2)]
    for person, days in zip(people, (90, 91), strict=True):
        Specialist.objects.filter(pk=person.pk).update(
            status="renewal_due", registered_until=today - timedelta(days=days)
        )
    vetting.sweep_terms()
    states = [Specialist.objects.get(pk=person.pk).status for person in people]
    assert states == ["renewal_due", "withdrawn"]


def test_pause_resume_and_leave() -> None:
    person = make_specialist()
    client = client_of(person.user)
    for verb, status in (("pause", "paused"), ("resume", "registered")):
        client.post(reverse("specialist:registration_verb", args=[verb]))
        person.refresh_from_db()
        assert person.status == status
    client.post(reverse("specialist:registration_withdraw"))
    person.refresh_from_db()
    assert person.status == "withdrawn"
