"""The relay as a task: nudged after each commit, swept by beat each minute."""

from celery import shared_task

from talentpool.outbox import relaying


@shared_task(name="outbox.relay")
def relay() -> int:
    return relaying.relay()
