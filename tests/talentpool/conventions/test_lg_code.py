import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.conventions import lg_code

bases = st.builds(
    lambda prefecture, rest: f"{prefecture:02}{rest:03}", st.integers(1, 47), st.integers(0, 999)
)


@pytest.mark.parametrize(
    "code",
    [
        "341002",
        "342025",
        "342084",
        "345458",
        "341088",
        "131016",
        "340006",
        "010006",
        "332054",
        "473821",
        "473600",
    ],
)
def test_known_codes(code: str) -> None:
    assert lg_code.with_check_digit(code[:5]) == code
    assert lg_code.is_valid(code)


@pytest.mark.parametrize(
    "code",
    ["", "34100", "3410023", "341003", "３４１００２", "000000", "480002", "34100x", " 341002"],
)
def test_invalid_codes(code: str) -> None:
    assert not lg_code.is_valid(code)
    with pytest.raises(ValueError, match="団体コード"):
        lg_code.prefecture_of(code)


@pytest.mark.parametrize("base", ["3410", "481009", "48100", "00100", "３４１００"])
def test_check_digit_refuses_other_text(base: str) -> None:
    with pytest.raises(ValueError, match="団体コード"):
        lg_code.check_digit(base)


def test_prefecture() -> None:
    assert lg_code.prefecture_of("342084") == "34"
    assert lg_code.prefecture_code("34") == "340006"
    assert lg_code.is_prefecture("340006")
    assert not lg_code.is_prefecture("342084")
    assert not lg_code.is_prefecture("340007")


@given(bases, st.integers(0, 4), st.integers(1, 9))
def test_one_wrong_digit_is_noticed_but_for_the_two_that_share_a_zero(
    base: str, place: int, shift: int
) -> None:
    """Remainders 0 and 1 give the digits 1 and 0, as 10 does: only that pair may be mixed up."""
    code = lg_code.with_check_digit(base)
    assert lg_code.is_valid(code)
    wrong = code[:place] + str((int(code[place]) + shift) % 10) + code[place + 1 :]
    if lg_code.is_valid(wrong):
        totals = {
            sum(int(d) * w for d, w in zip(c, (6, 5, 4, 3, 2), strict=False)) % 11
            for c in (code, wrong)
        }
        assert totals in ({0, 10}, {0}, {1}, {10})
