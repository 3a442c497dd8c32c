"""A town's contracts and planned procurements: entry, refusals, other towns, the prefecture."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.deals import Party, save_procurement
from municipalities.registry.models import PlannedProcurement, VendorContract
from municipalities.registry.queue import work_queue
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.specialists.conflicts.facts import deals_of
from talentpool.users.models import User
from tests import factories as make
from tests.opened import opened

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "8999900000001", "7123456789012"


@pytest.fixture(autouse=True)
def _code_lists(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    make.make_code_lists()


@pytest.fixture
def editor() -> User:
    return make.make_editor("342157")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def parts(name: str, day: Any) -> dict[str, int]:
    return {f"{name}_0": day.year, f"{name}_1": day.month, f"{name}_2": day.day}


def contract_data(**values: Any) -> dict[str, Any]:
    today = timezone.localdate()
    data = {
        "subject": "保守",
        "vendor_name": "甲社",
        "corporate_number": "８９９９－９０００－００００１",
    }
    return {
        **data,
        **parts("starts", today),
        **parts("ends", today + timedelta(days=300)),
        **values,
    }


def procurement_data(*parties: tuple[str, str], **values: Any) -> dict[str, Any]:
    today = timezone.localdate()
    data: dict[str, Any] = {"subject": "更改", "skill": "NW", "status": "planned"}
    data |= parts("prepared_from", today) | parts("decided_on", today + timedelta(days=200))
    data |= {"parties-TOTAL_FORMS": len(parties), "parties-INITIAL_FORMS": 0}
    for index, (name, number) in enumerate(parties):
        data |= {f"parties-{index}-name": name, f"parties-{index}-corporate_number": number}
        data |= {f"parties-{index}-role": "expected"}
    return {**data, **values}


def test_a_contract_is_entered_and_looked_at(editor: User) -> None:
    client = client_of(editor)
    client.post(reverse("town:contract_new"), contract_data())
    contract = VendorContract.objects.get()
    assert (contract.municipality_id, contract.corporate_number) == ("342157", NUMBER)
    assert Message.objects.filter(key__startswith="watch:town:342157").exists()
    assert Event.objects.filter(action="save_contract").count() == 1
    again = client.post(reverse("town:contract_new"), contract_data())
    assert again.status_code == 422
    assert "重なる期間にもう入っています" in again.content.decode()
    edit = reverse("town:contract_edit", args=[contract.pk])
    client.post(edit, {**opened(client, edit), **contract_data(subject="運用")})
    contract.refresh_from_db()
    assert contract.subject == "運用"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"corporate_number": "8999900000002"}, "検査数字"),
        ({"ends_0": 2020}, "開始日より後"),
        ({"subject": ""}, "件名を入れてください"),
    ],
)
def test_wrong_contracts(editor: User, values: dict[str, Any], words: str) -> None:
    answer = client_of(editor).post(reverse("town:contract_new"), contract_data(**values))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not VendorContract.objects.exists()


def test_a_procurement_with_firms(editor: User) -> None:
    client = client_of(editor)
    data = procurement_data(("甲社", NUMBER), ("", ""), ("乙社", OTHER))
    client.post(reverse("town:procurement_new"), data)
    row = PlannedProcurement.objects.get()
    assert set(row.parties.values_list("name", flat=True)) == {"甲社", "乙社"}
    page = client.get(reverse("town:procurement_edit", args=[row.pk])).content.decode()
    assert NUMBER in page
    edit = reverse("town:procurement_edit", args=[row.pk])
    client.post(edit, {**opened(client, edit), **procurement_data(("乙社", OTHER))})
    assert list(row.parties.values_list("name", flat=True)) == ["乙社"]
    assert "乙社" in client.get(reverse("town:deals")).content.decode()
    again = client.post(reverse("town:procurement_new"), procurement_data())
    assert "もう入っています" in again.content.decode()


@pytest.mark.parametrize("days", [-1, 0])
@pytest.mark.parametrize("status", ["planned", "announced", "decided", "cancelled"])
def test_a_procurement_past_its_day_stays_until_its_town_says_what_became_of_it(
    editor: User, status: str, days: int
) -> None:
    today = timezone.localdate()
    day = today + timedelta(days=days)
    row = PlannedProcurement.objects.create(
        municipality_id="342157",
        subject="更改の見本",
        prepared_from=day - timedelta(days=9),
        decided_on=day,
        status=status,
    )
    late = days < 0 and status in {"planned", "announced"}
    assert row.is_overdue(today) is late
    assert set(PlannedProcurement.objects.overdue(today)) == ({row} if late else set())
    page = client_of(editor).get(reverse("town:deals")).content.decode()
    assert ("更改の見本" in page) is (late or days >= 0)
    assert ("予定日を過ぎました" in page) is late
    asked = [item.url for item in work_queue("town", editor)]
    assert (reverse("town:procurement_edit", args=[row.pk]) in asked) is late
    # Asked of work that begins today: what was decided before it is past.
    deals = deals_of(["342157"], today, today=today)["342157"]
    shown = status != "cancelled" and (late or days >= 0)
    assert [(deal.ends, deal.overdue) for deal in deals] == ([(day, late)] if shown else [])


@pytest.mark.parametrize(
    ("parties", "values", "words"),
    [
        ([("甲社", "")], {}, "法人番号を入れてください"),
        ([("", NUMBER)], {}, "事業者名を入れてください"),
        ([("甲社", NUMBER), ("甲", NUMBER)], {}, "同じ事業者が2回"),
        ([], {"decided_on_0": 2020}, "より後の日"),
        (
            [],
            {"announced_on_0": 2020, "announced_on_1": 1, "announced_on_2": 1},
            "決定の予定日まで",
        ),
        ([], {"parties-TOTAL_FORMS": "x"}, ""),
    ],
)
def test_wrong_procurements(
    editor: User, parties: list[tuple[str, str]], values: dict[str, Any], words: str
) -> None:
    data = procurement_data(*parties, **values)
    answer = client_of(editor).post(reverse("town:procurement_new"), data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not PlannedProcurement.objects.exists()


def test_the_prefecture_enters_in_the_admin() -> None:
    coordinator = make.make_coordinator()
    make.make_town()
    today = timezone.localdate()
    data = {
        "municipality": "342157",
        "subject": "更改",
        "skill": "NW",
        "prepared_from": today.isoformat(),
        "decided_on": today.isoformat(),
        "status": "planned",
        "parties-TOTAL_FORMS": 1,
        "parties-INITIAL_FORMS": 0,
        "parties-0-corporate_number": NUMBER,
        "parties-0-name": "甲社",
        "parties-0-role": "estimate",
    }
    answer = client_of(coordinator).post(reverse("admin:registry_plannedprocurement_add"), data)
    assert answer.status_code == 302, answer.context["errors"]
    row = PlannedProcurement.objects.get()
    assert (row.updated_by, row.parties.get().role) == (coordinator, "estimate")
    assert Message.objects.filter(key__startswith="watch:town:342157").exists()


def test_another_towns_plans_are_not_there(editor: User) -> None:
    other = make.make_editor("343099")
    today = timezone.localdate()
    row = save_procurement(
        PlannedProcurement(
            municipality_id="343099", subject="他町の調達", prepared_from=today, decided_on=today
        ),
        [Party(NUMBER, "甲社")],
        by=other,
    )
    client = client_of(editor)
    assert client.get(reverse("town:procurement_edit", args=[row.pk])).status_code == 404
    assert "他町の調達" not in client.get(reverse("town:deals")).content.decode()
    assert not PlannedProcurement.objects.visible_to(editor).exists()
