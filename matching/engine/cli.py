"""The command line: `python -m matching.engine COMMAND …`, JSON out, one line on bad input."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .child import die_with_parent
from .documents import plan_to_json, problem_from_json
from .types import Problem, ProblemError, Progress, SolverFailed
from .verify import verify

BAD_INPUT = 2
FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 (the solver failed) or 2 (bad input)."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except ProblemError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    except SolverFailed as error:
        sys.stderr.write(f"{error.reason}\n")
        return FAILED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching.engine", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    solve = commands.add_parser("solve", help="a plan for a problem file")
    solve.add_argument("problem", help="a problem as JSON, - for standard input")
    solve.add_argument("--wall", type=float, default=60.0, help="seconds (default 60)")
    solve.add_argument("--greedy", action="store_true", help="only the quick plan")
    solve.add_argument("--progress", action="store_true", help="JSON lines on standard error")
    solve.add_argument("--parent", type=int, help="end when this process is gone")
    solve.set_defaults(run=_solve)
    gap = commands.add_parser("gap", help="generalized assignment files, one JSON row each")
    gap.add_argument("files", nargs="+", type=Path, metavar="FILE")
    gap.add_argument("--wall", type=float, default=60.0, help="seconds a file (default 60)")
    gap.set_defaults(run=_gap)
    return parser


def read_json(name: str) -> Any:
    """The JSON in a file, or on standard input for `-`. Raises ProblemError."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise ProblemError(name, error.strerror or "cannot be read") from error
    except RecursionError:
        raise ProblemError("(top)", "is nested too deeply") from None
    except ValueError as error:
        raise ProblemError("(top)", f"is not JSON in UTF-8: {error}") from None


def _write(data: object) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _say(progress: Progress) -> None:
    line = {"stage": progress.stage, "done": progress.done, "of": progress.of}
    sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stderr.flush()


def _solve(options: argparse.Namespace) -> int:
    if options.parent is not None:
        die_with_parent(options.parent)
    problem: Problem = problem_from_json(read_json(options.problem))
    if options.greedy:
        from .greedy import greedy

        plan = greedy(problem)
    else:
        from .solving import solve

        plan = solve(problem, wall_s=options.wall, on_stage=_say if options.progress else None)
    violations = verify(problem, plan)
    if violations:
        raise SolverFailed(f"the plan broke a rule: {violations[0].code} {violations[0].subject}")
    _write(plan_to_json(plan))
    return 0


def _gap(options: argparse.Namespace) -> int:
    from .gap import read_gap, solve_gap

    instances = [read_gap(path) for path in options.files]
    for instance in instances:
        _write(solve_gap(instance, wall_s=options.wall))
    return 0
