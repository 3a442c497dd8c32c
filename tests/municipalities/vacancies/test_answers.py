"""A change or an end is the town's answer of the month; what was frozen takes no answer."""

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.errors import NotAllowedNowError
from municipalities.vacancies.models import MinistryExport, MonthlyRound, RoundAnswer, Vacancy
from municipalities.vacancies.queue import coordinator_queue
from talentpool.audit.models import Event
from talentpool.conventions.months import add_months, first_of_month
from talentpool.embedded.sample import past
from talentpool.outbox.models import Message
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


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(code: str = "342157", month: date | None = None) -> RoundAnswer:
    month = month or first_of_month(timezone.localdate())
    round_ = MonthlyRound.objects.create(month=month, opens_on=month, cut_off=month)
    return RoundAnswer.objects.create(round=round_, municipality_id=code)


def answered(answer: RoundAnswer) -> str:
    return RoundAnswer.objects.get(pk=answer.pk).kind


def act(verb: str, vacancy: Vacancy, by: User) -> None:
    if verb == "close":
        services.close_vacancy(vacancy, outcome="filled", by=by)
    elif verb == "withdraw":
        services.withdraw_vacancy(vacancy, by=by)
    else:
        change(vacancy, make_coordinator(), headcount="2")


@pytest.mark.parametrize(
    ("verb", "kind"), [("change", "changed"), ("close", "closed"), ("withdraw", "closed")]
)
def test_what_a_town_does_is_its_answer(verb: str, kind: str) -> None:
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    answer = ask()
    act(verb, vacancy, editor)
    assert answered(answer) == kind
    with pytest.raises(NotAllowedNowError, match="すべての市町"):
        services.remind_silent(answer.round, by=make_coordinator())
    services.confirm_round(answer, by=editor)  # for all the rest
    assert answered(answer) == kind
    assert "回答しました" in signed_in(editor).get("/town/round/").content.decode()


def test_what_the_prefecture_ends_is_no_answer_of_the_town() -> None:
    vacancy = make_vacancy("published")
    answer = ask()
    services.close_vacancy(vacancy, outcome="filled", by=make_coordinator())
    assert answered(answer) == ""


def test_a_draft_that_is_taken_back_is_no_answer() -> None:
    editor = make_editor()
    draft = make_vacancy("draft", by=editor)
    answer = ask()
    services.withdraw_vacancy(draft, by=editor)
    assert answered(answer) == ""


def test_a_frozen_month_takes_no_answer_until_it_is_given_up() -> None:
    editor, by = make_editor(), make_coordinator()
    vacancy = make_vacancy("published", by=editor)
    answer = ask()
    export = services.freeze_month(timezone.localdate(), by=by, early=True)
    with pytest.raises(NotAllowedNowError, match="もう確定しました"):
        services.confirm_round(answer, by=editor)
    client = signed_in(editor)
    page = client.get("/town/round/").content.decode()
    assert "県がもう確定しました" in page
    assert "変わりなし</button>" not in page
    assert "変わりがないか答える" not in client.get("/town/").content.decode()
    assert (
        "もう確定しました"
        in client.post("/town/round/", {"round": answer.round_id}, follow=True).content.decode()
    )
    services.close_vacancy(vacancy, outcome="filled", by=editor)
    assert answered(answer) == ""
    services.discard_export(export, by=by)
    services.confirm_round(answer, by=editor)
    assert answered(answer) == "unchanged"


def test_the_page_asks_for_no_month_that_is_long_past() -> None:
    editor = make_editor()
    old = ask(month=add_months(first_of_month(timezone.localdate()), -2))
    client = signed_in(editor)
    assert "今、確認することはありません" in client.get("/town/round/").content.decode()
    assert client.post("/town/round/").status_code == 404
    assert answered(old) == ""


def test_the_prefecture_reads_what_was_answered() -> None:
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    answer = ask()
    services.close_vacancy(vacancy, outcome="nobody", by=editor)
    url = f"/admin/vacancies/ministryexport/months/{answer.round.month:%Y-%m}/"
    page = signed_in(make_coordinator()).get(url).content.decode()
    assert "江田島市：終了した" in page


# --- The queue over months, and the chain ---------------------------------------------------------
def steps(user: User, day: date) -> list[str]:
    """What the queue says of September."""
    with past.on(day):
        items = coordinator_queue(user)
        return [item.title for item in items if item.title.startswith("9月分")]


def test_a_batch_stays_in_the_queue_when_its_month_is_over() -> None:
    by, month = make_coordinator(), date(2026, 9, 1)
    with past.on(date(2026, 8, 3)):
        make_vacancy("published")
    with past.on(date(2026, 9, 2)):
        services.open_round(date(2026, 9, 2))
    assert steps(by, date(2026, 10, 5)) == ["9月分の募集情報を確定する"]
    with past.on(date(2026, 10, 5)):
        export = services.freeze_month(month, by=by, early=True)
    assert steps(by, date(2026, 12, 5)) == ["9月分の月次提出の決裁を記録する"]
    services.approve_export(
        export, document_number="1", document_date=month, approver="課長", by=by
    )
    assert steps(by, date(2026, 12, 5)) == ["9月分の募集情報を国へ提出する"]
    services.discard_export(export, by=by)
    assert "9月分の募集情報を確定する" not in steps(by, date(2026, 12, 5))


def test_the_months_are_verified_by_command_and_by_night() -> None:
    by = make_coordinator()
    make_vacancy("published")
    month = first_of_month(timezone.localdate())
    export = services.freeze_month(month, by=by, early=True)
    call_command("ministry_export", "--verify", verbosity=0)
    assert services.check_exports() is None
    with connection.cursor() as cursor:  # somebody with the database's keys
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE vacancies_ministryexport DISABLE TRIGGER frozen_export_is_kept")
        cursor.execute("UPDATE vacancies_ministryexport SET rows = '[]'")
        cursor.execute("ALTER TABLE vacancies_ministryexport ENABLE TRIGGER frozen_export_is_kept")
    with pytest.raises(CommandError, match=f"{month:%Y-%m} version 1"):
        call_command("ministry_export", "--verify", verbosity=0)
    for _ in range(2):
        assert services.check_exports() == export
    mails = Message.objects.filter(kind="mail", key__startswith="exports:")
    assert [mail.payload["to"] for mail in mails].count(by.email) == 1
    assert MinistryExport.objects.get().rows == []


def test_a_month_without_a_place_to_write_to_is_refused() -> None:
    with pytest.raises(CommandError, match="--verify"):
        call_command("ministry_export", "2026-11", verbosity=0)


def test_an_end_outlasts_a_change_that_is_given_up() -> None:
    """The town has answered: it ended one of its vacancies, whatever became of the change of
    another one."""
    editor = make_editor()
    ended, other = (make_vacancy("published", by=editor) for _ in range(2))
    answer = ask()
    act("close", ended, editor)
    other = services.open_change(other, by=editor)
    other, _ = services.save_values(
        other, {"headcount": "7"}, identifiers=["headcount"], version=other.version, by=editor
    )
    other = services.submit_change(other, by=editor)
    services.discard_change(other, by=editor)
    assert answered(answer) == "closed"


def submitted_change(vacancy: Vacancy, by: User) -> Vacancy:
    row = services.open_change(vacancy, by=by)
    row, _ = services.save_values(
        row, {"headcount": "7"}, identifiers=["headcount"], version=row.version, by=by
    )
    return services.submit_change(row, by=by)


@pytest.mark.parametrize("way", ["discard", "recall and discard", "return and discard"])
def test_a_change_that_is_given_up_leaves_what_was_confirmed(way: str) -> None:
    """変更なし stands again, with its time and person, because what is published is as it was; not
    while the town writes on at a change that it recalled. A town that never said so is asked
    again."""
    editor, colleague = make_editor(), make_editor()
    vacancy = make_vacancy("published", by=editor)
    answer = services.confirm_round(ask(), by=colleague)
    confirmed = (answer.answered_at, answer.answered_by)
    vacancy = submitted_change(vacancy, editor)
    assert answered(answer) == "changed"
    if way == "return and discard":
        vacancy = services.return_vacancy(vacancy, remark="確かめて", by=make_coordinator())
        assert answered(answer) == "changed"
    if way == "recall and discard":
        vacancy = services.recall_vacancy(vacancy, by=editor)
        assert answered(answer) == ""
        vacancy = services.submit_change(vacancy, by=editor)
        assert answered(answer) == "changed"
        vacancy = services.recall_vacancy(vacancy, by=editor)
        assert answered(answer) == ""
    services.discard_change(vacancy, by=editor)
    answer.refresh_from_db()
    assert (answer.kind, answer.answered_at, answer.answered_by) == ("unchanged", *confirmed)
    assert answer.confirmed_at is None


def test_what_is_confirmed_beside_a_change_outlasts_it() -> None:
    """ほかに変わりなし, said after the change was handed in; also instead of an earlier word."""
    editor, colleague = make_editor(), make_editor()
    vacancy = make_vacancy("published", by=editor)
    services.confirm_round(ask(), by=editor)
    vacancy = submitted_change(vacancy, editor)
    answer = services.confirm_round(RoundAnswer.objects.get(), by=colleague)
    assert (answer.kind, answer.confirmed_by) == ("changed", colleague)
    services.discard_change(vacancy, by=editor)
    stands = RoundAnswer.objects.get()
    assert (stands.kind, stands.answered_by) == ("unchanged", colleague)
    assert stands.answered_at == answer.answered_at


def test_who_confirms_while_a_recalled_change_is_written_has_answered() -> None:
    editor = make_editor()
    vacancy = submitted_change(make_vacancy("published", by=editor), editor)
    answer = services.confirm_round(ask(), by=editor)
    vacancy = services.submit_change(services.recall_vacancy(vacancy, by=editor), by=editor)
    services.recall_vacancy(vacancy, by=editor)
    answer = services.confirm_round(RoundAnswer.objects.get(pk=answer.pk), by=editor)
    assert (answer.kind, answer.confirmed_at) == ("unchanged", None)


def test_a_change_that_was_published_is_not_taken_back_by_another() -> None:
    editor = make_editor()
    first, second = (make_vacancy("published", by=editor) for _ in range(2))
    answer = services.confirm_round(ask(), by=editor)
    change(first, make_coordinator(), headcount="2")
    second = services.open_change(second, by=editor)
    services.discard_change(second, by=editor)
    assert answered(answer) == "changed"


def test_the_record_says_what_the_answer_is() -> None:
    """A change after an end leaves the answer an end, in the row as in the record."""
    editor = make_editor()
    ended, other = (make_vacancy("published", by=editor) for _ in range(2))
    answer = ask()
    act("close", ended, editor)
    act("change", other, editor)
    assert answered(answer) == "closed"
    events = Event.objects.filter(action="answer_round").order_by("pk")
    assert [event.detail["kind"] for event in events] == ["closed", "closed"]


def given_up(vacancy: Vacancy, by: User) -> None:
    services.discard_change(submitted_change(vacancy, by), by=by)


def taken_back() -> int:
    return Event.objects.filter(action="take_back_answer").count()


@pytest.mark.parametrize("months_ago", [0, 1])
def test_what_is_confirmed_over_a_recalled_change_stands(months_ago: int) -> None:
    """A change recalled before 変更なし was said keeps nothing open, however long it is written on
    at; also one of a month before."""
    editor = make_editor()
    first, second = (make_vacancy("published", by=editor) for _ in range(2))
    with past.on(add_months(first_of_month(timezone.localdate()), -months_ago)):
        services.recall_vacancy(submitted_change(first, editor), by=editor)
    answer = services.confirm_round(ask(), by=editor)
    given_up(second, editor)
    stands = RoundAnswer.objects.get()
    assert (stands.kind, stands.answered_at) == ("unchanged", answer.answered_at)


def test_a_change_recalled_since_the_confirmation_leaves_the_question_open() -> None:
    """Said beside the change while it waited, so not over its draft."""
    editor = make_editor()
    first, second = (make_vacancy("published", by=editor) for _ in range(2))
    answer = ask()
    first = submitted_change(first, editor)
    services.confirm_round(answer, by=editor)
    first = services.recall_vacancy(first, by=editor)
    given_up(second, editor)
    assert answered(answer) == ""
    services.discard_change(first, by=editor)
    assert answered(answer) == "unchanged"


@pytest.mark.parametrize("recalled", [True, False])
def test_what_was_confirmed_outlasts_a_change_that_ends_with_its_vacancy(recalled: bool) -> None:
    """The prefecture ends the vacancy, and the change that was on its way goes with it."""
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    answer = services.confirm_round(ask(), by=editor)
    vacancy = submitted_change(vacancy, editor)
    if recalled:
        vacancy = services.recall_vacancy(vacancy, by=editor)
    services.close_vacancy(vacancy, outcome="filled", by=make_coordinator())
    stands = RoundAnswer.objects.get()
    assert (stands.kind, stands.answered_at) == ("unchanged", answer.answered_at)
    assert stands.confirmed_at is None


def test_only_what_is_taken_back_is_recorded() -> None:
    """A second recalled change finds the question open already."""
    editor = make_editor()
    first, second = (make_vacancy("published", by=editor) for _ in range(2))
    services.confirm_round(ask(), by=editor)
    first, second = submitted_change(first, editor), submitted_change(second, editor)
    services.recall_vacancy(first, by=editor)
    assert taken_back() == 0  # the second one waits
    second = services.recall_vacancy(second, by=editor)
    assert taken_back() == 1
    services.discard_change(second, by=editor)
    assert taken_back() == 1  # the first one is still written on at
