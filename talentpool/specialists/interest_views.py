"""利益相反の申告: a person declares the own ties to firms, each year and at each change.

These pages show what the person declared, never what it is compared with: contracts, planned
procurements and estimates would tell a vendor's people what is coming.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.access import SignedInRequest, for_specialist
from municipalities.registry.deal_forms import CorporateNumberField
from talentpool.conventions.era import fiscal_year_label
from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import PortalModelForm
from talentpool.pages.opened import OpenedModelForm
from talentpool.specialists import terms
from talentpool.specialists.conflicts.facts import said_by
from talentpool.specialists.consent_first import consent_first
from talentpool.specialists.models import Interest, InterestDeclaration, Specialist
from talentpool.specialists.services import (
    declare_interests,
    remove_interest,
    save_interest,
    say_no_company,
)


class InterestForm(OpenedModelForm, PortalModelForm):
    corporate_number = CorporateNumberField()

    class Meta:
        model = Interest
        fields = ["kind", "name", "corporate_number", "since", "until", "note"]
        field_classes = {"since": JapaneseDateField, "until": JapaneseDateField}
        help_texts = {"note": "ご親族のお名前や、株数・金額は書かないでください。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since"].help_text = "分からないときは空けてください。例：2021年4月1日"
        self.fields[
            "until"
        ].help_text = (
            "いまも続いているときは空けてください。やめてから2年間は、申告に残してください。"
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and since > timezone.localdate():  # it would hide what is there today
            self.add_error(
                "since",
                "今日までの日を入れてください。これから関わる会社は、始まってから申告します。",
            )
        if since and until and until < since:
            self.add_error("until", "「いつから」より後の日を入れてください。")
        return data


def _person(request: SignedInRequest) -> Specialist:
    person: Specialist = get_object_or_404(
        Specialist.objects.visible_to(request.user).select_related("firm")
    )
    return person


def _interest(request: SignedInRequest, pk: int) -> Interest:
    interest: Interest = get_object_or_404(
        # What the portal kept when the registration left a firm is not the person's to change.
        Interest.objects.visible_to(request.user)
        .filter(from_registration=False)
        .select_related("specialist"),
        pk=pk,
    )
    return interest


@for_specialist
@consent_first
def interest_list(request: SignedInRequest) -> HttpResponse:
    """What is declared, and the button that declares it for this fiscal year; POST presses it."""
    person = _person(request)
    if request.method == "POST" and "no_company" in request.POST:
        say_no_company(person, employer=request.POST["no_company"], by=request.user)
        messages.success(request, "勤務先は会社ではないと記録しました。")
        return redirect("specialist:interests")
    if request.method == "POST":
        declare_interests(person, by=request.user)
        messages.success(request, "この内容で申告しました。変わったときは直してください。")
        return redirect("specialist:interests")
    year = terms.declaration_year(timezone.localdate())
    return render(
        request,
        "specialists/interests.html",
        {
            "specialist": person,
            "interests": Interest.objects.visible_to(request.user),
            "last": InterestDeclaration.objects.visible_to(request.user).first(),
            # A firm that is named in the registration without its number is not compared.
            "employer_to_add": said_by([person.pk], timezone.localdate())[person.pk].unnumbered,
            "is_declared": InterestDeclaration.objects.visible_to(request.user)
            .filter(specialist=person)
            .counting(year)
            .exists(),
            "year": year,
            "year_label": fiscal_year_label(year),
        },
    )


@for_specialist
@consent_first
def interest_new(request: SignedInRequest) -> HttpResponse:
    return _edit(request, Interest(specialist=_person(request)))


@for_specialist
@consent_first
def interest_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    return _edit(request, _interest(request, pk))


def _edit(request: SignedInRequest, interest: Interest) -> HttpResponse:
    form = InterestForm(request.POST or None, instance=interest)
    if request.method == "POST" and form.is_valid():
        save_interest(form.instance, by=request.user)
        messages.success(request, "保存し、いまの内容で申告しました。")
        return redirect("specialist:interests")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "interest": interest}
    return render(request, "specialists/interest.html", context, status=status)


@for_specialist
def interest_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """A tie entered by mistake; asks first."""
    interest = _interest(request, pk)
    if request.method == "POST":
        remove_interest(interest, by=request.user)
        messages.success(request, "取り消し、いまの内容で申告しました。")
        return redirect("specialist:interests")
    context = {
        "question": "この関わりを取り消しますか",
        "objects": [f"{interest.get_kind_display()}　{interest.name}"],
        "consequence": "間違えて入れたときだけ取り消してください。"
        "関わりがなくなったときは、「いつまで」の日を入れてください。",
        "action_label": "取り消す",
        "cancel_url": reverse("specialist:interests"),
    }
    return render(request, "pages/confirm.html", context)
