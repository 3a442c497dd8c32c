"""固定: the coordinator's pages that pin a planned pair and let it go; what other pages show of it.

Mounted inside the admin by matching.proposals.admin, which checks that the account is the
prefecture's; verbs ask once more that it may write.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from matching.proposals.errors import Refused
from matching.proposals.forms import PinForm, ReleasePinForm
from matching.proposals.models import Pin, Proposal, Run, RunPin
from matching.proposals.services import pinning
from municipalities.registry.access import SignedInRequest, for_coordinator
from talentpool.conventions.numbers import number_in
from talentpool.pages.forms import PortalForm
from talentpool.specialists.services import log_views

PIN_CONSEQUENCE = (
    "この案件が入る次からの計算は、この人をこの量であて、ほかの割当てを決めます。"
    "市町の順位付けと本人の返事を縛るものではなく、日数も押さえません。いつでも解けます。"
)
RELEASE_CONSEQUENCE = "次の計算からは、この案件の担当も計算で決めます。済んだ計算は変わりません。"


@dataclass(frozen=True, slots=True)
class PinOfRow:
    """Of one row of a plan: whether its run held it as pinned, the pin in force now, and the one
    that holds somebody else for the need now."""

    held: bool
    now: Pin | None
    other: Pin | None


class RunPins:
    """The pins of a run's page: those that the run held or left out, and those in force now."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @cached_property
    def rows(self) -> list[RunPin]:
        related = self.run.held_pins.select_related("pin__specialist", "pin__need__municipality")
        return list(related.order_by("pin__need__municipality__kana", "pk"))

    @cached_property
    def left_out(self) -> list[RunPin]:
        return [row for row in self.rows if row.left_out]

    @property
    def count(self) -> int:
        """How many the run held."""
        return len(self.rows) - len(self.left_out)

    @property
    def people(self) -> set[int]:
        """Whose numbers the page shows with the pins that were left out."""
        return {row.pin.specialist_id for row in self.left_out}

    @cached_property
    def _held(self) -> set[tuple[int, int]]:
        return {(r.pin.need_id, r.pin.specialist_id) for r in self.rows if not r.left_out}

    @cached_property
    def _now(self) -> dict[int, Pin]:
        pins = Pin.objects.to_hold().filter(need__runs=self.run).select_related("specialist")
        return {pin.need_id: pin for pin in pins}

    def of(self, need: int, person: int) -> PinOfRow:
        """What the row of this pair shows."""
        now = self._now.get(need)
        mine = now if now is not None and now.specialist_id == person else None
        return PinOfRow((need, person) in self._held, mine, None if mine else now)


def pins_to_show(request: SignedInRequest) -> list[Pin]:
    """The pins that a run would hold, for the page that starts one; that they are seen is
    recorded."""
    pins = list(
        Pin.objects.visible_to(request.user)
        .to_hold()
        .with_run()
        .select_related("need__municipality", "specialist")
        .order_by("need__municipality__kana", "pk")
    )
    log_views(
        sorted({pin.specialist_id for pin in pins}),
        viewer=request.user,
        scope="pool_number",
        purpose="計算を始める前に、固定した割当てを確かめるため",
    )
    return pins


def offered_otherwise(proposals: Iterable[Proposal]) -> list[str]:
    """The titles of the needs for which somebody else than the pinned person was offered first."""
    rows = {row.need_id: row for row in proposals}
    pins = Pin.objects.in_force().filter(need__in=rows).select_related("need").order_by("pk")
    return [
        pin.need.title
        for pin in pins
        if not rows[pin.need_id]
        .candidates.filter(position=1, specialist_id=pin.specialist_id)
        .exists()
    ]


def pinned_person(need: int) -> int | None:
    """The person pinned for a need now, by number."""
    pins = Pin.objects.in_force().filter(need=need)
    found: int | None = pins.values_list("specialist_id", flat=True).first()
    return found


@for_coordinator
def pin(request: SignedInRequest, run_id: int, need_id: int) -> HttpResponse:
    """Pin the person whom the plan gives a need."""
    run = get_object_or_404(Run.objects.visible_to(request.user), pk=run_id)
    need = get_object_or_404(run.needs.select_related("municipality"), pk=need_id)
    back = reverse("admin:proposals_run_change", args=[run.pk])
    form = PinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = pinning.pin_pair(
                run, need_id=need.pk, reason=form.cleaned_data["reason"], by=request.user
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                f"{need.municipality.name}「{need.title}」の担当を、"
                f"{made.specialist.pool_number} 月{made.half_days / 2:g}日に固定しました。",
            )
            return redirect(back)
    return _ask(
        request,
        form,
        "この割当てを固定しますか",
        f"{need.municipality.name}「{need.title}」の、第{run.number}回の案の担当",
        PIN_CONSEQUENCE,
        "固定する",
        back,
    )


@for_coordinator
def release(request: SignedInRequest, pin_id: int) -> HttpResponse:
    """Let a pinned pair go."""
    row = get_object_or_404(
        Pin.objects.visible_to(request.user).select_related("need__municipality", "specialist"),
        pk=pin_id,
    )
    run = number_in(request.GET.get("run", ""))
    back = reverse("admin:proposals_run_add")
    if run and Run.objects.visible_to(request.user).filter(pk=run).exists():
        back = reverse("admin:proposals_run_change", args=[run])
    form = ReleasePinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        pinning.release_pin(row.pk, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, "固定を解きました。次の計算から、担当も計算で決めます。")
        return redirect(back)
    log_views(
        [row.specialist_id],
        viewer=request.user,
        scope="pool_number",
        purpose="割当ての固定を解くかどうかを決めるため",
    )
    return _ask(
        request,
        form,
        "割当ての固定を解きますか",
        f"{row.need.municipality.name}「{row.need.title}」：{row.specialist.pool_number} "
        f"月{row.half_days / 2:g}日（{row.get_reason_display()}）",
        RELEASE_CONSEQUENCE,
        "固定を解く",
        back,
    )


def _ask(
    request: SignedInRequest,
    form: PortalForm,
    question: str,
    what: str,
    consequence: str,
    action_label: str,
    back: str,
) -> HttpResponse:
    return render(
        request,
        "proposals/pin.html",
        {
            "form": form,
            "question": question,
            "objects": [what],
            "consequence": consequence,
            "action_label": action_label,
            "cancel_url": back,
        },
        status=422 if form.errors else 200,
    )
