"""Who is told when a person lets a town read the name, or takes that back (B-09)."""

from django.urls import reverse
from django.utils import timezone

from matching.proposals.models import Bundle, Candidate
from municipalities.registry.notices import tell_coordinators, tell_town


def tell_of_name(candidate: Candidate) -> None:
    """Tell the town that has asked; and, where all had agreed and nobody can sign now, the
    coordinators. Inside the transaction that changed the consent."""
    if candidate.town_asked_at is not None:
        _tell_town(candidate)
    bundle = candidate.bundle
    taken_back = candidate.person_agreed_at is None
    if taken_back and bundle is not None and bundle.status == Bundle.Status.AGREED:
        tell_coordinators(
            subject="お名前の開示の同意が取り消されました",
            first_line="このままでは契約を締結できません。"
            "本人に確かめ、続けられないときは打診を終えてください。",
            path=reverse("admin:proposals_bundle_change", args=[bundle.pk]),
            key=f"candidate:{candidate.pk}:closed:{timezone.localdate():%Y%m%d}",
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
