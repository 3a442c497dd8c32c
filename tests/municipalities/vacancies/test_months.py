"""The month's page: freezing before the cut-off, a correction that is given up, a new form."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.difference import Change
from municipalities.vacancies.errors import IncompleteError
from municipalities.vacancies.models import MinistryExport, MonthlyRound, RoundAnswer
from municipalities.vacancies.queue import coordinator_queue
from municipalities.vacancies.sent import last_of, sent_about, since
from talentpool.conventions.months import add_months, first_of_month
from talentpool.embedded.sample import past
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    change,
    make_coordinator,
    make_editor,
    make_vacancy,
)
from tests.municipalities.vacancies.test_changes import make_second_form
from tests.municipalities.vacancies.test_exports import send

pytestmark = pytest.mark.django_db
MONTH = first_of_month(timezone.localdate())
PAGE = f"/admin/vacancies/ministryexport/months/{MONTH:%Y-%m}/"


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_silent(cut_off: Any) -> RoundAnswer:
    make_editor()
    round_ = MonthlyRound.objects.create(month=MONTH, opens_on=MONTH, cut_off=cut_off)
    return RoundAnswer.objects.create(round=round_, municipality_id="342157")


def test_before_the_cut_off_a_ticked_box_is_needed_while_towns_are_silent(tmp_path: Path) -> None:
    make_silent(timezone.localdate())  # the last day on which they answer
    by = make_coordinator()
    client = signed_in(by)
    page = client.get(PAGE).content.decode()
    assert "未回答の1市町の回答を待たずに、締切の前に確定する" in page
    assert "<details open><summary>未回答の1市町</summary><ul><li>江田島市" in page
    refused = client.post(PAGE, {"verb": "freeze"})
    assert refused.status_code == 422
    assert "締切の前であることを確かめて" in refused.content.decode()
    with pytest.raises(IncompleteError, match="確かめる欄にチェックを入れてください"):
        services.freeze_month(MONTH, by=by)
    month = f"{MONTH:%Y-%m}"
    with pytest.raises(CommandError, match="--early"):
        call_command("ministry_export", month, "--out", tmp_path)
    assert MinistryExport.objects.count() == 0
    client.post(PAGE, {"verb": "freeze", "early": "on"})
    assert MinistryExport.objects.get().reason == ""
    services.discard_export(MinistryExport.objects.get(), by=by)
    call_command("ministry_export", month, "--early", "--reason", "誤り", "--out", tmp_path)
    assert MinistryExport.objects.count() == 2


@pytest.mark.parametrize("way", ["past", "answered"])
def test_nobody_is_asked_once_the_towns_have_had_their_say(way: str) -> None:
    past_it = timezone.localdate() - timedelta(days=1)
    answer = make_silent(max(past_it, MONTH) if way == "past" else timezone.localdate())
    if way == "past" and answer.round.cut_off == timezone.localdate():
        MonthlyRound.objects.update(opens_on=past_it, cut_off=past_it)
    if way == "answered":
        services.confirm_round(answer, by=make_editor())
    assert "締切の前に確定する" not in signed_in(make_coordinator()).get(PAGE).content.decode()
    services.freeze_month(MONTH, by=make_coordinator())


@pytest.mark.parametrize(("day", "asks"), [(1, True), (2, True), (13, True), (14, False)])
def test_before_the_towns_were_asked_a_ticked_box_is_needed_too(day: int, asks: bool) -> None:
    """November 2026 begins on a Sunday, and its cut-off is Friday the 13th. A month that is frozen
    so asks nobody afterwards, until it is given up."""
    month, by = date(2026, 11, 1), make_coordinator()
    make_vacancy("published", open_date="2026-10-01")
    url = f"/admin/vacancies/ministryexport/months/{month:%Y-%m}/"
    with past.on(date(2026, 11, day)):
        page = signed_in(by).get(url).content.decode()
        assert ("市町に確認を頼む前に、今の内容で確定する" in page) is asks
        assert ("まだ市町に頼んでいません" in page) is asks
        if asks:
            with pytest.raises(IncompleteError):
                services.freeze_month(month, by=by)
            said = {1: "2日に、自動で頼みます", 2: "2日に、自動で", 13: "最初の開庁日は過ぎました"}
            assert said[day] in page
        export = services.freeze_month(month, by=by, early=asks)
        page = signed_in(by).get(url).content.decode()
        assert ("この月の確認は、もう頼みません" in page) is asks
        assert "自動で頼みます" not in page
    with past.on(date(2026, 11, 13)):
        assert services.open_round(date(2026, 11, 13)) is None
        services.discard_export(export, by=by)
        assert services.open_round(date(2026, 11, 13)) is not None


def to_freeze(by: User, day: date) -> list[tuple[str, str]]:
    with past.on(day):
        found = [item for item in coordinator_queue(by) if item.action == "確定に進む"]
    return [(item.title, item.detail) for item in found]


def test_the_queue_leads_to_a_month_whose_towns_were_not_asked() -> None:
    """One that was frozen before and is given up too late to ask, and one of which nothing ran; no
    month before something was published."""
    by = make_coordinator()
    with past.on(date(2026, 10, 20)):
        make_vacancy("published", open_date="2026-10-01")
    assert to_freeze(by, date(2026, 11, 10)) == []
    with past.on(date(2026, 11, 2)):
        export = services.freeze_month(date(2026, 11, 1), by=by, early=True)
    with past.on(date(2026, 11, 16)):
        services.discard_export(export, by=by)
        assert services.open_round(date(2026, 11, 16)) is None
    for day in (date(2026, 11, 16), date(2026, 12, 10)):
        assert to_freeze(by, day) == [
            (
                "11月分の募集情報を確定する",
                "締切を過ぎました。この月は、市町に確認を頼んでいません。",
            )
        ]
    assert [title[:3] for title, _ in to_freeze(by, date(2026, 12, 16))] == ["11月", "12月"]
    with past.on(date(2026, 12, 16)):
        services.freeze_month(date(2026, 11, 1), by=by, reason="破棄したあと")
    assert [title[:3] for title, _ in to_freeze(by, date(2026, 12, 16))] == ["12月"]


def test_a_correction_that_is_given_up_leaves_the_month_submitted() -> None:
    by = make_coordinator()
    make_vacancy("published")
    send(MONTH, by)
    again = services.freeze_month(MONTH, by=by, reason="数え違い", early=True)
    services.discard_export(again, by=by)
    client = signed_in(by)
    page = client.get(PAGE).content.decode()
    assert "提出は終わっています" in page
    assert "今、確定した場合の内容" not in page
    months = client.get("/admin/vacancies/ministryexport/months/").content.decode()
    assert "第1版 提出済み" in months
    assert "第2版 破棄" not in months


def test_the_list_has_the_months_without_a_version_too() -> None:
    """From the first one that something could have been said of."""
    by = make_coordinator()
    with past.on(add_months(MONTH, -3)):
        make_vacancy("published")
    send(add_months(MONTH, -1), by)
    page = signed_in(by).get("/admin/vacancies/ministryexport/months/").content.decode()
    rows = [row.split("</tr>")[0] for row in page.split("<tr>")[2:]]
    said = ["確定前", "第1版 提出済み", "提出なし", "提出なし"]
    assert len(rows) == len(said)
    for back, (row, words) in enumerate(zip(rows, said, strict=True)):
        assert f"/months/{add_months(MONTH, -back):%Y-%m}/" in row
        assert f"<td>{words}</td>" in row
        own = signed_in(by).get(f"{PAGE.rsplit('/', 2)[0]}/{add_months(MONTH, -back):%Y-%m}/")
        assert words.split()[-1] in own.content.decode().split("<h1")[1].split("</div>")[0]


def test_a_month_of_discarded_versions_only_says_so() -> None:
    by = make_coordinator()
    make_vacancy("published")
    services.discard_export(services.freeze_month(MONTH, by=by, early=True), by=by)
    client = signed_in(by)
    assert "破棄した版があります" in client.get(PAGE).content.decode()
    assert "第1版 破棄" in client.get("/admin/vacancies/ministryexport/months/").content.decode()


def test_the_town_is_told_what_the_batch_in_the_new_form_says() -> None:
    by = make_coordinator()
    vacancy = make_vacancy("published", duties="五文字")
    send(MONTH, by)
    last = last_of(sent_about("342157", vacancy.vacancy_no))
    assert since(vacancy, last, timezone.localdate())[0] is Change.CONTINUED
    make_second_form(timezone.localdate())
    batch, _, _ = services.preview_month(first_of_month(MONTH + timedelta(days=31)))
    assert [item.change for item in batch] == [Change.CHANGED]
    assert since(vacancy, last, timezone.localdate())[0] is Change.CHANGED


def test_a_month_that_a_later_one_has_passed_leads_nowhere_it_cannot_go() -> None:
    """No button that would be refused: for one that was missed, and for one that was submitted; nor
    a reminder of a month that is frozen."""
    by = make_coordinator()
    with past.on(add_months(MONTH, -3)):
        make_vacancy("published")
    send(add_months(MONTH, -2), by)
    send(add_months(MONTH, -1), by)
    answer = make_silent(timezone.localdate())
    services.freeze_month(MONTH, by=by, early=True)
    client = signed_in(by)

    def page(back: int) -> str:
        month = add_months(MONTH, -back)
        url = f"/admin/vacancies/ministryexport/months/{month:%Y-%m}/"
        return client.get(url).content.decode()

    for back in (1, 2, 3):
        assert 'value="freeze"' not in page(back)
    assert "後の月がもう確定しているため、この月は作り直せません" in page(2)
    assert "後の月がもう確定しているため、この月の分は作れません" in page(3)
    assert "今、確定した場合の内容" not in page(3)
    assert 'value="remind"' not in page(0)
    assert "1市町のうち0市町が回答しました" in page(0)
    assert answer.answered_at is None


def test_a_correction_that_corrects_nothing_is_named() -> None:
    by = make_coordinator()
    vacancy = make_vacancy("published")
    send(MONTH, by)
    again = services.freeze_month(MONTH, by=by, reason="報酬額の誤記", early=True)
    client = signed_in(by)
    assert "提出済みの第1版と同じ内容です" in client.get(PAGE).content.decode()
    services.discard_export(again, by=by)
    change(vacancy, by, headcount="2")
    services.freeze_month(MONTH, by=by, reason="人数の誤記", early=True)
    assert "と同じ内容です" not in client.get(PAGE).content.decode()
