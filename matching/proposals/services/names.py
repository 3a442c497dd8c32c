"""Who is told when a person lets a town read the name, or takes that back (B-09)."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from matching.proposals.models import Bundle, Candidate
from municipalities.registry.notices import tell_coordinators, tell_town


def tell_of_name(candidate: Candidate) -> None:
    """Tell the town that has asked; and, where all had agreed, the coordinators that nobody can
    sign now, or can again. Inside the transaction that changed the consent."""
    if candidate.town_asked_at is not None:
        _tell_town(candidate)
    bundle = candidate.bundle
    if bundle is None or bundle.status != Bundle.Status.AGREED:
        return
    in_it = bundle.candidates.filter(status__in=Candidate.IN_BUNDLE)
    tell_of_agreement(bundle, in_it, f"name:{candidate.pk}:{timezone.now().isoformat()}")


def tell_of_agreement(bundle: Bundle, candidates: Iterable[Candidate], occasion: str) -> None:
    """Tell the coordinators that a bundle on which all agreed can be signed, or that it cannot
    because a name is closed to a town: it may have been closed while others still decided."""
    can_sign = all(candidate.is_open for candidate in candidates)
    tell_coordinators(
        subject="契約を締結できます" if can_sign else "お名前の開示の同意が取り消されました",
        first_line="全員が合意しました。契約の締結を進めてください。"
        if can_sign
        else "このままでは契約を締結できません。"
        "本人に確かめ、続けられないときは打診を終えてください。",
        path=reverse("admin:proposals_bundle_change", args=[bundle.pk]),
        key=f"bundle:{bundle.pk}:{occasion}",
    )


def _tell_town(candidate: Candidate) -> None:
    if candidate.person_agreed_at is None:
        subject = "お名前の開示の同意が取り消されました"
        words = "候補の方が、お名前の開示への同意を取り消しました。いまの状況を確かめてください。"
    else:
        subject = "お名前の開示への同意が届きました"
        words = "候補の方が、お名前の開示に同意しました。面接と決定を進めてください。"
    tell_town(
        candidate.proposal.need.municipality_id,
        subject=subject,
        first_line=words,
        path=f"/town/proposals/{candidate.proposal_id}/",
        key=f"candidate:{candidate.pk}:name:{timezone.now().isoformat()}",
    )
