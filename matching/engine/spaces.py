"""The choices of all people as columns, and the loads made of them a whole level at a time.

`loads.Space` looks at one person; here the loads of thousands of people grow together: all
loads of one choice, then all of two, and so on. A choice is a pair with its half-days. The
free half-days of the months of a person lie side by side in machine words, eight bits each,
so that one subtraction compares eight months.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Ints, Mask, PairArrays
from .growth import Hope, Level, Points, Small, Words, rooms_of, whole_root
from .ledger import Ledger
from .loads import Load, TooManyLoads, fits_weekdays
from .lookup import Lookup, same_way
from .rules import WEEKDAY_HALF_DAYS
from .scoring import base_terms
from .stages import bonus_of_person

MONTHS_IN_WORD = 8
GUARD = np.uint64(0x8080808080808080)
CHUNK = 1_000_000
NO_TOWN = -1
MOST_AT_ONCE = 6  # members: so many unions of weekdays are tried together


@dataclass(frozen=True, slots=True)
class _Growing:
    """A level on its way: the last choice by position, what is free, towns taken anew."""

    level: Level
    last: Ints
    free: tuple[Words, ...]
    fresh: Small

    def rows(self, at: slice | Mask) -> _Growing:
        level = Level(self.level.person[at], self.level.members[at], self.level.bonus[at])
        return _Growing(level, self.last[at], tuple(w[at] for w in self.free), self.fresh[at])


class Spaces:
    """Columns of the choices on top of what a ledger holds, ordered by person and need."""

    def __init__(self, lookup: Lookup, ledger: Ledger, pairs: PairArrays) -> None:
        self.lookup, self.ledger, self.rest = lookup, ledger, pairs.rest
        rooms = rooms_of(lookup, ledger, pairs)
        rows = np.flatnonzero(rooms >= pairs.least)
        rows = rows[np.lexsort((pairs.need[rows], pairs.person[rows]))]
        least, most = pairs.least[rows], rooms[rows]
        each = most - least + 1
        pair = np.repeat(np.arange(len(rows)), each)
        self.row = rows[pair]
        self.person = pairs.person[self.row].astype(np.int32)
        self.need = pairs.need[self.row].astype(np.int32)
        start = np.cumsum(each) - each
        self.half_days = (most[pair] - (np.arange(len(pair)) - start[pair])).astype(np.int32)
        self.base = pairs.base[self.row].astype(np.int32)
        self._of_needs()
        self._of_people()
        self._of_held()
        self.most_members = self._most_members()
        self.more_in_town = self._more_in_town()

    def __len__(self) -> int:
        return len(self.row)

    def _of_needs(self) -> None:
        needs, towns = self.lookup.needs, self.lookup.problem.towns
        town_at = {town.id: i for i, town in enumerate(towns)}
        self.town_of_need = np.array([town_at[n.town] for n in needs], dtype=np.int32)
        self.town = self.town_of_need[self.need]
        self.priority = np.array([n.priority for n in needs], dtype=np.int32)[self.need]
        months = np.array([n.months for n in needs], dtype=np.int64)[self.need]
        rates = np.array([p.half_day_rate_yen for p in self.lookup.people], dtype=np.int64)
        self.cost = self.half_days * months * rates[self.person]
        self.onsite = np.array([n.onsite_pct for n in needs], dtype=np.int32)[self.need]
        words = -(-max(1, self.lookup.problem.horizon) // MONTHS_IN_WORD)
        window = np.zeros((len(needs), words * MONTHS_IN_WORD), dtype=np.uint8)
        for i, need in enumerate(needs):
            window[i, need.start : need.end] = 1
        self.window = window[:, : self.lookup.problem.horizon].astype(np.int32)
        packed = window.view(np.uint64)
        half_days = self.half_days.astype(np.uint64)
        self.demand = tuple(packed[self.need, w] * half_days for w in range(words))
        groups = self.lookup.groups_of_town
        width = max((len(groups.get(t.id, ())) for t in towns), default=0)
        self.groups_of_town = np.full((len(towns), width), NO_TOWN, dtype=np.int32)
        for i, town in enumerate(towns):
            mine = groups.get(town.id, [])
            self.groups_of_town[i, : len(mine)] = mine
        self.town_x = np.array([t.x for t in towns], dtype=np.int64)
        self.town_y = np.array([t.y for t in towns], dtype=np.int64)

    def _of_people(self) -> None:
        people = self.lookup.people
        free = np.zeros((len(people), len(self.demand) * MONTHS_IN_WORD), dtype=np.uint8)
        horizon = self.lookup.problem.horizon
        free[:, :horizon] = np.array(self.ledger.free, dtype=np.uint8).reshape(-1, horizon)
        packed = free.view(np.uint64) | GUARD
        self.free = tuple(np.ascontiguousarray(packed[:, w]) for w in range(len(self.demand)))
        x = np.array([p.x for p in people], dtype=np.int64)[self.person]
        y = np.array([p.y for p in people], dtype=np.int64)[self.person]
        self.metres = whole_root(
            (x - self.town_x[self.town]) ** 2 + (y - self.town_y[self.town]) ** 2
        )
        needs = np.array([n.weekdays for n in self.lookup.needs], dtype=np.int32)
        who = np.array([p.weekdays for p in people], dtype=np.int32)
        self.mask = needs[self.need] & who[self.person]
        self.visit = self.onsite * self.half_days
        self.days = np.where(self.visit > 0, np.bitwise_count(self.mask), 7).astype(np.int32)
        self.most_towns = np.array(
            [max(0, p.max_towns - len(p.serving)) for p in people], dtype=np.int32
        )
        self.known = np.zeros(len(self), dtype=bool)
        serving = {j for j, person in enumerate(people) if person.serving}
        if serving:
            for o in np.flatnonzero(np.isin(self.person, sorted(serving))).tolist():
                person = people[self.person[o]]
                self.known[o] = self.lookup.problem.towns[self.town[o]].id in person.serving

    def _of_held(self) -> None:
        """What people do already: towns known, bonuses towards held towns, visits."""
        self.score = self.base + self.lookup.weights.served * self.half_days
        self.held_town = np.zeros(len(self), dtype=bool)
        self.held_visit = np.zeros(len(self), dtype=bool)
        self.groups = self.groups_of_town[self.town]
        self.visits: dict[int, list[tuple[int, int, int, int]]] = {}
        held = sorted({j for _, j in self.ledger.taken})
        for j in held:
            self._hold(j, np.flatnonzero(self.person == j))

    def _hold(self, j: int, choices: Ints) -> None:
        lookup, person = self.lookup, self.lookup.people[j]
        weights = lookup.weights
        towns = set(self.ledger.towns[j])
        self.most_towns[j] = max(0, person.max_towns - len(person.serving | towns))
        visits = self.ledger.visits.get(j, ())
        visited = {lookup.needs[i].town for i, _ in visits}
        self.visits[j] = [
            (n.weekdays & person.weekdays, n.onsite_pct * h, n.start, n.end)
            for n, h in ((lookup.needs[i], h) for i, h in visits)
        ]
        groups = {g for town in towns for g in lookup.groups_of_town.get(town, ())}
        for o in choices.tolist():
            town = lookup.problem.towns[self.town[o]]
            self.known[o] |= town.id in towns
            self.held_town[o] = town.id in towns
            if not self.held_town[o]:
                mine = [g for g in lookup.groups_of_town.get(town.id, ()) if g in groups]
                self.score[o] += weights.group * len(mine)
                self.groups[o][np.isin(self.groups[o], mine)] = NO_TOWN
            self.held_visit[o] = town.id in visited
            if self.onsite[o] and not self.held_visit[o]:
                self.score[o] += weights.route * sum(
                    same_way(person, town, lookup.towns[other]) for other in visited
                )

    # --- growing ----------------------------------------------------------------------------
    def grow(self, choices: Ints, limit: int, hope: Hope | None = None) -> list[Level]:
        """All loads of the choices given (ordered by person), by their number of choices; with
        `hope` only those that may still become worth as much as is known for their person.

        Bonuses towards held towns count once for each choice, as a town with several needs may
        do: never less than what the load earns. Raises TooManyLoads beyond `limit`.
        """
        if hope is not None:
            choices = hope.ordered(self, choices)
        person = self.person[choices]
        end = np.searchsorted(person, person, side="right")
        level = Level(person, choices[:, None].astype(np.int32), np.zeros(len(choices), np.int32))
        fresh = (~self.known[choices]).astype(np.int32)
        ok = fresh <= self.most_towns[person]
        free = tuple(f[person] - d[choices] for f, d in zip(self.free, self.demand, strict=True))
        at = np.arange(len(choices))
        growing = _Growing(
            Level(person[ok], level.members[ok], level.bonus[ok]),
            at[ok], tuple(word[ok] for word in free), fresh[ok],
        )  # fmt: skip
        levels = []
        total = 0
        while len(growing.level):
            total += len(growing.level)
            if total > limit:
                raise TooManyLoads
            levels.append(growing.level)
            upto = end[growing.last] if hope is None else hope.upto(growing.level, growing.last)
            count = np.where(self._open(growing), np.maximum(0, upto - growing.last - 1), 0)
            growing = self._next(growing, choices, count, limit - total)
        return levels

    def _open(self, now: _Growing) -> Mask:
        """The loads that may have a choice more: in a new town, or in a town of theirs."""
        ok: Mask = now.fresh < self.most_towns[now.level.person]
        for column in now.level.members.T:
            ok |= self.more_in_town[column]
        return ok

    def _next(self, now: _Growing, choices: Ints, count: Ints, limit: int) -> _Growing:
        """The level with one choice more, `count` of the next ones to be tried for each load."""
        borders = np.cumsum(count)
        parts, found, first = [], 0, 0
        while first < len(count):
            before = borders[first - 1] if first else 0
            upto = int(np.searchsorted(borders, before + CHUNK, side="right"))
            upto = max(upto, first + 1)
            part = self._extend(now.rows(slice(first, upto)), count[first:upto], choices)
            found += len(part.level)
            if found > limit:
                raise TooManyLoads
            parts.append(part)
            first = upto
        if len(parts) == 1:
            return parts[0]
        width = now.level.members.shape[1] + 1
        if not parts:
            empty = np.zeros(0, np.int32)
            return _Growing(Level(empty, np.zeros((0, width), np.int32), empty), np.zeros(0, int),
                            tuple(np.zeros(0, np.uint64) for _ in now.free), empty)  # fmt: skip
        return _Growing(
            Level(
                np.concatenate([p.level.person for p in parts]),
                np.concatenate([p.level.members for p in parts]),
                np.concatenate([p.level.bonus for p in parts]),
            ),
            np.concatenate([p.last for p in parts]),
            tuple(np.concatenate([p.free[w] for p in parts]) for w in range(len(now.free))),
            np.concatenate([p.fresh for p in parts]),
        )

    def _extend(self, now: _Growing, count: Ints, choices: Ints) -> _Growing:
        """Every load with every later choice of its person, where the rules allow it."""
        offset = np.repeat(now.last + 1 - (np.cumsum(count) - count), count)
        at = np.arange(len(offset)) + offset
        word, demand = now.free[0], self.demand[0][choices]
        rows = np.flatnonzero(((np.repeat(word, count) - demand[at]) & GUARD) == GUARD)
        at = at[rows]
        load = np.repeat(np.arange(len(count)), count)[rows]
        for word, asked in zip(now.free[1:], self.demand[1:], strict=True):
            ok = ((word[load] - asked[choices[at]]) & GUARD) == GUARD
            load, at = load[ok], at[ok]
        choice = choices[at]
        members = now.level.members[load]
        new = ~self.known[choice]
        ok = np.ones(len(load), dtype=bool)
        town, need = self.town[choice], self.need[choice]
        for column in members.T:
            ok &= self.need[column] != need
            new &= self.town[column] != town
        fresh = now.fresh[load] + new
        person = now.level.person[load]
        ok &= fresh <= self.most_towns[person]
        ok &= self._weekdays_ok(ok, person, members, choice)
        load, at, choice, members = load[ok], at[ok], choice[ok], members[ok]
        fresh, person = fresh[ok], person[ok]
        bonus = now.level.bonus[load] + self._bonus(person, members, choice)
        free = tuple(f[load] - d[choice] for f, d in zip(now.free, self.demand, strict=True))
        members = np.concatenate([members, choice[:, None].astype(np.int32)], axis=1)
        return _Growing(
            Level(person, members, bonus.astype(np.int32)), at, free, fresh.astype(np.int32)
        )

    def _weekdays_ok(self, ask: Mask, person: Small, members: Small, choice: Ints) -> Mask:
        """Whether the visits fit the weekdays; `ask` are the rows that matter."""
        rows = np.flatnonzero(ask & (self.visit[choice] > 0))
        total = self.visit[choice[rows]]
        fewest = self.days[choice[rows]]
        for column in members.T:
            theirs = column[rows]
            total = total + self.visit[theirs]
            fewest = np.minimum(fewest, self.days[theirs])
        doubt = total > 100 * WEEKDAY_HALF_DAYS * fewest
        if self.visits:
            doubt |= np.isin(person[rows], sorted(self.visits))
        rows = rows[doubt]
        ok = np.ones(len(choice), dtype=bool)
        by_hand = np.isin(person[rows], sorted(self.visits))
        if members.shape[1] >= MOST_AT_ONCE:
            by_hand[:] = True
        for row in rows[by_hand].tolist():
            visits = [*self.visits.get(int(person[row]), ())]
            visits += [self._visit(int(o)) for o in members[row] if self.onsite[o]]
            newest = self._visit(int(choice[row]))
            ok[row] = fits_weekdays([*visits, newest], newest[2], newest[3])
        rows = rows[~by_hand]
        if len(rows):
            ok[rows] = self._fit(np.concatenate([members[rows], choice[rows][:, None]], axis=1))
        return ok

    def _fit(self, members: Ints) -> Mask:
        """Hall's condition as in `loads.fits_weekdays`, the last member being the newest: no
        set of weekdays is asked for more than it has, in any month of the newest."""
        mask, visit = self.mask[members], self.visit[members]
        window = self.window[self.need[members]]  # rows, members, months
        window = window * window[:, -1:, :]
        asked = visit[:, :, None] * window
        ok = np.ones(len(members), dtype=bool)
        others = members.shape[1] - 1
        for subset in range(1 << others):
            union = mask[:, -1].copy()
            for k in range(others):
                if subset >> k & 1:
                    union |= np.where(visit[:, k] > 0, mask[:, k], 0)
            inside = (mask | union[:, None]) == union[:, None]
            load = (asked * inside[:, :, None]).sum(axis=1).max(axis=1)
            ok &= load <= 100 * WEEKDAY_HALF_DAYS * np.bitwise_count(union).astype(np.int32)
        return ok

    def _visit(self, choice: int) -> tuple[int, int, int, int]:
        need = self.lookup.needs[self.need[choice]]
        return int(self.mask[choice]), int(self.visit[choice]), need.start, need.end

    def _bonus(self, person: Small, members: Small, choice: Ints) -> Ints:
        """The points that the new choice adds towards the towns of the load."""
        weights = self.lookup.weights
        bonus = np.zeros(len(choice), dtype=np.int64)
        if not len(choice):
            return bonus
        town = self.town[choice]
        towns = self.town[members]
        new = ~self.held_town[choice] & (towns != town[:, None]).all(axis=1)
        for m in range(self.groups.shape[1] if weights.group else 0):
            group = self.groups[choice, m]
            rows = np.flatnonzero(new & (group >= 0))
            if len(rows):
                theirs = self.groups_of_town[towns[rows]]
                shared = (theirs == group[rows][:, None, None]).any(axis=(1, 2))
                bonus[rows] += weights.group * shared
        if weights.route:
            rows = np.flatnonzero((self.onsite[choice] > 0) & ~self.held_visit[choice])
            bonus[rows] += weights.route * self._same_ways(members[rows], choice[rows])
        return bonus

    def _same_ways(self, members: Small, choice: Ints) -> Ints:
        """How many towns already visited lie the same way as the town newly visited."""
        count = np.zeros(len(choice), dtype=np.int64)
        visited = np.zeros(len(choice), dtype=bool)
        town = self.town[choice]
        for k, column in enumerate(members.T):
            other = self.town[column]
            on_site = self.onsite[column] > 0
            visited |= on_site & (other == town)
            first = on_site & ~self.held_visit[column]
            for earlier in members.T[:k]:
                first &= ~((self.onsite[earlier] > 0) & (self.town[earlier] == other))
            rows = np.flatnonzero(first & (other != town))
            near = np.minimum(self.metres[choice[rows]], self.metres[column[rows]])
            far = np.maximum(self.metres[choice[rows]], self.metres[column[rows]])
            a, b = town[rows], other[rows]
            between = whole_root(
                (self.town_x[a] - self.town_x[b]) ** 2 + (self.town_y[a] - self.town_y[b]) ** 2
            )
            count[rows] += (near > 0) & (5 * (near + between - far) <= far)
        count[visited] = 0
        return count

    def _more_in_town(self) -> Mask:
        """The choices whose person could serve another need of a town known to the load."""
        needs, towns = len(self.lookup.needs), self.town_x.size
        place = self.person.astype(np.int64) * towns + self.town
        spot = np.unique(self.person.astype(np.int64) * needs + self.need)
        several, count = np.unique(
            spot // needs * towns + self.town_of_need[spot % needs], return_counts=True
        )
        if not len(several):
            return np.zeros(len(self), dtype=bool)
        known = np.zeros(len(self.lookup.people), dtype=bool)
        known[self.person[self.known]] = True
        more: Mask = count[np.searchsorted(several, place)] > 1
        return more | known[self.person]

    def _most_members(self) -> Ints:
        """At most so many choices a load of each person can have: by its towns, and by the
        half-days of all its months."""
        people, towns, needs = len(self.lookup.people), self.town_x.size, len(self.lookup.needs)
        spot = np.unique(self.person.astype(np.int64) * needs + self.need)
        place = spot // needs * towns + self.town_of_need[spot % needs]
        spot, count = np.unique(place, return_counts=True)
        who = spot // towns
        order = np.lexsort((-count, who))
        nth = np.arange(len(who)) - np.searchsorted(who, who)
        open_towns = self.most_towns.astype(np.int64)
        open_towns = open_towns + np.bincount(self.person[self.known], minlength=people)
        ok = nth < open_towns[who]
        most = np.bincount(who[ok], count[order][ok], minlength=people).astype(np.int64)
        months = np.array([n.months for n in self.lookup.needs], dtype=np.int64)[self.need]
        least = np.full(people, 1 << 30, dtype=np.int64)
        np.minimum.at(least, self.person, months * self.half_days)
        free = np.array([sum(months) for months in self.ledger.free], dtype=np.int64)
        limit: Ints = np.maximum(1, np.minimum(most, free // np.maximum(1, least)))
        return limit

    def reach(self) -> Ints:
        """The most points of bonus each choice can bring to a load of its person."""
        weights = self.lookup.weights
        people, towns = len(self.lookup.people), len(self.lookup.problem.towns)
        reach = np.zeros(len(self), dtype=np.int64)
        if not len(self):
            return reach
        place = self.person.astype(np.int64) * towns + self.town
        for m in range(self.groups.shape[1]):
            group = self.groups[:, m]
            rows = np.flatnonzero(group >= 0)
            if weights.group and len(rows):
                seen = np.unique(place[rows])
                for k in range(self.groups_of_town.shape[1]):
                    theirs = self.groups_of_town[seen % towns, k]
                    key = np.unique(
                        np.stack([seen // towns, theirs])[:, theirs >= 0],
                        axis=1,
                        return_counts=True,
                    )
                    many = {
                        (int(j), int(g))
                        for (j, g), n in zip(key[0].T, key[1], strict=True)
                        if n > 1
                    }
                    pairs = zip(self.person[rows].tolist(), group[rows].tolist(), strict=True)
                    reach[rows] += weights.group * np.array(
                        [pair in many for pair in pairs], dtype=np.int64
                    )
        if weights.route:
            reach += weights.route * self._ways(place, people)
        return reach

    def _ways(self, place: Ints, people: int) -> Ints:
        """How many towns of its person's other visits lie the same way, as far as towns go."""
        rows = np.flatnonzero((self.onsite > 0) & ~self.held_visit)
        seen, first = np.unique(place[rows], return_index=True)
        choice = rows[first]
        person = self.person[choice]
        end = np.searchsorted(person, person, side="right")
        ways = np.zeros(len(seen), dtype=np.int64)
        for step in range(1, int((end - np.arange(len(seen))).max(initial=1))):
            one = np.flatnonzero(np.arange(len(seen)) + step < end)
            other = one + step
            found = self._same_ways(choice[one][:, None].astype(np.int32), choice[other]) > 0
            np.add.at(ways, one[found], 1)
            np.add.at(ways, other[found], 1)
        known = np.zeros(people, dtype=np.int64)
        np.add.at(known, self.person[self.known], 1)
        most = np.maximum(0, self.most_towns + known - 1)
        count = np.zeros(len(self), dtype=np.int64)
        count[rows] = ways[np.searchsorted(seen, place[rows])]
        return np.asarray(np.minimum(count, most[self.person]), dtype=np.int64)

    # --- loads as records --------------------------------------------------------------------
    def best_of(
        self, levels: Sequence[Level], gains: Points, score: float, most: int
    ) -> list[Load]:
        """The loads worth most of each person, so many at most, as records."""
        person = np.concatenate([level.person for level in levels])
        worths = []
        for level in levels:
            worth = score * level.bonus
            for column in level.members.T:
                worth = worth + gains[column]
            worths.append(worth)
        order = np.lexsort((-np.concatenate(worths), person))
        nth = np.arange(len(order)) - np.searchsorted(person[order], person[order])
        rows = np.sort(order[nth < most])
        borders = np.cumsum([0, *(len(level) for level in levels)])
        loads = []
        for k, level in enumerate(levels):
            mine = rows[(rows >= borders[k]) & (rows < borders[k + 1])] - borders[k]
            loads += self.records(level.person[mine], level.members[mine], level.bonus[mine])
        return loads

    def records(self, person: Small, members: Small, bonus: Small) -> list[Load]:
        """The loads of these people, choices and bonuses as records."""
        needs, half_days = self.need[members].tolist(), self.half_days[members].tolist()
        priority = self.priority[members].sum(axis=1).tolist()
        points = (self.score[members].sum(axis=1) + bonus).tolist()
        loads = []
        for at, j in enumerate(person.tolist()):
            choices = tuple(sorted(zip(needs[at], half_days[at], strict=True)))
            if j in self.visits:
                loads.append(self.load_of(j, choices))
            else:
                loads.append(Load(j, choices, priority[at], points[at]))
        return loads

    def load_of(self, j: int, choices: Sequence[tuple[int, int]]) -> Load:
        """The load of these needs and half-days of a person, as a record."""
        lookup = self.lookup
        held = [i for i, who in self.ledger.taken if who == j] if j in self.visits else []
        needs = [i for i, _ in choices]
        score = bonus_of_person(lookup, j, [*held, *needs]) - bonus_of_person(lookup, j, held)
        for i, half_days in choices:
            score += sum(base_terms(lookup, lookup.needs[i], lookup.people[j]).values())
            score += lookup.weights.served * half_days
        priority = sum(lookup.needs[i].priority for i in needs)
        return Load(j, tuple(sorted(choices)), priority, score)
