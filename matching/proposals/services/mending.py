"""Keep a mended plan as a run of its own: nothing else changes."""

import dataclasses
import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from matching import engine
from matching.proposals.errors import Refused
from matching.proposals.mending import Mended, chain_of, mend
from matching.proposals.models import Run, RunPin
from matching.proposals.packs import keep_pack
from matching.proposals.services.locks import lock_needs
from matching.proposals.services.runs import RUN_LOCK
from municipalities.vacancies.models import Need
from talentpool.audit import services as audit
from talentpool.users.models import User

MENDED_TITLE = "（組み直し）"
STALE = "表示したあとに変わったものがあります。いまの組み直しを確かめて、もう一度押してください。"


@transaction.atomic
def keep_mended(
    run: Run, *, added: Collection[int] = (), shown: str, request_key: uuid.UUID, by: User
) -> Run:
    """Keep the plan that `mend` proposes now as a run of its own, which holds what is agreed and
    from which candidates can be offered. By a coordinator.

    `shown` is the fingerprint of what the page showed. The same request again returns the run that
    it made. Raises Refused where something changed meanwhile, or as `mend` does.
    """
    # The needs first, as when a run starts: nothing of them is offered from here on, and who waits
    # for the number of a run waits for no mending.
    known = Need.objects.filter(runs__in=chain_of(run)).values_list("pk", flat=True)
    lock_needs({*known, *added})
    made = Run.objects.filter(request_key=request_key).first()
    if made is not None:
        return made
    now = timezone.now()  # what changes while the rows are read counts as later
    found = mend(run, added)
    if found.fingerprint != shown:
        raise Refused(STALE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [RUN_LOCK])
    newest = chain_of(run)[-1]
    kept = _run_of(found, newest, request_key, now, by)
    kept.needs.set([int(need.id) for need in found.problem.needs])
    RunPin.objects.bulk_create(
        RunPin(run=kept, pin_id=pin, left_out=why) for pin, why in found.pins.items()
    )
    audit.record(
        "mend_run",
        kept,
        by=by,
        detail={
            "mends": newest.number,
            "changes": len(found.changes),
            "sha256": kept.input_sha256,
            "plan_sha256": kept.plan_sha256,
            "pack_sha256": kept.pack_sha256,
        },
    )
    return kept


def _run_of(
    found: Mended, newest: Run, request_key: uuid.UUID, frozen_at: datetime, by: User
) -> Run:
    number = (Run.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    title = newest.title.removesuffix(MENDED_TITLE)[: 60 - len(MENDED_TITLE)]
    run = Run(
        number=number,
        title=f"{title}{MENDED_TITLE}",
        request_key=request_key,
        wall_seconds=newest.wall_seconds,
        policy=newest.policy,
        requested_by=by,
        mends=newest,
        mended={
            "changes": [dataclasses.asdict(change) for change in found.changes],
            "before": {need: list(pair) for need, pair in found.before.items()},
        },
        problem=engine.problem_to_json(found.problem),
        frozen_at=frozen_at,
        input_sha256=found.plan.input_sha256,
        plan=engine.plan_to_json(found.plan),
    )
    keep_pack(run, found.problem, found.plan, found.mending)
    run.move("solve")
    run.move("finish")
    run.finished_at = timezone.now()
    run.save()
    return run
