"""What people changed after a run: the appendix of its audit pack, from the audit record.

The record knows people and needs by their numbers, and who did it by the role.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from django.db.models import Q

from matching.engine.pack import HandEdit
from matching.proposals.models import Bundle, Candidate, Pin, Proposal, Run
from matching.proposals.reasons import AsideReason, CloseReason
from talentpool.audit.models import Event

OF_CANDIDATE = {
    "skip_candidate": "打診できず、次の候補へ進めた",
    "set_aside": "県が候補を見送った",
    "leave_coordination": "本人が調整から外れた",
}
OF_BUNDLE = {
    "decline_approach": "本人が打診を辞退した",
    "expire_approach": "期限までに返事がなく、打診が終わった",
    "end_approach": "県が打診を終えた",
    "dissolve_approach": "打診が成り立たなくなった",
    "leave_coordination": "本人が調整から外れた",
}
OF_PROPOSAL = {
    "step_back": "市町が見送った",
    "drop_overdue": "市町の決定の期限が過ぎた",
    "close_proposal": "候補提示が終わった",
}
UNFILLED = "mark_need_unfilled"
REASONS: dict[str, str] = {
    value: str(label)
    for reasons in (Bundle.DeclineReason, AsideReason, CloseReason)
    for value, label in reasons.choices
} | {"no_town": "残った市町がない", "days": "稼働枠が足りない"}
MACHINE = "自動"


def edits_of(run: Run) -> list[HandEdit]:
    """Every change by hand or by a date that passed, oldest first: people left out or offered with
    fewer days, skipped, set aside, declined, approaches and proposals that ended, days that were
    raised, others agreed with than planned, needs that became a vacancy, pairs that were pinned
    for the run or from its plan. Of proposals whose candidates were removed at the end of their
    term (`retention`) that is said instead."""
    candidates = list(
        Candidate.objects.filter(proposal__run=run)
        .select_related("proposal", "specialist", "bundle")
        .order_by("pk")
    )
    proposals = _with_what_is_left(run, candidates)
    found = [
        *_told_by_events(run, candidates),
        *_offered(run, candidates, proposals),
        *_agreed(candidates),
        *(_removed(proposal) for proposal, is_whole in proposals.items() if not is_whole),
        *_pins(run),
        *_mendings(run),
    ]
    return sorted(found, key=lambda edit: (edit.at, edit.what))


def _with_what_is_left(run: Run, candidates: Iterable[Candidate]) -> dict[Proposal, bool]:
    """The run's proposals, each with whether all candidates are still there that it was made
    with, by the audit record."""
    left = Counter(row.proposal_id for row in candidates)
    proposals = list(Proposal.objects.filter(run=run).order_by("pk"))
    offers = Event.objects.filter(
        object_type="proposals.Proposal",
        object_id__in=[str(proposal.pk) for proposal in proposals],
        action="offer_candidates",
    )
    made = {event.object_id: int(event.detail.get("candidates", 1)) for event in offers}
    return {row: left[row.pk] >= made.get(str(row.pk), 1) for row in proposals}


def _removed(proposal: Proposal) -> HandEdit:
    return HandEdit(
        f"案件{proposal.need_id}：候補の記録を消したため、示した人と、その人についての変更は残っていない",
        MACHINE,
        (proposal.closed_at or proposal.created_at).isoformat(),
        "候補の記録の保存期間が過ぎた",
    )


def _named(candidate: Candidate, what: str) -> str:
    return f"案件{candidate.proposal.need_id} {candidate.specialist.pool_number}：{what}"


def _told_by_events(run: Run, candidates: Iterable[Candidate]) -> Iterable[HandEdit]:
    of_candidate = {str(row.pk): row for row in candidates}
    of_bundle: dict[str, list[Candidate]] = {}
    for row in of_candidate.values():
        if row.bundle_id is not None:
            of_bundle.setdefault(str(row.bundle_id), []).append(row)
    needs = {str(pk) for pk in run.needs.values_list("pk", flat=True)}
    proposals = {str(pk): need for pk, need in run.proposals.values_list("pk", "need_id")}
    for event in _events(
        {
            "proposals.Candidate": (of_candidate, OF_CANDIDATE),
            "proposals.Bundle": (of_bundle, OF_BUNDLE),
            "proposals.Proposal": (proposals, OF_PROPOSAL),
            "vacancies.Need": (needs, {UNFILLED: ""}),
        },
        run,
    ):
        if event.object_type == "proposals.Candidate":
            whats = [_named(of_candidate[event.object_id], OF_CANDIDATE[event.action])]
        elif event.object_type == "proposals.Bundle":
            whats = [_named(row, OF_BUNDLE[event.action]) for row in of_bundle[event.object_id]]
        elif event.object_type == "proposals.Proposal":
            whats = [f"案件{proposals[event.object_id]}：{OF_PROPOSAL[event.action]}"]
        else:
            whats = [f"案件{event.object_id}：人が見つからないものとして終え、募集情報にした"]
        code = str(event.detail.get("reason", ""))
        for what in whats:
            yield HandEdit(
                what, event.actor_role or MACHINE, event.at.isoformat(), REASONS.get(code, code)
            )


def _events(asked: dict[str, tuple[Iterable[str], Iterable[str]]], run: Run) -> Iterable[Event]:
    """Events of these actions about these objects, by the type of object, since the run."""
    wanted = Q(pk__in=[])
    for kind, (keys, actions) in asked.items():
        wanted |= Q(object_type=kind, object_id__in=list(keys), action__in=list(actions))
    return Event.objects.filter(wanted, at__gte=run.created_at).order_by("pk")


def _offered(
    run: Run, candidates: Iterable[Candidate], proposals: Mapping[Proposal, bool]
) -> Iterable[HandEdit]:
    """Where the offer was other than the plan: the planned person left out, as far as it can still
    be told, or with other days."""
    at_offer = {(row.proposal_id, row.specialist_id): row for row in candidates}
    names = {
        int(person["id"]): str(person["name"])
        for person in (run.problem or {}).get("specialists", ())
    }
    planned: dict[int, list[tuple[int, int]]] = {}
    for row in (run.plan or {}).get("assignments", ()):
        one = (int(row["specialist"]), int(row["half_days"]))
        planned.setdefault(int(row["need"]), []).append(one)
    for proposal, is_whole in proposals.items():
        at = proposal.created_at.isoformat()
        for person, half_days in planned.get(proposal.need_id, ()):
            given = at_offer.get((proposal.pk, person))
            title = f"案件{proposal.need_id} {names.get(person, person)}"
            if given is None:
                if is_whole:
                    yield HandEdit(f"{title}：案の人を示さなかった", MACHINE, at, "提示の時の条件")
            elif given.half_days != half_days:
                what = f"{title}：月{half_days / 2:g}日の案を月{given.half_days / 2:g}日で示した"
                yield HandEdit(what, MACHINE, at, "提示の時の空き")


def _pins(run: Run) -> Iterable[HandEdit]:
    """Pairs pinned for the run, also before it began, or from its plan; those it did not hold."""
    of_run = {row.pin_id: row for row in run.held_pins.all()}
    pins = Pin.objects.filter(Q(run=run) | Q(pk__in=of_run)).select_related("specialist")
    known = {str(pin.pk): pin for pin in pins.order_by("pk")}
    for event in Event.objects.filter(object_type="proposals.Pin", object_id__in=list(known)):
        pin = known[event.object_id]
        named = f"案件{pin.need_id} {pin.specialist.pool_number}"
        given = event.action == "pin_pair"
        what = f"月{pin.half_days / 2:g}日の割当てを固定した" if given else "割当ての固定を解いた"
        why = pin.get_reason_display() if given else pin.get_release_reason_display()
        yield HandEdit(f"{named}：{what}", event.actor_role or MACHINE, event.at.isoformat(), why)
    for key, row in of_run.items():
        if row.left_out:
            pin = known[str(key)]
            what = f"案件{pin.need_id} {pin.specialist.pool_number}：固定を守らずに計算した"
            yield HandEdit(what, MACHINE, run.created_at.isoformat(), row.left_out)


def _mendings(run: Run) -> Iterable[HandEdit]:
    """Plans that were mended from the run's, and what it was mended from itself."""
    every = {str(row.pk): row for row in run.mendings.without_documents()}
    if run.mends is not None:
        every[str(run.pk)] = run
    events = Event.objects.filter(
        object_type="proposals.Run", action="mend_run", object_id__in=list(every)
    )
    for event in events.order_by("pk"):
        row = every[event.object_id]
        what = f"第{row.mends.number if row.mends else ''}回の案を、第{row.number}回に組み直した"
        why = "、".join(
            f"案件{change['need']}：{change['why']}" for change in (row.mended or {})["changes"]
        )
        yield HandEdit(what, event.actor_role or MACHINE, event.at.isoformat(), why)


def _agreed(candidates: Iterable[Candidate]) -> Iterable[HandEdit]:
    """Days raised to what a person asks for at least, and others agreed with than planned."""
    for row in candidates:
        raised = (row.agreed_half_days or 0) - row.half_days
        if raised > 0 and row.bundle is not None:
            days = f"月{(row.agreed_half_days or 0) / 2:g}日"
            what = _named(row, f"月{row.half_days / 2:g}日を{days}に増やした")
            yield HandEdit(what, MACHINE, row.bundle.created_at.isoformat(), "本人の最低の量")
        if not row.planned and row.status in (Candidate.Status.ACCEPTED, Candidate.Status.SIGNED):
            ranked = row.proposal.ranked_at
            yield HandEdit(
                _named(row, "案とちがう人で合意した"),
                "提示の順" if row.proposal.ranked_by_default else "市町",
                ranked.isoformat() if ranked else "",
                f"第{row.rank}希望、{row.get_status_display()}",
            )
