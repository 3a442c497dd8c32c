"""Background work of engagements: each can run twice."""

from celery import shared_task
from django.utils import timezone

from matching.engagements import bars, ending, outlook, watch


@shared_task(name="engagements.renew_outlook")
def renew_outlook() -> None:
    outlook.renew_outlook(timezone.localdate())


@shared_task(name="engagements.end_past")
def end_past() -> int:
    return ending.end_past(timezone.localdate())


@shared_task(name="engagements.watch_all")
def watch_all() -> int:
    bars.keep_up()
    return watch.watch()


@shared_task(name="engagements.watch_town")
def watch_town(code: str) -> int:
    return watch.watch(codes={code})


@shared_task(name="engagements.watch_person")
def watch_person(specialist_id: int) -> int:
    bars.keep_up({specialist_id})
    return watch.watch(people={specialist_id})
