"""The best plan at hand in the middle of a solve: what is left of a solver that was killed.

It is told in few words, so that telling it at the end of each round costs next to nothing; the
plan of it is built only when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .fields import Record, as_integer
from .greedy import pairs_at_hand
from .lookup import Lookup
from .planning import build_plan
from .stages import Taken
from .types import Accepted, Plan, Problem, ProblemError


@dataclass(frozen=True, slots=True)
class SoFar:
    """The pairs taken (half-days by positions of need and person), a bound for each stage, and the
    work done for them, with which they are found again."""

    taken: Taken
    bounds: Sequence[int]
    work: Mapping[str, int]
    backend: str
    versions: Mapping[str, str] = field(default_factory=dict)
    start: Sequence[Accepted] = ()

    def within(self, backend: str, work: Mapping[str, int], versions: Mapping[str, str]) -> SoFar:
        """The same as told by a caller who did more `work` before."""
        return replace(self, backend=backend, work={**self.work, **work}, versions=versions)


OnBest = Callable[[SoFar], None]


def so_far_to_json(problem: Problem, best: SoFar) -> dict[str, Any]:
    """As JSON data that `plan_so_far` makes a plan of."""
    needs, people = problem.needs, problem.specialists
    return {
        "pairs": [
            [needs[i].id, people[j].id, half_days]
            for (i, j), half_days in sorted(best.taken.items())
        ],
        "bounds": list(best.bounds),
        "work": dict(best.work),
        "backend": best.backend,
        "versions": dict(best.versions),
        "start": [[row.need, row.specialist, row.half_days] for row in best.start],
    }


def plan_so_far(problem: Problem, data: object, seconds: float) -> Plan:
    """The plan of what was told; `seconds` it took. Raises ProblemError when it does not fit the
    problem, SolverFailed where a bound contradicts it."""
    top = Record(data, "")
    lookup = Lookup(problem)
    taken: dict[tuple[int, int], int] = {}
    for path, row in top.items("pairs"):
        if not isinstance(row, list | tuple) or len(row) != 3:
            raise ProblemError(path, "is not a need, a specialist and half-days")
        need, person, half_days = row
        if need not in lookup.need_at or person not in lookup.person_at:
            raise ProblemError(path, "names a need or a specialist that is not known")
        pair = lookup.need_at[need], lookup.person_at[person]
        taken[pair] = as_integer(half_days, path, least=1, most=100)
    bounds = [
        as_integer(bound, path, least=-(10**15), most=10**15) for path, bound in top.items("bounds")
    ]
    if len(bounds) != len(problem.policy.stages):
        raise ProblemError("bounds", "must have one entry a stage")
    start = []
    for path, row in top.items("start"):
        if not isinstance(row, list | tuple) or len(row) != 3:
            raise ProblemError(path, "is not a need, a specialist and half-days")
        start.append(
            Accepted(str(row[0]), str(row[1]), as_integer(row[2], path, least=1, most=100))
        )
    pairs, cut = pairs_at_hand(lookup)
    plan = build_plan(
        lookup,
        pairs,
        taken,
        cut_short=cut,
        bounds=bounds,
        backend=top.text("backend"),
        stopped="optimal",
        work=top.integer_map("work"),
        versions=top.text_map("versions"),
        start=start,
        seconds=seconds,
    )
    top.close()
    return plan
