"""Pages that belong to no room: health, error pages, help, and the list of account settings."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from talentpool.pages import kept_form
from talentpool.pages.health import is_ready
from talentpool.pages.limits import too_many

RETRY_AFTER_MINUTES = 1


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready to serve or not, without saying why to an anonymous asker."""
    if is_ready():
        return HttpResponse("ready\n", content_type="text/plain")
    return HttpResponse("not ready\n", content_type="text/plain", status=503)


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/help.html")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@require_safe
def account_settings(request: HttpRequest) -> HttpResponse:
    """The way to all that one can set about the own account."""
    return render(request, "account/settings.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same page for what is not there and for what is not yours (A-13): nothing is echoed."""
    return render(request, "404.html", status=404)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open for too long, or was not ours.

    The session cookie goes with no form of another site (SameSite), so what a signed-in person
    sent was typed here: it is kept for the form's page.
    """
    is_kept = False
    if request.user.is_authenticated:
        kept_form.keep(request, user_id=int(request.user.pk))
        is_kept = bool(kept_form.kept(request))
    context = {"stale_form": True, "form_path": request.path if is_kept else ""}
    return render(request, "403.html", context, status=403)


def too_many_requests(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """A rate limit was reached (A-09); says when to try again."""
    return too_many(request, RETRY_AFTER_MINUTES)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke. No context processor runs: what broke may be the session or the database."""
    return HttpResponse(render_to_string("500.html"), status=500)
