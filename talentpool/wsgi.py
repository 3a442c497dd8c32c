"""WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from talentpool.pages.gate import Gate

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talentpool.settings")

application = Gate(get_wsgi_application())
