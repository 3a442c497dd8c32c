"""Joint posting: ask the towns that are to post together, and take their answers."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Membership
from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.vacancies.errors import (
    EditConflictError,
    IncompleteError,
    NotAllowedNowError,
)
from municipalities.vacancies.models import JointTown, Vacancy
from municipalities.vacancies.services.agreements import (
    agreed,
    forget_left_out,
    joint_answers,
)
from municipalities.vacancies.services.rows import read_again, refused, tell_its_town
from municipalities.vacancies.services.writing import problems_of
from talentpool.audit import services as audit
from talentpool.audit.models import Event
from talentpool.users.models import User

Status = JointTown.Status


def answers_by_itself(code: str) -> bool:
    """Whether the body has accounts here; a body of another prefecture answers on paper."""
    return Membership.objects.filter(municipality_id=code, until__isnull=True).exists()


@transaction.atomic
def ask_partners(vacancy: Vacancy, *, by: User) -> int:
    """Ask the bodies of a joint vacancy whether they agree to what stands there now.

    By staff of the town that writes it; returns how many are asked. Who has agreed to this very
    text is not asked again; who was taken out of the vacancy is forgotten. What an answer that is
    asked for anew had remarked stays in the record. Raises
    NotAllowedNowError when it is not being written, IncompleteError when it is not complete, not
    joint, or names a body that the registry does not know.
    """
    row = read_again(vacancy)
    if not row.is_writable:
        raise refused(row)
    problems = problems_of(row)
    if problems:
        raise IncompleteError(
            f"同意を求める前に、直すところが{len(problems)}か所あります。", problems
        )
    answers = joint_answers(row)
    unknown = set(row.partner_codes) - {town.code for town, _ in answers}
    if not answers or unknown:
        words = "、".join(sorted(unknown))
        raise IncompleteError(
            f"登録のない団体コードがあります：{words}" if unknown else "共同の募集ではありません。"
        )
    forget_left_out(row, by=by)
    asked = [town for town, answer in answers if not agreed(row, answer)]
    replaced = {
        answer.municipality_id: answer.remark
        for _, answer in answers
        if answer is not None and answer.remark and not agreed(row, answer)
    }
    for town in asked:
        JointTown.objects.update_or_create(
            vacancy=row,
            municipality=town,
            defaults={
                "status": Status.ASKED,
                "asked_at": timezone.now(),
                "agreed_version": None,
                "remark": "",
                "document_number": "",
                "answered_at": None,
                "answered_by": None,
            },
        )
    detail = {"towns": len(asked), "replaced": replaced}
    event = audit.record("ask_joint_towns", row, by=by, detail=detail)
    for town in asked:
        tell_town(
            town.code,
            subject="共同の募集への同意のお願い",
            first_line="ほかの市町から、募集情報を共同で出すことへの同意を求められています。"
            "内容を確かめて、お答えください。",
            path=reverse("town:joint_detail", args=[row.vacancy_no]),
            key=f"joint:{event.pk}:{town.code}",
        )
    return len(asked)


def _answerable(answer: JointTown) -> tuple[JointTown, Vacancy]:
    """The answer's row and its vacancy, locked in this order: vacancy first, as in all verbs."""
    vacancy = read_again(answer.vacancy)
    row = JointTown.objects.select_for_update(of=("self",)).filter(pk=answer.pk).first()
    if row is None or row.municipality_id not in vacancy.partner_codes:
        raise NotAllowedNowError("この募集情報の共同の団体から外れています。")
    if vacancy.status not in Vacancy.OPEN:
        raise refused(vacancy)
    return row, vacancy


@transaction.atomic
def agree_to_join(
    answer: JointTown, *, version: int, by: User, document_number: str = "", remark: str = ""
) -> JointTown:
    """Agree to post this text together, with words for the writing town if there is something to
    say. By staff of the body; for a body without accounts here the writing town records its paper
    with `document_number`.

    Raises NotAllowedNowError when it has ended or the body is no longer in it, EditConflictError
    when the text is not the `version` that was read, IncompleteError for a paper without number.
    """
    row, vacancy = _answerable(answer)
    if vacancy.version != version:
        raise EditConflictError(
            "内容が変わりました。今の内容を読み直してから、もう一度お答えください。"
        )
    if not answers_by_itself(row.municipality_id) and not document_number.strip():
        raise IncompleteError("相手の団体の回答の文書番号を入れてください。")
    row.status = Status.AGREED
    row.agreed_version = version
    replaced, row.remark = row.remark, remark.strip()
    row.document_number = document_number.strip()
    row.answered_at = timezone.now()
    if _is_about_what_is_published(vacancy):
        row.held_at, row.held_by, row.held_document = row.answered_at, by, row.document_number
        row.held_remark = row.remark
    _answered(row, vacancy, by, "agree_to_join", "共同の募集に同意がありました", replaced)
    return row


@transaction.atomic
def decline_to_join(answer: JointTown, *, remark: str, by: User) -> JointTown:
    """Refuse to post together, or take the agreement back while it is open. By staff of the body.

    What is published stays until the writing town changes it; the prefecture is told when the
    agreement to that is taken back. Raises NotAllowedNowError when it
    has ended, IncompleteError without a remark.
    """
    if not remark.strip():
        raise IncompleteError("同意しないときは、理由か直してほしい点を入れてください。")
    row, vacancy = _answerable(answer)
    row.status = Status.DECLINED
    row.agreed_version = None
    replaced, row.remark = row.remark, remark.strip()
    row.document_number = ""
    row.answered_at = timezone.now()
    if _is_about_what_is_published(vacancy):
        row.held_at, row.held_by, row.held_document, row.held_remark = None, None, "", ""
    subject = "共同の募集に同意がありませんでした"
    event = _answered(row, vacancy, by, "decline_to_join", subject, replaced)
    if _is_about_what_is_published(vacancy):
        tell_coordinators(
            subject="共同の募集への同意が取り消されました",
            first_line="公表している共同の募集への同意を、共同の団体が取り消しました。"
            "公表は、そのまま続いています。書いた市町と確かめてください。",
            path=reverse("admin:vacancies_vacancy_review", args=[vacancy.pk]),
            key=f"joint:{event.pk}:prefecture",
        )
    return row


def _is_about_what_is_published(vacancy: Vacancy) -> bool:
    """Whether an answer now is one to the published text, not to a draft or a change."""
    return vacancy.status == Vacancy.Status.PUBLISHED and not vacancy.change


def _answered(
    row: JointTown, vacancy: Vacancy, by: User, action: str, subject: str, replaced: str
) -> Event:
    """Save the answer, record it with its words and those that it has `replaced`, tell the town."""
    row.answered_by = by
    row.save()
    detail = {"vacancy": vacancy.pk, "remark": row.remark, "replaced": replaced}
    event = audit.record(action, row, by=by, detail=detail)
    tell_its_town(
        vacancy, event, subject, "共同で募集する市町から回答がありました。内容を確かめてください。"
    )
    return event
