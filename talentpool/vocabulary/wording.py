"""Words that somebody reads before personal data is asked for (B-01), by version, in one of the
product's own CSV files.

A version is never changed, for a record may name the one that was read; other words are rows of a
new version, on the page from its first day on.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from talentpool.vocabulary.services import read_rows


@dataclass(frozen=True, slots=True)
class Wording:
    """One version: its name, its first day on the page, its paragraphs, who reads the data, how
    long it is kept, what the person may ask for."""

    version: str
    in_force_from: date
    lines: tuple[str, ...]
    recipients: str = ""
    retention: str = ""
    rights: str = ""
    confirmed: bool = False

    @property
    def body(self) -> str:
        return "".join(self.lines)


@lru_cache
def wordings_in(file: Path) -> dict[str, Wording]:
    """All versions of a file by name, the oldest first."""
    found: dict[str, Wording] = {}
    for row in read_rows(file):
        version = row["version"]
        lines = found[version].lines if version in found else ()
        found[version] = Wording(
            version,
            date.fromisoformat(row["in_force_from"]),
            (*lines, row["line"]),
            recipients=row.get("recipients") or "",
            retention=row.get("retention") or "",
            rights=row.get("rights") or "",
            confirmed=row.get("confirmed") == "true",
        )
    return dict(sorted(found.items(), key=lambda item: item[1].in_force_from))


def wording_of(file: Path, day: date) -> Wording:
    """The words on the page on `day`: the newest version that has begun, else the first one."""
    versions = list(wordings_in(file).values())
    begun = [one for one in versions if one.in_force_from <= day]
    return begun[-1] if begun else versions[0]
