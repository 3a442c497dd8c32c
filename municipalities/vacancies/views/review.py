"""The prefecture's pages inside the admin: look at a need or a vacancy and decide; the month."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.querysets import is_coordinator
from municipalities.vacancies import services
from municipalities.vacancies.cautions import cautions_of
from municipalities.vacancies.difference import LABELS, Change, counts
from municipalities.vacancies.errors import ExportError, VacanciesError
from municipalities.vacancies.exports import batch_of, csv_bytes, xlsx_bytes
from municipalities.vacancies.forms.exports import ApproveForm, FreezeForm
from municipalities.vacancies.forms.needs import AcceptForm, ReturnForm
from municipalities.vacancies.forms.vacancies import ReturnVacancyForm
from municipalities.vacancies.hooks import need_sections
from municipalities.vacancies.models import (
    FormVersion,
    MinistryExport,
    MonthlyRound,
    Need,
    Vacancy,
)
from municipalities.vacancies.services.gaps import gaps_of
from municipalities.vacancies.services.vacancies import problems_of
from municipalities.vacancies.views.imports import XLSX
from municipalities.vacancies.views.needs import STATES as NEED_STATES
from municipalities.vacancies.views.needs import STEP_OF, STEPS, facts_of
from municipalities.vacancies.views.vacancies import STATES as VACANCY_STATES
from municipalities.vacancies.views.vacancies import (
    all_agreed,
    answers_of,
    changes_of,
    headed,
    joint_rows,
    words_of,
)
from talentpool.conventions.cells import UnencodableError
from talentpool.conventions.era import format_month
from talentpool.conventions.months import add_months, first_of_month

MONTHS_SHOWN = 24


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "may_write": is_coordinator(request.user),
        **context,
    }
    return render(request, template, context, status=status)


def _must_be_coordinator(request: HttpRequest) -> None:
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
        _must_be_coordinator(request)
        returning = "return" in request.POST
        if returning:
            back = ReturnForm(request.POST)
        else:
            accept = AcceptForm(request.POST)
        form = back if returning else accept
        if form.is_valid():
            try:
                if returning:
                    services.return_need(need, remark=form.cleaned_data["remark"], by=request.user)  # type: ignore[arg-type]
                    messages.success(request, "差し戻しました。市町へメールで知らせます。")
                else:
                    services.accept_need(
                        need,
                        priority=form.cleaned_data["priority"],
                        remark=form.cleaned_data["accept_remark"],
                        by=request.user,  # type: ignore[arg-type]
                    )
                    messages.success(request, "受け付けました。マッチングの対象になります。")
            except VacanciesError as error:
                messages.error(request, str(error))
            return redirect("admin:vacancies_need_review", pk=pk)
        status = 422
    kind, _ = NEED_STATES[need.status]
    sections = need_sections(need, request.user)
    step = max([STEP_OF.get(Need.Status(need.status), 0), *(section.step for section in sections)])
    return _page(
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
            "accept_form": accept,
            "return_form": back,
            "vacancy": getattr(need, "vacancy", None),
        },
        status,
    )


def review_vacancy(request: HttpRequest, pk: int) -> HttpResponse:
    vacancy = get_object_or_404(
        Vacancy.objects.visible_to(request.user).select_related(
            "municipality", "form_version", "change_form", "need"
        ),
        pk=pk,
    )
    definition = vacancy.working_form.definition
    back = ReturnVacancyForm(definition=definition)
    status = 200
    if request.method == "POST":
        _must_be_coordinator(request)
        if "return" in request.POST:
            back = ReturnVacancyForm(request.POST, definition=definition)
        if not back.is_bound or back.is_valid():
            try:
                messages.success(request, _decide(request, vacancy, back))
            except VacanciesError as error:
                messages.error(request, str(error))
            return redirect("admin:vacancies_vacancy_review", pk=pk)
        status = 422
    waiting = vacancy.allows("publish") or vacancy.allows("publish_change")
    values = vacancy.working_values if vacancy.change == "submitted" else vacancy.values
    problems = problems_of(vacancy) if waiting else {}
    return _page(
        request,
        "vacancies/admin/vacancy_review.html",
        {
            "title": str(vacancy),
            "vacancy": vacancy,
            "groups": answers_of(vacancy, values),
            "changes": changes_of(vacancy, vacancy.values, values),
            "kind": VACANCY_STATES[vacancy.status][0],
            "waiting": waiting,
            "joint": joint_rows(vacancy),
            "agreed": not waiting or all_agreed(vacancy),
            "problems": headed(vacancy, ((key, words[0]) for key, words in problems.items())),
            "cautions": headed(vacancy, cautions_of(values)) if waiting else [],
            "remarks": headed(vacancy, vacancy.field_remarks.items()),
            "return_form": back,
        },
        status,
    )


def _decide(request: HttpRequest, vacancy: Vacancy, back: ReturnVacancyForm) -> str:
    """Publish or return the vacancy, or the change of it; returns what the page says afterwards."""
    by: Any = request.user
    if back.is_bound:
        services.return_vacancy(
            vacancy, remark=back.cleaned_data["remark"], field_remarks=back.field_remarks, by=by
        )
        return "差し戻しました。市町へメールで知らせます。"
    if vacancy.change:
        services.publish_change(vacancy, by=by)
        return "変更を公表しました。"
    services.publish_vacancy(vacancy, by=by)
    return "公表しました。"


# --- The month ---------------------------------------------------------------------------------
def gaps(request: HttpRequest) -> HttpResponse:
    """Published vacancies that lack what the form in force asks for."""
    today = timezone.localdate()
    context = {
        "title": "新しい様式の項目",
        "gaps": gaps_of(Vacancy.objects.visible_to(request.user), today),
        "form": FormVersion.objects.in_force_on(today),
    }
    return _page(request, "vacancies/admin/gaps.html", context)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Http404 from error


def months(request: HttpRequest) -> HttpResponse:
    """All months with their batches, the running one first."""
    exports = MinistryExport.objects.visible_to(request.user).defer("rows", "content")
    by_month: dict[date, list[MinistryExport]] = {}
    for export in exports.filter(
        month__gte=add_months(first_of_month(timezone.localdate()), -MONTHS_SHOWN)
    ):
        by_month.setdefault(export.month, []).append(export)
    by_month.setdefault(first_of_month(timezone.localdate()), [])
    return _page(
        request,
        "vacancies/admin/months.html",
        {"title": "月次提出", "months": sorted(by_month.items(), reverse=True)},
    )


def month(request: HttpRequest, month: str) -> HttpResponse:
    """One month: what would be sent, what was frozen, and the next step."""
    first = _month(month)
    exports = list(
        MinistryExport.objects.visible_to(request.user)
        .select_related("frozen_by")
        .defer("content")
        .filter(month=first)
    )
    newest = exports[0] if exports else None
    on_the_way = newest if newest and newest.status in ("draft", "approved") else None
    freeze_form = FreezeForm() if newest and not on_the_way else None
    approve_form = ApproveForm() if on_the_way and on_the_way.allows("approve") else None
    status = 200
    if request.method == "POST":
        _must_be_coordinator(request)
        verb = request.POST.get("verb", "")
        if verb == "freeze" and freeze_form is not None:
            freeze_form = FreezeForm(request.POST)
        if verb == "approve" and approve_form is not None:
            approve_form = ApproveForm(request.POST)
        bound = [form for form in (freeze_form, approve_form) if form is not None and form.is_bound]
        if all(form.is_valid() for form in bound):
            try:
                said = _carry_out(request, verb, first, on_the_way, bound)
                messages.success(request, said)
            except VacanciesError as error:
                messages.error(request, str(error))
            return redirect("admin:vacancies_ministryexport_month", month=month)
        status = 422
    round_ = MonthlyRound.objects.filter(month=first).first()
    answers = list(round_.answers.select_related("municipality")) if round_ else []
    no_form = ""
    try:
        rows, base, leftovers = _rows(first, on_the_way, newest)
    except ExportError as error:
        rows, base, leftovers, no_form = [], None, {}, str(error)
    tally = counts(row for row, _ in rows)
    return _page(
        request,
        "vacancies/admin/month.html",
        {
            "title": f"{format_month(first)}の月次提出",
            "month": first,
            "month_code": month,
            "exports": exports,
            "newest": newest,
            "on_the_way": on_the_way,
            "freeze_form": freeze_form,
            "approve_form": approve_form,
            "rows": rows,
            "facts": [
                {"label": LABELS[change], "value": tally[change.value], "unit": "件"}
                for change in Change
            ],
            "base": base,
            "no_form": no_form,
            "total": len(rows),
            "leftovers": leftovers,
            "round": round_,
            "answers": answers,
            "asked": len(answers),
            "silent": [answer for answer in answers if answer.answered_at is None],
            "answered": sum(answer.answered_at is not None for answer in answers),
        },
        status,
    )


def _rows(first: date, on_the_way: MinistryExport | None, newest: MinistryExport | None) -> Any:
    """The rows to show with the word of their change: the frozen ones, or a preview."""
    shown = on_the_way or (newest if newest and newest.status == "submitted" else None)
    if shown is not None:
        rows = [(row, LABELS[Change(row["change_type"])]) for row in shown.rows]
        return rows, shown.base, {}
    batch, base, leftovers = services.preview_month(first)
    return [(item.row, LABELS[item.change]) for item in batch], base, leftovers


def _carry_out(
    request: HttpRequest,
    verb: str,
    first: date,
    export: MinistryExport | None,
    bound: list[Any],
) -> str:
    """One verb of the month; returns what the page says afterwards."""
    by: Any = request.user
    if verb == "remind":
        count = services.remind_silent(get_object_or_404(MonthlyRound, month=first), by=by)
        return f"{count}市町に、もう一度お願いしました。"
    if verb == "freeze":
        reason = bound[0].cleaned_data["reason"] if bound else ""
        made = services.freeze_month(first, by=by, reason=reason)
        return f"{made}を確定しました({made.row_count}件)。"
    if export is None:
        raise VacanciesError("対象の月次提出がありません。画面を読み直してください。")
    if verb == "approve":
        services.approve_export(export, **bound[0].cleaned_data, by=by)
        return "決裁を記録しました。ファイルを提出したら、提出済みにしてください。"
    if verb == "submit":
        services.submit_export(export, by=by)
        return "提出済みにしました。次の月は、この内容と比べます。"
    if verb == "discard":
        services.discard_export(export, by=by)
        return "破棄しました。理由を書いて、作り直せます。"
    raise Http404


def download(request: HttpRequest, pk: int, kind: str = "csv") -> HttpResponse:
    """The file of a batch, made again from the frozen rows: csv, xlsx, or csv in CP932."""
    export = get_object_or_404(
        MinistryExport.objects.visible_to(request.user).select_related("form_version"), pk=pk
    )
    definition = export.form_version.definition
    name, content_type = export.file_name, "text/csv; charset=utf-8"
    try:
        if kind == "csv":
            content = services.render(export)
        elif kind == "xlsx":
            content, content_type = xlsx_bytes(export.rows, definition), XLSX
            name = name.replace(".csv", ".xlsx")
        elif kind == "cp932":
            content = csv_bytes(export.rows, definition, "cp932")
            content_type, name = "text/csv; charset=Shift_JIS", name.replace(".csv", "-sjis.csv")
        else:
            raise Http404
    except UnencodableError as error:
        return _page(request, "vacancies/admin/unencodable.html", _unencodable(export, error), 422)
    except VacanciesError as error:
        messages.error(request, str(error))
        return redirect("admin:vacancies_ministryexport_month", month=f"{export.month:%Y-%m}")
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _unencodable(export: MinistryExport, error: UnencodableError) -> dict[str, Any]:
    """Where the characters stand that CP932 cannot hold."""
    headers = export.form_version.definition.headers
    rows = sorted(export.rows, key=lambda row: row["vacancy_no"])
    found = [
        (rows[item.row - 2]["vacancy_no"], headers[item.column - 1], item.character)
        for item in error.found
    ]
    return {"title": "Shift_JISで表せない文字", "export": export, "found": found}


def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The covering letter (進達) to print or copy."""
    export = get_object_or_404(
        MinistryExport.objects.visible_to(request.user).defer("rows", "content"), pk=pk
    )
    tally = [(LABELS[change], export.counts[change.value]) for change in Change]
    corrected = MinistryExport.objects.visible_to(request.user).filter(
        month=export.month, version__lt=export.version, status=MinistryExport.Status.SUBMITTED
    )
    return _page(
        request,
        "vacancies/admin/letter.html",
        {
            "title": "募集情報の提出について(進達)",
            "subtitle": str(export),
            "export": export,
            "tally": tally,
            "is_correction": corrected.exists(),
        },
    )


def since(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent, and what has changed since."""
    export = get_object_or_404(
        MinistryExport.objects.visible_to(request.user).select_related("form_version"), pk=pk
    )
    batch, _ = batch_of(
        first_of_month(timezone.localdate()), timezone.localdate(), export.form_version, export
    )
    specs = export.form_version.definition.by_identifier
    sent = {row["vacancy_no"]: row for row in export.rows}
    rows = []
    for item in batch:
        if item.change is Change.CONTINUED:
            continue
        before = sent.get(item.row["vacancy_no"], {})
        changes = [
            (
                specs[key].header,
                words_of(specs[key], before.get(key, "")),
                words_of(specs[key], item.row.get(key, "")),
            )
            for key in item.differs_in
        ]
        rows.append((LABELS[item.change], item.row, changes))
    return _page(
        request,
        "vacancies/admin/since.html",
        {"title": f"{export}の後の変化", "export": export, "rows": rows},
    )
