"""What becomes of a vacancy: submit, publish or return, close, withdraw."""

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_coordinators
from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies.definition import Values
from municipalities.vacancies.difference import differing
from municipalities.vacancies.errors import IncompleteError
from municipalities.vacancies.hooks import run_end_hooks
from municipalities.vacancies.models import RoundAnswer, Vacancy, VacancyRevision
from municipalities.vacancies.services.agreements import (
    forget_left_out,
    keep_agreements,
    tell_partners_of_end,
)
from municipalities.vacancies.services.answers import note_answer, take_answer_back
from municipalities.vacancies.services.rows import (
    check_read,
    locked,
    read_again,
    tell_its_town,
)
from municipalities.vacancies.services.writing import check_complete
from talentpool.audit import services as audit
from talentpool.outbox.services import request_task
from talentpool.users.models import User


@transaction.atomic
def submit_vacancy(vacancy: Vacancy, *, by: User, version: int | None = None) -> Vacancy:
    """Hand the draft to the prefecture. By staff of its municipality, who have read `version` (see
    `check_read`).

    Raises NotAllowedNowError outside draft, EditConflictError when the text is another one,
    IncompleteError with the problems by identifier.
    """
    row = locked(vacancy, "submit")
    check_read(row, vacancy, version)
    check_complete(row)
    row.submitted_at = timezone.now()
    row.remark = ""
    row.save()
    forget_left_out(row, by=by)
    event = audit.record("submit_vacancy", row, by=by)
    tell_coordinators(
        subject="確認する募集情報が届きました",
        first_line="市町から募集情報が提出されました。内容を確かめ、公表するか差し戻してください。",
        path=reverse("admin:vacancies_vacancy_review", args=[row.pk]),
        key=f"vacancy:{event.pk}",
    )
    return row


@transaction.atomic
def publish_vacancy(vacancy: Vacancy, *, by: User, version: int | None = None) -> Vacancy:
    """Publish it: on the public site when 公表可否 allows, and in the next month's batch.

    By a coordinator, who has read `version` (see `check_read`). Raises NotAllowedNowError unless
    submitted, EditConflictError when the text is another one, IncompleteError when the rules no
    longer hold (a new check since it was submitted).
    """
    row = locked(vacancy, "publish")
    check_read(row, vacancy, version)
    check_complete(row)
    row.published_at = timezone.now()
    row.remark = ""
    row.field_remarks = {}
    row.save()
    forget_left_out(row, by=by)
    keep_agreements(row)
    keep_revision(row, by)
    event = audit.record("publish_vacancy", row, by=by)
    tell_its_town(
        row, event, "募集情報を公表しました", "提出された募集情報を県が確認し、公表しました。"
    )
    return row


def keep_revision(row: Vacancy, by: User) -> None:
    """Keep what is published now, and in which fields it differs from before; tell subscribers
    of what is new in public fields.

    While 募集開始日 lies ahead there is nothing to tell yet: `tell_of_opened` does on that day.
    """
    take_part_in_news()
    last = row.revisions.order_by("-number").first()
    changed = differing(last.values, row.values) if last else ()
    number = last.number + 1 if last else 1
    revision = VacancyRevision.objects.create(
        vacancy=row,
        number=number,
        form_version=row.form_version,
        values=row.values,
        changed=list(changed),
        published_at=timezone.now(),
        published_by=by,
    )
    if row.publish_ok and row.is_open_on(timezone.localdate()) and revision.is_news:
        request_news(row.pk, number)


NEWS_LOCK = 0x4E57


def take_part_in_news(*, alone: bool = False) -> None:
    """Publish among others, or, `alone`, see all that was published: what has its time already and
    is not in the database yet is waited for, and nothing is published until the transaction ends.
    """
    lock = (
        "SELECT pg_advisory_xact_lock(%s)" if alone else "SELECT pg_advisory_xact_lock_shared(%s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(lock, [NEWS_LOCK])


def request_news(pk: int, number: int) -> None:
    """Ask for the mails about a revision; a revision that was asked for is not asked again."""
    request_task("vacancies.notify", pk, key=f"notify:{pk}:{number}")


@transaction.atomic
def return_vacancy(
    vacancy: Vacancy,
    *,
    remark: str,
    by: User,
    field_remarks: Values | None = None,
    version: int | None = None,
) -> Vacancy:
    """Send a vacancy, or a change of it, back with what to mend. By a coordinator, who has read
    `version` (see `check_read`).

    `field_remarks` are words on single fields, by identifier. Raises NotAllowedNowError unless
    submitted, EditConflictError when the text is another one, IncompleteError without any remark.
    """
    words = {key: text.strip() for key, text in (field_remarks or {}).items() if text.strip()}
    if not remark.strip() and not words:
        raise IncompleteError("差し戻すときは、直してほしい点を書いてください。")
    row = read_again(vacancy)
    row = locked(vacancy, "return_change" if row.change else "return")
    check_read(row, vacancy, version)
    row.remark = remark.strip()
    row.field_remarks = words
    row.returned_at = timezone.now()
    row.save()
    event = audit.record("return_vacancy", row, by=by)
    tell_its_town(
        row,
        event,
        "募集情報が差し戻されました",
        "県から募集情報が差し戻されました。直してほしい点を確かめて、もう一度提出してください。",
    )
    return row


@transaction.atomic
def close_vacancy(vacancy: Vacancy, *, outcome: str, by: User, note: str = "") -> Vacancy:
    """End the recruiting with its outcome, and why. By staff of its municipality, whose answer of
    the month it is, or a coordinator, of which the municipality is told.

    The bodies that post together are told. The end goes to the ministry once, with the next
    batch. Raises NotAllowedNowError unless published, IncompleteError when it was stopped without
    a reason, ValueError on an unknown outcome.
    """
    if outcome not in Vacancy.Outcome.values:
        raise ValueError(f"unknown outcome: {outcome!r}")
    if outcome == Vacancy.Outcome.STOPPED and not note.strip():
        raise IncompleteError("募集をやめたときは、理由を入れてください。")
    ends_a_change = bool(read_again(vacancy).change)
    by_its_town = municipality_code_of(by) == vacancy.municipality_id
    row = locked(vacancy, "close")
    row.outcome = outcome
    row.closing_note = note.strip()
    row.closed_at = timezone.now()
    row.save()
    with audit.together():  # all rows are locked before the chain
        note_answer(row.municipality_id, RoundAnswer.Kind.CLOSED, by=by)
        if ends_a_change and not by_its_town:
            take_answer_back(row.municipality_id, by=by)
        event = audit.record("close_vacancy", row, by=by, detail={"outcome": outcome})
    tell_partners_of_end(row, event)
    run_end_hooks(row)
    if not by_its_town:
        tell_its_town(
            row,
            event,
            "県が募集を終了しました",
            "公表していた募集情報を、県が終了しました。結果と理由を確かめてください。",
        )
    return row


@transaction.atomic
def withdraw_vacancy(vacancy: Vacancy, *, by: User, note: str = "") -> Vacancy:
    """Take it back, and why. By staff of its municipality; the bodies that were asked to post
    together are told. Raises NotAllowedNowError when it has ended."""
    row = locked(vacancy, "withdraw")
    row.closing_note = note.strip()
    row.closed_at = timezone.now()
    row.save()
    if row.published_at is not None:
        note_answer(row.municipality_id, RoundAnswer.Kind.CLOSED, by=by)
    event = audit.record("withdraw_vacancy", row, by=by)
    tell_partners_of_end(row, event)
    run_end_hooks(row)
    return row
