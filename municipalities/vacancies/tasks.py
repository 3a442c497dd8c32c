"""Background work of vacancies: an id in, one call of a service."""

from celery import shared_task

from municipalities.vacancies import services


@shared_task(name="vacancies.run_import")
def run_import(pk: int) -> None:
    services.run_import(pk)


@shared_task(name="vacancies.sweep_imports")
def sweep_imports() -> None:
    services.sweep_lost_imports()


@shared_task(name="vacancies.keep_calendar")
def keep_calendar() -> None:
    services.keep_calendar()


@shared_task(name="vacancies.check_exports")
def check_exports() -> None:
    services.check_exports()


@shared_task(name="vacancies.notify")
def notify(pk: int) -> None:
    services.notify_at_once(pk)


@shared_task(name="vacancies.answer_wish")
def answer_wish(pk: int) -> None:
    services.answer_wish(pk)
