"""Background work of coordination: each takes an id (or nothing) and can run twice."""

from celery import group, shared_task

from matching.proposals.services import dates, parts, runs, studies


@shared_task(name="proposals.solve_run")
def solve_run(run_id: int) -> None:
    runs.solve_run(run_id)


@shared_task(name="proposals.send_parts")
def send_parts(run_id: int) -> None:
    """The open parts of a run as one group, for any number of workers on any hosts."""
    group(solve_part.s(part_id) for part_id in parts.lost_parts(run_id)).apply_async()


@shared_task(name="proposals.solve_part")
def solve_part(part_id: int) -> None:
    parts.solve_part(part_id)


@shared_task(name="proposals.join_run")
def join_run(run_id: int) -> None:
    runs.join_run(run_id)


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
