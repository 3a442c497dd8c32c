"""A firm's page: register it, invite its people, agree that they are shown."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from municipalities.registry.access import SignedInRequest, for_specialist
from talentpool.pages.limits import limit_status
from talentpool.pages.paging import keyset_page
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.forms.entry import FirmForm, MemberForm
from talentpool.specialists.models import FirmManager, Specialist
from talentpool.specialists.services import belonging, entry, log_views, registration
from talentpool.specialists.services.leaving import what_ends


def manager_of(request: SignedInRequest) -> FirmManager | None:
    """Which firm the account speaks for now."""
    return FirmManager.objects.filter(user=request.user, until=None).select_related("firm").first()


@for_specialist
def firm(request: SignedInRequest) -> HttpResponse:
    """The firm and its people; before that the form that registers it."""
    if request.user.kind != "firm":
        raise Http404
    manager = manager_of(request)
    if manager is not None:
        return _people(request, manager)
    if Specialist.objects.visible_to(request.user).exists():
        raise Http404  # one of a firm's people, not its manager
    form = FirmForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            data = form.cleaned_data
            try:
                registration.register_firm(
                    name=data["name"],
                    number=data["corporate_number"],
                    invoice_number=data["invoice_number"],
                    by=request.user,
                )
            except PoolRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "事業者を登録しました。社員を招待してください。")
                return redirect("specialist:firm")
        status = 422
    return render(request, "specialists/firm_form.html", {"form": form}, status=status)


def _people(request: SignedInRequest, manager: FirmManager) -> HttpResponse:
    form = MemberForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = limit_status(request, "invite", form) if form.is_valid() else 422
        if status == 200:
            status = 422
            try:
                entry.invite_member(manager.firm, form.cleaned_data["email"], by=request.user)
            except PoolRefused as refusal:
                form.add_error("email", str(refusal))
            else:
                messages.success(request, "招待を受け付けました。すぐにメールが届きます。")
                return redirect("specialist:firm")
    page = keyset_page(
        Specialist.objects.managed_by(request.user).exclude(
            status__in=Specialist.GONE  # there is nothing to agree to any more
        ),
        request.GET,
        order=["kana"],
    )
    log_views(
        [person.pk for person in page],
        viewer=request.user,
        scope="name",
        purpose="事業者の担当者として、社員の登録を確かめるため",
    )
    context = {
        "firm": manager.firm,
        "page": page,
        "form": form,
        "asked_while_unseen": entry.ASKED_WHILE_UNSEEN,
    }
    return render(request, "specialists/firm.html", context, status=status)


@require_POST
@for_specialist
def agree(request: SignedInRequest, pk: int) -> HttpResponse:
    """Agree that one of the firm's people is shown to towns."""
    person = get_object_or_404(Specialist.objects.managed_by(request.user), pk=pk)
    return _said(request, person, agrees=True, said="同意しました。")


def _said(request: SignedInRequest, person: Specialist, *, agrees: bool, said: str) -> HttpResponse:
    try:
        registration.agree_for_firm(person, agrees=agrees, by=request.user)
    except PoolRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("specialist:firm")


@for_specialist
def disagree(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the firm's agreement back; asks first."""
    person = get_object_or_404(Specialist.objects.managed_by(request.user), pk=pk)
    if request.method == "POST":
        said = "同意を取り消しました。進んでいた打診は終わり、市町には紹介されません。"
        return _said(request, person, agrees=False, said=said)
    log_views(
        [person.pk],
        viewer=request.user,
        scope="name",
        purpose="事業者の担当者として、紹介への同意を取り消すため",
    )
    ends = " ".join(what_ends(person.pk, to_firm=True))
    context = {
        "question": "この方の紹介への同意を取り消しますか",
        "objects": [person.name],
        "consequence": f"会社がもう一度同意するまで、市町に紹介されません。{ends}"
        "結ばれた契約は続きます。本人にも知らせます。",
        "action_label": "同意を取り消す",
        "cancel_url": reverse("specialist:firm"),
    }
    return render(request, "pages/confirm.html", context)


@for_specialist
def leave(request: SignedInRequest, pk: int) -> HttpResponse:
    """One of the firm's people works there no more; asks first."""
    person = get_object_or_404(Specialist.objects.managed_by(request.user), pk=pk)
    if request.method == "POST":
        try:
            belonging.leave_firm(person, by=request.user)
        except PoolRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "退職を届け出ました。県と本人に知らせました。")
        return redirect("specialist:firm")
    log_views(
        [person.pk],
        viewer=request.user,
        scope="name",
        purpose="事業者の担当者として、退職を届け出るため",
    )
    ends = " ".join(what_ends(person.pk, to_firm=True))
    context = {
        "question": "この方の退職を届け出ますか",
        "objects": [person.name],
        "consequence": f"会社の同意はなくなり、市町に紹介されません。{ends}"
        "結ばれた契約は続きます。社員の一覧からは外れます。",
        "action_label": "退職を届け出る",
        "cancel_url": reverse("specialist:firm"),
    }
    return render(request, "pages/confirm.html", context)
