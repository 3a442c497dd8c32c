"""The town's pages of what went to the ministry about its vacancies, and of what a new version of
the form asks for."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from municipalities.registry.access import for_municipality
from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies.definition import Values
from municipalities.vacancies.difference import Change
from municipalities.vacancies.exports import written_in
from municipalities.vacancies.models import FormVersion, Vacancy
from municipalities.vacancies.sent import before_each, last_of, sent_about, sent_page, since
from municipalities.vacancies.services.gaps import gaps_of
from municipalities.vacancies.views.vacancies import changes_of, find, in_words, specs_of

NEXT = {
    Change.NEW: "まだ国へ提出していません。次の月次提出で「新規」として伝えます。",
    Change.CHANGED: "前の提出のあとに変わりました。次の月次提出で「変更」として伝えます。",
    Change.CONTINUED: "前の提出から変わっていません。次の月次提出では「継続」として伝えます。",
    Change.CLOSED: "前の提出のあとに募集が終わりました。"
    "次の月次提出で「募集終了」として一度だけ伝えます。",
    Change.WITHDRAWN: "前の提出のあとに公表をやめました。"
    "次の月次提出で「取下げ」として一度だけ伝えます。",
}
WAITS = "まだ国へ提出していません。ファイルに書けない値があるため、直すまで提出しません。"
WAITS_AS_SENT = "ファイルに書けない値があるため、直すまで、国へは前に提出した内容のまま伝えます。"


@for_municipality
def sent_list(request: HttpRequest) -> HttpResponse:
    """Everything that was submitted about the town's own vacancies, by month."""
    code = municipality_code_of(request.user) or ""
    own = Vacancy.objects.visible_to(request.user).values_list("vacancy_no", flat=True)
    page = sent_page(code, list(own), request.GET)
    return render(request, "vacancies/sent_list.html", {"page": page})


@for_municipality
def vacancy_sent(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    """What was submitted about one vacancy, and what has changed since."""
    vacancy = find(request, vacancy_no)
    history = sent_about(vacancy.municipality_id, vacancy_no)
    last = last_of(history)
    change, before, now = since(vacancy, last, timezone.localdate())
    goes_on = change in {Change.NEW, Change.CHANGED, Change.CONTINUED}
    unwritable = _unwritable(vacancy) if goes_on else {}
    said = NEXT[change] if change else _not_sent(vacancy, bool(history))
    if unwritable:
        said = WAITS if change is Change.NEW else WAITS_AS_SENT
    context = {
        "vacancy": vacancy,
        "unwritable": in_words(unwritable, specs_of(unwritable)),
        "history": [
            (sent, _headers(vacancy, sent.form_version_id, differs))
            for sent, differs in before_each(history)
        ],
        "next": said,
        "changes": changes_of(vacancy, before, now) if change is Change.CHANGED else [],
    }
    return render(request, "vacancies/vacancy_sent.html", context)


def _unwritable(vacancy: Vacancy) -> Values:
    """What stands in the vacancy and cannot be written in the form in force, by identifier."""
    form = FormVersion.objects.in_force_on(timezone.localdate())
    if form is None:
        return {}
    return written_in(vacancy.values, vacancy.form_version_id, form)[1]


def _headers(vacancy: Vacancy, form_id: int, identifiers: tuple[str, ...]) -> list[str]:
    if not identifiers:
        return []
    form = vacancy.form_version
    if form.pk != form_id:
        form = FormVersion.objects.get(pk=form_id)
    specs = form.definition.by_identifier
    return [specs[key].header if key in specs else key for key in identifiers]


def _not_sent(vacancy: Vacancy, was_sent: bool) -> str:
    """Why the next batch says nothing of it."""
    if was_sent:
        return "終わったことを国へ伝えました。もう提出しません。"
    if vacancy.status == Vacancy.Status.PUBLISHED and not vacancy.publish_ok:
        return "公表可否が「県内限定」のため、国へは提出しません。"
    if vacancy.status == Vacancy.Status.PUBLISHED:
        return "今は募集期間の外のため、国へは提出しません。"
    if vacancy.status in {Vacancy.Status.DRAFT, Vacancy.Status.SUBMITTED}:
        return "まだ公表していません。公表すると、次の月次提出で国へ伝えます。"
    return "国へ提出する前に終わったため、提出していません。"


@for_municipality
def form_gaps(request: HttpRequest) -> HttpResponse:
    """What the form in force asks for and the town's published vacancies lack."""
    today = timezone.localdate()
    context: dict[str, Any] = {
        "gaps": gaps_of(Vacancy.objects.visible_to(request.user), today),
        "form": FormVersion.objects.in_force_on(today),
    }
    return render(request, "vacancies/form_gaps.html", context)
