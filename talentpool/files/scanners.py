"""The virus check behind one interface: clean, infected or unavailable (A-29).

FILES_SCANNER says which: `clamd://host:3310` or `clamd:///path/to/socket` for ClamAV, `sample:` for
the demo and the tests, empty for none. Without a scanner everything is unavailable: held, not let
through.
"""

import re
import socket
import struct
from enum import Enum
from urllib.parse import urlsplit

from django.conf import settings

TIMEOUT_SECONDS = 20
PIECE = 64 * 1024
# The test string of EICAR, in two pieces so that a scanner does not take this file for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Verdict(Enum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNAVAILABLE = "unavailable"


def scan(content: bytes) -> Verdict:
    """What the scanner says of the content; UNAVAILABLE whenever it says nothing that is clear."""
    address: str = settings.FILES_SCANNER
    if address == "sample:":
        return Verdict.INFECTED if EICAR in content else Verdict.CLEAN
    if not address.startswith("clamd:"):
        return Verdict.UNAVAILABLE
    try:
        return _ask_clamd(address, content)
    except OSError:
        return Verdict.UNAVAILABLE


def _ask_clamd(address: str, content: bytes) -> Verdict:
    """ClamAV's INSTREAM: pieces with their length, a zero length at the end, one line back."""
    with _connection(address) as line:
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), PIECE):
            piece = content[start : start + PIECE]
            line.sendall(struct.pack(">I", len(piece)) + piece)
        line.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and (more := line.recv(4096)):
            answer += more
    if re.fullmatch(rb"stream: OK\0?", answer):
        return Verdict.CLEAN
    if re.fullmatch(rb"stream: .+ FOUND\0?", answer):
        return Verdict.INFECTED
    return Verdict.UNAVAILABLE


def _connection(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.hostname:
        return socket.create_connection((parts.hostname, parts.port or 3310), TIMEOUT_SECONDS)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(TIMEOUT_SECONDS)
    try:
        line.connect(parts.path)
    except OSError:
        line.close()
        raise
    return line
