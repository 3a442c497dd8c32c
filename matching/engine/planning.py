"""From taken pairs to the plan that is stored: scores, stages, what stayed open and why."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .documents import input_sha256
from .ledger import Ledger
from .lookup import Lookup, Pair
from .rules import RULES, failed_rules
from .scoring import terms
from .stages import Taken, stage_label, stage_values
from .types import (
    Assignment,
    Plan,
    Reason,
    StageValue,
    Stopped,
    Uncoverable,
    Unfilled,
)

if TYPE_CHECKING:
    from .failures import Failures

# 2: plans of large pools begin with one made from the prices; 3: a need's own budget (R8)
ENGINE_VERSION = "3"
FEW_PEOPLE = 500


def build_plan(
    lookup: Lookup,
    pairs: Sequence[Pair],
    taken: Taken,
    *,
    bounds: Sequence[int],
    backend: str,
    stopped: Stopped,
    cut_short: frozenset[int] = frozenset(),
    versions: Mapping[str, str] | None = None,
    work: Mapping[str, int] | None = None,
    seconds: float = 0.0,
) -> Plan:
    """The plan of `taken`: half-days by positions of need and person. `bounds` a stage each.
    `pairs` hold only the best of the needs in `cut_short`, all pairs of the others."""
    values = stage_values(lookup, taken)
    failures = None
    if len(lookup.people) > FEW_PEOPLE:
        from .failures import Failures  # numpy is loaded for large pools only

        failures = Failures(lookup)
    stages = tuple(
        StageValue(name, stage_label(name), value, max(value, bound), value >= bound)
        for name, value, bound in zip(lookup.problem.policy.stages, values, bounds, strict=True)
    )
    if stopped != "fallback":
        stopped = "optimal" if all(stage.proven for stage in stages) else "limit"
    assignments = []
    for i, j in sorted(taken):
        need, person = lookup.needs[i], lookup.people[j]
        points = terms(lookup, need, person, taken[i, j])
        assignments.append(
            Assignment(need.id, person.id, taken[i, j], sum(points.values()), points)
        )
    return Plan(
        assignments=tuple(assignments),
        stages=stages,
        unfilled=_unfilled(lookup, pairs, taken, failures, cut_short),
        uncoverable=_uncoverable(lookup, pairs, failures),
        handovers=handovers(lookup, taken),
        backend=backend,
        stopped=stopped,
        input_sha256=input_sha256(lookup.problem),
        versions={
            "engine": ENGINE_VERSION,
            "policy": lookup.problem.policy.version,
            "python": platform.python_version(),
            **(versions or {}),
        },
        work=dict(work or {}),
        seconds=round(seconds, 3),
    )


def taken_of(lookup: Lookup, plan: Plan) -> dict[tuple[int, int], int]:
    """The taken pairs of a plan, by position."""
    return {
        (lookup.need_at[a.need], lookup.person_at[a.specialist]): a.half_days
        for a in plan.assignments
    }


def ledger_of(lookup: Lookup, taken: Taken) -> Ledger:
    """A ledger with the pairs taken."""
    ledger = Ledger(lookup)
    for (i, j), half_days in taken.items():
        if (i, j) not in ledger.taken:
            ledger.take(i, j, half_days)
    return ledger


def handovers(lookup: Lookup, taken: Taken) -> tuple[str, ...]:
    """Needs that are served, but no longer by the person who serves them today."""
    served: dict[int, set[int]] = {}
    for i, j in taken:
        served.setdefault(i, set()).add(j)
    found = []
    for i, people in served.items():
        present = lookup.needs[i].present
        if present is not None and lookup.person_at.get(present) not in people:
            found.append(lookup.needs[i].id)
    return tuple(sorted(found))


def failure_counts(
    lookup: Lookup, need_index: int, failures: Failures | None = None
) -> tuple[Reason, ...]:
    """How many people each rule keeps from a need, the most frequent first. `failures` are the
    columns of the people for pools in which asking each person takes long."""
    need = lookup.needs[need_index]
    counts: Mapping[str, int]
    if failures is not None:
        counts = failures.counts(need)
    else:
        counts = Counter(
            rule.code for person in lookup.people for rule in failed_rules(lookup, need, person)
        )
    names = {code: name for code, name, _ in RULES}
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Reason(code, f"{names[code]}が合わない人が{count}人います", count) for code, count in ranked
    )


def _unfilled(
    lookup: Lookup,
    pairs: Sequence[Pair],
    taken: Taken,
    failures: Failures | None,
    cut_short: frozenset[int],
) -> tuple[Unfilled, ...]:
    filled = Counter(i for i, _ in taken)
    by_need: dict[int, list[Pair]] = {}
    for pair in pairs:
        by_need.setdefault(pair.need, []).append(pair)
    ledger = ledger_of(lookup, taken)
    found = []
    for i, need in enumerate(lookup.needs):
        missing = need.count - filled[i]
        if missing > 0:
            whom = "条件に合う人のうち評価の高い" if i in cut_short else "条件に合う"
            reasons = _why_open(lookup, ledger, i, by_need.get(i, []), failures, whom)
            found.append(Unfilled(need.id, missing, reasons))
    return tuple(found)


def _why_open(
    lookup: Lookup,
    ledger: Ledger,
    need_index: int,
    pairs: Sequence[Pair],
    failures: Failures | None,
    whom: str,
) -> tuple[Reason, ...]:
    free = [p for p in pairs if (p.need, p.person) not in ledger.taken]
    if not free:
        text = "条件に合う専門人材がいません"
        return (Reason("nobody", text, 0), *failure_counts(lookup, need_index, failures))
    reasons = []
    held = [p for p in free if not ledger.room(p)]
    if held:
        text = f"{whom}{len(held)}人は、ほかの案件の担当などで空きがありません"
        reasons.append(Reason("held", text, len(held)))
    if len(held) < len(free):
        text = f"空きのある{len(free) - len(held)}人がいますが、必要な人数がそろいません"
        if not lookup.needs[need_index].all_or_nothing:
            text = f"空きのある{len(free) - len(held)}人がいます"
        reasons.append(Reason("open", text, len(free) - len(held)))
    return tuple(reasons)


def _uncoverable(
    lookup: Lookup, pairs: Sequence[Pair], failures: Failures | None
) -> tuple[Uncoverable, ...]:
    """Towns with needs, none of which anybody could serve even if nothing else were served."""
    reachable = {lookup.needs[pair.need].town for pair in pairs}
    reachable |= {lookup.needs[lookup.need_at[n]].town for n, _ in lookup.accepted}
    found = []
    for town in sorted(lookup.needs_of_town):
        if town in reachable:
            continue
        counts: Counter[str] = Counter()
        texts: dict[str, str] = {}
        for i in lookup.needs_of_town[town]:
            for reason in failure_counts(lookup, i, failures)[:2]:
                counts[reason.code] += reason.count
                texts.setdefault(reason.code, reason.text)
        reasons = tuple(Reason(code, texts[code], count) for code, count in counts.most_common(3))
        found.append(Uncoverable(town, reasons or (Reason("nobody", "登録者がいません", 0),)))
    return tuple(found)
