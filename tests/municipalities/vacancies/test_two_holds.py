"""A question is public when neither its town nor the prefecture keeps it back."""

from typing import Any

import pytest
from django.test import Client

from municipalities.vacancies import services
from municipalities.vacancies.errors import NotAllowedNowError
from municipalities.vacancies.models import Vacancy, VacancyQuestion
from municipalities.vacancies.queue import town_queue
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import make_coordinator, make_editor, make_vacancy

pytestmark = pytest.mark.django_db
WORDS = "年齢の上限は？"


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def page(user: User, url: str) -> str:
    client = Client()
    client.force_login(user)
    return client.get(url).content.decode()


def is_shown(vacancy: Vacancy) -> bool:
    return WORDS in Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()


def test_each_lifts_its_own_hold() -> None:
    by, editor = make_coordinator(), make_editor()
    vacancy = make_vacancy("published", by=editor)
    question = services.ask_question(vacancy, text=WORDS)
    review = f"/admin/vacancies/vacancy/{vacancy.pk}/review/"
    own = f"/town/vacancies/{vacancy.vacancy_no}/questions/"
    services.answer_question(question, answer="ありません", hidden=True, by=editor)
    assert not is_shown(vacancy)
    assert "市町が公開しないことにしています" in page(by, review)
    services.hide_question(question, reason="名前がある", by=by)
    for user, url in ((by, review), (editor, own)):
        assert "県と市町の両方が解くと、公開されます" in page(user, url), url
    client = Client()
    client.force_login(by)
    said = client.post(review, {"show": question.pk}, follow=True).content.decode()
    assert "市町も公開しないことにしているため、市町が戻すまで公開されません" in said
    assert not is_shown(vacancy)
    question.refresh_from_db()
    services.answer_question(question, answer="ありません", hidden=False, by=editor)
    assert is_shown(vacancy)
    with pytest.raises(NotAllowedNowError):
        services.show_question(question, by=by)


def test_what_both_keep_back_without_an_answer_needs_one_too() -> None:
    by, editor = make_coordinator(), make_editor()
    vacancy = make_vacancy("published", by=editor)
    question = services.ask_question(vacancy, text=WORDS)
    services.answer_question(question, answer="", hidden=True, by=editor)
    services.hide_question(question, reason="名前がある", by=by)
    review = f"/admin/vacancies/vacancy/{vacancy.pk}/review/"
    for user, url in ((by, review), (editor, f"/town/vacancies/{vacancy.vacancy_no}/questions/")):
        assert "県と市町の両方が解き、市町が回答すると、公開されます" in page(user, url), url
    services.show_question(question, by=by)
    mail = Message.objects.filter(kind="mail").latest("pk").payload
    assert "市町が戻して回答するまで公開されません" in mail["body"]


def test_what_only_the_prefecture_kept_back_is_public_as_soon_as_it_lifts() -> None:
    by, editor = make_coordinator(), make_editor()
    vacancy = make_vacancy("published", by=editor)
    question = services.ask_question(vacancy, text=WORDS)
    services.answer_question(question, answer="ありません", hidden=False, by=editor)
    services.hide_question(question, reason="名前がある", by=by)
    assert not is_shown(vacancy)
    own = f"/town/vacancies/{vacancy.vacancy_no}/questions/"
    assert "県が解くまで、回答しても公開されません" in page(editor, own)
    question.refresh_from_db()
    services.answer_question(question, answer="上限はありません", hidden=False, by=editor)
    assert not is_shown(vacancy)
    assert "県が止めを解くと、すぐに公開に戻ります" in page(
        by, f"/admin/vacancies/vacancy/{vacancy.pk}/review/"
    )
    services.show_question(question, by=by)
    assert is_shown(vacancy)
    mail = Message.objects.filter(kind="mail").latest("pk").payload
    assert "また公開されています" in mail["body"]


def test_nobody_is_asked_to_answer_what_nobody_would_read() -> None:
    by, editor = make_coordinator(), make_editor()
    question = services.ask_question(make_vacancy("published", by=editor), text=WORDS)
    assert any("質問に答える" in item.title for item in town_queue(editor))
    services.hide_question(question, reason="名前がある", by=by)
    assert not any("質問に答える" in item.title for item in town_queue(editor))
    services.show_question(question, by=by)
    assert any("質問に答える" in item.title for item in town_queue(editor))
    row = VacancyQuestion.objects.get()
    assert (row.is_kept_back, row.is_public) == (False, False)
