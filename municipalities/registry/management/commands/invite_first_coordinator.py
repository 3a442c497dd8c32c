"""`manage.py invite_first_coordinator EMAIL`: the way into a new portal."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from municipalities.registry import invitations
from municipalities.registry.models import Membership

Role = Membership.Role


class Command(BaseCommand):
    help = (
        "Invite the first coordinator of a new portal, or with --approver its first prefectural"
        " approver: prints the link, which works once and for 72 hours, and mails it too. Later"
        " staff are invited in the admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--approver", action="store_true")

    def handle(self, *args: Any, email: str, approver: bool, **options: Any) -> None:
        role = Role.PREFECTURAL_APPROVER if approver else Role.COORDINATOR
        if Membership.objects.filter(role=role, until__isnull=True, user__is_active=True).exists():
            raise CommandError(
                f"This portal has an account of the role {role} already; that person invites"
                " others in the admin."
            )
        try:
            _, path = invitations.invite(email=email, role=role, by=None)
        except invitations.InvitationRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{settings.SITE_URL}{path}")
