"""Background work of the pool: each can run twice."""

from celery import shared_task
from django.utils import timezone

from talentpool.specialists.services import asking, entry, fits, reminding, vetting
from talentpool.specialists.services.people_import import PEOPLE


@shared_task(name="specialists.answer_entry")
def answer_entry(pk: int) -> None:
    entry.answer_entry(pk)


@shared_task(name="specialists.ask_each_month")
def ask_each_month() -> int:
    today = timezone.localdate()
    asked = asking.ask_each_month(today) + asking.ask_for_declarations(today)
    return asked + reminding.remind_of_renewal(today) + reminding.remind_of_words(today)


@shared_task(name="specialists.sweep_terms")
def sweep_terms() -> int:
    PEOPLE.discard_old()
    vetting.remind_of_permits()
    return vetting.sweep_terms()


@shared_task(name="specialists.run_people_import")
def run_people_import(pk: int) -> None:
    PEOPLE.run(pk)


@shared_task(name="specialists.sweep_imports")
def sweep_imports() -> int:
    return PEOPLE.sweep_lost()


@shared_task(name="specialists.refit_confidence")
def refit_confidence() -> int | None:
    row = fits.refit_when_due()
    return row.pk if row is not None else None
