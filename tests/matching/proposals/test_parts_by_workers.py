"""A large run goes out in parts over several real workers; a killed worker's part is done again."""

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from matching import engine
from matching.engine import parts as engine_parts
from matching.engine import types
from matching.engine.parts import solve_in_parts
from matching.proposals.models import Run, RunPart
from matching.proposals.services import parts, runs
from talentpool.audit.models import Event
from talentpool.outbox.alone import alone
from talentpool.outbox.models import Message
from tests import factories as make
from tests.matching.engine.building import islands, plan_of
from tests.matching.proposals.test_runs_by_worker import solver_processes, wait_for
from tests.worker import WorkerProcess

WALL = 240


def start(problem: engine.Problem) -> Run:
    coordinator = make.make_coordinator()
    need = make.make_need("accepted", coordinator=coordinator)
    with transaction.atomic():  # before a worker can see the run and freeze an input of its own
        run = runs.start_run(title="広域", need_ids=[need.pk], by=coordinator, wall_seconds=WALL)
        Run.objects.filter(pk=run.pk).update(
            problem=engine.problem_to_json(problem), input_sha256=engine.input_sha256(problem)
        )
    return run


def plain(plan: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in plan.items() if key != "seconds"}


@pytest.mark.django_db(transaction=True)
def test_two_workers_one_of_them_killed_make_the_plan_of_one(
    celery_worker_process: WorkerProcess, tmp_path: Path
) -> None:
    problem = islands(2, needs=105)
    assert len(engine.split(problem)) == 2
    second = WorkerProcess(tmp_path / "second.log")
    second.start()
    try:
        others = set(solver_processes(WALL))
        run = start(problem)
        wait_for(run, lambda run: bool(set(solver_processes(WALL)) - others))
        celery_worker_process.kill_hard()
        celery_worker_process.start()
        wait_for(run, lambda run: run.status not in Run.GOING_ON)
    finally:
        second.kill_hard()
    assert run.status == "finished"
    assert plain(run.plan) == plain(engine.plan_to_json(solve_in_parts(problem, wall_s=WALL)))
    assert engine.verify(problem, engine.plan_from_json(run.plan)) == ()
    assert sorted(run.parts.values_list("position", flat=True)) == [0, 1]
    assert Event.objects.filter(action="finish_run").count() == 1


# --- What the rows and the sweep do, without workers ----------------------------------------------
@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of few needs: what is tested here are the rows."""
    for module in (types, engine_parts):
        monkeypatch.setattr(module, "PART_NEEDS", 10)


def divided(**values: Any) -> Run:
    run = start(islands(2, needs=14))
    Run.objects.filter(pk=run.pk).update(**values)
    runs.solve_run(run.pk)
    run.refresh_from_db()
    return run


def asked(name: str) -> int:
    return Message.objects.filter(kind="task", payload__name=name).count()


@pytest.mark.usefixtures("small_parts")
@pytest.mark.django_db
def test_parts_are_solved_once_and_the_last_one_asks_for_the_joining(client: Client) -> None:
    run = divided(attempts=runs.MAX_ATTEMPTS - 1)  # lost before: the joining begins anew
    client.force_login(run.requested_by)
    page = client.get(f"/admin/proposals/run/{run.pk}/progress/").content.decode()
    assert f"上限は、部分ごとに{WALL}秒、合わせる計算に{WALL}秒です" in page
    assert (run.status, run.stages_done, run.stages_of) == ("running", 0, 3)
    assert run.greedy_plan is not None
    assert asked(parts.SEND) == 1
    first, last = run.parts.all()
    parts.solve_part(last.pk)
    run.refresh_from_db()
    assert (run.stages_done, run.stage) == (1, "2の部分に分けて計算(1件済み)")
    runs.join_run(run.pk)
    runs.solve_run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("running", 0)  # neither had anything to do
    assert asked(parts.JOIN) == 0
    assert parts.lost_parts(run.pk) == [first.pk]
    with alone(parts.PART_LOCK, first.pk):  # also where the same session could lock it once more
        assert parts.lost_parts(run.pk) == []
    for _ in range(2):
        parts.solve_part(first.pk)
    assert RunPart.objects.get(pk=first.pk).attempts == 1
    assert asked(parts.JOIN) == 1
    for _ in range(2):
        runs.join_run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.stages_done) == ("finished", run.stages_of)
    assert run.plan["backend"] == "parts"


@pytest.mark.usefixtures("small_parts")
@pytest.mark.django_db
def test_the_sweep_asks_for_lost_parts_and_a_part_lost_for_good_ends_the_run() -> None:
    run = divided()
    first, last = run.parts.all()
    assert runs.sweep_runs() == 1  # nobody is at any: the broker may have forgotten them
    assert asked(parts.SEND) == 2
    RunPart.objects.filter(pk=first.pk).update(attempts=parts.MAX_ATTEMPTS)
    assert runs.sweep_runs() == 1  # begun and left
    assert asked(parts.SEND) == 3
    parts.solve_part(first.pk)
    assert asked(parts.JOIN) == 1
    runs.join_run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.plan) == ("failed", None)
    assert "3回続けて途中で失われました" in run.failure
    parts.solve_part(last.pk)
    assert RunPart.objects.get(pk=last.pk).plan is None


@pytest.mark.usefixtures("small_parts")
@pytest.mark.django_db
def test_all_parts_solved_and_nobody_joining_is_taken_up_by_the_sweep() -> None:
    run = divided()
    run.parts.update(plan={}, finished_at=run.created_at)
    assert runs.sweep_runs() == 1
    assert asked(parts.JOIN) == 1


@pytest.mark.usefixtures("small_parts")
@pytest.mark.django_db
@pytest.mark.parametrize("stored", ["by another version", "that breaks a rule"])
def test_a_joining_that_fails_keeps_the_plans_of_the_parts(
    stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And takes no quick plan that cannot be read or believed any more: it makes it anew."""
    run = divided()
    problem = engine.problem_from_json(run.problem)
    for part in run.parts.all():
        plan = engine.solve(engine.problem_from_json(part.problem), wall_s=WALL)
        part.plan, part.finished_at = engine.plan_to_json(plan), run.created_at
        part.save()
    if stored == "by another version":
        run.greedy_plan["schema"] = "talentpool-plan-0"
    else:
        run.greedy_plan["stages"][0] |= {"value": 999, "bound": 999}
    run.save()
    monkeypatch.setenv("PYTHONHOME", "/nowhere")  # no Python that is started now comes up
    runs.join_run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.plan["backend"], run.plan["stopped"]) == (
        "finished",
        "parts",
        "optimal",
    )
    assert engine.verify(problem, engine.plan_from_json(run.plan)) == ()


@pytest.mark.usefixtures("small_parts")
@pytest.mark.django_db
def test_a_joined_plan_that_serves_less_than_the_quick_one_is_not_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Parts that say, without proof, that nobody can be served: what is joined serves nobody."""
    run = divided()
    for part in run.parts.all():
        plan = plan_of(engine.problem_from_json(part.problem))
        RunPart.objects.filter(pk=part.pk).update(
            plan=engine.plan_to_json(plan), finished_at=run.created_at
        )
    runs.join_run(run.pk)
    assert "gave up" not in caplog.text  # it was joined
    run.refresh_from_db()
    assert (run.status, run.plan["assignments"]) == ("finished", run.greedy_plan["assignments"])
