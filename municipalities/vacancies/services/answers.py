"""What a town does with its vacancies is its answer of the month; which answers still count."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies.models import MinistryExport, RoundAnswer, Vacancy, VacancyRevision
from talentpool.audit import services as audit
from talentpool.conventions.business_days import add_business_days
from talentpool.conventions.months import add_months, first_of_month
from talentpool.users.models import User

CUT_OFF_DAY = 15


def days_of(month: date) -> tuple[date, date]:
    """First day and cut-off of a month's round: this project's proposal (sources.md 8: 照会 in the
    first ten days, 取りまとめ in the middle of the month), asked on the first business day and
    answered by the last one up to the 15th."""
    opens = add_business_days(month, 0)
    cut_off = add_business_days(month.replace(day=CUT_OFF_DAY) + timedelta(days=1), -1)
    return opens, cut_off


def is_frozen(month: date) -> bool:
    """Whether the batch of the month, or of a later one, is made: nothing that a town says now
    goes into the month's."""
    made = MinistryExport.objects.filter(month__gte=month)
    return made.exclude(status=MinistryExport.Status.DISCARDED).exists()


def still_counting(answers: QuerySet[Any], today: date) -> QuerySet[Any]:
    """Those of the running month and the one before whose batch is not made, the oldest first.
    What is older, the prefecture's queue does not lead to any more either."""
    made = MinistryExport.objects.exclude(status=MinistryExport.Status.DISCARDED)
    newest = made.order_by("-month").values_list("month", flat=True).first()
    found = answers.filter(round__month__gte=add_months(first_of_month(today), -1))
    if newest is not None:
        found = found.filter(round__month__gt=newest)
    return found.order_by("round__month")


def note_answer(code: str, kind: RoundAnswer.Kind, *, by: User) -> None:
    """Take a change or an end as the answer of the town `code` to the running month's question,
    and to the month before's when it has not answered that and its batch is yet to be made.

    Called by these verbs, inside their transaction and before their own event: the answers are
    locked, and what locks after the chain of the audit record waits in a circle. Does nothing when
    somebody else than the town's staff did it, when no question is open, or when the month is
    frozen.
    """
    if municipality_code_of(by) != code:
        return
    today = timezone.localdate()
    rows = RoundAnswer.objects.select_for_update(of=("self",)).filter(municipality_id=code)
    for row in still_counting(rows.select_related("round"), today):
        if row.answered_at is not None and row.round.month != first_of_month(today):
            continue
        _take(row, kind)
        row.answered_at, row.answered_by = timezone.now(), by
        row.save()
        audit.record("answer_round", row, by=by, detail={"kind": row.kind})


def _take(row: RoundAnswer, kind: RoundAnswer.Kind) -> None:
    """Note what was done, over what the answer was. An end stays one: a change that is given up
    takes no end with it. A 変更なし is kept beside a change, for when that is given up."""
    if row.kind == RoundAnswer.Kind.CLOSED:
        return
    if kind == RoundAnswer.Kind.CHANGED:
        if row.kind == RoundAnswer.Kind.UNCHANGED:
            row.confirmed_at, row.confirmed_by = row.answered_at, row.answered_by
    else:
        row.confirmed_at, row.confirmed_by = None, None
    row.kind = kind


def take_answer_back(code: str, *, by: User) -> None:
    """A change of the town `code` is given up or recalled and is its answer no more, unless another
    change is with the prefecture, sent back by it, or published in the month.

    What is published is again as the town has confirmed it, or the question is open again where it
    never did. It is open too, and what was confirmed is kept, while the town writes on at a change
    that it has recalled since it confirmed. Called by the verb, inside its transaction.
    """
    rows = RoundAnswer.objects.select_for_update(of=("self",)).filter(
        Q(kind=RoundAnswer.Kind.CHANGED) | Q(kind="", confirmed_at__isnull=False),
        municipality_id=code,
    )
    own = Vacancy.objects.filter(municipality_id=code)
    being_written = Q(change=Vacancy.ChangeState.DRAFT)
    sent_back = being_written & Q(returned_at__isnull=False)
    if own.filter(Q(change=Vacancy.ChangeState.SUBMITTED) | sent_back).exists():
        return
    recalled = own.filter(being_written).aggregate(last=Max("change_recalled_at"))["last"]
    for row in still_counting(rows.select_related("round"), timezone.localdate()):
        published = VacancyRevision.objects.filter(
            vacancy__municipality_id=code,
            number__gt=1,
            published_at__date__gte=row.round.opens_on,
        )
        if not published.exists() and _let_go(row, recalled):
            row.save()
            audit.record("take_back_answer", row, by=by, detail={"kind": row.kind})


def _let_go(row: RoundAnswer, recalled: datetime | None) -> bool:
    """The answer without the change; says whether it is another one then. `recalled` is when the
    town last recalled a change that it writes on at."""
    before = row.kind
    stands = row.confirmed_at is not None and (recalled is None or recalled < row.confirmed_at)
    if stands:
        row.kind = RoundAnswer.Kind.UNCHANGED
        row.answered_at, row.answered_by = row.confirmed_at, row.confirmed_by
        row.confirmed_at, row.confirmed_by = None, None
    else:
        row.kind, row.answered_at, row.answered_by = "", None, None
    return row.kind != before
