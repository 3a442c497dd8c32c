"""Generalized assignment too large to solve whole: prices, a start that fits, neighbourhoods.

The linear relaxation gives a bound and a price for each agent's capacity. Jobs are placed by
priced cost, the ones with most to lose first; then groups of agents exchange their jobs by
small programs, until the time or the number of groups is used up.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from math import ceil, inf

from .gap import Gap
from .highs import maximise, relax
from .rows import Rows

GROUP_COLUMNS = 300
GROUP_NODES = 20
CHOICES = 5  # agents looked at for a job besides its own
SAMPLE = 8
TOLERANCE = 1e-6


def search_gap(instance: Gap, *, wall_s: float, seed: int = 0) -> tuple[list[int] | None, int]:
    """An agent for each job (None where no start was found), and a bound for the least cost."""
    until = time.perf_counter() + wall_s
    prices, value, whole = _prices(instance, wall_s / 2)
    bound = ceil(value - TOLERANCE * max(1.0, abs(value) * 1e-3)) if value > -inf else 0
    priced = [
        [cost + price * load for cost, load in zip(costs, loads, strict=True)]
        for costs, loads, price in zip(instance.costs, instance.loads, prices, strict=True)
    ]
    chosen = _start(instance, priced, whole) or _start(instance, priced, {})
    if chosen is None:
        chosen = _solved(instance, until - time.perf_counter())
    if chosen is None:
        return None, bound
    rng = random.Random(seed)  # noqa: S311 (a search, not a secret)
    ranks = _ranks(instance, priced)
    agents, jobs = len(instance.costs), len(instance.costs[0])
    size = max(2, min(agents, round(GROUP_COLUMNS * agents / (jobs * (CHOICES + 1)))))
    while time.perf_counter() < until and _cost(instance, chosen) > bound:
        group = _group(rng, ranks, priced, chosen, size)
        left = until - time.perf_counter()
        _exchange(instance, ranks, chosen, group, max(0.1, left))
    return chosen, bound


def _cost(instance: Gap, chosen: Sequence[int]) -> int:
    return sum(instance.costs[agent][job] for job, agent in enumerate(chosen))


def _program(instance: Gap) -> tuple[Rows, list[list[int]], dict[int, int]]:
    """The whole program: its rows (agents first), columns by agent and job, costs saved."""
    rows = Rows()
    agents, jobs = range(len(instance.costs)), range(len(instance.costs[0]))
    x = [
        [rows.column(0, int(instance.loads[a][j] <= instance.capacities[a])) for j in jobs]
        for a in agents
    ]
    for a in agents:
        rows.row({x[a][j]: instance.loads[a][j] for j in jobs}, most=instance.capacities[a])
    for j in jobs:
        rows.row({x[a][j]: 1 for a in agents}, least=1, most=1)
    return rows, x, {x[a][j]: -instance.costs[a][j] for a in agents for j in jobs}


def _solved(instance: Gap, wall_s: float) -> list[int] | None:
    """Some assignment by the solver, for the rare case that placing jobs got stuck."""
    rows, x, saved = _program(instance)
    answer = maximise(rows, saved, wall_s=max(1.0, wall_s), relative_gap=0.02)
    if answer.columns is None:
        return None
    agents = range(len(instance.costs))
    return [
        next(a for a in agents if answer.columns[x[a][j]]) for j in range(len(instance.costs[0]))
    ]


def _prices(instance: Gap, wall_s: float) -> tuple[list[float], float, dict[int, int]]:
    """The price of one unit of each agent's capacity, the value of the relaxation, and the
    agents of the jobs it does not split (all but as many as there are agents)."""
    rows, x, saved = _program(instance)
    agents, jobs = range(len(instance.costs)), range(len(instance.costs[0]))
    relaxed = relax(rows, saved, wall_s=wall_s)
    if not relaxed.prices:
        return [0.0] * len(instance.costs), -inf, {}
    whole = {j: a for a in agents for j in jobs if relaxed.columns[x[a][j]] > 1 - TOLERANCE}
    return [max(0.0, relaxed.prices[a]) for a in agents], -relaxed.value, whole


def _ranks(instance: Gap, priced: Sequence[Sequence[float]]) -> list[list[int]]:
    """For each job the agents that could take it, cheapest by price first."""
    agents = range(len(instance.costs))
    return [
        sorted(
            (a for a in agents if instance.loads[a][j] <= instance.capacities[a]),
            key=lambda a: (priced[a][j], a),
        )
        for j in range(len(instance.costs[0]))
    ]


def _start(
    instance: Gap, priced: Sequence[Sequence[float]], whole: Mapping[int, int]
) -> list[int] | None:
    """Place every job: as the relaxation does where it does not split it, then the ones with
    the largest regret first; make room where none is left."""
    ranks = _ranks(instance, priced)
    if any(not agents for agents in ranks):
        return None
    left = list(instance.capacities)
    chosen = [-1] * len(ranks)

    def regret(job: int) -> tuple[float, int]:
        best = ranks[job]
        second = priced[best[1]][job] - priced[best[0]][job] if len(best) > 1 else inf
        return -second, -max(instance.loads[a][job] for a in best[:2])

    for job, agent in whole.items():
        if instance.loads[agent][job] <= left[agent]:
            chosen[job] = agent
            left[agent] -= instance.loads[agent][job]
    waiting = sorted((j for j, a in enumerate(chosen) if a < 0), key=lambda job: (regret(job), job))
    pushes = 50 * len(ranks)
    while waiting:
        job = waiting.pop(0)
        for agent in ranks[job]:
            if instance.loads[agent][job] <= left[agent]:
                chosen[job] = agent
                left[agent] -= instance.loads[agent][job]
                break
        else:
            pushes -= 1
            if pushes < 0:
                return None
            # Nobody has room: push into a cheap agent and put others of its jobs out.
            agent = ranks[job][pushes % min(len(ranks[job]), CHOICES)]
            chosen[job] = agent
            left[agent] -= instance.loads[agent][job]
            out = sorted(
                (j for j, a in enumerate(chosen) if a == agent and j != job),
                key=lambda j: (priced[ranks[j][0]][j] - priced[agent][j], j),
            )
            for other in out:
                if left[agent] >= 0:
                    break
                left[agent] += instance.loads[agent][other]
                chosen[other] = -1
                waiting.append(other)
    return chosen


def _group(
    rng: random.Random,
    ranks: Sequence[Sequence[int]],
    priced: Sequence[Sequence[float]],
    chosen: Sequence[int],
    size: int,
) -> set[int]:
    """Agents that compete for the same jobs, grown from one job that is badly placed."""
    group: set[int] = set()
    while len(group) < size:
        sample = (rng.randrange(len(chosen)) for _ in range(SAMPLE))
        job = max(sample, key=lambda j: (priced[chosen[j]][j] - priced[ranks[j][0]][j], j))
        if group:
            agent = rng.choice(sorted(group))
            mine = [j for j, a in enumerate(chosen) if a == agent]
            job = rng.choice(mine) if mine and rng.random() < 0.8 else job
        group.add(chosen[job])
        for agent in ranks[job][:2]:
            if len(group) < size:
                group.add(agent)
    return group


def _exchange(
    instance: Gap,
    ranks: Sequence[Sequence[int]],
    chosen: list[int],
    group: set[int],
    wall_s: float,
) -> None:
    """Let the agents of a group exchange their jobs; never makes the assignment dearer."""
    rows = Rows()
    jobs = [j for j, a in enumerate(chosen) if a in group]
    columns: dict[tuple[int, int], int] = {}
    for j in jobs:
        near = [a for a in ranks[j] if a in group][: CHOICES + 1]
        for a in dict.fromkeys([*near, chosen[j]]):
            columns[a, j] = rows.column(0, 1)
    of_job: dict[int, dict[int, int]] = {}
    for (_, j), column in columns.items():
        of_job.setdefault(j, {})[column] = 1
    for mine in of_job.values():
        rows.row(mine, least=1, most=1)
    for agent in sorted(group):
        loads = {c: instance.loads[a][j] for (a, j), c in columns.items() if a == agent}
        rows.row(loads, most=instance.capacities[agent])
    start = [int(chosen[j] == a) for a, j in columns]
    saved = {c: -instance.costs[a][j] for (a, j), c in columns.items()}
    answer = maximise(rows, saved, start=start, wall_s=wall_s, nodes=GROUP_NODES, relative_gap=3e-4)
    if answer.columns is None:
        return
    better = dict(zip(columns, answer.columns, strict=True))
    placed = {j: a for (a, j), taken in better.items() if taken}
    before = sum(instance.costs[chosen[j]][j] for j in jobs)
    if sum(instance.costs[a][j] for j, a in placed.items()) <= before:
        for j, a in placed.items():
            chosen[j] = a
