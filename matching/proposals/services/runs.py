"""Start and solve matching runs."""

import logging
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from matching import engine
from matching.engine.policies import with_policy
from matching.proposals.errors import Refused
from matching.proposals.freeze import freeze
from matching.proposals.models import Proposal, Run, RunPart
from matching.proposals.packs import keep_pack
from matching.proposals.services import parts, pinning
from municipalities.vacancies.models import Need
from talentpool.audit import services as audit
from talentpool.conventions.era import format_month
from talentpool.conventions.months import first_of_month
from talentpool.outbox.alone import alone, busy
from talentpool.outbox.services import request_task
from talentpool.users.models import User

logger = logging.getLogger(__name__)

RUN_LOCK = 0x5275
MAX_ATTEMPTS = 3  # a run whose solving was lost three times is stopped and reported
TASK = "proposals.solve_run"

LOST = "計算が3回続けて途中で失われました。管理者に知らせてください。"
BROKEN = "計算が3回続けてエラーになりました。管理者に知らせてください。"
NOT_VALID = "求めた案が検算に3回通りませんでした。案は使わず、管理者に知らせてください。"
NO_NEEDS = (
    "対象の案件は、計算の前にすべて取り下げられたか、終わったか、"
    "ほかの計算の候補が市町に提示されました。"
)


class PlanRefused(Exception):
    """The independent verifier found a plan that breaks a rule."""


@transaction.atomic
def start_run(
    *,
    title: str,
    need_ids: Sequence[int],
    wall_seconds: int = 60,
    policy: str = Run.Policy.TOWNS_FIRST,
    without_pins: Collection[int] = (),
    request_key: uuid.UUID | None = None,
    by: User,
) -> Run:
    """Queue a run over accepted needs that have months left and that nobody is offered for. By a
    coordinator. It holds the pairs that are pinned for them.

    A second request with the same `request_key` returns the run of the first. Raises Refused
    without such needs, and names those that reach further ahead than is planned; PinsImpossible
    where pins cannot be held, but for those in `without_pins`, which the run goes without.
    """
    needs = list(
        Need.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=need_ids, status=Need.Status.ACCEPTED)
        .not_over_on(timezone.localdate())
        .exclude(proposals__status__in=Proposal.OPEN)
        .order_by("pk")
    )
    if not needs:
        raise Refused("受付済みの案件を1つ以上選んでください。")
    _refuse_far(needs)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [RUN_LOCK])
    made = Run.objects.filter(request_key=request_key).first() if request_key else None
    if made is not None:
        return made
    number = (Run.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    run = Run.objects.create(
        number=number,
        title=title,
        wall_seconds=wall_seconds,
        policy=policy,
        request_key=request_key or uuid.uuid4(),
        requested_by=by,
    )
    run.needs.set(needs)
    pinning.take_pins(run, needs, without_pins)
    audit.record("start_run", run, by=by, detail={"needs": [need.pk for need in needs]})
    request_task(TASK, run.pk, key=f"run:{run.pk}:0")
    return run


def _refuse_far(needs: Sequence[Need]) -> None:
    """One need that reaches too far would make the whole run fail, for all."""
    latest = Need.latest_month(first_of_month(timezone.localdate()))
    far = [need for need in needs if need.last_month > latest]
    if far:
        names = "、".join(f"{need.municipality.name}「{need.title}」" for need in far)
        raise Refused(
            f"終了月が{format_month(latest)}より後の案件は、計算できません：{names}。"
            "選ばずに計算するか、差し戻して終了月を直してもらってください。"
        )


def solve_run(run_id: int) -> None:
    """Solve a run that is going on: freeze, greedy plan stored at once, then the exact solver.

    Called by a worker; running twice equals running once. Every stored plan was checked by the
    engine's independent verifier. An error is raised for the log and tried again by the sweep; the
    third one ends the run with the reason (A-38).
    """
    with alone(RUN_LOCK, run_id) as gained:
        if not gained:
            return  # somebody is at it
        run = Run.objects.filter(pk=run_id).first()
        if run is None or not run.allows("solve") or run.parts.exists():
            return  # it has ended, or its parts go on by themselves
        run.attempts += 1
        if run.attempts > MAX_ATTEMPTS:
            _fail(run, LOST)
            return
        run.move("solve")
        run.stage, run.stages_done, run.stages_of = "", 0, 0  # not those of a lost attempt
        run.save(update_fields=["status", "attempts", "stage", "stages_done", "stages_of"])
        with _failing_at_last(run):
            _solve(run)


@contextmanager
def _failing_at_last(run: Run) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever it was, the run must not hang
        if run.attempts >= MAX_ATTEMPTS:
            _fail(run, NOT_VALID if isinstance(error, PlanRefused) else BROKEN)
        raise


def join_run(run_id: int) -> None:
    """Put the plans of a run's parts together. Called by a worker when the last part is solved;
    running twice equals running once. Errors are counted as those of `solve_run`."""
    with alone(RUN_LOCK, run_id) as gained:
        run = Run.objects.filter(pk=run_id, status=Run.Status.RUNNING).first()
        if not gained or run is None:
            return
        if parts.is_given_up(run_id):
            _fail(run, LOST)
            return
        rows = list(run.parts.order_by("position"))
        if not rows or any(row.plan is None for row in rows):
            return
        run.attempts += 1
        if run.attempts > MAX_ATTEMPTS:
            _fail(run, LOST)
            return
        run.save(update_fields=["attempts"])
        with _failing_at_last(run):
            problem = engine.problem_from_json(run.problem)
            _finish(run, problem, _best_plan(run, problem, rows))


def _solve(run: Run) -> None:
    problem = _frozen_problem(run)
    if problem is None:
        _fail(run, NO_NEEDS)
        return
    greedy_plan = _checked(problem, engine.greedy(problem))
    run.greedy_plan = engine.plan_to_json(greedy_plan)
    run.save(update_fields=["greedy_plan"])
    if parts.divide(run, problem):
        return  # the last part asks for the joining
    _finish(run, problem, _best_plan(run, problem))


def _frozen_problem(run: Run) -> engine.Problem | None:
    """The input, frozen at the first attempt and read back at every later one; None when no need
    is left."""
    if run.problem is None:
        run.frozen_at = timezone.now()  # what changes while the rows are read counts as later
        needs = list(
            run.needs.prefetch_related("skills", "forms")
            .filter(status=Need.Status.ACCEPTED)
            .not_over_on(timezone.localdate())
            .exclude(proposals__status__in=Proposal.OPEN)
            .order_by("pk")
        )
        if not needs:
            return None
        frozen = pinning.hold_pins(run, freeze(needs))
        problem = with_policy(frozen, Run.Policy(run.policy).engine_name)
        run.problem = engine.problem_to_json(problem)
        run.input_sha256 = engine.input_sha256(problem)
        run.save(update_fields=["problem", "input_sha256", "frozen_at"])
    return engine.problem_from_json(run.problem)


def _quick_plan(run: Run, problem: engine.Problem) -> engine.Plan:
    """The one that was stored first; made anew where another version stored it otherwise, or what
    was stored breaks a rule of this one."""
    try:
        return _checked(problem, engine.plan_from_json(run.greedy_plan))
    except (engine.ProblemError, PlanRefused):
        return _checked(problem, engine.greedy(problem))


def _best_plan(run: Run, problem: engine.Problem, rows: Sequence[RunPart] = ()) -> engine.Plan:
    """The exact solver's plan, or what it makes of the plans of the parts, unless the quick plan
    is better; when the solver did not come back in its time, the plans of the parts side by side,
    or the quick one."""
    quick = _quick_plan(run, problem)
    before = len(rows)
    parts_of = [engine.problem_from_json(row.problem) for row in rows]
    plans = [engine.plan_from_json(row.plan) for row in rows]

    def show(progress: engine.Progress) -> None:
        Run.objects.filter(pk=run.pk).update(
            stage=progress.stage,
            stages_done=before + progress.done,
            stages_of=before + progress.of,
        )

    try:
        if rows:
            plan = engine.join_in_child(
                problem,
                parts_of,
                plans,
                wall_s=run.wall_seconds,
                on_progress=show,
            )
        else:
            plan = engine.solve_in_child(problem, wall_s=run.wall_seconds, on_progress=show)
    except engine.SolverFailed as failure:
        logger.warning("run %s: solver gave up, the quick plan kept: %s", run.pk, failure)
        return max([quick, *_side_by_side(problem, parts_of, plans)], key=_values)
    return max(_checked(problem, plan), quick, key=_values)


def _side_by_side(
    problem: engine.Problem, parts_of: Sequence[engine.Problem], plans: Sequence[engine.Plan]
) -> list[engine.Plan]:
    """The plans of the parts as one plan, nothing looked for across them; none where there are no
    parts, or where another version made them."""
    if not plans:
        return []
    try:
        return [_checked(problem, engine.put_together(problem, parts_of, plans))]
    except (engine.ProblemError, engine.SolverFailed, PlanRefused):
        logger.exception("the plans of the parts cannot be put together")
        return []


def _values(plan: engine.Plan) -> tuple[int, ...]:
    return tuple(stage.value for stage in plan.stages)


def _checked(problem: engine.Problem, plan: engine.Plan) -> engine.Plan:
    violations = engine.verify(problem, plan)
    if violations:
        raise PlanRefused(f"the verifier refused a plan: {violations[0]}")
    return plan


def _finish(run: Run, problem: engine.Problem, plan: engine.Plan) -> None:
    keep_pack(run, problem, plan)
    packed = {name: getattr(run, name) for name in ("pack", "plan_sha256", "pack_sha256")}
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
        if not run.allows("finish"):
            return
        for name, value in packed.items():
            setattr(run, name, value)
        run.plan = engine.plan_to_json(plan)
        run.move("finish")
        run.finished_at = timezone.now()
        run.stages_done = run.stages_of
        run.save()
        audit.record(
            "finish_run",
            run,
            by=None,
            detail={
                "sha256": run.input_sha256,
                "by": plan.backend,
                "plan_sha256": run.plan_sha256,
                "pack_sha256": run.pack_sha256,
            },
        )


def _fail(run: Run, why: str) -> None:
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
        run.attempts = min(run.attempts, MAX_ATTEMPTS)
        run.move("fail")
        run.failure = why
        run.finished_at = timezone.now()
        run.save()
        audit.record("fail_run", run, by=None)


def sweep_runs() -> int:
    """Ask again for every run that should be going on and that nobody works at; returns how
    many. A run whose solver lives holds its advisory lock and is left alone."""
    asked = 0
    going_on = Run.objects.filter(status__in=Run.GOING_ON).order_by("pk")
    keys = list(going_on.values_list("pk", flat=True))
    at_work = busy(RUN_LOCK, keys)
    for key in keys:
        if key in at_work:
            continue
        if RunPart.objects.filter(run=key).exists():
            asked += parts.take_up(key)
            continue
        with transaction.atomic():
            request_task(TASK, key, key=f"run:{key}:{timezone.now():%Y%m%d%H%M%S}")
        asked += 1
    return asked
