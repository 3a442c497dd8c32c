"""`manage.py load_reference`: code lists, municipalities and the facts of the prefecture."""

from typing import Any

from django.core.management.base import BaseCommand

from municipalities.registry.services import load_reference


class Command(BaseCommand):
    help = "Add what ships with the product and is not in the database yet; can be run again."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = load_reference()
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in counts.items()))
