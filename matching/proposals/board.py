"""What is open in the coordination, by step: read models of the coordinator's board."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from matching.engagements.terms import Terms
from matching.proposals.models import Bundle, Candidate, Pin, Proposal
from matching.proposals.services.approaches import terms_for
from matching.proposals.strains import Strain, strain_of
from municipalities.vacancies.models import Need
from talentpool.specialists.models import Specialist


@dataclass(slots=True)
class ToApproach:
    """One person whom one or more towns want next, with the terms if all of them are approached.

    `still_ranking` are the towns that the plan gave the same person and that have not ranked yet:
    approaching now leaves them out.
    """

    specialist: Specialist
    pairs: list[tuple[Proposal, Candidate]]
    terms: Terms
    still_ranking: list[Proposal] = field(default_factory=list)
    pinned: set[int] = field(default_factory=set)  # needs for which this person is pinned

    @property
    def strains(self) -> list[tuple[Need, Strain]]:
        """The needs whose budget or days these terms go beyond."""
        shares = {share.key: share for share in self.terms.shares}
        found = []
        for proposal, candidate in self.pairs:
            share = shares[candidate.pk]
            strain = strain_of(proposal.need, share.cost_yen, share.raised_by)
            if strain:
                found.append((proposal.need, strain))
        return found


MOST = 50  # things of one step on the board; when these are done, the next ones come up


@dataclass(slots=True)
class Lanes:
    """The steps of the board, each with its open things, oldest date first; `goes_on` when a step
    has more than the `MOST` that are shown."""

    ranking: list[Proposal] = field(default_factory=list)
    to_approach: list[ToApproach] = field(default_factory=list)
    answering: list[Bundle] = field(default_factory=list)
    deciding: list[Bundle] = field(default_factory=list)
    to_sign: list[Bundle] = field(default_factory=list)
    goes_on: bool = False
    # Of the people to approach: how many come before these, and before those of the next page.
    skipped: int = 0
    next_to_approach: int = 0

    @property
    def is_empty(self) -> bool:
        return not any(
            [self.ranking, self.to_approach, self.answering, self.deciding, self.to_sign]
        )


def lanes(user: Any, *, skip: int = 0, first: int = 0) -> Lanes:
    """What is open and may be seen by `user`, the first `MOST` of each step; of the people to
    approach those after the first `skip`, with `first` before them whatever the number is. A `skip`
    that leaves nobody, as when they were approached meanwhile, begins anew."""
    proposals = Proposal.objects.visible_to(user).select_related("need__municipality")
    bundles = Bundle.objects.visible_to(user).select_related("specialist").with_towns()
    of = Bundle.Status
    steps: dict[str, QuerySet[Any]] = {
        "ranking": proposals.filter(status=Proposal.Status.OFFERED).order_by("rank_due", "pk"),
        "answering": bundles.filter(status=of.APPROACHED).order_by("answer_due", "pk"),
        "deciding": bundles.filter(status=of.ACCEPTED).order_by("decide_due", "pk"),
        "to_sign": bundles.filter(status=of.AGREED).order_by("pk"),
    }
    found: dict[str, list[Any]] = {name: list(rows[: MOST + 1]) for name, rows in steps.items()}
    ranked = proposals.filter(status=Proposal.Status.RANKED)
    pairs = _next_in_line(ranked)
    skipped = skip if skip < len(pairs) else 0
    found["to_approach"] = _to_approach(_cut(pairs, skipped, first))
    goes_on = any(len(rows) > MOST for rows in found.values())
    following = skipped + MOST if len(found["to_approach"]) > MOST else 0
    shown = {name: rows[:MOST] for name, rows in found.items()}
    return Lanes(**shown, goes_on=goes_on, skipped=skipped, next_to_approach=following)


Pairs = list[tuple[Proposal, Candidate]]


def _next_in_line(proposals: QuerySet[Proposal]) -> dict[int, Pairs]:
    """Ranked proposals by the person whom their town wants next (as `next_candidate` says), the
    oldest first."""
    nexts = (
        Candidate.objects.filter(
            proposal__in=proposals, status=Candidate.Status.OFFERED, rank__isnull=False
        )
        .select_related("specialist", "proposal__need__municipality")
        .order_by("proposal_id", "rank")
        .distinct("proposal_id")
    )
    pairs: dict[int, Pairs] = {}
    for candidate in nexts:
        pairs.setdefault(candidate.specialist_id, []).append((candidate.proposal, candidate))
    return pairs


def _cut(pairs: dict[int, Pairs], skip: int, first: int) -> list[Pairs]:
    """One page and one more, which says that it goes on."""
    named = [pairs.pop(first)] if first in pairs else []
    return [*named, *list(pairs.values())[skip:]][: MOST + 1]


def _to_approach(groups: list[Pairs]) -> list[ToApproach]:
    people = [group[0][1].specialist_id for group in groups]
    waiting: dict[int, list[Proposal]] = {}
    planned = Candidate.objects.filter(
        specialist_id__in=people, planned=True, proposal__status=Proposal.Status.OFFERED
    ).select_related("proposal__need__municipality")
    for candidate in planned.order_by("proposal__rank_due", "proposal_id"):
        waiting.setdefault(candidate.specialist_id, []).append(candidate.proposal)
    pins: dict[int, set[int]] = {}
    for person, need in Pin.objects.in_force().values_list("specialist_id", "need_id"):
        pins.setdefault(person, set()).add(need)
    return [
        ToApproach(
            pinned=pins.get(group[0][1].specialist_id, set()),
            specialist=group[0][1].specialist,
            pairs=group,
            still_ranking=waiting.get(group[0][1].specialist_id, []),
            terms=terms_for(group[0][1].specialist, [candidate for _, candidate in group]),
        )
        for group in groups
    ]


def people_on(board: Lanes) -> list[int]:
    """The people whose pool numbers the board shows."""
    ids = {group.specialist.pk for group in board.to_approach}
    for bundle in [*board.answering, *board.deciding, *board.to_sign]:
        ids.add(bundle.specialist_id)
    return sorted(ids)


def members_of(bundle: Bundle) -> list[Candidate]:
    """The candidates of a bundle with their needs and towns, by the town's kana; each with its
    `strain` on the need's budget and days."""
    members = list(
        bundle.candidates.select_related("proposal__need__municipality", "hold").order_by(
            "proposal__need__municipality__kana", "pk"
        )
    )
    for row in members:
        raised = max(0, (row.agreed_half_days or 0) - row.half_days)
        row.strain = strain_of(row.proposal.need, row.cost_yen or 0, raised)  # type: ignore[attr-defined]
    return members


def usual_form(bundle: Bundle) -> str | None:
    """A form of engagement that the person and every town still in the bundle accept, the first by
    code, or None."""
    accepted = set(bundle.specialist.forms.values_list("code", flat=True))
    staying = bundle.candidates.filter(status__in=Candidate.IN_BUNDLE)
    for candidate in staying.select_related("proposal__need"):
        wanted = set(candidate.proposal.need.forms.values_list("code", flat=True))
        if wanted:
            accepted = accepted & wanted if accepted else wanted
    return min(accepted, default=None)
