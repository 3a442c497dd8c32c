"""What the prefecture can do beside publishing: remarks, an end, questions, leftovers."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.errors import NotAllowedNowError
from municipalities.vacancies.models import Vacancy, VacancyQuestion
from municipalities.vacancies.queue import town_queue
from talentpool.audit.models import Event
from talentpool.conventions.months import first_of_month
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    change,
    make_auditor,
    make_coordinator,
    make_editor,
    make_vacancy,
)
from tests.municipalities.vacancies.test_changes import make_second_form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url_of(vacancy: Vacancy) -> str:
    return f"/admin/vacancies/vacancy/{vacancy.pk}/review/"


# --- Remarks on single fields -----------------------------------------------------------------
def test_as_many_fields_as_needed_are_remarked_on() -> None:
    vacancy = make_vacancy("submitted")
    client, url = signed_in(make_coordinator()), url_of(vacancy)
    typed = {"field_1": "duties", "words_1": "具体的に", "field_4": "", "words_4": ""}
    page = client.post(url, {**typed, "more": "1"})
    assert page.status_code == 200
    assert 'name="field_10"' in page.content.decode()
    assert 'name="field_11"' not in page.content.decode()
    assert 'value="具体的に"' in page.content.decode()
    assert Vacancy.objects.get().status == "submitted"
    keys = [spec.identifier for spec in vacancy.form_version.definition.fields]
    keys = [key for key in keys if key not in {"form_version", "vacancy_no"}][20:30]
    rows = {f"field_{n}": key for n, key in enumerate(keys, 1)}
    rows |= {f"words_{n}": f"指摘{n}" for n in range(1, 11)}
    client.post(url, {**rows, "return": "1", "version": vacancy.version})
    vacancy = Vacancy.objects.get()
    assert vacancy.field_remarks == {key: f"指摘{n}" for n, key in enumerate(keys, 1)}


def test_two_remarks_on_one_field_are_refused() -> None:
    vacancy = make_vacancy("submitted")
    rows = {f"field_{n}": "duties" for n in (1, 2)} | {f"words_{n}": "x" for n in (1, 2)}
    page = signed_in(make_coordinator()).post(url_of(vacancy), {**rows, "return": "1"})
    assert page.status_code == 422
    assert "上でも選ばれています" in page.content.decode()


def test_what_is_no_verb_decides_nothing() -> None:
    vacancy = make_vacancy("submitted")
    for sent in [{}, {"hide": "1"}, {"hide": "x"}]:
        assert signed_in(make_coordinator()).post(url_of(vacancy), sent).status_code == 404
    assert Vacancy.objects.get().status == "submitted"


# --- The end ------------------------------------------------------------------------------------
def test_the_prefecture_ends_a_recruiting_and_says_why() -> None:
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    client, url = signed_in(make_coordinator()), url_of(vacancy)
    assert "県が募集を終了する" in client.get(url).content.decode()
    page = client.post(url, {"close": "1", "outcome": "filled"})
    assert page.status_code == 422
    assert Vacancy.objects.get().status == "published"
    client.post(url, {"close": "1", "outcome": "filled", "note": "市町からの依頼"})
    vacancy = Vacancy.objects.get()
    assert (vacancy.status, vacancy.outcome) == ("closed", "filled")
    assert vacancy.closing_note == "市町からの依頼"
    own = signed_in(editor).get(reverse("town:vacancy_detail", args=[vacancy.vacancy_no]))
    assert "市町からの依頼" in own.content.decode()
    subjects = [
        mail.payload["subject"]
        for mail in Message.objects.filter(kind="mail", payload__to=editor.email)
    ]
    assert any("県が募集を終了しました" in subject for subject in subjects)
    assert "県が募集を終了する" not in client.get(url).content.decode()


def test_an_auditor_ends_nothing() -> None:
    vacancy = make_vacancy("published")
    client = signed_in(make_auditor())
    assert 'name="close"' not in client.get(url_of(vacancy)).content.decode()
    sent = {"close": "1", "outcome": "filled", "note": "x"}
    assert client.post(url_of(vacancy), sent).status_code == 404
    assert Vacancy.objects.get().status == "published"


# --- Questions ------------------------------------------------------------------------------------
def answered_question(vacancy: Vacancy, editor: User) -> VacancyQuestion:
    question = services.ask_question(vacancy, text="山田さんはいますか")
    return services.answer_question(question, answer="います", hidden=False, by=editor)


def test_the_prefecture_hides_a_question_with_a_reason() -> None:
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    question = answered_question(vacancy, editor)
    client, url = signed_in(make_coordinator()), url_of(vacancy)
    assert "山田さん" in client.get(url).content.decode()
    key = f"q{question.pk}-reason"
    assert client.post(url, {"hide": question.pk, key: ""}).status_code == 422
    client.post(url, {"hide": question.pk, key: "個人の名前がある"})
    assert "山田さん" not in Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    event = Event.objects.get(action="hide_vacancy_question")
    assert event.object_id == str(question.pk)
    question = services.answer_question(question, answer="います", hidden=False, by=editor)
    assert question.is_kept_back
    page = signed_in(editor).get(f"/town/vacancies/{vacancy.vacancy_no}/questions/")
    assert "個人の名前がある" in page.content.decode()
    with pytest.raises(NotAllowedNowError):
        services.hide_question(question, reason="もう一度", by=make_coordinator())


def test_questions_about_what_has_ended_wait_for_nobody() -> None:
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    services.ask_question(vacancy, text="質問です")
    asks = [item for item in town_queue(editor) if "質問に答える" in item.title]
    assert len(asks) == 1
    services.close_vacancy(vacancy, outcome="filled", by=editor)
    assert [item for item in town_queue(editor) if "質問に答える" in item.title] == []


# --- What a new form cannot hold ------------------------------------------------------------------
def test_what_does_not_fit_stays_until_the_town_has_dealt_with_it() -> None:
    editor, by = make_editor(), make_coordinator()
    vacancy = make_vacancy("published", by=editor, note="備考です", duties="五文字")
    make_second_form(timezone.localdate())
    vacancy = change(vacancy, by, headcount="2")
    assert vacancy.form_version.code == "second"
    assert vacancy.leftover == {"note": "備考です"}
    page = signed_in(by).get(url_of(vacancy)).content.decode()
    assert "備考：備考です" in page
    vacancy = services.open_change(vacancy, by=editor)
    vacancy = services.discard_change(vacancy, by=editor)
    assert vacancy.leftover == {"note": "備考です"}
    town, base = signed_in(editor), f"/town/vacancies/{vacancy.vacancy_no}/"
    assert "備考：備考です" in town.get(base).content.decode()
    town.post(f"{base}do/settle_leftover/")
    assert Vacancy.objects.get().leftover == {}
    with pytest.raises(NotAllowedNowError):
        services.settle_leftover(vacancy, by=editor)


def test_the_change_on_the_public_page_uses_the_words_of_both_forms() -> None:
    by = make_coordinator()
    vacancy = make_vacancy("published", note="備考です", duties="五文字")
    make_second_form(timezone.localdate())
    change(vacancy, by, headcount="2")
    page = Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    assert '<th scope="row">備考</th><td>備考です</td><td>(なし)</td>' in page


def test_the_pages_of_what_was_sent_show_what_its_form_cannot_hold() -> None:
    editor, by = make_editor(), make_coordinator()
    vacancy = make_vacancy("published", by=editor, duties="五文字")
    second = make_second_form(timezone.localdate())
    month = first_of_month(timezone.localdate())
    export = services.freeze_month(month, by=by, early=True)
    assert export.form_version == second
    export = services.approve_export(
        export, document_number="1", document_date=month, approver="課長", by=by
    )
    export = services.submit_export(export, by=by)
    vacancy.write_values({**vacancy.values, "note": "備考です"})
    vacancy.save()
    page = signed_in(editor).get(f"/town/vacancies/{vacancy.vacancy_no}/sent/")
    assert "備考：備考です" in page.content.decode()
    page = signed_in(by).get(f"/admin/vacancies/ministryexport/{export.pk}/since/")
    assert "備考「備考です」" in page.content.decode()


# --- Before freezing ------------------------------------------------------------------------------
def test_the_preview_of_the_month_lists_what_shift_jis_cannot_hold() -> None:
    vacancy = make_vacancy("published", issues="𠮷野川")
    by = make_coordinator()
    month = first_of_month(timezone.localdate())
    url = f"/admin/vacancies/ministryexport/months/{month:%Y-%m}/"
    words = f"{vacancy.vacancy_no}　現状・課題：𠮷"
    assert words in signed_in(by).get(url).content.decode()
    services.freeze_month(month, by=by, early=True)
    assert words not in signed_in(by).get(url).content.decode()


def test_the_preview_of_a_change_says_what_is_public_now() -> None:
    editor = make_editor()
    draft = make_vacancy("draft", by=editor)
    page = f"/town/vacancies/{draft.vacancy_no}/preview/"
    assert "まだ公表していません" in signed_in(editor).get(page).content.decode()
    vacancy = services.open_change(make_vacancy("published", by=editor), by=editor)
    text = signed_in(editor).get(f"/town/vacancies/{vacancy.vacancy_no}/preview/").content.decode()
    assert "まだ公表していません" not in text
    assert "変更する前の内容で公表しています" in text
