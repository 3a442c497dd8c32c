"""The prefecture is told when a name that all had agreed to closes again (B-09)."""

from django.urls import reverse
from django.utils import timezone

from matching.proposals.models import Bundle, Candidate
from municipalities.registry.notices import tell_coordinators


def tell_of_consent_taken_back(candidate: Candidate) -> None:
    """Tell the coordinators where all had agreed: nobody can sign now. Inside the transaction."""
    bundle = candidate.bundle
    if bundle is None or bundle.status != Bundle.Status.AGREED:
        return
    tell_coordinators(
        subject="お名前の開示の同意が取り消されました",
        first_line="このままでは契約を締結できません。本人に確かめ、続けられないときは打診を終えてください。",
        path=reverse("admin:proposals_bundle_change", args=[bundle.pk]),
        key=f"candidate:{candidate.pk}:closed:{timezone.localdate():%Y%m%d}",
    )
