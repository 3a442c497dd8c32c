"""One section of a vacancy: the form, saved by hand and kept while it is typed (C-08)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from municipalities.registry.access import SignedInRequest, for_municipality
from municipalities.vacancies import services
from municipalities.vacancies.cautions import cautions_of
from municipalities.vacancies.errors import EditConflictError, VacanciesError
from municipalities.vacancies.forms.vacancies import SectionForm
from municipalities.vacancies.models import Vacancy
from municipalities.vacancies.services.section_drafts import forget_draft, keep_draft
from municipalities.vacancies.services.writing import problems_of
from municipalities.vacancies.views.vacancies import SECTIONS, find, tasks_of, words_of
from talentpool.pages import drafts


@for_municipality
def vacancy_section(request: SignedInRequest, vacancy_no: str, section: str) -> HttpResponse:
    if section not in SECTIONS:
        raise Http404
    vacancy = find(request, vacancy_no)
    if not vacancy.is_writable:
        messages.error(request, "提出した募集情報は、県が差し戻すまで直せません。")
        return redirect("town:vacancy_detail", vacancy_no=vacancy_no)
    if request.method == "POST" and "forget" in request.POST:
        forget_draft(vacancy, section, by=request.user)
        return redirect("town:vacancy_section", vacancy_no=vacancy_no, section=section)
    if request.method == "POST":
        return _save(request, vacancy, section)
    kept = vacancy.section_drafts.filter(user=request.user, section=section).first()
    if kept is not None:
        # Shown as typed, over what is saved now; saving it is what decides.
        form = _form(vacancy, section, drafts.shown_again(kept.typed, kept.version))
        form.is_valid()
        form.add_problems(form.refused())
        return _page(request, vacancy, section, form, {"kept": kept})
    return _page(request, vacancy, section, _form(vacancy, section), {})


def _form(vacancy: Vacancy, section: str, data: Any = None) -> SectionForm:
    return SectionForm(
        data, definition=vacancy.working_form.definition, section=section, vacancy=vacancy
    )


def _save(request: SignedInRequest, vacancy: Vacancy, section: str) -> HttpResponse:
    form = _form(vacancy, section, request.POST)
    form.is_valid()
    try:
        vacancy, problems = services.save_values(
            vacancy,
            form.typed(),
            identifiers=form.identifiers,
            version=form.cleaned_data.get("version") or 0,
            opened=form.cleaned_data.get("opened") or "",
            unread=form.unread(),
            by=request.user,
        )
    except EditConflictError as error:
        vacancy = find(request, vacancy.vacancy_no)
        form.over(vacancy, request.POST)
        form.add_error(None, str(error))
        current = [
            (spec.header, words_of(spec, vacancy.working_values.get(spec.identifier, "")))
            for spec in form.specs
        ]
        return _page(request, vacancy, section, form, {"current": current}, 409)
    except VacanciesError as error:
        messages.error(request, str(error))
        return redirect("town:vacancy_detail", vacancy_no=vacancy.vacancy_no)
    unsaved = form.unread() | form.refused().keys()
    again = form.over(vacancy, request.POST)
    if unsaved:  # waits as a draft, whether the page is mended or left
        _keep(request, vacancy, section, again)
    else:
        forget_draft(vacancy, section, by=request.user)
    form.add_problems(problems)
    if not form.errors:
        return redirect(_next_page(vacancy, section))
    form.show_required(vacancy.working_values)
    return _page(request, vacancy, section, form, {"saved": True}, 422)


def _page(
    request: SignedInRequest,
    vacancy: Vacancy,
    section: str,
    form: SectionForm,
    more: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    specs = {spec.identifier: spec for spec in form.specs}
    context = {
        "form": form,
        "vacancy": vacancy,
        "section": section,
        "section_label": SECTIONS[section],
        "position": list(SECTIONS).index(section) + 1,
        "total": len(SECTIONS),
        "remarks": [
            (specs[key].header, words)
            for key, words in vacancy.field_remarks.items()
            if key in specs
        ],
        "cautions": [
            (specs[key].header, words)
            for key, words in cautions_of(vacancy.working_values)
            if key in specs
        ],
        **more,
    }
    return render(request, "vacancies/vacancy_section.html", context, status=status)


def _next_page(vacancy: Vacancy, section: str) -> str:
    """The next section that still lacks something, or the list of sections."""
    tasks = tasks_of(vacancy, problems_of(vacancy))
    after = list(SECTIONS).index(section) + 1
    for task in [*tasks[after:], *tasks[:after]]:
        if task["wrong"]:
            return reverse("town:vacancy_section", args=[vacancy.vacancy_no, task["code"]])
    return reverse("town:vacancy_detail", args=[vacancy.vacancy_no])


@require_POST
@for_municipality
def vacancy_autosave(request: SignedInRequest, vacancy_no: str, section: str) -> HttpResponse:
    """Keep what stands in the form now, for this person; called by the script of the page."""
    if section not in SECTIONS:
        raise Http404
    vacancy = find(request, vacancy_no)
    return drafts.kept() if _keep(request, vacancy, section, request.POST) else drafts.not_kept()


def _keep(request: SignedInRequest, vacancy: Vacancy, section: str, sent: QueryDict) -> bool:
    """Keep what was sent as the person's draft, unless it is no form of this page."""
    typed = drafts.typed_in(sent)
    if typed is None:
        return False
    text, version = typed

    def says_more(row: Vacancy) -> bool:
        form = _form(row, section, sent)
        form.is_valid()
        return not form.adds_nothing_to(row.working_values)

    return keep_draft(vacancy, section, text, version=version, says_more=says_more, by=request.user)
