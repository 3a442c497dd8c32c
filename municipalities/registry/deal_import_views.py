"""Bring contracts and planned procurements in from a file: for a town and for the prefecture.

The same pages stand in the town's portal and in the admin; `area` says where.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from municipalities.registry.access import SignedInRequest, for_coordinator, for_municipality
from municipalities.registry.deal_files import DEALS, template
from municipalities.registry.import_pages import UNLISTED, more_problems, problem_download
from municipalities.registry.importing import ImportRefused
from municipalities.registry.models import DealImport, FileImport
from municipalities.registry.querysets import municipality_code_of
from talentpool.files.sheets import MOST_BYTES, TOO_LARGE
from talentpool.pages.forms import PortalForm
from talentpool.pages.paging import keyset_page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES = {"town": "town:deal_", "coordinator": "admin:registry_deal_"}


class UploadForm(PortalForm):
    kind = forms.ChoiceField(
        label="内容", choices=DealImport.Kind.choices, widget=forms.RadioSelect
    )
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
        label="取込み方", choices=FileImport.Mode.choices, widget=forms.RadioSelect
    )


def _jobs(request: SignedInRequest, area: str) -> Any:
    jobs = DealImport.objects.visible_to(request.user)
    return jobs if area == "town" else jobs.filter(municipality__isnull=True)


def _url(area: str, name: str, *args: Any) -> str:
    return reverse(NAMES[area] + name, args=args)


def _list(request: SignedInRequest, area: str) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            file = form.cleaned_data["file"]
            job = DEALS.start(
                file_name=file.name,
                content=file.read(),
                by=request.user,
                kind=form.cleaned_data["kind"],
                municipality_id=municipality_code_of(request.user) if area == "town" else None,
            )
            return redirect(_url(area, "import", job.pk))
        status = 422
    page = keyset_page(
        _jobs(request, area).defer(*UNLISTED),
        request.GET,
        order=["-pk"],
    )
    rows = [(job, _url(area, "import", job.pk)) for job in page]
    templates = [(label, _url(area, "template", kind)) for kind, label in DealImport.Kind.choices]
    context = {"form": form, "page": page, "rows": rows, "templates": templates, "area": area}
    return render(request, "registry/deal_import_list.html", context, status=status)


def _detail(request: SignedInRequest, pk: int, area: str) -> HttpResponse:
    job = get_object_or_404(_jobs(request, area).defer("content", "problem_file"), pk=pk)
    form = ModeForm(request.POST if "apply" in request.POST else None)
    status = 200
    if request.method == "POST":
        try:
            if "discard" in request.POST:
                DEALS.discard(job, by=request.user)
                messages.success(request, "取りやめました。ファイルは消しました。")
                return redirect(_url(area, "import_list"))
            if form.is_valid():
                DEALS.apply(job, mode=form.cleaned_data["mode"], by=request.user)
                return redirect(_url(area, "import", pk))
            status = 422
        except ImportRefused as refusal:
            messages.error(request, str(refusal))
            return redirect(_url(area, "import", pk))
    context = {
        "job": job,
        "form": form,
        **more_problems(job),
        "area": area,
        "list_url": _url(area, "import_list"),
        "problems_url": _url(area, "import_problems", pk),
        "here": _url(area, "import", pk),
    }
    return render(request, "registry/deal_import.html", context, status=status)


def _problems(request: SignedInRequest, pk: int, area: str) -> HttpResponseBase:
    job = get_object_or_404(_jobs(request, area).defer("content"), pk=pk)
    return problem_download(job)


def _template(kind: str, area: str) -> HttpResponse:
    if kind not in DealImport.Kind.values:
        raise Http404
    return _download(template(kind, any_town=area != "town"), f"{kind}.xlsx", XLSX)


def _download(content: bytes, name: str, content_type: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=disposition)


@for_municipality
def town_list(request: SignedInRequest) -> HttpResponse:
    return _list(request, "town")


@for_municipality
def town_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, pk, "town")


@for_municipality
def town_problems(request: SignedInRequest, pk: int) -> HttpResponseBase:
    return _problems(request, pk, "town")


@for_municipality
def town_template(request: SignedInRequest, kind: str) -> HttpResponse:
    return _template(kind, "town")


@for_coordinator
def staff_list(request: SignedInRequest) -> HttpResponse:
    return _list(request, "coordinator")


@for_coordinator
def staff_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, pk, "coordinator")


@for_coordinator
def staff_problems(request: SignedInRequest, pk: int) -> HttpResponseBase:
    return _problems(request, pk, "coordinator")


@for_coordinator
def staff_template(request: SignedInRequest, kind: str) -> HttpResponse:
    return _template(kind, "coordinator")
