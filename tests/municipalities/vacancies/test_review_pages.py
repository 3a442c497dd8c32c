"""The prefecture's pages in the admin: decide on needs and vacancies, send the month."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import MinistryExport, Need, Vacancy
from talentpool.audit.models import Event
from talentpool.conventions.months import add_months
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    make_auditor,
    make_coordinator,
    make_editor,
    make_need,
    make_vacancy,
)
from tests.municipalities.vacancies.test_gaps import put_new_form_in_force

pytestmark = pytest.mark.django_db

MONTH = f"{timezone.localdate():%Y-%m}"
MONTH_URL = f"/admin/vacancies/ministryexport/months/{MONTH}/"


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_need_is_accepted() -> None:
    need = make_need("submitted")
    client = signed_in(make_coordinator())
    url = f"/admin/vacancies/need/{need.pk}/review/"
    assert need.title in client.get("/admin/").content.decode()
    assert "受け付ける" in client.get(url).content.decode()
    sent = {"accept": "1", "priority": "3", "accept_remark": "来週連絡します"}
    client.post(url, {**sent, "version": need.version})
    need.refresh_from_db()
    assert (need.status, need.priority, need.remark) == ("accepted", 3, "来週連絡します")
    assert "受け付ける</h2>" not in client.get(url).content.decode()


def test_a_need_is_returned_with_words() -> None:
    need = make_need("submitted")
    client = signed_in(make_coordinator())
    url = f"/admin/vacancies/need/{need.pk}/review/"
    assert client.post(url, {"return": "1", "remark": ""}).status_code == 422
    client.post(url, {"return": "1", "remark": "期間を確かめてください。", "version": need.version})
    need.refresh_from_db()
    assert (need.status, need.remark) == ("draft", "期間を確かめてください。")
    assert "差戻し中" in client.get(url).content.decode()


def test_two_coordinators_at_once_are_told_apart() -> None:
    need = make_need("accepted")
    client = signed_in(make_coordinator())
    url = f"/admin/vacancies/need/{need.pk}/review/"
    page = client.post(url, {"accept": "1", "priority": "1"}, follow=True)
    assert "この操作はできません" in page.content.decode()


def test_a_vacancy_is_published() -> None:
    vacancy = make_vacancy("submitted")
    client = signed_in(make_coordinator())
    url = f"/admin/vacancies/vacancy/{vacancy.pk}/review/"
    assert "公表する" in client.get(url).content.decode()
    client.post(url, {"publish": "1", "version": vacancy.version})
    vacancy.refresh_from_db()
    assert vacancy.status == "published"


def submitted_again(vacancy: Vacancy) -> Vacancy:
    """Returned, written anew and submitted, while a page of the prefecture stays open."""
    editor = vacancy.created_by
    vacancy = services.return_vacancy(vacancy, remark="直して", by=make_coordinator())
    vacancy, _ = services.save_values(
        vacancy, {"headcount": "7"}, identifiers=["headcount"], version=vacancy.version, by=editor
    )
    return services.submit_vacancy(vacancy, by=editor)


@pytest.mark.parametrize("sent", [{"publish": "1"}, {"return": "1", "remark": "単価を確かめて"}])
def test_nobody_decides_on_a_text_that_nobody_has_read(sent: dict[str, str]) -> None:
    vacancy = make_vacancy("submitted")
    client = signed_in(make_coordinator())
    url = f"/admin/vacancies/vacancy/{vacancy.pk}/review/"
    assert f'name="version" value="{vacancy.version}"' in client.get(url).content.decode()
    submitted_again(vacancy)
    for version in [{"version": str(vacancy.version)}, {"version": "x"}, {}]:
        page = client.post(url, {**sent, **version})
        assert page.status_code == 422
        assert "内容が変わりました" in page.content.decode()
        assert Vacancy.objects.get().status == "submitted"
    assert sent.get("remark", "") in page.content.decode()
    client.post(url, {**sent, "version": Vacancy.objects.get().version})
    assert Vacancy.objects.get().status != "submitted"


def test_a_vacancy_is_returned_with_words() -> None:
    vacancy = make_vacancy("submitted")
    client = signed_in(make_coordinator())
    url = f"/admin/vacancies/vacancy/{vacancy.pk}/review/"
    assert client.post(url, {"return": "1", "remark": ""}).status_code == 422
    client.post(url, {"return": "1", "remark": "報酬を確かめて。", "version": vacancy.version})
    vacancy.refresh_from_db()
    assert (vacancy.status, vacancy.remark) == ("draft", "報酬を確かめて。")


DECISION = {
    "verb": "approve",
    "document_number": "デ基第123号",
    "document_date_0": "R8",
    "document_date_1": "11",
    "document_date_2": "20",
    "approver": "デジタル基盤整備課長",
}


def test_a_second_click_or_an_old_page_acts_on_no_other_batch() -> None:
    """A page of the first version must not decide on, submit or discard the second."""
    by = make_coordinator()
    client = signed_in(by)
    client.post(MONTH_URL, {"verb": "freeze", "early": "on"})
    first = MinistryExport.objects.get()
    sent = {**DECISION, "export": first.pk}
    assert f'name="export" value="{first.pk}"' in client.get(MONTH_URL).content.decode()
    assert client.post(MONTH_URL, sent).status_code == 302
    again = client.post(MONTH_URL, sent, follow=True)
    assert "この月次提出が進みました" in again.content.decode()
    services.discard_export(first, by=by)
    second = services.freeze_month(
        date.fromisoformat(f"{MONTH}-01"), by=by, reason="誤り", early=True
    )
    for verb in ("approve", "submit", "discard"):
        page = client.post(MONTH_URL, {**sent, "verb": verb}, follow=True)
        assert "この月次提出が進みました" in page.content.decode()
        assert MinistryExport.objects.get(pk=second.pk).status == "draft"
    assert client.post(MONTH_URL, {"verb": "submit", "export": second.pk}).status_code == 302
    assert MinistryExport.objects.get(pk=second.pk).status == "draft"


def test_the_month_from_preview_to_submission() -> None:
    vacancy = make_vacancy("published")
    client = signed_in(make_coordinator())
    assert MONTH in client.get("/admin/vacancies/ministryexport/months/").content.decode()
    page = client.get(MONTH_URL).content.decode()
    assert vacancy.vacancy_no in page
    assert "新規" in page
    assert MinistryExport.objects.count() == 0
    client.post(MONTH_URL, {"verb": "freeze", "early": "on"})
    export = MinistryExport.objects.get()
    assert client.post(MONTH_URL, {"verb": "approve"}).status_code == 422
    client.post(MONTH_URL, {**DECISION, "export": export.pk})
    client.post(MONTH_URL, {"verb": "submit", "export": export.pk})
    export.refresh_from_db()
    assert (export.status, export.document_number) == ("submitted", "デ基第123号")
    assert export.document_date.isoformat() == "2026-11-20"
    file = client.get(f"/admin/vacancies/ministryexport/{export.pk}/file/")
    assert file.content == bytes(export.content)
    assert file["Content-Disposition"] == f'attachment; filename="boshu-34-{MONTH}-v1.csv"'
    assert client.post(MONTH_URL, {"verb": "freeze", "early": "on"}).status_code == 422
    client.post(MONTH_URL, {"verb": "freeze", "early": "on", "reason": "誤りを直した"})
    assert MinistryExport.objects.get(version=2).reason == "誤りを直した"


def test_a_batch_is_given_up_and_made_again() -> None:
    client = signed_in(make_coordinator())
    client.post(MONTH_URL, {"verb": "freeze", "early": "on"})
    client.post(MONTH_URL, {"verb": "discard", "export": MinistryExport.objects.get().pk})
    assert "作り直して確定する" in client.get(MONTH_URL).content.decode()
    assert MinistryExport.objects.get().status == "discarded"


@pytest.mark.parametrize("month", ["2026-13", "x", "2026-1"])
def test_a_month_that_is_none_does_not_exist(month: str) -> None:
    url = f"/admin/vacancies/ministryexport/months/{month}/"
    assert signed_in(make_coordinator()).get(url).status_code == 404


def pages() -> list[str]:
    need, vacancy = make_need("submitted"), make_vacancy("submitted")
    return [
        "/admin/vacancies/need/",
        f"/admin/vacancies/need/{need.pk}/review/",
        "/admin/vacancies/vacancy/",
        f"/admin/vacancies/vacancy/{vacancy.pk}/review/",
        "/admin/vacancies/ministryexport/",
        "/admin/vacancies/ministryexport/months/",
        MONTH_URL,
        "/admin/vacancies/formversion/",
    ]


def test_an_auditor_reads_everything_and_presses_nothing() -> None:
    client = signed_in(make_auditor())
    for url in pages():
        page = client.get(url)
        assert page.status_code == 200, url
        main = page.content.decode().split("<main")[-1]
        assert 'name="accept"' not in main
        assert 'name="publish"' not in main
        assert 'name="verb"' not in main
    need, vacancy = Need.objects.get(), Vacancy.objects.get()
    assert (
        client.post(
            f"/admin/vacancies/need/{need.pk}/review/", {"accept": "1", "priority": "1"}
        ).status_code
        == 404
    )
    assert (
        client.post(f"/admin/vacancies/vacancy/{vacancy.pk}/review/", {"publish": "1"}).status_code
        == 404
    )
    assert client.post(MONTH_URL, {"verb": "freeze", "early": "on"}).status_code == 404
    assert MinistryExport.objects.count() == 0
    assert Need.objects.get().status == "submitted"


def test_a_town_does_not_enter() -> None:
    client = signed_in(make_editor())
    for url in pages():
        assert client.get(url).status_code in {302, 404}, url


def test_a_need_that_was_never_submitted_is_the_towns_own() -> None:
    need = make_need("draft")
    client = signed_in(make_coordinator())
    assert client.get(f"/admin/vacancies/need/{need.pk}/review/").status_code == 404
    assert need.title not in client.get("/admin/vacancies/need/").content.decode()


def test_without_a_form_in_force_the_month_says_so() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE vacancies_formversion CASCADE")
    page = signed_in(make_coordinator()).get(MONTH_URL)
    assert page.status_code == 200
    assert "今日使える標準募集様式の版がありません。" in page.content.decode()


def test_dates_in_lists_are_written_as_elsewhere() -> None:
    """C-11: also in the lists of the stock admin."""
    make_vacancy("published")
    page = signed_in(make_coordinator()).get("/admin/vacancies/vacancy/").content.decode()
    assert "<time datetime=" in page.split('id="result_list"')[1]


# --- One value does not keep all others back ------------------------------------------------------
def make_unwritable(vacancy: Vacancy) -> None:
    """A value that the file cannot hold, as a change of the form leaves it."""
    vacancy.values["note"] = "=1+1"
    vacancy.save()


def test_what_cannot_be_written_waits_and_the_rest_goes_up() -> None:
    by, editor = make_coordinator(), make_editor()
    sent, new, fine = (make_vacancy("published", by=editor) for _ in range(3))
    month = date.fromisoformat(f"{MONTH}-01")
    Vacancy.objects.filter(pk__in=[new.pk, fine.pk]).update(publish_ok=False)
    before = add_months(month, -1)
    export = services.freeze_month(before, by=by, early=True)
    services.approve_export(
        export, document_number="1", document_date=before, approver="課長", by=by
    )
    services.submit_export(export, by=by)
    Vacancy.objects.update(publish_ok=True)
    for vacancy in (sent, new):
        make_unwritable(vacancy)
    client = signed_in(by)
    page = client.get(MONTH_URL).content.decode()
    assert "ファイルに書けない値のある2件を、今月は見送る" in page
    assert page.count("前に提出した内容のまま続きます") == page.count("次の月に回ります") == 1
    table = page.split("<tbody>")[1].split("</tbody>")[0]  # what would in fact go up
    assert [vacancy.vacancy_no in table for vacancy in (sent, new, fine)] == [True, False, True]
    for typed in [{}, {"hold_back": "on"}, {"reason": "待つ"}]:
        assert client.post(MONTH_URL, {"verb": "freeze", "early": "on", **typed}).status_code == 422
    client.post(
        MONTH_URL, {"verb": "freeze", "early": "on", "hold_back": "on", "reason": "様式の誤り"}
    )
    made = MinistryExport.objects.get(month=month)
    kinds = {row["vacancy_no"]: row["change_type"] for row in made.rows}
    assert kinds == {sent.vacancy_no: "3", fine.vacancy_no: "1"}
    assert {row["note"] for row in made.rows} == {""}
    numbers = sorted([sent.vacancy_no, new.vacancy_no])
    assert made.reason == f"様式の誤り(見送り：{'、'.join(numbers)})"
    assert (
        Event.objects.get(action="freeze_month", object_id=made.pk).detail["held_back"] == numbers
    )
    assert services.verify_exports() == (2, None)
    assert made.held_back == numbers
    with pytest.raises(DatabaseError, match="frozen export"), transaction.atomic():
        MinistryExport.objects.filter(pk=made.pk).update(held_back=[])
    # Each town is told once a month, and its page says why.
    told = Message.objects.filter(kind="mail", key__startswith="held-back:")
    assert {mail.payload["to"] for mail in told} == {editor.email}
    assert told.count() == 2
    assert f"/town/vacancies/{new.vacancy_no}/sent/" in str([mail.payload for mail in told])
    services.discard_export(made, by=by)
    services.freeze_month(month, by=by, reason="もう一度", hold_back=True, early=True)
    assert told.count() == 2
    page = signed_in(editor).get(f"/town/vacancies/{new.vacancy_no}/sent/").content.decode()
    assert "国へのファイルに書けない値" in page
    assert "=1+1" in page
    assert "直すまで提出しません" in page
    page = signed_in(editor).get(f"/town/vacancies/{sent.vacancy_no}/sent/").content.decode()
    assert "前に提出した内容のまま伝えます" in page
    # The next month lists them, with what has become of each.
    Vacancy.objects.filter(pk=sent.pk).update(values=fine.values | {"vacancy_no": sent.vacancy_no})
    page = client.get(MONTH_URL.replace(MONTH, f"{add_months(month, 1):%Y-%m}")).content.decode()
    assert "前に見送った募集情報" in page
    before_it, after_it = page.split("前に見送った募集情報")[1].split(new.vacancy_no, 1)
    assert "今の内容が入ります" in before_it
    assert "まだ書けない値があります" in after_it


def test_a_correction_meets_the_same_question() -> None:
    by = make_coordinator()
    vacancy = make_vacancy("published")
    client = signed_in(by)
    client.post(MONTH_URL, {"verb": "freeze", "early": "on"})
    read = {"export": MinistryExport.objects.get().pk}
    client.post(MONTH_URL, {**DECISION, **read})
    client.post(MONTH_URL, {**read, "verb": "submit"})
    make_unwritable(vacancy)
    page = client.post(MONTH_URL, {"verb": "freeze", "early": "on", "reason": "誤り"})
    assert page.status_code == 422
    assert "1件を、今月は見送る" in page.content.decode()


def test_the_month_says_what_a_new_form_still_lacks() -> None:
    by = make_coordinator()
    make_vacancy("published")
    assert "必須の項目がまだ" not in signed_in(by).get(MONTH_URL).content.decode()
    put_new_form_in_force(by)
    assert "募集情報が1件あります" in signed_in(by).get(MONTH_URL).content.decode()
