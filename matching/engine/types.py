"""What the engine reads and writes: frozen records of integers and ids.

Units everywhere: work in half-days a month, money in yen, places in metres on a flat grid,
time in months counted from the first month of the horizon (half-open ranges), shares in per
cent, confidence in permille. Weekday masks: bit 0 is Monday, bit 6 Sunday.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ALL_WEEKDAYS = 0b0011111
WEEKS_PER_MONTH = 4  # every weekday occurs at least four times in any month
HALF_DAYS_PER_DAY = 2
PART_NEEDS = 100  # fewer are not worth a part of their own; see `parts`
PERSON_MONTH_HALF_DAYS = 40  # 人役: one full-time person, 20 days a month

Stopped = Literal["optimal", "limit", "fallback"]


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality. `vendors` maps the id of a firm to the reason for the conflict."""

    id: str
    name: str
    x: int = 0
    y: int = 0
    budget_yen: int | None = None
    vendors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Need:
    """What one town asks for.

    `half_days` is wanted a month for each of `count` people; a person may serve fewer, down to
    `least` (equal to `half_days` where no partial service is wanted). `all_or_nothing`: either
    all `count` people or nobody. `present` is the person who serves the need today.
    `budget_yen` is for each of them over the whole window, fixed costs included.
    """

    id: str
    town: str
    skills: tuple[tuple[str, int], ...]
    half_days: int
    start: int
    end: int
    least: int = 0
    count: int = 1
    priority: int = 1
    onsite_pct: int = 0
    weekdays: int = ALL_WEEKDAYS
    half_day_rate_cap_yen: int | None = None
    forms: frozenset[str] = frozenset()
    language: str = "ja"
    all_or_nothing: bool = False
    present: str | None = None
    budget_yen: int | None = None

    def __post_init__(self) -> None:
        if not self.least:
            object.__setattr__(self, "least", self.half_days)

    @property
    def months(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Specialist:
    """A person of the pool.

    `capacity` holds the half-days still free in each month: bookings outside this problem and
    tentative holds are already taken off, the accepted pairs of this problem are not.
    `serving` are towns served by those outside bookings; they count towards `max_towns`.
    `interests` are ids of firms the person has an interest in (`vendor`, the own firm, included
    automatically). `permission` is the range of months a side job is permitted for, None where
    no permission is needed. `monthly_fixed_yen` is asked a month, whatever is served; the towns
    served in that month bear it by their half-days.
    """

    id: str
    name: str
    levels: Mapping[str, int]
    capacity: tuple[int, ...]
    max_towns: int = 3
    serving: frozenset[str] = frozenset()
    weekdays: int = ALL_WEEKDAYS
    half_day_rate_yen: int = 0
    x: int = 0
    y: int = 0
    radius_m: int = 1_000_000
    onsite_max_pct: int = 100
    forms: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"ja"})
    vendor: str | None = None
    interests: frozenset[str] = frozenset()
    min_block: int = 1
    permission: tuple[int, int] | None = None
    confidence: int = 1000
    monthly_fixed_yen: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Towns that already use something jointly (共同利用グループ)."""

    id: str
    name: str
    towns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A pair that is agreed or locked by hand: held as it is, even where a pair rule fails."""

    need: str
    specialist: str
    half_days: int


@dataclass(frozen=True, slots=True)
class Declined:
    """A pair that must not come again, and why."""

    need: str
    specialist: str
    reason: str


@dataclass(frozen=True, slots=True)
class Weights:
    """The most points each term of the score can give (per half-day for `served`).

    `service` (a town with a first service) and `priority` (one place of priority 1) weigh
    against the score in the stage `weighted` only.
    """

    level: int = 300
    travel: int = 200
    pay: int = 150
    weekdays: int = 100
    confidence: int = 150
    served: int = 10
    continuity: int = 400
    group: int = 150
    route: int = 100
    service: int = 10_000
    priority: int = 2_000


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules of decision, published and versioned.

    `stages` are improved one after the other, none at the cost of an earlier one:
    `services_N` (towns with at least N places filled), `share_P_Q` (towns with at least P of Q
    of the places they ask for filled), `priority` (places filled, weighted by priority),
    `score`, or `weighted` (first services, priorities and score in one sum, for sizes at which
    a proof stage by stage takes too long). `policies` makes the stages of the policies to
    choose from.
    """

    version: str = "1"
    weights: Weights = field(default_factory=Weights)
    stages: tuple[str, ...] = ("services_1", "services_2", "services_3", "priority", "score")


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a run decides on. `first_month` ("2027-04") and `labels` serve texts only.

    `waived` are rules of a pair (R5, R8) that forbid nobody here, for a question; the points stay
    those of the radius and of the cap, so that nothing else changes.
    """

    horizon: int
    towns: tuple[Town, ...]
    needs: tuple[Need, ...]
    specialists: tuple[Specialist, ...]
    groups: tuple[Group, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    declined: tuple[Declined, ...] = ()
    policy: Policy = field(default_factory=Policy)
    first_month: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    waived: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Assignment:
    """One person serving one need; `score` is the sum of `terms`."""

    need: str
    specialist: str
    half_days: int
    score: int
    terms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class StageValue:
    """One stage of the objective: what was reached, and a bound no plan can pass."""

    name: str
    label: str
    value: int
    bound: int
    proven: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words, with its code and the number of people it concerns."""

    code: str
    text: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A need with `missing` people not found, and why."""

    need: str
    missing: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Uncoverable:
    """A town none of whose needs has anyone eligible, taken alone."""

    town: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """An answer. `stopped`: "optimal" only when every stage is proven; "limit" when the work
    or time ran out; "fallback" for the greedy plan. `handovers` are needs whose present person
    is replaced by another. `work` counts what a search did, so that it can be done again; `cut` in
    it says that the clock ended a step that is not counted (`cut_K` in part K), so that another
    run may find another plan. `start` are the pairs of an earlier plan that the search began with.
    `seconds` is the only part that differs between equal runs."""

    assignments: tuple[Assignment, ...]
    stages: tuple[StageValue, ...]
    unfilled: tuple[Unfilled, ...]
    uncoverable: tuple[Uncoverable, ...]
    handovers: tuple[str, ...]
    backend: str
    stopped: Stopped
    input_sha256: str
    versions: Mapping[str, str]
    work: Mapping[str, int] = field(default_factory=dict)
    start: tuple[Accepted, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What a running solve says: the stage it works on, stages done, stages in all."""

    stage: str
    done: int
    of: int


class ProblemError(ValueError):
    """The input is malformed; `field` names where, as in `needs[3].half_days`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class SolverFailed(RuntimeError):
    """The solver child was killed at its limit, crashed, or answered nonsense."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SolverTimedOut(SolverFailed):
    """The solver child had no plan at its limit and was killed for that."""
