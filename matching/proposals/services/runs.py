"""Start and solve matching runs."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from matching import engine
from matching.proposals.freeze import freeze
from matching.proposals.models import Run
from matching.proposals.services.errors import Refused
from municipalities.vacancies.models import Need
from talentpool.audit import services as audit
from talentpool.outbox.services import request_task
from talentpool.users.models import User

logger = logging.getLogger(__name__)

RUN_LOCK = 0x5275
MAX_ATTEMPTS = 3  # a run whose solving was lost three times is stopped and reported
TASK = "proposals.solve_run"


@transaction.atomic
def start_run(*, title: str, need_ids: Sequence[int], wall_seconds: int = 60, by: User) -> Run:
    """Queue a run over accepted needs. By a coordinator. Raises Refused without such needs."""
    needs = list(
        Need.objects.select_for_update(of=("self",))
        .filter(pk__in=need_ids, status=Need.Status.ACCEPTED)
        .order_by("pk")
    )
    if not needs:
        raise Refused("受付済みの案件を1つ以上選んでください。")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [RUN_LOCK])
    number = (Run.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    run = Run.objects.create(number=number, title=title, wall_seconds=wall_seconds, requested_by=by)
    run.needs.set(needs)
    audit.record("start_run", run, by=by, detail={"needs": [need.pk for need in needs]})
    request_task(TASK, run.pk, key=f"run:{run.pk}:0")
    return run


@contextmanager
def _only_solver_of(run_id: int) -> Iterator[bool]:
    """True for one process at a time. The lock belongs to the database session and ends with
    it: a worker that was killed holds nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [RUN_LOCK, run_id])
        gained = bool(cursor.fetchone()[0])
        try:
            yield gained
        finally:
            if gained:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [RUN_LOCK, run_id])


def solve_run(run_id: int) -> None:
    """Solve a run that is going on: freeze, greedy plan stored at once, then the exact solver.

    Called by a worker; running twice equals running once. Every stored plan was checked by the
    engine's independent verifier.
    """
    with _only_solver_of(run_id) as gained:
        if not gained:
            return  # somebody is at it
        run = Run.objects.filter(pk=run_id).first()
        if run is None or run.status not in Run.GOING_ON:
            return
        run.attempts += 1
        if run.attempts > MAX_ATTEMPTS:
            _fail(run, "計算が3回続けて途中で失われました。管理者に知らせてください。")
            return
        run.status = Run.Status.RUNNING
        run.save(update_fields=["status", "attempts"])
        problem = _frozen_problem(run)
        greedy_plan = _checked(problem, engine.greedy(problem))
        run.greedy_plan = engine.plan_to_json(greedy_plan)
        run.save(update_fields=["greedy_plan"])
        _finish(run, _best_plan(run, problem, greedy_plan))


def _frozen_problem(run: Run) -> engine.Problem:
    """The input, frozen at the first attempt and read back at every later one."""
    if run.problem is None:
        needs = list(
            run.needs.prefetch_related("skills", "forms")
            .filter(status=Need.Status.ACCEPTED)
            .order_by("pk")
        )
        problem = freeze(needs)
        run.problem = engine.problem_to_json(problem)
        run.input_sha256 = engine.input_sha256(problem)
        run.save(update_fields=["problem", "input_sha256"])
    return engine.problem_from_json(run.problem)


def _best_plan(run: Run, problem: engine.Problem, greedy_plan: engine.Plan) -> engine.Plan:
    """The exact solver's plan; the greedy one when the solver did not come back in its time."""

    def show(progress: engine.Progress) -> None:
        Run.objects.filter(pk=run.pk).update(
            stage=progress.stage, stages_done=progress.done, stages_of=progress.of
        )

    try:
        plan = engine.solve_in_child(problem, wall_s=run.wall_seconds, on_progress=show)
    except engine.SolverFailed as failure:
        logger.warning("run %s: solver gave up, greedy plan kept: %s", run.pk, failure)
        return greedy_plan
    return _checked(problem, plan)


def _checked(problem: engine.Problem, plan: engine.Plan) -> engine.Plan:
    violations = engine.verify(problem, plan)
    if violations:
        raise RuntimeError(f"the verifier refused a plan: {violations[0]}")
    return plan


def _finish(run: Run, plan: engine.Plan) -> None:
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if run.status not in Run.GOING_ON:
            return
        run.plan = engine.plan_to_json(plan)
        run.status = Run.Status.FINISHED
        run.finished_at = timezone.now()
        run.stages_done = run.stages_of
        run.save()
        audit.record(
            "finish_run", run, by=None, detail={"sha256": run.input_sha256, "by": plan.backend}
        )


def _fail(run: Run, why: str) -> None:
    with transaction.atomic():
        run.status = Run.Status.FAILED
        run.failure = why
        run.finished_at = timezone.now()
        run.save()
        audit.record("fail_run", run, by=None)


def sweep_runs() -> int:
    """Ask again for every run that should be going on and that nobody works at; returns how
    many. A run whose solver lives holds its advisory lock and is left alone."""
    asked = 0
    for run in Run.objects.filter(status__in=Run.GOING_ON).order_by("pk"):
        with _only_solver_of(run.pk) as free:
            if not free:
                continue
        with transaction.atomic():
            request_task(TASK, run.pk, key=f"run:{run.pk}:{timezone.now():%Y%m%d%H%M%S}")
        asked += 1
    return asked
