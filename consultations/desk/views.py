"""The town's pages: ask, follow the thread, end."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations.desk import services
from consultations.desk.checks import checks_for
from consultations.desk.errors import Refused
from consultations.desk.forms import AskForm, ConsultationFilter, MessageForm, SecrecyForm
from consultations.desk.models import Action, Consultation
from consultations.desk.sections import sections
from municipalities.registry.access import SignedInRequest, for_municipality
from talentpool.pages.paging import keyset_page

STEPS = ("相談する", "県が対応する", "回答を読む", "終わり")
PRICE_TOPIC = "PRC"


@require_safe
@for_municipality
def consultations(request: SignedInRequest) -> HttpResponse:
    own = Consultation.objects.visible_to(request.user).select_related("topic")
    filters = ConsultationFilter(request.GET, own)
    return render(
        request,
        "desk/consultations.html",
        {"filters": filters, "page": keyset_page(filters.qs, request.GET, order=["-pk"])},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_municipality
def ask(request: SignedInRequest) -> HttpResponse:
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            consultation = services.ask(form.unsaved(), by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{consultation.number_label}として県に届きました。")
            return redirect("town:consultation", consultation.pk)
    return render(request, "desk/ask.html", {"form": form, "checks": checks_for(PRICE_TOPIC)})


@require_safe
@for_municipality
def consultation(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _own(request, pk), MessageForm())


@require_POST
@for_municipality
def add_message(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    form = MessageForm(request.POST)
    if form.is_valid():
        try:
            services.add_message(found.pk, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "県に送りました。")
            return redirect("town:consultation", found.pk)
    return _show(request, found, form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_municipality
def close(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    if request.method == "POST":
        try:
            services.close(found.pk, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "相談を終えました。")
        return redirect("town:consultation", found.pk)
    answered = found.answered_at is not None
    return render(
        request,
        "pages/confirm.html",
        {
            "question": "この相談を終えますか" if answered else "この相談を取り下げますか",
            "objects": [str(found)],
            "consequence": "終えたあとは書き足せません。続きは新しい相談として出せます。"
            if answered
            else "県はまだ回答していません。取り下げたあとは書き足せません。",
            "action_label": "相談を終える" if answered else "相談を取り下げる",
            "cancel_url": reverse("town:consultation", args=[found.pk]),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_municipality
def change_secrecy(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    form = SecrecyForm(request.POST or None, initial={"secrecy": found.secrecy})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_secrecy(found.pk, secrecy=form.cleaned_data["secrecy"], by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "共有の範囲を決めました。")
        return redirect("town:consultation", found.pk)
    return render(
        request,
        "pages/confirm.html",
        {
            "question": f"{found.number_label}の共有の範囲を変える",
            "objects": [str(found)],
            "consequence": "「県の相談窓口の中だけで扱う」にすると、この後は、ほかの市町と共有する"
            "文章を公開できません。すでに公開した文章は、ナレッジのページで取り下げてください。",
            "action_label": "この範囲にする",
            "cancel_url": reverse("town:consultation", args=[found.pk]),
            "form": form,
        },
    )


def _own(request: SignedInRequest, pk: int) -> Consultation:
    visible = Consultation.objects.visible_to(request.user).select_related("topic", "asked_by")
    return get_object_or_404(visible, pk=pk)


def _show(request: SignedInRequest, found: Consultation, form: MessageForm) -> HttpResponse:
    context: dict[str, Any] = {
        "consultation": found,
        "thread": found.messages.select_related("author"),
        # A text that was refused stays on the page, whatever the state.
        "form": form if form.is_bound or found.allows(Action.ADD) else None,
        "may_close": found.allows(Action.CLOSE),
        "steps": STEPS,
        "step": _step(found),
        "late": found.turn == Consultation.Turn.PREFECTURE
        and found.answer_due < timezone.localdate(),
        "sections": sections("town", found, request.user),
    }
    return render(request, "desk/consultation.html", context)


def _step(found: Consultation) -> int:
    """Which of STEPS the consultation is at; one more than there are when it is over."""
    if not found.is_open:
        return len(STEPS) + 1
    return 3 if found.status == Consultation.Status.ANSWERED else 2
