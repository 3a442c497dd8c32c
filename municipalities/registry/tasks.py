"""Background work of the registry: an id in, one call of a service."""

from celery import shared_task

from municipalities.registry.deal_files import DEALS


@shared_task(name="registry.run_deal_import")
def run_deal_import(pk: int) -> None:
    DEALS.run(pk)


@shared_task(name="registry.discard_old_imports")
def discard_old_imports() -> int:
    return DEALS.discard_old()


@shared_task(name="registry.sweep_imports")
def sweep_imports() -> int:
    return DEALS.sweep_lost()
