"""`manage.py verify_audit [--head NUMBER:HASH]`: is the audit record whole?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from talentpool.audit import services


class Command(BaseCommand):
    help = (
        "Check the chain of the audit record and print its end. --head gives an end that was"
        " noted earlier (it is in the log of each day), so that a cut-off end is found too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", default="", metavar="NUMBER:HASH")

    def handle(self, *args: Any, head: str, **options: Any) -> None:
        checked, broken = services.verify_chain(head)
        if broken is not None:
            raise CommandError(f"The chain is broken at event {broken}, after {checked} events.")
        self.stdout.write(f"{checked} events, unbroken. head {services.head()}")
