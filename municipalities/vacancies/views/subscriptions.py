"""Subscribe, confirm, change, leave: for anybody, without an account."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from municipalities.registry.models import Municipality
from municipalities.vacancies import services
from municipalities.vacancies.models import Subscription
from municipalities.vacancies.open_fields import open_fields
from municipalities.vacancies.wording import Wording, wording_on, wordings
from talentpool.pages.forms import PortalForm
from talentpool.pages.limits import limit_status
from talentpool.vocabulary.models import Skill


class PreferencesForm(PortalForm):
    areas = forms.MultipleChoiceField(
        label="市町",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="選ばないと、すべての市町の募集が届きます。",
    )
    fields_ = forms.MultipleChoiceField(
        label="業務分野",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="選ばないと、すべての分野の募集が届きます。",
    )
    rhythm = forms.ChoiceField(
        label="頻度",
        choices=Subscription.Rhythm.choices,
        initial=Subscription.Rhythm.AT_ONCE,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        towns = Municipality.objects.in_prefecture()
        self.fields["areas"].choices = [(town.code, town.name) for town in towns]  # type: ignore[attr-defined]
        self.fields["fields_"].choices = list(_fields_of_work().items())  # type: ignore[attr-defined]

    def wishes(self) -> dict[str, Any]:
        """The cleaned preferences, by the names of the columns."""
        data = self.cleaned_data
        return {"areas": data["areas"], "fields": data["fields_"], "rhythm": data["rhythm"]}


def _fields_of_work() -> dict[str, str]:
    """Name by code: the portal's own list, which is there without any vacancy, and what versions of
    the form add to it in which something open is written."""
    own = {skill.code: skill.name for skill in Skill.objects.all()}
    added = (field.allowed for field in open_fields() if field.identifier == "work_fields")
    return {**next(added, {}), **own}


class SubscribeForm(PreferencesForm):
    autocomplete = {"email": "email"}

    email = forms.EmailField(
        label="メールアドレス", max_length=254, help_text="ほかのことは、お聞きしません。"
    )
    consent = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ["email"]

    def __init__(self, *args: Any, words: Wording, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        self.initial["consent"] = words.version

    def clean(self) -> dict[str, Any]:
        """The words that were read must be those that hold: what was opened before a change of
        them comes back with the new ones."""
        data = super().clean() or {}
        if data.get("consent") != self.words.version:
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data["consent"] = self.words.version  # type: ignore[index]
            raise forms.ValidationError(
                "申込みの説明が新しくなりました。下の説明を読んで、もう一度申し込んでください。"
            )
        return data


@login_not_required
def subscribe(request: HttpRequest) -> HttpResponse:
    words = wording_on(timezone.localdate())
    form = SubscribeForm(request.POST or None, words=words)
    status = 200
    if request.method == "POST":
        status = limit_status(request, "subscribe", form) if form.is_valid() else 422
        if status == 200:
            services.subscribe(form.cleaned_data["email"], **form.wishes())
            return redirect("public:subscribed")
    context = {"form": form, "texts": [words]}
    return render(request, "vacancies/subscribe.html", context, status=status)


@login_not_required
def subscribed(request: HttpRequest) -> HttpResponse:
    return render(request, "vacancies/subscribed.html")


@login_not_required
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The mail's link shows a button; only pressing it counts, for scanners open links."""
    if request.method == "POST":
        row = services.confirm(token)
        if row is None:
            messages.error(request, "申込みの期限が過ぎています。もう一度申し込んでください。")
            return redirect("public:subscribe")
        messages.success(request, "配信を始めました。")
        return redirect("public:subscription_change", token=token)
    context = {
        "question": "募集情報の配信を始めますか",
        "consequence": "いつでも、メールの中のリンクから止められます。",
        "action_label": "配信を始める",
        "cancel_url": reverse("public:top"),
    }
    return render(request, "pages/confirm.html", context)


@login_not_required
def change(request: HttpRequest, token: str) -> HttpResponse:
    row = services.by_token(token)
    if row is None:
        raise Http404
    initial = {"areas": row.areas, "fields_": row.fields, "rhythm": row.rhythm}
    form = PreferencesForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            services.change_subscription(token, **form.wishes())
            messages.success(request, "条件を変えました。")
            return redirect("public:subscription_change", token=token)
        status = 422
    agreed_to = wordings().get(row.consent)
    context = {"form": form, "token": token, "subscription": row, "agreed_to": agreed_to}
    return render(request, "vacancies/subscription_change.html", context, status=status)


@csrf_exempt  # RFC 8058: the mail program posts without a cookie; the token is the key
@login_not_required
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button and changes nothing; POST, one click or by hand, removes the address."""
    if len(token) > 64:
        raise Http404
    if request.method == "POST":
        services.unsubscribe(token)
        return render(request, "vacancies/unsubscribed.html")
    context = {
        "question": "募集情報の配信を止めますか",
        "consequence": "メールアドレスと条件を、すべて消します。",
        "action_label": "配信を止める",
        "cancel_url": reverse("public:top"),
    }
    return render(request, "pages/confirm.html", context)
