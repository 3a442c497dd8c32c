"""Why a need cannot be served: the smallest set of rules that forbids it, and what would do.

The rules are R1…R15 and H: the time, towns or budget that the plan gives to other needs. What a
need may let go is one of R1…R15, or that it takes all its people or nobody.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from .ledger import Ledger, weekday_limits, weekday_room
from .lookup import Lookup, Pair
from .pairs import eligible_people
from .planning import ledger_of, taken_of
from .rules import RULES, WEEKDAY_NAMES, failed_rules, least_half_days, least_yen
from .types import Need, Plan, Problem, ProblemError, Specialist, Town

HELD = "H"
WHOLE = "all_or_nothing"
RULE_NAMES = {code: name for code, name, _ in RULES} | {HELD: "ほかの案件の担当"}
TOLD_ORDER = (*RULE_NAMES, WHOLE)
ONE_CHANGE = frozenset({"R2", "R3", "R13", "R14"})  # a single change may satisfy several of these


@dataclass(frozen=True, slots=True)
class Conflict:
    """A smallest set of rules: with these alone nobody can serve the need, and with these less
    any one of them, and no other rule, somebody could. `people` counts for each rule those whom
    nothing else keeps away, of the set or not: they could serve the need if this rule were let go
    and all others stayed. A rule that counts nobody brings nobody when it is let go by itself."""

    rules: tuple[str, ...]
    names: tuple[str, ...]
    people: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One change of the need (or of its town's budget) that lets somebody serve it."""

    rule: str
    text: str
    specialist: str
    margin: int
    need: Need
    budget_yen: int | None = None


def conflict(problem: Problem, plan: Plan, need_id: str) -> Conflict | None:
    """The smallest set of rules that forbids one more person for the need; None when somebody
    could serve it. Among sets of equal size the first in the order of the rules is taken.

    Raises ProblemError for an unknown need.
    """
    lookup, i = _find(problem, need_id)
    return conflict_in(lookup, ledger_of(lookup, taken_of(lookup, plan)), i)


def conflict_in(lookup: Lookup, ledger: Ledger, need_index: int) -> Conflict | None:
    """As `conflict`, with lookup and ledger built once for many needs."""
    failures = _failures(lookup, ledger, need_index)
    if frozenset() in failures:
        return None
    serving = sum(i == need_index for i, _ in ledger.taken)
    rules = _smallest_hitting_set(set(failures))
    counts = tuple(sum(f == {rule} for f in failures) for rule in rules)
    names = tuple(RULE_NAMES[rule] for rule in rules)
    return Conflict(rules, names, counts, _told(rules, names, serving))


def _told(rules: tuple[str, ...], names: tuple[str, ...], serving: int) -> str:
    """The set in a sentence; so many people are `serving` the need already."""
    if not rules and serving:
        return f"登録者は、すでにこの案件を担当する{serving}人のほかにいません"
    if not rules:
        return "登録者がいません"
    who = "ほかに受けられる人" if serving else "受けられる人"
    if rules == (HELD,):
        return f"時間・市町の数・予算がほかの案件に使われていて、{who}がいません"
    if len(rules) == 1:
        return f"「{names[0]}」の条件だけで、{who}がいなくなります"
    return f"「{'」「'.join(names)}」の条件が重なって、{who}がいません"


def _find(problem: Problem, need_id: str) -> tuple[Lookup, int]:
    lookup = Lookup(problem)
    if need_id not in lookup.need_at:
        raise ProblemError("need", f"is not known: {need_id}")
    return lookup, lookup.need_at[need_id]


def _failures(lookup: Lookup, ledger: Ledger, need_index: int) -> list[frozenset[str]]:
    """For everybody not serving the need: the rules in the way, H where only others are."""
    need = lookup.needs[need_index]
    free = {p.person: p for p in eligible_people(lookup, need_index)}
    found = []
    for j, person in enumerate(lookup.people):
        if (need_index, j) in ledger.taken:
            continue
        if j in free:
            found.append(frozenset() if _room(ledger, free[j]) else frozenset({HELD}))
            continue
        codes = {rule.code for rule in failed_rules(lookup, need, person)}
        held = _is_held(ledger, need_index, j, codes)
        found.append(frozenset(codes | {HELD} if held else codes))
    return found


def _room(ledger: Ledger, pair: Pair) -> int:
    """The room of a pair as if the need had a place open."""
    if ledger.places[pair.need] > 0:
        return ledger.room(pair)
    ledger.places[pair.need] += 1
    try:
        return ledger.room(pair)
    finally:
        ledger.places[pair.need] -= 1


def _is_held(ledger: Ledger, need_index: int, person_index: int, codes: set[str]) -> bool:
    """Whether what the plan gives to others would be in the way of somebody whom the rules
    `codes` keep out, were these let go: time, towns, budget, days of visits."""
    need, person = ledger.lookup.needs[need_index], ledger.lookup.people[person_index]
    least = least_half_days(need, person)
    # Months without any time of the person's own are the matter of R2.
    window = range(need.start, need.end)
    free = [ledger.free[person_index][m] for m in window if person.capacity[m]]
    if "R3" not in codes and min(free, default=least) < least:
        return True
    if "R15" not in codes and not ledger.town_open(person_index, need.town):
        return True
    left = ledger.budget.get(need.town)
    cost = person.half_day_rate_yen * least * need.months
    if "R9" not in codes and left is not None and cost > left:
        return True
    visits = bool(need.onsite_pct) and "R4" not in codes
    return visits and ledger.weekday_room(need_index, person_index) < least


def _smallest_hitting_set(failures: set[frozenset[str]]) -> tuple[str, ...]:
    """The smallest set of rules that meets every person's failures, found by trying."""
    minimal = [f for f in failures if not any(other < f for other in failures)]
    codes = [code for code in RULE_NAMES if any(code in f for f in minimal)]
    for size in range(len(codes) + 1):
        for rules in combinations(codes, size):
            if all(not failed.isdisjoint(rules) for failed in minimal):
                return rules
    return ()


def relaxations(problem: Problem, plan: Plan, need_id: str) -> tuple[Relaxation, ...]:
    """The smallest single changes that let somebody with time left serve the need, one for
    each rule and each field of the need, or its town's budget, that can satisfy it.

    Each was tried: the changed need has an eligible person with room on top of the plan; a need
    of all or nobody has as many as it lacks, all at once.
    Raises ProblemError for an unknown need.
    """
    lookup, i = _find(problem, need_id)
    return tuple(relaxations_in(lookup, plan, i))


def relaxations_in(lookup: Lookup, plan: Plan, need_index: int) -> Iterable[Relaxation]:
    """As `relaxations`, for one lookup."""
    need = lookup.needs[need_index]
    base = ledger_of(lookup, taken_of(lookup, plan))
    best: dict[tuple[str, str], Relaxation] = {}
    for j, person in enumerate(lookup.people):
        if (need_index, j) in base.taken:
            continue
        rules = failed_rules(lookup, need, person)
        if len(rules) != 1 and not ({r.code for r in rules} <= ONE_CHANGE):
            continue
        for option in _options(lookup, base, need_index, j, {r.code for r in rules}):
            key = option.rule, _changed_field(need, option)
            known = best.get(key)
            if known is None or option.margin < known.margin:
                trial = _tried(lookup, base, need_index, j, option)
                if trial:
                    best[key] = option
    found = sorted(best.items(), key=lambda item: (TOLD_ORDER.index(item[0][0]), item[0]))
    return [option for _, option in found]


def _changed_field(need: Need, option: Relaxation) -> str:
    """What of the need a relaxation changes first; nothing where it is the town's budget."""
    fields = dataclasses.fields(Need)
    changed = (f.name for f in fields if getattr(need, f.name) != getattr(option.need, f.name))
    return next(changed, "")


def _options(
    lookup: Lookup, ledger: Ledger, need_index: int, j: int, codes: set[str]
) -> Iterable[Relaxation]:
    """The single changes of the need that could make room for this person."""
    need, person = lookup.needs[need_index], lookup.people[j]
    yield from _of_time(lookup, ledger, need, j, codes)
    yield from _of_weekdays(ledger, need_index, j, codes)
    yield from _of_visits(ledger, need_index, j, codes)
    if codes <= {"R9"}:
        yield from _of_budget(lookup, ledger, need, person)
    if not codes and need.all_or_nothing and ledger.places[need_index] > 1:
        text = f"{need.count}人がそろわなくても、決まった人から始めることにする"
        yield _made(WHOLE, text, need, person, 1, all_or_nothing=False)
    if len(codes) == 1:
        yield from _of_one_rule(lookup, need, person, *codes)


def _fewer(rule: str, need: Need, person: Specialist, fits: int) -> Iterable[Relaxation]:
    """So few half-days at least as fit, where the person takes so few."""
    if max(1, person.min_block) <= fits < need.least:
        text = f"最少の半日数を月{need.least}から{fits}に下げる"
        yield _made(rule, text, need, person, need.least - fits, least=fits)


def _made(
    rule: str, text: str, need: Need, person: Specialist, margin: int, **fields: object
) -> Relaxation:
    made = dataclasses.replace(need, **fields)  # type: ignore[arg-type]
    return Relaxation(rule, text, person.id, margin, made)


def _of_time(
    lookup: Lookup, ledger: Ledger, need: Need, j: int, codes: set[str]
) -> Iterable[Relaxation]:
    """Fewer half-days, fewer months, or for somebody who takes only larger blocks more."""
    person = lookup.people[j]
    free = min(ledger.free[j][need.start : need.end])
    if codes <= {"R2", "R3"}:
        yield from _fewer("R3", need, person, free)
    if codes <= {"R2", "R3", "R13"}:
        first, last = person.permission or (need.start, need.end)
        least = least_half_days(need, person)
        months = [m for m in range(max(first, need.start), min(last, need.end))
                  if ledger.free[j][m] >= least]  # fmt: skip
        run = _longest_run(months)
        if run and run[1] - run[0] < need.months:
            rule = "R13" if "R13" in codes else "R2"
            text = f"期間を{lookup.month(run[0])}から{lookup.month(run[1] - 1)}までにする"
            if rule == "R13":
                text = f"副業の許可に合わせ、{text}"
            cut = need.months - (run[1] - run[0])
            yield _made(rule, text, need, person, cut, start=run[0], end=run[1])
    if codes == {"R14"}:
        block = person.min_block
        text = f"求める半日数を月{need.half_days}から{block}に上げる"
        yield _made("R14", text, need, person, block - need.half_days, half_days=block)


def _of_weekdays(
    ledger: Ledger, need_index: int, j: int, codes: set[str]
) -> Iterable[Relaxation]:  # fmt: skip
    """The fewest days more on which the person has room for the visits, also beside those to
    other towns; one day where nothing is on site."""
    lookup = ledger.lookup
    need, person = lookup.needs[need_index], lookup.people[j]
    if not codes <= {"R4"} or not (codes or need.onsite_pct):
        return
    least = least_half_days(need, person)
    _, own, others = ledger.weekdays_of(need_index, j)
    more = [d for d in range(7) if (person.weekdays & ~need.weekdays) >> d & 1]
    if not codes and weekday_room(need, own, others) >= least:
        return
    for count in range(1, len(more) + 1):
        for days in combinations(more, count):
            wide = need.weekdays | sum(1 << d for d in days)
            if need.onsite_pct and weekday_room(need, wide & person.weekdays, others) < least:
                continue
            names = "・".join(WEEKDAY_NAMES[d] for d in days)
            what = "訪問の曜日" if need.onsite_pct else "曜日"
            yield _made("R4", f"{what}に{names}を加える", need, person, count, weekdays=wide)
            return


def _of_visits(
    ledger: Ledger, need_index: int, j: int, codes: set[str]
) -> Iterable[Relaxation]:  # fmt: skip
    """Fewer half-days, or a smaller part of them on site, so that the visits fit the days that the
    person and the need have in common, beside the person's other visits."""
    need, person = ledger.lookup.needs[need_index], ledger.lookup.people[j]
    if not codes <= {"R4"} or not need.onsite_pct:
        return
    _, own, others = ledger.weekdays_of(need_index, j)
    yield from _fewer("R4", need, person, weekday_room(need, own, others))
    # In half-days of visits, times a hundred.
    whole = dataclasses.replace(need, onsite_pct=1)
    room = min(left for left, _ in weekday_limits(whole, own, others))
    share = room // least_half_days(need, person)
    if 0 < share < need.onsite_pct:
        text = f"訪問の割合を{need.onsite_pct}%から{share}%に下げる"
        yield _made("R4", text, need, person, need.onsite_pct - share, onsite_pct=share)


def _of_budget(
    lookup: Lookup, ledger: Ledger, need: Need, person: Specialist
) -> Iterable[Relaxation]:
    """What the town's budget lacks for the person's least."""
    town = lookup.towns[need.town]
    if town.budget_yen is None:
        return
    least = max(need.least, person.min_block)
    each = person.half_day_rate_yen * need.months
    lacking = each * least - ledger.budget[town.id]
    if lacking > 0 and each:  # whose work costs nothing needs no budget, however overdrawn it is
        yield from _fewer("R9", need, person, max(0, ledger.budget[town.id]) // each)
        budget = town.budget_yen + lacking
        text = f"{town.name}の予算を{lacking:,}円増やして{budget:,}円にする"
        yield Relaxation("R9", text, person.id, lacking, need, budget)


def _of_one_rule(lookup: Lookup, need: Need, person: Specialist, code: str) -> Iterable[Relaxation]:
    """What satisfies the one rule that is in this person's way, where the need can change it."""
    if code == "R1":
        lower = tuple((c, min(level, person.levels.get(c, 0))) for c, level in need.skills)
        kept = tuple((c, level) for c, level in lower if level)
        if kept:
            drop = sum(a - b for (_, a), (_, b) in zip(need.skills, lower, strict=True))
            text = _without(lookup, need, lower)
            yield _made("R1", text, need, person, drop, skills=kept)
    elif code == "R5":
        text = "訪問をなくしリモートにする"
        yield _made("R5", text, need, person, need.onsite_pct, onsite_pct=0)
    elif code == "R6":
        most = person.onsite_max_pct
        text = f"訪問の割合を{need.onsite_pct}%から{most}%に下げる"
        yield _made("R6", text, need, person, need.onsite_pct - most, onsite_pct=most)
    elif code == "R7":
        forms = need.forms | person.forms
        yield _made("R7", "任用等の形態を広げる", need, person, 1, forms=forms)
    elif code == "R8":
        yield _dearer(need, person)
        cap = need.half_day_rate_cap_yen
        if need.budget_yen is not None and (cap is None or person.half_day_rate_yen <= cap):
            yield from _fewer(
                "R8", need, person, need.budget_yen // max(1, least_yen(need, person))
            )
    elif code == "R10" and person.languages:
        spoken = min(person.languages, key=lambda language: (language != "ja", language))
        was, now = lookup.label(need.language), lookup.label(spoken)
        text = f"求める言語を「{was}」から「{now}」に変える"
        yield _made("R10", text, need, person, 1, language=spoken)


def _without(lookup: Lookup, need: Need, lower: tuple[tuple[str, int], ...]) -> str:
    """In words what a need with lower levels, 0 for none, no longer asks for."""
    both = [(lookup.label(c), a, b) for (c, a), (_, b) in zip(need.skills, lower, strict=True)]
    less = "、".join(f"「{name}」を{a}から{b}に" for name, a, b in both if a > b > 0)
    gone = "と".join(f"「{name}」" for name, a, b in both if not b)
    texts = [f"求めるレベルの{less}下げる"] if less else []
    return "、".join([*texts, f"{gone}を求めるのをやめる"] if gone else texts)


def _dearer(need: Need, person: Specialist) -> Relaxation:
    """More pay: the need's budget where it has one that is too small, its cap else."""
    rate, cap = person.half_day_rate_yen, need.half_day_rate_cap_yen
    higher = None if cap is None else max(cap, rate)
    cost = least_yen(need, person) * least_half_days(need, person)
    if need.budget_yen is not None and cost > need.budget_yen:
        over = cost - need.budget_yen
        text = f"案件の予算を{over:,}円増やして{cost:,}円にする"
        made = dataclasses.replace(need, budget_yen=cost, half_day_rate_cap_yen=higher)
    else:
        over = rate - (cap or 0)
        text = f"半日あたりの上限を{over:,}円上げて{rate:,}円にする"
        made = dataclasses.replace(need, half_day_rate_cap_yen=higher)
    return Relaxation("R8", text, person.id, over, made)


def _longest_run(months: list[int]) -> tuple[int, int] | None:
    best: tuple[int, int] | None = None
    start = 0
    for at, month in enumerate(months):
        if at and months[at - 1] != month - 1:
            start = at
        if best is None or month + 1 - months[start] > best[1] - best[0]:
            best = (months[start], month + 1)
    return best


def _tried(lookup: Lookup, ledger: Ledger, need_index: int, j: int, option: Relaxation) -> bool:
    """Whether the changed need, on top of the plan, has room for the person, and where it takes
    all or nobody for the others it lacks beside."""
    problem = lookup.problem
    lacking = ledger.places[need_index]
    if option.need.all_or_nothing and lacking > 1:
        return _all_tried(lookup, ledger, need_index, j, option, lacking)
    needs = tuple(option.need if k == need_index else n for k, n in enumerate(problem.needs))
    towns = _towns_with(problem, option)
    person = problem.specialists[j]
    other = Lookup(
        dataclasses.replace(
            problem, needs=needs, towns=towns, specialists=(person,), accepted=(), declined=tuple(
                d for d in problem.declined if d.specialist == person.id
            ),
        )
    )  # fmt: skip
    trial = Ledger(other)
    trial.budget = {**trial.budget, **ledger.budget}
    if option.budget_yen is not None:
        gained = option.budget_yen - (lookup.towns[option.need.town].budget_yen or 0)
        trial.budget[option.need.town] = ledger.budget[option.need.town] + gained
    for (i, k), half_days in ledger.taken.items():
        if k == j and i != need_index:
            trial.take(i, 0, half_days)
            if other.needs[i].town in trial.budget:  # the real ledger has paid already
                cost = half_days * person.half_day_rate_yen * other.needs[i].months
                trial.budget[other.needs[i].town] += cost
    return any(_room(trial, pair) for pair in eligible_people(other, need_index))


def _all_tried(
    lookup: Lookup, ledger: Ledger, need_index: int, j: int, option: Relaxation, lacking: int
) -> bool:
    """Whether the changed need has room for the person and for as many others as it lacks.

    Only the budget joins the people of one need: together they fit when the least that each
    would cost does.
    """
    problem = lookup.problem
    needs = tuple(option.need if k == need_index else n for k, n in enumerate(problem.needs))
    other = Lookup(
        dataclasses.replace(
            problem, needs=needs, towns=_towns_with(problem, option), accepted=()
        )
    )  # fmt: skip
    trial = ledger_of(other, ledger.taken)
    costs = {
        pair.person: pair.least * other.people[pair.person].half_day_rate_yen * option.need.months
        for pair in eligible_people(other, need_index)
        if trial.room(pair)
    }
    if j not in costs or len(costs) < lacking:
        return False
    least = costs.pop(j) + sum(sorted(costs.values())[: lacking - 1])
    budget = trial.budget.get(option.need.town)
    return budget is None or least <= budget


def _towns_with(problem: Problem, option: Relaxation) -> tuple[Town, ...]:
    """The towns, with the budget of the relaxation where it has one."""
    if option.budget_yen is None:
        return problem.towns
    return tuple(
        dataclasses.replace(t, budget_yen=option.budget_yen) if t.id == option.need.town else t
        for t in problem.towns
    )
