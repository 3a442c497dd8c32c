"""Session lifetimes (A-04), the second factor (A-06) and no-store on personal pages."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone

from talentpool.pages import kept_form
from talentpool.users.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
AUTOSAVE = "X-Autosave"  # how autosave.js marks what it sends
SEEN_EVERY_SECONDS = 60  # the time of the last request is kept to the minute: one write a minute

# What a member of staff without a second factor may still open: to set one up, or to leave.
OPEN_WITHOUT_FACTOR = {"account_logout", "account_reauthenticate", "healthz", "readyz", "help"}


class SessionLifetimeMiddleware:
    """End a session after its idle time (staff 30 minutes, others 2 hours) or after 12 hours.

    What was being sent when it ended is kept for the same person.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User):
            if self._is_over(request, user):
                if request.headers.get(AUTOSAVE):
                    # The text on the page comes with the form itself; ending the session here
                    # would leave that nobody's.
                    return JsonResponse({"saved": False}, status=401)
                logout(request)
                kept_form.note_end(request)
                if request.method == "POST":
                    kept_form.keep(request, user_id=user.pk)
            elif request.method == "POST":
                kept_form.forget(request)
        return self.get_response(request)

    @staticmethod
    def _is_over(request: HttpRequest, user: User) -> bool:
        now = timezone.now().timestamp()
        session = request.session
        started = session.setdefault("started_at", now)
        seen = session.get("seen_at", now)
        group = "staff" if user.needs_second_factor else "specialist"
        idle = settings.SESSION_IDLE_MINUTES[group] * 60
        if now - seen > idle or now - started > settings.SESSION_ABSOLUTE_HOURS * 3600:
            return True
        request.idle_seconds = idle  # type: ignore[attr-defined]
        if "seen_at" not in session or now - seen > SEEN_EVERY_SECONDS:
            session["seen_at"] = now
            request.is_first_of_minute = True  # type: ignore[attr-defined]
        return False


class UserSessionMiddleware:
    """Keep the list of one's own sessions up to date, once a minute.

    allauth's own middleware asks five queries and writes a row at every request.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and getattr(request, "is_first_of_minute", False):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)


class SecondFactorMiddleware:
    """Send staff without a second factor to the page that sets one up, before anything else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        user = request.user
        if not (
            settings.SECOND_FACTOR_REQUIRED
            and isinstance(user, User)
            and user.needs_second_factor
            and not is_mfa_enabled(user)
        ):
            return None
        name = (request.resolver_match and request.resolver_match.url_name) or ""
        if name in OPEN_WITHOUT_FACTOR or name.startswith("mfa_"):
            return None
        messages.info(request, "業務を始める前に、2段階認証を設定してください。")
        return redirect("mfa_index")


class NoStoreMiddleware:
    """Pages of a signed-in user are never kept by a browser or a proxy (ASVS 14.3.2)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response
