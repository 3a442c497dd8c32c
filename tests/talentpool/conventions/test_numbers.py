"""Numbers made by hand raise nothing."""

import pytest

from talentpool.conventions.amounts import parse_yen
from talentpool.conventions.numbers import number_in

LONG = "1" * 5_000  # int() refuses it


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("007", 7),
        ("999999999", 999_999_999),
        *((text, 0) for text in ("", "1000000000", LONG, "-1", "1.0", "１", "²", " 1", "1\n")),
    ],
)
def test_number_in(text: str, number: int) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize("text", [LONG, "1" * 16, f"{'1' * 3}{',111' * 1_500}"])
def test_yen_that_no_column_holds_are_refused_in_plain_words(text: str) -> None:
    with pytest.raises(ValueError, match="金額は円単位の数字で"):
        parse_yen(text)
