"""Glue of the portal: settings, URLs, Celery and WSGI entry points."""
