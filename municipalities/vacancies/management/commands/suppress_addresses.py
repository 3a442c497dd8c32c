"""`manage.py suppress_addresses FILE`: addresses that bounced, one a line; with `--lift` addresses
that work again."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from municipalities.vacancies.services import lift_suppression, suppress


class Command(BaseCommand):
    help = (
        "Forget addresses that bounced and never write to them again; prints how many. With --lift"
        " let addresses subscribe again; prints how many of them were suppressed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--lift", action="store_true", help="the addresses work again")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = options["file"].read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise CommandError(f"cannot read {options['file']}: {error.strerror}") from error
        addresses = [line.strip() for line in lines if line.strip()]
        if options["lift"]:
            self.stdout.write(f"{sum(lift_suppression(address) for address in addresses)}")
            return
        for address in addresses:
            suppress(address)
        self.stdout.write(f"{len(addresses)}")
