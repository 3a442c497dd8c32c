"""The parts of a large run: rows that any worker solves, the last one asks to join them.

A part is done again when its worker was lost: who solves a part holds an advisory lock that ends
with its database session (ADR 3). How a run is divided depends on its frozen input only, so the
plan is the same with one worker and with many.
"""

import logging

from django.db import transaction
from django.utils import timezone

from matching import engine
from matching.proposals.models import Run, RunPart
from talentpool.outbox.alone import alone, busy
from talentpool.outbox.services import request_task

logger = logging.getLogger(__name__)

PART_LOCK = 0x5061
MAX_ATTEMPTS = 3
SEND = "proposals.send_parts"
JOIN = "proposals.join_run"


class PartLost(Exception):
    """A part was lost three times, or its plan was refused: its run must end."""


def divide(run: Run, problem: engine.Problem) -> bool:
    """Write the parts of a run and ask for them; False when it is to be solved as a whole. The
    caller holds the run. What is lost from now on is counted with the parts, or with the joining,
    whose attempts begin anew."""
    if not run.parts.exists():
        parts = engine.split(problem)
        if len(parts) == 1:
            return False
        with transaction.atomic():
            RunPart.objects.bulk_create(
                RunPart(run=run, position=k, problem=engine.problem_to_json(part))
                for k, part in enumerate(parts)
            )
            run.attempts = 0
            run.save(update_fields=["attempts"])
            show(run.pk)
            send(run.pk)
    return True


def send(run_id: int) -> None:
    """Ask for the open parts of a run. Within a transaction."""
    request_task(SEND, run_id, key=f"run:{run_id}:parts:{timezone.now():%Y%m%d%H%M%S%f}")


def ask_to_join(run_id: int) -> None:
    """Ask for the plan of a run whose parts are all solved. Within a transaction."""
    request_task(JOIN, run_id, key=f"run:{run_id}:join:{timezone.now():%Y%m%d%H%M%S%f}")


def lost_parts(run_id: int) -> list[int]:
    """The parts of a run that are not solved and that nobody is at, in their order."""
    waiting = RunPart.objects.filter(run=run_id, plan__isnull=True).order_by("position")
    keys = list(waiting.values_list("pk", flat=True))
    at_work = busy(PART_LOCK, keys)
    return [pk for pk in keys if pk not in at_work]


def show(run_id: int) -> None:
    """Say on the run how many of its parts are done; joining them is the last step."""
    parts = RunPart.objects.filter(run=run_id)
    done, of = parts.filter(plan__isnull=False).count(), parts.count()
    Run.objects.filter(pk=run_id).update(
        stage=f"{of}の部分に分けて計算({done}件済み)", stages_done=done, stages_of=of + 1
    )


def solve_part(part_id: int) -> None:
    """Solve one part from its frozen input, the last one asks for the joining. Called by a
    worker; running twice equals running once. A solver that gives up leaves the quick plan.

    Raises PartLost at the third failure, for the run to end.
    """
    with alone(PART_LOCK, part_id) as gained:
        if not gained:
            return  # somebody is at it
        part = RunPart.objects.with_run().filter(pk=part_id).first()
        if part is None or part.plan is not None or part.run.status != Run.Status.RUNNING:
            return
        part.attempts += 1
        if part.attempts > MAX_ATTEMPTS:
            _give_up(part)
            return
        part.save(update_fields=["attempts"])
        plan = _plan_of(engine.problem_from_json(part.problem), part.run.wall_seconds)
        _keep(part, plan)


def _plan_of(problem: engine.Problem, wall_seconds: int) -> engine.Plan:
    try:
        plan = engine.solve_in_child(problem, wall_s=wall_seconds)
    except engine.SolverFailed as failure:
        logger.warning("a part: solver gave up, greedy plan kept: %s", failure)
        plan = engine.greedy(problem)
    violations = engine.verify(problem, plan)
    if violations:
        raise PartLost(f"the verifier refused the plan of a part: {violations[0]}")
    return plan


def _keep(part: RunPart, plan: engine.Plan) -> None:
    with transaction.atomic():
        # One after the other, so that exactly the last one sees all parts solved.
        Run.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=part.run_id)
        part.plan = engine.plan_to_json(plan)
        part.finished_at = timezone.now()
        part.save(update_fields=["plan", "finished_at"])
        show(part.run_id)
        if not RunPart.objects.filter(run=part.run_id, plan__isnull=True).exists():
            ask_to_join(part.run_id)


def _give_up(part: RunPart) -> None:
    """The run sees it when it is swept: attempts stay above the limit."""
    part.save(update_fields=["attempts"])
    with transaction.atomic():
        ask_to_join(part.run_id)


def is_given_up(run_id: int) -> bool:
    """Whether a part of the run was lost too often."""
    return RunPart.objects.filter(run=run_id, plan__isnull=True, attempts__gt=MAX_ATTEMPTS).exists()


def take_up(run_id: int) -> bool:
    """For the sweep: ask for lost parts, or for the joining; False where nothing was asked."""
    open_parts = RunPart.objects.filter(run=run_id, plan__isnull=True)
    with transaction.atomic():
        if is_given_up(run_id) or not open_parts.exists():
            ask_to_join(run_id)
            return True
        lost = set(lost_parts(run_id))
        started = set(open_parts.filter(attempts__gt=0).values_list("pk", flat=True))
        # Parts that wait behind others on busy workers are in the queue already.
        if lost & started or len(lost) == open_parts.count():
            send(run_id)
            return True
    return False
