"""Pin a pair of a plan, let it go, and hold the pins in force in a run."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from matching import engine
from matching.proposals.errors import Refused
from matching.proposals.freeze import freeze
from matching.proposals.freshness import accepted_since
from matching.proposals.models import Pin, Proposal, Run, RunPin
from matching.proposals.pinned import ANEW, Impossible, hold, impossible_now, is_older, pins_of
from matching.proposals.services.locks import lock_needs
from municipalities.vacancies.models import Need
from talentpool.audit import services as audit
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User

RELEASED = "計算の前に固定が解かれました"
GOES_WITHOUT = "固定なしで計算することを選びました："


class PinsImpossible(Refused):
    """Pins of the chosen needs that cannot be held; `impossible` names them with the reasons."""

    def __init__(self, impossible: Sequence[Impossible]) -> None:
        super().__init__(
            "固定した割当てのうち、いまは守れないものがあります。"
            "理由を読み、固定なしで計算するか、固定を解いてください。"
        )
        self.impossible = impossible


@transaction.atomic
def pin_pair(run: Run, *, need_id: int, reason: str, by: User) -> Pin:
    """Pin the person whom a run's plan gives a need, with the planned half-days. By a coordinator.

    The same again returns the pin that is there. Raises Refused without a reason, where the plan
    gives the need nobody, where the need is not to be planned any more or is being coordinated,
    where somebody else is pinned, or where the pair is not possible any more, and says why.
    """
    if reason not in Pin.Reason.values:
        raise Refused("固定する理由を選んでください。")
    planned = _planned(run, need_id)
    if planned is None:
        raise Refused("この案は、この案件にだれもあてていません。")
    specialist_id, half_days = planned
    (need,) = lock_needs([need_id])
    there: Pin | None = (
        Pin.objects.in_force().filter(need=need).select_related("specialist").first()
    )
    if there is not None:
        there.need = need
        if is_older(there):
            raise Refused(f"{ANEW}。先に、前の固定を解いてください。")
        if (there.specialist_id, there.half_days) == planned:
            return there
        raise Refused(
            f"この案件には、{there.specialist.pool_number} を月{there.half_days / 2:g}日で"
            "固定しています。先にその固定を解いてください。"
        )
    _refuse_unplannable(run, need)
    pin = Pin(
        need=need,
        specialist_id=specialist_id,
        run=run,
        half_days=half_days,
        reason=reason,
        pinned_by=by,
    )
    _refuse_impossible(need, pin)
    pin.save()
    audit.record(
        "pin_pair",
        pin,
        by=by,
        detail={"run": run.number, "need": need.pk, "half_days": half_days, "reason": reason},
    )
    return pin


@transaction.atomic
def release_pin(pin_id: int, *, reason: str, by: User) -> Pin:
    """Let a pinned pair go: the next run decides anew. By a coordinator. The same again changes
    nothing. Raises Refused without a reason."""
    if reason not in Pin.ReleaseReason.values:
        raise Refused("固定を解く理由を選んでください。")
    pin: Pin = Pin.objects.select_for_update(of=("self",), no_key=True).get(pk=pin_id)
    if pin.released_at is not None:
        return pin
    pin.released_at, pin.released_by, pin.release_reason = timezone.now(), by, reason
    pin.save(update_fields=["released_at", "released_by", "release_reason"])
    audit.record("release_pin", pin, by=by, detail={"need": pin.need_id, "reason": reason})
    return pin


def _planned(run: Run, need_id: int) -> tuple[int, int] | None:
    if run.status != Run.Status.FINISHED:
        raise Refused("計算が終わってから固定してください。")
    try:
        plan = engine.plan_from_json(run.plan)
    except engine.ProblemError as error:
        raise Refused(
            "この計算は、いまと違う版のソフトウェアで作られました。新しい計算から固定してください。"
        ) from error
    mine = (a for a in plan.assignments if a.need == str(need_id))
    return next(((int(a.specialist), a.half_days) for a in mine), None)


def _refuse_unplannable(run: Run, need: Need) -> None:
    if need.status != Need.Status.ACCEPTED or need.is_over(first_of_month(timezone.localdate())):
        raise Refused(f"「{need.title}」は、もう計算の対象になりません。")
    if accepted_since(run, need):
        raise Refused(
            f"「{need.title}」は、この計算のあとに直され、受け付け直されています。"
            "新しい計算から固定してください。"
        )
    if need.proposals.filter(status__in=Proposal.OPEN).exists():
        raise Refused(
            f"「{need.title}」は候補を提示しているため、計算に入りません。固定は要りません。"
        )


def _refuse_impossible(need: Need, pin: Pin) -> None:
    """Beside the other pins of the person, which are older and come first."""
    others = list(
        Pin.objects.to_hold()
        .filter(specialist_id=pin.specialist_id)
        .select_related("need", "specialist")
    )
    needs = [need, *(other.need for other in others)]
    problem = freeze(needs, {pin.specialist_id})
    held, _ = hold(problem, others)
    kept = {row.need for row in held.accepted}
    _, impossible = hold(problem, [o for o in others if str(o.need_id) in kept] + [pin])
    if impossible:
        raise Refused(f"この割当ては、いまは固定できません。{impossible[-1].why}。")


def take_pins(run: Run, needs: Sequence[Need], without: Collection[int]) -> None:
    """Note which pins the run is to hold, and which it goes without, by their keys. Called by
    `start_run`, in its transaction. Raises PinsImpossible for one that cannot be held and that
    nobody said to go without."""
    impossible = {row.pin.pk: row for row in impossible_now(needs)}
    asked = [row for pk, row in impossible.items() if pk not in without]
    if asked:
        raise PinsImpossible(asked)
    RunPin.objects.bulk_create(
        RunPin(
            run=run,
            pin=pin,
            left_out=f"{GOES_WITHOUT}{impossible[pin.pk].why}"[:400]
            if pin.pk in impossible
            else "",
        )
        for pin in pins_of(needs)
    )


def hold_pins(run: Run, problem: engine.Problem) -> engine.Problem:
    """The run's frozen problem with its pins; what became impossible since the start is left out,
    and the run says so."""
    rows = list(
        run.held_pins.filter(left_out="")
        .select_related("pin__specialist", "pin__need")
        .order_by("pin_id")
    )
    if not rows:
        return problem
    there = [row.pin for row in rows if row.pin.released_at is None]
    problem, impossible = hold(problem, there)
    why = {row.pin.pk: row.why for row in impossible}
    why |= {row.pin_id: RELEASED for row in rows if row.pin.released_at is not None}
    for row in rows:
        if row.pin_id in why:
            row.left_out = why[row.pin_id]
            row.save(update_fields=["left_out"])
    return problem
