"""Background work of uploads: an id in, one call of a service."""

from celery import shared_task

from talentpool.files import services


@shared_task(name="files.scan")
def scan(pk: int) -> None:
    services.scan_file(pk)


@shared_task(name="files.sweep")
def sweep() -> None:
    services.sweep_files()
