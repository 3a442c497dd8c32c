"""Marks of erased people, so that nobody brings them back by mistake (B-05).

The mark is an HMAC under the portal's key: without the key it can neither be read nor guessed.
A person who registers anew by himself or herself is welcome; imports and registrations on
somebody's behalf ask here first.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from django.conf import settings

from talentpool.conventions.folding import search_key
from talentpool.privacy.models import Tombstone

WHY_NOT = (
    "この方は、ご本人の請求により登録を削除しています。県が代わりに登録し直すことはできません。"
    "もう一度登録を希望されるときは、ご本人に申し込んでいただいてください。"
)


def bury(addresses: Iterable[str], *, name: str, kana: str) -> None:
    """Leave marks of the mail addresses and of the name with its reading."""
    Tombstone.objects.bulk_create(
        [
            Tombstone(digest=_digest(settings.SECRET_KEY, text))
            for text in _texts(addresses, name, kana)
        ],
        ignore_conflicts=True,
    )


def is_buried(*, email: str = "", name: str = "", kana: str = "") -> bool:
    """Whether this address, or this name with this reading, is an erased person's."""
    return buried_among([(email, name, kana)]) == [True]


def buried_among(people: Sequence[tuple[str, str, str]]) -> list[bool]:
    """The same for many, each with address, name and reading (empty where not known), at once."""
    keys: list[str] = [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
    marks = [
        {
            _digest(key, text)
            for key in keys
            for text in _texts([email] if email else [], name, kana)
        }
        for email, name, kana in people
    ]
    found = set(
        Tombstone.objects.filter(digest__in=set().union(*marks)).values_list("digest", flat=True)
    )
    return [not mark.isdisjoint(found) for mark in marks]


def _texts(addresses: Iterable[str], name: str, kana: str) -> list[str]:
    texts = [f"mail:{address.strip().lower()}" for address in addresses]
    if name and kana:  # a name alone is many people's
        texts.append(f"name:{search_key(name)}:{search_key(kana)}")
    return texts


def _digest(key: str, text: str) -> str:
    secret = hashlib.sha256(b"talentpool.privacy.tombstones" + key.encode()).digest()
    return hmac.new(secret, text.encode(), "sha256").hexdigest()
