"""The town's pages: ask, follow, add, end; what goes wrong is said and nothing typed is lost."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from consultations.desk import services
from consultations.desk.home import coordinator_queue, town_panels, town_queue
from consultations.desk.models import Consultation, Message
from municipalities.registry.queue import counted
from talentpool.users.models import User
from talentpool.vocabulary.models import Term
from tests.consultations.objects import (
    make_consultation,
    make_coordinator,
    make_editor,
    make_topic,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "topic": make_topic("PRC", "調達仕様・価格妥当性").pk,
        "stage": "budget",
        "title": "端末更改の見積",
        "question": "3社の見積の差が大きい。",
        "wanted_by_0": "",
        "wanted_by_1": "",
        "wanted_by_2": "",
        "secrecy": "shareable",
        "request_key": str(uuid.uuid4()),
        **changes,
    }


def test_ask_and_read_it_again(client_of: ClientOf) -> None:
    editor = make_editor()
    client = client_of(editor)
    page = client.get(reverse("town:consultation_ask"))
    assert page.status_code == 200
    key = page.context["form"]["request_key"].value()
    answer = client.post(
        reverse("town:consultation_ask"),
        filled(request_key=key, wanted_by_0="R9", wanted_by_1="２", wanted_by_2="10"),
        follow=True,
    )
    made = Consultation.objects.get()
    assert answer.redirect_chain == [(reverse("town:consultation", args=[made.pk]), 302)]
    assert (made.municipality_id, made.topic_id, made.stage) == ("342157", "PRC", "budget")
    assert str(made.answer_due) == "2027-02-10"
    page_text = answer.content.decode()
    assert "端末更改の見積" in page_text
    assert made.number_label in page_text
    assert "令和9年2月10日" in page_text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"topic": ""}, "topic"),
        ({"topic": "no-such"}, "topic"),
        ({"stage": ""}, "stage"),
        ({"stage": "x"}, "stage"),
        ({"title": " "}, "title"),
        ({"title": "長" * 61}, "title"),
        ({"question": ""}, "question"),
        ({"question": "長" * 2001}, "question"),
        ({"wanted_by_0": "2020", "wanted_by_1": "1", "wanted_by_2": "1"}, "wanted_by"),
        ({"wanted_by_0": "令和9", "wanted_by_1": "2", "wanted_by_2": "30"}, "wanted_by"),
        ({"secrecy": ""}, "secrecy"),
        ({"request_key": "x"}, "request_key"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    client_of: ClientOf, changes: dict[str, Any], field: str
) -> None:
    data = filled(**changes)
    page = client_of(make_editor()).post(reverse("town:consultation_ask"), data)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    text = page.content.decode()
    typed = field != "request_key"  # which nobody types: there is nothing to mend
    assert ("エラー：1か所を直してください" in text) == typed
    assert data["question"] in text
    assert not Consultation.objects.exists()


def test_extra_keys_change_nothing(client_of: ClientOf) -> None:
    """A-16."""
    extra = {"municipality": "343021", "status": "closed", "number": "77", "assignee": "1"}
    client_of(make_editor()).post(reverse("town:consultation_ask"), filled(**extra))
    made = Consultation.objects.get()
    assert (made.municipality_id, made.status, made.number) == ("342157", "asked", 1)
    assert made.assignee is None


def test_sending_the_form_twice_shows_the_same_consultation(client_of: ClientOf) -> None:
    client, data = client_of(make_editor()), filled()
    first = client.post(reverse("town:consultation_ask"), data)
    second = client.post(reverse("town:consultation_ask"), data)
    assert first["Location"] == second["Location"]
    changed = client.post(reverse("town:consultation_ask"), {**data, "title": "ほかの件"})
    assert "すでに送られています" in changed.content.decode()
    assert Consultation.objects.count() == 1


def test_the_thread_is_shown_in_order_and_one_can_write_on(client_of: ClientOf) -> None:
    editor, coordinator = make_editor(), make_coordinator()
    made = make_consultation(by=editor)
    services.ask_back(made.pk, body="台数は？", request_key=uuid.uuid4(), by=coordinator)
    client, url = client_of(editor), reverse("town:consultation", args=[made.pk])
    page = client.get(url)
    assert "答えるまで、県の回答は止まっています" in page.content.decode()
    key = page.context["form"]["request_key"].value()
    client.post(
        reverse("town:consultation_message", args=[made.pk]),
        {"body": "120台です。", "request_key": key},
    )
    services.answer(made.pk, body="妥当です。", request_key=uuid.uuid4(), by=coordinator)
    text = client.get(url).content.decode()
    places = [text.index(part) for part in (made.question, "台数は？", "120台です。", "妥当です。")]
    assert places == sorted(places)
    made.refresh_from_db()
    assert made.status == "answered"


def test_an_empty_message_is_refused_on_the_page(client_of: ClientOf) -> None:
    editor = make_editor()
    made = make_consultation(by=editor)
    page = client_of(editor).post(
        reverse("town:consultation_message", args=[made.pk]),
        {"body": "", "request_key": str(uuid.uuid4())},
    )
    assert page.status_code == 200
    assert "書き足すことを入れてください。" in page.content.decode()
    assert not Message.objects.exists()


def test_writing_to_a_closed_consultation_is_refused_in_words(client_of: ClientOf) -> None:
    editor = make_editor()
    made = make_consultation("closed", by=editor)
    page = client_of(editor).post(
        reverse("town:consultation_message", args=[made.pk]),
        {"body": "もう一言", "request_key": str(uuid.uuid4())},
    )
    assert page.status_code == 200
    assert "「終了」のため" in page.content.decode()
    assert "もう一言" in page.content.decode()
    assert not made.messages.filter(kind="town").exists()


@pytest.mark.parametrize(
    ("state", "question", "end"),
    [("answered", "この相談を終えますか", "終了"), ("asked", "この相談を取り下げますか", "取下げ")],
)
def test_ending_asks_first(client_of: ClientOf, state: str, question: str, end: str) -> None:
    editor = make_editor()
    made = make_consultation(state, by=editor)
    client, url = client_of(editor), reverse("town:consultation_close", args=[made.pk])
    assert question in client.get(url).content.decode()
    made.refresh_from_db()
    assert made.is_open
    page = client.post(url, follow=True)
    made.refresh_from_db()
    assert (made.is_open, made.status_label) == (False, end)
    assert "この相談は終わっています" in page.content.decode()
    again = client.post(url, follow=True).content.decode()
    assert "ことができません" in again


def test_verbs_are_posts_only(client_of: ClientOf) -> None:
    """ASVS 3.5.1: a GET changes nothing."""
    editor = make_editor()
    made = make_consultation(by=editor)
    before = Consultation.objects.values().get(pk=made.pk)
    client = client_of(editor)
    assert client.get(reverse("town:consultation_message", args=[made.pk])).status_code == 405
    client.get(reverse("town:consultation_close", args=[made.pk]))
    assert Consultation.objects.values().get(pk=made.pk) == before


class TestList:
    def test_empty_list_says_what_to_do(self, client_of: ClientOf) -> None:
        """C-13: with and without a filter."""
        client, url = client_of(make_editor()), reverse("town:consultations")
        assert "相談はまだありません" in client.get(url).content.decode()
        text = client.get(url, {"status": "closed"}).content.decode()
        assert "当てはまる相談はありません" in text
        assert reverse("town:consultation_ask") in text

    def test_filters(self, client_of: ClientOf) -> None:
        editor = make_editor()
        made = make_consultation(by=editor, title="開いた件")
        make_consultation("closed", by=editor, title="終えた件")
        client, url = client_of(editor), reverse("town:consultations")
        text = client.get(url, {"status": "asked"}).content.decode()
        assert "開いた件" in text
        assert "終えた件" not in text
        assert len(client.get(url, {"topic": made.topic_id}).context["page"]) == 2

    def test_queries_do_not_grow_with_rows(
        self, client_of: ClientOf, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        """D-02."""
        editor = make_editor()
        client, url = client_of(editor), reverse("town:consultations")

        def queries() -> int:
            with django_assert_max_num_queries(12) as counted:
                client.get(url)
            return len(counted.captured_queries)

        make_consultation(by=editor)
        client.get(url)  # the first page of a session also writes the session's row
        few = queries()
        for _ in range(9):
            make_consultation(by=editor)
        assert queries() == few


@pytest.mark.parametrize("side", ["town", "prefecture"])
def test_queries_of_a_page_do_not_grow_with_the_thread(
    client_of: ClientOf, django_assert_max_num_queries: DjangoAssertNumQueries, side: str
) -> None:
    """D-02."""
    editor, coordinator = make_editor(), make_coordinator()
    made = make_consultation("answered", by=editor, coordinator=coordinator)
    if side == "town":
        client, url = client_of(editor), reverse("town:consultation", args=[made.pk])
    else:
        client = client_of(coordinator)
        url = reverse("admin:desk_consultation_change", args=[made.pk])

    def queries() -> int:
        with django_assert_max_num_queries(20) as counted:
            client.get(url)
        return len(counted.captured_queries)

    client.get(url)  # the first page of a session also writes the session's row
    few = queries()
    for number in range(6):
        more = f"続き{number}"
        services.add_message(made.pk, body=more, request_key=uuid.uuid4(), by=editor)
        services.answer(made.pk, body="答え", request_key=uuid.uuid4(), by=make_coordinator())
    assert queries() == few


def test_the_points_of_a_price_question_are_shown_from_the_code_list(client_of: ClientOf) -> None:
    Term.objects.create(vocabulary="consultation_check", code="PRC-01", label="条件の確認")
    Term.objects.create(vocabulary="consultation_check", code="NW-01", label="ほかの分野")
    Term.objects.create(
        vocabulary="consultation_check", code="PRC-02", label="使わない点", active=False
    )
    text = client_of(make_editor()).get(reverse("town:consultation_ask")).content.decode()
    assert "条件の確認" in text
    assert "ほかの分野" not in text
    assert "使わない点" not in text


class TestHomePages:
    def test_a_town_is_told_of_answers_and_questions(self) -> None:
        editor, coordinator = make_editor(), make_coordinator()
        make_consultation(by=editor)
        answered = make_consultation("answered", by=editor, title="答えのある件")
        asked_back = make_consultation(by=editor, title="問われた件")
        services.ask_back(asked_back.pk, body="台数は？", request_key=uuid.uuid4(), by=coordinator)
        rows = {row.title: row for row in town_queue(editor)}
        assert set(rows) == {f"相談「{answered.title}」", f"相談「{asked_back.title}」"}
        assert rows["相談「答えのある件」"].action == "回答を読む"
        assert rows["相談「問われた件」"].action == "質問に答える"
        assert [panel.value for panel in counted(town_panels(editor))] == ["3"]

    def test_what_waits_is_found_by_its_index(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            waiting = Consultation.objects.all().waiting_for_prefecture()
            plan = waiting.order_by("answer_due").explain()
            cursor.execute("SET LOCAL enable_seqscan = on")
        assert "open_consultations_by_due" in plan

    def test_a_coordinator_is_told_of_what_is_nobodys_own_or_late(self) -> None:
        mine, other = make_coordinator(), make_coordinator("県見 次郎")
        make_consultation(title="新しい件")
        make_consultation("in_progress", coordinator=mine, title="自分の件")
        make_consultation("in_progress", coordinator=other, title="人の件")
        late = make_consultation("in_progress", coordinator=other, title="遅れた件")
        Consultation.objects.filter(pk=late.pk).update(
            answer_due=timezone.localdate() - timedelta(days=1)
        )
        make_consultation("answered", coordinator=mine, title="答えた件")
        rows = list(coordinator_queue(mine))
        assert [row.title for row in rows] == [
            "相談 第4号(江田島市・ネットワーク)",
            "相談 第1号(江田島市・ネットワーク)",
            "相談 第2号(江田島市・ネットワーク)",
        ]
        assert [(row.kind, row.action) for row in rows] == [
            ("late", "回答する"),
            ("wait", "担当を決める"),
            ("wait", "回答する"),
        ]
        assert "県見 次郎" in rows[0].detail
