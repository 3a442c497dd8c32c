"""検討: the coordinator asks what would happen if, and reads the answers. Nothing is decided here.

Mounted inside the admin by matching.proposals.admin, which checks that the account is the
prefecture's.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from matching import engine
from matching.proposals.errors import Refused
from matching.proposals.models import Run, Study
from matching.proposals.services import studies
from matching.proposals.services.handing_out import hand_out_pack
from matching.proposals.study_forms import StudyForm, form_for
from matching.proposals.words import in_days
from municipalities.registry.access import SignedInRequest, for_coordinator
from municipalities.registry.querysets import is_coordinator
from talentpool.conventions.numbers import number_in
from talentpool.specialists.services import log_views


@dataclass(frozen=True, slots=True)
class Moved:
    """One need before and after: who serves it, as pool numbers."""

    town: str
    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure before and after, and the difference with its sign, in words."""

    label: str
    before: str
    after: str
    change: str


FIGURES = (
    ("支援の届く市町", "towns", "市町"),
    ("決まる人数", "places", "人"),
    ("月の稼働(のべ)", "half_days", "日"),
    ("期間全体の費用(共通経費を除く)", "yen", "円"),
)


def study_list(request: SignedInRequest, run_id: int) -> HttpResponse:
    """The questions asked about a run, and the choice of another."""
    run = _run(request, run_id)
    may_ask = is_coordinator(request.user) and run.status == Run.Status.FINISHED
    kind = request.GET.get("kind", "")
    asked = {name: request.GET.get(name, "") for name in ("need", "specialist")}
    form = _form(run, kind, initial=asked) if may_ask and kind in Study.Kind.values else None
    return _show_list(request, run, form, may_ask)


def _show_list(
    request: SignedInRequest, run: Run, form: StudyForm | None, may_ask: bool
) -> HttpResponse:
    asked = list(Study.objects.visible_to(request.user).filter(run=run))
    named = {str(study.asked.get("specialist", "")) for study in asked}
    if form is not None and "specialist" in form.fields:
        named |= {person.id for person in form.problem.specialists}  # its choices
    log_views(
        [pk for pk in map(number_in, sorted(named)) if pk],
        viewer=request.user,
        scope="pool_number",
        purpose=f"候補を選ぶ計算（第{run.number}回）の条件を変えて検討するため",
    )
    return render(
        request,
        "proposals/studies.html",
        {
            "run": run,
            "studies": asked,
            "kinds": Study.Kind.choices,
            "form": form,
            "may_ask": may_ask and not is_unreadable(run),
            "is_unreadable": is_unreadable(run),
        },
        status=422 if form is not None and form.errors else 200,
    )


@for_coordinator
def ask(request: SignedInRequest, run_id: int, kind: str) -> HttpResponse:
    """Put a question; its answer is worked out in the background."""
    run = _run(request, run_id)
    if kind not in Study.Kind.values or request.method != "POST":
        raise Http404
    form = _form(run, kind, request.POST)
    if form is None:
        messages.error(request, studies.OTHER_VERSION)
        return redirect("admin:proposals_study_list", run.pk)
    if form.is_valid():
        try:
            study = studies.start_study(
                run,
                kind=kind,
                asked=form.asked(),
                words=form.words(),
                request_key=form.cleaned_data["request_key"],
                by=request.user,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("admin:proposals_study", run.pk, study.pk)
    return _show_list(request, run, form, True)


def study_page(request: SignedInRequest, run_id: int, study_id: int) -> HttpResponse:
    """A question with its answer, or how far it has come."""
    run = _run(request, run_id)
    study = get_object_or_404(Study.objects.visible_to(request.user), pk=study_id, run=run)
    context: dict[str, Any] = {"run": run, "study": study, "answer": study.answer}
    context["may_write"] = is_coordinator(request.user)
    if study.answer:
        try:
            context |= _answered(run, study, study.answer)
        except (engine.ProblemError, KeyError):  # kept by a version that wrote other fields
            context["is_unreadable"] = True
    log_views(
        context.pop("people", []),
        viewer=request.user,
        scope="pool_number",
        purpose=f"候補を選ぶ計算の条件を変えた検討（第{study.pk}号）の結果を見るため",
    )
    return render(request, "proposals/study.html", context)


def _answered(run: Run, study: Study, answer: dict[str, Any]) -> dict[str, Any]:
    """What the page of a study shows of its answer. Raises ProblemError or KeyError for one of
    another version."""
    if "pairs" in answer:
        return _compared(run, study)
    if "policies" in answer:
        return {
            "policies": [
                row | {"worst": f"{row['worst_permille'] / 10:g}%"} for row in answer["policies"]
            ]
        }
    titles = _titles(run)
    return {
        "posts": [
            post
            | {
                "titles": [titles.get(need, "") for need in post.get("needs", ())],
                "reasons": [in_days(text) for text in post["reasons"]],
            }
            for post in answer["posts"]
        ],
        "shortages": [in_days(text) for text in answer["shortages"]],
    }


@require_POST
@for_coordinator
def ask_again(request: SignedInRequest, run_id: int, study_id: int) -> HttpResponse:
    """Put the question of a failed study once more."""
    run = _run(request, run_id)
    study = get_object_or_404(Study.objects.visible_to(request.user), pk=study_id, run=run)
    try:
        study = studies.ask_again(study, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:proposals_study", run.pk, study.pk)


def download_pack(request: SignedInRequest, run_id: int) -> HttpResponse:
    """The audit pack of a finished run: input, rules, plan, proof and hash in one file, as its
    worker stored it, with what was changed since as an appendix; recorded with its hashes."""
    run = _run(request, run_id)
    if run.status != Run.Status.FINISHED:
        raise Http404
    pack = hand_out_pack(run, by=request.user)
    log_views(
        [int(person["id"]) for person in pack["problem"].get("specialists", ())],
        viewer=request.user,
        scope="pool_number",
        purpose=f"候補を選ぶ計算（第{run.number}回）の記録を書き出すため",
    )
    response = HttpResponse(
        json.dumps(pack, ensure_ascii=False, indent=1), content_type="application/json"
    )
    response["Content-Disposition"] = f'attachment; filename="run-{run.number}-pack.json"'
    return response


def _run(request: SignedInRequest, run_id: int) -> Run:
    visible = Run.objects.visible_to(request.user).without_documents()
    run: Run = get_object_or_404(visible, pk=run_id)
    return run


def is_unreadable(run: Run) -> bool:
    """Whether the run's frozen input is there, but of another version of the engine."""
    try:
        engine.problem_from_json(run.problem)
    except engine.ProblemError:
        return run.problem is not None
    return False


def _titles(run: Run) -> dict[int, str]:
    """Titles of the run's needs by primary key."""
    return dict(run.needs.values_list("pk", "title"))


def _form(
    run: Run, kind: str, data: Any = None, initial: dict[str, Any] | None = None
) -> StudyForm | None:
    """The form of a question; None where the run's input cannot be read or does not exist."""
    if run.problem is None:
        return None
    try:
        problem = engine.problem_from_json(run.problem)
        return form_for(kind, problem, _titles(run), data, initial)
    except engine.ProblemError:
        return None


def _figure(label: str, before: int, after: int, unit: str) -> Compared:
    """A figure in words; half-days are told in days."""

    def words(number: int) -> str:
        return f"{number / 2:,g}{unit}" if unit == "日" else f"{number:,}{unit}"

    sign = "+" if after > before else "−"
    change = "±0" if after == before else f"{sign}{words(abs(after - before))}"
    return Compared(label, words(before), words(after), change)


def _compared(run: Run, study: Study) -> dict[str, Any]:
    """Figures and moved needs of an answer, and the people whose numbers it shows."""
    answer = study.answer or {}
    problem = engine.problem_from_json(run.problem)
    names = {person.id: person.name for person in problem.specialists}
    names |= {"+1": "加わる1人"} | answer.get("people", {})
    towns = {town.id: town.name for town in problem.towns}
    titles = {str(pk): title for pk, title in _titles(run).items()}
    town_of = {need.id: towns[need.town] for need in problem.needs}
    if study.kind == Study.Kind.NEED_ADDED:
        town_of[studies.ADDED] = towns[study.asked["town"]]
        titles[studies.ADDED] = "増える案件"
    moved: dict[str, tuple[list[str], list[str]]] = {}
    for pair in answer["pairs"]:
        before, after = moved.setdefault(pair["need"], ([], []))
        for half_days, side in ((pair["before"], before), (pair["after"], after)):
            if half_days:
                days = f"{half_days / 2:g}"
                side.append(f"{names.get(pair['specialist'], '')} 月{days}日")
    if study.kind == Study.Kind.NEED_REMOVED and study.asked["need"] in moved:
        moved[study.asked["need"]][1].append("取り下げ")
    shown = {pair["specialist"] for pair in answer["pairs"]} | {
        str(study.asked.get("specialist", ""))
    }
    return {
        "figures": [
            _figure(label, answer["before"][key], answer["after"][key], unit)
            for label, key, unit in FIGURES
        ],
        "moved": sorted(
            (
                Moved(
                    town_of[need],
                    titles.get(need, ""),
                    tuple(before),
                    tuple(after),
                )
                for need, (before, after) in moved.items()
                if need in town_of
            ),
            key=lambda row: (row.town, row.title),
        ),
        "people": [pk for pk in map(number_in, sorted(shown)) if pk],
        "rules": [in_days(text) for text in answer.get("rules", ())],
        "anew": [
            f"{town_of[need]}「{titles.get(need, '')}」"
            for need in answer.get("anew", ())
            if need in town_of
        ],
    }
