"""Forms of requests: the person's, and the prefecture's at each step."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import PortalForm
from talentpool.rights.models import TOO_EARLY, RightsRequest
from talentpool.specialists.models import Specialist


def not_future(day: date) -> None:
    if day > timezone.localdate():
        raise ValidationError("今日までの日付を入れてください。")


class AskForm(PortalForm):
    """What the person asks for."""

    kind = forms.ChoiceField(
        label="請求の種類",
        choices=[
            ("disclosure", "開示：県が持つ記録の写しを、県の決定として受け取る"),
            ("correction", "訂正：事実と違う内容を直す"),
            ("suspension", "利用停止：候補として市町に紹介するのをやめる"),
            ("deletion", "削除：登録を抹消し、お名前や連絡先などを消す"),
        ],
        widget=forms.RadioSelect,
    )
    wish = forms.CharField(
        label="請求の内容",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="訂正では、どこをどう直すかを書いてください。",
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("request_key", uuid.uuid4())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") == "correction" and not data.get("wish"):
            self.add_error("wish", "どこをどう直すかを書いてください。")
        return data


class PaperForm(AskForm):
    """A request that came on paper, taken in by a coordinator."""

    pool_number = forms.CharField(label="登録番号", max_length=10, help_text="例：H-204")
    received_on = JapaneseDateField(
        label="請求日",
        validators=[not_future],
        help_text="請求書が届いた日。期限の30日はこの日から数えます。",
    )
    field_order = ["pool_number", "received_on", "kind", "wish"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_pool_number(self) -> Specialist:
        number = str(self.cleaned_data["pool_number"]).strip().upper()
        person = Specialist.objects.visible_to(self.user).filter(pool_number=number).first()
        if person is None:
            raise ValidationError("この登録番号の人はいません。番号を確かめてください。")
        return person


class IdentifyForm(PortalForm):
    identity = forms.ChoiceField(
        label="本人確認の方法",
        choices=[
            choice
            for choice in RightsRequest.Identity.choices
            if choice[0] != RightsRequest.Identity.SIGN_IN
        ],
        widget=forms.RadioSelect,
    )


class ExtendForm(PortalForm):
    until = JapaneseDateField(label="延長後の期限")
    reason = forms.CharField(
        label="延長の理由", max_length=200, help_text="ご本人に通知する理由です。"
    )


class DecideForm(PortalForm):
    decision = forms.ChoiceField(
        label="決定", choices=RightsRequest.Decision.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label="理由",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="一部だけ行う、または行わないときは、必ず書いてください。ご本人に見えます。",
    )
    document_number = forms.CharField(label="文書番号", max_length=40)
    decided_on = JapaneseDateField(label="決定日", validators=[not_future])

    def __init__(self, *args: Any, asked: RightsRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked

    def clean_decided_on(self) -> date:
        day: date = self.cleaned_data["decided_on"]
        if day < self.asked.earliest_decision:
            raise forms.ValidationError(TOO_EARLY)
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        decision = data.get("decision")
        if decision and decision != RightsRequest.Decision.GRANTED and not data.get("reason"):
            self.add_error("reason", "一部だけ行う、または行わない理由を書いてください。")
        return data


class FindingForm(PortalForm):
    """What was behind unusually many views."""

    finding = forms.CharField(
        label="確かめた結果",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="だれに、何を確かめたか、業務に必要な閲覧だったかを書いてください。"
        "専門人材のお名前は書かないでください。",
    )


class BreachForm(PortalForm):
    """Which views are in question."""

    since = JapaneseDateField(label="いつから", validators=[not_future])
    until = JapaneseDateField(label="いつまで", validators=[not_future])
    actor = forms.EmailField(
        label="閲覧した人のメールアドレス",
        required=False,
        help_text="アカウントが乗っ取られたときは、そのアカウントのアドレスです。",
    )
    body = forms.CharField(
        label="閲覧した団体", max_length=40, required=False, help_text="例：江田島市、県"
    )
    pool_numbers = forms.CharField(
        label="対象の登録番号",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="特定の人だけを調べるとき。空白か改行で区切ります。",
    )
    known_on = JapaneseDateField(label="事態を知った日", validators=[not_future])
    grave = forms.BooleanField(
        label="要配慮個人情報を含む、財産的被害のおそれがある、または不正の目的による",
        required=False,
    )
    malicious = forms.BooleanField(
        label="不正の目的による（確報の期限が60日になります）", required=False
    )
    cause = forms.CharField(label="概要", max_length=400, required=False)

    def clean_pool_numbers(self) -> tuple[str, ...]:
        return tuple(str(self.cleaned_data["pool_numbers"]).upper().split())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", "「いつまで」は、「いつから」以後の日付を入れてください。")
        return data
