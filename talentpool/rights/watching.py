"""Is it unusual how many people somebody has looked at in a day? (B-07)

A pure rule: the day's number is compared with what is usual for the viewer and for the viewer's
group. The figures of the rule are data (`ViewLimit`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Limit:
    """Below `least` people a day nothing is unusual, from `always` on everything is. Between the
    two a day is unusual when it has more than `times` the usual number, the viewer's own and the
    group's."""

    least: int
    always: int
    times: int


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual numbers of people a day; None where there is no day to compare with."""

    own: int | None
    group: int | None

    @property
    def highest(self) -> int:
        return max(self.own or 0, self.group or 0)


def usual(own: Sequence[int], group: Sequence[int]) -> Usual:
    """What is usual, by the days on which somebody was looked at: the viewer's own days, and those
    of the others in the group. The median: one wild day does not make the next one usual."""
    return Usual(
        own=round(median(own)) if own else None,
        group=round(median(group)) if group else None,
    )


def is_unusual(people: int, before: Usual, limit: Limit) -> bool:
    """Whether a day with so many different people is told to the prefecture.

    Somebody who looks at many people each day for a living is not told of each day; who gets there
    step by step is told of from `always` on.
    """
    if people >= limit.always:
        return True
    return people >= limit.least and people > limit.times * before.highest
