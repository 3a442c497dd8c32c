"""Runs on a real worker over the real broker: nothing is lost, whatever dies (A-35 to A-38)."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from matching import engine
from matching.engine.generate import generate
from matching.proposals.models import Run
from matching.proposals.services import runs
from talentpool.audit.models import Event
from talentpool.outbox.alone import alone
from talentpool.outbox.models import Message
from tests import factories as make
from tests.worker import WorkerProcess

PATIENCE = 120


def wait_for(run: Run, ready: Callable[[Run], bool]) -> Run:
    """Read the run until it is as wanted. Fails with the run's state after a long time."""
    end = time.monotonic() + PATIENCE
    while True:
        run.refresh_from_db()
        if ready(run):
            return run
        assert time.monotonic() < end, (run.status, run.attempts, run.stage, run.failure)
        time.sleep(0.05)


def start(**values: Any) -> Run:
    coordinator = make.make_coordinator()
    make.make_specialist()
    need = make.make_need("accepted", coordinator=coordinator)
    run = runs.start_run(title="試験", need_ids=[need.pk], by=coordinator, wall_seconds=20)
    Run.objects.filter(pk=run.pk).update(**values)
    return run


def long_problem() -> dict[str, Any]:
    """A frozen input on which the exact solver works for as long as it may."""
    problem = generate(towns=60, needs=240, specialists=110, seed=1, scarce=True)
    return {
        "problem": engine.problem_to_json(problem),
        "input_sha256": engine.input_sha256(problem),
    }


def solver_processes(wall_s: int = 20) -> list[int]:
    """The engine's child processes on this machine that work for this test's parent process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"matching.engine" in words and f"--wall={wall_s}".encode() in words:
                found.append(int(entry.name))
    return found


@pytest.mark.django_db(transaction=True)
def test_a_worker_solves_a_run(celery_worker_process: WorkerProcess) -> None:
    run = wait_for(start(), lambda run: run.status not in Run.GOING_ON)
    assert (run.status, run.attempts) == ("finished", 1)
    assert Event.objects.filter(action="finish_run").count() == 1


@pytest.mark.django_db(transaction=True)
def test_kill_9_in_the_middle_loses_nothing(celery_worker_process: WorkerProcess) -> None:
    """The worker and its children are killed while the exact solver works. The run finishes once
    a worker is back, from the same frozen input; the solver's process dies with its worker."""
    others = set(solver_processes())
    run = start(**long_problem())
    # In the middle: the greedy plan is stored and the exact solver's process is there.
    wait_for(
        run, lambda run: run.greedy_plan is not None and bool(set(solver_processes()) - others)
    )
    sha = run.input_sha256
    celery_worker_process.kill_hard()
    end = time.monotonic() + PATIENCE
    while set(solver_processes()) - others:
        assert time.monotonic() < end, "the solver outlived its worker"
        time.sleep(0.05)
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("running", 1)

    Run.objects.filter(pk=run.pk).update(wall_seconds=2)  # the second time need not be long
    back = time.monotonic()
    celery_worker_process.start()
    wait_for(run, lambda run: run.attempts == 2)
    taken_up = time.monotonic() - back
    wait_for(run, lambda run: run.status not in Run.GOING_ON)
    print(f"taken up {taken_up:.1f} s after the start of a worker (its own start included)")
    assert (run.status, run.attempts, run.input_sha256) == ("finished", 2, sha)
    plan = engine.plan_from_json(run.plan)
    assert engine.verify(engine.problem_from_json(run.problem), plan) == ()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_forgets_everything_loses_nothing(
    celery_worker_process: WorkerProcess,
) -> None:
    """FLUSHALL between the commit and the delivery: the sweep of the next worker finds the run."""
    celery_worker_process.kill_hard()
    run = start()
    assert Message.objects.filter(kind="task").exists()
    WorkerProcess.flush_broker()
    # The row says that it was handed to the broker, and the broker has forgotten it.
    Message.objects.filter(kind="task").update(state="done", finished_at=run.created_at)
    celery_worker_process.start()
    wait_for(run, lambda run: run.status == "finished")
    assert run.attempts == 1


@pytest.mark.django_db(transaction=True)
def test_solving_twice_at_once_is_solving_once() -> None:
    run = start()
    gate = threading.Barrier(2)

    def solve() -> None:
        gate.wait()
        try:
            runs.solve_run(run.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=solve) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("finished", 1)
    assert Event.objects.filter(action="finish_run").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_sweep_leaves_a_run_alone_that_is_being_solved() -> None:
    run = start()
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with alone(runs.RUN_LOCK, run.pk) as gained:
            assert gained
            entered.set()
            leave.wait(PATIENCE)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(PATIENCE)
    assert runs.sweep_runs() == 0
    leave.set()
    thread.join(PATIENCE)
    assert runs.sweep_runs() == 1


# --- A run that cannot be solved ------------------------------------------------------------------
@pytest.mark.django_db
def test_a_plan_that_the_verifier_refuses_ends_the_run_at_the_third_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = start()
    greedy = engine.greedy

    def broken(problem: engine.Problem) -> engine.Plan:
        plan = greedy(problem)
        assert plan.assignments
        return replace(plan, assignments=plan.assignments * 2)

    monkeypatch.setattr(engine, "greedy", broken)
    for attempt in (1, 2, 3):
        with pytest.raises(runs.PlanRefused):
            runs.solve_run(run.pk)
        run.refresh_from_db()
        assert run.attempts == attempt
    assert run.status == "failed"
    assert run.plan is None
    assert "検算に3回通りませんでした" in run.failure
    runs.solve_run(run.pk)
    run.refresh_from_db()
    assert run.attempts == 3


@pytest.mark.django_db
def test_a_run_that_was_lost_three_times_is_stopped_and_says_so() -> None:
    run = start(status="running", attempts=3)
    runs.solve_run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("failed", 3)
    assert "3回続けて途中で失われました" in run.failure
    assert runs.sweep_runs() == 0


@pytest.mark.django_db
def test_a_run_whose_needs_are_gone_says_so() -> None:
    run = start()
    run.needs.update(status="withdrawn", closed_at=run.created_at)
    runs.solve_run(run.pk)
    run.refresh_from_db()
    assert run.status == "failed"
    assert "すべて取り下げられた" in run.failure


@pytest.mark.django_db
def test_the_greedy_plan_stays_when_the_solver_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")  # no Python that is started now comes up
    run = start()
    runs.solve_run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.plan) == ("finished", run.greedy_plan)
