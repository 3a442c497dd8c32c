"""Nobody who begins to register is asked for anything before the purpose was read and agreed to."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from municipalities.registry.access import SignedInRequest
from talentpool.specialists import completeness
from talentpool.specialists.models import Specialist

READ_FIRST = "先に、利用目的を読んで同意してください。"


def consent_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a person's own that leads to the words of the consent while the registration is
    still being entered and they are not agreed to (B-01). Who has been in the pool goes on: days
    are given back and ties are told without a consent too."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        drafts = Specialist.objects.visible_to(request.user).filter(
            user=request.user, status=Specialist.Status.DRAFT
        )
        person = drafts.first()
        if person is not None and not completeness.has_consented(person):
            return to_consent(request)
        return view(request, *args, **kwargs)

    return guarded


def to_consent(request: SignedInRequest) -> HttpResponse:
    """On to the words, with the reason."""
    messages.info(request, READ_FIRST)
    return redirect("specialist:registration_topic", topic="consent")
