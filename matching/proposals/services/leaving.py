"""A person pauses, leaves the pool, is removed, or takes a consent back (or the firm does): what is
being coordinated with him or her ends.

Signed engagements go on. Offered candidates are marked, open approaches end, held days are given
back, the next in line is asked, and towns and coordinators are told.
"""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.services.approaches import end_bundle
from matching.proposals.services.locks import lock_bundle, lock_proposals
from matching.proposals.services.offers import close_proposal
from matching.proposals.services.sweeping import each_alone
from municipalities.registry.notices import tell_coordinators, tell_town
from talentpool.audit import services as audit
from talentpool.specialists.models import Specialist
from talentpool.users.models import User

# In these nobody is offered or approached; who waits for renewal may still renew.
GONE = (Specialist.Status.PAUSED, Specialist.Status.WITHDRAWN, Specialist.Status.REMOVED)


def what_ends(person: int) -> list[str]:
    """What would end with the person, in words for the page that asks."""
    bundles = Bundle.objects.filter(specialist_id=person, status__in=Bundle.OPEN).count()
    offered = _offered(person).count()
    words = []
    if bundles:
        words.append(f"進んでいる打診{bundles}件を取りやめ、仮に押さえた日を空けます。")
    if offered:
        words.append(f"市町に示している候補{offered}件から外れます。")
    if words:
        words.append("市町と県の担当者に、メールで知らせます。")
    return words


def prepare(person: int) -> Callable[[User | None], None]:
    """Lock what ends, in the order of all verbs of the coordination, before the person's row; the
    returned verb ends it. Both in the transaction of the step."""
    bundles = list(
        Bundle.objects.filter(specialist_id=person, status__in=Bundle.OPEN)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    lock_proposals(
        Candidate.objects.filter(specialist_id=person, proposal__status__in=Proposal.OPEN)
        .values_list("proposal_id", flat=True)
        .union(
            Candidate.objects.filter(
                bundle_id__in=bundles, status__in=Candidate.IN_BUNDLE
            ).values_list("proposal_id", flat=True)
        )
    )
    return lambda by: _end(person, bundles, by)


def _offered(person: int) -> QuerySet[Candidate]:
    offered: QuerySet[Candidate] = Candidate.objects.filter(
        specialist_id=person,
        status=Candidate.Status.OFFERED,
        proposal__status__in=Proposal.OPEN,
    )
    return offered


def _end(person: int, bundles: Sequence[int], by: User | None) -> None:
    offered = list(
        _offered(person).select_for_update(of=("self",), no_key=True).select_related("proposal")
    )
    for candidate in offered:  # before the bundles: nobody moves up to the one who leaves
        candidate.move("leave")
        candidate.save(update_fields=["status"])
    told = {candidate.proposal_id for candidate in offered}
    for key in bundles:
        bundle, candidates = lock_bundle(key)
        if bundle.status in Bundle.OPEN:  # nobody was quicker
            told |= {candidate.proposal_id for candidate in candidates}
            end_bundle(bundle, candidates, "dissolve", left="leave")
            audit.record("leave_coordination", bundle, by=by)
    for proposal in Proposal.objects.filter(pk__in=told).order_by("pk").select_related("need"):
        _go_on_without(proposal, person)
    for candidate in offered:
        audit.record("leave_coordination", candidate, by=by)


def _go_on_without(proposal: Proposal, person: int) -> None:
    """Close a proposal that has nobody left; tell its town and the coordinators."""
    waits = proposal.status in {Proposal.Status.OFFERED, Proposal.Status.RANKED}
    if waits and not proposal.candidates.filter(status=Candidate.Status.OFFERED).exists():
        close_proposal(proposal, reason=Proposal.CloseReason.NOBODY_LEFT, by=None)
    key = f"left:{proposal.pk}:{person}"
    if proposal.status != Proposal.Status.CLOSED:  # of that the town was told
        tell_town(
            proposal.need.municipality_id,
            subject="候補の方が1人、候補から外れました",
            first_line="候補の状況が変わりました。いまの候補を確かめてください。",
            path=f"/town/proposals/{proposal.pk}/",
            key=key,
        )
    tell_coordinators(
        subject="調整中の方が、候補から外れました",
        first_line="登録の休止・終了、または同意の取消しにより、候補から外しました。"
        "次の進め方を確かめてください。",
        path=reverse("admin:proposals_proposal_change", args=[proposal.pk]),
        key=key,
    )


def sweep_gone() -> int:
    """End what is left of people who are gone or agree no more: offered at that same moment.
    By the sweep; twice changes nothing more. Returns how many people."""
    people = (
        _open_ones().values_list("specialist_id", flat=True).distinct().order_by("specialist_id")
    )

    @transaction.atomic
    def end_with(person: int) -> bool:
        prepare(person)(None)
        return True

    return each_alone(end_with, list(people))


def _open_ones() -> QuerySet[Candidate]:
    found: QuerySet[Candidate] = Candidate.objects.filter(
        Q(specialist__status__in=GONE) | Q(specialist__in=Specialist.objects.taken_back()),
        status__in=[Candidate.Status.OFFERED, *Candidate.IN_BUNDLE],
        proposal__status__in=Proposal.OPEN,
    )
    return found
