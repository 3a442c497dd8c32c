"""How far shared posts are from the best there could be: places in posts, and posts for them.

`posts` makes posts in one pass. Here its places are set beside a bound that no way of combining
passes, and its number of posts beside the fewest that could hold as much work. Groups of open
places that have nothing to do with each other are looked at one by one, small ones exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .lookup import Lookup
from .posts import MOST_TOWNS, SharedPost, goes_with, least_of, may_share, shared_posts, visits_fit
from .types import PERSON_MONTH_HALF_DAYS, Need, Plan, Problem

MOST_EXACT = 9  # open places of a group that is looked at exactly


@dataclass(frozen=True, slots=True)
class Pooling:
    """The posts and how good they are. `places` are the open places in posts, no way of combining
    brings more than `most_places` into posts; `fewest_posts` is what the places that are in posts
    need at least. `proven`: both are met."""

    posts: tuple[SharedPost, ...]
    open_places: int
    places: int
    most_places: int
    fewest_posts: int
    proven: bool


def pooling(problem: Problem, plan: Plan) -> Pooling:
    """The shared posts of what a plan leaves open, with their bounds."""
    lookup = Lookup(problem)
    posts = shared_posts(problem, plan)
    open_places = [
        lookup.needs[lookup.need_at[row.need]] for row in plan.unfilled for _ in range(row.missing)
    ]
    in_posts = Counter(need_id for post in posts for need_id in post.needs)
    places = sum(in_posts.values())
    most = fewest = 0
    for group in _groups(lookup, open_places):
        pooled = [n for n in {n.id: n for n in group}.values() if n.id in in_posts]
        most += _most_places(lookup, group)
        fewest += _fewest_posts(lookup, pooled, in_posts)
    most = max(most, places)
    proven = places == most and len(posts) <= fewest
    return Pooling(posts, len(open_places), places, most, fewest, proven)


def _groups(lookup: Lookup, places: Sequence[Need]) -> list[list[Need]]:
    """Open places linked by what every two needs that meet in a post have in common."""
    left, groups = list(places), []
    while left:
        group = [left.pop(0)]
        for need in group:
            near = [n for n in left if n.id == need.id or may_share(lookup, need, n)]
            left = [n for n in left if n not in near]
            group += near
        groups.append(group)
    return groups


def _most_places(lookup: Lookup, group: Sequence[Need]) -> int:
    """Of a small group the most places that posts can hold, by trying; else a bound: the places
    of one need are in different posts, each with a place of another town."""
    if len(group) <= MOST_EXACT:
        return _exactly(lookup, group)
    of_town = Counter(n.town for n in group)
    of_need = Counter(n.id for n in group)
    needs = {n.id: n for n in group}
    return sum(min(k, len(group) - of_town[needs[n].town]) for n, k in of_need.items())


def _fewest_posts(lookup: Lookup, needs: Sequence[Need], in_posts: Counter[str]) -> int:
    """The fewest posts that hold these places: by the half-days of the busiest month, by the towns
    of a post, by the places of one need, which are in different posts."""
    if not needs:
        return 0
    busiest = max(
        sum(n.least * in_posts[n.id] for n in needs if n.start <= month < n.end)
        for month in range(lookup.problem.horizon)
    )
    towns = len({n.town for n in needs})
    return max(
        -(-busiest // PERSON_MONTH_HALF_DAYS),
        -(-towns // MOST_TOWNS),
        *(in_posts[n.id] for n in needs),
    )


def _exactly(lookup: Lookup, group: Sequence[Need]) -> int:
    """The most places in posts by trying every way to combine them."""
    size = len(group)
    can: dict[int, tuple[Need, ...]] = {
        1 << k: (need,) for k, need in enumerate(group) if visits_fit((), need, least_of)
    }  # sets that can be one post, by their places as bits, in an order in which they come together
    todo = list(can)
    for mask in todo:
        for k, need in enumerate(group):
            grown = mask | 1 << k
            if mask >> k & 1 or grown in can or need in can[mask]:
                continue
            if goes_with(lookup, can[mask], need, MOST_TOWNS, least_of):
                can[grown] = (*can[mask], need)
                todo.append(grown)
    posts = [mask for mask, needs in can.items() if len({n.town for n in needs}) > 1]
    best = [0] * (1 << size)
    for mask in range(1, 1 << size):
        low = mask & -mask
        best[mask] = best[mask ^ low]
        for post in posts:
            if post & low and post & mask == post:
                best[mask] = max(best[mask], post.bit_count() + best[mask ^ post])
    return best[-1]
