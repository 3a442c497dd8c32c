"""Days of the week as seven bits."""

import pytest

from talentpool.conventions.weekdays import bits_of, names_of


@pytest.mark.parametrize(
    ("mask", "bits", "names"),
    [
        (1, [0], "月"),
        (31, [0, 1, 2, 3, 4], "月火水木金"),
        (96, [5, 6], "土日"),
        (127, list(range(7)), "月火水木金土日"),
    ],
)
def test_a_mask_names_its_days(mask: int, bits: list[int], names: str) -> None:
    assert bits_of(mask) == bits
    assert names_of(mask) == names
