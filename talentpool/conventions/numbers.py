"""Whole numbers that come with a page or stand in a file."""

MOST_DIGITS = 9  # fits every whole-number column, and int() refuses more than 4,300 digits


def number_in(text: str) -> int:
    """The number of one to nine ASCII digits; 0, which no key and no version is, for any other
    text. Never raises: what a page sends back can be made by hand."""
    plain = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if plain else 0
