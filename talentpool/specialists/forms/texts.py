"""New words of a purpose, for the admin."""

from typing import Any

from django import forms

from talentpool.pages.errors import PlainErrorsMixin
from talentpool.specialists.models import PurposeText
from talentpool.specialists.services import consent


class PurposeTextForm(PlainErrorsMixin, forms.ModelForm):
    """Words whose earlier version ends at once take people out of matching: the form says how many,
    and asks."""

    sure = forms.BooleanField(
        label="候補から外れる人がいることを確かめた",
        required=False,
        help_text="「前の版への同意が有効な最後の日」を空けると、使い始める日に、答えていない人が"
        "候補から外れます。ふつうは1か月ほど先の日を入れます。その間に、本人へ3回メールが届きます。",
    )

    class Meta:
        model = PurposeText
        fields = [
            "purpose",
            "body",
            "recipients",
            "retention",
            "in_force_from",
            "earlier_until",
            "confirmed",
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        purpose, day = data.get("purpose"), data.get("in_force_from")
        if purpose and day:
            refusal = consent.why_not_publish(purpose, day)
            if refusal:
                self.add_error("in_force_from", refusal)
        until = data.get("earlier_until")
        if day and until and until < day:
            self.add_error("earlier_until", "使い始める日より後にしてください。")
        drop_out = consent.who_drops_out(purpose, until) if purpose else 0
        if drop_out and not data.get("sure"):
            self.add_error(
                "sure" if until else "earlier_until",
                f"このままでは、使い始める日に、登録中の{drop_out}人が、答えるまで候補から外れます。"
                + ("" if until else "最後の日を入れるか、")
                + "下の「確かめた」に印を付けてください。",
            )
        return data
