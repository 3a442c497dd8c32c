"""The monthly round by the calendar, its reminders, and the month's other files."""

import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from municipalities.registry.memberships import end_membership
from municipalities.vacancies import services
from municipalities.vacancies.errors import NotAllowedNowError
from municipalities.vacancies.models import MinistryExport, MonthlyRound, RoundAnswer
from municipalities.vacancies.queue import coordinator_queue
from municipalities.vacancies.services.answers import days_of
from municipalities.vacancies.services.rounds import Step, carry_out
from talentpool.conventions.months import add_months, first_of_month
from talentpool.embedded.sample import past
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    make_coordinator,
    make_editor,
    make_town,
    make_vacancy,
)

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def addresses() -> list[str]:
    return [m.payload["to"] for m in Message.objects.filter(kind="mail").order_by("pk")]


@pytest.mark.parametrize(
    ("month", "opens", "cut_off"),
    [
        (date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 13)),  # the 1st and 15th are Sundays
        (date(2027, 1, 1), date(2027, 1, 4), date(2027, 1, 15)),
        (date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 15)),
    ],
)
def test_the_days_are_business_days(month: date, opens: date, cut_off: date) -> None:
    assert days_of(month) == (opens, cut_off)


def test_the_round_opens_once_on_its_day_and_asks_each_town() -> None:
    editors = [make_editor("342157"), make_editor("343021")]
    assert services.open_round(date(2026, 11, 1)) is None
    round_ = services.open_round(date(2026, 11, 2))
    assert round_ is not None
    assert services.open_round(date(2026, 11, 3)) is None
    assert sorted(addresses()) == sorted(editor.email for editor in editors)
    assert round_.answers.count() == 2


def test_asked_is_who_can_answer_and_who_has_published_something() -> None:
    """A town without an account and without a vacancy is nobody's to wait for."""
    editor = make_editor("342157")
    make_town("342084")
    left = make_vacancy("published", code="343021").created_by
    for membership in left.memberships.all():
        end_membership(membership.pk, by=make_coordinator())
    round_ = services.open_round(date(2026, 11, 2))
    assert round_ is not None
    asked = round_.answers.values_list("municipality_id", flat=True)
    assert sorted(asked) == ["342157", "343021"]
    services.confirm_round(round_.answers.get(municipality_id="342157"), by=editor)
    with pytest.raises(NotAllowedNowError, match="アカウントのない市町だけ"):
        services.remind_silent(round_, by=make_coordinator())
    page = signed_in(make_coordinator()).get(
        f"/admin/vacancies/ministryexport/months/{round_.month:%Y-%m}/"
    )
    assert "府中町(アカウントなし" in page.content.decode()


def test_a_town_that_comes_while_the_round_is_open_is_asked_once() -> None:
    make_editor("342157")
    round_ = services.open_round(date(2026, 11, 2))
    assert round_ is not None
    comes = make_editor("343021")
    assert services.ask_newcomers(date(2026, 11, 1)) == 0
    assert services.ask_newcomers(date(2026, 11, 4)) == 1
    assert services.ask_newcomers(date(2026, 11, 5)) == 0
    assert addresses()[-1] == comes.email
    assert round_.answers.count() == 2
    make_editor("342084")
    assert services.ask_newcomers(date(2026, 11, 16)) == 0  # after the cut-off


def test_a_reminder_after_the_cut_off_says_so_and_leads_to_what_it_asks_for() -> None:
    """Also in the next month, while the batch is not made (the page once showed the running month
    only)."""
    editor, coordinator = make_editor(), make_coordinator()
    with past.on(date(2026, 11, 2)):
        old = services.open_round(date(2026, 11, 2))
    assert old is not None
    with past.on(date(2026, 12, 1)):
        new = services.open_round(date(2026, 12, 1))
        assert new is not None
        services.remind_silent(old, by=coordinator)
        body = Message.objects.filter(kind="mail").order_by("-pk")[0].payload["body"]
        assert "を過ぎましたが" in body
        client = signed_in(editor)
        home = client.get("/town/").content.decode()
        assert "11月分の募集情報に変わりがないか" in home
        assert "12月分の募集情報に変わりがないか" in home
        page = client.get("/town/round/").content.decode()
        assert "令和8年11月分の確認" in page
        assert "まだ答えられます" in page
        client.post("/town/round/", {"round": old.pk})
        assert old.answers.get().kind == "unchanged"
        assert new.answers.get().kind == ""
        page = client.get("/town/round/").content.decode()
        assert "令和8年12月分の確認" in page
        assert "まだ答えられます" not in page


def test_an_old_page_answers_what_stood_on_it() -> None:
    """A page of November that is sent in December says nothing of December."""
    editor = make_editor()
    with past.on(date(2026, 11, 2)):
        old = services.open_round(date(2026, 11, 2))
    with past.on(date(2026, 12, 1)):
        new = services.open_round(date(2026, 12, 1))
        assert old is not None
        assert new is not None
        services.freeze_month(old.month, by=make_coordinator(), early=True)
        client = signed_in(editor)
        page = client.post("/town/round/", {"round": old.pk}, follow=True)
        assert "もう確定しました" in page.content.decode()
        assert new.answers.get().kind == ""
        for sent in ["", "x", "0", "9" * 30]:
            assert client.post("/town/round/", {"round": sent}).status_code == 404


def test_what_a_town_does_counts_for_the_month_that_still_waits() -> None:
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    with past.on(date(2026, 11, 2)):
        old = services.open_round(date(2026, 11, 2))
    with past.on(date(2026, 12, 2)):
        new = services.open_round(date(2026, 12, 2))
        services.close_vacancy(vacancy, outcome="filled", by=editor)
    assert old is not None
    assert new is not None
    assert [round_.answers.get().kind for round_ in (old, new)] == ["closed", "closed"]


def test_a_day_late_is_not_too_late_and_after_the_cut_off_is() -> None:
    make_editor()
    assert services.open_round(date(2026, 11, 14)) is None
    assert services.open_round(date(2026, 11, 13)) is not None


def test_the_silent_are_reminded_once_before_the_cut_off() -> None:
    silent, answered = make_editor("342157"), make_editor("343021")
    round_ = services.open_round(date(2026, 11, 2))
    assert round_ is not None
    services.confirm_round(round_.answers.get(municipality_id="343021"), by=answered)
    before = len(addresses())
    for day, count in [(9, 0), (10, 1), (11, 0)]:
        with past.on(date(2026, 11, day)):
            assert services.remind_by_calendar(date(2026, 11, day)) == count
    assert addresses()[before:] == [silent.email]
    assert services.remind_silent(round_, by=make_coordinator()) == 1
    assert addresses()[before:] == [silent.email] * 2


def test_a_reminder_by_hand_counts_in_the_last_days_only() -> None:
    early, late = make_editor("342157"), make_editor("343021")
    coordinator = make_coordinator()
    round_ = services.open_round(date(2026, 11, 2))
    assert round_ is not None
    with past.on(date(2026, 11, 4)):
        assert services.remind_silent(round_, by=coordinator) == 2
    services.confirm_round(round_.answers.get(municipality_id="343021"), by=late)
    for day, count in [(date(2026, 11, 10), 1), (date(2026, 11, 11), 0)]:
        with past.on(day):
            assert services.remind_by_calendar(day) == count
    assert addresses()[-1] == early.email
    RoundAnswer.objects.update(answered_at=None, answered_by=None, kind="")
    with past.on(date(2026, 11, 11)):
        assert services.remind_silent(round_, by=coordinator) == 2
        assert services.remind_by_calendar(date(2026, 11, 11)) == 0


def test_a_step_of_the_calendar_that_fails_keeps_no_other_back() -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    ran: list[str] = []
    steps: list[Step] = [("first", fail), ("second", lambda: ran.append("second")), ("last", fail)]
    with pytest.raises(ExceptionGroup) as raised:
        carry_out(steps)
    assert [str(error) for error in raised.value.exceptions] == ["broken", "broken"]
    assert ran == ["second"]


def test_nobody_is_left_to_remind() -> None:
    editor = make_editor()
    round_ = services.open_round(date(2026, 11, 2))
    assert round_ is not None
    services.confirm_round(round_.answers.get(), by=editor)
    with pytest.raises(NotAllowedNowError, match="すべての市町"):
        services.remind_silent(round_, by=make_coordinator())


def make_round_of_now() -> MonthlyRound:
    month = first_of_month(timezone.localdate())
    round_ = MonthlyRound.objects.create(month=month, opens_on=month, cut_off=month)
    for code in ["342157", "343021"]:
        RoundAnswer.objects.create(round=round_, municipality_id=code)
    return round_


def test_a_town_answers_on_its_page() -> None:
    vacancy = make_vacancy("published")
    make_editor("343021")
    round_ = make_round_of_now()
    client = signed_in(vacancy.created_by)
    assert "変わりがないか答える" in client.get("/town/").content.decode()
    page = client.get("/town/round/").content.decode()
    assert vacancy.vacancy_no in page
    client.post("/town/round/", {"round": round_.pk})
    answers = dict(RoundAnswer.objects.values_list("municipality_id", "answered_by"))
    assert answers == {"342157": vacancy.created_by.pk, "343021": None}
    assert "変わりがないか答える" not in client.get("/town/").content.decode()


def test_without_a_round_there_is_nothing_to_answer() -> None:
    client = signed_in(make_editor())
    assert "今、確認することはありません" in client.get("/town/round/").content.decode()
    assert client.post("/town/round/").status_code == 404


def test_the_prefecture_sees_who_is_silent() -> None:
    make_editor("342157"), make_editor("343021")
    round_ = make_round_of_now()
    client = signed_in(make_coordinator())
    url = f"/admin/vacancies/ministryexport/months/{round_.month:%Y-%m}/"
    page = client.get(url).content.decode()
    assert "未回答の2市町" in page
    client.post(url, {"verb": "remind"})
    assert list(round_.answers.values_list("reminders", flat=True)) == [1, 1]


# --- The month's other files --------------------------------------------------------------------
def frozen(**values: str) -> MinistryExport:
    make_vacancy("published", **values)
    return services.freeze_month(timezone.localdate(), by=make_coordinator(), early=True)


def test_the_workbook_holds_text_and_repeats_its_bytes() -> None:
    export = frozen()
    client = signed_in(make_coordinator())
    url = f"/admin/vacancies/ministryexport/{export.pk}/file/xlsx/"
    content = client.get(url).content
    assert content == client.get(url).content
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet.max_row == 2
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n", "inlineStr"}
    assert sheet["E2"].value == "342157"
    assert isinstance(sheet["J2"].value, str)


def test_shift_jis_is_made_only_when_it_holds_everything() -> None:
    client = signed_in(make_coordinator())
    export = frozen()
    answer = client.get(f"/admin/vacancies/ministryexport/{export.pk}/file/cp932/")
    assert "江田島市" in answer.content.decode("cp932")
    services.discard_export(export, by=make_coordinator())
    make_vacancy("published", issues="𠮷野家の前")
    export = services.freeze_month(
        timezone.localdate(), by=make_coordinator(), reason="追加", early=True
    )
    answer = client.get(f"/admin/vacancies/ministryexport/{export.pk}/file/cp932/")
    assert answer.status_code == 422
    assert "𠮷" in answer.content.decode()
    assert "現状・課題" in answer.content.decode()


def test_an_unknown_kind_of_file_does_not_exist() -> None:
    url = f"/admin/vacancies/ministryexport/{frozen().pk}/file/pdf/"
    assert signed_in(make_coordinator()).get(url).status_code == 404


def test_the_covering_letter_counts() -> None:
    export = frozen()
    page = signed_in(make_coordinator()).get(f"/admin/vacancies/ministryexport/{export.pk}/letter/")
    assert "新規1件、変更0件" in page.content.decode()
    assert export.sha256 in page.content.decode()


def test_the_letter_names_the_office_and_how_to_reach_it(settings: Any) -> None:
    """担当課, telephone and mail; nobody's name, and a word to the coordinator while they lack."""
    url = f"/admin/vacancies/ministryexport/{frozen().pk}/letter/"
    client = signed_in(make_coordinator())
    settings.CONTACT = "電話 082-513-0000、joho@pref.example.lg.jp"
    page = " ".join(client.get(url).content.decode().split())
    assert "<dt>電話</dt><dd>082-513-0000</dd>" in page
    assert "<dt>メール</dt><dd>joho@pref.example.lg.jp</dd>" in page
    assert f"<dt>担当課</dt><dd>{settings.PREFECTURE_NAME} {settings.PREFECTURE_OFFICE}" in page
    assert "連絡先がありません" not in page
    settings.CONTACT = ""
    assert "連絡先がありません" in client.get(url).content.decode()


def test_the_letter_speaks_of_a_correction_only_of_what_was_submitted() -> None:
    by = make_coordinator()
    month = first_of_month(timezone.localdate())

    def letter(export: MinistryExport) -> str:
        url = f"/admin/vacancies/ministryexport/{export.pk}/letter/"
        return signed_in(by).get(url).content.decode()

    services.discard_export(frozen(), by=by)
    second = services.freeze_month(month, by=by, reason="数え違い", early=True)
    assert "訂正" not in letter(second)
    second = services.approve_export(
        second, document_number="1", document_date=month, approver="課長", by=by
    )
    services.submit_export(second, by=by)
    third = services.freeze_month(month, by=by, reason="誤記", early=True)
    assert "前に提出した分からの訂正　誤記" in letter(third)
    assert "訂正" not in letter(second)


def test_what_changed_since_a_month() -> None:
    by = make_coordinator()
    kept, ended = make_vacancy("published"), make_vacancy("published")
    month = add_months(first_of_month(timezone.localdate()), -1)
    export = services.freeze_month(month, by=by, early=True)
    export = services.approve_export(
        export, document_number="1", document_date=month, approver="課長", by=by
    )
    export = services.submit_export(export, by=by)
    services.close_vacancy(ended, outcome="filled", by=by)
    page = signed_in(by).get(f"/admin/vacancies/ministryexport/{export.pk}/since/")
    text = page.content.decode()
    assert ended.vacancy_no in text
    assert kept.vacancy_no not in text


def test_the_queue_leads_through_the_month() -> None:
    """From the cut-off on it is the prefecture's turn, step by step."""
    coordinator, day = make_coordinator(), date(2026, 11, 18)
    make_vacancy("published")

    def steps() -> list[str]:
        with past.on(day):
            return [item.action for item in coordinator_queue(coordinator)]

    with past.on(date(2026, 11, 2)):
        services.open_round(date(2026, 11, 2))
        assert [item.action for item in coordinator_queue(coordinator)] == []
    assert steps() == ["確定に進む"]
    with past.on(day):
        export = services.freeze_month(date(2026, 11, 1), by=coordinator, early=True)
    assert steps() == ["記録する"]
    with past.on(day):
        services.approve_export(
            export, document_number="1", document_date=day, approver="課長", by=coordinator
        )
    assert steps() == ["提出に進む"]
    with past.on(day):
        services.submit_export(export, by=coordinator)
    assert steps() == []
