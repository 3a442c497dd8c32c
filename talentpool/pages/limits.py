"""Limits on what anybody may send without signing in (A-09), counted in the shared cache."""

from allauth.core.internal.ratelimit import consume, handler429
from django.http import HttpRequest, HttpResponse

# action: how many in which time by what. The same form as allauth's own limits.
RATES = {"ask": "5/h/ip", "subscribe": "5/h/ip", "register": "10/h/ip"}


def over_limit(request: HttpRequest, action: str) -> HttpResponse | None:
    """Count one POST of the action; the page that refuses it when there were too many."""
    if consume(request, app="pages", action=action, config=RATES) is None:
        return handler429(request)
    return None
