import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.conventions import corporate_number

LOCAL_BODIES = {
    "340006": "7000020340006",
    "341002": "9000020341002",
    "342025": "9000020342025",
    "342050": "8000020342050",
    "342084": "7000020342084",
    "342106": "2000020342106",
    "342131": "1000020342131",
    "343021": "2000020343021",
    "344621": "3000020344621",
    "345458": "8000020345458",
    "130001": "8000020130001",
}


@pytest.mark.parametrize("number", ["4011001098993", "7123456789012", *LOCAL_BODIES.values()])
def test_known_numbers(number: str) -> None:
    assert corporate_number.check_digit(number[1:]) == number[0]
    assert corporate_number.is_valid(number)


@pytest.mark.parametrize(
    "number", ["", "5011001098993", "401100109899", "40110010989930", "４011001098993", "T"]
)
def test_invalid_numbers(number: str) -> None:
    assert not corporate_number.is_valid(number)


@pytest.mark.parametrize(("code", "number"), LOCAL_BODIES.items())
def test_number_of_a_local_body(code: str, number: str) -> None:
    assert corporate_number.of_local_body(code) == number


def test_number_of_a_local_body_needs_a_valid_code() -> None:
    with pytest.raises(ValueError, match="団体コード"):
        corporate_number.of_local_body("341003")


@pytest.mark.parametrize(
    ("number", "corporate", "valid"),
    [
        ("T4011001098993", True, True),
        ("T5011001098993", True, False),
        ("T5011001098993", False, True),
        ("4011001098993", True, False),
        ("4011001098993", False, False),
        ("t4011001098993", True, False),
        ("T４011001098993", False, False),
        ("T40110010989931", False, False),
    ],
)
def test_invoice_number(number: str, corporate: bool, valid: bool) -> None:
    assert corporate_number.is_valid_invoice_number(number, corporate=corporate) is valid


def test_base_must_be_twelve_digits() -> None:
    with pytest.raises(ValueError, match="12桁"):
        corporate_number.check_digit("01100109899")


@given(st.integers(0, 10**12 - 1).map(lambda n: f"{n:012}"), st.integers(0, 11), st.integers(1, 8))
def test_a_wrong_digit_is_noticed(base: str, place: int, shift: int) -> None:
    """Modulo 9 cannot tell 0 from 9; any other change of one digit changes the check digit."""
    digit = (int(base[place]) + shift) % 9
    wrong = base[:place] + str(digit) + base[place + 1 :]
    noticed = corporate_number.check_digit(wrong) != corporate_number.check_digit(base)
    assert noticed == ((digit - int(base[place])) % 9 != 0)
