"""Glue of the portal: settings, URLs, Celery and WSGI entry points."""

from talentpool.celery import app as celery_app

__all__ = ["celery_app"]
