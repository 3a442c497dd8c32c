"""Nothing waits for somebody who has left, a closed question is told, and the town can still say
that its answer stays at the desk."""

from uuid import uuid4

import pytest
from django.test import Client

from consultations.desk import services
from consultations.desk.errors import Refused
from consultations.desk.home import coordinator_queue
from consultations.desk.models import Consultation
from consultations.knowledge import services as knowledge
from municipalities.registry import notices
from municipalities.registry.memberships import end_membership
from municipalities.registry.models import Membership
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.consultations.objects import (
    make_consultation,
    make_coordinator,
    make_editor,
    make_town,
)

pytestmark = pytest.mark.django_db


def mails() -> list[tuple[str, str]]:
    """To whom, and the subject without the site's name, in order."""
    found = Message.objects.filter(kind="mail").order_by("pk")
    return [(row.payload["to"], row.payload["subject"].split("】")[-1]) for row in found]


def leave(user: User, by: User) -> None:
    end_membership(Membership.objects.get(user=user).pk, by=by)


def assigned() -> tuple[Consultation, User, User]:
    """A question of one of two coordinators, who leaves."""
    gone, stays = make_coordinator("去る 一郎"), make_coordinator("残る 二郎")
    consultation = make_consultation()
    services.assign(consultation.pk, assignee=gone, by=gone)
    return consultation, gone, stays


def test_the_question_of_somebody_who_left_is_in_everybodys_queue() -> None:
    _, gone, stays = assigned()
    assert list(coordinator_queue(stays)) == []
    leave(gone, by=stays)
    (item,) = coordinator_queue(stays)
    assert item.action == "担当を決める"
    assert "担当者がいません" in item.detail
    assert gone.name not in item.detail


def test_what_is_for_somebody_who_left_goes_to_all() -> None:
    consultation, gone, stays = assigned()
    leave(gone, by=stays)
    before = len(mails())
    services.add_message(
        consultation.pk, body="もう1つ", request_key=uuid4(), by=consultation.asked_by
    )
    assert mails()[before:] == [(stays.email, "相談に続きが届きました")]


def test_who_answers_after_somebody_left_has_it() -> None:
    consultation, gone, stays = assigned()
    leave(gone, by=stays)
    services.answer(consultation.pk, body="こうです。", request_key=uuid4(), by=stays)
    consultation.refresh_from_db()
    assert consultation.assignee == stays


@pytest.mark.parametrize(
    ("answered", "subject"), [(True, "相談が終わりました"), (False, "相談が取り下げられました")]
)
def test_the_assignee_is_told_of_the_end(answered: bool, subject: str) -> None:
    make_coordinator()
    assignee, consultation = make_coordinator(), make_consultation()
    services.assign(consultation.pk, assignee=assignee, by=assignee)
    if answered:
        services.answer(consultation.pk, body="こうです。", request_key=uuid4(), by=assignee)
    before = len(mails())
    services.close(consultation.pk, by=consultation.asked_by)
    assert mails()[before:] == [(assignee.email, subject)]


def test_a_town_changes_its_mind_about_sharing() -> None:
    coordinator, consultation = make_coordinator(), make_consultation()
    services.answer(consultation.pk, body="こうです。", request_key=uuid4(), by=coordinator)
    article = knowledge.propose_article(
        consultation.pk, title="題", question="問い", answer="答え", by=coordinator
    )
    town = Client()
    town.force_login(consultation.asked_by)
    page = f"/town/consultations/{consultation.pk}/secrecy/"
    assert "共有の範囲を変える" in town.get(page).content.decode()
    before = len(mails())
    for _ in range(2):
        assert town.post(page, {"secrecy": "prefecture_only"}).status_code == 302
    assert mails()[before:] == [(coordinator.email, "相談の共有の範囲が変わりました")]
    assert Event.objects.filter(action="set_secrecy").count() == 1
    with pytest.raises(Refused, match="窓口の中だけ"):
        knowledge.approve_article(article.pk, by=consultation.asked_by)
    town.post(page, {"secrecy": "shareable"})
    assert knowledge.approve_article(article.pk, by=consultation.asked_by).status == "published"


def test_only_the_town_that_asked_says_what_is_shared() -> None:
    consultation = make_consultation()
    for other in (make_editor("342084"), make_coordinator()):
        with pytest.raises(Refused, match="相談した市町"):
            services.set_secrecy(consultation.pk, secrecy="prefecture_only", by=other)
    with pytest.raises(Refused, match="選んで"):
        services.set_secrecy(consultation.pk, secrecy="all", by=consultation.asked_by)
    consultation.refresh_from_db()
    assert consultation.secrecy == "shareable"


def test_what_a_town_without_staff_is_told_goes_to_the_coordinators_once_a_day() -> None:
    coordinator, town = make_coordinator(), make_town("343021")
    for number in (1, 2):
        notices.tell_town(
            town.code, subject="何か", first_line="何か", path="/town/", key=f"x:{number}"
        )
    assert mails() == [(coordinator.email, "知らせが届かない市町があります")]
    body = Message.objects.get(kind="mail").payload["body"]
    assert "府中町に利用者がいない" in body
    assert "/admin/registry/invitation/add/" in body
    editor = make_editor("343021")
    notices.tell_town(town.code, subject="何か", first_line="何か", path="/town/", key="x:3")
    assert mails()[1:] == [(editor.email, "何か")]
