"""Generalized assignment: every job to one agent, at least cost, within capacities.

An adapter that puts the public benchmark's files through the engine's solver.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, log
from pathlib import Path
from typing import Any

from .fields import MAX_INTEGER
from .highs import Answer, maximise
from .rows import Rows
from .types import ProblemError

EXACT_COLUMNS = 1_000
SURE_COLUMNS = 600
SURE_NODES, EXACT_NODES = 900, 150  # of the solver, up to so many columns and above
MOMENT_S = 0.5


@dataclass(frozen=True, slots=True)
class Gap:
    """An instance: `costs[agent][job]`, `loads[agent][job]`, `capacities[agent]`."""

    name: str
    costs: tuple[tuple[int, ...], ...]
    loads: tuple[tuple[int, ...], ...]
    capacities: tuple[int, ...]


def read_gap(path: Path) -> Gap:
    """Read `m n`, m rows of n costs, m rows of n loads, m capacities.

    Raises ProblemError naming the file and what is wrong in it.
    """
    try:
        numbers = [int(word) for word in path.read_text(encoding="ascii").split()]
    except OSError as error:
        raise ProblemError(str(path), error.strerror or "cannot be read") from error
    except ValueError:
        raise ProblemError(str(path), "must hold whole numbers only") from None
    if len(numbers) < 2 or min(numbers[:2]) < 1:
        raise ProblemError(str(path), "must begin with the numbers of agents and jobs")
    agents, jobs = numbers[:2]
    if len(numbers) != 2 + 2 * agents * jobs + agents:
        want = 2 + 2 * agents * jobs + agents
        raise ProblemError(str(path), f"must hold {want} numbers, holds {len(numbers)}")
    if min(numbers) < 0:
        raise ProblemError(str(path), "must not hold negative numbers")
    if max(numbers) > MAX_INTEGER:
        raise ProblemError(str(path), f"must not hold numbers above {MAX_INTEGER}")
    table = [tuple(numbers[2 + r * jobs : 2 + (r + 1) * jobs]) for r in range(2 * agents)]
    return Gap(path.name, tuple(table[:agents]), tuple(table[agents:]), tuple(numbers[-agents:]))


def gap_text(instance: Gap) -> str:
    """The instance as `read_gap` reads it."""
    rows: list[tuple[int, ...]] = [(len(instance.costs), len(instance.costs[0]))]
    rows += [*instance.costs, *instance.loads, instance.capacities]
    return "".join(" ".join(map(str, row)) + "\n" for row in rows)


def solve_gap(instance: Gap, *, wall_s: float) -> dict[str, Any]:
    """Least total cost, as one JSON row: instance, value, bound, proven, seconds, cut.

    `value` is None when no assignment was found, `bound` too when there is none at all. All steps
    are counted, so that the same file gives the same row but for the seconds on any machine,
    unless `cut` says that `wall_s` ended one of them.
    """
    began = time.perf_counter()
    if len(instance.costs) * len(instance.costs[0]) > EXACT_COLUMNS:
        return _searched(instance, wall_s, began)
    rows = Rows()
    agents, jobs = range(len(instance.costs)), range(len(instance.costs[0]))
    x = [[rows.column(0, int(instance.loads[a][j] <= instance.capacities[a])) for j in jobs]
         for a in agents]  # fmt: skip
    for j in jobs:
        rows.row({x[a][j]: 1 for a in agents}, least=1, most=1)
    for a in agents:
        rows.row({x[a][j]: instance.loads[a][j] for j in jobs}, most=instance.capacities[a])
    saved = {x[a][j]: -instance.costs[a][j] for a in agents for j in jobs}
    nodes = SURE_NODES if agents.stop * jobs.stop <= SURE_COLUMNS else EXACT_NODES
    answer = maximise(rows, saved, wall_s=wall_s, nodes=nodes)
    if not answer.proven:
        return _searched(instance, wall_s, began, answer, x)
    value = None
    if answer.columns is not None:
        chosen = [[a for a in agents if answer.columns[x[a][j]]] for j in jobs]
        value = check_gap(instance, chosen)
    bound = None if answer.infeasible else -int(answer.bound)
    return {
        "instance": instance.name,
        "value": value,
        "bound": bound,
        "proven": value is not None and value == bound,
        "seconds": round(time.perf_counter() - began, 3),
        "cut": answer.late,
    }


def _searched(
    instance: Gap,
    wall_s: float,
    began: float,
    tried: Answer | None = None,
    x: Sequence[Sequence[int]] = (),
) -> dict[str, Any]:
    """The row of a search; the better of it and what was `tried`."""
    from .gapsearch import search_gap

    left = wall_s - (time.perf_counter() - began)
    searched = search_gap(instance, wall_s=max(MOMENT_S, left))
    chosen, bound = searched.chosen, searched.bound
    value = check_gap(instance, [[agent] for agent in chosen]) if chosen is not None else None
    if tried is not None and bound is not None:
        if tried.bound < inf:
            bound = max(bound, -int(tried.bound))
        found = tried.columns
        if found is not None:
            jobs = range(len(instance.costs[0]))
            other = check_gap(
                instance, [[a for a, row in enumerate(x) if found[row[j]]] for j in jobs]
            )
            value = min((v for v in (value, other) if v is not None), default=None)
    return {
        "instance": instance.name,
        "value": value,
        "bound": bound,
        "proven": value is not None and value == bound,
        "seconds": round(time.perf_counter() - began, 3),
        "cut": searched.cut or (tried is not None and tried.late),
    }


def generate_gap(family: str, agents: int, jobs: int, seed: int) -> Gap:
    """An instance of one of the published families A to E.

    A to D by Chu and Beasley ("A genetic algorithm for the generalised assignment problem",
    1997, after Martello and Toth): A and B have loads of 5 to 25, costs of 10 to 50, a capacity of
    9 jobs/agents + 0.4 × the largest load when every job goes to its cheapest agent, B 70 per
    cent of that; C the same with 0.8 of an even share of each agent's loads; D loads of 1 to 100
    and costs 111 − load ± 10. E by Laguna and others (1995): loads 1 − 10 ln u, costs
    1000/load − 10 u. Raises ProblemError for another family.
    """
    if family not in "ABCDE" or len(family) != 1:
        raise ProblemError("family", "must be A, B, C, D or E")
    for name, number in (("agents", agents), ("jobs", jobs)):
        if number < 1:
            raise ProblemError(name, "must be an integer ≥ 1")
    rng = random.Random(f"{family}/{agents}/{jobs}/{seed}")  # noqa: S311
    a, b = range(agents), range(jobs)
    if family == "E":
        loads = [[ceil(1 - 10 * log(1 - rng.random())) for _ in b] for _ in a]
        costs = [[ceil(1000 / loads[i][j] - 10 * rng.random()) for j in b] for i in a]
    elif family == "D":
        loads = [[rng.randint(1, 100) for _ in b] for _ in a]
        costs = [[max(1, 111 - loads[i][j] + rng.randint(-10, 10)) for j in b] for i in a]
    else:
        loads = [[rng.randint(5, 25) for _ in b] for _ in a]
        costs = [[rng.randint(10, 50) for _ in b] for _ in a]
    if family in "AB":
        cheapest = [min((costs[i][j], i) for i in a)[1] for j in b]
        most = max(sum(loads[i][j] for j in b if cheapest[j] == i) for i in a)
        # 60 per cent of an even share of loads of 15 on average, and 40 per cent of the most.
        even = 9 * jobs // agents + most * 2 // 5
        share = [even if family == "A" else even * 7 // 10] * agents
    else:
        share = [sum(row) * 8 // (10 * agents) for row in loads]
    if family == "E":
        share = [max(most, max(row)) for most, row in zip(share, loads, strict=True)]
    return Gap(
        f"{family.lower()}{agents:02d}{jobs}-{seed}",
        tuple(tuple(max(1, c) for c in row) for row in costs),
        tuple(tuple(row) for row in loads),
        tuple(share),
    )


def check_gap(instance: Gap, chosen: list[list[int]]) -> int | None:
    """The cost of an assignment worked out from the file itself; None if it breaks a rule."""
    if any(len(agents) != 1 for agents in chosen):
        return None
    used = [0] * len(instance.capacities)
    for job, (agent,) in enumerate(chosen):
        used[agent] += instance.loads[agent][job]
    if any(load > most for load, most in zip(used, instance.capacities, strict=True)):
        return None
    return sum(instance.costs[agents[0]][job] for job, agents in enumerate(chosen))
