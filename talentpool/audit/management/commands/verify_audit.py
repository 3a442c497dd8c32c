"""`manage.py verify_audit`: check the hash chain of the audit record and print its head."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from talentpool.audit.models import Event
from talentpool.audit.services import FIRST_HASH, verify_chain


class Command(BaseCommand):
    help = "Check the hash chain of the audit record; prints the head to keep outside the database."

    def handle(self, *args: Any, **options: Any) -> None:
        checked, broken = verify_chain()
        if broken is not None:
            raise CommandError(f"監査記録が壊れています: {checked}件目の次(番号 {broken})")
        head = Event.objects.order_by("-pk").values_list("hash", flat=True).first() or FIRST_HASH
        self.stdout.write(f"{checked} events, head {head}")
