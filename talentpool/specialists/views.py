"""A person's own pages: home, profile, who looked at it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from municipalities.registry.access import SignedInRequest, for_specialist
from municipalities.registry.queue import panels, work_queue
from talentpool.pages.paging import keyset_page
from talentpool.specialists.blindness import blind_text, warning
from talentpool.specialists.models import ProfileView, Specialist


@for_specialist
def home(request: SignedInRequest) -> HttpResponse:
    return render(
        request,
        "specialists/home.html",
        {
            "specialist": Specialist.objects.visible_to(request.user).first(),
            "work_queue": work_queue("specialist", request.user),
            "home_panels": panels("specialist", request.user),
        },
    )


@for_specialist
def profile(request: SignedInRequest) -> HttpResponse:
    """What the pool holds about the person, and what a town sees before the name is open."""
    person = get_object_or_404(
        Specialist.objects.visible_to(request.user)
        .select_related("base", "firm", "user")
        .prefetch_related("skills__skill", "forms")
    )
    return render(
        request,
        "specialists/profile.html",
        {
            "specialist": person,
            "strengths_warning": warning(person, person.strengths, "得意なこと"),
            "blind_strengths": blind_text(person, person.strengths),
        },
    )


@for_specialist
def views_of_me(request: SignedInRequest) -> HttpResponse:
    """閲覧履歴: who looked at the profile, of which body, when, how much of it, what for (B-07)."""
    person = Specialist.objects.visible_to(request.user).first()
    views = ProfileView.objects.visible_to(request.user).filter(specialist=person)
    page = keyset_page(views, request.GET, order=["-at"], size=50)
    return render(request, "specialists/views.html", {"page": page})
