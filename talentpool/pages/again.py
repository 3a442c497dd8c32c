"""A page whose transaction the database gave up is tried again (A-22).

PostgreSQL ends one of two transactions that wait for each other (40P01), or that cannot be brought
into an order (40001), and says that it may be repeated. All that it did is undone, so the view runs
anew from its beginning and acts once.
https://www.postgresql.org/docs/15/mvcc-serialization-failure-handling.html
"""

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from allauth.account.middleware import AccountMiddleware
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

logger = logging.getLogger(__name__)

REPEATABLE = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
TRIES = 5
LONGEST_WAIT = 0.1  # seconds before the second try; doubled each time, and less by chance


def may_be_repeated(error: OperationalError) -> bool:
    """Whether the database asks for the transaction once more, and nothing of it is left."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in REPEATABLE and not connection.in_atomic_block


class TryAgainMiddleware:
    """Call the view, up to `TRIES` times. Must be the last middleware: those after it would not
    see the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._account: Any = AccountMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> HttpResponseBase:
        try:
            return self._call(request, view, args, kwargs)
        except (ImmediateHttpResponse, ReauthenticationRequired) as error:
            # A view called from here is out of reach of the hook that turns these into pages.
            answer: HttpResponseBase = self._account.process_exception(request, error)
            return answer

    @staticmethod
    def _call(
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> HttpResponseBase:
        for attempt in range(1, TRIES):
            try:
                return view(request, *args, **kwargs)
            except OperationalError as error:
                if not may_be_repeated(error):
                    raise
                logger.warning("the database asks for %s again", request.method)
            wait = LONGEST_WAIT * 2 ** (attempt - 1)
            time.sleep(random.uniform(0, wait))  # noqa: S311 - no secret, two pages apart
            _rewind(request)
        return view(request, *args, **kwargs)


def _rewind(request: HttpRequest) -> None:
    """What was uploaded is read from its beginning."""
    for name in request.FILES:
        for file in request.FILES.getlist(name):
            file.seek(0)
