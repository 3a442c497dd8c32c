"""Hand out the audit pack of a run, and record which one it was."""

from typing import Any

from django.db import transaction

from matching.proposals.models import Run
from matching.proposals.packs import pack_of
from talentpool.audit import services as audit
from talentpool.users.models import User


@transaction.atomic
def hand_out_pack(run: Run, *, by: User) -> dict[str, Any]:
    """The audit pack of a finished run as it is handed out now, with its appendix; both hashes go
    into the audit record. By anybody who may see the run."""
    pack = pack_of(run)
    audit.record(
        "hand_out_pack",
        run,
        by=by,
        detail={"pack_sha256": pack["sha256"], "appendix_sha256": pack["appendix_sha256"]},
    )
    return pack
