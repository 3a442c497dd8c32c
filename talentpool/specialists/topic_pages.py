"""The page of one topic of a registration, for the person and for staff who enter it for somebody:
what was typed before, warnings, two people at once, saving."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse

from municipalities.registry.access import SignedInRequest
from talentpool.pages import drafts
from talentpool.pages.opened import NAME, WHY, fingerprint
from talentpool.specialists.errors import EditedMeanwhile, PoolRefused
from talentpool.specialists.forms.base import TopicForm
from talentpool.specialists.forms.person import BackgroundForm, BasicsForm, RolesForm
from talentpool.specialists.forms.work import CertificatesForm, ConditionsForm, SkillsForm
from talentpool.specialists.models import Specialist, TopicDraft
from talentpool.specialists.services import registration

FORMS: dict[str, type[TopicForm]] = {
    "basics": BasicsForm,
    "background": BackgroundForm,
    "skills": SkillsForm,
    "roles": RolesForm,
    "certificates": CertificatesForm,
    "conditions": ConditionsForm,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page shows now, or that it is done with: saved, or to be opened again."""

    context: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    is_done: bool = False
    is_saved: bool = False


def work(request: SignedInRequest, person: Specialist, topic: str) -> Answer:
    """Show the topic, or take what was sent."""
    own_drafts = TopicDraft.objects.filter(specialist=person, user=request.user, topic=topic)
    if request.method == "POST" and "forget" in request.POST:
        own_drafts.delete()
        return Answer(is_done=True)
    if request.method == "POST":
        return _save(request, person, topic)
    kept = own_drafts.first()
    form = FORMS[topic](drafts.shown_again(kept.typed) if kept else None, person=person)
    return Answer({"form": form, "kept": kept})


def keep_typed(request: SignedInRequest, person: Specialist, topic: str) -> HttpResponse:
    """Keep what stands in the form now; called by the script of the page of whoever may write."""
    typed = drafts.typed_in(request.POST)
    if typed is None:
        return drafts.not_kept()
    TopicDraft.objects.update_or_create(
        specialist=person, user=request.user, topic=topic, defaults={"typed": typed[0]}
    )
    return drafts.kept()


def _save(request: SignedInRequest, person: Specialist, topic: str) -> Answer:
    form = FORMS[topic](request.POST, person=person)
    if not form.is_valid():
        return Answer({"form": form}, 422)
    told = form.telling()
    keep = fingerprint({one.name: one.value() for one, _ in told})
    if told and request.POST.get("keep") != keep:
        return Answer({"form": form, "told": told, "keep": keep}, 422)
    try:
        registration.save_topic(
            person, topic, form, opened=request.POST.get(NAME, ""), by=request.user
        )
    except EditedMeanwhile:
        fresh = FORMS[topic](request.POST, person=Specialist.objects.get(pk=person.pk))
        fresh.is_valid()
        if not fresh.changed_data:  # the same again, such as by a second click
            return Answer(is_done=True, is_saved=True)
        return Answer({"form": fresh, "current": fresh.reopen(), "why": WHY}, 409)
    except PoolRefused as refusal:
        messages.error(request, str(refusal))
        return Answer(is_done=True)
    return Answer(is_done=True, is_saved=True)
