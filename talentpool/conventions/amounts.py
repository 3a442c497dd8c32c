"""Yen and half-days: exact splitting, reading what people type, and labels.

Amounts are whole yen, capacity is whole half-days: both are int everywhere in the system.
"""

import re
import unicodedata
from collections.abc import Sequence

_YEN = re.compile(r"[¥\\]?(?P<yen>[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})円?")
_DAYS = re.compile(r"(?P<days>[0-9]{1,3})(?:\.(?P<tenths>[05])0*)?日?")


def split_yen(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` yen in proportion to `weights`; the parts sum to `total` exactly.

    Largest remainder: everyone gets the whole yen of its share, and the yen left over go, one
    each, to the largest fractions; between equal fractions the earlier one wins, so the same
    input always gives the same parts. A weight of zero gets nothing.
    Raises ValueError on a negative total or weight, and when all weights are zero.
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("A split needs a total >= 0 and weights >= 0, not all zero.")
    parts = [total * weight // whole for weight in weights]
    by_fraction = sorted(
        range(len(weights)), key=lambda i: total * weights[i] % whole, reverse=True
    )
    for i in by_fraction[: total - sum(parts)]:
        parts[i] += 1
    return parts


def yen_label(yen: int) -> str:
    """Return 1234567 as 1,234,567円."""
    return f"{yen:,}円"


def days_label(half_days: int) -> str:
    """Return 5 half-days as 2.5日, 6 as 3日; raises ValueError when negative."""
    if half_days < 0:
        raise ValueError("Half-days are never negative.")
    return f"{half_days // 2}{'.5' if half_days % 2 else ''}日"


def half_days_label(half_days: int) -> str:
    """Return 6 half-days a month as 月3日(6半日); raises ValueError when negative."""
    return f"月{days_label(half_days)}({half_days}半日)"


def _compact(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def parse_yen(text: str) -> int:
    """Read yen as people type them: 1,234,567円, ￥３００，０００.

    Raises ValueError with a Japanese message.
    """
    found = _YEN.fullmatch(_compact(text))
    if found is None:
        raise ValueError("金額は円単位の数字で入力してください(例：300,000)。")
    return int(found["yen"].replace(",", ""))


def parse_days(text: str) -> int:
    """Read days in steps of half a day (3, 2.5日, ２．５) and return half-days.

    Raises ValueError with a Japanese message.
    """
    found = _DAYS.fullmatch(_compact(text))
    if found is None:
        raise ValueError("日数は0.5日単位の数字で入力してください(例：2.5)。")
    return int(found["days"]) * 2 + (1 if found["tenths"] == "5" else 0)
