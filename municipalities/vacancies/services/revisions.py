"""Words of an earlier published text that are not to be read any more: withhold them, lift it."""

from django.db import transaction

from municipalities.vacancies.errors import IncompleteError, NotAllowedNowError
from municipalities.vacancies.models import VacancyRevision
from municipalities.vacancies.services.rows import read_again
from talentpool.audit import services as audit
from talentpool.users.models import User


def _locked(revision: VacancyRevision) -> VacancyRevision:
    """The row, read again under the lock of its vacancy, as in all verbs."""
    read_again(revision.vacancy)
    row: VacancyRevision = VacancyRevision.objects.get(pk=revision.pk)
    return row


@transaction.atomic
def withhold_revision(revision: VacancyRevision, *, reason: str, by: User) -> VacancyRevision:
    """Keep the words of an earlier text from the public, as a name that slipped in: where it stood
    before or after a change, the page says only that something was corrected. By a coordinator.

    Raises IncompleteError without a reason, NotAllowedNowError for the text that is published now
    (a change mends that first) and when it is withheld already.
    """
    if not reason.strip():
        raise IncompleteError("言葉を公開しない理由を入れてください。")
    row = _locked(revision)
    if not VacancyRevision.objects.filter(vacancy=row.vacancy_id, number__gt=row.number).exists():
        raise NotAllowedNowError(
            "今公表している内容です。先に市町に直してもらい、変更を公表してください。"
        )
    if row.withheld_reason:
        raise NotAllowedNowError("この版の言葉は、もう公開しないことにしてあります。")
    row.withheld_reason = reason.strip()
    row.save(update_fields=["withheld_reason"])
    audit.record("withhold_revision", row, by=by, detail={"vacancy": row.vacancy_id})
    return row


@transaction.atomic
def release_revision(revision: VacancyRevision, *, by: User) -> VacancyRevision:
    """Let the words of an earlier text be read again. By a coordinator. Raises NotAllowedNowError
    unless they are withheld."""
    row = _locked(revision)
    if not row.withheld_reason:
        raise NotAllowedNowError("この版の言葉は、公開を止めていません。")
    row.withheld_reason = ""
    row.save(update_fields=["withheld_reason"])
    audit.record("release_revision", row, by=by, detail={"vacancy": row.vacancy_id})
    return row
