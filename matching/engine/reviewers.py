"""Reviewer assignment through the engine's solver: papers, reviewers, real-valued scores.

An adapter for a public kind of data. `total` maximises the sum of scores; `fair` first makes
the worst paper as good as can be, proven, then maximises the sum.
"""

from __future__ import annotations

import csv
import dataclasses
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite
from pathlib import Path
from typing import Any, Literal

from .highs import maximise, relax
from .rows import Rows
from .types import ProblemError

SCALE = 10**6  # scores become whole millionths
Objective = Literal["total", "fair"]


@dataclass(frozen=True, slots=True)
class Reviews:
    """`scores[paper, reviewer]` in millionths; pairs not in it are not allowed."""

    papers: tuple[str, ...]
    reviewers: tuple[str, ...]
    scores: Mapping[tuple[str, str], int]
    demand: int
    load: int
    least_load: int = 0
    conflicts: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def read_reviews(
    path: Path, *, demand: int, load: int, least_load: int = 0, conflicts: Path | None = None
) -> Reviews:
    """Read `paper,reviewer,score` rows and, for conflicts, `paper,reviewer` rows.

    Raises ProblemError naming the file and the line.
    """
    scores: dict[tuple[str, str], int] = {}
    for at, row in _rows(path, 3):
        try:
            score = float(row[2])
        except ValueError:
            score = inf
        if not isfinite(score) or abs(score) > 10**6:
            raise ProblemError(f"{path.name}:{at}", "must hold paper, reviewer and a score")
        if (row[0], row[1]) in scores:
            raise ProblemError(f"{path.name}:{at}", f"gives the pair {row[0]}, {row[1]} twice")
        scores[row[0], row[1]] = round(score * SCALE)
    if not scores:
        raise ProblemError(path.name, "holds no scores")
    for name, number in (("demand", demand), ("load", load)):
        if number < 1:
            raise ProblemError(name, "must be an integer ≥ 1")
    barred = {(row[0], row[1]) for _, row in _rows(conflicts, 2)} if conflicts else set()
    return Reviews(
        tuple(sorted({p for p, _ in scores})),
        tuple(sorted({r for _, r in scores})),
        scores,
        demand,
        load,
        least_load,
        frozenset(barred),
    )


def _rows(path: Path, width: int) -> Iterable[tuple[int, Sequence[str]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ProblemError(path.name, f"cannot be read: {error}") from error
    for at, row in enumerate(csv.reader(lines), 1):
        if at == 1 and row[:2] == ["paper", "reviewer"]:
            continue
        if len(row) != width or not all(cell.strip() for cell in row):
            raise ProblemError(f"{path.name}:{at}", f"must hold {width} values")
        yield at, row


def assign_reviewers(
    reviews: Reviews, objective: Objective = "total", *, wall_s: float = 10.0
) -> dict[str, Any]:
    """Every paper its `demand` of reviewers, every reviewer at most `load` papers.

    The row: objective, total and worst (score of the worst paper) with their bounds, proven
    (for `fair`: that no assignment has a better worst paper), seconds, assignments. `total`
    is None when there is no assignment.
    """
    began = time.perf_counter()
    rows = Rows()
    allowed = [pair for pair in sorted(reviews.scores) if pair not in reviews.conflicts]
    x = {pair: rows.column(0, 1) for pair in allowed}
    of_paper: dict[str, dict[int, int]] = {paper: {} for paper in reviews.papers}
    of_reviewer: dict[str, dict[int, int]] = {reviewer: {} for reviewer in reviews.reviewers}
    for (paper, reviewer), column in x.items():
        of_paper[paper][column] = reviews.scores[paper, reviewer]
        of_reviewer[reviewer][column] = 1
    for columns in of_paper.values():
        rows.row(dict.fromkeys(columns, 1), least=reviews.demand, most=reviews.demand)
    for columns in of_reviewer.values():
        rows.row(columns, least=reviews.least_load or None, most=reviews.load)
    scores = {column: reviews.scores[pair] for pair, column in x.items()}
    floor_bound = inf
    answer = maximise(rows, scores, wall_s=wall_s / 2, nodes=10_000)
    if objective == "fair" and answer.columns is not None:
        left = wall_s - (time.perf_counter() - began)
        start, floor_bound = _best_floor(rows, of_paper, answer.columns, left * 2 / 3)
        for columns in of_paper.values():
            rows.row(columns, least=_worst(of_paper, start))
        left = max(0.2, wall_s - (time.perf_counter() - began))
        answer = maximise(rows, scores, start=start, wall_s=left, nodes=10_000)
        if answer.columns is None:
            answer = dataclasses.replace(answer, columns=tuple(start))
    result: dict[str, Any] = {"objective": objective, "total": None, "worst": None}
    if answer.columns is not None and _sound(reviews, x, answer.columns):
        chosen = [pair for pair, column in x.items() if answer.columns[column]]
        sums = dict.fromkeys(reviews.papers, 0)
        for paper, reviewer in chosen:
            sums[paper] += reviews.scores[paper, reviewer]
        total, worst = sum(sums.values()), min(sums.values())
        bound = max(total, int(answer.bound))
        result |= {
            "total": total / SCALE,
            "total_bound": bound / SCALE,
            "worst": worst / SCALE,
            "proven": total == bound,
            "assignments": [list(pair) for pair in chosen],
        }
        if objective == "fair":
            proven = worst >= floor_bound
            result |= {"worst_bound": max(worst, int(floor_bound)) / SCALE, "proven": proven}
    return result | {"seconds": round(time.perf_counter() - began, 3)}


def _worst(of_paper: Mapping[str, Mapping[int, int]], chosen: Sequence[int]) -> int:
    """The score of the worst paper."""
    return min(sum(v * chosen[c] for c, v in columns.items()) for columns in of_paper.values())


def _best_floor(
    rows: Rows, of_paper: Mapping[str, Mapping[int, int]], start: Sequence[int], wall_s: float
) -> tuple[Sequence[int], float]:
    """An assignment with the best worst paper found, and a bound for the worst paper.

    The relaxation gives a bound; floors below it are tried by whole assignments, each trial
    giving up twice as much, then closing in from below.
    """
    until = time.perf_counter() + wall_s
    fair = rows.copy()
    most = max((abs(v) for c in of_paper.values() for v in c.values()), default=0) * 99
    least = fair.column(-most, most, integer=False)
    for columns in of_paper.values():
        fair.row({**columns, least: -1}, least=0)
    relaxed = relax(fair, {least: 1}, wall_s=wall_s)
    if not relaxed.reduced:
        return start, inf
    bound, best = relaxed.bound, start
    total = {c: v for columns in of_paper.values() for c, v in columns.items()}
    good = _worst(of_paper, best)
    floor, step = int(bound), max(1, int(abs(bound)) // 1000)
    closing = False
    while good < bound and time.perf_counter() < until:
        trial = rows.copy()
        for columns in of_paper.values():
            trial.row(columns, least=floor)
        left = max(0.2, until - time.perf_counter())
        answer = maximise(trial, total, wall_s=left, nodes=500, relative_gap=0.05)
        if answer.columns is not None:
            best, good, closing = answer.columns, _worst(of_paper, answer.columns), True
        elif answer.infeasible:
            bound = min(bound, floor - 1)
        elif closing:
            break
        if closing:
            floor = (good + int(bound) + 1) // 2
        else:
            floor, step = floor - step, step * 2
            closing = floor <= good
    return best, bound


def _sound(reviews: Reviews, x: Mapping[tuple[str, str], int], columns: Sequence[int]) -> bool:
    """The assignment checked from the scores themselves."""
    papers = dict.fromkeys(reviews.papers, 0)
    loads = dict.fromkeys(reviews.reviewers, 0)
    for (paper, reviewer), column in x.items():
        papers[paper] += columns[column]
        loads[reviewer] += columns[column]
    return all(n == reviews.demand for n in papers.values()) and all(
        reviews.least_load <= n <= reviews.load for n in loads.values()
    )
