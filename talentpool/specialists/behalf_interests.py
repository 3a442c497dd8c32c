"""利益相反の申告 entered by a coordinator for somebody without an account, with how it was said."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.access import SignedInRequest
from talentpool.conventions.era import fiscal_year_label, format_both
from talentpool.pages.admin import number_or_404
from talentpool.specialists import terms
from talentpool.specialists.conflicts.facts import said_by
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.forms.vetting import SaidForm, said_field
from talentpool.specialists.interest_views import InterestForm
from talentpool.specialists.models import Interest, InterestDeclaration, Specialist
from talentpool.specialists.services import (
    behalf,
    declare_interests,
    log_views,
    remove_interest,
    save_interest,
    say_no_company,
)

INTERESTS = "利益相反の申告"


class TieForm(InterestForm):
    """A tie, and how the person told of it."""

    reason = said_field()


def page(request: SignedInRequest, person: Specialist) -> HttpResponse:
    """The ties, a form for one of them, the declaration. The view is logged."""
    tie = _tie(request, person)
    forms = {
        "tie": TieForm(request.POST if "tie" in request.POST else None, instance=tie),
        "declare": SaidForm(
            request.POST if "declare" in request.POST else None, auto_id="id_declare_%s"
        ),
        "no_company": SaidForm(
            request.POST if "no_company" in request.POST else None, auto_id="id_company_%s"
        ),
        "remove": SaidForm(
            request.POST if "remove" in request.POST else None, auto_id="id_remove_%s"
        ),
    }
    if request.method == "POST" and _act(request, person, tie, forms):
        return redirect("admin:specialists_specialist_topic", pk=person.pk, topic="interests")
    log_views(
        [person.pk], viewer=request.user, scope="name", purpose="本人に代わって申告を入れるため"
    )
    today = timezone.localdate()
    year = terms.declaration_year(today)
    declared = InterestDeclaration.objects.visible_to(request.user).filter(specialist=person)
    context = {
        "person": person,
        "forms": forms,
        "tie": tie,
        "interests": Interest.objects.visible_to(request.user).filter(specialist=person),
        "is_declared": declared.counting(year).exists(),
        "last": declared.first(),
        "unnumbered": said_by([person.pk], today)[person.pk].unnumbered,
        "year_label": fiscal_year_label(year),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "specialists/admin/topic_interests.html", context, status=status)


def _tie(request: SignedInRequest, person: Specialist) -> Interest:
    """The tie that the address names, or a new one."""
    wanted = request.GET.get("tie", "")
    if not wanted:
        return Interest(specialist=person)
    found: Interest = get_object_or_404(
        Interest.objects.visible_to(request.user).filter(specialist=person),
        pk=number_or_404(wanted),
        from_registration=False,
    )
    return found


def _words_of(tie: Interest) -> str:
    """Which tie it is, also among those to the same firm."""
    words = [tie.get_kind_display(), tie.name, tie.corporate_number]
    if tie.since:
        words.append(f"{format_both(tie.since)}から")
    if tie.until:
        words.append(f"{format_both(tie.until)}まで")
    return "、".join(words)


def _act(request: SignedInRequest, person: Specialist, tie: Interest, forms: Any) -> bool:
    """Carry out the pressed button; False when its form has errors."""
    pressed = next((name for name in forms if name in request.POST), "")
    if not pressed or (pressed == "remove" and tie.pk is None):
        raise Http404
    form, by = forms[pressed], request.user
    if not form.is_valid():
        return False
    verbs: dict[str, tuple[str, Callable[[], Any]]] = {
        "tie": ("会社との関わりを入れました", lambda: save_interest(form.instance, by=by)),
        "declare": ("会社との関わりを申告しました", lambda: declare_interests(person, by=by)),
        "no_company": (
            "勤務先は会社ではないと記録しました",
            lambda: say_no_company(person, employer=request.POST["no_company"], by=by),
        ),
        "remove": ("会社との関わりを取り消しました", lambda: remove_interest(tie, by=by)),
    }
    what, enter = verbs[pressed]
    try:
        behalf.enter_for(
            person,
            what,
            enter,
            reason=form.cleaned_data["reason"],
            by=by,
            thing=_words_of(tie) if pressed in {"tie", "remove"} else "",
        )
    except PoolRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"{what}。")
    return True
