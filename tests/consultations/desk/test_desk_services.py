"""What the desk's verbs leave behind: dates, people, mail, record; the same form sent twice."""

import json
import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from consultations.desk import services
from consultations.desk.errors import Refused
from consultations.desk.models import Consultation, Message
from talentpool.audit.models import Event
from talentpool.outbox.models import Message as Mail
from tests.consultations.objects import (
    make_auditor,
    make_consultation,
    make_coordinator,
    make_editor,
    make_town,
    unsaved,
)

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """A day that the test can move: [day]."""
    days = [TUESDAY]

    def now() -> datetime:
        return datetime(days[0].year, days[0].month, days[0].day, 10, tzinfo=ZoneInfo("Asia/Tokyo"))

    monkeypatch.setattr(timezone, "now", now)
    return days


def test_a_question_without_a_day_is_due_in_ten_business_days(today: list[date]) -> None:
    made = make_consultation()
    assert made.answer_due == date(2026, 12, 8)
    assert (made.fiscal_year, made.number) == (2026, 1)
    assert str(made) == "令和8年度 第1号 庁内ネットワーク更改の見積"


def test_a_question_with_a_day_is_due_on_that_day(today: list[date]) -> None:
    assert make_consultation(wanted_by=TUESDAY).answer_due == TUESDAY
    with pytest.raises(Refused):
        make_consultation(wanted_by=date(2026, 11, 23))


def test_numbers_begin_anew_each_fiscal_year(today: list[date]) -> None:
    town = make_editor()
    today[0] = date(2027, 3, 31)
    first, second = make_consultation(by=town), make_consultation(by=town)
    today[0] = date(2027, 4, 1)
    third = make_consultation(by=town)
    numbers = [(c.fiscal_year, c.number) for c in (first, second, third)]
    assert numbers == [(2026, 1), (2026, 2), (2027, 1)]


def test_what_the_form_may_not_set_is_set_anew() -> None:
    """A-16: a question that came with a foreign town, a number and a state carries none of it."""
    editor = make_editor()
    carried = unsaved(
        municipality=make_town("343021"),
        number=999,
        fiscal_year=1999,
        status="closed",
        closed_at=timezone.now(),
        assignee=editor,
    )
    made = services.ask(carried, by=editor)
    made.refresh_from_db()
    assert (made.municipality_id, made.number, made.status) == ("342157", 1, "asked")
    assert made.fiscal_year >= 2026
    assert (made.assignee, made.closed_at) == (None, None)


def test_who_answers_an_unassigned_question_has_it() -> None:
    coordinator = make_coordinator()
    made = make_consultation()
    services.answer(made.pk, body="回答", request_key=uuid.uuid4(), by=coordinator)
    made.refresh_from_db()
    assert made.assignee == coordinator
    other = make_coordinator("県見 次郎")
    services.answer(made.pk, body="補足", request_key=uuid.uuid4(), by=other)
    made.refresh_from_db()
    assert made.assignee == coordinator


def test_only_a_coordinator_can_be_made_to_answer() -> None:
    coordinator, town = make_coordinator(), make_editor()
    made = make_consultation(by=town)
    for wrong in [town, make_auditor()]:
        with pytest.raises(Refused, match="コーディネーター"):
            services.assign(made.pk, assignee=wrong, by=coordinator)
    made.refresh_from_db()
    assert (made.status, made.assignee) == ("asked", None)


def test_the_time_of_the_first_answer_stays(today: list[date]) -> None:
    town, coordinator = make_editor(), make_coordinator()
    made = make_consultation("answered", by=town, coordinator=coordinator)
    first = made.answered_at
    today[0] = date(2026, 12, 1)
    services.add_message(made.pk, body="続き", request_key=uuid.uuid4(), by=town)
    services.answer(made.pk, body="補足", request_key=uuid.uuid4(), by=coordinator)
    made.refresh_from_db()
    assert made.answered_at == first


def test_a_follow_up_gives_the_prefecture_five_business_days(today: list[date]) -> None:
    town = make_editor()
    made = make_consultation("answered", by=town)
    today[0] = date(2026, 12, 10)
    services.add_message(made.pk, body="続き", request_key=uuid.uuid4(), by=town)
    made.refresh_from_db()
    assert made.answer_due == date(2026, 12, 17)


def test_writing_more_while_the_prefecture_is_due_does_not_move_the_day(today: list[date]) -> None:
    town = make_editor()
    made = make_consultation(by=town, wanted_by=date(2026, 11, 25))
    services.add_message(made.pk, body="続き", request_key=uuid.uuid4(), by=town)
    made.refresh_from_db()
    assert made.answer_due == date(2026, 11, 25)


def test_waited_days_are_business_days(today: list[date]) -> None:
    made = make_consultation()
    assert made.waited_business_days(TUESDAY) == 0
    assert made.waited_business_days(date(2026, 11, 30)) == 4


def test_texts_keep_every_character_and_lose_only_blanks_around() -> None:
    """C-09: nothing is normalised; the line ends of a browser become LF."""
    made = make_consultation(title=" 髙﨑①の件 ", question="𠮷野\r\n㈱の見積\r\n")
    assert (made.title, made.question) == ("髙﨑①の件", "𠮷野\n㈱の見積")


def test_an_empty_text_is_refused() -> None:
    town = make_editor()
    made = make_consultation(by=town)
    with pytest.raises(Refused, match="本文"):
        services.add_message(made.pk, body=" \r\n　", request_key=uuid.uuid4(), by=town)


class TestSentTwice:
    """A-25: one effect, and a changed text under a used key is never swallowed."""

    def test_the_same_question_is_one_consultation(self) -> None:
        town, key = make_editor(), uuid.uuid4()
        first = services.ask(unsaved(request_key=key), by=town)
        again = services.ask(unsaved(request_key=key), by=town)
        assert again.pk == first.pk
        assert Consultation.objects.count() == 1

    def test_another_question_under_a_used_key_is_refused(self) -> None:
        town, key = make_editor(), uuid.uuid4()
        services.ask(unsaved(request_key=key), by=town)
        with pytest.raises(Refused, match="すでに送られています"):
            services.ask(unsaved(request_key=key, title="ほかの件"), by=town)

    def test_a_foreign_key_tells_nothing(self) -> None:
        key = uuid.uuid4()
        services.ask(unsaved(request_key=key), by=make_editor())
        with pytest.raises(Refused):
            services.ask(unsaved(request_key=key), by=make_editor("343021"))

    def test_the_same_message_is_written_once(self) -> None:
        town, key = make_editor(), uuid.uuid4()
        made = make_consultation("answered", by=town)
        first = services.add_message(made.pk, body="続き", request_key=key, by=town)
        assert services.add_message(made.pk, body="続き", request_key=key, by=town) == first
        assert made.messages.filter(kind=Message.Kind.TOWN).count() == 1
        with pytest.raises(Refused, match="すでに送られています"):
            services.add_message(made.pk, body="ちがう", request_key=key, by=town)


class TestMail:
    """B-13, C-19: one recipient each, what to do and a link, none of the content."""

    def sent_to(self, start: str) -> set[str]:
        mails = Mail.objects.filter(key__startswith=start)
        return {mail.payload["to"] for mail in mails}

    def test_who_is_told_what(self) -> None:
        town, colleague = make_editor(), make_editor()
        coordinator, other, _ = make_coordinator(), make_coordinator("県見 次郎"), make_auditor()
        make_editor("343021")
        made = make_consultation(by=town)
        key = f"consultation:{made.pk}"
        assert self.sent_to(f"{key}:asked") == {coordinator.email, other.email}
        services.assign(made.pk, assignee=coordinator, by=other)
        assert self.sent_to(f"{key}:assigned") == {coordinator.email}
        answer = services.answer(made.pk, body="回答", request_key=uuid.uuid4(), by=coordinator)
        assert self.sent_to(f"{key}:message:{answer.pk}") == {town.email, colleague.email}
        more = services.add_message(made.pk, body="続き", request_key=uuid.uuid4(), by=town)
        assert self.sent_to(f"{key}:message:{more.pk}") == {coordinator.email}

    def test_mail_holds_nothing_of_the_consultation(self) -> None:
        town, coordinator = make_editor(name="秘野 名子"), make_coordinator("秘見 次郎")
        made = make_consultation("answered", by=town, title="秘の件名", question="秘の本文")
        services.assign(made.pk, assignee=coordinator, by=make_coordinator())
        services.add_message(made.pk, body="秘の続き", request_key=uuid.uuid4(), by=town)
        mails = Mail.objects.filter(kind=Mail.Kind.MAIL)
        assert mails.count() == 4
        for mail in mails:
            text = json.dumps(mail.payload, ensure_ascii=False)
            assert "秘" not in text
            assert "江田島" not in text
            assert len(mail.payload["subject"]) <= 30
            assert f"/{made.pk}/" in mail.payload["body"]
            assert settings.SITE_URL in mail.payload["body"]

    def test_people_who_have_left_are_not_told(self) -> None:
        gone = make_coordinator()
        gone.memberships.update(until=timezone.localdate())
        closed = make_coordinator("県見 次郎")
        closed.is_active = False
        closed.save()
        make_consultation()
        assert not Mail.objects.filter(kind=Mail.Kind.MAIL).exists()


def test_the_record_holds_numbers_only() -> None:
    """B-16: no words of the consultation in the audit chain."""
    make_consultation("closed", title="秘の件名", question="秘の本文", answer="秘の回答")
    actions = list(
        Event.objects.filter(object_type="desk.Consultation")
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert actions == [
        "ask_consultation",
        "assign_consultation",
        "answer_consultation",
        "close_consultation",
    ]
    for event in Event.objects.all():
        assert "秘" not in json.dumps(event.detail, ensure_ascii=False)
