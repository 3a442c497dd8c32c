"""Forms of the month's export."""

from django import forms

from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import PortalForm


class FreezeForm(PortalForm):
    """Why a month is made again."""

    reason = forms.CharField(label="作り直す理由", max_length=200)


class ApproveForm(PortalForm):
    """The decision as it stands in the prefecture's own document system."""

    document_number = forms.CharField(label="文書番号", max_length=40, help_text="例：デ基第123号")
    document_date = JapaneseDateField(label="決裁日")
    approver = forms.CharField(
        label="決裁者(職名)",
        max_length=60,
        help_text="例：デジタル基盤整備課長。氏名は書かないでください。",
    )
