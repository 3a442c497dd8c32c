"""B-04: intake, identity check, the term of thirty days, extension, decision, the queue."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.queue import work_queue
from talentpool.rights import services
from talentpool.rights.errors import Refused
from talentpool.rights.forms import DecideForm
from talentpool.rights.models import RightsRequest
from talentpool.specialists.models import ProfileView, Specialist
from talentpool.specialists.services import vetting
from talentpool.users.models import User
from tests import factories
from tests.talentpool.rights.conftest import Everything

pytestmark = pytest.mark.django_db


def on_paper(person: Specialist, by: User, **given: object) -> RightsRequest:
    return services.file_request(
        person,
        **{"kind": "correction", "wish": "直して", "by": by, **given},  # type: ignore[arg-type]
    )


def decided(person: Specialist, by: User, kind: str, decision: str = "granted") -> RightsRequest:
    request = on_paper(person, by, kind=kind)
    services.identify(request.pk, identity="document", by=by)
    return services.decide(
        request.pk,
        decision=decision,
        reason="" if decision == "granted" else "法律に当たらないため",
        document_number="見本第2号",
        decided_on=timezone.localdate(),
        by=by,
    )


def test_the_term_is_thirty_days_from_the_day_it_came(
    person: Specialist, coordinator: User
) -> None:
    came = timezone.localdate() - timedelta(days=4)
    request = on_paper(person, coordinator, received_on=came)
    assert (request.status, request.due_on) == ("received", came + timedelta(days=30))


def test_a_request_of_the_own_account_needs_no_further_check(person: Specialist) -> None:
    assert person.user is not None
    request = services.file_request(person, kind="suspension", by=person.user)
    assert (request.status, request.identity) == ("identified", "sign_in")


def test_the_same_form_twice_is_one_request(person: Specialist, coordinator: User) -> None:
    first = on_paper(person, coordinator)
    again = on_paper(person, coordinator, request_key=first.request_key)
    assert again == first
    with pytest.raises(Refused, match="すでに受け付けています"):
        on_paper(person, coordinator)


def test_nothing_is_decided_before_the_identity_is_checked(
    person: Specialist, coordinator: User
) -> None:
    request = on_paper(person, coordinator)
    with pytest.raises(Refused):
        services.decide(
            request.pk,
            decision="granted",
            reason="",
            document_number="1",
            decided_on=timezone.localdate(),
            by=coordinator,
        )


@pytest.mark.parametrize(("days", "fits"), [(0, False), (1, True), (30, True), (31, False)])
def test_an_extension_is_thirty_days_at_most(
    person: Specialist, coordinator: User, days: int, fits: bool
) -> None:
    request = on_paper(person, coordinator)
    until = request.due_on + timedelta(days=days)
    if fits:
        services.extend(request.pk, until=until, reason="量が多い", by=coordinator)
        request.refresh_from_db()
        assert request.deadline == until
        with pytest.raises(Refused, match="1回だけ"):
            services.extend(request.pk, until=until, reason="量が多い", by=coordinator)
    else:
        with pytest.raises(Refused, match="翌日から"):
            services.extend(request.pk, until=until, reason="量が多い", by=coordinator)


def test_the_database_holds_the_term_whatever_the_code_does(
    person: Specialist, coordinator: User
) -> None:
    request = on_paper(person, coordinator)
    rows = RightsRequest.objects.filter(pk=request.pk)
    for wrong in (
        {"due_on": request.due_on + timedelta(days=1)},
        {"extended_to": request.due_on + timedelta(days=31), "extension_reason": "x"},
        {"extended_to": request.due_on + timedelta(days=1)},
        {"status": "decided"},
        {"status": "identified"},
        {"decision": "refused"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_what_is_past_its_day_is_red_in_the_queue(person: Specialist, coordinator: User) -> None:
    came = timezone.localdate() - timedelta(days=31)
    request = on_paper(person, coordinator, received_on=came)
    url = reverse("admin:rights_rightsrequest_change", args=[request.pk])
    (item,) = [one for one in work_queue("coordinator", coordinator) if one.url == url]
    assert (item.kind, item.label) == ("late", "期限超過")
    today = timezone.localdate()
    rows = RightsRequest.objects.filter(pk=request.pk)
    rows.update(received_on=today - timedelta(days=30), due_on=today)
    services.extend(request.pk, until=today + timedelta(days=20), reason="量が多い", by=coordinator)
    (item,) = [one for one in work_queue("coordinator", coordinator) if one.url == url]
    assert item.kind == "wait"


def test_a_granted_suspension_takes_the_person_out_of_matching(
    person: Specialist, coordinator: User
) -> None:
    request = decided(person, coordinator, "suspension")
    assert Specialist.objects.registered().filter(pk=person.pk).exists()
    services.carry_out(request.pk, by=coordinator)
    assert not Specialist.objects.registered().filter(pk=person.pk).exists()


def test_a_granted_suspension_holds_for_an_applicant(person: Specialist, coordinator: User) -> None:
    """Each state: tests/talentpool/specialists/test_taking_over.py."""
    Specialist.objects.filter(pk=person.pk).update(status="under_review")
    services.carry_out(decided(person, coordinator, "suspension").pk, by=coordinator)
    assert vetting.decide(person, "register", reason="", by=coordinator).status == "paused"


def test_a_refused_deletion_deletes_nothing(person: Specialist, coordinator: User) -> None:
    request = decided(person, coordinator, "deletion", "refused")
    services.carry_out(request.pk, by=coordinator)
    person.refresh_from_db()
    assert (person.name != "削除済み", person.status) == (True, "registered")


def test_the_person_asks_and_reads_the_answer(everything: Everything, person: Specialist) -> None:
    assert person.user is not None
    client = Client()
    client.force_login(person.user)
    page = reverse("specialist:rights")
    form = client.get(page).context["form"]
    sent = {"kind": "correction", "wish": "", "request_key": form["request_key"].value()}
    empty = client.post(page, sent)
    assert empty.status_code == 422
    assert "どこをどう直すかを書いてください" in empty.content.decode()
    answer = client.post(page, {**sent, "wish": "フリガナを直してください"}, follow=True)
    assert "請求を受け付けました" in answer.content.decode()
    for name in ("specialist:rights_package", "specialist:rights_package_file"):
        asked = client.get(reverse(name))  # who it is, first
        assert asked["Location"].startswith("/account/reauthenticate/")
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    package = client.get(reverse("specialist:rights_package_file"))
    assert package["Content-Type"] == "application/json"
    assert "フリガナを直してください" in package.content.decode()
    assert person.name not in package["Content-Disposition"]


def test_staff_go_the_whole_way_and_each_view_is_logged(
    person: Specialist, coordinator: User, settings: object
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    client = Client()
    client.force_login(coordinator)
    add = reverse("admin:rights_rightsrequest_add")
    day = timezone.localdate()
    came = {"received_on_0": day.year, "received_on_1": day.month, "received_on_2": day.day}
    sent = {"kind": "correction", "wish": "直して", "pool_number": "H-0", **came}
    key = client.get(add).context["form"]["request_key"].value()
    unknown = client.post(add, {**sent, "request_key": key})
    assert "この登録番号の人はいません" in unknown.content.decode()
    made = client.post(add, {**sent, "pool_number": person.pool_number, "request_key": key})
    url = made["Location"]
    before = ProfileView.objects.count()
    assert person.name in client.get(url).content.decode()
    assert ProfileView.objects.count() == before + 1
    client.post(url, {"verb": "identify", "identity": "document"})
    refusal = {"verb": "decide", "decision": "refused", "document_number": "見本第3号"}
    decided_on = {f"decided_on_{part}": value for part, value in enumerate(came.values())}
    unreasoned = client.post(url, {**refusal, **decided_on})
    assert "理由を書いてください" in unreasoned.content.decode()
    done = client.post(url, {**refusal, **decided_on, "reason": "事実のとおりのため"}, follow=True)
    assert "決定を記録し" in done.content.decode()
    client.post(url, {"verb": "carry_out"})
    assert RightsRequest.objects.latest("pk").status == "done"


def test_a_deletion_in_part_erases_nobody(
    person: Specialist, coordinator: User, settings: Any
) -> None:
    """Its extent stands in the decision only: what is to go is taken out by hand, and noted."""
    settings.SECOND_FACTOR_REQUIRED = False
    name = person.name
    request = decided(person, coordinator, "deletion", decision="partly")
    client = Client()
    client.force_login(coordinator)
    url = reverse("admin:rights_rightsrequest_change", args=[request.pk])
    page = client.get(url).content.decode()
    assert "個人情報を削除する" not in page
    assert "一部だけ削除すると決定しました" in page
    services.carry_out(request.pk, by=coordinator)
    request.refresh_from_db()
    person.refresh_from_db()
    assert (request.status, person.name) == ("done", name)
    assert person.user is not None


@pytest.mark.parametrize(("days", "may"), [(30, True), (31, False)])
def test_a_term_that_has_passed_is_not_extended(
    person: Specialist, coordinator: User, days: int, may: bool
) -> None:
    request = on_paper(person, coordinator, received_on=timezone.localdate() - timedelta(days=days))
    until = request.due_on + timedelta(days=30)
    if may:
        services.extend(request.pk, until=until, reason="量が多い", by=coordinator)
    else:
        with pytest.raises(Refused, match="期限を過ぎた"):
            services.extend(request.pk, until=until, reason="量が多い", by=coordinator)


@pytest.mark.parametrize(("days", "may"), [(0, True), (1, False), (9, False)])
def test_nothing_is_decided_before_it_was_asked_and_checked(
    person: Specialist, coordinator: User, days: int, may: bool
) -> None:
    """Asked eight days ago, the identity checked today."""
    today = timezone.localdate()
    request = on_paper(person, coordinator, received_on=today - timedelta(days=8))
    request = services.identify(request.pk, identity="document", by=coordinator)
    day = today - timedelta(days=days)
    form = DecideForm(
        {
            "decision": "granted",
            "document_number": "1",
            **{f"decided_on_{n}": v for n, v in enumerate(f"{day:%Y %m %d}".split())},
        },
        asked=request,
    )
    assert form.is_valid() is may
    facts = {"decision": "granted", "reason": "", "document_number": "1", "decided_on": day}
    if may:
        services.decide(request.pk, **facts, by=coordinator)
    else:
        with pytest.raises(Refused, match="決定日は"):
            services.decide(request.pk, **facts, by=coordinator)
