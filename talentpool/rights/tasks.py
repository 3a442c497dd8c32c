"""Background work on the own data and on the views of it: one call of a service."""

import logging

from celery import shared_task

from talentpool.rights.services.purge import purge
from talentpool.rights.services.watch import watch_views

logger = logging.getLogger(__name__)


@shared_task(name="rights.purge")
def purge_nightly() -> None:
    """Remove what is past its term; running twice removes nothing more."""
    for purged in purge():
        logger.info("purge %s: %s rows", purged.term.code, purged.rows)


@shared_task(name="rights.watch_views")
def watch_views_hourly() -> int:
    """Tell of unusually many views of people; running twice tells nobody twice."""
    return watch_views()
