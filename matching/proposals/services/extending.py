"""The prefecture gives more time: for a town's ranking, a person's answer, the towns' decisions.

The days for its own two steps, the approach and the signature, are not moved: nothing ends by them,
and the signature's follows from the towns'.
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from matching.proposals.dates import refuse_extension
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.services.approaches import extend_hold
from matching.proposals.services.locks import lock_bundle, lock_proposals
from municipalities.registry.notices import tell_town
from talentpool.audit import services as audit
from talentpool.specialists.notices import tell_specialist
from talentpool.users.models import User

NOT_NOW = "いまは、期限を延ばせる段階ではありません。"
STALE = "表示していた期限から変わっています。いまの期限を確かめてください。"
DUE_OF = {Bundle.Status.APPROACHED: "answer_due", Bundle.Status.ACCEPTED: "decide_due"}
WORDS = {
    "answer_due": ("お返事の期限が延びました", "候補の方の返事の期限が延びました"),
    "decide_due": ("市町の決定の期限が延びました", "決定の期限が延びました"),
}


def due_of(bundle: Bundle) -> date | None:
    """The day that can be moved now: of the person's answer, or of the towns' decisions."""
    name = DUE_OF.get(Bundle.Status(bundle.status))
    return getattr(bundle, name) if name else None


@transaction.atomic
def extend_ranking(
    proposal_id: int, *, until: date, shown: date | None = None, by: User
) -> Proposal:
    """Give a town until the day `until` to rank. By a coordinator; `shown` is the date that the
    page showed. The same day again changes nothing.

    Raises Refused once it is ranked, for a date that moved meanwhile, and for a day that
    `refuse_extension` refuses.
    """
    (proposal,) = lock_proposals([proposal_id])
    if proposal.status != Proposal.Status.OFFERED:
        raise Refused(NOT_NOW)
    before = proposal.rank_due
    if before == until:
        return proposal
    _refuse(before, shown, until, [proposal])
    proposal.rank_due = until
    proposal.save(update_fields=["rank_due"])
    _tell_town(proposal, "順位付けの期限が延びました", until, "rank_due")
    audit.record("extend_date", proposal, by=by, detail=_detail("rank_due", before, until))
    return proposal


@transaction.atomic
def extend_approach(bundle_id: int, *, until: date, shown: date | None = None, by: User) -> Bundle:
    """Give the person until the day `until` to answer; once that is done, the towns to decide and,
    where terms changed, everybody to confirm. The days are held as long. By a coordinator; `shown`
    is the date that the page showed. The same day again changes nothing.

    Raises Refused past these two steps, for a date that moved meanwhile, and for a day that
    `refuse_extension` refuses.
    """
    bundle, candidates = lock_bundle(bundle_id)
    before = due_of(bundle)
    if before is None:
        raise Refused(NOT_NOW)
    if before == until:
        return bundle
    _refuse(before, shown, until, [row.proposal for row in candidates])
    name = DUE_OF[Bundle.Status(bundle.status)]
    setattr(bundle, name, until)
    bundle.save(update_fields=[name])
    for candidate in candidates:
        extend_hold(candidate, until)
    _tell(bundle, candidates, name, until)
    audit.record("extend_date", bundle, by=by, detail=_detail(name, before, until))
    return bundle


def _refuse(before: date, shown: date | None, until: date, proposals: Sequence[Proposal]) -> None:
    if shown is not None and shown != before:
        raise Refused(STALE)
    refuse_extension(before, until, [proposal.need for proposal in proposals])


def _detail(name: str, before: date, until: date) -> dict[str, str]:
    return {"date": name, "before": before.isoformat(), "until": until.isoformat()}


def _tell(bundle: Bundle, candidates: Sequence[Candidate], name: str, until: date) -> None:
    for_person, for_town = WORDS[name]
    for candidate in candidates:
        _tell_town(candidate.proposal, for_town, until, f"{bundle.pk}:{name}")
    tell_specialist(
        bundle.specialist,
        subject=for_person,
        first_line=f"県が期限を{until:%-m月%-d日}まで延ばしました。",
        path=f"/specialist/approaches/{bundle.pk}/",
        key=f"bundle:{bundle.pk}:extended:{name}:{until:%Y%m%d}",
    )


def _tell_town(proposal: Proposal, subject: str, until: date, what: str) -> None:
    tell_town(
        proposal.need.municipality_id,
        subject=subject,
        first_line=f"県が期限を{until:%-m月%-d日}まで延ばしました。",
        path=f"/town/proposals/{proposal.pk}/",
        key=f"proposal:{proposal.pk}:extended:{what}:{until:%Y%m%d}",
    )
