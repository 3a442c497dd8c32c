"""Whom the pool lacks: one more person is added and the whole is solved again, never estimated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .policies import Solver
from .types import PERSON_MONTH_HALF_DAYS, Need, Plan, Problem, SolverFailed, Specialist
from .whatif import Change, Ledgered, changed, ledgered, middle, solver_within

SHORTAGE_HALF_DAYS = 6  # 月3日
MOST_TOWNS = 1_000  # of one person, as a problem document takes it

Skills = tuple[tuple[str, int], ...]  # codes and levels that one need asks for together


@dataclass(frozen=True, slots=True)
class Shortage:
    """One more person of these skills and levels, free `half_days` a month: what it would bring.
    `proven`: both plans compared are; else a small difference may be chance."""

    skills: Skills
    half_days: int
    towns: int
    places: int
    text: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Shortages:
    """What the pool lacks. `proven`: so are all plans compared, also those that brought nothing.
    `untried`: skills and levels that there was no time for, or whose solving failed. `too_large`:
    those of which every open need asks for more than one person-year, so that nobody was added."""

    found: tuple[Shortage, ...]
    proven: bool
    untried: tuple[Skills, ...] = ()
    too_large: tuple[Skills, ...] = ()


def shortages(
    problem: Problem,
    plan: Plan,
    *,
    half_days: int = SHORTAGE_HALF_DAYS,
    wall_s: float = 60.0,
    solver: Solver | None = None,
    go_on: Callable[[], bool] = lambda: True,
) -> Shortages:
    """What the pool lacks, most towns first: for all that an open need asks of a person, what most
    needs ask for first, one more person who can do it is added and the whole is solved again, as
    long as `go_on` says so.

    The person is free `half_days` a month, or as many as the smallest of these needs takes at
    least; where that brings nothing as many as the next larger one takes, up to a person-year. The
    person is put where nothing else is in the way: near every town, of any form, at no more than
    any cap. Only those that bring something are returned.
    """
    open_needs = {u.need for u in plan.unfilled}
    asked: dict[Skills, list[Need]] = {}
    for need in problem.needs:
        if need.id in open_needs:
            asked.setdefault(need.skills, []).append(need)
    trial = _Trial(problem, plan, solver or solver_within(wall_s), go_on)
    found: list[Shortage] = []
    untried: list[Skills] = []
    too_large: list[Skills] = []
    for skills in sorted(asked, key=lambda skills: (-len(asked[skills]), skills)):
        amounts = _amounts(asked[skills], half_days)
        if not amounts:
            too_large.append(skills)
            continue
        try:
            gain = trial.first_gain(skills, amounts)
        except SolverFailed:
            untried.append(skills)
            continue
        found += [gain] if gain else []
    found.sort(key=lambda s: (-s.towns, -s.places, s.skills))
    return Shortages(
        tuple(found), trial.all_proven and not untried, tuple(untried), tuple(too_large)
    )


def _amounts(needs: list[Need], half_days: int) -> list[int]:
    """The half-days a month to try, the fewest first: as many as each need takes at least, never
    fewer than `half_days`; none where every need takes more than there are in a person-year."""
    most = max(half_days, PERSON_MONTH_HALF_DAYS)
    return sorted({max(half_days, need.least) for need in needs if need.least <= most})


class _Trial:
    """One plan, and the plans with one more person that are set beside it."""

    def __init__(
        self, problem: Problem, plan: Plan, solver: Solver, go_on: Callable[[], bool]
    ) -> None:
        self.problem, self.plan, self.solver, self.go_on = problem, plan, solver, go_on
        self.was: Ledgered = ledgered(problem, plan)
        self.plan_proven = self.all_proven = plan.stopped == "optimal"

    def first_gain(self, skills: Skills, amounts: list[int]) -> Shortage | None:
        """What the first amount brings that brings something, None where none does. Raises
        SolverFailed when the time is up."""
        for half_days in amounts:
            if not self.go_on():
                raise SolverFailed("no time left")
            added = _somebody(self.problem, skills, half_days)
            other = changed(self.problem, Change(add_specialists=(added,)))
            solved = self.solver(other)
            # One more person takes nothing away: a plan that is worse contradicts a proof.
            proven = (
                self.plan_proven
                and solved.stopped == "optimal"
                and _values(solved) >= _values(self.plan)
            )
            self.all_proven = self.all_proven and proven
            now = ledgered(other, solved)
            towns, places = now.towns - self.was.towns, now.places - self.was.places
            if towns > 0 or places > 0:
                text = _gain(self.problem, skills, half_days, towns, places)
                return Shortage(skills, half_days, towns, places, text, proven)
        return None


def _values(plan: Plan) -> tuple[int, ...]:
    return tuple(stage.value for stage in plan.stages)


def _somebody(problem: Problem, skills: Skills, half_days: int) -> Specialist:
    """One more person, in whose way nothing is but the own time."""
    x, y = middle(problem)
    known = {person.id for person in problem.specialists}
    number = next(n for n in range(1, len(known) + 2) if f"+{n}" not in known)
    return Specialist(
        id=f"+{number}", name="追加の1人", levels=dict(skills),
        capacity=(half_days,) * problem.horizon, max_towns=min(MOST_TOWNS, len(problem.towns)),
        weekdays=127, x=x, y=y, radius_m=10**8,
        languages=frozenset(n.language for n in problem.needs),
    )  # fmt: skip


def _gain(problem: Problem, skills: Skills, half_days: int, towns: int, places: int) -> str:
    """What one more person brings, in words."""
    days = f"{half_days // 2}日" if half_days % 2 == 0 else f"{half_days}半日"
    able = "と".join(f"「{problem.labels.get(code, code)}」レベル{level}" for code, level in skills)
    many = "両方" if len(skills) == 2 else "すべて"
    who = able if len(skills) == 1 else f"{able}の{many}ができる人"
    gains = [f"支援の届く市町が{towns}"] if towns > 0 else []
    gains += [f"決まる人数が{places}"] if places > 0 else []
    return f"月{days}の{who}がもう1人いれば、{'、'.join(gains)}増えます"
