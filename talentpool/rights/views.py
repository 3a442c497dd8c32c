"""The person's own pages: what is held about me, and what I can ask for."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render

from municipalities.registry.access import SignedInRequest, for_specialist
from talentpool.pages.errors import refuse
from talentpool.pages.paging import keyset_page
from talentpool.privacy.package import collect, in_words
from talentpool.rights import services
from talentpool.rights.errors import Refused
from talentpool.rights.forms import AskForm
from talentpool.rights.models import RightsRequest
from talentpool.specialists.models import Specialist
from talentpool.users.models import User


def _is_nobody(request: SignedInRequest) -> bool:
    """Whether the account belongs to no registration: a firm's manager, or not begun yet."""
    return not Specialist.objects.visible_to(request.user).filter(user=request.user).exists()


def _me(request: SignedInRequest) -> Specialist:
    person: Specialist = get_object_or_404(
        Specialist.objects.visible_to(request.user).filter(user=request.user)
    )
    return person


@for_specialist
def rights(request: SignedInRequest) -> HttpResponse:
    """個人情報: the package, the requests made so far, the form for a new one. An account without
    a registration reads what is held about it, and how to ask for more."""
    if _is_nobody(request):
        if request.method == "POST":  # a request is about a person: this account asks on paper
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return render(request, "rights/account.html")
    person = _me(request)
    form = AskForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = services.file_request(person, by=request.user, **form.cleaned_data)
            except Refused as refusal:
                refuse(form, str(refusal), beside="kind")
            else:
                messages.success(request, "請求を受け付けました。決定をメールでお知らせします。")
                return redirect("specialist:rights_request", made.pk)
    page = keyset_page(
        RightsRequest.objects.visible_to(request.user), request.GET, order=["-pk"], size=20
    )
    return render(
        request,
        "rights/mine.html",
        {"specialist": person, "page": page, "form": form},
        status=status,
    )


@for_specialist
def rights_request(request: SignedInRequest, pk: int) -> HttpResponse:
    """One request: how far it is and what was decided. POST takes it back."""
    asked = get_object_or_404(RightsRequest.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        try:
            services.withdraw(asked.pk, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "請求を取り下げました。")
        return redirect("specialist:rights_request", asked.pk)
    return render(request, "rights/request.html", {"asked": asked})


@for_specialist
@reauthentication_required
def package(request: SignedInRequest) -> HttpResponse:
    """Everything about me, to read and to print, after asking who it is (A-06)."""
    if _is_nobody(request):
        return render(request, "rights/package.html", account_context(request.user))
    person = _me(request)
    return render(request, "rights/package.html", package_context(person, to_review=False))


@for_specialist
@reauthentication_required
def package_file(request: SignedInRequest) -> HttpResponse:
    """Everything about me, as a file, after asking who it is (A-06)."""
    if _is_nobody(request):
        return _download(services.account_json(request.user), "record.json")
    return json_response(_me(request), to_review=False)


def account_context(user: User) -> dict[str, object]:
    """What the page of a package shows of an account without a registration."""
    heading = services.heading_of_account(user)
    return {
        "heading": {label: in_words(value) for label, value in heading.items()},
        "parts": collect(services.subject_of_account(user), to_review=True),
    }


def package_context(person: Specialist, *, to_review: bool) -> dict[str, object]:
    """What the page of a package shows."""
    return {
        "heading": {
            label: in_words(value)
            for label, value in services.heading_of(person, to_review=to_review).items()
        },
        "parts": collect(services.subject_of(person), to_review=to_review),
    }


def json_response(person: Specialist, *, to_review: bool) -> HttpResponse:
    """The package as a download; its name tells the number, never the person."""
    content = services.package_json(person, to_review=to_review)
    return _download(content, f"record-{person.pool_number}.json")


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
