"""The public site: what the pool is, the list of vacancies, one vacancy."""

from collections.abc import Iterable
from copy import copy
from datetime import timedelta
from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.access import for_municipality
from municipalities.registry.models import Municipality
from municipalities.vacancies import services
from municipalities.vacancies.definition import Definition, FieldSpec, Values
from municipalities.vacancies.errors import VacanciesError
from municipalities.vacancies.filters import VacancyFilter
from municipalities.vacancies.hooks import vacancy_sections
from municipalities.vacancies.models import Vacancy, VacancyRevision
from municipalities.vacancies.models.vacancy import PUBLISHED_ORDER
from municipalities.vacancies.services.changes import questions_until, takes_questions
from municipalities.vacancies.views.opendata import job_posting
from municipalities.vacancies.views.vacancies import answers_of, changes_between, find, words_of
from talentpool.conventions.amounts import yen_label
from talentpool.pages.forms import PortalForm
from talentpool.pages.limits import limit_status, over_limit
from talentpool.pages.paging import keyset_page

NEWEST = 5
FORMS = "form_version__fields"  # one read for all that are written in it
PAGE_SIZE = 20
PAY_UNITS = {"H": "時間額", "D": "日額", "M": "月額", "Y": "年額", "C": "総額"}


def pay_words(vacancy: Vacancy) -> str:
    """月額 300,000円〜400,000円, or what stands in place of an amount."""
    unit = PAY_UNITS.get(vacancy.pay_unit)
    if unit is None:
        return {"N": "無報酬", "X": "応相談"}.get(vacancy.pay_unit, "")
    amounts = [yen_label(a) for a in (vacancy.pay_min, vacancy.pay_max) if a is not None]
    return f"{unit} {'〜'.join(dict.fromkeys(amounts))}"


def frequency_words(vacancy: Vacancy) -> str:
    """月2〜4日, 週1日, 常勤."""
    before, after = {"D": ("月", "日"), "W": ("週", "日"), "H": ("月", "時間")}.get(
        vacancy.frequency_unit, ("", "")
    )
    if not before:
        return {"F": "常勤", "S": "随時"}.get(vacancy.frequency_unit, "")
    numbers = [f"{n.normalize():f}" for n in (vacancy.freq_min, vacancy.freq_max) if n is not None]
    return f"{before}{'〜'.join(dict.fromkeys(numbers))}{after}"


TOGETHER: dict[str, tuple[str, Any, frozenset[str]]] = {
    "place": ("勤務の量", frequency_words, frozenset({"frequency_unit", "freq_min", "freq_max"})),
    "pay": ("報酬", pay_words, frozenset({"pay_unit", "pay_min", "pay_max"})),
}
HOW_TO_APPLY = {"apply_method": "応募方法", "dept": "担当", "tel": "電話", "email": "メール"}
NEW_DAYS = 7
COUNTED = 300  # more than this are not counted: nobody reads so far


def _tag(vacancy: Vacancy) -> tuple[str, str]:
    """A word worth seeing in a list: closing soon, or new."""
    today = timezone.localdate()
    if vacancy.last_day and vacancy.last_day <= today + timedelta(days=NEW_DAYS):
        return "まもなく締切", "wait"
    if vacancy.published_at and timezone.localdate(vacancy.published_at) >= today - timedelta(
        days=NEW_DAYS
    ):
        return "新着", "info"
    return "", ""


def cards_of(vacancies: Iterable[Vacancy]) -> list[dict[str, Any]]:
    """What a list shows of its vacancies; the towns' names are read at once."""
    shown = list(vacancies)
    codes = {code for vacancy in shown for code in vacancy.joint_codes}
    names = dict(Municipality.objects.filter(code__in=codes).values_list("code", "name"))
    return [_card(vacancy, names) for vacancy in shown]


def _card(vacancy: Vacancy, names: dict[str, str]) -> dict[str, Any]:
    definition: Definition = vacancy.form_version.definition
    labels = definition.by_identifier
    return {
        "vacancy": vacancy,
        "fields": labels["work_fields"].label_of(vacancy.values.get("work_fields", "")),
        "form": labels["engagement_form"].label_of(vacancy.engagement_form),
        "remote": labels["remote"].label_of(vacancy.values.get("remote", "")),
        "pay": pay_words(vacancy),
        "frequency": frequency_words(vacancy),
        "tag": _tag(vacancy),
        "partners": [names.get(code, code) for code in vacancy.joint_codes],
    }


def _open_vacancies() -> Any:
    return (
        Vacancy.objects.public()
        .open_on(timezone.localdate())
        .select_related("municipality")
        .prefetch_related(FORMS)
        .annotate(published=PUBLISHED_ORDER)
    )


@login_not_required
def top(request: HttpRequest) -> HttpResponse:
    found = _open_vacancies()
    newest = found.order_by("-published", "-pk")[:NEWEST]
    context = {"cards": cards_of(newest), "count": found.order_by()[: COUNTED + 1].count()}
    return render(request, "vacancies/top.html", context)


@login_not_required
def vacancy_list(request: HttpRequest) -> HttpResponse:
    found = VacancyFilter(request.GET, queryset=_open_vacancies(), request=request)
    chosen = any(request.GET.get(name) for name in found.filters)
    refusal = over_limit(request, "search") if chosen else None
    if refusal is not None:
        return refusal
    rows = found.qs if found.is_valid() else _open_vacancies().none()
    page = keyset_page(rows, request.GET, order=["-published"], size=PAGE_SIZE)
    return render(
        request,
        "vacancies/public_list.html",
        {
            "page": page,
            "cards": cards_of(page),
            "filter": found,
            "chosen": chosen,
            "count": rows.order_by()[: COUNTED + 1].count(),
            "counted": COUNTED,
        },
    )


class QuestionForm(PortalForm):
    text = forms.CharField(
        label="質問",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="市町が回答すると、質問と回答がこのページに出ます。"
        "名前や連絡先は書かないでください。",
    )


@login_not_required
def vacancy_detail(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    vacancy = get_object_or_404(
        Vacancy.objects.public().select_related("municipality", "form_version"),
        vacancy_no=vacancy_no,
    )
    form = QuestionForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = _ask(request, vacancy, form)
        if status == 200:
            messages.success(request, "質問を市町へ届けました。回答は、このページに出ます。")
            return redirect("public:vacancy_detail", vacancy_no=vacancy_no)
    day = timezone.localdate()
    context = {
        **_detail(vacancy, vacancy.values),
        "is_open": vacancy.is_open_on(day),
        "begins": vacancy.begins_after(day),
        "takes_questions": takes_questions(vacancy, day),
        "questions_until": questions_until(vacancy),
        "questions": vacancy.questions.public(),
        "revisions": _revisions(vacancy),
        "form": form,
        "sections": vacancy_sections(vacancy, request.user),
        "job_posting": job_posting(vacancy) if vacancy.is_open_on(day) else "",
    }
    return render(request, "vacancies/public_detail.html", context, status=status)


def _ask(request: HttpRequest, vacancy: Vacancy, form: QuestionForm) -> int:
    """200 when the question was taken, else the status with which the form is shown again: it says
    why, and holds what was typed."""
    if not form.is_valid():
        return 422
    status = limit_status(request, "ask", form)
    if status != 200:
        return status
    try:
        services.ask_question(vacancy, text=form.cleaned_data["text"])
    except VacanciesError as error:
        form.add_error(None, str(error))
        return 422
    return 200


def _detail(vacancy: Vacancy, values: Values) -> dict[str, Any]:
    groups = [
        {"label": group["label"], "answers": _public_answers(vacancy, group)}
        for group in answers_of(vacancy, values)
    ]
    hidden = vacancy.form_version.definition.hidden
    how = {key: name for key, name in HOW_TO_APPLY.items() if key not in hidden}
    return {
        "vacancy": vacancy,
        "card": cards_of([vacancy])[0],
        "groups": [group for group in groups if group["answers"]],
        "how": [(name, values.get(key, "")) for key, name in how.items()],
    }


def _public_answers(vacancy: Vacancy, group: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Header, words and whether it is a link, of what the public reads in a section. What the form
    asks in three fields (unit, from, to) is one line here."""
    header, words, parts = TOGETHER.get(group["code"], ("", None, frozenset()))
    hidden = vacancy.form_version.definition.hidden | parts
    rows = [
        (spec.header, _as_it_holds(vacancy, spec, text), spec.kind == "url")
        for spec, text in group["answers"]
        if spec.identifier not in hidden
    ]
    return [(header, words(vacancy), False), *rows] if words and words(vacancy) else rows


def _as_it_holds(vacancy: Vacancy, spec: FieldSpec, text: str) -> str:
    """What is read of an answer: 募集締切日 is not the last day where 公表終了 comes first."""
    last = vacancy.last_day
    return words_of(spec, last.isoformat()) if last and spec.identifier == "close_date" else text


def _revisions(vacancy: Vacancy) -> list[dict[str, Any]]:
    """Each published change, the newest first, with what differs from the one before.

    Only what the public could read is compared: words of a revision that stayed in the prefecture
    never come up, neither before nor after; nor do those that the prefecture withholds.
    """
    public = vacancy.revisions.public().prefetch_related(FORMS)
    return [_what_changed(before, later) for later, before in pairwise(public)]


def _what_changed(before: VacancyRevision, later: VacancyRevision) -> dict[str, Any]:
    """What the public reads in `later`, kept or yet to be, that it did not in `before`."""
    old, new = before.form_version, later.form_version
    return {
        "revision": later,
        "withheld": bool(before.withheld_reason or later.withheld_reason),
        "changes": changes_between(
            old,
            before.values,
            new,
            later.values,
            without=old.definition.hidden | new.definition.hidden,
        ),
    }


@for_municipality
def vacancy_preview(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    """The page as the public will see it, for the town that writes it."""
    vacancy = find(request, vacancy_no)
    shown = copy(vacancy)
    shown.form_version = vacancy.working_form
    shown.write_values(vacancy.working_values)
    if vacancy.status in Vacancy.OPEN:
        shown.status = Vacancy.Status.PUBLISHED
    day = timezone.localdate()
    context = {
        **_detail(shown, shown.values),
        "is_open": shown.is_open_on(day),
        "begins": shown.begins_after(day),
        "revisions": _revisions_with_change(vacancy, shown),
        "preview": preview_words(vacancy, shown),
    }
    return render(request, "vacancies/public_detail.html", context)


def _revisions_with_change(vacancy: Vacancy, shown: Vacancy) -> list[dict[str, Any]]:
    """What the public will read of the changes when the one on its way is published as `shown`."""
    revisions = _revisions(vacancy)
    newest = vacancy.revisions.public().prefetch_related(FORMS).first()
    if not vacancy.change or newest is None or not shown.publish_ok:
        return revisions
    coming = VacancyRevision(
        form_version=shown.form_version, values=shown.values, published_at=timezone.now()
    )
    return [_what_changed(newest, coming), *revisions]


def preview_words(vacancy: Vacancy, shown: Vacancy) -> dict[str, str]:
    """What the preview says of itself: when the public will read `shown`, if it will."""
    return {"said": _said_of_preview(vacancy, shown), "back": _back_from_preview(vacancy)}


def _back_from_preview(vacancy: Vacancy) -> str:
    if vacancy.change:
        return "変更に戻る"
    return "下書きに戻る" if vacancy.status == Vacancy.Status.DRAFT else "募集情報に戻る"


def _said_of_preview(vacancy: Vacancy, shown: Vacancy) -> str:
    stays = shown.values.get("publish_ok", "1") != "1"  # 県内限定; not chosen yet is not that
    if vacancy.status == Vacancy.Status.WITHDRAWN:
        return "取り下げたため、公開のページには載りません。"
    if vacancy.change and stays:
        after = "公開のページから外れます" if vacancy.is_public else "公開のページには載りません"
        return f"公表可否が「県内限定」のため、変更を公表すると、{after}。"
    if vacancy.change and not vacancy.publish_ok:
        return (
            "変更を公表すると、このように見えます。今は県内限定で、公開のページには載っていません。"
        )
    if vacancy.published_at is not None and vacancy.publish_ok and not vacancy.is_public:
        after = "変更を公表すると、このように見えます。今は" if shown.is_public else ""
        return f"{after}公表終了希望日を過ぎたため、公開のページには載っていません。"
    if vacancy.change:
        return "変更を公表すると、このように見えます。今は、変更する前の内容で公表しています。"
    if stays:
        return (
            "公表可否が「県内限定」のため、公開のページには載りません。"
            "この画面は、入れた内容を確かめるためのものです。"
        )
    if vacancy.published_at is not None:
        return "公開のページは、このように見えます。"
    return "公表すると、このように見えます。まだ公表していません。"
