"""Hand mails to the mail server over one connection."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from talentpool.outbox.models import Message


class Post:
    """A connection to the mail server, opened with the first mail and again after a failure."""

    def __init__(self) -> None:
        self._server: Any = None

    def send(self, message: Message) -> None:
        """Send one row. Raises whatever the mail server or the way to it raises."""
        if self._server is None:
            self._server = get_connection()
            self._server.open()
        try:
            _mail_of(message, self._server).send(fail_silently=False)
        except Exception:
            self.close()  # in whatever state it is now
            raise

    def close(self) -> None:
        """End the connection; a server that is gone by now is no failure."""
        server, self._server = self._server, None
        if server is not None:
            try:
                server.close()
            except OSError:
                return


def _mail_of(message: Message, server: Any) -> EmailMessage:
    return EmailMessage(
        subject=message.payload["subject"],
        body=message.payload["body"],
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.payload["to"]],
        # The same row always carries the same id, so that a repeated sending is seen as one mail.
        headers={
            **message.payload.get("headers", {}),
            "Message-ID": f"<{hashlib.sha256(message.key.encode()).hexdigest()}@talentpool>",
        },
        connection=server,
    )
