"""`manage.py load_sample`: the sample prefecture, for the demo only."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from talentpool.embedded.sample.load import load_sample
from talentpool.users.models import User


class Command(BaseCommand):
    help = "Fill an empty database with the sample prefecture (never in production)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SAMPLE_DATA:
            raise CommandError("Sample data are for the demo only (TALENTPOOL_PROFILE=demo).")
        if User.objects.exists():
            raise CommandError("There are accounts already: sample data go into an empty database.")
        load_sample()
        self.stdout.write("The sample prefecture is loaded.")
