"""Recall (引戻し): a town takes back what it has handed in and nobody has decided on yet."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_coordinators
from municipalities.vacancies.models import Vacancy
from municipalities.vacancies.services.answers import take_answer_back
from municipalities.vacancies.services.rows import locked, read_again
from talentpool.audit import services as audit
from talentpool.users.models import User


@transaction.atomic
def recall_vacancy(vacancy: Vacancy, *, by: User) -> Vacancy:
    """Take a submitted vacancy, or the submitted change of a published one, back to be written on
    (sources.md 8, 引戻し). By staff of its municipality, whose answer of the month the change is no
    more; the coordinators, who were asked to look at it, are told.

    Raises NotAllowedNowError unless it waits for the prefecture.
    """
    row = read_again(vacancy)
    is_change = bool(row.change)
    row = locked(vacancy, "recall_change" if is_change else "recall")
    if is_change:
        row.change_recalled_at = timezone.now()
    row.save()
    with audit.together():  # all rows are locked before the chain
        if is_change:
            take_answer_back(row.municipality_id, by=by)
        event = audit.record("recall_vacancy", row, by=by)
    tell_coordinators(
        subject="市町が募集情報の提出を引き戻しました",
        first_line="確認を待っていた募集情報を、市町が引き戻しました。"
        "直してもう一度提出されるまで、確かめることはありません。",
        path=reverse("admin:vacancies_vacancy_review", args=[row.pk]),
        key=f"vacancy:{event.pk}",
    )
    return row
