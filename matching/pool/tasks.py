"""Background work of the pool: it can run twice."""

from celery import shared_task
from django.utils import timezone

from matching.pool import overview


@shared_task(name="pool.renew_overview")
def renew_overview() -> None:
    overview.renew_overview(timezone.localdate())
