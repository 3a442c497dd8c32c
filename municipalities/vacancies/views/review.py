"""The prefecture's pages inside the admin: look at a need or a vacancy and decide."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.querysets import is_coordinator
from municipalities.vacancies import services
from municipalities.vacancies.cautions import cautions_of
from municipalities.vacancies.errors import EditConflictError, VacanciesError
from municipalities.vacancies.forms.needs import AcceptForm, ReturnForm
from municipalities.vacancies.forms.vacancies import (
    CloseForm,
    HideQuestionForm,
    ReturnVacancyForm,
    WithholdForm,
)
from municipalities.vacancies.hooks import need_sections, return_obstacle
from municipalities.vacancies.models import (
    FormVersion,
    Need,
    Vacancy,
    VacancyQuestion,
    VacancyRevision,
)
from municipalities.vacancies.services.changes import after_lifting
from municipalities.vacancies.services.gaps import gaps_of
from municipalities.vacancies.services.needs import period_obstacle
from municipalities.vacancies.services.writing import problems_of
from municipalities.vacancies.views.needs import STATES as NEED_STATES
from municipalities.vacancies.views.needs import STEP_OF, STEPS, facts_of
from municipalities.vacancies.views.reading import version_read
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


def review_need(request: HttpRequest, pk: int) -> HttpResponse:
    need = get_object_or_404(
        Need.objects.visible_to(request.user).select_related("municipality", "vacancy"), pk=pk
    )
    accept, back = AcceptForm(), ReturnForm()
    status = 200
    if request.method == "POST":
        must_be_coordinator(request)
        form: PortalForm
        if "return" in request.POST:
            back = form = ReturnForm(request.POST)
        else:
            accept = form = AcceptForm(request.POST)
        if form.is_valid():
            try:
                messages.success(request, _decide_on_need(request, need, form))
                return redirect("admin:vacancies_need_review", pk=pk)
            except EditConflictError as error:  # the page shows the text as it is now
                messages.error(request, str(error))
            except VacanciesError as error:
                messages.error(request, str(error))
                return redirect("admin:vacancies_need_review", pk=pk)
        status = 422
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
            "may_return": need.allows("return") and not return_obstacle(need),
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


@dataclass(slots=True)
class ReviewForms:
    """The forms beside a vacancy; at most the one that was sent is bound."""

    back: ReturnVacancyForm
    close: CloseForm
    questions: list[tuple[VacancyQuestion, HideQuestionForm]]
    revisions: list[tuple[VacancyRevision, WithholdForm]]

    @property
    def sent(self) -> PortalForm | None:
        """The form that was sent, if it was one."""
        hide = (form for _, form in self.questions)
        withhold = (form for _, form in self.revisions)
        forms: list[PortalForm] = [self.back, self.close, *hide, *withhold]
        return next((form for form in forms if form.is_bound), None)


def _forms_of(vacancy: Vacancy, posted: QueryDict) -> ReviewForms:
    definition = vacancy.working_form.definition
    if "more" in posted:
        back = ReturnVacancyForm(definition=definition, longer_than=posted)
    else:
        back = ReturnVacancyForm(posted if "return" in posted else None, definition=definition)
    hidden = posted.get("hide")
    return ReviewForms(
        back,
        CloseForm(posted if "close" in posted else None, must_say_why=True),
        [
            (
                question,
                HideQuestionForm(
                    posted if hidden == str(question.pk) else None, prefix=f"q{question.pk}"
                ),
            )
            for question in vacancy.questions.all()
        ],
        [
            (
                revision,
                WithholdForm(
                    posted if posted.get("withhold") == str(revision.pk) else None,
                    prefix=f"r{revision.pk}",
                ),
            )
            for revision in _earlier(vacancy)
        ],
    )


def _earlier(vacancy: Vacancy) -> list[VacancyRevision]:
    """The texts that were public before the one that is, the newest first."""
    newest = vacancy.revisions.order_by("-number").values("number")[:1]
    return list(vacancy.revisions.public().exclude(number__in=newest).select_related("vacancy"))


def review_vacancy(request: HttpRequest, pk: int) -> HttpResponse:
    vacancy = get_object_or_404(
        Vacancy.objects.visible_to(request.user).select_related(
            "municipality", "form_version", "change_form", "need"
        ),
        pk=pk,
    )
    forms = _forms_of(vacancy, request.POST)
    status = 200
    if request.method == "POST":
        must_be_coordinator(request)
        if "more" not in request.POST:
            if forms.sent is None or forms.sent.is_valid():
                try:
                    messages.success(request, _decide(request, vacancy, forms))
                    return redirect("admin:vacancies_vacancy_review", pk=pk)
                except EditConflictError as error:  # the page shows the text as it is now
                    messages.error(request, str(error))
                except VacanciesError as error:
                    messages.error(request, str(error))
                    return redirect("admin:vacancies_vacancy_review", pk=pk)
            status = 422
    context = _vacancy_context(vacancy) | {
        "return_form": forms.back,
        "remarks_open": forms.back.is_bound or "more" in request.POST,
        "close_form": forms.close if vacancy.allows("close") else None,
        "questions": forms.questions,
        "revisions": forms.revisions,
    }
    return prefecture_page(request, "vacancies/admin/vacancy_review.html", context, status)


def _vacancy_context(vacancy: Vacancy) -> dict[str, Any]:
    waiting = vacancy.allows("publish") or vacancy.allows("publish_change")
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
