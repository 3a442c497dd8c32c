"""組み直し: the plan brought to today, beside the one in force; the coordinator keeps it or not.

Mounted inside the admin by matching.proposals.admin, which checks that the account is the
prefecture's; the verb asks once more that it may write.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from matching import engine
from matching.engine.lookup import Lookup
from matching.proposals.errors import Refused
from matching.proposals.mending import Changed, Mended, Pair, chain_of, mend
from matching.proposals.models import Candidate, Proposal, Run
from matching.proposals.services import mending
from matching.proposals.words import Apart
from municipalities.registry.access import SignedInRequest, for_coordinator
from municipalities.vacancies.models import Need
from talentpool.conventions.numbers import number_in
from talentpool.pages.forms import PortalForm
from talentpool.specialists.models import Specialist
from talentpool.specialists.services import log_views

KIND_WORDS = {
    Changed.Kind.DECLINED: "辞退・不成立",
    Changed.Kind.LOST: "条件に合わない",
    Changed.Kind.LESS: "空きが減った",
    Changed.Kind.WAITS: "提示済み",
    Changed.Kind.ADDED: "新しい案件",
    Changed.Kind.GONE: "案から離れた案件",
}
BROKEN = "画面から送られた内容が欠けています。変わったことを読み直し、もう一度お試しください。"
ENDED = ("declined", "expired", "dropped", "unavailable", "left", "aside")


class KeepForm(PortalForm):
    """What the page showed, so that nothing else is kept."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    kind: str
    need: str
    person: str
    why: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One need with who has it before and after; `why_open` says why nobody has it now."""

    need: str
    before: str
    after: str
    why_open: tuple[str, ...] = ()


class Difference:
    """What a mending found and moved, in words. `people` are those whose numbers it shows."""

    def __init__(
        self,
        changes: Sequence[Mapping[str, str]],
        before: Mapping[str, Pair],
        problem: engine.Problem,
        plan: engine.Plan,
    ) -> None:
        self.plan = plan
        self._apart = Apart(Lookup(problem))
        self.before = before
        self.after = {a.need: (a.specialist, a.half_days) for a in plan.assignments}
        every = before.keys() | self.after.keys()
        moved = {need for need in every if before.get(need) != self.after.get(need)}
        moved |= {row.need for row in plan.unfilled} & {change["need"] for change in changes}
        keys = {*moved, *(change["need"] for change in changes)}
        self._needs = {
            str(need.pk): f"{need.municipality.name}「{need.title}」"
            for need in Need.objects.filter(pk__in=keys).select_related("municipality")
        }
        sides = (before, self.after)
        named = {side[need][0] for side in sides for need in moved if need in side}
        named |= {change["specialist"] for change in changes}
        rows = Specialist.objects.filter(pk__in=[number_in(key) for key in named if key])
        self._people = {str(pk): number for pk, number in rows.values_list("pk", "pool_number")}
        self.changes = [self._change(change) for change in changes]
        self.moved = sorted((self._move(need) for need in moved), key=lambda row: row.need)
        self.held = sum(self.after.get(need) == pair for need, pair in before.items())

    @property
    def people(self) -> list[int]:
        return sorted(map(int, self._people))

    @property
    def served(self) -> tuple[int, int]:
        """How many needs somebody has, before and after."""
        return len(self.before), len(self.after)

    def _change(self, change: Mapping[str, str]) -> ChangeRow:
        return ChangeRow(
            KIND_WORDS.get(change["kind"], ""),
            self._needs.get(change["need"], ""),
            self._people.get(change["specialist"], ""),
            change["why"],
        )

    def _move(self, need: str) -> MoveRow:
        open_ = next((row for row in self.plan.unfilled if row.need == need), None)
        return MoveRow(
            self._needs.get(need, ""),
            self._side(self.before.get(need)),
            self._side(self.after.get(need)),
            self._apart.reasons(open_.reasons, need) if open_ else (),
        )

    def _side(self, pair: Pair | None) -> str:
        if pair is None:
            return ""
        return f"{self._people.get(pair[0], '')} 月{pair[1] / 2:g}日"


def difference_of(found: Mended) -> Difference:
    """The words of a mending that is proposed."""
    changes = [
        {"kind": c.kind, "need": c.need, "specialist": c.specialist, "why": c.why}
        for c in found.changes
    ]
    return Difference(changes, found.before, found.problem, found.plan)


def difference_kept(run: Run) -> Difference | None:
    """The words of a mending that was kept as this run; None for a run that is none, or that this
    version cannot read."""
    if run.mended is None:
        return None
    try:
        problem = engine.problem_from_json(run.problem)
        plan = engine.plan_from_json(run.plan)
    except engine.ProblemError:
        return None
    before = {need: (str(pair[0]), int(pair[1])) for need, pair in run.mended["before"].items()}
    return Difference(run.mended["changes"], before, problem, plan)


def planned_one_fell_away(candidates: Iterable[Candidate]) -> bool:
    """Whether somebody of the plan was asked or offered and did not come about."""
    return any(row.planned and row.status in ENDED for row in candidates)


@for_coordinator
def mend_page(request: SignedInRequest, run_id: int) -> HttpResponse:
    """What has changed since the plan, and the plan mended with all else held; on POST it is
    kept as a run of its own."""
    run = get_object_or_404(Run.objects.visible_to(request.user), pk=run_id)
    added = _added(request)
    chain = chain_of(run)
    context: dict[str, Any] = {"run": run, "newest": chain[-1], "added": added}
    context["waiting"] = _waiting(request, chain)
    if chain[-1].status != Run.Status.FINISHED:
        messages.error(request, "計算が終わってから組み直してください。")
        return redirect("admin:proposals_run_change", run.pk)
    form = KeepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = _keep(request, form, run, added)
        if kept is not None:
            return redirect("admin:proposals_run_change", kept.pk)
    try:
        found = mend(run, added)
    except Refused as refusal:
        return render(request, "proposals/mend.html", context | {"refused": str(refusal)})
    shown = difference_of(found)
    log_views(
        shown.people,
        viewer=request.user,
        scope="pool_number",
        purpose=f"候補を選ぶ計算（第{chain[-1].number}回）の案を、変わった分だけ組み直すため",
    )
    context |= {
        "difference": shown,
        "errors": _errors_of(form),
        "key": uuid.uuid4(),
        "fingerprint": found.fingerprint,
        "newer": _newer(chain),
    }
    return render(request, "proposals/mend.html", context, status=422 if form.is_bound else 200)


def _errors_of(form: forms.BaseForm) -> list[str]:
    """What was refused, and something to do also where a hidden field came back broken."""
    if not form.is_bound or form.is_valid():
        return []
    return [str(error) for error in form.non_field_errors()] or [BROKEN]


def _keep(request: SignedInRequest, form: KeepForm, run: Run, added: Sequence[int]) -> Run | None:
    """The run that what the page showed is kept as; None where it is refused, as the form says."""
    try:
        kept = mending.keep_mended(
            run,
            added=added,
            shown=form.cleaned_data["shown"],
            request_key=form.cleaned_data["request_key"],
            by=request.user,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(
        request,
        f"組み直した案を、第{kept.number}回として残しました。"
        "候補を示すときは、この画面から選んでください。",
    )
    return kept


def _added(request: SignedInRequest) -> list[int]:
    """The new needs that the address or the form names, as far as they wait for a run."""
    given = (request.POST if request.method == "POST" else request.GET).getlist("need")
    asked = [pk for pk in map(number_in, given) if pk]
    rows = Need.objects.visible_to(request.user).filter(pk__in=asked, status=Need.Status.ACCEPTED)
    return sorted(rows.values_list("pk", flat=True))


def _waiting(request: SignedInRequest, chain: Sequence[Run]) -> list[Need]:
    """Accepted needs that wait for a run and that the chain does not have: they may be added."""
    return list(
        Need.objects.visible_to(request.user)
        .filter(status=Need.Status.ACCEPTED)
        .not_over_on(timezone.localdate())
        .exclude(proposals__status__in=Proposal.OPEN)
        .exclude(runs__in=chain)
        .select_related("municipality")
        .order_by("municipality__kana", "pk")
    )


def _newer(chain: Sequence[Run]) -> Run | None:
    """A run outside the chain that was finished later and has needs of it: the plan may be old."""
    needs = Need.objects.filter(runs__in=chain)
    newer: Run | None = (
        Run.objects.filter(status=Run.Status.FINISHED, number__gt=chain[-1].number, needs__in=needs)
        .exclude(pk__in=[run.pk for run in chain])
        .without_documents()
        .order_by("-number")
        .first()
    )
    return newer
