"""What the bodies of a joint vacancy have agreed to: who is asked, who is forgotten, what counts.

Called by the verbs of a vacancy inside their transaction; the verbs of the bodies stand in
`services.joint`.
"""

from collections.abc import Iterable

from django.db.models import F, Q
from django.urls import reverse

from municipalities.registry.models import Municipality
from municipalities.registry.notices import tell_town
from municipalities.vacancies.models import JointTown, Vacancy
from municipalities.vacancies.models.vacancy import joint_codes_of
from talentpool.audit import services as audit
from talentpool.audit.models import Event
from talentpool.users.models import User

Status = JointTown.Status


def joint_answers(row: Vacancy) -> list[tuple[Municipality, JointTown | None]]:
    """The bodies with which the vacancy is written together, each with its answer, if asked."""
    codes = row.partner_codes
    if not codes:
        return []
    answers = {answer.municipality_id: answer for answer in row.joint_towns.all()}
    towns = Municipality.objects.filter(code__in=codes)
    return [(town, answers.get(town.code)) for town in towns]


def agreed(row: Vacancy, answer: JointTown | None) -> bool:
    """Whether the answer holds for what stands in the vacancy now."""
    return answer is not None and answer.agrees_to(row.version)


def forget_left_out(row: Vacancy, *, by: User | None) -> None:
    """Forget the bodies that the text no longer names: they read it no more and are not asked.

    Whom a change leaves out and what is published still names has agreed to that, and reads that.
    """
    named = set(row.partner_codes)
    published = set(joint_codes_of(row.values, row.municipality_id)) if row.change else set()
    row.joint_towns.exclude(municipality_id__in=named | published).delete()
    give_back(row, published - named, by=by)


def keep_agreements(row: Vacancy) -> None:
    """What the bodies have agreed to is published: it counts for the row's number, and is held
    while they answer to a change."""
    row.joint_towns.filter(status=Status.AGREED).update(
        agreed_version=row.version,
        held_at=F("answered_at"),
        held_by=F("answered_by"),
        held_document=F("document_number"),
        held_remark=F("remark"),
    )


def give_back(row: Vacancy, codes: Iterable[str], *, by: User | None) -> None:
    """Put the agreement to what is published in the place of answers to a change that is not to
    be, under the row's number.

    Whose answer, or open question, goes with that is told that the earlier agreement stands; what
    it had remarked stays in the record.
    """
    held = row.joint_towns.filter(municipality_id__in=list(codes), held_at__isnull=False)
    replaced = list(held.filter(~Q(status=Status.AGREED) | ~Q(answered_at=F("held_at"))))
    held.update(
        status=Status.AGREED,
        agreed_version=row.version,
        remark=F("held_remark"),
        answered_at=F("held_at"),
        answered_by=F("held_by"),
        document_number=F("held_document"),
    )
    for answer in replaced:
        audit.record(
            "restore_agreement",
            answer,
            by=by,
            detail={"vacancy": row.pk, "was": answer.status, "remark": answer.remark},
        )
        tell_town(
            answer.municipality_id,
            subject="共同の募集への同意が、変更の前に戻りました",
            first_line="共同の募集情報の変更が取りやめになったか、こちらの団体に関わらなくなりました。"
            "公表されている内容への前の同意が、そのまま続きます。お答えいただくことはありません。",
            path=reverse("town:joint_detail", args=[row.vacancy_no]),
            key=f"joint-back:{answer.pk}:{row.version}",
        )


def tell_who_left(row: Vacancy, codes: Iterable[str], event: Event) -> None:
    """Mail the bodies that a published change has left out: they post it no more and do not read
    it here any longer, only what the public reads."""
    public = reverse("public:vacancy_detail", args=[row.vacancy_no])
    for code in codes:
        tell_town(
            code,
            subject="共同の募集から外れました",
            first_line="共同で出していた募集情報の変更が公表され、こちらの団体は共同の団体から"
            "外れました。",
            path=public if row.is_public else reverse("town:joint_list"),
            key=f"joint-left:{event.pk}:{code}",
        )


def tell_partners_of_end(row: Vacancy, event: Event) -> None:
    """Mail the bodies that the vacancy named that it has ended; one without accounts here hears it
    from the writing town."""
    for code in row.joint_towns.values_list("municipality_id", flat=True):
        tell_town(
            code,
            subject="共同の募集が終わりました",
            first_line="共同で出していた募集情報が、終了または取下げになりました。"
            "結果を確かめてください。",
            path=reverse("town:joint_detail", args=[row.vacancy_no]),
            key=f"joint:{event.pk}:{code}",
        )
