"""働きかけ記録: written by a town, judged by the law, reported, read by the prefecture."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.queue import work_queue
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.specialists.models import LobbyingRecord
from talentpool.users.models import User
from tests import factories as make
from tests.opened import opened

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def parts(name: str, day: date) -> dict[str, Any]:
    return {f"{name}_0": day.year, f"{name}_1": day.month, f"{name}_2": day.day}


def data(**values: Any) -> dict[str, Any]:
    today = timezone.localdate()
    given = {
        "requester": "見本 退職者",
        "company": "甲社",
        "in_company": "on",
        "post": "staff",
        "duty": "last_five_years",
        "subject": "基幹システムの保守",
        "content": "次も契約してほしい",
    }
    given |= parts("happened_on", today) | parts("retired_on", today - timedelta(days=300))
    return {**given, **values}


def to_report(area: Any, user: User) -> list[str]:
    return [item.title for item in work_queue(area, user) if "働きかけ" in item.title]


def test_from_the_request_to_the_report() -> None:
    editor, coordinator = make.make_editor(), make.make_coordinator()
    client = client_of(editor)
    client.post(reverse("town:lobbying_new"), data())
    record = LobbyingRecord.objects.get()
    assert (record.municipality_id, record.recorded_by) == ("342157", editor)
    assert to_report("town", editor) == ["働きかけの届出：基幹システムの保守"]
    assert to_report("coordinator", coordinator) == []  # the body that was asked reports
    mail = Message.objects.get(key__startswith=f"lobbying:{record.pk}").payload
    for private in ("見本", "甲社", "基幹システム"):
        assert private not in mail["subject"] + mail["body"]
    address = reverse("town:lobbying_record", args=[record.pk])
    words = client.get(address).content.decode()
    assert "離職前5年間の職務に関する働きかけは、離職後2年間禁じられています" in words
    early = client.post(address, parts("reported_on", timezone.localdate() - timedelta(days=9)))
    assert early.status_code == 422
    client.post(address, parts("reported_on", timezone.localdate()))
    record.refresh_from_db()
    assert record.reported_on == timezone.localdate()
    assert to_report("town", editor) == []
    actions = set(Event.objects.values_list("action", flat=True))
    assert {"record_lobbying", "report_lobbying"} <= actions


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"subject": ""}, "入れてください"),
        (parts("happened_on", date(2999, 1, 1)), "今日までの日"),
        (parts("retired_on", date(2998, 1, 1)), "より前の日"),
        ({"duty": "x"}, "選択"),
    ],
)
def test_wrong_records(values: dict[str, Any], words: str) -> None:
    answer = client_of(make.make_editor()).post(reverse("town:lobbying_new"), data(**values))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not LobbyingRecord.objects.exists()


def test_a_request_outside_the_law_asks_for_no_report() -> None:
    editor = make.make_editor()
    client = client_of(editor)
    sent = data()
    del sent["in_company"]
    client.post(reverse("town:lobbying_new"), sent)
    record = LobbyingRecord.objects.get()
    assert not record.verdict.barred
    assert to_report("town", editor) == []
    shown = client.get(reverse("town:lobbying_record", args=[record.pk])).content.decode()
    assert "規制の対象ではありません" in shown
    assert "届出の日を記録する" not in shown


def test_another_towns_records_are_not_there() -> None:
    client_of(make.make_editor()).post(reverse("town:lobbying_new"), data())
    record = LobbyingRecord.objects.get()
    other = client_of(make.make_editor("343099"))
    assert other.get(reverse("town:lobbying_record", args=[record.pk])).status_code == 404
    assert "基幹システム" not in other.get(reverse("town:lobbying")).content.decode()
    person = make.make_specialist().user
    assert person is not None
    assert not LobbyingRecord.objects.visible_to(person).exists()


def test_the_prefecture_writes_its_own_and_adds_the_report() -> None:
    coordinator = make.make_coordinator()
    client = client_of(coordinator)
    today = timezone.localdate()
    sent = {
        "happened_on": today.isoformat(),
        "requester": "見本 退職者",
        "in_company": "on",
        "retired_on": (today - timedelta(days=900)).isoformat(),
        "post": "head",
        "duty": "own_decision",
        "subject": "補助金の交付",
        "content": "早くしてほしい",
    }
    answer = client.post(reverse("admin:specialists_lobbyingrecord_add"), sent)
    assert answer.status_code == 302
    record = LobbyingRecord.objects.get()
    assert (record.municipality, record.recorded_by) == (None, coordinator)
    assert to_report("coordinator", coordinator) == ["働きかけの届出：補助金の交付"]
    change = reverse("admin:specialists_lobbyingrecord_change", args=[record.pk])
    assert "該当：自ら決定した" in client.get(change).content.decode()
    client.post(
        change, {**opened(client, change), "reported_on": today.isoformat(), "subject": "書き換え"}
    )
    record.refresh_from_db()
    assert (record.reported_on, record.subject) == (today, "補助金の交付")
