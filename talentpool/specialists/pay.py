"""What a wish for pay means in the two amounts that matching reckons with: yen a half-day, and yen
a month whatever the days are (domain.md 1.1: 時間額, 日額, 月額, 年額, 委託総額, 無報酬)."""

from collections.abc import Mapping
from dataclasses import dataclass

DAY, HOUR, MONTH, YEAR, PIECE, NONE = "day", "hour", "month", "year", "piece", "none"
MINUTES_A_DAY = 465  # a working day of the prefecture has 7 hours and 45 minutes
MINUTES_OF_RATE = 120  # two hours: a half-day's rate is for half of the minutes of a day


def most_an_hour(half_day_rate_yen: int) -> int:
    """The most yen an hour whose half-day costs no more than this, rounded up as in `rates_of`."""
    return half_day_rate_yen * MINUTES_OF_RATE // MINUTES_A_DAY


@dataclass(frozen=True, slots=True)
class Rates:
    """Yen; `monthly` is None where nothing is wished by the month, so that what the prefecture has
    agreed with the person as costs of each month stays."""

    half_day: int
    monthly: int | None = None


def rates_of(wishes: Mapping[str, int]) -> Rates:
    """The rates of wishes by unit. Who wishes to be paid by the day or the hour is reckoned so; who
    wishes a salary by the month or year has it as the cost of a month; a wish for a piece of work
    alone says nothing of a month, nor does 無報酬 cost anything."""
    if DAY in wishes:
        return Rates(wishes[DAY] // 2)
    if HOUR in wishes:
        return Rates(-(-wishes[HOUR] * MINUTES_A_DAY // MINUTES_OF_RATE))
    if MONTH in wishes:
        return Rates(0, wishes[MONTH])
    if YEAR in wishes:
        return Rates(0, -(-wishes[YEAR] // 12))
    return Rates(0)
