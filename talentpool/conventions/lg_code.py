"""全国地方公共団体コード: the six-digit code of a local body, the last digit a check digit.

Source: sources.md 7.1 (S-103, S-104). A code is text, never a number: those of Hokkaido to
Tochigi begin with a zero.
"""

import re

_WEIGHTS = (6, 5, 4, 3, 2)
_BASE = re.compile(r"(?:0[1-9]|[1-3][0-9]|4[0-7])[0-9]{3}")


def check_digit(base: str) -> str:
    """Return the check digit of a five-digit code.

    The first two digits name the prefecture (01 to 47).
    Raises ValueError when `base` is not such a code in ASCII digits.
    """
    if _BASE.fullmatch(base) is None:
        raise ValueError("団体コードの上5桁は、01〜47で始まる半角数字5桁です。")
    total = sum(int(digit) * weight for digit, weight in zip(base, _WEIGHTS, strict=True))
    return str((11 - total % 11) % 10)


def with_check_digit(base: str) -> str:
    """Return the six-digit code of a five-digit one; raises ValueError like `check_digit`."""
    return base + check_digit(base)


def is_valid(code: str) -> bool:
    """Whether `code` is six ASCII digits, of one of the 47 prefectures, with its check digit."""
    base = code[:5]
    return _BASE.fullmatch(base) is not None and code == base + check_digit(base)


def prefecture_of(code: str) -> str:
    """Return the two digits that name the prefecture of a six-digit code (34 for Hiroshima).

    Raises ValueError when the code is not valid.
    """
    if not is_valid(code):
        raise ValueError("団体コードは、検査数字を含む半角数字6桁です。")
    return code[:2]


def prefecture_code(prefecture: str) -> str:
    """Return the prefecture's own six-digit code, 340006 for "34"; raises ValueError."""
    return with_check_digit(prefecture + "000")


def is_prefecture(code: str) -> bool:
    """Whether `code` is a prefecture's own code rather than a municipality's."""
    return is_valid(code) and code[2:5] == "000"
