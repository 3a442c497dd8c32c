"""Forms of the desk."""

import uuid
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.utils import timezone

from consultations.desk.models import Consultation, Message
from municipalities.registry.models import Membership
from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import FilterForm, PortalForm, PortalModelForm
from talentpool.users.models import User

KEEP_OUT = "個人の名前、予定価格、開ける前の見積の金額は書かないでください。"


class SentOnceForm(PortalForm):
    """A form with a key of its own: pressing the button twice sends it once (A-25)."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class AskForm(PortalModelForm):
    """A town's question."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    secrecy = forms.ChoiceField(
        label="回答を、あとでほかの市町と共有してよいですか",
        choices=Consultation.Secrecy.choices,
        widget=forms.RadioSelect,
        help_text="共有するときは、県が市町名を伏せた文章を作ります。"
        "その文章を見て同意するまで、ほかの市町には見えません。",
    )

    class Meta:
        model = Consultation
        fields = ["topic", "stage", "title", "question", "wanted_by", "secrecy"]
        field_classes = {"wanted_by": JapaneseDateField}
        widgets = {"question": forms.Textarea(attrs={"rows": 8})}
        help_texts = {
            "stage": "どの段階のことかで、答えられる範囲が変わります。",
            "title": "60文字まで。例：庁内ネットワーク更改の見積は妥当か",
            "question": "2000文字まで。いまの状況、困っていること、確かめてほしいこと。" + KEEP_OUT,
            "wanted_by": "例：2027年6月1日。なければ空けてください。県は10開庁日以内に回答します。",
        }

    def clean_wanted_by(self) -> date | None:
        day: date | None = self.cleaned_data["wanted_by"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError("回答がほしい日は、今日以降の日にしてください。")
        return day

    def unsaved(self) -> Consultation:
        """What was filled in, for `services.ask`."""
        self.instance.request_key = self.cleaned_data["request_key"]
        consultation: Consultation = self.instance
        return consultation


class SecrecyForm(PortalForm):
    """Whether the answer may be shared, changed after the question was sent."""

    secrecy = forms.ChoiceField(
        label="回答を、あとでほかの市町と共有してよいですか",
        choices=Consultation.Secrecy.choices,
        widget=forms.RadioSelect,
    )


class MessageForm(SentOnceForm):
    """A text of the town in the thread."""

    body = forms.CharField(
        label="書き足すこと",
        max_length=Message._meta.get_field("body").max_length,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=KEEP_OUT,
    )


class ReplyForm(SentOnceForm):
    """A text of the prefecture; the button says whether it is the answer or a question back."""

    body = forms.CharField(
        label="回答、または市町への確認の質問",
        max_length=Message._meta.get_field("body").max_length,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="4000文字まで。判断の根拠も書いてください。",
    )

    def __init__(self, *args: Any, may_ask_back: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_ask_back:
            self.fields["body"].label = "回答の補足"


class AssignForm(PortalForm):
    """Who answers for the prefecture."""

    assignee = forms.ModelChoiceField(
        label="担当者",
        queryset=User.objects.filter(
            is_active=True,
            memberships__until__isnull=True,
            memberships__role__in=[
                Membership.Role.COORDINATOR,
                Membership.Role.PREFECTURAL_APPROVER,
            ],
        ).order_by("name"),
    )


class ConsultationFilter(django_filters.FilterSet):
    """Filters of a town's list."""

    status = django_filters.ChoiceFilter(
        label="状態", choices=Consultation.Status.choices, empty_label="すべて"
    )

    class Meta:
        model = Consultation
        fields = ["status", "topic"]
        form = FilterForm
