"""HiGHS behind one function: one thread, seed 0, and no answer taken on trust.

The thread count is fixed because the pool of HiGHS is one for the whole process: a run with
another count after the first fails with an empty solution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf

import highspy
import numpy as np

from .rows import Rows
from .types import SolverFailed

INTEGRAL_GAP = 0.999  # whole-number objectives: closer than this to the bound is the bound
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out: column values when there is a solution, and a bound (maximisation). `late`:
    the clock ended it."""

    columns: tuple[int, ...] | None
    bound: float
    proven: bool
    infeasible: bool = False
    nodes: int = 0
    late: bool = False


def highs_version() -> str:
    """The version of the solver, as it goes into a plan."""
    return str(highspy.Highs().version())  # type: ignore[no-untyped-call]


def load(rows: Rows, costs: Mapping[int, float], *, relaxed: bool = False) -> highspy.Highs:
    """A HiGHS object with the program maximising `costs`, quiet and on one thread."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", INTEGRAL_GAP),
    ):
        solver.setOptionValue(name, value)
    program = highspy.HighsLp()
    program.num_col_ = len(rows.lower)
    program.num_row_ = len(rows.row_lower)
    objective = np.zeros(len(rows.lower))
    for column, cost in costs.items():
        objective[column] = cost
    program.col_cost_ = objective
    program.col_lower_ = np.array(rows.lower, dtype=float)
    program.col_upper_ = np.array(rows.upper, dtype=float)
    program.row_lower_ = np.array(rows.row_lower, dtype=float)
    program.row_upper_ = np.array(rows.row_upper, dtype=float)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.array(rows.starts, dtype=np.int32)
    program.a_matrix_.index_ = np.array(rows.columns, dtype=np.int32)
    program.a_matrix_.value_ = np.array(rows.values, dtype=float)
    program.sense_ = highspy.ObjSense.kMaximize
    if not relaxed:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        program.integrality_ = [kinds[whole] for whole in rows.integer]
    if solver.passModel(program) == highspy.HighsStatus.kError:
        raise SolverFailed("HiGHS refused the model")
    return solver


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The linear relaxation: its value, the price of each row at its optimum (what one more
    unit of the row's side would add), and the reduced cost of each column (what one unit of
    it would add). `value` is infinite when it was not solved, `late` says that the clock ended
    it."""

    value: float
    prices: tuple[float, ...]
    reduced: tuple[float, ...] = ()
    columns: tuple[float, ...] = ()
    infeasible: bool = False
    late: bool = False

    @property
    def bound(self) -> float:
        """The bound for whole-number objectives."""
        return whole(self.value)


def whole(bound: float) -> float:
    """A bound rounded down, forgiving the solver's tolerance."""
    return floor(bound + TOLERANCE * max(1.0, abs(bound) * 1e-3)) if abs(bound) < inf else bound


def relax(
    rows: Rows, costs: Mapping[int, float], *, wall_s: float = inf, method: str = "choose"
) -> Relaxed:
    """Solve the linear relaxation of maximising `costs`."""
    solver = load(rows, costs, relaxed=True)
    solver.setOptionValue("solver", method)
    if wall_s < inf:
        solver.setOptionValue("time_limit", max(0.05, wall_s))
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Relaxed(-inf, (), infeasible=True)
    if status != highspy.HighsModelStatus.kOptimal:
        return Relaxed(inf, (), late=status == highspy.HighsModelStatus.kTimeLimit)
    solution = solver.getSolution()
    return Relaxed(
        float(solver.getInfo().objective_function_value),
        tuple(solution.row_dual),
        tuple(solution.col_dual),
        tuple(solution.col_value),
    )


def maximise(
    rows: Rows,
    costs: Mapping[int, int],
    *,
    start: Sequence[int] | None = None,
    wall_s: float = inf,
    nodes: int | None = None,
    relative_gap: float = 0.0,
    closed: Sequence[int] = (),
) -> Answer:
    """Solve the program, the columns `closed` held at zero.

    The bound holds for whole-number objectives and is rounded down.
    Ends at `nodes` branch-and-bound nodes or `wall_s` seconds; a start is used when feasible.
    """
    solver = load(rows, costs)
    if closed:
        size, zeros = len(closed), np.zeros(len(closed))
        solver.changeColsBounds(size, np.array(closed, dtype=np.int32), zeros, zeros)
    if wall_s < inf:
        solver.setOptionValue("time_limit", max(0.05, wall_s))
    solver.setOptionValue("mip_rel_gap", relative_gap)
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = [float(value) for value in start]
        solver.setSolution(solution)
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Answer(None, -inf, proven=True, infeasible=True)
    info = solver.getInfo()
    columns = None
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        values = np.asarray(solver.getSolution().col_value)
        columns = tuple(round(value) for value in values)
    bound = info.mip_dual_bound
    if not rows.lower or not any(rows.integer):
        bound = info.objective_function_value
    return Answer(
        columns,
        whole(bound),
        proven=status == highspy.HighsModelStatus.kOptimal,
        nodes=int(info.mip_node_count),
        late=status == highspy.HighsModelStatus.kTimeLimit,
    )
