"""Names close again when what they rest on ends (B-09)."""

from matching.proposals.models import Candidate
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
        audit.record("set_disclosure", candidate, by=None, detail={"agreed": False})
        closed += 1
    return closed
