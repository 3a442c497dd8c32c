"""A mail server, as Django's mail backend, for the tests: while it takes a mail, somebody reads the
one before and leaves."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class Backend(BaseEmailBackend):
    """EMAIL_BACKEND = "tests.leaving_mail.Backend"."""

    meanwhile: ClassVar[list[Callable[[], Any]]] = []

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for happens in self.meanwhile:
            happens()
        return len(email_messages)
