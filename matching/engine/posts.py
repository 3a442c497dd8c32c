"""Shared posts out of what stayed open: which towns should look for one person together.

A single need is far below one person-year; several together make a post somebody would take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isqrt

from .ledger import weekday_room
from .lookup import Lookup
from .types import PERSON_MONTH_HALF_DAYS, Need, Plan, Problem

NEAR_M = 40_000
MOST_TOWNS = 6  # of a post


@dataclass(frozen=True, slots=True)
class SharedPost:
    """A post for one person at two or more towns, at most one person-year.

    `half_days` is the busiest month, of what the needs want; where that is more than a person-year,
    of what they take at least, and the reasons say so. `skills` is what the person must bring for
    all needs.
    """

    needs: tuple[str, ...]
    towns: tuple[str, ...]
    skills: tuple[tuple[str, int], ...]
    half_days: int
    reasons: tuple[str, ...]


def shared_posts(
    problem: Problem, plan: Plan, *, most_towns: int = MOST_TOWNS
) -> tuple[SharedPost, ...]:
    """Open places combined into shared posts, the most towns in a post first.

    Needs go together when one person could do them all: a language and a form in common, room
    within one person (40 half-days a month), visits no further apart than 40 km and days enough
    for them, and no skill more than what the needs have in common plus one. Each open place is
    in one post at most, and the places of one need, which are for different people, are in
    different posts. Needs are counted with the half-days they want; a second town that does not
    fit so comes in with what both take at least.
    """
    lookup = Lookup(problem)
    left = {u.need: u.missing for u in plan.unfilled}
    open_needs = [lookup.needs[lookup.need_at[need_id]] for need_id in left]
    rest = sorted(open_needs, key=lambda n: (-n.priority, -n.half_days, n.id))
    begins = [need for need in rest if visits_fit((), need, least_of)]
    posts = []
    while begins:
        post = _grow(lookup, begins[0], rest, most_towns)
        if len({n.town for n in post}) < 2:
            # What finds no other town now finds none later, as fewer places are left then; but
            # another post may still take it in.
            del begins[0]
            continue
        posts.append(_post(lookup, post))
        for need in post:
            left[need.id] -= 1
        rest = [n for n in rest if left[n.id]]
        begins = [n for n in begins if left[n.id]]
    return tuple(sorted(posts, key=lambda p: (-len(p.towns), -p.half_days, p.needs)))


def _grow(lookup: Lookup, first: Need, rest: Sequence[Need], most_towns: int) -> list[Need]:
    """The needs that go with the first. Until two towns are in, one of another town comes before
    one of the same, which could fill the person alone."""
    post = [first]
    while True:
        others = [n for n in rest if n not in post]
        able = [n for n in others if goes_with(lookup, post, n, most_towns, _wanted)]
        alone = len({n.town for n in post}) < 2
        if alone and not any(n.town != first.town for n in able):
            elsewhere = [n for n in others if n.town != first.town]
            able += [n for n in elsewhere if goes_with(lookup, post, n, most_towns, least_of)]
        if not able:
            return post
        post.append(
            min(
                able,
                key=lambda n: (
                    alone and n.town == first.town, *_distance(lookup, post, n), n.id
                ),
            )
        )  # fmt: skip


Count = Callable[[Need], int]  # the half-days a month that a need is counted with


def _wanted(need: Need) -> int:
    return need.half_days


def least_of(need: Need) -> int:
    return need.least


def goes_with(
    lookup: Lookup, post: Sequence[Need], need: Need, most_towns: int, count: Count
) -> bool:
    known, codes = {c for n in post for c, _ in n.skills}, {c for c, _ in need.skills}
    if need.language != post[0].language or not known & codes or len(codes - known) > 1:
        return False
    together = [*post, need]
    forms = [n.forms for n in together if n.forms]
    if forms and not frozenset.intersection(*forms):
        return False
    return (
        len({n.town for n in together}) <= most_towns
        and _busiest(lookup, together, count) <= PERSON_MONTH_HALF_DAYS
        and (
            not need.onsite_pct
            or all(_apart(lookup, need, n) <= NEAR_M for n in post if n.onsite_pct)
        )
        and visits_fit(post, need, count)
    )


def visits_fit(post: Sequence[Need], need: Need, count: Count) -> bool:
    """Whether somebody who can come on all weekdays has days for the visits of the need beside
    those of the post."""
    if not need.onsite_pct:
        return True
    visits = [(n, n.weekdays, count(n)) for n in post if n.onsite_pct]
    return weekday_room(need, need.weekdays, visits) >= count(need)


def _all_visits_fit(needs: Sequence[Need], count: Count) -> bool:
    """Whether the visits of all needs have days beside each other."""
    return all(visits_fit(needs[:k], need, count) for k, need in enumerate(needs))


def may_share(lookup: Lookup, one: Need, other: Need) -> bool:
    """What two needs of one post have in common at least, were nothing else in it, where they are
    the two that brought one of them in: a language, a form, a skill, room, visits not too far."""
    return (
        one.language == other.language
        and bool({c for c, _ in one.skills} & {c for c, _ in other.skills})
        and (not one.forms or not other.forms or bool(one.forms & other.forms))
        and _busiest(lookup, (one, other), least_of) <= PERSON_MONTH_HALF_DAYS
        and (not one.onsite_pct or not other.onsite_pct or _apart(lookup, one, other) <= NEAR_M)
    )


def _distance(lookup: Lookup, post: Sequence[Need], need: Need) -> tuple[int, int, int]:
    """How far from easy sharing is: joint-use groups and skills in common first, then metres."""
    groups = {g for n in post for g in lookup.groups_of_town.get(n.town, ())}
    codes = {code for n in post for code, _ in n.skills}
    shared = len(groups & set(lookup.groups_of_town.get(need.town, ())))
    common = len(codes & {code for code, _ in need.skills})
    return -shared, -common, min(_apart(lookup, need, n) for n in post)


def _apart(lookup: Lookup, one: Need, other: Need) -> int:
    a, b = lookup.towns[one.town], lookup.towns[other.town]
    return isqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2)


def _busiest(lookup: Lookup, needs: Sequence[Need], count: Count) -> int:
    return max(
        sum(count(n) for n in needs if n.start <= month < n.end)
        for month in range(lookup.problem.horizon)
    )


def _post(lookup: Lookup, needs: Sequence[Need]) -> SharedPost:
    skills: dict[str, int] = {}
    for need in needs:
        for code, level in need.skills:
            skills[code] = max(level, skills.get(code, 0))
    towns = tuple(sorted({n.town for n in needs}))
    busiest = wanted = _busiest(lookup, needs, _wanted)
    in_part = wanted > PERSON_MONTH_HALF_DAYS or not _all_visits_fit(needs, _wanted)
    if in_part:
        busiest = _busiest(lookup, needs, least_of)
    reasons = [
        f"{len(towns)}市町を合わせて月{busiest}半日で、1人役({PERSON_MONTH_HALF_DAYS}半日)に収まります"
    ]
    if in_part:
        reasons.append(
            f"希望どおりの月{wanted}半日は1人では受けきれないため、"
            "各案件の最少の半日数で数えています"
        )
    shared = [code for code in skills if sum(code in {c for c, _ in n.skills} for n in needs) > 1]
    if shared:
        names = "、".join(lookup.label(code) for code in sorted(shared))
        reasons.append(f"同じスキル({names})を求めています")
    for group in lookup.problem.groups:
        members = sorted(group.towns & set(towns))
        if len(members) > 1:
            names = "、".join(lookup.towns[t].name for t in members)
            reasons.append(f"{names}は共同利用グループ「{group.name}」の仲間です")
    visited = [n for n in needs if n.onsite_pct]
    if len({n.town for n in visited}) > 1:
        far = max(_apart(lookup, a, b) for a in visited for b in visited)
        reasons.append(f"訪問先どうしは{-(-far // 1000)}km以内です")
    return SharedPost(
        tuple(sorted(n.id for n in needs)), towns, tuple(sorted(skills.items())), busiest,
        tuple(reasons),
    )  # fmt: skip
