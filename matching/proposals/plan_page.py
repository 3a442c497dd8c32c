"""What the plan page shows, worked out from a run's frozen input and its plan. Pure."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from matching import engine
from matching.engine.conflicts import conflict_in, relaxations_in
from matching.engine.holding import Held
from matching.engine.ledger import Ledger
from matching.engine.lookup import Lookup
from matching.engine.planning import ledger_of, taken_of
from matching.engine.reasons import Alternative, explain_in
from matching.engine.rules import FailedRule, least_half_days
from matching.engine.scoring import TERM_LABELS
from matching.proposals.words import Apart, in_days, rule_words
from municipalities.registry.models import Municipality
from talentpool.conventions.months import add_months


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the plan: a need and the person it gets."""

    need_id: int
    town: str
    title: str
    skills: tuple[str, ...]
    half_days: int
    wanted: int
    first_month: date
    last_month: date
    person: str
    person_id: int
    score: int
    deciding: str
    shares_with: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenNeed:
    """A need that the plan leaves open, with the reasons."""

    need_id: int
    town: str
    title: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenTown:
    """A town none of whose needs anybody could serve, with the reasons."""

    town: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """A need that passes from who serves the town today to somebody else."""

    town: str
    title: str
    present: str
    after: str


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody eligible whom the plan does not give to the need. `difference` is in points, to
    the person of the plan (None: there is none); `in_the_way` says what is used up, and by whom."""

    name: str
    score: int
    difference: int | None
    free: bool
    in_the_way: tuple[str, ...]

    @property
    def beside(self) -> str:
        """The points beside those of the plan's person, in words."""
        if self.difference is None:
            return ""
        if self.difference > 0:
            return f"（1件だけなら{self.difference}点高いが、全体の合計では案が上）"
        if self.difference == 0:
            return "（案の人と同じ点）"
        return f"（案の人より{-self.difference}点低い）"


@dataclass(frozen=True, slots=True)
class NeedReasons:
    """Why this person: the terms, the next best, who is kept out by which rule. For an open
    need `together` is the smallest set of rules that forbids it, as a rule's name and the number
    of people whom it alone keeps away, and `would_do` the single changes that let it be served."""

    need_id: int
    title: str
    town: str
    person: str
    score: int
    terms: tuple[tuple[str, int], ...]
    others: tuple[Other, ...] = ()
    reasons: tuple[str, ...] = ()
    kept_out: tuple[tuple[str, str], ...] = ()
    together: tuple[tuple[str, int], ...] = ()
    would_do: tuple[tuple[str, str], ...] = ()


SOLVERS = {
    "greedy": "速い方法(貪欲法)",
    "highs": "厳密な方法(HiGHS)",
    "search": "大規模向けの探索",
    "desk": "変わった分だけの組み直し",
    "parts": "地域ごとに分けて解き、合わせる方法",
}

LIMIT_WORDS = {
    "place": "この案件の人数は、ほかの人に決まっています",
    "time": "稼働枠は{needs}で使用",
    "towns": "受け持てる市町の数は{needs}で上限",
    "weekdays": "訪問できる曜日は{needs}で使用",
    "budget": "市町の予算は{needs}で使用",
}

KEPT_OUT_SHOWN = 5
NOT_IN_RUN = "いまの担当者（登録か空きがなく、計算の対象外）"


def limit_words(limits: Iterable[Held], name: Callable[[str], str]) -> tuple[str, ...]:
    """What leaves a pair no room, a sentence each; `name` gives the words for a need's id."""
    return tuple(
        LIMIT_WORDS[one.limit].format(needs="、".join(map(name, one.needs)))
        for one in limits
        if one.needs or one.limit == "place"
    )


class PlanPage:
    """`titles` maps a need's primary key to its title, `skills` a skill's code to its name, `kana`
    a town's code to its kana, the order of lists: the frozen input holds none of them."""

    def __init__(
        self,
        problem: engine.Problem,
        plan: engine.Plan,
        titles: dict[int, str],
        skills: dict[str, str],
        first_month: date,
        kana: Mapping[str, str] | None = None,
    ) -> None:
        self.problem = problem
        self.plan = plan
        self.titles = titles
        self.skills = skills
        self.first_month = first_month
        self._kana_by_town = kana or {}
        self._needs = {need.id: need for need in problem.needs}
        self._towns = {town.id: town.name for town in problem.towns}
        self._people = {person.id: person.name for person in problem.specialists}

    def _kana(self, need_id: str | int) -> str:
        return self._kana_by_town.get(self._needs[str(need_id)].town, "")

    @cached_property
    def lookup(self) -> Lookup:
        return Lookup(self.problem)

    @cached_property
    def _apart(self) -> Apart:
        return Apart(self.lookup)

    @cached_property
    def ledger(self) -> Ledger:
        """What the plan has taken and what is left."""
        return ledger_of(self.lookup, taken_of(self.lookup, self.plan))

    @property
    def is_proven(self) -> bool:
        """Whether no plan is better, by proof."""
        return self.plan.stopped == "optimal"

    @property
    def is_quick(self) -> bool:
        """Whether the exact solver gave no plan, and the quick one is kept."""
        return self.plan.stopped == "fallback"

    @property
    def stages(self) -> tuple[engine.StageValue, ...]:
        return self.plan.stages

    @property
    def open_stages(self) -> tuple[str, ...]:
        """The stages that are not proven, but for the last: while one of them is open, the
        distance of the last says nothing about better plans."""
        return tuple(stage.label for stage in self.plan.stages[:-1] if not stage.proven)

    @property
    def gap_percent(self) -> str:
        """Distance of the last stage from its bound, in per cent of the bound with one place;
        rounded up, for the page says that the difference is no more."""
        last = self.plan.stages[-1] if self.plan.stages else None
        if last is None or last.bound <= 0:
            return "0.0"
        permille = -((last.value - last.bound) * 1000 // last.bound)
        return f"{permille // 10}.{permille % 10}"

    @property
    def solver(self) -> str:
        """How the plan was found, in words; the code itself for a way that has none."""
        return SOLVERS.get(self.plan.backend, self.plan.backend)

    @property
    def pairs(self) -> int:
        return len(self.plan.assignments)

    @cached_property
    def rows(self) -> list[Row]:
        """The assignments, by town; needs that share a person name each other's towns."""
        towns_of: dict[str, list[str]] = {}
        for assignment in self.plan.assignments:
            towns_of.setdefault(assignment.specialist, []).append(
                self._towns[self._needs[assignment.need].town]
            )
        rows = [self._row(assignment, towns_of) for assignment in self.plan.assignments]
        return sorted(rows, key=lambda row: (row.person, self._kana(row.need_id), row.need_id))

    def _row(self, assignment: engine.Assignment, towns_of: dict[str, list[str]]) -> Row:
        need = self._needs[assignment.need]
        town = self._towns[need.town]
        return Row(
            need_id=int(need.id),
            town=town,
            title=self.titles.get(int(need.id), ""),
            skills=tuple(f"{self.skills.get(code, code)} L{level}" for code, level in need.skills),
            half_days=assignment.half_days,
            wanted=need.half_days,
            first_month=add_months(self.first_month, need.start),
            last_month=add_months(self.first_month, need.end - 1),
            person=self._people[assignment.specialist],
            person_id=int(assignment.specialist),
            score=assignment.score,
            deciding=_deciding(assignment.terms),
            shares_with=tuple(
                dict.fromkeys(other for other in towns_of[assignment.specialist] if other != town)
            ),
        )

    @cached_property
    def open_needs(self) -> list[OpenNeed]:
        return [
            OpenNeed(
                need_id=int(unfilled.need),
                town=self._towns[self._needs[unfilled.need].town],
                title=self.titles.get(int(unfilled.need), ""),
                reasons=self._apart.reasons(unfilled.reasons, unfilled.need),
            )
            for unfilled in sorted(
                self.plan.unfilled, key=lambda row: (self._kana(row.need), row.need)
            )
        ]

    @cached_property
    def uncoverable(self) -> list[OpenTown]:
        """Towns that nobody could serve, with the reasons: they count in no stage."""
        return [
            OpenTown(
                self._towns[row.town],
                self._apart.reasons(
                    row.reasons, *(n.id for n in self.problem.needs if n.town == row.town)
                ),
            )
            for row in sorted(
                self.plan.uncoverable, key=lambda row: self._kana_by_town.get(row.town, "")
            )
        ]

    @cached_property
    def handovers(self) -> list[Handover]:
        """Needs that pass from the present person to another, by town."""
        after: dict[str, list[str]] = {}
        for assignment in self.plan.assignments:
            after.setdefault(assignment.need, []).append(self._people[assignment.specialist])
        rows = [
            Handover(
                town=self._towns[need.town],
                title=self.titles.get(int(need.id), ""),
                present=self._people.get(need.present or "", NOT_IN_RUN),
                after="、".join(after.get(need.id, [])),
            )
            for need in map(self._needs.__getitem__, sorted(self.plan.handovers, key=self._kana))
        ]
        return rows

    def people(self, reasons: NeedReasons | None) -> list[int]:
        """Primary keys of the people whose numbers the page shows, with the open reasons."""
        named = {row.present for row in self.handovers}
        if reasons is not None:
            named |= {other.name for other in reasons.others}
            named |= {name for name, _ in (*reasons.kept_out, *reasons.would_do)}
        shown = {row.person_id for row in self.rows}
        shown |= {int(pk) for pk, name in self._people.items() if name in named}
        return sorted(shown)

    def reasons_for(self, need_id: int) -> NeedReasons | None:
        """Why the need got whom it got; None when the need is not of this run."""
        key = str(need_id)
        if key not in self._needs:
            return None
        found = explain_in(self.lookup, self.plan, key, 5)
        chosen = found.chosen[0] if found.chosen else None
        together, would_do = self._what_forbids(key) if found.missing else ((), ())
        return NeedReasons(
            need_id=need_id,
            title=self.titles.get(need_id, ""),
            town=self._towns[self._needs[key].town],
            person=self._people[chosen.specialist] if chosen else "",
            score=chosen.score if chosen else 0,
            terms=tuple((in_days(term.label), term.points) for term in chosen.terms)
            if chosen
            else (),
            others=tuple(self._other(other) for other in found.alternatives),
            reasons=self._apart.reasons(found.reasons, key),
            kept_out=self._kept_out(key),
            together=together,
            would_do=would_do,
        )

    def _other(self, other: Alternative) -> Other:
        return Other(
            name=self._people[other.specialist],
            score=other.score,
            difference=other.difference,
            free=other.free,
            in_the_way=limit_words(other.limits, self._named),
        )

    def _named(self, need_id: str) -> str:
        title = self.titles.get(int(need_id), "")
        return f"{self._towns[self._needs[need_id].town]}「{title}」"

    def _what_forbids(
        self, need_id: str
    ) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, str], ...]]:
        """The smallest forbidding set of an open need, and single changes with whom each lets
        serve it. Only for the one need that the page opens: see docs/engine.md for the cost."""
        position = self.lookup.need_at[need_id]
        conflict = conflict_in(self.lookup, self.ledger, position)
        rules = (
            zip(conflict.rules, conflict.names, conflict.people, strict=True) if conflict else ()
        )
        return (
            tuple(
                (self._apart.name(need_id) if code == "R12" else name, people)
                for code, name, people in rules
            ),
            tuple(
                (self._people[row.specialist], in_days(row.text))
                for row in relaxations_in(self.lookup, self.plan, position)
            ),
        )

    def _kept_out(self, need_id: str) -> tuple[tuple[str, str], ...]:
        """People with the asked skills whom exactly one other rule keeps out, and which; those
        who lack the smallest part of what the rule asks for first."""
        need = self._needs[need_id]
        kept = []
        for person in self.problem.specialists:
            if any(person.levels.get(code, 0) < level for code, level in need.skills):
                continue
            failed = engine.why_not(self.problem, need_id, person.id, self.lookup)
            if len(failed) == 1:
                text = rule_words(self.lookup, need_id, person.id, failed[0])[1]
                kept.append((_lacking(need, person, failed[0]), person.name, text))
        return tuple((name, text) for _, name, text in sorted(kept)[:KEPT_OUT_SHOWN])


def _lacking(need: engine.Need, person: engine.Specialist, rule: FailedRule) -> float:
    """How much of what a rule asks for is lacking, as a part of it, so that months, metres and yen
    can be set in one order; endless where there is no measure."""
    asked = {
        "R2": need.months,
        "R3": least_half_days(need, person),
        "R4": need.half_days,
        "R5": person.radius_m,
        "R6": 100,
        "R8": need.budget_yen or need.half_day_rate_cap_yen or 0,
        "R13": need.months,
        "R14": need.half_days,
        "R15": person.max_towns,
    }.get(rule.code, 0)
    return rule.margin / asked if asked else math.inf


def _deciding(terms: Mapping[str, int]) -> str:
    """The two terms that bring the most points, as words."""
    gained = [name for name, points in terms.items() if points > 0]
    best = sorted(gained, key=lambda name: -terms[name])[:2]
    return "、".join(in_days(TERM_LABELS.get(name, name)) for name in best)


def page_of(run: Any, titles: dict[int, str], skills: dict[str, str]) -> PlanPage | None:
    """The page of a run's best plan so far (the greedy one while it is going on).

    None without a plan. Raises engine.ProblemError when the run was frozen by another version of
    the engine, whose documents this one does not read.
    """
    stored = run.plan or run.greedy_plan
    if stored is None:
        return None
    problem = engine.problem_from_json(run.problem)
    year, month = (int(part) for part in problem.first_month.split("-"))
    kana = Municipality.objects.kana_of(town.id for town in problem.towns)
    plan = engine.plan_from_json(stored)
    return PlanPage(problem, plan, titles, skills, date(year, month, 1), kana)
