"""From taken pairs to the plan that is stored: scores, stages, what stayed open and why."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .documents import input_sha256
from .ledger import Ledger
from .lookup import Lookup, Pair
from .pairs import eligible_people
from .rules import KEPT_OUT, failed_rules
from .scoring import terms
from .stages import Taken, bound_over, stage_label, stage_values
from .types import (
    Accepted,
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

# 2: plans of large pools begin with one made from the prices; 3: a need's own budget (R8);
# 4: other words for the reasons, a town whose only need takes all or nobody may be out of reach,
# sums in one order on every machine, `cut` in the work of a plan that the clock steered
# 5: prices of a sum of stages nearer to what a place is worth, more steps for the last bound;
# blocks hold needs of all or nobody together
# 6: bounds of stages that count towns begin at prices without what later stages bring
# 7: bounds and plans of large pools by column generation, stage by stage
ENGINE_VERSION = "7"
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
    start: Sequence[Accepted] = (),
    seconds: float = 0.0,
) -> Plan:
    """The plan of `taken`: half-days by positions of need and person. `bounds` a stage each.
    `pairs` hold only the best of the needs in `cut_short`, all pairs of the others.
    Raises SolverFailed where a bound contradicts the plan."""
    values = stage_values(lookup, taken)
    failures = None
    if len(lookup.people) > FEW_PEOPLE:
        from .failures import Failures  # numpy is loaded for large pools only

        failures = Failures(lookup)
    stages = tuple(
        StageValue(name, stage_label(name), value, bound_over(name, value, bound), value >= bound)
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
        uncoverable=_uncoverable(lookup, pairs, failures, cut_short),
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
        start=tuple(start),
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
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Reason(code, f"{KEPT_OUT[code]}が{count}人います", count) for code, count in ranked
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
        if pairs:
            text = f"条件に合う専門人材は、すでにこの案件を担当する{len(pairs)}人のほかにいません"
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
    lookup: Lookup, pairs: Sequence[Pair], failures: Failures | None, cut_short: frozenset[int]
) -> tuple[Uncoverable, ...]:
    """Towns with needs, none of which anybody could serve even if nothing else were served."""
    by_need: dict[int, list[Pair]] = {}
    for pair in pairs:
        by_need.setdefault(pair.need, []).append(pair)
    reachable = {
        lookup.needs[i].town for i, mine in by_need.items() if _enough(lookup, mine, i in cut_short)
    }
    reachable |= {lookup.needs[lookup.need_at[n]].town for n, _ in lookup.accepted}
    found = []
    for town in sorted(lookup.needs_of_town):
        if town in reachable:
            continue
        counts: Counter[str] = Counter()
        texts: dict[str, str] = {}
        few: list[Reason] = []
        for i in lookup.needs_of_town[town]:
            few += _too_few(lookup, i, len(by_need.get(i, ())))
            for reason in failure_counts(lookup, i, failures)[:2]:
                counts[reason.code] += reason.count
                texts.setdefault(reason.code, reason.text)
        often = [Reason(code, texts[code], count) for code, count in counts.most_common(3)]
        reasons = tuple((few + often)[:3])
        found.append(Uncoverable(town, reasons or (Reason("nobody", "登録者がいません", 0),)))
    return tuple(found)


def _enough(lookup: Lookup, pairs: Sequence[Pair], cut_short: bool) -> bool:
    """Whether the eligible people of a need, of which nothing is agreed, could serve it were
    nothing else served: where it takes all or nobody, as many as it asks for, paid together."""
    need = lookup.needs[pairs[0].need]
    if not need.all_or_nothing or need.count == 1:
        return True
    if len(pairs) < need.count:
        return False
    budget = lookup.towns[need.town].budget_yen
    if budget is None or _least_cost(lookup, pairs) <= budget:
        return True
    # The pairs that were kept are the best, which need not be the cheapest.
    return cut_short and _least_cost(lookup, eligible_people(lookup, pairs[0].need)) <= budget


def _least_cost(lookup: Lookup, pairs: Sequence[Pair]) -> int:
    """The yen that the cheapest people cost who fill all places of a need with their least."""
    need = lookup.needs[pairs[0].need]
    costs = sorted(p.least * lookup.people[p.person].half_day_rate_yen for p in pairs)
    return sum(costs[: need.count]) * need.months


def _too_few(lookup: Lookup, need_index: int, eligible: int) -> tuple[Reason, ...]:
    """That a need of all or nobody has eligible people, but not all it asks for."""
    need = lookup.needs[need_index]
    if not eligible:
        return ()
    text = f"{need.count}人がそろうことが条件の案件で、条件に合う人は{eligible}人です"
    if eligible >= need.count:
        text = f"{need.count}人がそろうことが条件の案件で、市町の予算では{need.count}人に届きません"
    return (Reason("together", text, eligible),)
