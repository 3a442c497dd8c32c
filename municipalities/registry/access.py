"""Who may open which area. What a role may not open does not exist for it: 404, never 403."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from municipalities.registry.querysets import (
    is_coordinator,
    is_prefectural,
    membership_of,
    municipality_code_of,
)
from talentpool.pages.nav import Identity
from talentpool.users.models import User

Answer = TypeVar("Answer", bound=HttpResponseBase)


class SignedInRequest(HttpRequest):
    """What a view behind one of the decorators below, or in the admin, gets: never anonymous."""

    user: User


class _Only:
    """A view that does not exist for whom the test is false."""

    def __init__(self, test: Callable[[Any], bool]) -> None:
        self.test = test

    def __call__(self, view: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
            if not self.test(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded


def is_municipal(user: Any) -> bool:
    """Works for a municipality of this prefecture."""
    return municipality_code_of(user) is not None


def is_specialist(user: Any) -> bool:
    """Has an account of the pool's people, alone or in a firm."""
    return bool(
        getattr(user, "is_authenticated", False)
        and user.is_active
        and user.kind in {"specialist", "firm"}
    )


for_municipality = _Only(is_municipal)
for_coordinator = _Only(is_coordinator)
for_prefecture = _Only(is_prefectural)
for_specialist = _Only(is_specialist)


def identity_of(user: Any) -> Identity | None:
    """What the page header says of the signed-in account, and where its home is."""
    membership = membership_of(user)
    if membership is not None and membership.municipality is not None:
        return Identity(
            label=membership.municipality.name,
            organisation=f"{membership.municipality.name} {membership.section}".strip(),
            home_url="town:home",
            area="town",
        )
    if membership is not None:
        return Identity(
            label=f"{membership.get_role_display()}(管理画面)",
            organisation=membership.section or settings.PREFECTURE_OFFICE,
            home_url="admin:index",
            area="coordinator",
        )
    if is_specialist(user):
        return Identity(
            label="専門人材",
            organisation=user.name,
            home_url="specialist:home",
            area="specialist",
        )
    return None
