"""The words that a subscriber agrees to (B-11), by version: data/subscription_words.csv.

A version is never changed, for each subscription keeps the name of the one that was read; other
words are rows of a new version, on the page from its first day on.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from talentpool.vocabulary.services import read_rows

FILE = Path(__file__).parent / "data" / "subscription_words.csv"


@dataclass(frozen=True, slots=True)
class Wording:
    """One version: its name, its first day on the page, its paragraphs."""

    version: str
    in_force_from: date
    lines: tuple[str, ...]


def wordings() -> dict[str, Wording]:
    """All versions by name, the oldest first."""
    return _read(FILE)


@lru_cache(maxsize=1)
def _read(file: Path) -> dict[str, Wording]:
    found: dict[str, Wording] = {}
    for row in read_rows(file):
        version = row["version"]
        lines = found[version].lines if version in found else ()
        day = date.fromisoformat(row["in_force_from"])
        found[version] = Wording(version, day, (*lines, row["line"]))
    return dict(sorted(found.items(), key=lambda item: item[1].in_force_from))


def wording_on(day: date) -> Wording:
    """The words on the page on `day`: the newest version that has begun, else the first one."""
    versions = list(wordings().values())
    begun = [one for one in versions if one.in_force_from <= day]
    return begun[-1] if begun else versions[0]
