"""What a coordinator does for a person who asked by telephone or on paper; a firm that takes its
agreement back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Membership
from municipalities.registry.queue import work_queue
from talentpool.outbox.models import Message
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import Consent, Firm, FirmManager, Specialist
from talentpool.specialists.services import behalf, registration, vetting
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests.factories import make_coordinator, make_member, make_specialist, make_town
from tests.talentpool.specialists.test_consent import new_words

pytestmark = pytest.mark.django_db
SAID = {"reason": "11月26日、電話で本人から"}


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()
    make_town()


@pytest.fixture
def coordinator() -> User:
    return make_coordinator()


def on_paper(status: str = "registered", **values: Any) -> Specialist:
    """Somebody without account whose registration has ended."""
    over = timezone.localdate() - timedelta(days=1)
    person = make_specialist(status=status, registered_on=over)
    Specialist.objects.filter(pk=person.pk).update(
        **{"user": None, "registered_until": over, "submitted_at": timezone.now(), **values}
    )
    person.refresh_from_db()
    return person


def press(coordinator: User, person: Specialist, verb: str, **more: Any) -> Any:
    client = Client()
    client.force_login(coordinator)
    page = reverse("admin:specialists_specialist_review", args=[person.pk])
    answer = client.post(page, {"behalf": "1", "verb": verb, **SAID, **more})
    person.refresh_from_db()
    return answer


def test_a_registration_on_paper_lives_through_all_its_states(coordinator: User) -> None:
    person = on_paper()
    states = []
    for verb in ("renew", "pause", "resume", "withdraw", "reapply", "submit"):
        assert press(coordinator, person, verb).status_code == 302
        states.append(person.status)
    assert states == ["registered", "paused", "registered", "withdrawn", "draft", "applied"]
    assert person.registered_until is not None
    assert person.registered_until > timezone.localdate()
    steps = person.status_changes.values_list("reason", "by")
    assert set(steps) == {(SAID["reason"], coordinator.pk)}
    for verb in ("take_up", "register"):
        vetting.decide(person, verb, reason="", by=coordinator)
    assert Specialist.objects.registered().get() == person


def test_new_words_are_agreed_to_on_paper_before_a_renewal(coordinator: User) -> None:
    person = on_paper()
    new_words("provision", from_day=timezone.localdate())
    until = person.registered_until
    press(coordinator, person, "renew")
    assert person.registered_until == until
    press(coordinator, person, "renew", papers="on")
    assert person.registered_until is not None
    assert person.registered_until > timezone.localdate()
    given = Consent.objects.current().get(specialist=person, purpose="provision")
    assert (given.method, given.recorded_by) == ("paper", coordinator)


def test_who_has_an_account_is_told_and_renews_alone(coordinator: User) -> None:
    person = make_specialist()
    today = timezone.localdate()
    Specialist.objects.filter(pk=person.pk).update(
        registered_on=today - timedelta(days=9), registered_until=today - timedelta(days=1)
    )
    person.refresh_from_db()
    assert {verb for verb, _ in behalf.verbs_of(person, today)} == {
        "pause",
        "withdraw",
        "take_back_registration",
        "take_back_provision",
    }
    assert press(coordinator, person, "renew", papers="on").status_code == 422
    with pytest.raises(PoolRefused):
        behalf.act_for(person, "renew", **SAID, papers=True, by=coordinator)
    press(coordinator, person, "pause")
    assert person.status == "paused"
    assert person.user is not None
    told = Message.objects.get(key__startswith=f"behalf:{person.pk}:")
    assert told.payload["to"] == person.user.email


def test_a_consent_is_taken_back_with_how_it_was_said(coordinator: User) -> None:
    person = on_paper(registered_until=timezone.localdate())
    assert press(coordinator, person, "take_back_provision", reason=" ").status_code == 422
    assert Specialist.objects.registered().exists()
    press(coordinator, person, "take_back_provision")
    assert not Specialist.objects.registered().exists()
    step = person.status_changes.get()
    assert (step.before, step.after) == ("registered", "registered")
    assert SAID["reason"] in step.reason
    assert press(coordinator, person, "take_back_provision").status_code == 422
    assert press(coordinator, person, "take_back_confidentiality").status_code == 422


def test_nobody_else_acts_for_a_person() -> None:
    person, auditor = on_paper(), make_member(Membership.Role.AUDITOR)
    with pytest.raises(PoolRefused):
        behalf.act_for(person, "pause", **SAID, papers=False, by=auditor)
    assert press(auditor, person, "pause").status_code == 404


def test_registrations_on_paper_that_end_stand_in_the_queue(coordinator: User) -> None:
    on_paper()
    make_specialist()  # has an account and is reminded by mail
    [item] = [row for row in work_queue("coordinator", coordinator) if "書面で更新" in row.title]
    assert item.title.endswith("1件")
    client = Client()
    client.force_login(coordinator)
    page = client.get(item.url)
    assert page.status_code == 200
    assert page.context["cl"].result_count == 1


def test_drafts_without_an_account_stand_in_the_queue(coordinator: User) -> None:
    on_paper("draft")
    make_specialist(status="draft")
    [item] = [row for row in work_queue("coordinator", coordinator) if "下書き" in row.title]
    assert item.title == "利用者のない人の下書き 1件"
    client = Client()
    client.force_login(coordinator)
    assert client.get(item.url).context["cl"].result_count == 1


def test_a_suspension_is_told_before_it_works_only(coordinator: User) -> None:
    person = on_paper("under_review")
    vetting.suspend(person, by=coordinator)
    assert vetting.waits_suspended(person)
    vetting.decide(person, "register", reason="", by=coordinator)
    person.refresh_from_db()
    assert (person.status, vetting.waits_suspended(person)) == ("paused", False)
    assert vetting.is_suspended(person)
    client = Client()
    client.force_login(coordinator)
    page = client.get(reverse("admin:specialists_specialist_review", args=[person.pk]))
    assert "利用停止の決定があります" not in page.content.decode()


# --- The firm's agreement -------------------------------------------------------------------------
def test_a_firm_that_takes_its_agreement_back_tells_both(coordinator: User) -> None:
    boss = create_account(email="boss@example.jp", name="見本 社長", kind="firm", by=None)
    firm = Firm.objects.create(name="見本システム", corporate_number="7000020340006")
    FirmManager.objects.create(firm=firm, user=boss, since=timezone.localdate())
    person = make_specialist(kind="firm", firm=firm)

    def rows(area: Any, user: User) -> list[str]:
        return [row.title for row in work_queue(area, user) if "同意がない社員" in row.title]

    assert rows("coordinator", coordinator) + rows("specialist", boss) == []
    registration.agree_for_firm(person, agrees=False, by=boss)
    person.refresh_from_db()
    registration.agree_for_firm(person, agrees=False, by=boss)  # pressed twice
    told = Message.objects.filter(key__startswith="firm-disagrees:")
    assert person.user is not None
    assert {mail.payload["to"] for mail in told} == {person.user.email, coordinator.email}
    assert told.count() == 2
    make_specialist(kind="firm", firm=firm, firm_agreed_at=None, status="draft")  # has just joined
    assert rows("coordinator", coordinator) == ["事業者の同意がない社員 1人"]
    assert rows("specialist", boss) == ["会社の同意がない社員 2人"]
    client = Client()
    client.force_login(coordinator)
    [item] = [row for row in work_queue("coordinator", coordinator) if "社員" in row.title]
    assert client.get(item.url).context["cl"].result_count == 1
