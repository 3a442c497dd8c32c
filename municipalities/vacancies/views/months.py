"""The prefecture's pages of the month inside the admin: freeze, decide, submit, read the files."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Exists, Min, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.difference import LABELS, Change, Row, counts, live
from municipalities.vacancies.errors import ExportError, VacanciesError
from municipalities.vacancies.exports import (
    batch_of,
    unencodable_cells,
)
from municipalities.vacancies.forms.exports import ApproveForm, FreezeForm
from municipalities.vacancies.models import FormVersion, MinistryExport, MonthlyRound, Vacancy
from municipalities.vacancies.services.answers import days_of, is_frozen
from municipalities.vacancies.services.exports import is_past_making, still_answering
from municipalities.vacancies.services.gaps import gaps_of
from municipalities.vacancies.services.rounds import current_members
from municipalities.vacancies.views.imports import XLSX
from municipalities.vacancies.views.review import must_be_coordinator, prefecture_page
from municipalities.vacancies.views.vacancies import in_words, specs_of, words_of
from talentpool.conventions.cells import UnencodableError
from talentpool.conventions.era import format_month, format_wareki, is_usable
from talentpool.conventions.months import add_months, first_of_month, month_range

MONTHS_SHOWN = 24


def leftovers_in_words(leftovers: dict[str, dict[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Values that do not fit the form, by vacancy number, with headers for identifiers."""
    specs = specs_of({key for values in leftovers.values() for key in values})
    return {number: in_words(values, specs) for number, values in leftovers.items()}


def _month(text: str) -> date:
    try:
        day = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Http404 from error
    if not is_usable(day.year):
        raise Http404
    return day


def standing(exports: Sequence[MinistryExport]) -> MinistryExport | None:
    """The version of a month that counts, of all from the newest on: the newest that was not
    discarded, so that a correction given up does not hide what was submitted; else the newest."""
    kept = (export for export in exports if export.status != MinistryExport.Status.DISCARDED)
    return next(kept, exports[0] if exports else None)


def months(request: HttpRequest) -> HttpResponse:
    """All months with their batches, the running one first."""
    exports = MinistryExport.objects.visible_to(request.user).defer("rows", "content")
    running = first_of_month(timezone.localdate())
    oldest = add_months(running, -MONTHS_SHOWN)
    by_month: dict[date, list[MinistryExport]] = {}
    for export in exports.filter(month__gte=oldest):
        by_month.setdefault(export.month, []).append(export)
    for month in month_range(max(oldest, _first_month(running)), running):
        by_month.setdefault(month, [])
    discarded = MinistryExport.Status.DISCARDED
    made_of = (row.month for rows in by_month.values() for row in rows if row.status != discarded)
    last_made = max(made_of, default=date.min)
    return prefecture_page(
        request,
        "vacancies/admin/months.html",
        {
            "title": "月次提出",
            "months": [
                (month, standing(made), month < last_made)
                for month, made in sorted(by_month.items(), reverse=True)
            ],
        },
    )


def _first_month(running: date) -> date:
    """The first month of which the ministry could have been told something: of the first batch, the
    first question to the towns or the first publication."""
    published = Vacancy.objects.aggregate(first=Min("published_at"))["first"]
    begun = [
        MinistryExport.objects.aggregate(first=Min("month"))["first"],
        MonthlyRound.objects.aggregate(first=Min("month"))["first"],
        published and first_of_month(timezone.localdate(published)),
    ]
    return min((month for month in begun if month is not None), default=running)


def month(request: HttpRequest, month: str) -> HttpResponse:
    """One month: what would be sent, what was frozen, and the next step."""
    first = _month(month)
    exports = list(
        MinistryExport.objects.visible_to(request.user)
        .select_related("frozen_by")
        .defer("content")
        .filter(month=first)
    )
    newest = standing(exports)
    on_the_way = newest if newest and newest.status in ("draft", "approved") else None
    shuts = is_past_making(first) and not on_the_way
    missed = shuts and (newest is None or newest.status != "submitted")
    try:
        rows, base, leftovers = ([], None, {}) if missed else _rows(first, on_the_way, newest)
        no_form = ""
    except ExportError as error:
        rows, base, leftovers, no_form = [], None, {}, str(error)
    unwritable = len(leftovers)
    if request.method == "POST" and newest and newest.status == "submitted":
        unwritable = _unwritable_now(first)  # the page shows the rows that were frozen
    again = newest is not None
    freeze_form = None
    round_ = MonthlyRound.objects.filter(month=first).first()
    answers = _answers(round_)
    silent = [answer for answer in answers if answer.answered_at is None]
    early = still_answering(first, timezone.localdate())
    asked: Any = {"again": again, "unwritable": unwritable, "early": early, "silent": len(silent)}
    if (again or unwritable or early) and not on_the_way and not shuts:
        freeze_form = FreezeForm(None, **asked)
    approve_form = ApproveForm() if on_the_way and on_the_way.allows("approve") else None
    status = 200
    if request.method == "POST":
        must_be_coordinator(request)
        verb = request.POST.get("verb", "")
        if verb == "freeze" and freeze_form is not None:
            freeze_form = FreezeForm(request.POST, **asked)
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
    is_preview = not missed and not on_the_way
    is_preview = is_preview and (newest is None or newest.status != "submitted")
    tally = counts(row for row, _ in rows)
    return prefecture_page(
        request,
        "vacancies/admin/month.html",
        {
            "title": f"{format_month(first)}の月次提出",
            "month": first,
            "month_code": month,
            "exports": exports,
            "newest": newest,
            "on_the_way": on_the_way,
            "shuts": shuts,
            "missed": missed,
            "same_as": _same_as(on_the_way, exports),
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
            "held": _held(leftovers, base),
            "held_before": _held_before(first, rows, leftovers) if is_preview else [],
            "gaps": len(gaps_of(Vacancy.objects.visible_to(request.user), timezone.localdate()))
            if is_preview
            else 0,
            "waiting_changes": Vacancy.objects.visible_to(request.user)
            .filter(change=Vacancy.ChangeState.SUBMITTED)
            .select_related("municipality")
            .order_by("vacancy_no")
            if is_preview
            else [],
            "unencodable": _unencodable_now(rows) if is_preview and not no_form else [],
            "round": round_,
            "answers": answers,
            "asked": len(answers),
            "silent": silent,
            "early": early,
            "not_asked": _not_asked(first) if early and round_ is None else "",
            "answered": len(answers) - len(silent),
        },
        status,
    )


def _same_as(
    on_the_way: MinistryExport | None, exports: Sequence[MinistryExport]
) -> MinistryExport | None:
    """The submitted version of the month that a correction on its way repeats byte by byte."""
    submitted = (one for one in exports if one.status == MinistryExport.Status.SUBMITTED)
    if on_the_way is None:
        return None
    return next((one for one in submitted if one.sha256 == on_the_way.sha256), None)


def _not_asked(first: date) -> str:
    """Whether the towns, which were not asked before the cut-off yet, still will be."""
    if is_frozen(first):
        return "市町に確認を頼む前に、この月を確定しました。この月の確認は、もう頼みません。"
    opens, cut_off = days_of(first)
    words = "この月の確認は、まだ市町に頼んでいません。"
    if timezone.localdate() <= opens:
        return f"{words}{format_wareki(opens)}に、自動で頼みます。"
    return (
        f"{words}最初の開庁日は過ぎましたが、締切の{format_wareki(cut_off)}までは、"
        "次に自動の処理が動いたときに頼みます。"
    )


def _held(
    leftovers: dict[str, dict[str, str]], base: MinistryExport | None
) -> list[dict[str, Any]]:
    """The vacancies that a batch made now holds back: the row, what cannot be written, and whether
    the ministry goes on showing what was sent before."""
    words = leftovers_in_words(leftovers)
    sent = live(base.rows) if base else {}
    return [
        {
            "vacancy": vacancy,
            "values": words[vacancy.vacancy_no],
            "was_sent": vacancy.vacancy_no in sent,
        }
        for vacancy in _by_number(leftovers)
    ]


def _held_before(
    first: date, rows: list[Any], leftovers: dict[str, dict[str, str]]
) -> list[tuple[Vacancy, str, str]]:
    """What the newest batch of an earlier month held back, and how it goes into this one: the row,
    the word and the shape of its tag."""
    made = MinistryExport.objects.exclude(status=MinistryExport.Status.DISCARDED)
    newest = made.filter(month__lt=first).order_by("-month", "-version")
    numbers = newest.values_list("held_back", flat=True).first() or []
    goes = {row["vacancy_no"] for row, _ in rows}
    found = []
    for vacancy in _by_number(numbers):
        word, kind = "今は提出するものではありません", "off"
        if vacancy.vacancy_no in leftovers:
            word, kind = "まだ書けない値があります", "late"
        elif vacancy.vacancy_no in goes:
            word, kind = "今の内容が入ります", "ok"
        found.append((vacancy, word, kind))
    return found


def _by_number(numbers: Iterable[str]) -> QuerySet[Vacancy]:
    found = Vacancy.objects.filter(vacancy_no__in=list(numbers))
    return found.select_related("municipality").order_by("vacancy_no")


def _unwritable_now(first: date) -> int:
    """How many vacancies a batch made now could not write."""
    try:
        return len(services.preview_month(first)[2])
    except ExportError:
        return 0


def _answers(round_: MonthlyRound | None) -> list[Any]:
    """What the towns said, each with whether it has an account to say it with."""
    if round_ is None:
        return []
    staffed = Exists(current_members("municipality"))
    return list(round_.answers.select_related("municipality").annotate(has_account=staffed))


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
    """One verb of the month; returns what the page says afterwards.

    Each form of a batch names the version that stood on its page: a second click or an old page
    never acts on another one.
    """
    by: Any = request.user
    if verb == "remind":
        count = services.remind_silent(get_object_or_404(MonthlyRound, month=first), by=by)
        return f"{count}市町に、もう一度お願いしました。"
    if verb == "freeze":
        said = bound[0].cleaned_data if bound else {}
        made = services.freeze_month(first, by=by, **said)
        return f"{made}を確定しました({made.row_count}件)。"
    if verb not in MinistryExport.TRANSITIONS:
        raise Http404
    if export is None or request.POST.get("export") != str(export.pk) or not export.allows(verb):
        raise ExportError(
            "画面を開いたあとで、この月次提出が進みました。今の状態を確かめてから、操作してください。"
        )
    if verb == "approve":
        services.approve_export(export, **bound[0].cleaned_data, by=by)
        return "決裁を記録しました。ファイルを提出したら、提出済みにしてください。"
    if verb == "submit":
        services.submit_export(export, by=by)
        return "提出済みにしました。次の月は、この内容と比べます。"
    services.discard_export(export, by=by)
    return "破棄しました。理由を書いて、作り直せます。"


CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": XLSX,
    "cp932": "text/csv; charset=Shift_JIS",
}


def download(request: HttpRequest, pk: int, kind: str = "csv") -> HttpResponse:
    """The file of a batch, made again from the frozen rows: csv, xlsx, or csv in CP932."""
    export = get_object_or_404(
        MinistryExport.objects.visible_to(request.user).select_related("form_version"), pk=pk
    )
    if kind not in CONTENT_TYPES:
        raise Http404
    try:
        name, content = services.file_of(export, kind)
    except UnencodableError:
        return prefecture_page(
            request, "vacancies/admin/unencodable.html", _unencodable(export), 422
        )
    except VacanciesError as error:
        messages.error(request, str(error))
        return redirect("admin:vacancies_ministryexport_month", month=f"{export.month:%Y-%m}")
    return HttpResponse(
        content,
        content_type=CONTENT_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _unencodable(export: MinistryExport) -> dict[str, Any]:
    """Where the characters stand that CP932 cannot hold."""
    found = unencodable_cells(export.rows, export.form_version.definition)
    return {"title": "Shift_JISで表せない文字", "export": export, "found": found}


def _unencodable_now(rows: list[tuple[Row, str]]) -> list[tuple[str, str, str]]:
    """The same of a preview, while the towns can still mend it."""
    form = FormVersion.objects.in_force_on(timezone.localdate())
    return unencodable_cells([row for row, _ in rows], form.definition) if form else []


def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The covering letter (進達) to print or copy."""
    export = get_object_or_404(
        MinistryExport.objects.visible_to(request.user).defer("rows", "content"), pk=pk
    )
    tally = [(LABELS[change], export.counts[change.value]) for change in Change]
    corrected = MinistryExport.objects.visible_to(request.user).filter(
        month=export.month, version__lt=export.version, status=MinistryExport.Status.SUBMITTED
    )
    return prefecture_page(
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
    batch, leftovers = batch_of(
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
    return prefecture_page(
        request,
        "vacancies/admin/since.html",
        {
            "title": f"{export}の後の変化",
            "export": export,
            "rows": rows,
            "leftovers": leftovers_in_words(leftovers),
        },
    )
