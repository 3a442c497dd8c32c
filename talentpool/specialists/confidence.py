"""How sure it is that declared days still hold: one function for ranking, estimates and lists.

The chance that a person who is approached for declared days says yes. It is highest right after
the person confirmed the days, falls with a half-life towards what remains without any news, and
moves with what the person did since: each kind of signal multiplies the odds, less the older it is.

The numbers below are this project's assumption, not a measured fact: what fits simulated people
best, whose ways were made up (`tests/bench/confidence.py`, seeds that are not scored there).
`calibration.fit` finds them anew from answers that came in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any, Final

SIGN_IN: Final = "sign_in"
ACCEPTED: Final = "accepted"
REPLIED: Final = "replied"  # declined for another reason than time: the days may still hold
DECLINED: Final = "declined"  # declined for want of time
UNANSWERED: Final = "unanswered"
KINDS: Final = (SIGN_IN, ACCEPTED, REPLIED, DECLINED, UNANSWERED)

DAY_SECONDS: Final = 86_400
LEAST, MOST = 10, 990  # permille: nothing is certain


@dataclass(frozen=True, slots=True)
class Parameters:
    """`fresh` and `floor` are chances right after a confirmation and long after it, half-lives are
    days, `ratios` what a fresh signal of each kind multiplies the odds by."""

    fresh: float = 0.91
    floor: float = 0.53
    half_life: float = 25.0
    signal_half_life: float = 30.0
    ratios: Mapping[str, float] = field(
        default_factory=lambda: {
            SIGN_IN: 1.5,
            ACCEPTED: 4.0,
            REPLIED: 4.6,
            DECLINED: 0.07,
            UNANSWERED: 0.2,
        }
    )


ASSUMED: Final = Parameters()


def chance(age: Any, signal_ages: Mapping[str, Any], parameters: Parameters = ASSUMED) -> Any:
    """The chance of a yes, 0 to 1. `age` is days since the last confirmation, `signal_ages` days
    since the latest signal of each kind; infinity stands for never.

    Takes numbers or arrays of numbers, so that fitting uses this very function.
    """
    kept = 2.0 ** (-age / parameters.half_life)
    base = parameters.floor + (parameters.fresh - parameters.floor) * kept
    odds = base / (1 - base)
    for kind, ratio in parameters.ratios.items():
        since = signal_ages.get(kind, inf)
        odds = odds * ratio ** (2.0 ** (-since / parameters.signal_half_life))
    return odds / (1 + odds)


def confidence(
    now: datetime,
    confirmed_at: datetime | None,
    signals: Mapping[str, datetime],
    parameters: Parameters = ASSUMED,
) -> int:
    """The chance of a yes in permille. `signals` holds the latest time of each kind.

    What came before the last confirmation counts no more: the person has answered it.
    """
    age = inf if confirmed_at is None else _days(confirmed_at, now)
    ages = {
        kind: _days(at, now)
        for kind, at in signals.items()
        if confirmed_at is None or at > confirmed_at
    }
    return min(MOST, max(LEAST, round(1000 * chance(age, ages, parameters))))


def _days(since: datetime, now: datetime) -> float:
    """Days from one time to another, never less than none."""
    return max(0.0, (now - since).total_seconds() / DAY_SECONDS)


def words(permille: int) -> str:
    """A confidence for people: 確か, ほぼ確か, 要確認, 不確か."""
    for least, word in ((800, "確か"), (650, "ほぼ確か"), (450, "要確認")):
        if permille >= least:
            return word
    return "不確か"
