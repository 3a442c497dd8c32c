"""The best plan of a small problem by trying every one; nothing is shared with the engine but the
records, and the points that the verifier works out (`recount`)."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product
from math import isqrt
from typing import Any

from matching.engine import Need, Problem, Specialist, Town
from matching.engine.recount import points_of

Worth = dict[tuple[Any, ...], int]  # points of pairs and of one person's needs


def best_by_trial(of: Problem) -> tuple[int, ...]:
    """The best stage values by trying every plan; rules written out anew, nothing shared."""
    towns = {t.id: t for t in of.towns}
    need_at = {n.id: i for i, n in enumerate(of.needs)}
    person_at = {s.id: j for j, s in enumerate(of.specialists)}
    held = {(need_at[a.need], person_at[a.specialist]): a.half_days for a in of.accepted}
    options: list[list[tuple[tuple[int, int, int], ...]]] = []
    for i, n in enumerate(of.needs):
        mine = [(k[1], h) for k, h in held.items() if k[0] == i]
        taken_by = {j for j, _ in mine}
        singles = [
            (i, j, h)
            for j, s in enumerate(of.specialists) if j not in taken_by
            for h in range(1, n.half_days + 1) if _may(of, n, s, towns[n.town], h)
        ]  # fmt: skip
        choices: list[tuple[tuple[int, int, int], ...]] = [()]
        if n.count - len(mine) >= 1 and not (n.all_or_nothing and n.count - len(mine) > 1):
            choices += [(one,) for one in singles]
        if n.count - len(mine) >= 2:
            choices += [
                (a, b) for a, b in product(singles, singles) if a[1] < b[1]
            ]  # fmt: skip
        options.append(choices)
    # The fullest choices first: what is found early lets more be left out.
    for choices in options:
        choices.sort(key=lambda choice: (-len(choice), -sum(h for _, _, h in choice)))
    worth: Worth = {}
    best: list[tuple[int, ...]] = [values_of(of, held, worth)]

    def extend(at: int, taken: dict[tuple[int, int], int]) -> None:
        if at == len(options):
            best[0] = max(best[0], values_of(of, taken, worth))
            return
        if _most(of, taken, options[at:], worth) <= best[0]:
            return
        for choice in options[at]:
            more = {**taken, **{(i, j): h for i, j, h in choice}}
            if not choice or _fits(of, towns, held, more):
                extend(at + 1, more)

    extend(0, held)
    return best[0]


def values_of(of: Problem, taken: dict[tuple[int, int], int], worth: Worth) -> tuple[int, ...]:
    """The value of every stage, counted anew from the records; `worth` keeps what was counted."""
    places: Counter[str] = Counter(of.needs[i].town for i, _ in taken)
    priority = sum(of.needs[i].priority for i, _ in taken)
    score = sum(_points(of, i, j, h, worth) for (i, j), h in taken.items())
    for j in {j for _, j in taken}:
        mine = tuple(sorted(i for i, k in taken if k == j))
        if (j, mine) not in worth:
            worth[j, mine] = _bonus(of, of.specialists[j], [of.needs[i] for i in mine])
        score += worth[j, mine]
    return _in_stages(of, places, priority, score)


def _in_stages(of: Problem, places: Counter[str], priority: int, score: int) -> tuple[int, ...]:
    weights = of.policy.weights
    asked: Counter[str] = Counter()
    for n in of.needs:
        asked[n.town] += n.count
    plain = {
        "priority": priority,
        "score": score,
        "weighted": weights.service * len(places) + weights.priority * priority + score,
    }
    values = []
    for name in of.policy.stages:
        kind, *numbers = name.split("_")
        if kind == "services":
            values.append(sum(count >= int(numbers[0]) for count in places.values()))
        elif kind == "share":
            part, whole = map(int, numbers)
            values.append(sum(n * whole >= part * asked[t] for t, n in places.items()))
        else:
            values.append(plain[name])
    return tuple(values)


def _most(
    of: Problem,
    taken: dict[tuple[int, int], int],
    options: list[list[tuple[tuple[int, int, int], ...]]],
    worth: Worth,
) -> tuple[int, ...]:
    """No plan that goes on with these options has any value above these: every need takes its
    richest choice, whatever that leaves the others, and every town joins every bonus."""
    places: Counter[str] = Counter(of.needs[i].town for i, _ in taken)
    priority = sum(of.needs[i].priority for i, _ in taken)
    score = sum(_points(of, i, j, h, worth) for (i, j), h in taken.items())
    for choices in options:
        full = max(choices, key=len)
        for i, _, _ in full:
            places[of.needs[i].town] += 1
            priority += of.needs[i].priority
        score += max(sum(_points(of, i, j, h, worth) for i, j, h in choice) for choice in choices)
    towns, weights = len(places), of.policy.weights
    score += len(of.specialists) * (
        weights.group * len(of.groups) * towns + weights.route * towns * towns
    )
    return _in_stages(of, places, priority, score)


def _points(of: Problem, i: int, j: int, half_days: int, worth: Worth) -> int:
    key = (i, j, half_days)
    if key not in worth:
        n, s = of.needs[i], of.specialists[j]
        place = next(t for t in of.towns if t.id == n.town)
        worth[key] = sum(points_of(of.policy.weights, n, s, place, half_days).values())
    return worth[key]


def _bonus(of: Problem, s: Specialist, needs: list[Need]) -> int:
    """Towns of one group beyond the first, and pairs of towns visited on one way."""
    weights, towns = of.policy.weights, {t.id: t for t in of.towns}
    served, visited = {n.town for n in needs}, sorted({n.town for n in needs if n.onsite_pct})
    points = sum(weights.group * max(0, len(g.towns & served) - 1) for g in of.groups)
    for a, b in combinations(visited, 2):
        one, other = towns[a], towns[b]
        ways = [isqrt((s.x - t.x) ** 2 + (s.y - t.y) ** 2) for t in (one, other)]
        between = isqrt((one.x - other.x) ** 2 + (one.y - other.y) ** 2)
        if min(ways) > 0 and (min(ways) + between - max(ways)) * 5 <= max(ways):
            points += weights.route
    return points


def _may(of: Problem, n: Need, s: Specialist, t: Town, half_days: int) -> bool:
    far = ((s.x - t.x) ** 2 + (s.y - t.y) ** 2) > s.radius_m**2
    firms = {*s.interests, s.vendor}
    months = range(n.start, n.end)
    return (
        all(s.levels.get(code, 0) >= level for code, level in n.skills)
        and max(n.least, s.min_block) <= half_days <= n.half_days
        and all(s.capacity[m] >= half_days for m in months)
        and n.weekdays & s.weekdays != 0
        and not (n.onsite_pct and far)
        and n.onsite_pct <= s.onsite_max_pct
        and (not n.forms or not s.forms or bool(n.forms & s.forms))
        and (n.half_day_rate_cap_yen is None or s.half_day_rate_yen <= n.half_day_rate_cap_yen)
        and (
            n.budget_yen is None
            or half_days
            * sum(s.half_day_rate_yen + s.monthly_fixed_yen // s.capacity[m] for m in months)
            <= n.budget_yen
        )
        and n.language in s.languages
        and not (firms & t.vendors.keys())
        and (n.id, s.id) not in {(d.need, d.specialist) for d in of.declined}
        and (s.permission is None or all(s.permission[0] <= m < s.permission[1] for m in months))
    )


def _fits(
    of: Problem, towns: dict[str, Town], held: dict[tuple[int, int], int],
    taken: dict[tuple[int, int], int],
) -> bool:  # fmt: skip
    for j, s in enumerate(of.specialists):
        mine = [(of.needs[i], h, (i, k) in held) for (i, k), h in taken.items() if k == j]
        before = {n.town for n, _, fixed in mine if fixed} | s.serving
        after = before | {n.town for n, _, _ in mine}
        if after != before and len(after) > s.max_towns:
            return False
        for month in range(of.horizon):
            active = [(n, h, fixed) for n, h, fixed in mine if n.start <= month < n.end]
            if sum(h for _, h, _ in active) > s.capacity[month]:
                return False
            for days in range(1, 32):
                inside = [v for v in active if (v[0].weekdays & s.weekdays) | days == days]
                load = sum(n.onsite_pct * h for n, h, _ in inside if n.onsite_pct)
                new = any(not fixed and n.onsite_pct for n, _, fixed in inside)
                if new and load > 800 * days.bit_count():
                    return False
    for t in towns.values():
        if t.budget_yen is None:
            continue
        spent = fixed_cost = 0
        for (i, j), h in taken.items():
            n = of.needs[i]
            if n.town == t.id:
                cost = h * of.specialists[j].half_day_rate_yen * (n.end - n.start)
                spent += cost
                fixed_cost += cost if (i, j) in held else 0
        if spent > max(t.budget_yen, fixed_cost):
            return False
    return True
