"""Years after a day, as the law counts them.

Source: 民法140条, 143条: the first day is not counted; a period of years ends on the day before
the one that answers to its first counted day, so on the same day of a later year, or on the month's
last day where there is no such day.
"""

from calendar import monthrange
from datetime import date


def years_after(day: date, years: int) -> date:
    """The last day of the `years` years that follow `day`: 2025-04-01 and 2 give 2027-04-01."""
    year = day.year + years
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))
