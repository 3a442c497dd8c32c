"""Agree to texts: one box a purpose, none ticked beforehand (B-02)."""

from collections.abc import Sequence
from typing import Any

from django import forms

from talentpool.conventions.era import fiscal_year_label
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


class RenewForm(AgreeForm):
    """The words in force that a renewal rests on, and the declaration of ties for its year, where
    the person has declared before."""

    def __init__(self, data: Any = None, *, year: int | None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if year is not None:
            self.fields["declare"] = forms.BooleanField(
                label=f"会社との関わりは上の申告のとおりで、{fiscal_year_label(year)}の申告とします",
                required=False,
                help_text="変わったときは、印を付けずに更新し、「利益相反の申告」で直してください。",
            )
            self.prepare()

    @property
    def declare_field(self) -> Any:
        """The box of the declaration; None where it is not asked."""
        return self["declare"] if "declare" in self.fields else None
