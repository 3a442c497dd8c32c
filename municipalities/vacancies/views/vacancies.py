"""The town's pages of its vacancies: a task list of sections, one topic a page."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from municipalities.registry.access import for_municipality
from municipalities.registry.models import Municipality
from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies import services
from municipalities.vacancies.cautions import cautions_of
from municipalities.vacancies.definition import SEPARATOR, FieldSpec, Problems, Values
from municipalities.vacancies.difference import differing
from municipalities.vacancies.errors import VacanciesError
from municipalities.vacancies.forms.vacancies import CloseForm, WithdrawVacancyForm
from municipalities.vacancies.hooks import vacancy_sections
from municipalities.vacancies.models import FormField, FormVersion, JointTown, Need, Vacancy
from municipalities.vacancies.services.agreements import agreed, joint_answers
from municipalities.vacancies.services.writing import problems_of
from municipalities.vacancies.views.reading import version_read
from municipalities.vacancies.views.states import shown, why_left_over
from talentpool.pages.paging import keyset_page

SECTIONS = {
    value: label for value, label in FormField.Section.choices if value != FormField.Section.SYSTEM
}
BEGINNINGS_SHOWN = 10


@for_municipality
def vacancy_list(request: HttpRequest) -> HttpResponse:
    page = keyset_page(Vacancy.objects.visible_to(request.user), request.GET, order=["-pk"])
    rows = [(vacancy, shown(vacancy)) for vacancy in page]
    joint = JointTown.objects.visible_to(request.user).filter(
        municipality_id=municipality_code_of(request.user)
    )
    context = {"page": page, "rows": rows, "joint": joint.count()}
    return render(request, "vacancies/vacancy_list.html", context)


@for_municipality
def vacancy_create(request: HttpRequest) -> HttpResponse:
    """The ways to begin: from a need, from an earlier vacancy, from a file, from blank (POST)."""
    if request.method != "POST":
        return _ways_to_begin(request)
    municipality = Municipality.objects.visible_to(request.user).get(
        code=municipality_code_of(request.user)
    )
    try:
        vacancy = services.create_vacancy(municipality, {}, by=request.user)  # type: ignore[arg-type]
    except VacanciesError as error:
        messages.error(request, str(error))
        return redirect("town:vacancy_list")
    return redirect("town:vacancy_detail", vacancy_no=vacancy.vacancy_no)


def _ways_to_begin(request: HttpRequest) -> HttpResponse:
    needs = Need.objects.visible_to(request.user).filter(
        status__in=[Need.Status.UNFILLED, Need.Status.ACCEPTED], vacancy__isnull=True
    )
    earlier = Vacancy.objects.visible_to(request.user).exclude(status=Vacancy.Status.DRAFT)
    context = {
        "needs": needs.order_by("-status", "-pk")[:BEGINNINGS_SHOWN],
        "earlier": earlier.order_by("-pk")[:BEGINNINGS_SHOWN],
    }
    return render(request, "vacancies/vacancy_begin.html", context)


def find(request: HttpRequest, vacancy_no: str) -> Vacancy:
    """The vacancy if this account may see it; 404 otherwise."""
    vacancy: Vacancy = get_object_or_404(
        Vacancy.objects.visible_to(request.user).select_related(
            "form_version", "change_form", "municipality", "need"
        ),
        vacancy_no=vacancy_no,
    )
    return vacancy


def words_of(spec: FieldSpec, value: str) -> str:
    """The value for people; bodies by their names."""
    if spec.kind != "lg_codes" or not value:
        return spec.label_of(value)
    codes = value.split(SEPARATOR)
    names = dict(Municipality.objects.filter(code__in=codes).values_list("code", "name"))
    return "、".join(names.get(code, code) for code in codes)


def answers_of(vacancy: Vacancy, values: Values | None = None) -> list[dict[str, Any]]:
    """The filled fields of the vacancy by section, with the words that people read."""
    working = values is not None and values is vacancy.changed_values
    definition = (vacancy.working_form if working else vacancy.form_version).definition
    filled = vacancy.values if values is None else values
    groups = []
    for section, label in SECTIONS.items():
        answers = [
            (spec, words_of(spec, filled[spec.identifier]))
            for spec in definition.in_section(section)
            if filled.get(spec.identifier)
        ]
        groups.append({"code": section, "label": label, "answers": answers})
    return groups


def headed(vacancy: Vacancy, words: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(identifier, words) with the header of the field in place of the identifier."""
    specs = vacancy.form_version.definition.by_identifier | (
        vacancy.working_form.definition.by_identifier
    )
    rows = list(words)
    older = specs_of({key for key, _ in rows} - specs.keys())
    headers = {key: found[0].header for key, found in older.items()} | {
        key: spec.header for key, spec in specs.items()
    }
    return [(headers.get(key, key), text) for key, text in rows]


def specs_of(identifiers: Collection[str]) -> dict[str, list[FieldSpec]]:
    """Each field as the versions of the form that have their day hold it, the newest first."""
    found: dict[str, list[FieldSpec]] = {}
    if identifiers:
        fields = FormField.objects.filter(
            identifier__in=identifiers, version__in_force_from__isnull=False
        )
        for field in fields.order_by("-version__in_force_from"):
            found.setdefault(field.identifier, []).append(field.spec)
    return found


def in_words(
    values: Mapping[str, str], specs: Mapping[str, list[FieldSpec]]
) -> list[tuple[str, str]]:
    """(newest header, words) of values that do not fit their form: a choice that is gone in the
    words of the newest version that had it."""
    rows = []
    for key, value in values.items():
        words = (words_of(spec, value) for spec in specs.get(key, ()))
        header = specs[key][0].header if key in specs else key
        rows.append((header, next((text for text in words if text != value), value)))
    return rows


def changes_of(
    vacancy: Vacancy, before: Values, after: Values, *, without: frozenset[str] = frozenset()
) -> list[tuple[str, str, str]]:
    """Header, words before and words after of each field that differs from what is published."""
    return changes_between(
        vacancy.form_version, before, vacancy.working_form, after, without=without
    )


def changes_between(
    old: FormVersion,
    before: Values,
    new: FormVersion,
    after: Values,
    *,
    without: frozenset[str] = frozenset(),
) -> list[tuple[str, str, str]]:
    """Header, words before and words after of each field that differs, each in the words of the
    form it was written in; a field that only one of them has is told by that one."""
    olds, news = old.definition.by_identifier, new.definition.by_identifier
    rows = []
    for key in differing(before, after):
        spec = news.get(key) or olds.get(key)
        if spec is None or key in without:
            continue
        was = words_of(olds.get(key, spec), before.get(key, ""))
        rows.append((spec.header, was, words_of(spec, after.get(key, ""))))
    return rows


def tasks_of(vacancy: Vacancy, problems: Problems) -> list[dict[str, Any]]:
    """The sections with how far each has come."""
    definition = vacancy.working_form.definition
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
    vacancy = find(request, vacancy_no)
    writable = vacancy.is_writable
    problems = problems_of(vacancy) if writable else {}
    values = vacancy.working_values
    return render(
        request,
        "vacancies/vacancy_detail.html",
        {
            "vacancy": vacancy,
            "draft": writable,
            "tasks": tasks_of(vacancy, problems) if writable else [],
            "complete": writable and not problems,
            "waiting_for_towns": vacancy.joint_towns.filter(status="asked").exists(),
            "agreed": vacancy.partner_codes == [] or all_agreed(vacancy),
            "left": len(problems),
            "groups": answers_of(vacancy, values),
            "changes": changes_of(vacancy, vacancy.values, values) if vacancy.change else [],
            "remarks": headed(vacancy, vacancy.field_remarks.items()),
            "cautions": headed(vacancy, cautions_of(values)) if writable else [],
            "joint": joint_rows(vacancy),
            "sections": vacancy_sections(vacancy, request.user),
            "leftover": in_words(vacancy.leftover, specs_of(vacancy.leftover)),
            "newer_form": _newer_form(vacancy) if vacancy.allows("submit") else None,
            "open_questions": vacancy.questions.to_answer().count(),
            "state": shown(vacancy),
            "why_left_over": why_left_over(vacancy),
            "may": {
                verb: vacancy.allows(verb) for verb in [*Vacancy.TRANSITIONS, *Vacancy.CHANGES]
            },
        },
    )


def joint_rows(vacancy: Vacancy) -> list[dict[str, Any]]:
    """The bodies that post together, with the word and the shape of what each has answered."""
    rows = []
    for town, answer in joint_answers(vacancy):
        word, kind = "まだ頼んでいません", "off"
        if answer is not None and answer.status == JointTown.Status.ASKED:
            word, kind = "回答待ち", "wait"
        elif answer is not None and answer.status == JointTown.Status.DECLINED:
            word, kind = "不同意", "late"
        elif answer is not None:
            holds = agreed(vacancy, answer)
            word, kind = ("同意", "ok") if holds else ("内容が変わり、もう一度同意が必要", "wait")
        rows.append({"town": town, "answer": answer, "word": word, "kind": kind})
    return rows


def all_agreed(vacancy: Vacancy) -> bool:
    """Whether nobody is missing for the vacancy to go up."""
    answers = joint_answers(vacancy)
    known = {town.code for town, _ in answers}
    return known >= set(vacancy.partner_codes) and all(
        agreed(vacancy, answer) for _, answer in answers
    )


def _newer_form(vacancy: Vacancy) -> FormVersion | None:
    """The version in force today, when the draft is in another one."""
    version: FormVersion | None = FormVersion.objects.in_force_on(timezone.localdate())
    return None if version is None or version.pk == vacancy.form_version_id else version


# The buttons that need no question first: what they call, and what the page says afterwards.
VERBS: dict[str, tuple[Callable[..., Any], str]] = {
    "submit": (
        services.submit_vacancy,
        "県へ提出しました。県の確認が終わると、メールでお知らせします。",
    ),
    "open_change": (
        services.open_change,
        "変更を始めました。県が確かめるまで公表は変わりません。",
    ),
    "submit_change": (services.submit_change, "変更を県へ提出しました。"),
    "recall": (
        services.recall_vacancy,
        "引き戻しました。直したら、もう一度県へ提出してください。",
    ),
    "settle_leftover": (services.settle_leftover, "移せなかった値の表示を消しました。"),
    "go_on": (
        services.go_on_recruiting,
        "募集を続けることにしました。やめるときは、このページで終えられます。",
    ),
    "discard_change": (services.discard_change, "変更をやめました。公表の内容はそのままです。"),
}

DECIDES_ON_WHAT_WAS_READ = frozenset({"submit", "submit_change", "discard_change"})


@require_POST
@for_municipality
def vacancy_verb(request: HttpRequest, vacancy_no: str, verb: str) -> HttpResponse:
    """Carry out one of `VERBS`."""
    if verb not in VERBS:
        raise Http404
    service, said = VERBS[verb]
    read: dict[str, Any] = {}
    if verb in DECIDES_ON_WHAT_WAS_READ:
        read["version"] = version_read(request)
    if verb == "discard_change":
        read["change"] = request.POST.get("change", "")
    try:
        service(find(request, vacancy_no), by=request.user, **read)
    except VacanciesError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("town:vacancy_detail", vacancy_no=vacancy_no)


@require_POST
@for_municipality
def vacancy_copy(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    """A new draft from this vacancy."""
    try:
        copy = services.copy_vacancy(find(request, vacancy_no), by=request.user)  # type: ignore[arg-type]
    except VacanciesError as error:
        messages.error(request, str(error))
        return redirect("town:vacancy_detail", vacancy_no=vacancy_no)
    messages.success(
        request, f"{vacancy_no} を写して下書きを作りました。日付などを入れてください。"
    )
    return redirect("town:vacancy_detail", vacancy_no=copy.vacancy_no)


@require_POST
@for_municipality
def vacancy_move(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    """Put the draft into the version of the form in force today."""
    vacancy = find(request, vacancy_no)
    version = _newer_form(vacancy)
    if version is None:
        messages.error(request, "この下書きは、もう今の様式です。")
        return redirect("town:vacancy_detail", vacancy_no=vacancy_no)
    try:
        moved = services.move_to_form(vacancy, version, by=request.user)  # type: ignore[arg-type]
    except VacanciesError as error:
        messages.error(request, str(error))
    else:
        words = "移せなかった値があります。" if moved.leftover else "すべて移しました。"
        messages.success(request, f"今の様式に移しました。{words}")
    return redirect("town:vacancy_detail", vacancy_no=vacancy_no)


@for_municipality
def vacancy_close(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    vacancy = find(request, vacancy_no)
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
                    note=form.cleaned_data["note"],
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
    vacancy = find(request, vacancy_no)
    if not vacancy.allows("withdraw"):
        messages.error(request, "この募集情報は、もう終わっています。")
        return redirect("town:vacancy_detail", vacancy_no=vacancy_no)
    form = WithdrawVacancyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_vacancy(vacancy, note=form.cleaned_data["note"], by=request.user)  # type: ignore[arg-type]
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
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )
