"""Background work of coordination: each takes an id (or nothing) and can run twice."""

from celery import shared_task

from matching.proposals.services import dates, runs


@shared_task(name="proposals.solve_run")
def solve_run(run_id: int) -> None:
    runs.solve_run(run_id)


@shared_task(name="proposals.sweep_runs")
def sweep_runs() -> int:
    return runs.sweep_runs()


@shared_task(name="proposals.sweep_dates")
def sweep_dates() -> int:
    return dates.sweep_dates()
