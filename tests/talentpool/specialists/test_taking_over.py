"""What the prefecture entered or imported, taken over by the person, up to the registration."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.queue import work_queue
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import Specialist
from talentpool.specialists.services import entry, people_import, registration, vetting
from talentpool.vocabulary.models import Term
from tests.factories import make_code_lists, make_coordinator, make_specialist, make_town
from tests.talentpool.files import making
from tests.talentpool.specialists.registering import (
    ACCOUNT,
    ANSWERS,
    agree,
    client_of,
    link_in_mail,
    make_applied,
    send,
    topic_page,
)
from tests.talentpool.specialists.test_consent import new_words
from tests.talentpool.specialists.test_people_import import GOOD, make_job, xlsx

pytestmark = pytest.mark.django_db
ROW = {**GOOD, "区分": "県職員OB", "メールアドレス": "hanako@example.jp"}


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()
    make_code_lists()
    make_town()
    Term.objects.get_or_create(vocabulary="talent_type", code="PM", defaults={"label": "PM"})


def test_an_imported_person_takes_over_completes_and_is_registered() -> None:
    job = make_job(xlsx(ROW))
    people_import.PEOPLE.apply(job, mode="all", by=job.created_by)
    people_import.PEOPLE.run(job.pk)
    imported = Specialist.objects.get()
    vetting.decide(imported, "take_up", reason="", by=job.created_by)
    Client().post(link_in_mail("hanako@example.jp"), ACCOUNT)
    person = Specialist.objects.get()
    assert (person.status, person.user is not None) == ("draft", True)
    assert [item.title for item in work_queue("specialist", person.user)] == ["登録の続き"]
    client = client_of(person.user)
    page = client.get(reverse("specialist:registration")).content.decode()
    assert "県が入力した内容を引き継ぎました" in page
    agree(client, "consent")
    for topic in ("background", "roles", "conditions"):
        assert send(client, topic, ANSWERS[topic]).status_code == 302
    agree(client, "pledges")
    client.post(reverse("specialist:registration_check"))
    person.refresh_from_db()
    assert person.status == "applied"
    assert dict(person.skills.values_list("skill_id", "own_level")) == {"NW": 3, "SEC": 2}
    for verb in ("take_up", "register"):
        vetting.decide(person, verb, reason="", by=job.created_by)
    assert Specialist.objects.registered().get() == person


def test_who_lacks_nothing_stays_in_review() -> None:
    complete = make_applied()
    Specialist.objects.filter(pk=complete.pk).update(user=None)
    complete.refresh_from_db()
    entry.send_claim(complete, "claims@example.jp", by=make_coordinator())
    Client().post(link_in_mail("claims@example.jp"), ACCOUNT)
    complete.refresh_from_db()
    assert (complete.status, complete.user is not None) == ("applied", True)


def test_new_pledges_in_force_during_the_review_can_be_given() -> None:
    person, coordinator = make_applied(), make_coordinator()
    assert person.user is not None
    vetting.decide(person, "take_up", reason="", by=coordinator)
    new_words("confidentiality", from_day=timezone.localdate())
    with pytest.raises(PoolRefused):
        vetting.decide(person, "register", reason="", by=coordinator)
    client = client_of(person.user)
    titles = [item.title for item in work_queue("specialist", person.user)]
    assert titles == ["誓約がまだです"]
    page = client.get(reverse("specialist:registration")).content.decode()
    assert [topic_page(topic) in page for topic in ("pledges", "documents", "skills")] == [
        True,
        True,
        False,
    ]
    assert client.get(topic_page("documents")).status_code == 200
    assert client.get(topic_page("skills")).status_code == 302
    assert agree(client, "pledges").status_code == 302
    assert vetting.decide(person, "register", reason="", by=coordinator).status == "registered"


@pytest.mark.parametrize("needed", [True, False])
def test_only_a_permit_that_is_needed_stays(needed: bool) -> None:
    person = make_specialist(kind="side_job" if needed else "other")
    assert person.user is not None
    document = registration.add_document(
        person, kind="permit", name="許可.pdf", content=making.pdf(), by=person.user
    )
    if needed:
        with pytest.raises(PoolRefused):
            registration.delete_document(document, by=person.user)
    else:
        registration.delete_document(document, by=person.user)
    assert person.documents.exists() is needed


@pytest.mark.parametrize("ended", ["withdrawn", "removed"])
def test_a_registration_that_has_ended_is_taken_over_by_nobody(ended: str) -> None:
    """Neither by a new link nor by one that was sent before; the page offers none."""
    coordinator = make_coordinator()
    person = make_specialist(user=None, status="under_review")
    entry.send_claim(person, "claims@example.jp", by=coordinator)
    link = link_in_mail("claims@example.jp")
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    assert 'name="claim"' in client_of(coordinator).get(review).content.decode()
    Specialist.objects.filter(pk=person.pk).update(status=ended)
    assert Client().post(link, ACCOUNT).status_code == 404
    with pytest.raises(PoolRefused, match="引き継げません"):
        entry.send_claim(person, "other@example.jp", by=coordinator)
    assert 'name="claim"' not in client_of(coordinator).get(review).content.decode()
    person.refresh_from_db()
    assert person.user is None


# --- A suspension that was granted ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "ends"),
    [
        ("draft", "paused"),
        ("applied", "paused"),
        ("under_review", "paused"),
        ("registered", "paused"),
        ("paused", "paused"),
        ("renewal_due", "paused"),
        ("withdrawn", "withdrawn"),
        ("removed", "removed"),
    ],
)
def test_a_suspension_holds_in_every_state(status: str, ends: str) -> None:
    person, coordinator = make_specialist(), make_coordinator()
    assert person.user is not None
    Specialist.objects.filter(pk=person.pk).update(
        status=status, registered_until=timezone.localdate()
    )
    person.refresh_from_db()
    vetting.suspend(person, by=coordinator)
    person.refresh_from_db()
    if status == "draft":
        person = vetting._move(person, "submit", by=person.user)
    if person.status == "applied":
        person = vetting.decide(person, "take_up", reason="", by=coordinator)
    if person.status == "under_review":
        person = vetting.decide(person, "register", reason="", by=coordinator)
    if person.status == "renewal_due":
        person = vetting.renew(person, by=person.user)  # type: ignore[arg-type]
    assert person.status == ends
    assert not Specialist.objects.registered().exists()
    if ends == "paused":  # by the person only, and for good
        assert person.user is not None
        assert vetting.resume(person, by=person.user).status == "registered"
        assert not vetting.is_suspended(person)
