"""The prefecture's pages inside the admin: look at a need or a vacancy and decide."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.querysets import is_coordinator
from municipalities.vacancies import services
from municipalities.vacancies.cautions import cautions_of
from municipalities.vacancies.errors import VacanciesError
from municipalities.vacancies.forms.needs import AcceptForm, ReturnForm
from municipalities.vacancies.hooks import need_sections, return_obstacle
from municipalities.vacancies.models import (
    FormVersion,
    Need,
    Vacancy,
)
from municipalities.vacancies.services.changes import after_lifting
from municipalities.vacancies.services.gaps import gaps_of
from municipalities.vacancies.services.needs import period_obstacle
from municipalities.vacancies.services.writing import problems_of
from municipalities.vacancies.views.needs import STATES as NEED_STATES
from municipalities.vacancies.views.needs import STEP_OF, STEPS, facts_of
from municipalities.vacancies.views.reading import version_read
from municipalities.vacancies.views.review_forms import ReviewForms, forms_of
from municipalities.vacancies.views.states import shown
from municipalities.vacancies.views.vacancies import (
    all_agreed,
    answers_of,
    changes_of,
    headed,
    in_words,
    joint_rows,
    specs_of,
)
from talentpool.pages.forms import PortalForm


def prefecture_page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "may_write": is_coordinator(request.user),
        **context,
    }
    return render(request, template, context, status=status)


def must_be_coordinator(request: HttpRequest) -> None:
    """Auditors read these pages and press nothing."""
    if not is_coordinator(request.user):
        raise Http404


def _reviewed_need(request: HttpRequest, pk: int) -> Need:
    need: Need = get_object_or_404(
        Need.objects.visible_to(request.user).select_related("municipality", "vacancy"), pk=pk
    )
    return need


def review_need(request: HttpRequest, pk: int) -> HttpResponse:
    """Both forms stand in one form of the page: what is typed into one of them stays when the
    button of the other is pressed, and when the need was moved on meanwhile."""
    need = _reviewed_need(request, pk)
    if request.method != "POST":
        return _need_page(request, need, AcceptForm(), ReturnForm())
    must_be_coordinator(request)
    typed = request.POST.dict()
    accept, back = AcceptForm(initial=typed), ReturnForm(initial=typed)
    form: PortalForm
    if "return" in request.POST:
        back = form = ReturnForm(request.POST)
    else:
        accept = form = AcceptForm(request.POST)
    if not form.is_valid():
        return _need_page(request, need, accept, back, 422)
    try:
        said = _decide_on_need(request, need, form)
    except VacanciesError as error:  # the page shows the need as it is now
        messages.error(request, str(error))
        return _need_page(request, _reviewed_need(request, pk), accept, back, 422)
    need = _reviewed_need(request, pk)
    if form is accept and _may_return(need) and typed.get("remark", "").strip():
        messages.success(request, f"{said}差し戻すために入れた言葉は、まだ送っていません。")
        return _need_page(request, need, AcceptForm(), back)
    messages.success(request, said)
    return redirect("admin:vacancies_need_review", pk=pk)


def _may_return(need: Need) -> bool:
    return need.allows("return") and not return_obstacle(need)


def _need_page(
    request: HttpRequest, need: Need, accept: AcceptForm, back: ReturnForm, status: int = 200
) -> HttpResponse:
    kind, _ = NEED_STATES[need.status]
    sections = need_sections(need, request.user)
    step = max([STEP_OF.get(Need.Status(need.status), 0), *(section.step for section in sections)])
    return prefecture_page(
        request,
        "vacancies/admin/need_review.html",
        {
            **facts_of(need),
            "title": need.title,
            "sections": sections,
            "kind": kind,
            "steps_labels": STEPS,
            "step": step,
            "waiting": need.allows("accept"),
            "period_obstacle": period_obstacle(need),
            "may_return": _may_return(need),
            "accept_form": accept,
            "return_form": back,
            "vacancy": getattr(need, "vacancy", None),
        },
        status,
    )


def _decide_on_need(request: HttpRequest, need: Need, form: PortalForm) -> str:
    """Return or accept the need; returns what the page says."""
    by: Any = request.user
    version = version_read(request)
    if isinstance(form, ReturnForm):
        services.return_need(need, remark=form.cleaned_data["remark"], version=version, by=by)
        return "差し戻しました。市町へメールで知らせます。"
    services.accept_need(
        need,
        priority=form.cleaned_data["priority"],
        remark=form.cleaned_data["accept_remark"],
        version=version,
        by=by,
    )
    return "受け付けました。マッチングの対象になります。"


def _reviewed(request: HttpRequest, pk: int) -> Vacancy:
    vacancy: Vacancy = get_object_or_404(
        Vacancy.objects.visible_to(request.user).select_related(
            "municipality", "form_version", "change_form", "need"
        ),
        pk=pk,
    )
    return vacancy


def review_vacancy(request: HttpRequest, pk: int) -> HttpResponse:
    vacancy = _reviewed(request, pk)
    forms = forms_of(vacancy, request.POST)
    if request.method != "POST":
        return _review_page(request, vacancy, forms)
    must_be_coordinator(request)
    if "more" in request.POST:
        return _review_page(request, vacancy, forms)
    if "enter" in request.POST:
        messages.error(request, "まだ何も決めていません。ボタンを押して決めてください。")
        return _review_page(request, vacancy, forms, 422)
    if forms.sent is not None and not forms.sent.is_valid():
        return _review_page(request, vacancy, forms, 422)
    try:
        said = _decide(request, vacancy, forms)
    except VacanciesError as error:  # the page shows the vacancy as it is now, and what was typed
        messages.error(request, str(error))
        vacancy = _reviewed(request, pk)
        return _review_page(request, vacancy, forms_of(vacancy, request.POST), 422)
    vacancy = _reviewed(request, pk)
    still = forms_of(vacancy, _still_typed(request.POST))
    unsent = []
    if still.back.has_words:
        unsent.append("差し戻すために入れた言葉")
    if still.holds_reasons():
        unsent.append("ほかの欄に入れた理由")
    if unsent:
        messages.success(request, f"{said}{'と'.join(unsent)}は、まだ送っていません。")
        return _review_page(request, vacancy, still)
    messages.success(request, said)
    return redirect("admin:vacancies_vacancy_review", pk=pk)


def _still_typed(posted: QueryDict) -> QueryDict:
    """What stands in the forms whose buttons were not pressed."""
    still = posted.copy()
    for button, prefix in (("hide", "q"), ("withhold", "r")):
        still.pop(f"{prefix}{still.pop(button, [''])[0]}-reason", None)
    if "close" in posted:
        for name in ("close", "outcome", "note"):
            still.pop(name, None)
    if "return" in posted:
        for name in posted:
            if name in ("return", "remark") or name.startswith(("field_", "words_")):
                del still[name]
    return still


def _review_page(
    request: HttpRequest, vacancy: Vacancy, forms: ReviewForms, status: int = 200
) -> HttpResponse:
    context = _vacancy_context(vacancy) | {
        "return_form": forms.back,
        "remarks_open": bool(forms.back.errors) or forms.back.has_rows or "more" in request.POST,
        "close_form": forms.close if vacancy.allows("close") else None,
        "questions": forms.questions,
        "revisions": forms.revisions,
    }
    return prefecture_page(request, "vacancies/admin/vacancy_review.html", context, status)


def _is_waiting(vacancy: Vacancy) -> bool:
    """Whether the prefecture is to decide on it, or on a change of it."""
    return vacancy.allows("publish") or vacancy.allows("publish_change")


def _vacancy_context(vacancy: Vacancy) -> dict[str, Any]:
    waiting = _is_waiting(vacancy)
    values = vacancy.working_values if vacancy.change == "submitted" else vacancy.values
    problems = problems_of(vacancy) if waiting else {}
    return {
        "title": str(vacancy),
        "vacancy": vacancy,
        "groups": answers_of(vacancy, values),
        "changes": changes_of(vacancy, vacancy.values, values),
        "state": shown(vacancy),
        "waiting": waiting,
        "joint": joint_rows(vacancy),
        "agreed": not waiting or all_agreed(vacancy),
        "problems": headed(vacancy, ((key, words[0]) for key, words in problems.items())),
        "cautions": headed(vacancy, cautions_of(values)) if waiting else [],
        "remarks": headed(vacancy, vacancy.field_remarks.items()),
        "leftover": in_words(vacancy.leftover, specs_of(vacancy.leftover)),
    }


def _decide(request: HttpRequest, vacancy: Vacancy, forms: ReviewForms) -> str:
    """Publish, return or end the vacancy, hide or show a question or words of an earlier text;
    returns what the page says."""
    by: Any = request.user
    for revision, withhold in forms.revisions:
        if withhold.is_bound:
            services.withhold_revision(revision, reason=withhold.cleaned_data["reason"], by=by)
            return "この版の言葉を公開しないことにしました。"
        if request.POST.get("release") == str(revision.pk):
            services.release_revision(revision, by=by)
            return "この版の言葉を公開に戻しました。"
    for question, form in forms.questions:
        if form.is_bound:
            services.hide_question(question, reason=form.cleaned_data["reason"], by=by)
            return "質問を公開しないことにしました。市町へメールで知らせます。"
    if forms.back.is_bound:
        services.return_vacancy(
            vacancy,
            remark=forms.back.cleaned_data["remark"],
            field_remarks=forms.back.field_remarks,
            version=version_read(request),
            by=by,
        )
        return "差し戻しました。市町へメールで知らせます。"
    if forms.close.is_bound:
        services.close_vacancy(vacancy, **forms.close.cleaned_data, by=by)
        return "募集を終了しました。市町へメールで知らせます。"
    for question, _ in forms.questions:
        if request.POST.get("show") == str(question.pk):
            lifted = services.show_question(question, by=by)
            return f"公開の止めを解きました。{after_lifting(lifted)}市町へメールで知らせます。"
    if "publish" not in request.POST:
        raise Http404
    if vacancy.change:
        services.publish_change(vacancy, version=version_read(request), by=by)
        return "変更を公表しました。"
    services.publish_vacancy(vacancy, version=version_read(request), by=by)
    return "公表しました。"


def gaps(request: HttpRequest) -> HttpResponse:
    """Published vacancies that lack what the form in force asks for."""
    today = timezone.localdate()
    context = {
        "title": "新しい様式の項目",
        "gaps": gaps_of(Vacancy.objects.visible_to(request.user), today),
        "form": FormVersion.objects.in_force_on(today),
    }
    return prefecture_page(request, "vacancies/admin/gaps.html", context)
