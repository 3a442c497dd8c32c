"""The coordinators' screens: list, page, assign, ask back, answer; an auditor reads."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from consultations.desk.models import Consultation
from talentpool.users.models import User
from talentpool.vocabulary.models import Term
from tests.consultations.objects import (
    make_auditor,
    make_consultation,
    make_coordinator,
    make_editor,
    make_topic,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def page_of(made: Consultation) -> str:
    return reverse("admin:desk_consultation_change", args=[made.pk])


def verb_of(made: Consultation, verb: str) -> str:
    return reverse(f"admin:desk_consultation_{verb}", args=[made.pk])


def text(body: str = "回答の本文") -> dict[str, str]:
    return {"body": body, "request_key": str(uuid.uuid4())}


def test_the_list_shows_every_town(client_of: ClientOf) -> None:
    make_consultation(by=make_editor("342084"), title="市の件")
    make_consultation(by=make_editor("343021"), title="町の件")
    client = client_of(make_coordinator())
    shown = client.get(reverse("admin:desk_consultation_changelist")).content.decode()
    assert "府中市" in shown
    assert "府中町" in shown
    found = client.get(reverse("admin:desk_consultation_changelist"), {"q": "市の件"})
    assert [c.title for c in found.context["cl"].result_list] == ["市の件"]


def test_from_the_home_page_to_the_answer_in_four_actions(client_of: ClientOf) -> None:
    """C-17: open the row, write, send."""
    coordinator = make_coordinator()
    made = make_consultation(title="見積の件")
    client = client_of(coordinator)
    assert page_of(made) in client.get(reverse("admin:index")).content.decode()
    page = client.get(page_of(made))
    assert page.status_code == 200
    assert made.question in page.content.decode()
    key = page.context["reply_form"]["request_key"].value()
    done = client.post(
        verb_of(made, "reply"), {"body": "妥当です。", "kind": "answer", "request_key": key},
        follow=True,
    )  # fmt: skip
    assert done.redirect_chain == [(page_of(made), 302)]
    made.refresh_from_db()
    assert (made.status, made.assignee) == ("answered", coordinator)
    message = made.messages.get()
    assert (message.kind, message.body, message.author) == ("answer", "妥当です。", coordinator)


def test_the_other_button_asks_back(client_of: ClientOf) -> None:
    made = make_consultation()
    client = client_of(make_coordinator())
    client.post(verb_of(made, "reply"), {**text("台数は？"), "kind": "ask_back"})
    made.refresh_from_db()
    assert (made.status, made.turn, made.messages.get().kind) == ("in_progress", "town", "ask_back")


def test_assign_to_oneself_and_to_a_colleague(client_of: ClientOf) -> None:
    coordinator, colleague = make_coordinator(), make_coordinator("県見 次郎")
    made = make_consultation()
    client = client_of(coordinator)
    offered = client.get(page_of(made)).context["assign_form"]
    assert offered["assignee"].value() == coordinator.pk
    assert set(offered.fields["assignee"].queryset) == {coordinator, colleague}
    client.post(verb_of(made, "assign"), {"assignee": coordinator.pk})
    made.refresh_from_db()
    assert (made.status, made.assignee) == ("in_progress", coordinator)
    client.post(verb_of(made, "assign"), {"assignee": colleague.pk})
    made.refresh_from_db()
    assert made.assignee == colleague


def test_people_who_do_not_answer_cannot_be_chosen(client_of: ClientOf) -> None:
    """A-14: a foreign id in the body is no choice."""
    editor, made = make_editor(), make_consultation()
    client = client_of(make_coordinator())
    for wrong in (editor, make_auditor()):
        page = client.post(verb_of(made, "assign"), {"assignee": wrong.pk})
        assert page.status_code == 200
        assert page.context["assign_form"].errors
    made.refresh_from_db()
    assert made.assignee is None


def test_an_empty_answer_is_refused_on_the_page(client_of: ClientOf) -> None:
    made = make_consultation()
    page = client_of(make_coordinator()).post(verb_of(made, "reply"), text("") | {"kind": "answer"})
    assert page.status_code == 200
    assert page.context["reply_form"].errors
    assert not made.messages.exists()


def test_an_answer_to_a_closed_consultation_is_refused_in_words(client_of: ClientOf) -> None:
    made = make_consultation("closed")
    client = client_of(make_coordinator())
    assert client.get(page_of(made)).context["reply_form"] is None
    page = client.post(verb_of(made, "reply"), text("打った文") | {"kind": "answer"})
    assert page.status_code == 200
    assert "「終了」のため" in page.content.decode()
    assert "打った文" in page.content.decode()
    assert made.messages.count() == 1


def test_an_auditor_reads_and_changes_nothing(client_of: ClientOf) -> None:
    made = make_consultation()
    client = client_of(make_auditor())
    page = client.get(page_of(made))
    assert page.status_code == 200
    assert page.context["reply_form"] is None
    assert page.context["assign_form"] is None
    assert client.post(verb_of(made, "reply"), text() | {"kind": "answer"}).status_code == 404
    assert client.post(verb_of(made, "assign"), {"assignee": 1}).status_code == 404
    assert not made.messages.exists()


def test_a_town_is_not_let_into_the_admin(client_of: ClientOf) -> None:
    editor = make_editor()
    made = make_consultation(by=editor)
    client = client_of(editor)
    for url in (page_of(made), reverse("admin:desk_consultation_changelist")):
        answer = client.get(url)
        assert answer.status_code != 200
        assert made.title not in answer.content.decode()
    client.post(verb_of(made, "reply"), text() | {"kind": "answer"})
    assert not made.messages.exists()


@pytest.mark.parametrize("address", ["999999", "x", "-1"])
def test_what_is_not_there_is_not_found(client_of: ClientOf, address: str) -> None:
    client = client_of(make_coordinator())
    url = f"{reverse('admin:desk_consultation_changelist')}{address}/change/"
    assert client.get(url).status_code == 404


def test_verbs_are_posts_only(client_of: ClientOf) -> None:
    made = make_consultation()
    client = client_of(make_coordinator())
    assert client.get(verb_of(made, "reply")).status_code == 405
    assert client.get(verb_of(made, "assign")).status_code == 405
    assert client.post(page_of(made), text()).status_code == 405
    made.refresh_from_db()
    assert made.status == "asked"


def test_the_topic_s_points_stand_beside_the_answer(client_of: ClientOf) -> None:
    Term.objects.create(vocabulary="consultation_check", code="PRC-01", label="人件費を見る")
    price = make_consultation(topic=make_topic("PRC", "調達仕様・価格妥当性"))
    network = make_consultation()
    client = client_of(make_coordinator())
    assert "人件費を見る" in client.get(page_of(price)).content.decode()
    assert "人件費を見る" not in client.get(page_of(network)).content.decode()
