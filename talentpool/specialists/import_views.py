"""人材の取込み: bring people in from Excel or CSV, in the admin: template, dry run, apply."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from municipalities.registry.access import SignedInRequest
from municipalities.registry.import_pages import UNLISTED, more_problems, problem_download
from municipalities.registry.importing import ImportRefused
from municipalities.registry.models import FileImport
from municipalities.registry.querysets import is_coordinator
from talentpool.files.checks import TYPES
from talentpool.files.sheets import MOST_BYTES, TOO_LARGE
from talentpool.pages.forms import PortalForm
from talentpool.pages.paging import keyset_page
from talentpool.specialists.models import PeopleImport
from talentpool.specialists.people_sheet import COLUMNS
from talentpool.specialists.services import people_import


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
        label="取込み方", choices=FileImport.Mode.choices, widget=forms.RadioSelect
    )


def _page(
    request: SignedInRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "may_write": is_coordinator(request.user),
        **context,
    }
    return render(request, f"specialists/admin/{template}.html", context, status=status)


def import_list(request: SignedInRequest) -> HttpResponse:
    """Earlier imports and the form that starts one."""
    sent = request.method == "POST"
    if sent and not is_coordinator(request.user):
        raise Http404
    form = UploadForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        job = people_import.start_people_import(
            file_name=file.name, content=file.read(), by=request.user
        )
        return redirect("admin:specialists_specialist_import", pk=job.pk)
    jobs = PeopleImport.objects.visible_to(request.user).defer(*UNLISTED)
    context = {
        "title": "人材の取込み",
        "form": form,
        "page": keyset_page(jobs, request.GET, order=["-pk"]),
        "columns": COLUMNS,
    }
    return _page(request, "import_list", context, 422 if sent else 200)


def import_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the check found; apply or give up."""
    job: PeopleImport = get_object_or_404(
        PeopleImport.objects.visible_to(request.user).defer("content", "problem_file"), pk=pk
    )
    form = ModeForm(request.POST if "apply" in request.POST else None)
    if request.method == "POST":
        if not is_coordinator(request.user):
            raise Http404
        try:
            if "discard" in request.POST:
                people_import.PEOPLE.discard(job, by=request.user)
                messages.success(request, "取りやめました。ファイルは消しました。")
                return redirect("admin:specialists_specialist_imports")
            if form.is_valid():
                people_import.PEOPLE.apply(job, mode=form.cleaned_data["mode"], by=request.user)
                return redirect("admin:specialists_specialist_import", pk=pk)
        except ImportRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:specialists_specialist_import", pk=pk)
    context = {
        "title": f"人材の取込み {job.pk}",
        "job": job,
        "form": form,
        **more_problems(job),
    }
    return _page(request, "import_detail", context, 422 if form.errors else 200)


def import_problems(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """What is to be mended, as a file to work through beside the sheet."""
    job: PeopleImport = get_object_or_404(
        PeopleImport.objects.visible_to(request.user).defer("content"), pk=pk
    )
    return problem_download(job)


def import_template(request: SignedInRequest) -> HttpResponse:
    """The empty sheet."""
    return HttpResponse(
        people_import.template(),
        content_type=TYPES["xlsx"],
        headers={"Content-Disposition": 'attachment; filename="jinzai.xlsx"'},
    )
