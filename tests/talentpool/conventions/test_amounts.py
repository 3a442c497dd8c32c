from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.conventions import amounts

weights_lists = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (101, [1, 1, 1], [34, 34, 33]),
        (10, [3, 3, 4], [3, 3, 4]),
        (100, [1, 2, 4], [14, 29, 57]),
        (1, [1, 1], [1, 0]),
        (5, [0, 1], [0, 5]),
        (0, [2, 3], [0, 0]),
        (1_000_000, [6, 4, 2], [500_000, 333_333, 166_667]),
    ],
)
def test_split(total: int, weights: list[int], parts: list[int]) -> None:
    assert amounts.split_yen(total, weights) == parts


@pytest.mark.parametrize(
    ("total", "weights"), [(-1, [1]), (1, []), (1, [0, 0]), (1, [2, -1]), (1, [-1, -1])]
)
def test_split_refuses(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="split"):
        amounts.split_yen(total, weights)


@given(st.integers(0, 10**12), weights_lists)
def test_split_is_exact_and_fair(total: int, weights: list[int]) -> None:
    parts = amounts.split_yen(total, weights)
    whole = sum(weights)
    exact = [Fraction(total * weight, whole) for weight in weights]
    assert sum(parts) == total
    assert all(abs(part - share) < 1 for part, share in zip(parts, exact, strict=True))
    rounded_up = [
        (share % 1, -i)
        for i, (part, share) in enumerate(zip(parts, exact, strict=True))
        if part > share
    ]
    rounded_down = [
        (share % 1, -i)
        for i, (part, share) in enumerate(zip(parts, exact, strict=True))
        if part <= share
    ]
    assert not rounded_up or not rounded_down or min(rounded_up) > max(rounded_down)


def test_labels() -> None:
    assert amounts.yen_label(1234567) == "1,234,567円"
    assert amounts.yen_label(0) == "0円"
    assert amounts.half_days_label(6) == "月3日(6半日)"
    assert amounts.half_days_label(5) == "月2.5日(5半日)"
    assert amounts.half_days_label(0) == "月0日(0半日)"
    assert amounts.days_label(1) == "0.5日"


@pytest.mark.parametrize("label", [amounts.days_label, amounts.half_days_label])
def test_labels_refuse_negative_half_days(label: object) -> None:
    assert callable(label)
    with pytest.raises(ValueError, match="negative"):
        label(-1)


@pytest.mark.parametrize(
    ("text", "yen"),
    [
        ("0", 0),
        ("300000", 300_000),
        ("1,234,567円", 1_234_567),
        (" ￥３００，０００ ", 300_000),
        ("\\5,000", 5_000),
        ("２５０００円", 25_000),
    ],
)
def test_parse_yen(text: str, yen: int) -> None:
    assert amounts.parse_yen(text) == yen


@pytest.mark.parametrize("text", ["", "円", "-1", "1.5", "1,23", "12,34,567", "30万円"])
def test_parse_yen_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="金額は円単位"):
        amounts.parse_yen(text)


@pytest.mark.parametrize(
    ("text", "half_days"),
    [("3", 6), ("2.5日", 5), ("２．５", 5), ("0.5", 1), ("4.0", 8), ("4.50", 9), ("0", 0)],
)
def test_parse_days(text: str, half_days: int) -> None:
    assert amounts.parse_days(text) == half_days


@pytest.mark.parametrize("text", ["", "2.3", "-1", "2,5", "半日", "2.55", "1000", ".5"])
def test_parse_days_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"0\.5日単位"):
        amounts.parse_days(text)


@given(st.integers(0, 1999))
def test_days_round_trip(half_days: int) -> None:
    assert amounts.parse_days(amounts.days_label(half_days)) == half_days


@given(st.integers(0, 10**12))
def test_yen_round_trip(yen: int) -> None:
    assert amounts.parse_yen(amounts.yen_label(yen)) == yen
