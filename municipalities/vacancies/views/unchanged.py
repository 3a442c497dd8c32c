"""Files that programs fetch again and again: who has the newest gets 304 (RFC 9110, 13)."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import Count, Max, Sum
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response

from municipalities.vacancies.models import FormVersion, Vacancy
from talentpool.pages.limits import over_limit

View = Callable[..., HttpResponseBase]
ANSWERS = (200, 304)
LATEST = ("changed_at", "published_at", "closed_at")


def state_of_published() -> str:
    """An entity tag that becomes another with what the public reads: by each publication, change
    and end, and by each day, on which vacancies begin and end. No time goes with it: two changes of
    one second, or one that began first and was written last, would share it."""
    today = timezone.localdate()
    found = Vacancy.objects.filter(published_at__isnull=False).aggregate(
        Count("pk"), Count("closed_at"), Sum("version"), *map(Max, LATEST)
    )
    form = FormVersion.objects.in_force_on(today)
    parts = [today, form and form.pk, *(found[name] for name in sorted(found))]
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def unless_unchanged(action: str) -> Callable[[View], View]:
    """A decorator: 304 for who has the newest already; everything else counts against the limit
    `action` of the asking address (A-09)."""

    def decorated(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            tag = state_of_published()
            response: HttpResponseBase | None = get_conditional_response(request, tag)
            if response is None:
                refusal = over_limit(request, action)
                if refusal is not None:
                    return refusal
                response = view(request, *args, **kwargs)
            if response.status_code in ANSWERS:
                response["ETag"] = tag
                response.headers.pop("Last-Modified", None)  # a feed brings one along
                response["Cache-Control"] = "no-cache"  # ask each time whether it is the newest
            return response

        return answer

    return decorated
