"""The words that a subscriber agrees to (B-11): data/subscription_words.csv. Each subscription
keeps the name of the version that was read."""

from datetime import date
from pathlib import Path

from talentpool.vocabulary.wording import Wording, wording_of, wordings_in

__all__ = ["Wording", "wording_on", "wordings"]
FILE = Path(__file__).parent / "data" / "subscription_words.csv"


def wordings() -> dict[str, Wording]:
    """All versions by name, the oldest first."""
    return wordings_in(FILE)


def wording_on(day: date) -> Wording:
    """The words on the page on `day`."""
    return wording_of(FILE, day)
