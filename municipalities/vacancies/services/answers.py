"""What a town does with its vacancies is its answer of the month."""

from datetime import date

from django.utils import timezone

from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies.models import MinistryExport, RoundAnswer
from talentpool.audit import services as audit
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User


def is_frozen(month: date) -> bool:
    """Whether the month's batch is made: nothing that a town says now goes into it."""
    made = MinistryExport.objects.filter(month=month)
    return made.exclude(status=MinistryExport.Status.DISCARDED).exists()


def note_answer(code: str, kind: RoundAnswer.Kind, *, by: User) -> None:
    """Take a change or an end as the answer of the town `code` to the running month's question.

    Called by these verbs, inside their transaction. Does nothing when somebody else than the
    town's staff did it, when no question is open, or when the month is frozen.
    """
    if municipality_code_of(by) != code:
        return
    month = first_of_month(timezone.localdate())
    row = (
        RoundAnswer.objects.select_for_update(of=("self",))
        .filter(round__month=month, municipality_id=code)
        .first()
    )
    if row is None or is_frozen(month):
        return
    row.kind, row.answered_at, row.answered_by = kind, timezone.now(), by
    row.save()
    audit.record("answer_round", row, by=by, detail={"kind": str(kind)})
