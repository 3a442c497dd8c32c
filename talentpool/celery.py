"""The Celery application. The database is the system of record; the broker may be lost."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talentpool.settings")

app = Celery("talentpool")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def sweep_at_start(**kwargs: Any) -> None:
    """A worker that comes back first looks for work that was going on when one was lost."""
    for entry in app.conf.beat_schedule.values():
        if entry.get("options", {}).get("headers", {}).get("at_start"):
            app.send_task(entry["task"])
