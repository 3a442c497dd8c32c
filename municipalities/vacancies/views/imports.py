"""The town brings vacancies in from Excel or CSV: templates, dry run, problems, apply."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.access import for_municipality
from municipalities.registry.import_pages import UNLISTED, more_problems, problem_download
from municipalities.registry.models import Municipality
from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies import services
from municipalities.vacancies.errors import VacanciesError
from municipalities.vacancies.models import FormVersion, VacancyImport
from municipalities.vacancies.spreadsheets import csv_template, rows_template, single_template
from municipalities.vacancies.views.vacancies import find
from talentpool.files.sheets import MOST_BYTES, TOO_LARGE
from talentpool.pages.forms import PortalForm
from talentpool.pages.paging import keyset_page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


class UploadForm(PortalForm):
    file = forms.FileField(
        label="ファイル",
        help_text="Excel(.xlsx)かCSV。20MBまで。まず確認だけをし、まだ取り込みません。",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return file


class ModeForm(PortalForm):
    mode = forms.ChoiceField(
        label="取込み方", choices=VacancyImport.Mode.choices, widget=forms.RadioSelect
    )


def _download(content: bytes, name: str, content_type: str = XLSX) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=disposition)


@for_municipality
def import_list(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            file = form.cleaned_data["file"]
            town = Municipality.objects.visible_to(request.user).get(
                code=municipality_code_of(request.user)
            )
            job = services.start_import(
                town,
                file_name=file.name,
                content=file.read(),
                by=request.user,  # type: ignore[arg-type]
            )
            return redirect("town:import_detail", pk=job.pk)
        status = 422
    jobs = VacancyImport.objects.visible_to(request.user).defer(*UNLISTED)
    page = keyset_page(jobs, request.GET, order=["-pk"])
    context = {"form": form, "page": page}
    return render(request, "vacancies/import_list.html", context, status=status)


def _job(request: HttpRequest, pk: int, *unread: str) -> VacancyImport:
    job: VacancyImport = get_object_or_404(
        VacancyImport.objects.visible_to(request.user).defer("content", *unread), pk=pk
    )
    return job


@for_municipality
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    job = _job(request, pk, "problem_file")
    form = ModeForm(request.POST if "apply" in request.POST else None)
    status = 200
    if request.method == "POST":
        try:
            if "discard" in request.POST:
                services.discard_import(job, by=request.user)  # type: ignore[arg-type]
                messages.success(request, "取りやめました。ファイルは消しました。")
                return redirect("town:import_list")
            if form.is_valid():
                services.apply_import(job, mode=form.cleaned_data["mode"], by=request.user)  # type: ignore[arg-type]
                return redirect("town:import_detail", pk=pk)
            status = 422
        except VacanciesError as error:
            messages.error(request, str(error))
            return redirect("town:import_detail", pk=pk)
    context = {"job": job, "form": form} | more_problems(job)
    return render(request, "vacancies/import_detail.html", context, status=status)


@for_municipality
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes while a worker is at it (for htmx)."""
    job = _job(request, pk, "problem_file", "problems")
    if not job.is_running:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "vacancies/import_progress.html", {"job": job})


@for_municipality
def import_problems(request: HttpRequest, pk: int) -> HttpResponseBase:
    return problem_download(_job(request, pk))


@for_municipality
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty form: `sheet` for one vacancy a sheet, `rows` for one a row."""
    makers: dict[str, Any] = {"sheet": single_template, "rows": rows_template}
    if kind not in makers:
        raise Http404
    version = _version()
    return _download(makers[kind](version.definition), f"boshu-{version.code}-{kind}.xlsx")


@for_municipality
def template_csv(request: HttpRequest) -> HttpResponse:
    """An empty form for one vacancy a row, for programs that write CSV."""
    version = _version()
    return _download(csv_template(version.definition), f"boshu-{version.code}-rows.csv", CSV)


def _version() -> FormVersion:
    version: FormVersion | None = FormVersion.objects.in_force_on(timezone.localdate())
    if version is None:
        raise Http404
    return version


@for_municipality
def sheet(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    """The vacancy as the sheet that can be brought in again."""
    vacancy = find(request, vacancy_no)
    content = single_template(vacancy.working_form.definition, vacancy.working_values)
    return _download(content, f"boshu-{vacancy.vacancy_no}.xlsx")
