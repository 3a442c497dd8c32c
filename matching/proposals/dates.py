"""Which days may be written down: nobody meets, decides or signs before there is what about."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from matching.proposals.errors import Refused
from matching.proposals.models import Candidate, Proposal
from municipalities.vacancies.models import Need
from talentpool.conventions.business_days import add_business_days, is_business_day
from talentpool.conventions.era import format_month, format_wareki
from talentpool.conventions.months import first_of_month, last_day

EXTENSION_BUSINESS_DAYS = 5


def refuse_before_offer(proposal: Proposal, day: date, what: str) -> None:
    """Raise Refused for a day, named by `what`, on which the town knew of no candidate yet."""
    offered_on = timezone.localdate(proposal.created_at)
    if day < offered_on:
        raise Refused(f"{what}は、候補が届いた{format_wareki(offered_on)}以後にしてください。")


def refuse_before_decisions(candidates: Iterable[Candidate], day: date) -> None:
    """Raise Refused for a signature before the last of the towns decided."""
    decided = [row.proposal.decided_on for row in candidates if row.proposal.decided_on]
    if decided and day < max(decided):
        raise Refused(
            f"締結日は、市町の最後の決裁日（{format_wareki(max(decided))}）以後にしてください。"
        )


def refuse_over(needs: Iterable[Need], day: date) -> None:
    """Raise Refused where a need has no month left on `day`: nothing of it can be worked."""
    for need in needs:
        if need.is_over(first_of_month(day)):
            raise Refused(
                f"「{need.title}」の期間は{format_month(need.last_month)}で終わっています。"
                "この案件では、もう進められません。"
            )


def begins_too_early(candidates: Iterable[Candidate], day: date) -> bool:
    """Whether the terms count months that were over before `day`, for which nobody worked."""
    return any(row.first_month < first_of_month(day) for row in candidates)


def refuse_first_date(day: date, needs: Iterable[Need], what: str) -> None:
    """Raise Refused for a date to wait for, named by `what`, that has passed or comes after the
    last day of one of the needs: until then the person's days would be held for nothing."""
    if day < timezone.localdate():
        raise Refused(f"{what}は、今日以後の日にしてください。")
    end = min(last_day(need.last_month) for need in needs)
    if day > end:
        raise Refused(f"{what}は、案件の期間の最後の日{format_wareki(end)}までにしてください。")


def usual_date(business_days: int, needs: Iterable[Need]) -> date:
    """The date to wait for that is offered first: so many business days from today, and no later
    than the last day of any of the needs. One that is over bounds nothing: it is refused itself."""
    today = timezone.localdate()
    month = first_of_month(today)
    ends = [last_day(need.last_month) for need in needs if not need.is_over(month)]
    return min([add_business_days(today, business_days), *ends])


def usual_extension(due: date, needs: Sequence[Need]) -> date:
    """The later date that is offered first in place of `due`: five business days more, or the last
    business day before one of the needs ends. Where none is left the page says so on sending."""
    today = timezone.localdate()
    later = add_business_days(max(due, today), EXTENSION_BUSINESS_DAYS)
    end = min((last_day(need.last_month) for need in needs), default=later)
    while not is_business_day(end):
        end -= timedelta(days=1)
    return min(later, end) if end > due and end >= today else later


def refuse_extension(before: date, until: date, needs: Iterable[Need]) -> None:
    """Raise Refused for a new date that lies in the past, is no later than `before`, is a day on
    which offices are closed, or comes after the last day of one of the needs; or without needs."""
    ends = [last_day(need.last_month) for need in needs]
    if not ends:
        raise Refused("いまは、期限を延ばせる段階ではありません。")
    end = min(ends)
    if until < timezone.localdate():
        raise Refused("新しい期限は、今日以後の日にしてください。")
    if until <= before:
        raise Refused(
            f"新しい期限は、いまの期限の{format_wareki(before)}より後の日にしてください。"
        )
    if not is_business_day(until):
        raise Refused("新しい期限は、開庁日（土日、祝日、年末年始でない日）にしてください。")
    if until > end:
        raise Refused(f"新しい期限は、案件の期間の最後の日{format_wareki(end)}までにしてください。")


def in_form(refusal: Refused) -> ValidationError:
    """The same sentence beside the field."""
    return ValidationError(str(refusal))
