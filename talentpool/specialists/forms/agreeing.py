"""Agree to texts: one box a purpose, none ticked beforehand (B-02)."""

from collections.abc import Sequence
from typing import Any

from django import forms

from talentpool.pages.forms import PortalForm
from talentpool.specialists.models import PurposeText


class AgreeForm(PortalForm):
    """Boxes for the texts in `open_ones` (keys); what was agreed to already is only shown."""

    def __init__(
        self, data: Any = None, *, texts: Sequence[PurposeText], open_ones: set[int]
    ) -> None:
        super().__init__(data)
        self.texts = list(texts)
        for text in texts:
            if text.pk in open_ones:
                verb = "誓約します" if text.is_pledge else "同意します"
                self.fields[self.name_of(text)] = forms.BooleanField(
                    label=f"{text.get_purpose_display()}：{verb}", required=text.is_required
                )
        self.prepare()

    @staticmethod
    def name_of(text: PurposeText) -> str:
        return f"text_{text.pk}"

    def rows_with_texts(self) -> list[tuple[PurposeText, Any]]:
        """Each text with its box, or None where the person has agreed already."""
        return [
            (text, self[self.name_of(text)] if self.name_of(text) in self.fields else None)
            for text in self.texts
        ]

    def agreed(self) -> list[PurposeText]:
        """The texts whose boxes were ticked."""
        return [text for text in self.texts if self.cleaned_data.get(self.name_of(text))]
