"""Values that travel in an address but must not be read there: sort values of a list, words that
somebody looked for (ASVS 14.2.1)."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(text: str, *, purpose: str) -> str:
    """The text as a token for an address; only the same purpose opens it."""
    return _box(purpose).encrypt(text.encode()).decode().rstrip("=")


def unseal(token: str, *, purpose: str) -> str | None:
    """The text of a token; None when it is none of ours."""
    try:
        sealed = token.encode() + b"=" * (-len(token) % 4)
        return _box(purpose).decrypt(sealed).decode()
    except (InvalidToken, ValueError):
        return None


def _box(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(purpose.encode() + str(key).encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
