"""What happens to a vacancy beside its first way: changes after publication, copies, another
version of the form, questions from the public."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.vacancies.definition import convert
from municipalities.vacancies.difference import differing
from municipalities.vacancies.errors import EditConflictError, IncompleteError, NotAllowedNowError
from municipalities.vacancies.models import (
    FormVersion,
    RoundAnswer,
    Vacancy,
    VacancyQuestion,
)
from municipalities.vacancies.models.vacancy import joint_codes_of
from municipalities.vacancies.services.agreements import (
    forget_left_out,
    give_back,
    keep_agreements,
    tell_who_left,
)
from municipalities.vacancies.services.answers import note_answer, take_answer_back
from municipalities.vacancies.services.rows import (
    check_read,
    end_change,
    locked,
    read_again,
    refused,
    tell_its_town,
)
from municipalities.vacancies.services.vacancies import keep_revision
from municipalities.vacancies.services.writing import check_complete, create_vacancy
from talentpool.audit import services as audit
from talentpool.users.models import User

# What belongs to one recruiting and is asked anew for a copy.
NOT_COPIED = frozenset(
    {
        "form_version",
        "vacancy_no",
        "lg_code",
        "prefecture_name",
        "municipality_name",
        "updated_on",
        "population",
        "population_date",
        "start_date",
        "end_date",
        "open_date",
        "close_date",
        "publish_until",
    }
)
QUESTIONS_END_BEFORE = timedelta(days=7)  # so that an answer is there in time for an application


@transaction.atomic
def open_change(vacancy: Vacancy, *, by: User) -> Vacancy:
    """Begin to change what is published; the public sees nothing of it until it is approved.

    The change is written in the form in force today; what does not fit it stands in `leftover`.
    Where that form reads otherwise than what is published, it is another text under another
    number, to which nobody has agreed yet. By staff of its municipality. Raises NotAllowedNowError
    unless published without a change.
    """
    row = locked(vacancy, "open_change")
    version = FormVersion.objects.in_force_on(timezone.localdate()) or row.form_version
    row.change_form = version
    leftover: dict[str, str] = {}
    row.changed_values = dict(row.values)
    if version.pk != row.form_version_id:
        row.changed_values, leftover = convert(row.values, version.definition)
        if set(differing(row.values, row.changed_values)) - {"form_version"}:
            row.version += 1
    row.leftover = {**row.leftover, **leftover}
    row.remark = ""
    row.field_remarks = {}
    row.save()
    audit.record("open_vacancy_change", row, by=by)
    return row


@transaction.atomic
def submit_change(vacancy: Vacancy, *, by: User, version: int | None = None) -> Vacancy:
    """Hand the change to the prefecture. By staff of its municipality, who have read `version` (see
    `check_read`); it is their answer of the month.

    Raises NotAllowedNowError without a change in draft, EditConflictError when the text is another
    one, IncompleteError when nothing changed or the values are not complete.
    """
    row = locked(vacancy, "submit_change")
    check_read(row, vacancy, version)
    if not differing(row.values, row.changed_values or {}):
        raise IncompleteError("まだ何も変わっていません。直してから提出してください。")
    check_complete(row)
    row.change_submitted_at = timezone.now()
    row.remark = ""
    row.save()
    with audit.together():  # all rows are locked before the chain
        forget_left_out(row, by=by)
        note_answer(row.municipality_id, RoundAnswer.Kind.CHANGED, by=by)
    event = audit.record("submit_vacancy_change", row, by=by)
    tell_coordinators(
        subject="募集情報の変更が届きました",
        first_line="公表中の募集情報の変更が提出されました。公表するか差し戻してください。",
        path=reverse("admin:vacancies_vacancy_review", args=[row.pk]),
        key=f"vacancy:{event.pk}",
    )
    return row


@transaction.atomic
def publish_change(vacancy: Vacancy, *, by: User, version: int | None = None) -> Vacancy:
    """Put the change in place of what was published and keep a revision. By a coordinator, who has
    read `version` (see `check_read`).

    What the form of the change cannot hold stays in `leftover` until its town has dealt with it.

    Raises NotAllowedNowError without a submitted change, EditConflictError when the text is
    another one, IncompleteError when rules fail.
    """
    row = locked(vacancy, "publish_change")
    check_read(row, vacancy, version)
    check_complete(row)
    before = joint_codes_of(row.values, row.municipality_id)
    row.form_version = row.working_form
    row.write_values(row.changed_values or {})
    end_change(row)
    row.changed_at = timezone.now()
    row.version += 1
    row.remark = ""
    row.field_remarks = {}
    row.save()
    forget_left_out(row, by=by)
    keep_agreements(row)
    keep_revision(row, by)
    event = audit.record("publish_vacancy_change", row, by=by)
    tell_its_town(row, event, "募集情報の変更を公表しました", "提出された変更を県が公表しました。")
    tell_who_left(row, sorted(set(before) - set(row.partner_codes)), event)
    return row


@transaction.atomic
def discard_change(
    vacancy: Vacancy, *, by: User, version: int | None = None, change: str | None = None
) -> Vacancy:
    """Give the change up; what is published stays, and who has agreed to it still does, whatever
    the answer to the change was. By staff of its municipality, whose answer of the month the change
    is no more.

    They have read `version` (see `check_read`) while the change was in the state `change`, the one
    of `vacancy` unless given. Raises EditConflictError when somebody has written it anew or handed
    it to the prefecture since, NotAllowedNowError without a change.
    """
    row = read_again(vacancy)
    if row.change and row.change != (vacancy.change if change is None else change):
        raise EditConflictError(
            f"画面を開いたあとで、変更は「{row.get_change_display()}」になりました。"
            "今の内容を確かめてから、もう一度決めてください。"
        )
    row = locked(vacancy, "discard_change")
    check_read(row, vacancy, version)
    end_change(row)
    row.leftover = {key: text for key, text in row.leftover.items() if row.values.get(key) != text}
    row.version += 1
    row.remark = ""
    row.field_remarks = {}
    row.save()
    with audit.together():  # all rows are locked before the chain
        take_answer_back(row.municipality_id, by=by)
        forget_left_out(row, by=by)
        give_back(row, row.partner_codes, by=by)
        audit.record("discard_vacancy_change", row, by=by)
    return row


@transaction.atomic
def copy_vacancy(vacancy: Vacancy, *, by: User) -> Vacancy:
    """A new draft with the values of an earlier vacancy of the same town, without its dates.

    By staff of its municipality. What the version in force cannot hold stands in `leftover`.
    """
    values = {key: text for key, text in vacancy.values.items() if key not in NOT_COPIED}
    copy = create_vacancy(vacancy.municipality, {}, by=by)
    fits, leftover = convert(values, copy.form_version.definition)
    copy.write_values(copy.values | fits)
    copy.leftover = leftover
    copy.save()
    return copy


@transaction.atomic
def move_to_form(vacancy: Vacancy, version: FormVersion, *, by: User | None) -> Vacancy:
    """Put a draft into another version of the form. By staff of its municipality, or the command
    line.

    What does not fit is kept in `leftover` and shown until it is dealt with by hand. Raises
    NotAllowedNowError outside draft.
    """
    row = read_again(vacancy)
    if row.status != Vacancy.Status.DRAFT:
        raise refused(row)
    fits, leftover = convert(row.values, version.definition)
    row.form_version = version
    row.write_values(fits)
    row.leftover = {**row.leftover, **leftover}
    row.version += 1
    row.save()
    forget_left_out(row, by=by)
    audit.record("move_vacancy_to_form", row, by=by, detail={"form": version.pk})
    return row


@transaction.atomic
def settle_leftover(vacancy: Vacancy, *, by: User) -> Vacancy:
    """Say that what did not fit the form is dealt with, and show it no more. By staff of its
    municipality.

    Raises NotAllowedNowError when there is nothing left, or the vacancy has ended.
    """
    row = read_again(vacancy)
    if not row.leftover or row.status not in Vacancy.OPEN:
        raise NotAllowedNowError("移せなかった値は、もうありません。")
    settled, row.leftover = row.leftover, {}
    row.save(update_fields=["leftover"])
    audit.record("settle_leftover", row, by=by, detail={"fields": sorted(settled)})
    return row


@transaction.atomic
def go_on_recruiting(vacancy: Vacancy, *, by: User) -> Vacancy:
    """Decide that the recruiting goes on though the need that it was made of has ended; the town
    is asked about it no more. By staff of its municipality.

    Raises NotAllowedNowError when the vacancy or its need does not wait for that.
    """
    row = read_again(vacancy)
    if not row.outlives_its_need or row.kept_on_at is not None:
        raise NotAllowedNowError("この募集情報では、続けるかどうかを決めることは、もうありません。")
    row.kept_on_at = timezone.now()
    row.save(update_fields=["kept_on_at"])
    audit.record("go_on_recruiting", row, by=by)
    return row


def questions_until(vacancy: Vacancy) -> date | None:
    """The last day for questions: a week before the last day, or the middle of a recruiting that is
    too short for that; None when there is no last day."""
    last = vacancy.last_day
    if last is None:
        return None
    days = [vacancy.open_date or last]
    if vacancy.published_at is not None:
        days.append(timezone.localdate(vacancy.published_at))
    opens = min(max(days), last)
    middle = opens + (last - opens) // 2
    return max(last - QUESTIONS_END_BEFORE, middle)


def takes_questions(vacancy: Vacancy, day: date) -> bool:
    """Whether the public may ask on `day`."""
    until = questions_until(vacancy)
    return vacancy.is_open_on(day) and (until is None or day <= until)


@transaction.atomic
def ask_question(vacancy: Vacancy, *, text: str) -> VacancyQuestion:
    """Take a question from the public; nothing about the asker is kept.

    It is shown once the town has answered. Raises NotAllowedNowError after the deadline.
    """
    row = read_again(vacancy)
    if not takes_questions(row, timezone.localdate()):
        raise NotAllowedNowError("この募集への質問の受付は終わりました。")
    question = VacancyQuestion.objects.create(vacancy=row, text=text)
    event = audit.record("ask_vacancy_question", question, by=None)
    tell_town(
        row.municipality_id,
        subject="募集情報に質問が届きました",
        first_line="公表中の募集情報に質問が届きました。回答すると、質問と回答が公開されます。",
        path=reverse("town:vacancy_questions", args=[row.vacancy_no]),
        key=f"question:{event.pk}",
    )
    return question


@transaction.atomic
def answer_question(
    question: VacancyQuestion, *, answer: str, hidden: bool, by: User, version: int | None = None
) -> VacancyQuestion:
    """Answer a question, in public unless `hidden` (it names somebody, or is abuse).

    By staff of the vacancy's municipality, who have read `version` (see `check_read`), for its own
    part: what the prefecture keeps back stays so. Words that are replaced stay in the record.
    Raises IncompleteError without words for a public one, EditConflictError when somebody has
    answered it since.
    """
    if not answer.strip() and not hidden:
        raise IncompleteError("回答を入れてください。")
    row = VacancyQuestion.objects.select_for_update(of=("self",)).get(pk=question.pk)
    check_read(row, question, version)
    detail: dict[str, Any] = {"hidden": hidden}
    if row.answer and row.answer != answer.strip():
        detail["replaced"] = row.answer
    row.hidden = hidden
    row.answer = answer.strip()
    row.version += 1
    answered = bool(row.answer)
    row.answered_at = timezone.now() if answered else None
    row.answered_by = by if answered else None
    row.save()
    audit.record("answer_vacancy_question", row, by=by, detail=detail)
    return row


@transaction.atomic
def hide_question(question: VacancyQuestion, *, reason: str, by: User) -> VacancyQuestion:
    """Keep a question and its answer from the public, and say why to the town, whose own decision
    stays as it is. By a coordinator.

    Raises IncompleteError without a reason, NotAllowedNowError when it was hidden so already.
    """
    if not reason.strip():
        raise IncompleteError("公開しない理由を入れてください。")
    row = (
        VacancyQuestion.objects.select_for_update(of=("self",))
        .select_related("vacancy")
        .get(pk=question.pk)
    )
    if row.hidden_reason:
        raise NotAllowedNowError("この質問は、もう公開しないことにしてあります。")
    row.hidden_reason = reason.strip()
    row.save()
    event = audit.record("hide_vacancy_question", row, by=by)
    tell_town(
        row.vacancy.municipality_id,
        subject="募集情報への質問を公開しないことにしました",
        first_line="県が、募集情報への質問を公開しないことにしました。理由を確かめてください。",
        path=reverse("town:vacancy_questions", args=[row.vacancy.vacancy_no]),
        key=f"question:{event.pk}",
    )
    return row


@transaction.atomic
def show_question(question: VacancyQuestion, *, by: User) -> VacancyQuestion:
    """Lift what the prefecture has put on a question: an answered one is public again unless its
    town keeps it back by itself. The town is told which. By a coordinator.

    Raises NotAllowedNowError unless the prefecture has hidden it.
    """
    row = (
        VacancyQuestion.objects.select_for_update(of=("self",))
        .select_related("vacancy")
        .get(pk=question.pk)
    )
    if not row.hidden_reason:
        raise NotAllowedNowError("この質問は、県が公開を止めたものではありません。")
    row.hidden_reason = ""
    row.save()
    event = audit.record("show_vacancy_question", row, by=by, detail={"hidden": row.hidden})
    tell_town(
        row.vacancy.municipality_id,
        subject="募集情報への質問の公開の止めを、県が解きました",
        first_line=f"県が、募集情報への質問を公開しないことにしていたのを解きました。{after_lifting(row)}",
        path=reverse("town:vacancy_questions", args=[row.vacancy.vacancy_no]),
        key=f"question:{event.pk}",
    )
    return row


def after_lifting(question: VacancyQuestion) -> str:
    """What holds once the prefecture keeps a question back no more: a sentence for both sides."""
    if question.hidden and question.answered_at is None:
        return "市町も公開しないことにしているため、市町が戻して回答するまで公開されません。"
    if question.hidden:
        return "市町も公開しないことにしているため、市町が戻すまで公開されません。"
    if question.answered_at is None:
        return "市町が回答すると、公開されます。"
    return "質問と回答は、また公開されています。"
