"""The command line: `python -m matching.engine COMMAND …`, JSON out, one line on bad input."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from .child import die_with_parent
from .documents import (
    plan_from_json,
    plan_to_json,
    problem_from_json,
    problem_to_json,
    started_from_json,
)
from .fields import Record, as_integer
from .reasons import why_not
from .streams import complain, give_up_output, in_file, read_json, write_json
from .types import Accepted, Assignment, Plan, Problem, ProblemError, Progress, SolverFailed
from .verify import verify

if TYPE_CHECKING:
    from .sofar import OnBest

BAD_INPUT = 2
FAILED = 1
LONGEST_S = 86_400.0
MOST_HALF_DAYS = 100  # a month
MOST_AGENTS, MOST_CELLS = 1_000, 10**7  # of a made-up assignment: agents, agents × jobs
Read = TypeVar("Read")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 (the solver failed) or 2 (bad input)."""
    try:
        began = time.perf_counter()
        options = _parser().parse_args(arguments)
        options.began = began
        code: int = options.run(options)
        sys.stdout.flush()
    except ProblemError as error:
        complain(str(error))
        return BAD_INPUT
    except SolverFailed as error:
        complain(error.reason)
        return FAILED
    except OSError as error:  # files are read elsewhere, with errors of their own
        complain(f"the output cannot be written: {error.strerror}")
        give_up_output()
        return FAILED
    return code


class OneLine(argparse.ArgumentParser):
    """A parser that refuses in one line, as everything here does."""

    def error(self, message: str) -> NoReturn:
        raise ProblemError("arguments", message)


def seconds(text: str) -> float:
    """A time limit in seconds, above 0."""
    number = float(text)
    if not 0 < number <= LONGEST_S:
        raise ValueError
    return number


def _parser() -> argparse.ArgumentParser:
    parser = OneLine(prog="python -m matching.engine", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    solve = commands.add_parser("solve", help="a plan for a problem file")
    solve.add_argument("problem", help="a problem as JSON, - for standard input")
    solve.add_argument("--wall", type=seconds, default=60.0, help="seconds (default 60)")
    solve.add_argument("--start", help="an earlier plan as JSON: what of it still holds is kept")
    solve.add_argument(
        "--started", action="store_true", help="the input holds problem and start (pairs)"
    )
    solve.add_argument("--greedy", action="store_true", help="only the quick plan")
    solve.add_argument("--progress", action="store_true", help="JSON lines on standard error")
    solve.add_argument("--parent", type=int, help="end when this process is gone")
    solve.add_argument("--so-far", action="store_true", help="also the best so far, a line each")
    solve.set_defaults(run=_solve)
    split = commands.add_parser("split", help="the parts of a problem, one JSON line each")
    split.add_argument("problem", help="a problem as JSON, - for standard input")
    split.set_defaults(run=_split)
    join = commands.add_parser("join", help="one plan from a problem and the plans of its parts")
    join.add_argument("document", help="JSON with problem, parts and plans, - for standard input")
    join.add_argument("--wall", type=seconds, default=60.0, help="seconds (default 60)")
    join.add_argument("--progress", action="store_true", help="JSON lines on standard error")
    join.add_argument("--parent", type=int, help="end when this process is gone")
    join.add_argument("--so-far", action="store_true", help="also the best so far, a line each")
    join.set_defaults(run=_join)
    generate = commands.add_parser("generate", help="a made-up problem")
    for name in ("towns", "needs", "specialists"):
        generate.add_argument(f"--{name}", type=int, required=True)
    generate.add_argument("--seed", type=int, default=0)
    generate.add_argument("--scarce", action="store_true")
    generate.add_argument("--rich", action="store_true", help="with every field of the document")
    generate.set_defaults(run=_generate)
    pack = commands.add_parser("pack", help="solve and write the audit pack")
    pack.add_argument("problem", help="a problem as JSON, - for standard input")
    pack.add_argument("--wall", type=seconds, default=60.0, help="seconds (default 60)")
    pack.add_argument("--plan", help="a plan as JSON: packed as it is, nothing is solved")
    pack.add_argument("--edits", help="JSON list of changes by hand: what, by, at, why")
    pack.set_defaults(run=_pack)
    replay = commands.add_parser("replay", help="make the plan of an audit pack again")
    replay.add_argument("pack", help="an audit pack, - for standard input")
    replay.add_argument("--wall", type=seconds, default=3600.0, help="seconds (default 3600)")
    replay.set_defaults(run=_replay)
    why_not = commands.add_parser("why-not", help="the rules between a person and a need")
    why_not.add_argument("problem", help="a problem as JSON, - for standard input")
    why_not.add_argument("need")
    why_not.add_argument("specialist")
    why_not.add_argument(
        "--plan", help="a plan as JSON: say also who holds the time, and the cost of forcing it"
    )
    why_not.add_argument("--wall", type=seconds, default=60.0, help="seconds (default 60)")
    why_not.set_defaults(run=_why_not)
    explain = commands.add_parser("explain", help="why a need got whom it got, or nobody")
    explain.add_argument("problem", help="a problem as JSON, - for standard input")
    explain.add_argument("plan", help="a plan as JSON")
    explain.add_argument("need")
    explain.set_defaults(run=_explain)
    mend = commands.add_parser("mend", help="one change, everything else of the plan held")
    mend.add_argument("problem", help="a problem as JSON")
    mend.add_argument("plan", help="a plan as JSON")
    mend.add_argument("change", help="one change as JSON, - for standard input")
    mend.set_defaults(run=_mend)
    policies = commands.add_parser("policies", help="the plans of all policies side by side")
    policies.add_argument("problem", help="a problem as JSON, - for standard input")
    policies.add_argument("--wall", type=seconds, default=60.0, help="seconds each (default 60)")
    policies.set_defaults(run=_policies)
    what_if = commands.add_parser("what-if", help="a change solved beside the plan")
    what_if.add_argument("problem", help="a problem as JSON")
    what_if.add_argument("change", help="a change as JSON, - for standard input")
    what_if.add_argument("--wall", type=seconds, default=60.0, help="seconds (default 60)")
    what_if.add_argument("--plan", help="a plan as JSON: the change is set beside it")
    what_if.set_defaults(run=_what_if)
    lacking = commands.add_parser("shortages", help="whom the pool lacks, by solving again")
    lacking.add_argument("problem", help="a problem as JSON, - for standard input")
    lacking.add_argument("--plan", help="a plan as JSON: else the problem is solved first")
    lacking.add_argument("--half-days", type=int, help="the person's at least, a month (6)")
    lacking.add_argument("--wall", type=seconds, default=60.0, help="seconds each (default 60)")
    lacking.set_defaults(run=_shortages)
    posts = commands.add_parser("shared-posts", help="open needs for one person at several towns")
    posts.add_argument("problem", help="a problem as JSON, - for standard input")
    posts.add_argument("--plan", help="a plan as JSON: else the problem is solved first")
    posts.add_argument("--wall", type=seconds, default=60.0, help="seconds (default 60)")
    posts.set_defaults(run=_shared_posts)
    reviewers = commands.add_parser("reviewers", help="papers to reviewers by scores")
    reviewers.add_argument("scores", type=Path, help="CSV of paper, reviewer, score")
    reviewers.add_argument("--demand", type=int, required=True, help="reviewers a paper")
    reviewers.add_argument("--load", type=int, required=True, help="most papers a reviewer")
    reviewers.add_argument("--least-load", type=int, default=0)
    reviewers.add_argument("--conflicts", type=Path, help="CSV of paper, reviewer")
    reviewers.add_argument("--objective", choices=("total", "fair"), default="total")
    reviewers.add_argument("--wall", type=seconds, default=10.0, help="seconds (default 10)")
    reviewers.set_defaults(run=_reviewers)
    family = commands.add_parser("generate-gap", help="a made-up generalized assignment file")
    family.add_argument("family", choices=tuple("ABCDE"))
    for name in ("agents", "jobs"):
        family.add_argument(f"--{name}", type=int, required=True)
    family.add_argument("--seed", type=int, default=0)
    family.set_defaults(run=_generate_gap)
    gap = commands.add_parser("gap", help="generalized assignment files, one JSON row each")
    gap.add_argument("files", nargs="+", type=Path, metavar="FILE")
    gap.add_argument("--wall", type=seconds, default=60.0, help="seconds a file (default 60)")
    gap.set_defaults(run=_gap)
    return parser


def _say(progress: Progress) -> None:
    line = {"stage": progress.stage, "done": progress.done, "of": progress.of}
    sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stderr.flush()


def _tells(problem: Problem) -> OnBest:
    """Write the best at hand, as one line; the plan is the last line."""
    from .sofar import so_far_to_json

    return lambda best: write_json({"so_far": so_far_to_json(problem, best)})


def _solve(options: argparse.Namespace) -> int:
    if options.parent is not None:
        die_with_parent(options.parent)
    problem, start = _problem_and_start(options)
    if options.greedy:
        from .greedy import greedy

        plan = greedy(problem)
    else:
        from .solving import solve

        plan = solve(
            problem,
            wall_s=_left(options),
            on_stage=_say if options.progress else None,
            on_best=_tells(problem) if options.so_far else None,
            start=start,
        )
    _write_checked(problem, plan)
    return 0


def _problem_and_start(
    options: argparse.Namespace,
) -> tuple[Problem, tuple[Accepted | Assignment, ...]]:
    """The problem, and the pairs of the earlier plan where one is given. Raises ProblemError."""
    data = read_json(options.problem)
    if options.started:
        top = Record(data, "")
        problem = _within("problem", problem_from_json, top.raw("problem"))
        start = started_from_json(top.raw("start"))
        top.close()
        return problem, start
    problem = problem_from_json(data)
    if options.start is None:
        return problem, ()
    if options.greedy:
        raise ProblemError("arguments", "--start is of no use to the quick plan")
    earlier = read_json(options.start)
    try:
        return problem, plan_from_json(earlier).assignments
    except ProblemError as error:
        raise in_file(options.start, error) from None


def _left(options: argparse.Namespace) -> float:
    """The seconds of `--wall` less those that reading took."""
    wall, began = float(options.wall), float(options.began)
    return max(wall / 10, wall - (time.perf_counter() - began))


def _split(options: argparse.Namespace) -> int:
    from .parts import split

    for part in split(problem_from_json(read_json(options.problem))):
        write_json(problem_to_json(part))
    return 0


def _join(options: argparse.Namespace) -> int:
    from .parts import join

    if options.parent is not None:
        die_with_parent(options.parent)
    top = Record(read_json(options.document), "")
    problem = _within("problem", problem_from_json, top.raw("problem"))
    parts = [_within(path, problem_from_json, row) for path, row in top.items("parts")]
    plans = [_within(path, plan_from_json, row) for path, row in top.items("plans")]
    top.close()
    plan = join(
        problem,
        parts,
        plans,
        wall_s=options.wall,
        on_stage=_say if options.progress else None,
        on_best=_tells(problem) if options.so_far else None,
    )
    _write_checked(problem, plan)
    return 0


def _within(path: str, read: Callable[[object], Read], data: object) -> Read:
    """What a reader makes of the data at `path`; its complaints name the whole path."""
    try:
        return read(data)
    except ProblemError as error:
        raise ProblemError(f"{path}.{error.field}", error.message) from None


def _check(problem: Problem, plan: Plan) -> None:
    violations = verify(problem, plan)
    if violations:
        raise SolverFailed(f"the plan broke a rule: {violations[0].code} {violations[0].subject}")


def _write_checked(problem: Problem, plan: Plan) -> None:
    _check(problem, plan)
    write_json(plan_to_json(plan))


def _generate(options: argparse.Namespace) -> int:
    from .generate import MOST_ROWS, generate

    for name in ("towns", "needs", "specialists"):
        as_integer(getattr(options, name), name, least=1, most=MOST_ROWS)
    problem = generate(
        towns=options.towns,
        needs=options.needs,
        specialists=options.specialists,
        seed=options.seed,
        scarce=options.scarce,
        rich=options.rich,
    )
    write_json(problem_to_json(problem))
    return 0


def _pack(options: argparse.Namespace) -> int:
    from .pack import edits_from_json, make_pack

    problem = problem_from_json(read_json(options.problem))
    edits = edits_from_json(read_json(options.edits)) if options.edits else ()
    if options.plan:
        plan = _plan_in_file(problem, options.plan)  # with its proof, which a replay makes again
    else:
        plan = _plan_or_solved(problem, options)
    write_json(make_pack(problem, plan, edits))
    return 0


def _replay(options: argparse.Namespace) -> int:
    from .pack import replay

    data = read_json(options.pack)
    try:
        result = replay(data, wall_s=options.wall)
    except ProblemError as error:
        raise in_file(options.pack, error) from None
    write_json(dataclasses.asdict(result))
    return 0 if result.same else FAILED


def _why_not(options: argparse.Namespace) -> int:
    problem = problem_from_json(read_json(options.problem))
    rules = why_not(problem, options.need, options.specialist)
    answer = {"eligible": not rules, "rules": [dataclasses.asdict(rule) for rule in rules]}
    if options.plan is not None:
        from .standing import standing
        from .whatif import solver_within

        plan = _plan_for(problem, options.plan)
        found = standing(
            problem, plan, options.need, options.specialist, solver=solver_within(options.wall)
        )
        answer |= {key: value for key, value in dataclasses.asdict(found).items() if key != "rules"}
    write_json(answer)
    return 0


def _plan_in_file(problem: Problem, name: str) -> Plan:
    """The plan in a file, checked against the problem. Raises ProblemError."""
    data = read_json(name)
    try:
        plan = plan_from_json(data)
    except ProblemError as error:
        raise in_file(name, error) from None
    violations = verify(problem, plan)
    if violations:
        raise ProblemError(name, f"{violations[0].code}: {violations[0].text}")
    return plan


def _plan_for(problem: Problem, name: str) -> Plan:
    """The plan in a file, as one that nothing is proven of: its bounds are only what the file
    says, and the verifier cannot look into a proof. Raises ProblemError."""
    plan = _plan_in_file(problem, name)
    return dataclasses.replace(plan, stopped="limit")


def _explain(options: argparse.Namespace) -> int:
    """The choice with its terms; for an open need the smallest forbidding set of rules and the
    single changes that let somebody serve it."""
    from .conflicts import conflict, relaxations
    from .reasons import explain

    problem = problem_from_json(read_json(options.problem))
    plan = _plan_for(problem, options.plan)
    found = explain(problem, plan, options.need)
    forbids = conflict(problem, plan, options.need) if found.missing else None
    changes = relaxations(problem, plan, options.need) if found.missing else ()
    told = ("rule", "text", "specialist", "margin", "budget_yen")
    write_json(
        dataclasses.asdict(found)
        | {
            "conflict": forbids and dataclasses.asdict(forbids),
            "relaxations": [{name: getattr(row, name) for name in told} for row in changes],
        }
    )
    return 0


def _mend(options: argparse.Namespace) -> int:
    """The pairs and stages that one change moves; `seconds` is the mending alone."""
    from .changes import Desk, one_change

    problem = problem_from_json(read_json(options.problem))
    desk = Desk(problem, _plan_for(problem, options.plan))
    make = one_change(problem, desk, read_json(options.change))
    start = time.perf_counter()
    diff = make()
    seconds = round(time.perf_counter() - start, 6)
    _check(desk.problem, desk.plan())
    write_json(dataclasses.asdict(diff) | {"seconds": seconds})
    return 0


def _policies(options: argparse.Namespace) -> int:
    from .policies import compare_policies
    from .whatif import solver_within

    problem = problem_from_json(read_json(options.problem))
    found = compare_policies(problem, solver_within(options.wall))
    write_json([dataclasses.asdict(figures) for figures in found])
    return 0


def _what_if(options: argparse.Namespace) -> int:
    from .whatif import change_from_json, what_if

    problem = problem_from_json(read_json(options.problem))
    change = change_from_json(problem, read_json(options.change))
    plan = _plan_or_solved(problem, options)
    write_json(dataclasses.asdict(what_if(problem, plan, change, wall_s=options.wall)))
    return 0


def _shortages(options: argparse.Namespace) -> int:
    from .lacking import SHORTAGE_HALF_DAYS, shortages

    half_days = SHORTAGE_HALF_DAYS if options.half_days is None else options.half_days
    if not 1 <= half_days <= MOST_HALF_DAYS:
        raise ProblemError("half_days", f"must be an integer 1 to {MOST_HALF_DAYS}")
    problem = problem_from_json(read_json(options.problem))
    plan = _plan_or_solved(problem, options)
    found = shortages(problem, plan, half_days=half_days, wall_s=options.wall)
    write_json(dataclasses.asdict(found))
    return 0


def _shared_posts(options: argparse.Namespace) -> int:
    from .pooling import pooling

    problem = problem_from_json(read_json(options.problem))
    write_json(dataclasses.asdict(pooling(problem, _plan_or_solved(problem, options))))
    return 0


def _plan_or_solved(problem: Problem, options: argparse.Namespace) -> Plan:
    """The plan of `--plan`, else a new one."""
    if options.plan:
        return _plan_for(problem, options.plan)
    from .whatif import solver_within

    return solver_within(options.wall)(problem)


def _reviewers(options: argparse.Namespace) -> int:
    from .reviewers import assign_reviewers, read_reviews

    reviews = read_reviews(
        options.scores,
        demand=options.demand,
        load=options.load,
        least_load=options.least_load,
        conflicts=options.conflicts,
    )
    write_json(assign_reviewers(reviews, options.objective, wall_s=options.wall))
    return 0


def _generate_gap(options: argparse.Namespace) -> int:
    from .gap import gap_text, generate_gap

    agents = as_integer(options.agents, "agents", least=1, most=MOST_AGENTS)
    as_integer(options.jobs, "jobs", least=1, most=MOST_CELLS // agents)
    sys.stdout.write(
        gap_text(generate_gap(options.family, options.agents, options.jobs, options.seed))
    )
    return 0


def _gap(options: argparse.Namespace) -> int:
    from .gap import read_gap, solve_gap

    instances = [read_gap(path) for path in options.files]
    for instance in instances:
        write_json(solve_gap(instance, wall_s=options.wall))
    return 0
