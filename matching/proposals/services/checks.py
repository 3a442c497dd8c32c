"""What must hold of a person when towns approach, and still when they sign."""

from collections.abc import Sequence

from django.utils import timezone

from matching.engagements import services as engagements
from matching.proposals.conflicts import refusal_of
from matching.proposals.errors import Refused
from matching.proposals.models import Candidate, Proposal
from talentpool.conventions.months import first_of_month, last_day
from talentpool.specialists.models import Specialist


def check_person(specialist: Specialist, proposals: Sequence[Proposal]) -> None:
    """Raises Refused when the person is not registered now or does not agree any more that towns
    are told, a conflict of interest forbids it, or side work is not permitted until the end."""
    if specialist.status != Specialist.Status.REGISTERED:
        raise Refused(
            f"{specialist.pool_number} は、いま登録中ではありません"
            f"(登録の状態：{specialist.get_status_display()})。"
        )
    if not Specialist.objects.registered().filter(pk=specialist.pk).exists():
        raise Refused(
            f"{specialist.pool_number} は、市町への紹介に、本人または事業者の同意がありません。"
        )
    refusal = refusal_of(specialist, [proposal.need for proposal in proposals])
    if refusal:
        raise Refused(refusal)
    today = timezone.localdate()
    begins = min(proposal.need.begins(first_of_month(today)) for proposal in proposals)
    if specialist.side_job_permit_until and not specialist.may_work_on(max(begins, today)):
        raise Refused(
            f"{specialist.pool_number} の副業の許可・承諾は、{begins:%Y年%-m月}の初めには"
            "ありません。"
        )
    last = max(proposal.need.last_month for proposal in proposals)
    if not specialist.may_work_on(last_day(last)):
        raise Refused(
            f"{specialist.pool_number} の副業の許可・承諾は、{last:%Y年%-m月}の末までありません。"
        )


def check_towns(specialist: Specialist, proposals: Sequence[Proposal]) -> None:
    """Raises Refused when the person would serve more towns than wanted at a time, signed or being
    coordinated, in the months that are left. Asked before the approach only: what the person said
    yes to is already counted."""
    month = first_of_month(timezone.localdate())
    first = min(proposal.need.begins(month) for proposal in proposals)
    last = max(proposal.need.last_month for proposal in proposals)
    towns = {proposal.need.municipality_id for proposal in proposals}
    towns |= engagements.towns_served(specialist.pk, first, last)
    towns |= set(
        Candidate.objects.filter(
            specialist=specialist,
            status__in=Candidate.IN_BUNDLE,
            proposal__need__first_month__lte=last,
            proposal__need__last_month__gte=first,
        ).values_list("proposal__need__municipality_id", flat=True)
    )
    if len(towns) > specialist.max_towns:
        raise Refused(
            f"{specialist.pool_number} が同じ時期に受け持てる市町は{specialist.max_towns}までです。"
        )
