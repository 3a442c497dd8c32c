"""The points of a pair worked out anew for the verifier, from the records alone.

It shares no code with the score of the engine: the terms are those that `docs/engine.md` lists
under "Score", in plain integers.
"""

from __future__ import annotations

from .types import Need, Specialist, Town, Weights

LEVELS_TO_NOTHING = 4  # so many levels above those asked are worth no points for fit


def metres_between(ax: int, ay: int, bx: int, by: int) -> int:
    """Whole metres between two places, rounded down, by halving."""
    square = (ax - bx) ** 2 + (ay - by) ** 2
    low, high = 0, 1 << 32
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle * middle <= square else (low, middle)
    return low


def points_of(
    weights: Weights, need: Need, person: Specialist, town: Town, half_days: int
) -> dict[str, int]:
    """Every term of the pair at so many half-days a month."""
    spare = LEVELS_TO_NOTHING
    for code, level in need.skills:
        spare += level - person.levels.get(code, 0)
    asked = f"{need.weekdays:b}".count("1")
    both = f"{need.weekdays & person.weekdays:b}".count("1")
    points = {
        "level": weights.level * spare // LEVELS_TO_NOTHING if spare > 0 else 0,
        "travel": _travel(weights.travel, need, person, town),
        "pay": _pay(weights.pay, need.half_day_rate_cap_yen, person.half_day_rate_yen),
        "weekdays": weights.weekdays * both // asked,
        "confidence": weights.confidence * person.confidence // 1000,
        "served": weights.served * half_days,
    }
    if need.present is not None and need.present == person.id:
        points["continuity"] = weights.continuity
    return points


def _travel(most: int, need: Need, person: Specialist, town: Town) -> int:
    """All points where nobody travels, none at the edge of the range or beyond."""
    if need.onsite_pct == 0:
        return most
    reach = person.radius_m if person.radius_m > 0 else 1
    way = metres_between(person.x, person.y, town.x, town.y)
    return most * (reach - way) // reach if way < reach else 0


def _pay(most: int, cap: int | None, rate: int) -> int:
    """The room below the cap; half the points where there is no cap."""
    if not cap:
        return most // 2
    return most * (cap - rate) // cap if rate < cap else 0
