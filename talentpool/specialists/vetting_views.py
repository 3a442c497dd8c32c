"""審査: who waits, and one person with all that a decision needs. Mounted in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.access import SignedInRequest
from municipalities.registry.querysets import is_coordinator
from talentpool.conventions.numbers import number_in
from talentpool.pages.paging import keyset_page
from talentpool.specialists import completeness
from talentpool.specialists.answers import answers_of, restrictions_of
from talentpool.specialists.duplicates import duplicates_of, with_twins
from talentpool.specialists.errors import EditedMeanwhile, PoolRefused
from talentpool.specialists.forms.vetting import (
    BehalfForm,
    ClaimForm,
    CorrectionForm,
    DecisionForm,
    LevelsForm,
    NoteForm,
)
from talentpool.specialists.models import (
    Consent,
    Document,
    EntryTicket,
    InterviewNote,
    ProfileChange,
    Specialist,
)
from talentpool.specialists.models.consent import REQUIRED
from talentpool.specialists.services import (
    behalf,
    changes,
    consent,
    entry,
    leaving,
    log_views,
    vetting,
)

PURPOSE = "登録の審査のため"
WAITING = (Specialist.Status.APPLIED, Specialist.Status.UNDER_REVIEW, Specialist.Status.RENEWAL_DUE)
VERB_LABELS = {
    "take_up": "審査を始める",
    "register": "登録する",
    "send_back": "本人に差し戻す",
    "refuse": "登録しない",
    "remove": "登録を抹消する",
    "readmit": "もう一度申請できるようにする",
}
SAID = {
    "take_up": "審査を始めました。",
    "register": "登録しました。",
    "send_back": "差し戻しました。",
    "refuse": "登録しないことにしました。",
    "remove": "抹消しました。",
    "readmit": "もう一度申請できるようにしました。",
}
SUSPENDED_SAID = "登録しました。利用停止の決定により、休止しています。"


def _page(request: SignedInRequest, template: str, context: dict[str, Any], status: int) -> Any:
    context = {
        **admin.site.each_context(request),
        "may_write": is_coordinator(request.user),
        **context,
    }
    return render(request, f"specialists/admin/{template}.html", context, status=status)


def queue(request: SignedInRequest) -> HttpResponse:
    """Who waits for the prefecture, the longest first; pool numbers without names."""
    waiting = with_twins(Specialist.objects.visible_to(request.user).filter(status__in=WAITING))
    page = keyset_page(waiting.select_related("base", "firm"), request.GET, order=["pk"])
    log_views(
        [person.pk for person in page],
        viewer=request.user,
        scope="pool_number",
        purpose="審査を待つ人を一覧で見るため",
    )
    return _page(request, "review_queue", {"title": "登録の審査", "page": page}, 200)


def changed(request: SignedInRequest) -> HttpResponse:
    """Who has changed what counts in matching since the prefecture looked, the longest in the pool
    first; pool numbers without names."""
    people = Specialist.objects.visible_to(request.user).changed()
    page = keyset_page(
        people.prefetch_related(
            Prefetch(
                "profile_changes",
                ProfileChange.objects.visible_to(request.user).unseen().select_related("skill"),
                to_attr="unseen_changes",
            )
        ),
        request.GET,
        order=["pk"],
    )
    log_views(
        [person.pk for person in page],
        viewer=request.user,
        scope="pool_number",
        purpose="登録のあとの変更を一覧で見るため",
    )
    return _page(request, "changed", {"title": "登録のあとの変更", "page": page}, 200)


def review(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person: answers, levels side by side, duplicates, notes, decision. The view is logged
    before the page is sent, those of possible duplicates too (B-07)."""
    person = get_object_or_404(
        Specialist.objects.visible_to(request.user).select_related(
            "base", "firm", "background", "work_profile", "user"
        ),
        pk=pk,
    )
    forms = _forms(request, person)
    if request.method == "POST":
        if not is_coordinator(request.user):
            raise Http404
        done = _act(request, person, forms)
        if done is not None:
            return done
    context = _context(request, person, forms)
    log_views([person.pk], viewer=request.user, scope="name", purpose=PURPOSE)
    log_views(
        [found.person.pk for found in context["duplicates"]],
        viewer=request.user,
        scope="pool_number",
        purpose="登録の審査で、重複の疑いを確かめるため",
    )
    return _page(request, "review", context, _status(forms))


def _status(forms: dict[str, Any]) -> int:
    return 422 if any(form.is_bound and form.errors for form in forms.values()) else 200


def _forms(request: SignedInRequest, person: Specialist) -> dict[str, Any]:
    """The form whose button was pressed is bound to what was sent."""

    def sent(name: str) -> Any:
        return request.POST if name in request.POST else None

    claimed = last_claim(person)
    verbs = [(verb, VERB_LABELS[verb]) for verb in vetting.PREFECTURES_VERBS if person.allows(verb)]
    return {
        "levels": LevelsForm(sent("levels"), person=person),
        "note": NoteForm(sent("note")),
        "correction": CorrectionForm(sent("correction"), auto_id="id_correction_%s"),
        "decide": DecisionForm(sent("decide"), verbs=verbs),
        "behalf": BehalfForm(sent("behalf"), verbs=behalf.verbs_of(person, timezone.localdate())),
        "claim": ClaimForm(sent("claim"), initial={"email": claimed.email if claimed else ""}),
    }


def last_claim(person: Specialist) -> EntryTicket | None:
    """The latest mail by which the person was asked to take over, for people without account."""
    return None if person.user_id else person.tickets.first()


def _act(
    request: SignedInRequest, person: Specialist, forms: dict[str, Any]
) -> HttpResponse | None:
    """Carry out the pressed button; None when its form has errors."""
    pressed = next(
        (name for name in [*forms, "paper", "seen", "revoke"] if name in request.POST), ""
    )
    form: Any = forms.get(pressed)
    if form is not None and not form.is_valid():
        if pressed not in {"decide", "behalf"} or not _is_second_click(request, person):
            return None
        messages.success(request, "すでに記録しています。")
        return redirect("admin:specialists_specialist_review", pk=person.pk)
    try:
        if pressed == "levels":
            opened = form.cleaned_data["opened"]
            vetting.assess(person, form.levels(), opened=opened, by=request.user)
            messages.success(request, "県の評価を保存しました。")
        elif pressed == "note":
            vetting.write_note(person, **form.cleaned_data, by=request.user)
            messages.success(request, "面談の記録を残しました。")
        elif pressed == "correction":
            note = form.cleaned_data
            today = timezone.localdate()
            vetting.write_note(person, held_on=today, **note, by=request.user)
            messages.success(request, "訂正・付記を残しました。前の記録も残っています。")
        elif pressed == "decide":
            verb = form.cleaned_data["verb"]
            moved = vetting.decide(
                person, verb, reason=form.cleaned_data["reason"], by=request.user
            )
            is_held = verb == "register" and moved.status == Specialist.Status.PAUSED
            messages.success(request, SUSPENDED_SAID if is_held else SAID[verb])
        elif pressed == "behalf":
            data = {"papers": False, **form.cleaned_data}
            behalf.act_for(person, **data, by=request.user)
            messages.success(request, "本人の申し出のとおりにしました。")
        elif pressed == "claim":
            entry.send_claim(person, form.cleaned_data["email"], by=request.user)
            messages.success(request, "引き継ぎの案内を送りました。72時間使えます。")
        elif pressed == "revoke":
            entry.revoke_claim(person, by=request.user)
            messages.success(request, "引き継ぎの案内を取り消しました。リンクはもう使えません。")
        elif pressed == "seen":
            shown = [number_in(typed) for typed in request.POST.getlist("shown")]
            changes.note_seen(person, [pk for pk in shown if pk], by=request.user)
            messages.success(request, "変わったことを確かめたと記録しました。")
        elif pressed == "paper":
            texts = consent.missing(person, REQUIRED)
            consent.give(person, texts, method=Consent.Method.PAPER, by=request.user)
            messages.success(request, "書面による同意と誓約を記録しました。")
    except EditedMeanwhile:
        forms["levels"].reopen()
        return None
    except PoolRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:specialists_specialist_review", pk=person.pk)


def _is_second_click(request: SignedInRequest, person: Specialist) -> bool:
    """Whether the button has done its work already and is gone from the page."""
    return vetting.was_just_done(person, request.POST.get("verb", ""), by=request.user)


def _context(request: SignedInRequest, person: Specialist, forms: dict[str, Any]) -> dict[str, Any]:
    documents = Document.objects.visible_to(request.user).filter(specialist=person)
    return {
        "title": f"登録の審査 {person.pool_number}",
        "person": person,
        "forms": forms,
        "groups": [group for group in answers_of(person) if group["code"] != "documents"],
        "documents": documents.select_related("file"),
        "claim": last_claim(person),
        "claimable": entry.is_claimable(person),
        "unseen": person.profile_changes.unseen().select_related("skill"),
        "suspended": vetting.waits_suspended(person),
        "duplicates": duplicates_of(person),
        "restrictions": restrictions_of(person),
        "notes": person.interview_notes.filter(corrects=None)
        .select_related("written_by")
        .prefetch_related(
            Prefetch(
                "corrections",
                InterviewNote.objects.visible_to(request.user)
                .select_related("written_by")
                .order_by("pk"),
            )
        ),
        "changes": person.status_changes.select_related("by")[:20],
        "unconsented": consent.missing(person, REQUIRED),
        "missing": [
            (completeness.TOPICS[code], words)
            for code, words in completeness.missing_of(person).items()
        ],
        "ends": leaving.what_ends(person.pk) if person.allows("remove") else [],
        "behalf_verbs": bool(forms["behalf"].fields["verb"].choices),
        "decidable": bool(forms["decide"].fields["verb"].choices),
    }
