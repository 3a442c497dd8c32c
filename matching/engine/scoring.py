"""The score of a pair: a table of named whole points, never a lone number."""

from __future__ import annotations

from .lookup import Lookup, distance_m
from .types import Need, Specialist

TERM_LABELS = {
    "level": "習熟度の適合",
    "travel": "移動のしやすさ",
    "pay": "報酬の余裕",
    "weekdays": "曜日の重なり",
    "confidence": "稼働情報の確かさ",
    "continuity": "担当の継続",
    "served": "充足する半日数",
}
LEVELS_ABOVE = 4  # so many levels above the asked ones leave no points for fit


def base_terms(lookup: Lookup, need: Need, person: Specialist) -> dict[str, int]:
    """The terms that do not depend on the half-days served.

    `level`: most for a person just at the asked level, so that the strongest stay free for the
    needs that only they can serve. `travel`: less with distance, full when nothing is on site.
    `pay`: room below the rate cap, half where there is none. `weekdays`: share of the asked
    weekdays. `confidence`: how fresh the declared availability is. `continuity`: the present
    person stays unless somebody else is better by this much.
    """
    weights = lookup.weights
    above = sum(person.levels.get(code, 0) - level for code, level in need.skills)
    terms = {
        "level": weights.level * max(0, LEVELS_ABOVE - above) // LEVELS_ABOVE,
        "travel": weights.travel,
        "pay": weights.pay // 2,
        "weekdays": weights.weekdays
        * (need.weekdays & person.weekdays).bit_count()
        // need.weekdays.bit_count(),
        "confidence": weights.confidence * person.confidence // 1000,
    }
    if need.onsite_pct:
        metres = distance_m(person, lookup.towns[need.town])
        radius = max(1, person.radius_m)
        terms["travel"] = weights.travel * max(0, radius - metres) // radius
    cap = need.half_day_rate_cap_yen
    if cap:
        terms["pay"] = weights.pay * max(0, cap - person.half_day_rate_yen) // cap
    if need.present == person.id:
        terms["continuity"] = weights.continuity
    return terms


def terms(lookup: Lookup, need: Need, person: Specialist, half_days: int) -> dict[str, int]:
    """All terms of a pair that serves `half_days` a month; their sum is its score."""
    return {**base_terms(lookup, need, person), "served": lookup.weights.served * half_days}
