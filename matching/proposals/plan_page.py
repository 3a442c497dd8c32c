"""What the plan page shows, worked out from a run's frozen input and its plan. Pure."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from matching import engine
from matching.engine.lookup import Lookup
from matching.engine.reasons import explain_in
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
class NeedReasons:
    """Why this person: the terms, the next best, who is kept out by which rule."""

    need_id: int
    title: str
    town: str
    person: str
    score: int
    terms: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, int, int | None, bool], ...] = ()
    reasons: tuple[str, ...] = ()
    kept_out: tuple[tuple[str, str], ...] = ()


SOLVERS = {
    "greedy": "速い方法(貪欲法)",
    "highs": "厳密な方法(HiGHS)",
    "search": "大規模向けの探索",
}


class PlanPage:
    """`titles` maps a need's primary key to its title, `skills` a skill's code to its name: the
    frozen input holds neither."""

    def __init__(
        self,
        problem: engine.Problem,
        plan: engine.Plan,
        titles: dict[int, str],
        skills: dict[str, str],
        first_month: date,
    ) -> None:
        self.problem = problem
        self.plan = plan
        self.titles = titles
        self.skills = skills
        self.first_month = first_month
        self._needs = {need.id: need for need in problem.needs}
        self._towns = {town.id: town.name for town in problem.towns}
        self._people = {person.id: person.name for person in problem.specialists}

    @cached_property
    def lookup(self) -> Lookup:
        return Lookup(self.problem)

    @property
    def is_proven(self) -> bool:
        """Whether no plan is better, by proof."""
        return self.plan.stopped == "optimal"

    @property
    def stages(self) -> tuple[engine.StageValue, ...]:
        return self.plan.stages

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
        return sorted(rows, key=lambda row: (row.person, row.town, row.need_id))

    def _row(self, assignment: engine.Assignment, towns_of: dict[str, list[str]]) -> Row:
        need = self._needs[assignment.need]
        town = self._towns[need.town]
        found = explain_in(self.lookup, self.plan, need.id, 1)
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
            deciding=_deciding(found.chosen[0].terms),
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
                reasons=tuple(reason.text for reason in unfilled.reasons),
            )
            for unfilled in self.plan.unfilled
        ]

    def people(self, reasons: NeedReasons | None) -> list[int]:
        """Primary keys of the people whose numbers the page shows, with the open reasons."""
        shown = {row.person_id for row in self.rows}
        if reasons is not None:
            named = {name for name, *_ in (*reasons.others, *reasons.kept_out)}
            shown |= {int(pk) for pk, name in self._people.items() if name in named}
        return sorted(shown)

    def reasons_for(self, need_id: int) -> NeedReasons | None:
        """Why the need got whom it got; None when the need is not of this run."""
        key = str(need_id)
        if key not in self._needs:
            return None
        found = explain_in(self.lookup, self.plan, key, 5)
        chosen = found.chosen[0] if found.chosen else None
        return NeedReasons(
            need_id=need_id,
            title=self.titles.get(need_id, ""),
            town=self._towns[self._needs[key].town],
            person=self._people[chosen.specialist] if chosen else "",
            score=chosen.score if chosen else 0,
            terms=tuple((term.label, term.points) for term in chosen.terms) if chosen else (),
            others=tuple(
                (self._people[other.specialist], other.score, other.difference, other.free)
                for other in found.alternatives
            ),
            reasons=tuple(reason.text for reason in found.reasons),
            kept_out=self._kept_out(key),
        )

    def _kept_out(self, need_id: str) -> tuple[tuple[str, str], ...]:
        """People with the asked skills whom exactly one other rule keeps out, and which."""
        need = self._needs[need_id]
        kept = []
        for person in self.problem.specialists:
            if any(person.levels.get(code, 0) < level for code, level in need.skills):
                continue
            failed = engine.why_not(self.problem, need_id, person.id, self.lookup)
            if len(failed) == 1:
                kept.append((person.name, failed[0].text))
        return tuple(kept[:5])


def _deciding(terms: tuple[engine.Term, ...]) -> str:
    """The two terms that bring the most points, as words."""
    best = sorted((term for term in terms if term.points > 0), key=lambda term: -term.points)[:2]
    return "、".join(term.label for term in best)


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
    return PlanPage(problem, engine.plan_from_json(stored), titles, skills, date(year, month, 1))
