"""Names close again when what they rest on ends (B-09)."""

from django.urls import reverse
from django.utils import timezone

from matching.proposals.models import Bundle, Candidate
from municipalities.registry.notices import tell_coordinators
from talentpool.audit import services as audit

NEEDED = frozenset({"registration", "provision"})  # purposes without which no town reads a name


def close_names(person: int, purpose: str) -> int:
    """The person withdrew the consent to `purpose`: no town sees the name any more, except where
    a contract is signed, of which it is part. Returns how many names closed.

    Inside the transaction of the withdrawal.
    """
    if purpose not in NEEDED:
        return 0
    still_open = Candidate.objects.select_for_update(of=("self",), no_key=True).filter(
        specialist_id=person,
        status=Candidate.Status.ACCEPTED,
        person_agreed_at__isnull=False,
    )
    closed = 0
    for candidate in still_open.order_by("pk"):
        candidate.person_agreed_at = None
        candidate.save(update_fields=["person_agreed_at"])
        tell_of_consent_taken_back(candidate)
        audit.record("set_disclosure", candidate, by=None, detail={"agreed": False})
        closed += 1
    return closed


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
