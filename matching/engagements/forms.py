"""The pages on which a person declares the days of the coming months and pauses, and on which a
coordinator ends an engagement early."""

from datetime import date
from typing import Any

from django import forms

from matching.engagements.ending import EndingRefused, refuse_outside
from matching.engagements.models import Engagement
from talentpool.conventions import weekdays
from talentpool.conventions.era import format_month
from talentpool.conventions.months import add_months, first_of_month
from talentpool.pages.fields import HalfDaysField, JapaneseDateField, MonthField
from talentpool.pages.forms import PortalForm
from talentpool.pages.opened import NAME, WHY, differences, fingerprint
from talentpool.specialists.models import MONTHS_AHEAD

MOST_HALF_DAYS = 40
WEEKDAYS = [(str(1 << bit), f"{name}曜日") for bit, name in enumerate(weekdays.NAMES)]


class DaysForm(PortalForm):
    """One field a month, 0 means no time in that month; and the weekdays. A month that was never
    answered starts empty and may stay so: that is another thing than no time."""

    def __init__(
        self,
        *args: Any,
        months: list[date],
        declared: dict[date, int],
        weekdays: int = 0,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.months = months
        for month in months:
            self.fields[f"{month:%Y-%m}"] = HalfDaysField(
                label=format_month(month),
                min_value=0,
                max_value=MOST_HALF_DAYS,
                initial=declared.get(month),
                required=month in declared,
                help_text=" ",
            )
        self.fields["weekdays"] = forms.MultipleChoiceField(
            label="動ける曜日",
            choices=WEEKDAYS,
            widget=forms.CheckboxSelectMultiple,
            initial=[value for value, _ in WEEKDAYS if int(value) & weekdays],
        )
        self.fields[NAME] = forms.CharField(widget=forms.HiddenInput, required=False)
        self.initial[NAME] = self._declared()
        self.prepare()

    def _declared(self) -> str:
        """The fingerprint of what is declared now."""
        values = {name: field.initial for name, field in self.fields.items() if name != NAME}
        return fingerprint(values)

    def clean(self) -> dict[str, Any]:
        """What was declared on another page meanwhile is not overwritten unseen (A-23)."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.days():
            self.add_error(None, "日数を、1か月分は入れてください。時間がない月は0と入れます。")
        said = [f"{label}：いまの内容は「{words}」" for label, words in differences(self)]
        if not self.errors and said and data.get(NAME) != self._declared():
            self.add_error(None, [WHY, *said])
            sent: Any = self.data
            again = sent.copy()
            again[NAME] = self._declared()
            self.data = again
        return data

    def days(self) -> dict[date, int]:
        """Half-days by month, of the months that are answered."""
        given = {month: self.cleaned_data.get(f"{month:%Y-%m}") for month in self.months}
        return {month: half_days for month, half_days in given.items() if half_days is not None}

    def weekday_bits(self) -> int:
        """The weekdays as `Specialist.weekdays` keeps them."""
        return sum(int(value) for value in self.cleaned_data["weekdays"])


class PauseForm(PortalForm):
    """From which month to which no work is taken."""

    first_month = MonthField(label="休む最初の月")
    last_month = MonthField(label="休む最後の月")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first_month"), data.get("last_month")
        this = first_of_month(self.today)
        if first and first < this:
            self.add_error("first_month", "今月より前の月は選べません。")
        if first and last and last < first:
            self.add_error("last_month", "最初の月より後の月を入れてください。")
        elif last and last >= add_months(this, MONTHS_AHEAD):
            ahead = format_month(add_months(this, MONTHS_AHEAD - 1))
            self.add_error("last_month", f"{ahead}までの月を入れてください。")
        return data


class VisitsForm(PortalForm):
    """The weekdays on which somebody visits; none where it is not known or differs."""

    weekdays = forms.MultipleChoiceField(
        label="訪問する曜日",
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="決まっていないときや毎月ちがうときは、どれにも印を付けません。",
    )

    def bits(self) -> int:
        """The weekdays as seven bits, Monday first."""
        return sum(int(value) for value in self.cleaned_data["weekdays"])


class TerminateForm(PortalForm):
    """The last day of an engagement that ends early, and what it rests on."""

    ended_on = JapaneseDateField(
        label="解除日", help_text="この日までが契約です。この月の日数は、そのまま残ります。"
    )
    reason = forms.ChoiceField(
        label="解除の理由", widget=forms.RadioSelect, choices=Engagement.EndReason.choices
    )
    document_number = forms.CharField(
        label="文書番号", max_length=40, help_text="例：情政第45号。解除を決めた文書の番号です。"
    )

    def __init__(self, *args: Any, engagement: Engagement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.engagement = engagement
        if engagement.ended_on is not None:  # the day is moved: what was written down stands there
            self.initial.setdefault("reason", engagement.end_reason)
            self.initial.setdefault("document_number", engagement.end_document)

    def clean_ended_on(self) -> date:
        day: date = self.cleaned_data["ended_on"]
        if day == self.engagement.ended_on:  # sent twice
            return day
        try:
            refuse_outside(self.engagement, day)
        except EndingRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return day
