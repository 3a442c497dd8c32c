"""The town's page of questions: nobody's answer goes unseen, nothing typed is lost (A-23)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from municipalities.vacancies import services
from municipalities.vacancies.errors import EditConflictError
from municipalities.vacancies.models import Vacancy, VacancyQuestion
from talentpool.audit.models import Event
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import make_editor, make_vacancy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def editor() -> User:
    return make_editor()


@pytest.fixture
def vacancy(editor: User) -> Vacancy:
    return make_vacancy("published", by=editor)


def url_of(vacancy: Vacancy) -> str:
    return reverse("town:vacancy_questions", args=[vacancy.vacancy_no])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(question: VacancyQuestion, answer: str, version: int = 1) -> dict[str, Any]:
    return {f"q{question.pk}-version": version, f"q{question.pk}-answer": answer}


def test_an_answer_does_not_replace_one_that_was_not_read(vacancy: Vacancy, editor: User) -> None:
    question = services.ask_question(vacancy, text="遠隔だけでもよいですか")
    client, url = signed_in(editor), url_of(vacancy)
    assert f'name="q{question.pk}-version" value="1"' in client.get(url).content.decode()
    services.answer_question(question, answer="月1日は来庁です", hidden=False, by=make_editor())
    page = client.post(url, {**typed(question, "遠隔だけで結構です"), "question": question.pk})
    words = page.content.decode()
    assert page.status_code == 409
    assert "ほかの人が、この質問に先に答えました" in words
    assert "<dd>月1日は来庁です</dd>" in words
    assert "遠隔だけで結構です" in words
    assert VacancyQuestion.objects.get().answer == "月1日は来庁です"
    assert f'name="q{question.pk}-version" value="2"' in words
    client.post(url, {**typed(question, "遠隔だけで結構です", 2), "question": question.pk})
    assert VacancyQuestion.objects.get().answer == "遠隔だけで結構です"
    event = Event.objects.filter(action="answer_vacancy_question").order_by("pk").last()
    assert event is not None
    assert event.detail == {"hidden": False, "replaced": "月1日は来庁です"}


@pytest.mark.parametrize("version", ["", "x", "0", "99999999999999999999"])
def test_what_says_no_version_replaces_nothing(
    version: str, vacancy: Vacancy, editor: User
) -> None:
    question = services.ask_question(vacancy, text="質問です")
    sent = typed(question, "答えです") | {f"q{question.pk}-version": version}
    page = signed_in(editor).post(url_of(vacancy), {**sent, "question": question.pk})
    assert page.status_code in {409, 422}
    assert VacancyQuestion.objects.get().answer == ""


def test_hiding_counts_as_an_answer_that_must_have_been_read(vacancy: Vacancy) -> None:
    question = services.ask_question(vacancy, text="○○さんの悪口")
    services.answer_question(question, answer="", hidden=True, by=make_editor())
    with pytest.raises(EditConflictError):
        services.answer_question(question, answer="はい", hidden=False, by=make_editor())


def test_what_is_typed_beside_the_other_questions_stays(vacancy: Vacancy, editor: User) -> None:
    first, second = (services.ask_question(vacancy, text=f"質問の{n}") for n in "ab")
    client, url = signed_in(editor), url_of(vacancy)
    sent = typed(first, "甲の答え") | typed(second, "乙の答え、書きかけ")
    page = client.post(url, {**sent, "question": first.pk})
    words = page.content.decode()
    assert page.status_code == 200
    assert "まだ保存していません" in words
    assert "乙の答え、書きかけ" in words
    answers = dict(VacancyQuestion.objects.values_list("pk", "answer"))
    assert answers == {first.pk: "甲の答え", second.pk: ""}  # nothing half written is public
    # The page goes on from there: the saved one has its new version, the other its words.
    rows = {row.question.pk: row.form for row in page.context["rows"]}
    assert str(rows[first.pk]["version"].value()) == "2"
    refused = client.post(url, {**sent, f"q{second.pk}-answer": "", "question": second.pk})
    assert refused.status_code == 422
    assert "甲の答え" in refused.content.decode()
    sent = typed(first, "甲の答え", 2) | typed(second, "乙の答え")
    assert client.post(url, {**sent, "question": second.pk}).status_code == 302


def test_a_box_that_stayed_empty_shows_what_a_colleague_answered(
    vacancy: Vacancy, editor: User
) -> None:
    """Nothing was typed there: what is saved is shown, and saved again by nobody."""
    mine, theirs = (services.ask_question(vacancy, text=f"質問の{n}") for n in "ab")
    services.answer_question(theirs, answer="同僚の答え", hidden=False, by=make_editor())
    sent = typed(mine, "甲の答え") | typed(theirs, "")
    client, url = signed_in(editor), url_of(vacancy)
    refused = client.post(url, {**sent, "question": ""})  # Enter: the page comes back
    row = next(row for row in refused.context["rows"] if row.question == theirs)
    assert (row.form["answer"].value(), row.form["version"].value()) == ("同僚の答え", 2)
    assert client.post(url, {**sent, "question": mine.pk}).status_code == 302
    assert VacancyQuestion.objects.get(pk=theirs.pk).answer == "同僚の答え"


def test_a_second_click_saves_the_same_once(vacancy: Vacancy, editor: User) -> None:
    question = services.ask_question(vacancy, text="質問です")
    client, sent = signed_in(editor), {**typed(question, "答えです"), "question": question.pk}
    for _ in range(2):
        assert client.post(url_of(vacancy), sent).status_code == 302
    assert VacancyQuestion.objects.get().version == 2
    assert Event.objects.filter(action="answer_vacancy_question").count() == 1


def test_enter_saves_no_question(vacancy: Vacancy, editor: User) -> None:
    question = services.ask_question(vacancy, text="質問です")
    page = signed_in(editor).post(url_of(vacancy), {**typed(question, "書きかけ"), "question": ""})
    assert page.status_code == 422
    assert "保存する質問のボタンを押してください" in page.content.decode()
    assert "書きかけ" in page.content.decode()
    assert VacancyQuestion.objects.get().answer == ""
