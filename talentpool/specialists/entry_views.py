"""The public way in: ask for a link, open an account with it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from talentpool.pages.limits import limit_status
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.forms.entry import AccountForm, AskForm
from talentpool.specialists.models import Purpose
from talentpool.specialists.services import consent, entry


@login_not_required
def register(request: HttpRequest) -> HttpResponse:
    """Ask for a link to begin. The purpose stands above the first field (B-01)."""
    form = AskForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = limit_status(request, "register", form) if form.is_valid() else 422
        if status == 200:
            entry.ask_for_entry(
                form.cleaned_data["email"], as_firm=form.cleaned_data["as_firm"] == "yes"
            )
            return redirect("register_sent")
    context = {"form": form, "texts": consent.texts_in_force([Purpose.REGISTRATION])}
    return render(request, "specialists/register.html", context, status=status)


@login_not_required
def register_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "specialists/register_sent.html")


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
def register_account(request: HttpRequest, token: str) -> HttpResponse:
    """Make the account. A link that opens nothing looks the same whatever the cause (A-08)."""
    ticket = entry.find_open(token)
    if ticket is None:
        return _closed(request)
    form = AccountForm(request.POST or None, email=ticket.email)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                entry.open_account(
                    token, name=form.cleaned_data["name"], password=form.cleaned_data["password1"]
                )
            except PoolRefused:
                return _closed(request)
            messages.success(
                request, "利用者の登録ができました。サインインして、続きを入れてください。"
            )
            return redirect("account_login")
        status = 422
    context = {
        "form": form,
        "ticket": ticket,
        "texts": consent.texts_in_force([Purpose.REGISTRATION]),
    }
    return render(request, "specialists/register_account.html", context, status=status)


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "specialists/register_closed.html", status=404)
