"""Forms of the month's export and of the form's versions."""

from typing import Any

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME

from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import PortalForm


class FreezeForm(PortalForm):
    """Why a month is made again, whether what cannot be written is to wait, and whether towns that
    may still answer, or are yet to be asked, are not waited for."""

    early = forms.BooleanField(required=False)
    hold_back = forms.BooleanField(required=False)
    reason = forms.CharField(label="作り直す理由", max_length=200)

    def __init__(
        self, data: Any = None, *, again: bool, unwritable: int, early: bool, silent: int
    ) -> None:
        """`again`: a version of the month was made before; `unwritable`: so many vacancies hold
        something that the file cannot; `early`: before the cut-off, while `silent` towns have not
        answered, or none was asked yet."""
        super().__init__(data)
        self._ask_early(early, silent)
        if not again and not unwritable:
            del self.fields["reason"]
        if not unwritable:
            del self.fields["hold_back"]
            return
        box = self.fields["hold_back"]
        box.label = f"ファイルに書けない値のある{unwritable}件を、今月は見送る"
        box.help_text = (
            "前に提出した募集情報は、前の内容のまま続けます。新しい募集情報は、次の月に回します。"
        )
        box.required = True  # without it, nothing can be frozen
        box.error_messages["required"] = "見送ることを確かめて、チェックを入れてください。"
        reason = self.fields["reason"]
        reason.label = "作り直す理由と、見送る理由" if again else "見送る理由"

    def _ask_early(self, early: bool, silent: int) -> None:
        if not early:
            del self.fields["early"]
            return
        box = self.fields["early"]
        if silent:
            box.label = f"未回答の{silent}市町の回答を待たずに、締切の前に確定する"
            box.help_text = "確定したあとに市町が答えたことは、次の月に伝わります。"
        else:
            box.label = "市町に確認を頼む前に、今の内容で確定する"
            box.help_text = (
                "確定すると、この月の確認は市町に届きません。変わったことは、次の月に伝わります。"
            )
        box.required = True  # without it, nothing can be frozen
        box.error_messages["required"] = "締切の前であることを確かめて、チェックを入れてください。"


class ApproveForm(PortalForm):
    """The decision as it stands in the prefecture's own document system."""

    document_number = forms.CharField(label="文書番号", max_length=40, help_text="例：デ基第123号")
    document_date = JapaneseDateField(label="決裁日")
    approver = forms.CharField(
        label="決裁者(職名)",
        max_length=60,
        help_text="例：デジタル基盤整備課長。氏名は書かないでください。",
    )


class DeleteDraftsForm(PortalForm):
    """Carries the chosen versions from the list over the question to the answer."""

    confirmed = forms.BooleanField(widget=forms.HiddenInput)

    def __init__(self, *, action: str, chosen: list[str]) -> None:
        super().__init__(
            initial={"confirmed": True, "action": action, ACTION_CHECKBOX_NAME: chosen}
        )
        self.fields["action"] = forms.CharField(widget=forms.HiddenInput)
        self.fields[ACTION_CHECKBOX_NAME] = forms.MultipleChoiceField(
            widget=forms.MultipleHiddenInput
        )
