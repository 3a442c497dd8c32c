"""Enter a registration for somebody: the same topics as the person's own, inside the admin, until
the person takes over with an account."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from municipalities.registry.access import SignedInRequest, for_coordinator
from talentpool.specialists import completeness, topic_pages
from talentpool.specialists.completeness import TOPICS
from talentpool.specialists.models import Specialist
from talentpool.specialists.services import log_views, registration
from talentpool.specialists.topic_pages import FORMS


def _person(request: SignedInRequest, pk: int) -> Specialist:
    """Somebody for whom staff may write now; 404 for all others."""
    person: Specialist = get_object_or_404(
        Specialist.objects.visible_to(request.user).select_related(
            "base", "firm", "background", "work_profile"
        ),
        pk=pk,
    )
    if not registration.is_writable_for(person, request.user):
        raise Http404
    return person


def _log(request: SignedInRequest, person: Specialist) -> None:
    log_views(
        [person.pk], viewer=request.user, scope="name", purpose="本人に代わって登録を入力するため"
    )


@for_coordinator
def topics(request: SignedInRequest, pk: int) -> HttpResponse:
    """The topics with what each lacks."""
    person = _person(request, pk)
    missing = completeness.missing_of(person)
    _log(request, person)
    rows = [(code, TOPICS[code], missing.get(code, [])) for code in FORMS]
    return render(request, "specialists/admin/topics.html", {"person": person, "rows": rows})


@for_coordinator
def topic(request: SignedInRequest, pk: int, topic: str) -> HttpResponse:
    """One topic, with the form that the person would have."""
    person = _person(request, pk)
    if topic not in FORMS:
        raise Http404
    answer = topic_pages.work(request, person, topic)
    if answer.is_done:
        if answer.is_saved:
            messages.success(request, f"「{TOPICS[topic]}」を保存しました。")
        return redirect("admin:specialists_specialist_topics", pk=person.pk)
    _log(request, person)
    context = {"person": person, "label": TOPICS[topic], **answer.context}
    return render(request, "specialists/admin/topic.html", context, status=answer.status)
