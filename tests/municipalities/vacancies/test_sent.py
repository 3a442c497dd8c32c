"""What a town sees of the month's submissions: its own rows, and what changed since."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.difference import Change
from municipalities.vacancies.models import MinistryExport, Vacancy
from municipalities.vacancies.sent import Sent, sent_about, sent_page, since
from talentpool.conventions.months import add_months, first_of_month
from talentpool.embedded.sample import past
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    change,
    make_coordinator,
    make_editor,
    make_vacancy,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def page(user: User, path: str) -> tuple[int, str]:
    client = Client()
    client.force_login(user)
    answer = client.get(path)
    return answer.status_code, answer.content.decode()


def submit(month: date, by: User, reason: str = "") -> MinistryExport:
    export = services.freeze_month(month, by=by, reason=reason, early=True)
    export = services.approve_export(
        export, document_number="デ第1号", document_date=month, approver="局長", by=by
    )
    return services.submit_export(export, by=by)


def every_row(code: str) -> list[Sent]:
    numbers = Vacancy.objects.filter(municipality=code).values_list("vacancy_no", flat=True)
    return sent_page(code, list(numbers), {}).items


def now_of(vacancy: Vacancy) -> Change | None:
    history = sent_about(vacancy.municipality_id, vacancy.vacancy_no)
    return since(vacancy, history[0] if history else None, timezone.localdate())[0]


def test_a_town_sees_its_own_rows_month_by_month() -> None:
    by, editor, other = make_coordinator(), make_editor(), make_editor("343021")
    ours = make_vacancy("published", by=editor)
    theirs = make_vacancy("published", by=other, code="343021")
    this = first_of_month(timezone.localdate())
    assert now_of(ours) is Change.NEW
    submit(add_months(this, -1), by)
    assert now_of(ours) is Change.CONTINUED
    ours = change(ours, by, headcount="3")
    assert now_of(ours) is Change.CHANGED
    submit(this, by)
    assert [(one.month, one.word) for one in every_row("342157")] == [
        (this, "変更"),
        (add_months(this, -1), "新規"),
    ]
    status, words = page(editor, "/town/sent/")
    assert status == 200
    assert words.count(ours.vacancy_no) >= 2
    assert theirs.vacancy_no not in words
    status, words = page(editor, f"/town/vacancies/{ours.vacancy_no}/sent/")
    assert status == 200
    assert "<td>変更</td><td>募集人数</td>" in words
    assert "前の提出から変わっていません" in words
    assert page(other, f"/town/vacancies/{ours.vacancy_no}/sent/")[0] == 404
    assert page(by, "/town/sent/")[0] == 404


def test_what_was_only_frozen_was_not_sent() -> None:
    by, editor = make_coordinator(), make_editor()
    vacancy = make_vacancy("published", by=editor)
    services.freeze_month(timezone.localdate(), by=by, early=True)
    assert every_row("342157") == []
    words = page(editor, "/town/sent/")[1]
    assert "まだ国へ提出したものはありません" in words
    assert vacancy.vacancy_no not in words


def test_a_month_that_was_made_again_is_shown_as_such() -> None:
    by, editor = make_coordinator(), make_editor()
    vacancy = make_vacancy("published", by=editor)
    month = first_of_month(timezone.localdate())
    submit(month, by)
    submit(month, by, reason="誤記のため")
    assert [one.version for one in sent_about("342157", vacancy.vacancy_no)] == [2, 1]
    assert "第2版(作り直し)" in page(editor, "/town/sent/")[1]


@pytest.mark.parametrize(
    ("end", "change_type", "words"),
    [
        ("close", Change.CLOSED, "「募集終了」として一度だけ伝えます"),
        ("withdraw", Change.WITHDRAWN, "「取下げ」として一度だけ伝えます"),
        ("hide", Change.WITHDRAWN, "「取下げ」として一度だけ伝えます"),
    ],
)
def test_what_ended_since_is_said_as_the_next_batch_says_it(
    end: str, change_type: Change, words: str
) -> None:
    by, editor = make_coordinator(), make_editor()
    vacancy = make_vacancy("published", by=editor)
    this = first_of_month(timezone.localdate())
    submit(add_months(this, -1), by)
    if end == "close":
        vacancy = services.close_vacancy(vacancy, outcome="filled", by=editor)
    elif end == "withdraw":
        vacancy = services.withdraw_vacancy(vacancy, note="予算がなくなった。", by=editor)
    else:
        vacancy = change(vacancy, by, publish_ok="0")
    assert now_of(vacancy) is change_type
    assert words in page(editor, f"/town/vacancies/{vacancy.vacancy_no}/sent/")[1]
    submit(this, by)
    assert every_row("342157")[0].change is change_type
    assert now_of(vacancy) is None
    assert "もう提出しません" in page(editor, f"/town/vacancies/{vacancy.vacancy_no}/sent/")[1]


@pytest.mark.parametrize(
    ("in_status", "values", "words"),
    [
        ("draft", {}, "まだ公表していません"),
        ("published", {"publish_ok": "0"}, "県内限定"),
        ("closed", {}, "国へ提出する前に終わった"),
        ("published", {"open_date": "later"}, "募集期間の外"),
    ],
)
def test_why_nothing_was_sent(in_status: str, values: dict[str, str], words: str) -> None:
    if values.get("open_date"):
        values = {"open_date": (timezone.localdate() + timedelta(days=9)).isoformat()}
    editor = make_editor()
    vacancy = make_vacancy(in_status, by=editor, **values)
    assert words in page(editor, f"/town/vacancies/{vacancy.vacancy_no}/sent/")[1]


def test_a_first_day_that_moves_ahead_is_a_change_and_no_end() -> None:
    by, editor = make_coordinator(), make_editor()
    vacancy = make_vacancy("published", by=editor)
    this = first_of_month(timezone.localdate())
    submit(add_months(this, -2), by)
    ahead = (timezone.localdate() + timedelta(days=40)).isoformat()
    vacancy = change(vacancy, by, open_date=ahead)
    assert now_of(vacancy) is Change.CHANGED
    submit(add_months(this, -1), by)
    assert every_row("342157")[0].change is Change.CHANGED
    assert now_of(vacancy) is Change.CONTINUED
    submit(this, by)
    assert every_row("342157")[0].change is Change.CONTINUED
    with past.on(timezone.localdate() + timedelta(days=40)):
        assert now_of(vacancy) is Change.CONTINUED
    vacancy = services.close_vacancy(vacancy, outcome="filled", by=editor)
    assert now_of(vacancy) is Change.CLOSED


def test_a_long_list_of_what_was_sent_goes_on_page_by_page() -> None:
    """There and back: each row once, the newest month first (it once ended at 500 rows)."""
    by, editor = make_coordinator(), make_editor()
    numbers = [make_vacancy("published", by=editor).vacancy_no for _ in range(3)]
    this = first_of_month(timezone.localdate())
    months = [add_months(this, -back) for back in range(3)]
    for month in reversed(months):
        submit(month, by)

    def there(size: int) -> tuple[list[tuple[date, str]], str]:
        rows, cursor, last = [], "", ""
        while True:
            page = sent_page("342157", numbers, {"cursor": cursor}, size=size)
            rows += [(one.month, one.row["vacancy_no"]) for one in page]
            if not page.next:
                return rows, last
            last, cursor = cursor, page.next

    expected = [(month, number) for month in months for number in reversed(numbers)]
    for size in (1, 2, 4, 9):
        assert there(size)[0] == expected
    second = sent_page("342157", numbers, {"cursor": there(4)[1]}, size=4)
    first = sent_page("342157", numbers, {"cursor": second.previous}, size=4)
    assert [one.row["vacancy_no"] for one in first] == [number for _, number in expected[:4]]
    assert not first.previous
    assert sent_page("342157", numbers, {"cursor": "x"}, size=4).items == first.items


def test_the_page_of_what_was_sent_has_its_pager() -> None:
    by, editor = make_coordinator(), make_editor()
    numbers = [make_vacancy("published", by=editor).vacancy_no for _ in range(26)]
    this = first_of_month(timezone.localdate())
    submit(add_months(this, -1), by)
    submit(this, by)
    words = page(editor, "/town/sent/")[1]
    assert "次の50件" in words
    cursor = words.split("?cursor=")[1].split('"')[0]
    words = page(editor, f"/town/sent/?cursor={cursor}")[1]
    assert words.count("</tr>") == 3
    assert numbers[0] in words
