"""Pages of applications: the person sends and follows them, the town reads and answers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from matching.proposals.application import Application
from matching.proposals.errors import Refused
from matching.proposals.services import applications as verbs
from municipalities.registry.access import (
    SignedInRequest,
    for_municipality,
    for_specialist,
    is_municipal,
    is_specialist,
)
from municipalities.vacancies.hooks import Section
from municipalities.vacancies.models import Vacancy
from talentpool.pages.forms import PortalForm
from talentpool.pages.paging import keyset_page
from talentpool.specialists.models import Specialist
from talentpool.specialists.services import log_views

KINDS = {
    Application.Status.SENT: "wait",
    Application.Status.INVITED: "ok",
    Application.Status.REFUSED: "off",
    Application.Status.WITHDRAWN: "off",
}


class ApplyForm(PortalForm):
    """What goes along with the profile."""

    message = forms.CharField(
        label="市町へ伝えたいこと",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="志望の理由や、始められる時期など。1000文字まで。",
    )
    agreed = forms.BooleanField(label=verbs.AGREED_WORDS)


class AnswerForm(PortalForm):
    """The town's answer; details follow by its own mail or telephone."""

    verb = forms.ChoiceField(
        label="返事", choices=list(verbs.ANSWERS.items()), widget=forms.RadioSelect
    )


def _person(request: SignedInRequest) -> Specialist:
    person: Specialist = get_object_or_404(
        Specialist.objects.visible_to(request.user)
        .select_related("base", "firm", "user")
        .prefetch_related("skills__skill", "forms"),
        user=request.user,
    )
    return person


@for_specialist
def apply_page(request: SignedInRequest, vacancy_no: str) -> HttpResponse:
    """What will be sent, and the button that sends it."""
    vacancy = get_object_or_404(
        Vacancy.objects.public().select_related("municipality"), vacancy_no=vacancy_no
    )
    person = _person(request)
    form = ApplyForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                verbs.apply_to_vacancy(
                    vacancy,
                    message=form.cleaned_data["message"],
                    agreed=form.cleaned_data["agreed"],
                    by=request.user,
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))  # what was written stays on the page
            else:
                messages.success(request, f"{vacancy.municipality}へ応募しました。")
                return redirect("specialist:applications")
        status = 422
    context = {
        "vacancy": vacancy,
        "person": person,
        "why_not": verbs.why_not_apply(person, vacancy),
        "form": form,
    }
    return render(request, "proposals/apply.html", context, status=status)


@for_specialist
def own_applications(request: SignedInRequest) -> HttpResponse:
    found = Application.objects.visible_to(request.user).select_related("vacancy__municipality")
    page = keyset_page(found, request.GET, order=["-pk"], size=20)
    rows = [(row, KINDS[Application.Status(row.status)]) for row in page]
    return render(request, "proposals/own_applications.html", {"page": page, "rows": rows})


@require_POST
@for_specialist
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(Application.objects.visible_to(request.user), pk=pk)
    try:
        verbs.withdraw_application(application.pk, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "応募を取り下げました。市町からは見えなくなりました。")
    return redirect("specialist:applications")


@for_municipality
def town_applications(request: SignedInRequest) -> HttpResponse:
    """Applications without names: who reads one opens it, and that is recorded."""
    found = Application.objects.visible_to(request.user).select_related("vacancy")
    page = keyset_page(found, request.GET, order=["-pk"], size=20)
    rows = [(row, KINDS[Application.Status(row.status)]) for row in page]
    return render(request, "proposals/town_applications.html", {"page": page, "rows": rows})


@for_municipality
def town_application(request: SignedInRequest, pk: int) -> HttpResponse:
    """The profile that the person sent, as long as the application is open; of a refused one the
    number, the days and the result. Looking at the profile is recorded first (B-07)."""
    application: Application = get_object_or_404(
        Application.objects.visible_to(request.user)
        .select_related(
            "vacancy__municipality", "specialist__user", "specialist__base", "specialist__firm"
        )
        .prefetch_related("specialist__skills__skill", "specialist__forms"),
        pk=pk,
    )
    form = AnswerForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                verbs.answer_application(
                    application.pk, verb=form.cleaned_data["verb"], by=request.user
                )
            except Refused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, "返事を送りました。")
            return redirect("town:application", pk=pk)
        status = 422
    vacancy = application.vacancy
    person = application.specialist if application.status in Application.OPEN else None
    if person is not None:
        log_views(
            [person.pk],
            viewer=request.user,
            scope="contact",
            purpose=f"{vacancy.municipality}の募集（{vacancy.vacancy_no}）への応募を読むため",
        )
    context = {
        "application": application,
        "person": person,
        "vacancy": vacancy,
        "kind": KINDS[Application.Status(application.status)],
        "form": form if application.allows("refuse") else None,
    }
    return render(request, "proposals/town_application.html", context, status=status)


def vacancy_section(vacancy: Vacancy, user: Any) -> Section | None:
    """On a vacancy's page: a person may apply, its town sees how many have."""
    if is_specialist(user):
        person = Specialist.objects.visible_to(user).filter(user=user).first()
        sent = Application.objects.visible_to(user).filter(vacancy=vacancy)
        context = {
            "vacancy": vacancy,
            "may_apply": verbs.may_apply(person, vacancy),
            "sent": sent.exclude(status=Application.Status.WITHDRAWN).first(),
        }
        return Section("proposals/apply_section.html", context)
    if not is_municipal(user):
        return None
    found = Application.objects.visible_to(user).filter(vacancy=vacancy)
    waiting = found.filter(status=Application.Status.SENT).count()
    total = found.count()
    if not total:
        return None
    return Section("proposals/applications_section.html", {"total": total, "waiting": waiting})
