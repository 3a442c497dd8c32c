"""The page on which a person declares the days of the coming months."""

from datetime import date
from typing import Any

from talentpool.conventions.era import format_month
from talentpool.pages.fields import HalfDaysField
from talentpool.pages.forms import PortalForm

MOST_HALF_DAYS = 40


class DaysForm(PortalForm):
    """One field a month; 0 means no time in that month."""

    def __init__(self, *args: Any, months: list[date], declared: dict[date, int], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.months = months
        for month in months:
            self.fields[f"{month:%Y-%m}"] = HalfDaysField(
                label=format_month(month),
                min_value=0,
                max_value=MOST_HALF_DAYS,
                initial=declared.get(month, 0),
                help_text=" ",
            )
        self.prepare()

    def days(self) -> dict[date, int]:
        """Half-days by month."""
        return {month: self.cleaned_data[f"{month:%Y-%m}"] for month in self.months}
