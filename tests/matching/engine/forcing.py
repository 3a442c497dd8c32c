"""The way for large pools on pools small enough for the exact one: what must hold of both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from matching.engine import Problem, solve, verify
from matching.engine import arrays as engine_arrays
from matching.engine import pricing as engine_pricing
from matching.engine import solving as engine_solving


@dataclass(frozen=True, slots=True)
class Way:
    """How the way for large pools is forced: whether all loads may be listed for the prices, how
    many pairs of each need are kept (None: all), and the steps of work."""

    listed: bool
    kept: int | None
    search: int
    bounds: int


WAYS = (
    Way(listed=True, kept=None, search=12, bounds=60),
    Way(listed=False, kept=None, search=3, bounds=40),
    Way(listed=True, kept=3, search=12, bounds=40),
    Way(listed=False, kept=2, search=2, bounds=12),
)


@contextmanager
def forced(way: Way) -> Iterator[None]:
    """Limits of the engine set so that every pool is a large one."""
    limits: list[tuple[Any, str, int]] = [(engine_solving, "MOST_LOADS", 0)]
    if not way.listed:
        limits.append((engine_pricing, "MOST_STATIC_LOADS", 0))
    if way.kept is not None:
        limits += [(engine_arrays, "MOST_POSSIBLE", 0), (engine_arrays, "KEPT_PAIRS", way.kept)]
    before = [(module, name, getattr(module, name)) for module, name, _ in limits]
    try:
        for module, name, value in limits:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def large_faults(of: Problem, way: Way) -> str:
    """What is wrong with the plan and the bounds of the way for large pools, set beside the proven
    plan of the exact one; empty where nothing is. A bound speaks of plans that do as well in the
    stages before it, so that it is set beside the exact plan as far as that does."""
    with forced(way):
        plan = solve(of, wall_s=600, work={"search": way.search, "bounds": way.bounds})
    exact = solve(of, wall_s=600)
    wrong = [str(violation) for violation in verify(of, plan)]
    if exact.stopped != "optimal":
        wrong.append("the exact plan is not proven")
    if plan.backend != "search":
        wrong.append(f"was solved by {plan.backend}")
    values, best = ([s.value for s in p.stages] for p in (plan, exact))
    if values > best:
        wrong.append(f"{values} is better than the best {best}")
    for at, stage in enumerate(plan.stages):
        if stage.value > stage.bound:
            wrong.append(f"{stage.name}: {stage.value} is above its bound {stage.bound}")
        as_well = all(b >= v for b, v in zip(best[:at], values[:at], strict=True))
        if as_well and stage.bound < best[at]:
            wrong.append(f"{stage.name}: the bound {stage.bound} is below the best {best[at]}")
    return "; ".join(wrong)
