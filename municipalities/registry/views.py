"""The town's home page, the signpost that sends every account to its own home, and the way in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from municipalities.registry import invitations
from municipalities.registry.access import for_municipality, identity_of
from municipalities.registry.forms import AcceptForm
from municipalities.registry.queue import panels, work_queue
from municipalities.registry.wording import account_words


def home(request: HttpRequest) -> HttpResponse:
    """After signing in: to the home page of one's own area."""
    identity = identity_of(request.user)
    if identity is None:
        return render(request, "registry/no_role.html")
    return redirect(identity.home_url)


@for_municipality
def town_home(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "registry/town_home.html",
        {
            "work_queue": work_queue("town", request.user),
            "home_panels": panels("town", request.user),
        },
    )


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Make the invited account. A link that opens nothing looks the same whatever the cause
    (A-08)."""
    invitation = invitations.find_open(token)
    if invitation is None:
        return _closed(request)
    form = AcceptForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.accept(
                token, name=form.cleaned_data["name"], password=form.cleaned_data["password1"]
            )
        except invitations.InvitationRefused:
            return _closed(request)
        messages.success(request, "利用者登録ができました。サインインしてください。")
        return redirect("account_login")
    facts = [
        {"label": "メールアドレス", "value": invitation.email},
        {"label": "役割", "value": str(invitation)},
        {
            "label": "期限",
            "value": f"{timezone.localtime(invitation.expires_at):%-m月%-d日 %-H時%M分}",
        },
    ]
    return render(
        request,
        "registry/accept_invitation.html",
        {
            "invitation": invitation,
            "form": form,
            "facts": facts,
            "texts": [account_words(timezone.localdate())],
        },
    )


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "registry/invitation_closed.html", status=404)
