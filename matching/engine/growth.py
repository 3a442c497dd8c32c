"""What the loads of many people are grown from: levels, and the hope of a load to be the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .arrays import Ints, PairArrays
from .ledger import Ledger
from .lookup import Lookup, Pair

Small = NDArray[np.int32]
Words = NDArray[np.uint64]
Points = NDArray[np.float64]
Chosen = tuple[Small, Ints, Small]  # people, their choices, their bonuses
SLACK = 1e-3  # points: a load this close to what is known is kept


@dataclass(frozen=True, slots=True)
class Level:
    """Loads of the same number of choices, ordered by person. `members` are choices, one row a
    load; `bonus` are the points of score the set earns beyond its choices."""

    person: Small
    members: Small
    bonus: Small

    def __len__(self) -> int:
        return len(self.person)


class HasPeople(Protocol):
    """Choices by person, and how many of them a load of each person can have."""

    person: Small
    most_members: Ints


class Hope:
    """What loads may still become worth: `gains` a choice, `reach` the points of bonus it may
    bring, `score` what a point is worth, `least` the worth known of each person's best load,
    raised when better ones are found unless it is `fixed`."""

    def __init__(
        self, gains: Points, reach: Ints, score: float, least: Points, *, fixed: bool = False
    ) -> None:
        self.gains, self.score, self.least, self.fixed = gains, score, least, fixed
        self.most = gains + score * reach

    def ordered(self, spaces: HasPeople, choices: Ints) -> Ints:
        """The choices of each person, the most promising first, without those that could not
        even beside the best others come to what is known."""
        choices = choices[np.lexsort((-self.most[choices], spaces.person[choices]))]
        person, most = spaces.person[choices], self.most[choices]
        self.members = spaces.most_members
        first = np.searchsorted(person, person)
        end = np.searchsorted(person, person, side="right")
        sums = np.concatenate([[0.0], np.cumsum(most)])
        others = sums[np.minimum(end, first + self.members[person] - 1)] - sums[first]
        choices = choices[most + others >= self.least[person] - SLACK]
        person, most = spaces.person[choices], self.most[choices]
        self.end = np.searchsorted(person, person, side="right")
        self.wide = 4.0 * (1.0 + float(np.abs(most).max(initial=0.0)))
        self.keys = person * self.wide - most
        return choices

    def upto(self, level: Level, last: Ints) -> Ints:
        """Up to which position choices may lift each load to what is known: with the choice at
        hand and as many more as fit, none better than it. Raises what is known first."""
        worth = self.worth(level)
        first = np.flatnonzero(np.diff(level.person, prepend=-1))
        who = level.person[first]
        if not self.fixed:
            self.least[who] = np.maximum(self.least[who], np.maximum.reduceat(worth, first))
        more = np.maximum(0, self.members[level.person] - level.members.shape[1])
        lacking = (self.least[level.person] - SLACK - worth) / np.maximum(1, more)
        until = np.searchsorted(self.keys, level.person * self.wide - lacking, side="right")
        return np.where(more > 0, np.minimum(until, self.end[last]), 0)

    def worth(self, level: Level) -> Points:
        """What each load is worth."""
        worth: Points = np.asarray(self.score * level.bonus, dtype=np.float64)
        for column in level.members.T:
            worth = worth + self.gains[column]
        return worth


def whole_root(square: Ints) -> Ints:
    """The whole root, rounded down, of each number (below 2^52)."""
    root = np.floor(np.sqrt(square.astype(float))).astype(np.int64)
    root -= root * root > square
    root += (root + 1) * (root + 1) <= square
    return np.asarray(root, dtype=np.int64)


def rooms_of(lookup: Lookup, ledger: Ledger, pairs: PairArrays) -> Ints:
    """The most half-days of each pair on top of the ledger; 0 where its least does not fit."""
    rooms = pairs.most.copy()
    if not ledger.taken:
        return rooms
    needs = {i for i, _ in ledger.taken}
    towns = {lookup.needs[i].town for i in needs}
    near = {i for town in towns for i in lookup.needs_of_town[town]}
    touched = np.isin(pairs.need, sorted(near)) | np.isin(
        pairs.person, sorted({j for _, j in ledger.taken})
    )
    for row in np.flatnonzero(touched).tolist():
        columns = (pairs.need, pairs.person, pairs.least, pairs.most, pairs.base)
        rooms[row] = ledger.room(Pair(*(int(column[row]) for column in columns)))
    return rooms


def best_loads(
    levels: Sequence[Level], gains: Points, score: float, people: int
) -> tuple[Points, list[Chosen]]:
    """The worth of each person's best load (0: doing nothing), and those loads by level:
    people, choices, bonuses."""
    best = np.zeros(people)
    worths = []
    for level in levels:
        worth = score * level.bonus
        for column in level.members.T:
            worth = worth + gains[column]
        worths.append(worth)
        first = np.flatnonzero(np.diff(level.person, prepend=-1))
        if len(first):
            who = level.person[first]
            best[who] = np.maximum(best[who], np.maximum.reduceat(worth, first))
    done = best <= 0
    chosen: list[Chosen] = []
    for level, worth in zip(levels, worths, strict=True):
        rows = np.flatnonzero((worth >= best[level.person]) & ~done[level.person])
        who, at = np.unique(level.person[rows], return_index=True)
        done[who] = True
        chosen.append((who, level.members[rows[at]].astype(np.int64), level.bonus[rows[at]]))
    return best, chosen
