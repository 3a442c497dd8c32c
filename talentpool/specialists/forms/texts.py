"""New words of a purpose, for the admin."""

from typing import Any

from django import forms

from talentpool.specialists.models import PurposeText
from talentpool.specialists.services.consent import why_not_publish


class PurposeTextForm(forms.ModelForm):
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
            refusal = why_not_publish(purpose, day)
            if refusal:
                self.add_error("in_force_from", refusal)
        until = data.get("earlier_until")
        if day and until and until < day:
            self.add_error("earlier_until", "使い始める日より後にしてください。")
        return data
