"""allauth's seams: nobody signs up by themselves (A-10), and its mail leaves by the outbox."""

import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest

from talentpool.outbox.services import send_mail_later
from talentpool.users.models import User
from talentpool.users.signing_in import note_sign_in


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        note_sign_in(user)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue what allauth would send at once: a mail server that is down keeps nobody from
        asking for a new password."""
        about = {
            "request": current.request,
            "email": email,
            "current_site": get_current_site(current.request),
            **context,
        }
        mail = self.render_mail(template_prefix, email, about)
        key = f"account:{secrets.token_hex(16)}"
        send_mail_later(to=email, subject=str(mail.subject), body=str(mail.body), key=key)
