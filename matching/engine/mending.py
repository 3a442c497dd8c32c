"""The best way to add a handful of pairs to what is held, by trying, with bounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .ledger import Ledger
from .lookup import Lookup, Pair
from .stages import bonus_of_person, towns_counted
from .tally import Tally
from .types import Need

MOST_TRIALS = 3_000


@dataclass(frozen=True, slots=True)
class _Hope:
    """The most that the options from one on can still add: places by town, priority, score."""

    places: dict[str, int]
    priority: int
    score: int


class Mending:
    """Options are pairs with room, grouped by need, the richest first. A branch is left when all
    that its remaining options could add is no better than the best set found.

    First every option takes all the half-days it has room for; then also fewer, down to its
    least, where a later option of the same person or a later one that its town pays could use
    them. Beyond MOST_TRIALS sets of either kind the best of those tried is taken.
    """

    def __init__(self, lookup: Lookup, ledger: Ledger, tally: Tally, pairs: Sequence[Pair]) -> None:
        self.lookup, self.ledger = lookup, ledger
        self.stages = lookup.problem.policy.stages
        self.held = {p.person: list(tally.of_person.get(p.person, ())) for p in pairs}
        self.counts = {
            town: tally.places.get(town, 0) for town in {lookup.needs[p.need].town for p in pairs}
        }
        options: dict[int, int] = {}
        for pair in pairs:
            options[pair.person] = options.get(pair.person, 0) + 1
        self.richest = {
            (p.need, p.person): p.base
            + lookup.weights.served * p.most
            + self._most_bonus(p, options[p.person])
            for p in pairs
        }
        best_of_need: dict[int, int] = {}
        for pair in pairs:
            points = self.richest[pair.need, pair.person]
            best_of_need[pair.need] = max(points, best_of_need.get(pair.need, points))
        self.pairs = sorted(
            pairs,
            key=lambda p: (
                -best_of_need[p.need], p.need, -self.richest[p.need, p.person], p.person
            ),
        )  # fmt: skip
        self.hopes = self._hopes()
        self.next_need = [0] * len(self.pairs)
        for k in reversed(range(len(self.pairs))):
            last = k + 1 == len(self.pairs) or self.pairs[k + 1].need != self.pairs[k].need
            self.next_need[k] = k + 1 if last else self.next_need[k + 1]
        self.shared = self._shared()
        self.lowering = False  # whether fewer half-days than there is room for are tried too
        self.trials = 0
        self.chosen: list[tuple[int, int, int]] = []
        self.best_value: tuple[int, ...] | None = None
        self.best_set: list[tuple[int, int, int]] = []

    def _most_bonus(self, pair: Pair, options: int) -> int:
        """The most points the pair's towns could earn together with the person's others."""
        lookup, town = self.lookup, self.lookup.needs[pair.need].town
        others = len(self.held[pair.person]) + options - 1
        groups = len(lookup.groups_of_town.get(town, ()))
        return others * (lookup.weights.group * groups + lookup.weights.route)

    def _hopes(self) -> list[_Hope]:
        """For every position the most that the options from there on could add."""
        hopes = [_Hope({}, 0, 0)]
        of_need: dict[int, list[int]] = {}
        for pair in reversed(self.pairs):
            need, last = self.lookup.needs[pair.need], hopes[-1]
            mine = of_need.setdefault(pair.need, [])
            mine.append(self.richest[pair.need, pair.person])
            # The options of a need stand together and come the poorest first here.
            places = self.ledger.places[pair.need]
            score = last.score + mine[-1]
            if len(mine) > places:
                hopes.append(_Hope(last.places, last.priority, score - mine[-1 - places]))
                continue
            more = {**last.places, need.town: last.places.get(need.town, 0) + 1}
            hopes.append(_Hope(more, last.priority + need.priority, score))
        return hopes[::-1]

    def _shared(self) -> list[bool]:
        """For every position whether half-days that the option leaves could serve a later one: of
        the same person in a month in common, or of the same town where it counts its money."""
        found: list[bool] = []
        windows: dict[int, list[Need]] = {}
        towns: set[str] = set()
        for pair in reversed(self.pairs):
            need = self.lookup.needs[pair.need]
            others = windows.setdefault(pair.person, [])
            together = any(n.start < need.end and need.start < n.end for n in others)
            found.append(together or (need.town in towns and need.town in self.ledger.budget))
            others.append(need)
            towns.add(need.town)
        return found[::-1]

    def best(self) -> list[tuple[int, int, int]]:
        """The pairs to take, as (need, person, half-days)."""
        self._extend(0, 0, 0)
        if any(self.shared):
            self.lowering, self.trials = True, 0
            self._extend(0, 0, 0)
        return self.best_set

    def _amounts(self, k: int, pair: Pair, room: int) -> Iterable[int]:
        """The half-days to try, the most first and then the least, which leaves most to others."""
        if not self.lowering or not self.shared[k] or room <= pair.least:
            return (room,)
        return (room, pair.least, *range(room - 1, pair.least, -1))

    def _extend(self, first: int, priority: int, score: int) -> None:
        self.trials += 1
        if self._whole():
            value = self._value(self.counts, priority, score)
            if self.best_value is None or value > self.best_value:
                self.best_value, self.best_set = value, list(self.chosen)
        k = first
        while k < len(self.pairs):
            pair = self.pairs[k]
            if self.ledger.places[pair.need] <= 0:
                k = self.next_need[k]
                continue
            if self.trials > MOST_TRIALS or self._hopeless(k, priority, score):
                return
            room = self.ledger.room(pair)
            for half_days in self._amounts(k, pair, room) if room else ():
                self._take(k, pair, half_days, priority, score)
            k += 1

    def _take(self, k: int, pair: Pair, half_days: int, priority: int, score: int) -> None:
        """Look at all that can follow when the pair is taken."""
        need, mine = self.lookup.needs[pair.need], self.held[pair.person]
        bonus = -bonus_of_person(self.lookup, pair.person, mine)
        mine.append(pair.need)
        bonus += bonus_of_person(self.lookup, pair.person, mine)
        self.ledger.take(pair.need, pair.person, half_days)
        self.chosen.append((pair.need, pair.person, half_days))
        self.counts[need.town] += 1
        points = pair.base + self.lookup.weights.served * half_days + bonus
        self._extend(k + 1, priority + need.priority, score + points)
        self.counts[need.town] -= 1
        self.chosen.pop()
        self.ledger.drop(pair.need, pair.person)
        mine.pop()

    def _hopeless(self, k: int, priority: int, score: int) -> bool:
        if self.best_value is None:
            return False
        hope = self.hopes[k]
        counts = {t: count + hope.places.get(t, 0) for t, count in self.counts.items()}
        most = self._value(counts, priority + hope.priority, score + hope.score)
        return most <= self.best_value

    def _whole(self) -> bool:
        """Whether needs that take all or nobody have all or nobody."""
        return all(
            not self.lookup.needs[i].all_or_nothing or self.ledger.places[i] == 0
            for i, _, _ in self.chosen
        )

    def _value(self, counts: dict[str, int], priority: int, score: int) -> tuple[int, ...]:
        """The stages as far as the towns in question decide them."""
        weights = self.lookup.weights
        first = sum(count >= 1 for count in counts.values())
        plain = {
            "priority": priority,
            "score": score,
            "weighted": weights.service * first + weights.priority * priority + score,
        }
        return tuple(
            plain[name] if name in plain else towns_counted(self.lookup, name, counts)
            for name in self.stages
        )
