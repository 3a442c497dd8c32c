"""After the first way: changes of what is published, revisions, copies, questions, drafts."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.definition import Definition, FieldSpec, convert
from municipalities.vacancies.errors import ExportError, IncompleteError, NotAllowedNowError
from municipalities.vacancies.models import (
    FormField,
    FormVersion,
    SectionDraft,
    Vacancy,
    VacancyQuestion,
)
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    COMPLETE,
    make_coordinator,
    make_editor,
    make_vacancy,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()  # rate limits of earlier tests


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_change(in_state: str) -> Vacancy:
    """A published vacancy with a change on its way."""
    vacancy = make_vacancy("published")
    if in_state == "none":
        return vacancy
    vacancy = services.open_change(vacancy, by=vacancy.created_by)
    vacancy, _ = services.save_values(
        vacancy,
        {"headcount": "2"},
        identifiers=["headcount"],
        version=vacancy.version,
        by=vacancy.created_by,
    )
    if in_state == "draft":
        return vacancy
    return services.submit_change(vacancy, by=vacancy.created_by)


VERBS: dict[str, Any] = {
    "open_change": lambda vacancy, by: services.open_change(vacancy, by=by),
    "submit_change": lambda vacancy, by: services.submit_change(vacancy, by=by),
    "return_change": lambda vacancy, by: services.return_vacancy(vacancy, remark="直して", by=by),
    "publish_change": lambda vacancy, by: services.publish_change(vacancy, by=by),
    "discard_change": lambda vacancy, by: services.discard_change(vacancy, by=by),
}
ALLOWED = {
    ("none", "open_change"): "draft",
    ("draft", "submit_change"): "submitted",
    ("submitted", "return_change"): "draft",
    ("submitted", "publish_change"): "",
    ("draft", "discard_change"): "",
    ("submitted", "discard_change"): "",
}


@pytest.mark.parametrize("state", ["none", "draft", "submitted"])
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_from_every_state(state: str, verb: str) -> None:
    vacancy = make_change(state)
    by = make_coordinator()
    assert vacancy.allows(verb) == ((state, verb) in ALLOWED)
    if (state, verb) in ALLOWED:
        assert VERBS[verb](vacancy, by).change == ALLOWED[state, verb]
        return
    with pytest.raises(NotAllowedNowError):
        VERBS[verb](vacancy, by)


@pytest.mark.parametrize("status", ["draft", "submitted", "closed", "withdrawn"])
def test_only_what_is_published_is_changed(status: str) -> None:
    vacancy = make_vacancy(status)
    with pytest.raises(NotAllowedNowError):
        services.open_change(vacancy, by=vacancy.created_by)


def test_the_public_and_the_ministry_see_a_change_when_it_is_published() -> None:
    vacancy = make_change("submitted")
    assert Vacancy.objects.get().headcount == 1
    assert (
        "変わったところ" not in Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    )
    services.publish_change(vacancy, by=make_coordinator())
    vacancy = Vacancy.objects.get()
    assert (vacancy.headcount, vacancy.changed_values) == (2, None)
    assert [(r.number, r.changed) for r in vacancy.revisions.all()] == [(2, ["headcount"]), (1, [])]
    page = Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    assert "何が変わったか" in page
    assert "募集人数" in page


def test_a_change_of_the_contacts_name_is_not_shown_to_the_public() -> None:
    """B-17."""
    vacancy = services.open_change(make_vacancy("published"), by=make_coordinator())
    vacancy, _ = services.save_values(
        vacancy,
        {"contact_name": "係長 新野花子"},
        identifiers=["contact_name"],
        version=vacancy.version,
        by=vacancy.created_by,
    )
    vacancy = services.submit_change(vacancy, by=vacancy.created_by)
    services.publish_change(vacancy, by=make_coordinator())
    assert "新野花子" not in Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()


def test_a_change_without_a_change_is_not_submitted() -> None:
    vacancy = services.open_change(make_vacancy("published"), by=make_coordinator())
    with pytest.raises(IncompleteError, match="まだ何も変わって"):
        services.submit_change(vacancy, by=vacancy.created_by)


def test_closing_ends_a_change_on_its_way() -> None:
    vacancy = make_change("draft")
    services.close_vacancy(vacancy, outcome="filled", by=vacancy.created_by)
    assert Vacancy.objects.get().change == ""


def test_a_change_over_the_pages() -> None:
    vacancy = make_vacancy("published")
    town, coordinator = signed_in(vacancy.created_by), signed_in(make_coordinator())
    base = f"/town/vacancies/{vacancy.vacancy_no}/"
    town.post(f"{base}do/open_change/")
    version = Vacancy.objects.get().version
    answer = town.post(
        f"{base}edit/terms/",
        {
            "version": version,
            "engagement_form": "10",
            "legal_basis": COMPLETE["legal_basis"],
            "headcount": "3",
            "start_date_0": "2027",
            "start_date_1": "4",
            "start_date_2": "1",
            "end_date_0": "2028",
            "end_date_1": "3",
            "end_date_2": "31",
            "renewal": "0",
        },
    )
    assert answer.status_code == 302
    assert "変更を県へ提出する" in town.get(base).content.decode()
    town.post(f"{base}do/submit_change/", {"version": Vacancy.objects.get().version})
    review = f"/admin/vacancies/vacancy/{vacancy.pk}/review/"
    assert "変更を公表する" in coordinator.get(review).content.decode()
    read = {"version": Vacancy.objects.get().version}
    coordinator.post(
        review,
        {**read, "return": "1", "remark": "", "field_1": "headcount", "words_1": "2人では？"},
    )
    assert "2人では？" in town.get(f"{base}edit/terms/").content.decode()
    assert "2人では？" in town.get(base).content.decode()
    town.post(f"{base}do/submit_change/", {"version": Vacancy.objects.get().version})
    coordinator.post(review, {**read, "publish": "1"})
    assert Vacancy.objects.get().headcount == 3


def test_a_remark_on_a_field_goes_when_the_field_has_changed() -> None:
    vacancy = make_vacancy("submitted")
    vacancy = services.return_vacancy(
        vacancy, remark="", field_remarks={"dept": "課名を", "tel": "番号を"}, by=make_coordinator()
    )
    vacancy, _ = services.save_values(
        vacancy,
        {"dept": "企画課"},
        identifiers=["dept"],
        version=vacancy.version,
        by=vacancy.created_by,
    )
    assert vacancy.field_remarks == {"tel": "番号を"}


def test_a_remark_needs_its_field() -> None:
    vacancy = make_vacancy("submitted")
    client = signed_in(make_coordinator())
    url = f"/admin/vacancies/vacancy/{vacancy.pk}/review/"
    assert client.post(url, {"return": "1", "words_2": "直して"}).status_code == 422
    assert client.post(url, {"return": "1"}).status_code == 422


# --- Copies and forms -----------------------------------------------------------------------------
def test_a_copy_has_a_number_of_its_own_and_no_dates() -> None:
    vacancy = make_vacancy("closed")
    copy = services.copy_vacancy(vacancy, by=vacancy.created_by)
    assert copy.vacancy_no != vacancy.vacancy_no
    assert copy.values["vacancy_no"] == copy.vacancy_no
    assert (copy.status, copy.position_title) == ("draft", "CIO補佐官")
    assert (copy.start_date, copy.open_date) == (None, None)
    assert copy.values["duties"] == COMPLETE["duties"]


def make_second_form(in_force_from: Any) -> FormVersion:
    """The form again, with shorter duties and without the note."""
    first = FormVersion.objects.get(code="proposed-1")
    second = FormVersion.objects.create(code="second", name="第2版")
    for field in first.fields.exclude(identifier="note"):
        field.pk, field.version, field._state.adding = None, second, True
        if field.identifier == "duties":
            field.max_length = 5
        field.save()
    second.in_force_from = in_force_from
    second.save()
    return second


def test_what_does_not_fit_another_form_is_shown_and_never_dropped() -> None:
    vacancy = make_vacancy(note="備考です", duties="五文字をこえる仕事")
    make_second_form(timezone.localdate())
    client = signed_in(vacancy.created_by)
    base = f"/town/vacancies/{vacancy.vacancy_no}/"
    assert "今の様式に移す" in client.get(base).content.decode()
    client.post(f"{base}form/")
    vacancy = Vacancy.objects.get()
    assert vacancy.form_version.code == "second"
    assert vacancy.leftover == {"note": "備考です", "duties": "五文字をこえる仕事"}
    page = client.get(base).content.decode()
    assert "備考です" in page
    assert "五文字をこえる仕事" in page
    kept = set(vacancy.values.items()) | set(vacancy.leftover.items())
    assert {(k, v) for k, v in COMPLETE.items() if k != "duties"} <= kept


def test_a_month_is_not_frozen_while_values_do_not_fit_the_form() -> None:
    vacancy = make_vacancy("published", note="備考です", duties="五文字")
    make_second_form(timezone.localdate())
    month = first_of_month(timezone.localdate())
    _, _, leftovers = services.preview_month(month)
    assert leftovers == {vacancy.vacancy_no: {"note": "備考です"}}
    with pytest.raises(ExportError, match=vacancy.vacancy_no):
        services.freeze_month(month, by=make_coordinator(), early=True)


def test_rows_of_an_older_form_are_converted_for_the_month() -> None:
    make_vacancy("published", duties="五文字")
    make_second_form(timezone.localdate())
    export = services.freeze_month(
        first_of_month(timezone.localdate()), by=make_coordinator(), early=True
    )
    assert export.rows[0]["form_version"] == "second"
    assert "note" not in export.rows[0]


def test_conversion_loses_nothing() -> None:
    new = Definition(
        "n", (FieldSpec("a", "甲", "int", "optional"), FieldSpec("b", "乙", "str", "optional"))
    )
    values = {"a": "十", "b": "x", "c": "y"}
    assert convert(values, new) == ({"b": "x"}, {"a": "十", "c": "y"})


def test_a_caution_is_shown_to_both_and_stops_nobody() -> None:
    vacancy = make_vacancy(duties="職員の指揮監督")
    page = signed_in(vacancy.created_by).get(f"/town/vacancies/{vacancy.vacancy_no}/")
    assert "助言・調査・診断" in page.content.decode()
    vacancy = services.submit_vacancy(vacancy, by=vacancy.created_by)
    page = signed_in(make_coordinator()).get(f"/admin/vacancies/vacancy/{vacancy.pk}/review/")
    assert "助言・調査・診断" in page.content.decode()


# --- What was typed and not saved (C-08) ---------------------------------------------------------
def autosave(client: Client, vacancy: Vacancy, section: str = "contact", **typed: Any) -> Any:
    url = reverse("town:vacancy_autosave", args=[vacancy.vacancy_no, section])
    return client.post(url, {"version": "1", **typed})


def test_what_was_typed_comes_back_on_another_device() -> None:
    vacancy = make_vacancy()
    assert autosave(signed_in(vacancy.created_by), vacancy, dept="企画かちょ").json()["saved"]
    page = signed_in(vacancy.created_by).get(f"/town/vacancies/{vacancy.vacancy_no}/edit/contact/")
    assert 'value="企画かちょ"' in page.content.decode()
    assert "まだ保存していません" in page.content.decode()
    assert Vacancy.objects.get().values["dept"] == "総務課"


def test_a_draft_is_one_persons_own() -> None:
    vacancy = make_vacancy()
    colleague = signed_in(make_editor())
    autosave(signed_in(vacancy.created_by), vacancy, dept="企画かちょ")
    page = colleague.get(f"/town/vacancies/{vacancy.vacancy_no}/edit/contact/").content.decode()
    assert "企画かちょ" not in page
    other_town = signed_in(make_editor("343021"))
    assert autosave(other_town, vacancy, dept="x").status_code == 404


def test_saving_or_forgetting_ends_the_draft() -> None:
    vacancy = make_vacancy()
    client = signed_in(vacancy.created_by)
    url = f"/town/vacancies/{vacancy.vacancy_no}/edit/contact/"
    autosave(client, vacancy, dept="企画かちょ")
    client.post(url, {"forget": "1"})
    assert SectionDraft.objects.count() == 0
    autosave(client, vacancy, dept="企画かちょ")
    client.post(url, {"version": "1", "dept": "企画課"})
    assert SectionDraft.objects.count() == 0
    assert Vacancy.objects.get().values["dept"] == "企画課"


def test_nothing_is_kept_for_what_is_not_being_written() -> None:
    vacancy = make_vacancy("submitted")
    assert autosave(signed_in(vacancy.created_by), vacancy, dept="x").status_code == 409
    draft = make_vacancy()
    assert autosave(signed_in(draft.created_by), draft, dept="x" * 60_000).status_code == 409
    assert SectionDraft.objects.count() == 0


def test_an_old_draft_does_not_overwrite_what_was_saved_since() -> None:
    """A-23: the draft keeps the version that it was typed over."""
    vacancy = make_vacancy()
    client = signed_in(vacancy.created_by)
    autosave(client, vacancy, dept="古い入力")
    services.save_values(
        vacancy, {"dept": "新しい課"}, identifiers=["dept"], version=1, by=make_editor()
    )
    url = f"/town/vacancies/{vacancy.vacancy_no}/edit/contact/"
    shown = client.get(url).context["form"]["version"].value()
    answer = client.post(url, {"version": shown, "dept": "古い入力"})
    assert answer.status_code == 409
    assert "新しい課" in answer.content.decode()
    assert Vacancy.objects.get().values["dept"] == "新しい課"


def test_the_preview_is_the_towns_own_and_shows_the_draft() -> None:
    vacancy = make_vacancy()
    page = signed_in(vacancy.created_by).get(f"/town/vacancies/{vacancy.vacancy_no}/preview/")
    assert "まだ公表していません" in page.content.decode()
    assert "沖野みどり" not in page.content.decode()


# --- Questions ------------------------------------------------------------------------------------
def test_a_question_is_shown_once_it_is_answered() -> None:
    vacancy = make_vacancy("published")
    url = f"/vacancies/{vacancy.vacancy_no}/"
    assert Client().post(url, {"text": "遠隔だけでもよいですか"}).status_code == 302
    question = VacancyQuestion.objects.get()
    assert "遠隔だけでも" not in Client().get(url).content.decode()
    town = signed_in(vacancy.created_by)
    answers = f"/town/vacancies/{vacancy.vacancy_no}/questions/"
    assert "遠隔だけでも" in town.get(answers).content.decode()
    prefix = f"q{question.pk}"
    empty = town.post(answers, {"question": question.pk, f"{prefix}-answer": ""})
    assert empty.status_code == 422
    sent = {f"{prefix}-answer": "月1日は来庁です", f"{prefix}-version": 1}
    town.post(answers, {"question": question.pk, **sent})
    page = Client().get(url).content.decode()
    assert "遠隔だけでも" in page
    assert "月1日は来庁です" in page


def test_a_hidden_question_stays_hidden() -> None:
    vacancy = make_vacancy("published")
    question = services.ask_question(vacancy, text="○○さんの悪口")
    services.answer_question(question, answer="お答えできません", hidden=True, by=make_editor())
    assert "悪口" not in Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()


def test_another_towns_question_is_not_answered() -> None:
    mine, theirs = make_vacancy("published"), make_vacancy("published", code="343021")
    question = services.ask_question(theirs, text="質問です")
    answer = signed_in(mine.created_by).post(
        f"/town/vacancies/{mine.vacancy_no}/questions/",
        {"question": question.pk, f"q{question.pk}-answer": "x"},
    )
    assert answer.status_code == 404
    assert VacancyQuestion.objects.get().answer == ""


def test_questions_end_a_week_before_the_deadline() -> None:
    today = timezone.localdate()
    soon = (today + timedelta(days=6)).isoformat()
    vacancy = make_vacancy("published", close_type="1", close_date=soon)
    Vacancy.objects.update(published_at=timezone.now() - timedelta(days=20))
    with pytest.raises(NotAllowedNowError, match="受付は終わりました"):
        services.ask_question(vacancy, text="質問です")
    page = Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    assert "質問を送る" not in page
    later = (today + timedelta(days=7)).isoformat()
    services.ask_question(
        make_vacancy("published", close_type="1", close_date=later), text="質問です"
    )


def test_questions_are_limited(settings: Any) -> None:
    """A-09: five an hour from one address."""
    url = f"/vacancies/{make_vacancy('published').vacancy_no}/"
    answers = [Client().post(url, {"text": f"質問{n}"}).status_code for n in range(6)]
    assert answers == [302] * 5 + [429]
    assert VacancyQuestion.objects.count() == 5


def test_fields_of_a_form_are_checked() -> None:
    version = FormVersion.objects.create(code="x", name="案")
    field = FormField(
        version=version,
        order=1,
        identifier="a",
        header="甲",
        kind="code",
        requirement="conditional",
        condition="joint_type in 1",
        section="work",
    )
    with pytest.raises(Exception, match="条件の書き方"):
        field.full_clean()
    field.condition = "joint_type=1"
    with pytest.raises(Exception, match="選択肢が要ります"):
        field.full_clean()


def test_a_change_is_written_in_the_form_in_force() -> None:
    """What was published in an older form is changed in the new one; nothing is dropped unseen."""
    vacancy = make_vacancy("published")
    second = make_second_form(timezone.localdate())
    editor = make_editor()
    vacancy = services.open_change(vacancy, by=editor)
    assert vacancy.working_form == second
    assert vacancy.form_version.code == "proposed-1"  # the public still reads the old one
    dropped = set(vacancy.values) - set(vacancy.changed_values or {})
    assert dropped == set(vacancy.leftover)
    given_up = services.discard_change(vacancy, by=editor)
    assert (given_up.leftover, given_up.change_form) == ({}, None)


def test_an_end_says_why() -> None:
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    with pytest.raises(IncompleteError, match="理由"):
        services.close_vacancy(vacancy, outcome="stopped", by=editor)
    closed = services.close_vacancy(vacancy, outcome="stopped", note="予算の見直し", by=editor)
    assert closed.closing_note == "予算の見直し"
    client = signed_in(editor)
    page = f"/town/vacancies/{make_vacancy(by=editor).vacancy_no}/withdraw/"
    assert client.post(page, {"note": ""}).status_code == 422
    assert client.post(page, {"note": "計画が変わった"}).status_code == 302
    public = Client().get(f"/vacancies/{closed.vacancy_no}/").content.decode()
    assert "予算の見直し" not in public
