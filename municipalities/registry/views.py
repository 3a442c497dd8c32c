"""The town's home page and the signpost that sends every account to its own home."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from municipalities.registry.access import for_municipality, identity_of
from municipalities.registry.queue import panels, work_queue


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
