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
from io import StringIO
from math import inf, isfinite
from pathlib import Path
from typing import Any, Literal

from .fields import as_integer
from .highs import Answer, maximise, relax
from .rows import Rows
from .types import ProblemError, SolverFailed

MOST_PAPERS = 10**6  # of one reviewer, and reviewers of one paper
SCALE = 10**6  # scores become whole millionths
Objective = Literal["total", "fair"]
MOMENT_S = 0.2
TOTAL_NODES = 10_000
FLOOR_NODES = 100
FLOOR_GAP = 0.05  # the total matters only once the floor is settled


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
        as_integer(number, name, least=1, most=MOST_PAPERS)
    if not 0 <= least_load <= load:
        raise ProblemError("least_load", f"must be an integer 0 to {load}, the load")
    papers, reviewers = {p for p, _ in scores}, {r for _, r in scores}
    barred = _conflicts(conflicts, papers, reviewers) if conflicts else frozenset()
    return Reviews(
        tuple(sorted(papers)), tuple(sorted(reviewers)), scores, demand, load, least_load, barred
    )


def _rows(path: Path, width: int) -> Iterable[tuple[int, Sequence[str]]]:
    """The rows with their lines, each cell without the blanks around it; a header is left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ProblemError(str(path), error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise ProblemError(str(path), f"is not UTF-8: {error}") from error
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if reader.line_num == 1 and cells[:2] == ["paper", "reviewer"]:
                continue
            if len(cells) != width or not all(cells):
                raise ProblemError(f"{path.name}:{reader.line_num}", f"must hold {width} values")
            yield reader.line_num, cells
    except csv.Error as error:
        raise ProblemError(f"{path.name}:{reader.line_num}", f"is not CSV: {error}") from error


def _conflicts(path: Path, papers: set[str], reviewers: set[str]) -> frozenset[tuple[str, str]]:
    """The pairs of a file of conflicts, all of papers and reviewers that have scores: a misspelt
    one would otherwise forbid nothing."""
    found = set()
    for at, (paper, reviewer) in _rows(path, 2):
        for name, known, what in ((paper, papers, "paper"), (reviewer, reviewers, "reviewer")):
            if name not in known:
                raise ProblemError(f"{path.name}:{at}", f"names a {what} without scores: {name}")
        found.add((paper, reviewer))
    return frozenset(found)


def assign_reviewers(
    reviews: Reviews, objective: Objective = "total", *, wall_s: float = 10.0
) -> dict[str, Any]:
    """Every paper its `demand` of reviewers, every reviewer at most `load` papers.

    The row: objective, total and worst (score of the worst paper) with their bounds, proven
    (for `fair`: that no assignment has a better worst paper), seconds, assignments. `total`
    is None when there is no assignment, or none was found in time: `proven` tells which.
    """
    began = time.perf_counter()
    until = began + wall_s
    program = _Program(reviews)
    # Without floors every corner of the relaxation is whole (an assignment with capacities).
    best = program.solve(None, wall_s=wall_s)
    result: dict[str, Any] = {
        "objective": objective, "total": None, "worst": None, "proven": best.infeasible
    }  # fmt: skip
    if best.columns is not None:
        floor_bound, bound = inf, best.bound
        if objective == "fair":
            start, floor_bound = program.best_floor(best.columns, until)
            floor = program.worst(start)
            left = max(MOMENT_S, until - time.perf_counter())
            fair = program.solve(floor, start=start, wall_s=left, nodes=TOTAL_NODES)
            best = (
                fair
                if fair.columns is not None
                else dataclasses.replace(fair, columns=tuple(start))
            )
            bound = min(bound, best.bound)
        result |= _row(reviews, program, best.columns or (), bound, floor_bound)
    return result | {"seconds": round(time.perf_counter() - began, 3)}


def _row(
    reviews: Reviews, program: _Program, columns: Sequence[int], bound: float, floor_bound: float
) -> dict[str, Any]:
    """The figures of an assignment; raises SolverFailed when it is none."""
    if not _sound(reviews, program.x, columns):
        raise SolverFailed("the assignment breaks the demand or the loads")
    chosen = [pair for pair, column in program.x.items() if columns[column]]
    total, worst = sum(reviews.scores[pair] for pair in chosen), program.worst(columns)
    most = max(total, int(bound)) if bound < inf else None
    row: dict[str, Any] = {
        "total": total / SCALE,
        "total_bound": None if most is None else most / SCALE,
        "worst": worst / SCALE,
        "proven": total == most,
        "assignments": [list(pair) for pair in chosen],
    }
    if floor_bound < inf:
        row["worst_bound"] = max(worst, int(floor_bound)) / SCALE
        row["proven"] = worst >= floor_bound
    return row


class _Program:
    """Papers and reviewers as a program; a floor under every paper's score can be asked for."""

    def __init__(self, reviews: Reviews) -> None:
        self.reviews = reviews
        allowed = [pair for pair in sorted(reviews.scores) if pair not in reviews.conflicts]
        self.x = {pair: column for column, pair in enumerate(allowed)}
        self.scores = {column: reviews.scores[pair] for pair, column in self.x.items()}
        self.of_paper: dict[str, list[int]] = {paper: [] for paper in reviews.papers}
        self.of_reviewer: dict[str, list[int]] = {name: [] for name in reviews.reviewers}
        for (paper, reviewer), column in self.x.items():
            self.of_paper[paper].append(column)
            self.of_reviewer[reviewer].append(column)

    def worst(self, columns: Sequence[int]) -> int:
        """The score of the worst paper."""
        return min(
            sum(self.scores[c] * columns[c] for c in mine) for mine in self.of_paper.values()
        )

    def is_short(self) -> bool:
        """Whether some paper has too few reviewers who may read it, or a reviewer too few papers:
        plain without a solver, which knows no program without columns."""
        few = any(len(mine) < self.reviews.demand for mine in self.of_paper.values())
        return few or any(len(mine) < self.reviews.least_load for mine in self.of_reviewer.values())

    def rows(self, floor: int | None) -> Rows | None:
        """The rows, with every paper at `floor` or above; None where some paper cannot be.

        A reviewer who falls below the floor even beside the paper's best others is closed, and a
        paper that is above it with any of those left needs no row: little is left to decide.
        """
        rows = Rows()
        for _ in self.x:
            rows.column(0, 1)
        demand = self.reviews.demand
        for mine in self.of_paper.values():
            rows.row(dict.fromkeys(mine, 1), least=demand, most=demand)
        for mine in self.of_reviewer.values():
            least = self.reviews.least_load or None
            rows.row(dict.fromkeys(mine, 1), least=least, most=self.reviews.load)
        for mine in self.of_paper.values() if floor is not None else ():
            ranked = sorted((self.scores[c] for c in mine), reverse=True)
            best, beside = sum(ranked[:demand]), sum(ranked[: demand - 1])
            if best < (floor or 0):
                return None
            # Beside its best others: those who are among the best themselves reach `best`.
            last = ranked[demand - 1] if len(ranked) >= demand else 0
            open_ = [c for c in mine if self.scores[c] >= last
                     or beside + self.scores[c] >= (floor or 0)]  # fmt: skip
            rows.close(set(mine) - set(open_))
            if sum(sorted(self.scores[c] for c in open_)[:demand]) < (floor or 0):
                rows.row({c: self.scores[c] for c in open_}, least=floor)
        return rows

    def solve(
        self,
        floor: int | None,
        *,
        wall_s: float,
        start: Sequence[int] | None = None,
        nodes: int | None = None,
        gap: float = 0.0,
    ) -> Answer:
        """The best total with every paper at the floor or above."""
        rows = None if self.is_short() else self.rows(floor)
        if rows is None:
            return Answer(None, -inf, proven=True, infeasible=True)
        if floor is not None:
            relaxed = relax(rows, self.scores, wall_s=wall_s)
            if relaxed.infeasible:
                return Answer(None, -inf, proven=True, infeasible=True)
        return maximise(
            rows, self.scores, start=start, wall_s=wall_s, nodes=nodes, relative_gap=gap
        )

    def best_floor(self, start: Sequence[int], until: float) -> tuple[Sequence[int], float]:
        """An assignment with the best worst paper found, and a bound for the worst paper.

        Halving between the best known and the bound: a floor is reached, or proven out of reach,
        or neither in its share of nodes; then lower ones are tried and the bound stays.
        """
        demand = self.reviews.demand
        bound = min(
            sum(sorted((self.scores[c] for c in mine), reverse=True)[:demand])
            for mine in self.of_paper.values()
        )
        best, good = start, self.worst(start)
        ceiling, nodes = bound, FLOOR_NODES  # below the ceiling nothing was given up yet
        while good < bound:
            left = until - time.perf_counter()
            if left <= MOMENT_S:
                break
            if good >= ceiling:
                ceiling, nodes = bound, nodes * 8
            floor = (good + ceiling + 1) // 2
            answer = self.solve(floor, wall_s=left, nodes=nodes, gap=FLOOR_GAP)
            if answer.columns is not None:
                best, good = answer.columns, self.worst(answer.columns)
            elif answer.infeasible:
                bound = ceiling = min(bound, floor - 1)
            else:
                ceiling = floor - 1
        return best, float(bound)


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
