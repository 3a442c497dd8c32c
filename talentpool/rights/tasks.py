"""Background work on the own data: one call of a service."""

import logging

from celery import shared_task

from talentpool.rights.services.purge import purge

logger = logging.getLogger(__name__)


@shared_task(name="rights.purge")
def purge_nightly() -> None:
    """Remove what is past its term; running twice removes nothing more."""
    for purged in purge():
        logger.info("purge %s: %s rows", purged.term.code, purged.rows)
