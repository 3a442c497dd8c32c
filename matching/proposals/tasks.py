"""Background work of coordination: each takes an id (or nothing) and can run twice."""

from celery import shared_task

from matching.proposals.services import dates, runs, studies


@shared_task(name="proposals.solve_run")
def solve_run(run_id: int) -> None:
    runs.solve_run(run_id)


@shared_task(name="proposals.sweep_runs")
def sweep_runs() -> int:
    return runs.sweep_runs()


@shared_task(name="proposals.solve_study")
def solve_study(study_id: int) -> None:
    studies.solve_study(study_id)


@shared_task(name="proposals.sweep_studies")
def sweep_studies() -> int:
    return studies.sweep_studies()


@shared_task(name="proposals.sweep_dates")
def sweep_dates() -> int:
    return dates.sweep_dates()
