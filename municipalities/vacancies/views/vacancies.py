"""The town's pages of its vacancies: a task list of sections, one topic a page."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from municipalities.registry.access import for_municipality
from municipalities.registry.models import Municipality
from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies import services
from municipalities.vacancies.definition import Problems
from municipalities.vacancies.errors import EditConflictError, VacanciesError
from municipalities.vacancies.forms.vacancies import CloseForm, SectionForm
from municipalities.vacancies.models import FormField, Vacancy
from municipalities.vacancies.services.vacancies import problems_of
from talentpool.pages.paging import keyset_page

SECTIONS = {
    value: label for value, label in FormField.Section.choices if value != FormField.Section.SYSTEM
}
STATES: dict[str, tuple[str, str]] = {
    Vacancy.Status.DRAFT: (
        "off",
        "まだ県には見えていません。すべての区分を入れてから、県へ提出してください。",
    ),
    Vacancy.Status.SUBMITTED: (
        "wait",
        "県の確認を待っています。県が確かめて、公表するか差し戻します。結果はメールで届きます。",
    ),
    Vacancy.Status.PUBLISHED: (
        "ok",
        "公表しています。応募は市町へ直接届きます。決まったら、募集を終了してください。",
    ),
    Vacancy.Status.CLOSED: ("off", "募集を終了しました。次の月次提出で、国へ一度だけ伝えます。"),
    Vacancy.Status.WITHDRAWN: ("off", "取り下げました。"),
}


@for_municipality
def vacancy_list(request: HttpRequest) -> HttpResponse:
    page = keyset_page(Vacancy.objects.visible_to(request.user), request.GET, order=["-pk"])
    rows = [(vacancy, STATES[vacancy.status][0]) for vacancy in page]
    return render(request, "vacancies/vacancy_list.html", {"page": page, "rows": rows})


@require_POST
@for_municipality
def vacancy_create(request: HttpRequest) -> HttpResponse:
    municipality = Municipality.objects.visible_to(request.user).get(
        code=municipality_code_of(request.user)
    )
    try:
        vacancy = services.create_vacancy(municipality, {}, by=request.user)  # type: ignore[arg-type]
    except VacanciesError as error:
        messages.error(request, str(error))
        return redirect("town:vacancy_list")
    return redirect("town:vacancy_detail", vacancy_no=vacancy.vacancy_no)


def _vacancy(request: HttpRequest, vacancy_no: str) -> Vacancy:
    vacancy: Vacancy = get_object_or_404(
        Vacancy.objects.visible_to(request.user).select_related(
            "form_version", "municipality", "need"
        ),
        vacancy_no=vacancy_no,
    )
    return vacancy


def answers_of(vacancy: Vacancy, *sections: str) -> list[dict[str, Any]]:
    """The filled fields of the vacancy by section, with the words that people read."""
    definition = vacancy.form_version.definition
    groups = []
    for section in sections or tuple(SECTIONS):
        answers = [
            (spec, spec.label_of(vacancy.values[spec.identifier]))
            for spec in definition.in_section(section)
            if vacancy.values.get(spec.identifier)
        ]
        groups.append({"code": section, "label": SECTIONS[section], "answers": answers})
    return groups


def _tasks(vacancy: Vacancy, problems: Problems) -> list[dict[str, Any]]:
    """The sections with how far each has come."""
    definition = vacancy.form_version.definition
    tasks = []
    for section, label in SECTIONS.items():
        wrong = sum(spec.identifier in problems for spec in definition.in_section(section))
        tasks.append(
            {
                "code": section,
                "label": label,
                "wrong": wrong,
                "word": f"あと{wrong}項目" if wrong else "入力済み",
                "kind": "wait" if wrong else "ok",
            }
        )
    return tasks


@for_municipality
def vacancy_detail(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    vacancy = _vacancy(request, vacancy_no)
    draft = vacancy.status == Vacancy.Status.DRAFT
    problems = problems_of(vacancy) if draft else {}
    kind, sentence = STATES[vacancy.status]
    return render(
        request,
        "vacancies/vacancy_detail.html",
        {
            "vacancy": vacancy,
            "draft": draft,
            "tasks": _tasks(vacancy, problems) if draft else [],
            "complete": draft and not problems,
            "left": len(problems),
            "groups": answers_of(vacancy),
            "kind": "late" if vacancy.is_returned else kind,
            "label": "差戻し" if vacancy.is_returned else vacancy.get_status_display(),
            "sentence": sentence,
            "may": {verb: vacancy.allows(verb) for verb in Vacancy.TRANSITIONS},
        },
    )


@for_municipality
def vacancy_section(request: HttpRequest, vacancy_no: str, section: str) -> HttpResponse:
    if section not in SECTIONS:
        raise Http404
    vacancy = _vacancy(request, vacancy_no)
    if not vacancy.allows("submit"):
        messages.error(request, "提出した募集情報は、県が差し戻すまで直せません。")
        return redirect("town:vacancy_detail", vacancy_no=vacancy_no)
    definition = vacancy.form_version.definition
    form = SectionForm(
        request.POST or None, definition=definition, section=section, vacancy=vacancy
    )
    saved, status = False, 200
    if request.method == "POST":
        form.is_valid()
        try:
            vacancy, problems = services.save_values(
                vacancy,
                form.typed(),
                identifiers=[spec.identifier for spec in form.specs],
                version=form.cleaned_data.get("version") or 0,
                by=request.user,  # type: ignore[arg-type]
            )
        except EditConflictError as error:
            form.add_error(None, str(error))
            status = 409
        except VacanciesError as error:
            messages.error(request, str(error))
            return redirect("town:vacancy_detail", vacancy_no=vacancy_no)
        else:
            form.add_problems(problems)
            if not form.errors:
                return redirect(_next_page(vacancy, section))
            form.data = form.data.copy()  # the next press saves over what this one saved
            form.data["version"] = vacancy.version
            form.show_required(vacancy.values)
            saved, status = True, 422
    position = list(SECTIONS).index(section) + 1
    return render(
        request,
        "vacancies/vacancy_section.html",
        {
            "form": form,
            "vacancy": vacancy,
            "section_label": SECTIONS[section],
            "position": position,
            "total": len(SECTIONS),
            "saved": saved,
        },
        status=status,
    )


def _next_page(vacancy: Vacancy, section: str) -> str:
    """The next section that still lacks something, or the list of sections."""
    tasks = _tasks(vacancy, problems_of(vacancy))
    after = list(SECTIONS).index(section) + 1
    for task in [*tasks[after:], *tasks[:after]]:
        if task["wrong"]:
            return reverse("town:vacancy_section", args=[vacancy.vacancy_no, task["code"]])
    return reverse("town:vacancy_detail", args=[vacancy.vacancy_no])


@require_POST
@for_municipality
def vacancy_submit(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    vacancy = _vacancy(request, vacancy_no)
    try:
        services.submit_vacancy(vacancy, by=request.user)  # type: ignore[arg-type]
    except VacanciesError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "県へ提出しました。県の確認が終わると、メールでお知らせします。")
    return redirect("town:vacancy_detail", vacancy_no=vacancy_no)


@for_municipality
def vacancy_close(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    vacancy = _vacancy(request, vacancy_no)
    form = CloseForm(request.POST or None)
    if not vacancy.allows("close"):
        messages.error(request, "募集中ではないため、終了にできません。")
        return redirect("town:vacancy_detail", vacancy_no=vacancy_no)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                services.close_vacancy(
                    vacancy,
                    outcome=form.cleaned_data["outcome"],
                    by=request.user,  # type: ignore[arg-type]
                )
            except VacanciesError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, "募集を終了しました。")
            return redirect("town:vacancy_detail", vacancy_no=vacancy_no)
        status = 422
    return render(
        request,
        "pages/confirm.html",
        {
            "question": "募集を終了しますか",
            "objects": [str(vacancy)],
            "consequence": "公表のページに「募集終了」と出て、国へ一度伝えます。元に戻せません。",
            "action_label": "募集を終了する",
            "cancel_url": reverse("town:vacancy_detail", args=[vacancy_no]),
            "danger": True,
            "form": form,
        },
        status=status,
    )


@for_municipality
def vacancy_withdraw(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    vacancy = _vacancy(request, vacancy_no)
    if not vacancy.allows("withdraw"):
        messages.error(request, "この募集情報は、もう終わっています。")
        return redirect("town:vacancy_detail", vacancy_no=vacancy_no)
    if request.method == "POST":
        try:
            services.withdraw_vacancy(vacancy, by=request.user)  # type: ignore[arg-type]
        except VacanciesError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "募集情報を取り下げました。")
        return redirect("town:vacancy_detail", vacancy_no=vacancy_no)
    return render(
        request,
        "pages/confirm.html",
        {
            "question": "募集情報を取り下げますか",
            "objects": [str(vacancy)],
            "consequence": "公表のページから消え、番号は二度と使われません。元に戻せません。",
            "action_label": "募集情報を取り下げる",
            "cancel_url": reverse("town:vacancy_detail", args=[vacancy_no]),
            "danger": True,
        },
    )
