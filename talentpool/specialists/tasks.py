"""Background work of the pool: each can run twice."""

from celery import shared_task
from django.utils import timezone

from talentpool.specialists.services import asking


@shared_task(name="specialists.ask_each_month")
def ask_each_month() -> int:
    return asking.ask_each_month(timezone.localdate())
