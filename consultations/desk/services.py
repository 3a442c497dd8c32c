"""The verbs of the consultation desk.

Each locks its consultation, reads it again, decides by `Consultation.TRANSITIONS`, saves, records
and tells the other side. All raise Refused, whose Japanese message the page shows.
"""

from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from consultations.desk.errors import Refused
from consultations.desk.models import (
    PREFECTURE_ACTIONS,
    TOWN_ACTIONS,
    Action,
    Consultation,
    Message,
)
from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.registry.querysets import is_coordinator, municipality_code_of
from talentpool.audit import services as audit
from talentpool.conventions.business_days import add_business_days
from talentpool.conventions.era import fiscal_year
from talentpool.conventions.folding import tidy_text
from talentpool.users.models import User

ANSWER_WITHIN_BUSINESS_DAYS = 10  # where the town names no day of its own
FOLLOW_UP_WITHIN_BUSINESS_DAYS = 5  # after the town has written again
NUMBER_LOCK = 0x50D0


@transaction.atomic
def ask(consultation: Consultation, *, by: User) -> Consultation:
    """Send a new question to the desk; by staff of a municipality.

    `consultation` comes unsaved from the form with topic, stage, title, question, wanted_by,
    secrecy and request_key; municipality, number and dates are set here, whatever it carries.
    The same form sent twice returns the first consultation. Raises Refused.
    """
    code = municipality_code_of(by)
    if code is None:
        raise Refused("相談を出せるのは市町の職員です。")
    today = timezone.localdate()
    year = fiscal_year(today)
    number = _next_number(year)
    earlier = Consultation.objects.filter(request_key=consultation.request_key).first()
    if earlier is not None:
        return _same_or_refuse(earlier, consultation, by)
    consultation.pk = None
    consultation.municipality_id = code
    consultation.fiscal_year = year
    consultation.number = number
    consultation.title = tidy_text(consultation.title)
    consultation.question = tidy_text(consultation.question)
    if consultation.wanted_by is not None and consultation.wanted_by < today:
        raise Refused("回答がほしい日は、今日以降の日にしてください。")
    consultation.answer_due = consultation.wanted_by or add_business_days(
        today, ANSWER_WITHIN_BUSINESS_DAYS
    )
    consultation.status = Consultation.Status.ASKED
    consultation.turn = Consultation.Turn.PREFECTURE
    consultation.assignee = None
    consultation.asked_by = by
    consultation.asked_at = timezone.now()
    consultation.answered_at = consultation.closed_at = None
    consultation.save(force_insert=True)
    tell_coordinators(
        subject="新しい相談が届きました",
        first_line=f"{_day(consultation.answer_due)}までに、市町からの相談に回答してください。",
        path=_desk_path(consultation),
        key=f"consultation:{consultation.pk}:asked",
    )
    audit.record(
        "ask_consultation",
        consultation,
        by=by,
        detail={"municipality": code, "topic": consultation.topic_id},
    )
    return consultation


def _next_number(year: int) -> int:
    """The next free number of a fiscal year; numbers are taken one at a time, without gaps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBER_LOCK, year])
    last: int | None = Consultation.objects.filter(fiscal_year=year).aggregate(last=Max("number"))[
        "last"
    ]
    return (last or 0) + 1


def _same_or_refuse(earlier: Consultation, sent: Consultation, by: User) -> Consultation:
    same = (
        earlier.asked_by_id == by.pk
        and earlier.title == tidy_text(sent.title)
        and earlier.question == tidy_text(sent.question)
    )
    if not same:
        raise Refused(
            "この画面の内容はすでに送られています。続きは、送った相談の画面から書き足してください。"
        )
    return earlier


@transaction.atomic
def assign(consultation_id: int, *, assignee: User, by: User) -> Consultation:
    """Make `assignee` answer for the prefecture; by a coordinator, who may take it over so.

    Raises Refused, also when `assignee` is no coordinator.
    """
    consultation = _lock(consultation_id)
    _move(consultation, Action.ASSIGN, by)
    if not is_coordinator(assignee):
        raise Refused("担当者は、県のコーディネーターから選んでください。")
    consultation.assignee = assignee
    consultation.save(update_fields=["status", "assignee"])
    if assignee.pk != by.pk:
        tell_coordinators(
            subject="相談の担当になりました",
            first_line=f"{_day(consultation.answer_due)}までに、市町からの相談に回答してください。",
            path=_desk_path(consultation),
            key=f"consultation:{consultation.pk}:assigned:{timezone.now().isoformat()}",
            only=assignee.pk,
        )
    audit.record("assign_consultation", consultation, by=by, detail={"assignee": assignee.pk})
    return consultation


def ask_back(consultation_id: int, *, body: str, request_key: UUID, by: User) -> Message:
    """Ask the town something before answering; by a coordinator. Raises Refused."""
    return _write(consultation_id, Action.ASK_BACK, body, request_key, by)


def answer(consultation_id: int, *, body: str, request_key: UUID, by: User) -> Message:
    """Answer, or add to an answer given; by a coordinator, who becomes the assignee of a question
    that nobody had. Raises Refused."""
    return _write(consultation_id, Action.ANSWER, body, request_key, by)


def add_message(consultation_id: int, *, body: str, request_key: UUID, by: User) -> Message:
    """Write more; by the asking town. After an answer the question is open again.
    Raises Refused."""
    return _write(consultation_id, Action.ADD, body, request_key, by)


_KIND = {
    Action.ASK_BACK: Message.Kind.ASK_BACK,
    Action.ANSWER: Message.Kind.ANSWER,
    Action.ADD: Message.Kind.TOWN,
}


@transaction.atomic
def _write(consultation_id: int, action: Action, body: str, request_key: UUID, by: User) -> Message:
    """Add a message and move the consultation on; the same form sent twice is one message."""
    body = tidy_text(body)
    if not body:
        raise Refused("本文を入れてください。")
    consultation = _lock(consultation_id)
    earlier: Message | None = Message.objects.filter(request_key=request_key).first()
    if earlier is not None:
        if (earlier.consultation_id, earlier.author_id, earlier.body) != (
            consultation_id,
            by.pk,
            body,
        ):
            raise Refused("この画面の内容はすでに送られています。画面を開き直してください。")
        return earlier
    _move(consultation, action, by)
    now, today = timezone.now(), timezone.localdate()
    message: Message = Message.objects.create(
        consultation=consultation,
        kind=_KIND[action],
        author=by,
        body=body,
        at=now,
        request_key=request_key,
    )
    if action == Action.ADD:
        if consultation.turn == Consultation.Turn.TOWN:
            consultation.answer_due = max(
                consultation.answer_due, add_business_days(today, FOLLOW_UP_WITHIN_BUSINESS_DAYS)
            )
        consultation.turn = Consultation.Turn.PREFECTURE
    else:
        consultation.turn = Consultation.Turn.TOWN
        if consultation.assignee is None or not is_coordinator(consultation.assignee):
            consultation.assignee = by  # nobody's, or of somebody who has left
        if action == Action.ANSWER:
            consultation.answered_at = consultation.answered_at or now
    consultation.save(update_fields=["status", "turn", "answer_due", "assignee", "answered_at"])
    _tell_other_side(consultation, message)
    audit.record(
        f"{action.value}_consultation", consultation, by=by, detail={"message": message.pk}
    )
    return message


@transaction.atomic
def close(consultation_id: int, *, by: User) -> Consultation:
    """End a consultation: solved, or taken back where there is no answer yet; by the asking town.
    Raises Refused."""
    consultation = _lock(consultation_id)
    _move(consultation, Action.CLOSE, by)
    consultation.turn = ""
    consultation.closed_at = timezone.now()
    consultation.save(update_fields=["status", "turn", "closed_at"])
    answered = consultation.answered_at is not None
    tell_coordinators(
        subject="相談が終わりました" if answered else "相談が取り下げられました",
        first_line="市町が相談を終えました。することはありません。"
        if answered
        else "市町が、回答の前に相談を取り下げました。回答は要りません。",
        path=_desk_path(consultation),
        key=f"consultation:{consultation.pk}:closed",
        only=consultation.assignee_id,
    )
    audit.record(
        "close_consultation",
        consultation,
        by=by,
        detail={"answered": answered},
    )
    return consultation


@transaction.atomic
def set_secrecy(consultation_id: int, *, secrecy: str, by: User) -> Consultation:
    """Change whether the answer may be shared; by the asking town, at any time. What has been
    shared already is taken back by its own verb. The same again changes nothing. Raises Refused.
    """
    consultation = _lock(consultation_id)
    if municipality_code_of(by) != consultation.municipality_id:
        raise Refused("この操作ができるのは、相談した市町の職員です。")
    if secrecy not in Consultation.Secrecy.values:
        raise Refused("共有の範囲を選んでください。")
    if consultation.secrecy == secrecy:
        return consultation
    consultation.secrecy = secrecy
    consultation.save(update_fields=["secrecy"])
    event = audit.record("set_secrecy", consultation, by=by, detail={"secrecy": secrecy})
    tell_coordinators(
        subject="相談の共有の範囲が変わりました",
        first_line="市町が、回答をほかの市町と共有してよいかを変えました。内容を確かめてください。",
        path=_desk_path(consultation),
        key=f"consultation:{consultation.pk}:secrecy:{event.pk}",
        only=consultation.assignee_id,
    )
    return consultation


def _lock(consultation_id: int) -> Consultation:
    consultation: Consultation = Consultation.objects.select_for_update(of=("self",)).get(
        pk=consultation_id
    )
    return consultation


def _move(consultation: Consultation, action: Action, by: User) -> None:
    """Check who acts and whether the state allows it, and set the next state (unsaved).

    Raises Refused.
    """
    if action in TOWN_ACTIONS and municipality_code_of(by) != consultation.municipality_id:
        raise Refused("この操作ができるのは、相談した市町の職員です。")
    if action in PREFECTURE_ACTIONS and not is_coordinator(by):
        raise Refused("この操作ができるのは、県のコーディネーターです。")
    if not consultation.allows(action):
        raise Refused(
            f"この相談は「{consultation.status_label}」のため、{action.label}ことができません。"
        )
    consultation.status = Consultation.TRANSITIONS[action][consultation.status]


def _tell_other_side(consultation: Consultation, message: Message) -> None:
    key = f"consultation:{consultation.pk}:message:{message.pk}"
    if message.kind == Message.Kind.TOWN:
        tell_coordinators(
            subject="相談に続きが届きました",
            first_line=f"{_day(consultation.answer_due)}までに、市町からの続きに回答してください。",
            path=_desk_path(consultation),
            key=key,
            only=consultation.assignee_id,
        )
        return
    answered = message.kind == Message.Kind.ANSWER
    tell_town(
        consultation.municipality_id,
        subject="相談に回答が届きました" if answered else "相談に確認の質問が届きました",
        first_line="県からの回答を読んでください。"
        if answered
        else "県からの質問に答えてください。答えるまで、県の回答は止まっています。",
        path=f"/town/consultations/{consultation.pk}/",
        key=key,
    )


def _desk_path(consultation: Consultation) -> str:
    return f"/admin/desk/consultation/{consultation.pk}/change/"


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
