"""NUL characters never reach a page: PostgreSQL holds none, and every look-up with one would
fail."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

NUL = "\0"


class NoNulCookiesMiddleware:
    """Leave out cookies that hold a NUL (`"\\000"` in the header) before anybody looks them up, as
    if they had not come: the portal gave none of them out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name in [name for name, text in request.COOKIES.items() if NUL in name + text]:
            del request.COOKIES[name]
        return self.get_response(request)


class NoNulMiddleware:
    """Answer 404 to an address that holds a NUL, 400 to a query or a form that does. No keyboard
    types one: it comes from a program that tries doors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path:
            raise Http404
        if _holds_nul(request.GET):
            return _refused(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Forms are read here, where the protection against forged ones has read them already; a
        view without it may read the body by itself."""
        read = request.method == "POST" and not getattr(view, "csrf_exempt", False)
        if read and _holds_nul(request.POST):
            return _refused(request)
        return None


def _refused(request: HttpRequest) -> HttpResponse:
    """Not as an exception: that would write a trace to the log for each try."""
    return render(request, "400.html", status=400)


def _holds_nul(data: Any) -> bool:
    return any(NUL in text for key, values in data.lists() for text in (key, *values))
