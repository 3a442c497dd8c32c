"""A mail server that keeps what it is given: the receiving end of the tests."""

import re
import socketserver
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_ID = re.compile(rb"^Message-ID: (\S+)", re.IGNORECASE | re.MULTILINE)
_ANSWERS = {b"EHLO": "250 sink", b"HELO": "250 sink", b"QUIT": "221 bye"}


@dataclass(frozen=True, slots=True)
class Received:
    """One mail, and when it was taken (seconds of `time.monotonic`)."""

    at: float
    recipient: str
    message_id: str


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        with suppress(ConnectionError):  # the sender was killed
            self._talk()

    def _talk(self) -> None:
        self._say("220 sink")
        recipient = ""
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
            if verb == b"DATA":
                self._say("354 go on")
                self._take(recipient)
            self._say(_ANSWERS.get(verb, "250 ok"))
            if verb == b"QUIT":
                return

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")

    def _take(self, recipient: str) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        if line:  # a mail that was cut off in the middle never arrived
            found = _ID.search(b"".join(lines))
            message_id = found[1].decode() if found else ""
            assert isinstance(self.server, MailSink)
            self.server.received.append(Received(time.monotonic(), recipient, message_id))


class MailSink(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine while it is open; `received` grows."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.received: list[Received] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()

    def environ(self, per_second: float) -> dict[str, str]:
        """Settings of a worker that sends here, at a rate."""
        return {
            "TALENTPOOL_PROFILE": "demo",  # the tests' own profile keeps mail in memory
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.server_address[1]),
            "MAILS_PER_SECOND": str(per_second),
        }
