"""The slower of two clicks writes nothing more and is told no error (A-25)."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.pool.models import Demand
from matching.pool.services import record_demand
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import Interest, LobbyingRecord, Specialist
from talentpool.specialists.services import behalf, registration, save_interest, vetting
from talentpool.specialists.services.lobbying import record_lobbying
from talentpool.users.models import User
from tests.factories import make_coordinator, make_editor, make_specialist, make_town
from tests.matching.concurrency import at_once
from tests.talentpool.files import making
from tests.talentpool.specialists.registering import client_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def lobbying(by: User) -> LobbyingRecord:
    record = LobbyingRecord(
        happened_on=date(2026, 4, 2),
        requester="見本 退職",
        retired_on=date(2026, 3, 31),
        post=LobbyingRecord._meta.get_field("post").choices[0][0],  # type: ignore[index]
        duty=LobbyingRecord._meta.get_field("duty").choices[0][0],  # type: ignore[index]
        subject="見本の契約",
        content="見本",
    )
    return record_lobbying(record, by=by)


def test_what_is_written_at_once_by_two_clicks_is_kept_once() -> None:
    person, coordinator = make_specialist(), make_coordinator()
    silent = make_specialist(user=None)
    town, today = make_editor(make_town().code), timezone.localdate().replace(day=1)
    tie = {"kind": "client", "corporate_number": "7000020340006", "name": "見本"}
    pdf = making.pdf()
    acts: list[tuple[Callable[[], Any], Callable[[], int]]] = [
        (
            partial(vetting.write_note, person, held_on=today, text="話", by=coordinator),
            person.interview_notes.count,
        ),
        (partial(lobbying, coordinator), LobbyingRecord.objects.count),
        (
            lambda: save_interest(Interest(specialist=person, **tie), by=person.user),
            person.interests.count,
        ),
        (
            lambda: registration.add_document(
                person, kind="cv", name="a.pdf", content=pdf, by=person.user
            ),
            person.documents.count,
        ),
        (
            lambda: record_demand(
                skill_code="NW",
                level=2,
                half_days=2,
                first_month=today,
                last_month=today,
                note="",
                by=town,
            ),
            Demand.objects.count,
        ),
        (
            lambda: behalf.enter_for(
                silent,
                "会社との関わりを入れました",
                lambda: save_interest(Interest(specialist=silent, **tie), by=coordinator),
                reason="電話で",
                by=coordinator,
            ),
            silent.status_changes.filter(verb="enter").count,
        ),
    ]
    for act, count in acts:
        failed = [answer for answer in at_once([act, act]) if isinstance(answer, Exception)]
        assert failed == []
        assert count() == 1
    assert silent.interests.count() == 1


def test_a_second_click_of_a_verb_is_told_that_it_is_done() -> None:
    person, coordinator = make_specialist(), make_coordinator()
    client = client_of(person.user)
    for verb in ("pause", "resume"):
        url = reverse("specialist:registration_verb", args=[verb])
        pages = [client.post(url, follow=True).content.decode() for _ in range(2)]
        assert not any("この操作はできません" in page for page in pages)
    assert person.status_changes.count() == 2
    waiting = make_specialist(status="applied")
    review = reverse("admin:specialists_specialist_review", args=[waiting.pk])
    staff = client_of(coordinator)
    answers = [staff.post(review, {"decide": "1", "verb": "take_up"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert waiting.status_changes.count() == 1
    other = client_of(make_coordinator())  # somebody else is told that it was done before
    assert other.post(review, {"decide": "1", "verb": "take_up"}).status_code == 422


def test_documents_are_taken_in_the_states_that_the_page_offers() -> None:
    person = make_specialist()
    Specialist.objects.filter(pk=person.pk).update(status="withdrawn")
    with pytest.raises(PoolRefused):
        registration.add_document(
            person, kind="cv", name="a.pdf", content=making.pdf(), by=person.user
        )
    assert not person.documents.exists()


def test_a_note_is_set_right_beside_what_was_written_first() -> None:
    """A granted correction of an interview note: both stay, and the person may read both."""
    from talentpool.rights.services import package_json

    person, coordinator = make_specialist(status="under_review"), make_coordinator()
    first = vetting.write_note(
        person, held_on=timezone.localdate(), text="規模は10人", by=coordinator
    )
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    client = client_of(coordinator)
    sent = {"correction": "1", "corrects": str(first.pk), "text": "規模は12人が正しい"}
    client.post(review, sent)
    client.post(review, sent)
    client.post(review, {**sent, "corrects": str(first.pk + 99)})
    assert list(person.interview_notes.values_list("text", "corrects").order_by("pk")) == [
        ("規模は10人", None),
        ("規模は12人が正しい", first.pk),
    ]
    page = client.get(review).content.decode()
    assert page.index("規模は10人") < page.index("規模は12人が正しい")
    assert client.post(review, {**sent, "text": ""}).status_code == 422
    package = package_json(person, to_review=True).decode()
    assert "規模は10人" in package
    assert "規模は12人が正しい" in package
