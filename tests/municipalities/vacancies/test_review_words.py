"""What the prefecture has typed on a page of review stays, whatever came in between."""

from typing import Any

import pytest
from django.test import Client

from municipalities.vacancies import services
from municipalities.vacancies.models import Need, Vacancy, VacancyQuestion
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    make_coordinator,
    make_editor,
    make_need,
    make_vacancy,
)

pytestmark = pytest.mark.django_db
LONG = "報酬の根拠が分かりません。" * 20


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_coordinator())
    return client


def url_of(row: Vacancy | Need) -> str:
    kind = "vacancy" if isinstance(row, Vacancy) else "need"
    return f"/admin/vacancies/{kind}/{row.pk}/review/"


def typed(row: Vacancy | Need, **more: str) -> dict[str, str]:
    rows = {"field_1": "duties", "words_1": "具体的に"} if isinstance(row, Vacancy) else {}
    return {"version": str(row.version), "remark": LONG, **rows, **more}


def test_a_remark_stays_when_the_town_recalls_meanwhile(client: Client) -> None:
    vacancy = make_vacancy("submitted")
    services.recall_vacancy(vacancy, by=vacancy.created_by)
    page = client.post(url_of(vacancy), typed(vacancy, **{"return": "1"}))
    words = page.content.decode()
    assert page.status_code == 422
    assert "この操作はできません" in words
    assert "今は差し戻せません" in words
    assert LONG in words
    assert 'value="具体的に"' in words
    assert 'name="publish"' not in words  # the page is the one of now
    # The town hands the same text in again: the words are still good.
    services.submit_vacancy(vacancy, by=vacancy.created_by)
    client.post(url_of(vacancy), typed(vacancy, **{"return": "1"}))
    assert Vacancy.objects.get().remark == LONG


@pytest.mark.parametrize("button", ["publish", "close", "show"])
def test_a_remark_stays_when_another_button_is_refused(button: str, client: Client) -> None:
    """Published by somebody else, a change of it waiting: each of these is refused."""
    vacancy = make_vacancy("submitted")
    sent = typed(vacancy, version="999")
    if button == "show":
        question = VacancyQuestion.objects.create(vacancy=vacancy, text="質問です")
        sent["show"] = str(question.pk)
    else:
        sent |= {button: "1", "outcome": "filled", "note": "市町からの依頼"}
    page = client.post(url_of(vacancy), sent)
    assert page.status_code == 422
    assert LONG in page.content.decode()
    assert page.context["return_form"]["field_1"].value() == "duties"
    assert page.context["remarks_open"]
    assert Vacancy.objects.get().status == "submitted"


def waiting_change(editor: User) -> Vacancy:
    return waiting_again(make_vacancy("published", by=editor))


def waiting_again(vacancy: Vacancy) -> Vacancy:
    editor = vacancy.created_by
    vacancy = services.open_change(vacancy, by=editor)
    number = {"headcount": str(int(vacancy.values["headcount"]) + 1)}
    vacancy, _ = services.save_values(
        vacancy, number, identifiers=["headcount"], version=vacancy.version, by=editor
    )
    return services.submit_change(vacancy, by=editor)


def test_a_remark_stays_when_a_question_is_hidden_in_between(client: Client) -> None:
    editor = make_editor()
    vacancy = waiting_change(editor)
    question, other = (services.ask_question(vacancy, text=text) for text in ("甲", "乙"))
    key, beside = f"q{question.pk}-reason", {f"q{other.pk}-reason": "書きかけの理由"}
    refused = client.post(url_of(vacancy), typed(vacancy, hide=str(question.pk), **{key: ""}))
    assert refused.status_code == 422
    assert LONG in refused.content.decode()
    sent = typed(vacancy, hide=str(question.pk), **{key: "個人の名前がある"}, **beside)
    page = client.post(url_of(vacancy), sent)
    words = page.content.decode()
    assert page.status_code == 200
    assert "まだ送っていません" in words
    assert LONG in words
    assert "書きかけの理由" in words
    assert VacancyQuestion.objects.get(pk=question.pk).hidden_reason == "個人の名前がある"
    assert VacancyQuestion.objects.get(pk=other.pk).hidden_reason == ""
    assert Vacancy.objects.get().change == "submitted"


def test_reasons_beside_the_button_that_was_pressed_stay_and_its_own_goes(client: Client) -> None:
    """Of questions, of earlier texts and of an end alike, also where nothing is to be returned."""
    vacancy = services.publish_change(waiting_change(make_editor()), by=make_coordinator())
    first, second = (services.ask_question(vacancy, text=text) for text in ("甲", "乙"))
    (earlier,) = vacancy.revisions.filter(number=1)
    one, two = f"q{first.pk}-reason", f"q{second.pk}-reason"
    words, end = f"r{earlier.pk}-reason", "note"
    for button, own, beside in [
        ({"hide": first.pk}, one, two),
        ({"withhold": earlier.pk}, words, end),
        ({"release": earlier.pk}, None, two),
        ({"hide": second.pk}, two, words),
    ]:
        sent = {beside: "書きかけの理由", **({own: "押したボタンの理由"} if own else {})}
        page = client.post(url_of(vacancy), {**button, **sent})
        assert page.status_code == 200, button
        assert "ほかの欄に入れた理由は、まだ送っていません" in page.content.decode()
        forms = [form for name in ("questions", "revisions") for _, form in page.context[name]]
        typed = [form["reason"].value() for form in forms]
        typed.append(page.context["close_form"]["note"].value())
        assert [text for text in typed if text] == ["書きかけの理由"], button
    alone = {"close": "1", "outcome": "filled", end: "市町からの依頼"}
    assert client.post(url_of(vacancy), alone).status_code == 302  # nothing is left over


def test_a_remark_stays_after_a_publication_and_goes_when_it_was_sent(client: Client) -> None:
    vacancy = waiting_change(make_editor())
    question = services.ask_question(vacancy, text="甲")
    page = client.post(url_of(vacancy), typed(vacancy, publish="1"))
    words = page.content.decode()
    assert page.status_code == 200
    assert "変更を公表しました。差し戻すために入れた言葉は、まだ送っていません" in words
    assert "今は差し戻せません" in words
    assert LONG in words
    assert page.context["return_form"]["field_1"].value() == "duties"
    vacancy = waiting_again(vacancy)
    beside = {f"q{question.pk}-reason": "書きかけの理由"}
    page = client.post(url_of(vacancy), typed(vacancy, **{"return": "1"}, **beside))
    assert "差し戻しました" in page.content.decode()
    assert not page.context["return_form"].has_words  # they were sent
    assert page.context["questions"][0][1]["reason"].value() == "書きかけの理由"


def test_enter_decides_nothing(client: Client) -> None:
    vacancy = make_vacancy("submitted")
    page = client.get(url_of(vacancy)).content.decode().split("<main")[1]
    assert page.index('name="enter"') < page.index('name="publish"')
    answer = client.post(url_of(vacancy), typed(vacancy, enter="1"))
    assert answer.status_code == 422
    assert LONG in answer.content.decode()
    assert Vacancy.objects.get().status == "submitted"


# --- Needs ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("button", ["return", "accept"])
def test_the_words_on_a_need_stay_when_the_town_withdraws_it(button: str, client: Client) -> None:
    need = make_need("submitted")
    services.withdraw_need(need, by=need.created_by)
    more = {button: "1", "priority": "2", "accept_remark": "来週連絡します"}
    page = client.post(url_of(need), typed(need, **more))
    words = page.content.decode()
    assert page.status_code == 422
    assert LONG in words
    assert "今は差し戻せません" in words
    if button == "accept":
        assert "来週連絡します" in words


def test_a_remark_on_a_need_stays_when_it_is_accepted_instead(client: Client) -> None:
    need = make_need("submitted")
    page = client.post(url_of(need), typed(need, accept="1", priority="2", accept_remark=""))
    assert Need.objects.get().status == "accepted"
    assert page.status_code == 200
    assert "まだ送っていません" in page.content.decode()
    assert LONG in page.content.decode()
