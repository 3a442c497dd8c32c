"""The prefecture's forms: levels, interview notes, decisions, the claim."""

from typing import Any

from django import forms
from django.utils import timezone

from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import PortalForm
from talentpool.pages.opened import NAME, WHY, differences, fingerprint
from talentpool.specialists.forms.entry import DocumentForm
from talentpool.specialists.models import Specialist
from talentpool.specialists.services.vetting import levels_of
from talentpool.vocabulary.models import Level


class LevelsForm(PortalForm):
    """The prefecture's level beside the person's own, a skill a row. A skill that the page did not
    show is left as it is."""

    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, person: Specialist, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = [("", "評価しない"), *((str(row.pk), row.choice) for row in Level.objects.all())]
        self.skills = list(person.skills.select_related("skill").order_by("pk"))
        for row in self.skills:
            self.fields[f"level_{row.skill_id}"] = forms.TypedChoiceField(
                label=f"{row.skill.name}の県の評価",
                choices=levels,
                coerce=int,
                empty_value=None,
                required=False,
                initial=row.assessed_level or "",
            )
        self.initial[NAME] = fingerprint(levels_of(person))

    def levels(self) -> dict[str, int | None]:
        return {
            row.skill_id: self.cleaned_data[f"level_{row.skill_id}"]
            for row in self.skills
            if f"level_{row.skill_id}" in self.data
        }

    def reopen(self) -> None:
        """Say what somebody else has saved meanwhile; the next press saves over it."""
        said = [f"{label}：いまの内容は「{words}」" for label, words in differences(self)]
        self.add_error(None, [WHY, *said])
        sent: Any = self.data
        again = sent.copy()
        again[NAME] = self.initial[NAME]
        self.data = again

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        return [(row, self[f"level_{row.skill_id}"]) for row in self.skills]


class NoteForm(PortalForm):
    held_on = JapaneseDateField(label="面談の日")
    text = forms.CharField(
        label="面談の記録",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="本人が請求すると開示されます。事実と、その根拠を書いてください。",
    )

    def clean_held_on(self) -> Any:
        day = self.cleaned_data["held_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("面談の日は、今日までの日にしてください。")
        return day


class CorrectionForm(PortalForm):
    """What is to be read beside an earlier note."""

    corrects = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    text = forms.CharField(
        label="訂正・付記",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="前の記録は、そのまま残ります。どこがどう違うかと、その根拠を書いてください。",
    )


class DecisionForm(PortalForm):
    verb = forms.ChoiceField(label="決定", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="理由",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="本人が読みます。差し戻し、登録しない、抹消、もう一度申請できるようにするときは必ず書いてください。",
    )

    def __init__(self, *args: Any, verbs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = verbs  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        needs = {"send_back", "refuse", "remove", "readmit"}
        if data.get("verb") in needs and not (data.get("reason") or "").strip():
            self.add_error("reason", "理由を入れてください。")
        return data


def said_field() -> forms.CharField:
    """How the person said what a coordinator enters or does for him or her."""
    return forms.CharField(
        label="いつ、どのように申し出たか",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="本人が読みます。例：11月26日、電話で本人から。",
    )


class SaidForm(PortalForm):
    """How the person said what a button enters."""

    reason = said_field()


class PaperForm(DocumentForm):
    """A document that the person sent to the prefecture on paper or by mail."""

    reason = said_field()


class BehalfForm(PortalForm):
    """What the person asked for by telephone or on paper."""

    verb = forms.ChoiceField(label="本人の申し出", widget=forms.RadioSelect)
    reason = said_field()
    papers = forms.BooleanField(
        label="今の文面での同意・誓約の書面を、すべて受け取った",
        required=False,
        help_text="更新するときに要ります。",
    )

    def __init__(self, *args: Any, verbs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = verbs  # type: ignore[attr-defined]
        if "renew" not in dict(verbs):
            del self.fields["papers"]


class ClaimForm(PortalForm):
    email = forms.EmailField(
        label="本人のメールアドレス", help_text="本人が内容を確かめて引き継ぐリンクを送ります。"
    )
