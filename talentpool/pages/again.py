"""A page whose transaction the database gave up is tried again (A-22).

PostgreSQL ends one of two transactions that wait for each other (40P01), or that cannot be brought
into an order (40001), and says that it may be repeated. All that it did is undone, so the view runs
anew from its beginning and acts once. A page that is rendered after its view has ended has acted
already: there, only the rendering begins anew.
https://www.postgresql.org/docs/15/mvcc-serialization-failure-handling.html
"""

import logging
import random
import time
from collections.abc import Callable

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import SimpleTemplateResponse

logger = logging.getLogger(__name__)

REPEATABLE = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
TRIES = 5
LONGEST_WAIT = 0.1  # seconds before the second try; doubled each time, and less by chance


def may_be_repeated(error: OperationalError) -> bool:
    """Whether the database asks for the transaction once more, and nothing of it is left."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in REPEATABLE and not connection.in_atomic_block


class TryAgainMiddleware:
    """Call a view that failed so once more, up to `TRIES` times in all. What else a view raises,
    such as the question for the password again, is left to the other middlewares."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: SimpleTemplateResponse
    ) -> SimpleTemplateResponse:
        request.template_response = response  # type: ignore[attr-defined]
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if request.resolver_match is None:
            return None
        for attempt in range(1, TRIES):
            if not (isinstance(exception, OperationalError) and may_be_repeated(exception)):
                return None
            logger.warning("the database asks for %s again", request.method)
            wait = LONGEST_WAIT * 2 ** (attempt - 1)
            time.sleep(random.uniform(0, wait))  # noqa: S311 - no secret, two pages apart
            try:
                response = _once_more(request)
            except OperationalError as error:
                exception = error
            else:
                return response
        return None


def _once_more(request: HttpRequest) -> HttpResponseBase:
    """What failed: the rendering of what the view gave back, or the view."""
    page: SimpleTemplateResponse | None = getattr(request, "template_response", None)
    if page is not None:
        return page.render()
    _rewind(request)
    view, args, kwargs = request.resolver_match  # type: ignore[misc]
    response: HttpResponseBase = view(request, *args, **kwargs)
    return response


def _rewind(request: HttpRequest) -> None:
    """What was uploaded is read from its beginning."""
    for name in request.FILES:
        for file in request.FILES.getlist(name):
            file.seek(0)
