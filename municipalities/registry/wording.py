"""What a member of staff reads before the own name is asked for (B-01): data/account_words.csv.
The record of an accepted invitation keeps the version."""

from datetime import date
from pathlib import Path

from talentpool.vocabulary.wording import Wording, wording_of

FILE = Path(__file__).parent / "data" / "account_words.csv"


def account_words(day: date) -> Wording:
    """The words on the page on `day`."""
    return wording_of(FILE, day)
