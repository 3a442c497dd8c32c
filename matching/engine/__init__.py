"""The matching engine: needs and people in, a plan with proof and reasons out.

Pure Python over dataclasses: no Django, no database, no clock. The solver (HiGHS, numpy) is
loaded only where it runs, so that reading, the greedy plan, the verifier and the reasons work
without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .child import join_in_child, solve_in_child
from .documents import (
    input_sha256,
    plan_from_json,
    plan_to_json,
    problem_from_json,
    problem_to_json,
)
from .greedy import greedy
from .reasons import (
    Alternative,
    Choice,
    Explanation,
    Term,
    alternatives,
    explain,
    why_not,
)
from .rules import FailedRule
from .types import (
    Accepted,
    Assignment,
    Declined,
    Group,
    Need,
    Plan,
    Policy,
    Problem,
    ProblemError,
    Progress,
    Reason,
    SolverFailed,
    SolverTimedOut,
    Specialist,
    StageValue,
    Town,
    Uncoverable,
    Unfilled,
    Weights,
)
from .verify import Violation, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = [
    "Accepted", "Alternative", "Assignment", "Choice", "Declined", "Explanation", "FailedRule",
    "Group", "Need", "Plan", "Policy", "Problem", "ProblemError", "Progress", "Reason",
    "SolverFailed", "SolverTimedOut", "Specialist", "StageValue", "Term", "Town", "Uncoverable",
    "Unfilled", "Violation", "Weights", "alternatives", "explain", "greedy", "input_sha256",
    "join_in_child", "plan_from_json", "plan_to_json", "problem_from_json", "problem_to_json",
    "put_together", "solve", "solve_in_child", "split", "verify", "why_not",
]  # fmt: skip


def solve(
    problem: Problem,
    *,
    wall_s: float,
    on_stage: Callable[[Progress], None] | None = None,
    work: Mapping[str, int] | None = None,
    start: Iterable[Accepted | Assignment] = (),
) -> Plan:
    """As `solving.solve`, loading the solver only when it is called."""
    from .solving import solve as run

    return run(problem, wall_s=wall_s, on_stage=on_stage, work=work, start=start)


def put_together(problem: Problem, parts: Sequence[Problem], plans: Sequence[Plan]) -> Plan:
    """As `parts.join` without looking for anything better across the parts, in this process."""
    from .parts import join

    return join(problem, parts, plans, work={"search": 0, "bounds": 0})


def split(problem: Problem) -> tuple[Problem, ...]:
    """As `parts.split`, loading numpy only for problems that may have parts."""
    from .types import PART_NEEDS

    if len(problem.needs) < 2 * PART_NEEDS:
        return (problem,)
    from .parts import split as run

    return run(problem)
