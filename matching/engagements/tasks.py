"""Background work of engagements: each can run twice."""

from celery import shared_task
from django.utils import timezone

from matching.engagements import outlook


@shared_task(name="engagements.renew_outlook")
def renew_outlook() -> None:
    outlook.renew_outlook(timezone.localdate())
