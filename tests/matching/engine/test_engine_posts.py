"""Open needs that become shared posts: which go together, and why."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from matching.engine import Need, greedy
from matching.engine import pooling as engine_pooling
from matching.engine.generate import generate
from matching.engine.pooling import pooling
from matching.engine.posts import SharedPost, shared_posts
from tests.matching.engine.building import need, plan_of, problem, town


def posts_of(*needs: Need, towns: tuple[Any, ...] = (), **fields: Any) -> tuple[SharedPost, ...]:
    """The posts of needs that nobody serves."""
    made = towns or tuple(town(t) for t in sorted({n.town for n in needs}))
    of = problem(towns=made, needs=needs, specialists=(), **fields)
    return shared_posts(of, greedy(of))


def test_every_place_of_a_need_goes_into_a_post_of_its_own() -> None:
    of = problem(
        towns=(town(), town("T2"), town("T3")),
        needs=(need(count=3), need("N2", town="T2", half_days=40), need("N3", town="T3", count=2)),
        specialists=(),
    )
    posts = shared_posts(of, greedy(of))
    assert [post.needs for post in posts] == [("N1", "N3"), ("N1", "N3")]


def test_open_needs_are_pooled_into_posts_with_reasons() -> None:
    of = problem(
        towns=(town(), town("T2", x=30_000), town("T3", x=90_000)),
        needs=(
            need(half_days=20, onsite_pct=50),
            need("N2", town="T2", half_days=20, onsite_pct=50),
            need("N3", town="T3", half_days=6, onsite_pct=50),
            need("N4", town="T3", half_days=6, skills=(("NW", 1),)),
        ),
        specialists=(),
        labels={"SEC": "セキュリティ"},
    )
    (post,) = shared_posts(of, greedy(of))
    assert (post.towns, post.half_days, post.skills) == (("T1", "T2"), 40, (("SEC", 2),))
    assert post.reasons == (
        "2市町を合わせて月40半日で、1人役(40半日)に収まります",
        "同じスキル(セキュリティ)を求めています",
        "訪問先どうしは30km以内です",
    )


def test_a_town_with_enough_work_for_one_person_still_shares_with_another() -> None:
    (post,) = posts_of(
        need("N9", half_days=30, priority=3), need("N1", half_days=8),
        need("N2", town="T2", half_days=6),
    )  # fmt: skip
    assert (post.needs, post.half_days) == (("N2", "N9"), 36)


def test_what_finds_no_town_to_go_with_keeps_no_other_need_from_one() -> None:
    """The first need fills a person with any other of its town, and shares no skill with T2."""
    (post,) = posts_of(
        need("N0", half_days=30, skills=(("NW", 1),), priority=3),
        need("N1", half_days=10, skills=(("NW", 1), ("SEC", 1))),
        need("N2", town="T2", half_days=6),
    )
    assert post.needs == ("N1", "N2")


def test_a_need_joins_by_one_of_its_town_that_shares_skills_with_both() -> None:
    (post,) = posts_of(
        need("N0", half_days=20, skills=(("NW", 1),)),
        need("N1", half_days=6, skills=(("NW", 1), ("SEC", 1))),
        need("N2", town="T2", half_days=6),
    )
    assert post.needs == ("N0", "N1", "N2")


@pytest.mark.parametrize(
    ("mondays", "fits"),
    [
        ({"weekdays": 1}, False),
        ({"weekdays": 1, "onsite_pct": 50}, True),
        ({"weekdays": 3}, True),
        ({"weekdays": 1, "start": 2, "end": 3}, True),
    ],
)
def test_visits_of_one_post_fit_the_weekdays(mondays: dict[str, Any], fits: bool) -> None:
    """Two towns for 8 half-days on Mondays: a month has no more than 8 for both."""
    first = need(half_days=8, weekdays=1, onsite_pct=100, end=2)
    half = {"half_days": 8, "onsite_pct": 100, "end": 2}
    if mondays.get("onsite_pct") == 50:
        first = need(half_days=8, weekdays=1, onsite_pct=50, end=2)
    other = need("N2", town="T2", **{**half, **mondays})
    assert len(posts_of(first, other)) == fits


def test_a_need_whose_own_visits_fit_no_month_is_in_no_post() -> None:
    one = need(half_days=9, weekdays=1, onsite_pct=100)
    assert posts_of(one, need("N2", town="T2")) == ()


def test_a_distance_is_told_rounded_up() -> None:
    (post,) = posts_of(
        need(onsite_pct=50), need("N2", town="T2", onsite_pct=50),
        towns=(town(), town("T2", x=12_900)),
    )  # fmt: skip
    assert "訪問先どうしは13km以内です" in post.reasons


def test_a_second_town_that_does_not_fit_as_wanted_comes_in_with_the_least() -> None:
    of = problem(
        towns=(town(), town("T2"), town("T3")),
        needs=(
            need(half_days=30),
            need("N2", town="T2", half_days=12, least=8),
            need("N3", town="T3", half_days=4, least=1),
        ),
        specialists=(),
    )
    (post,) = shared_posts(of, plan_of(of))
    assert (post.needs, post.half_days) == (("N1", "N3"), 34)  # all that fits as wanted first
    two = dataclasses.replace(of, needs=of.needs[:2])
    (post,) = shared_posts(two, plan_of(two))
    assert (post.needs, post.half_days) == (("N1", "N2"), 38)
    assert "希望どおりの月42半日は1人では受けきれないため" in post.reasons[1]
    full = dataclasses.replace(two, needs=(need(half_days=33), two.needs[1]))
    assert shared_posts(full, plan_of(full)) == ()


def test_the_places_in_posts_are_set_beside_the_most_there_could_be() -> None:
    """Three places of one need and two of another town's: two posts, and the fifth is alone."""
    of = problem(
        towns=(town(), town("T2"), town("T3")),
        needs=(need(count=3), need("N2", town="T2", half_days=40), need("N3", town="T3", count=2)),
        specialists=(),
    )
    found = pooling(of, greedy(of))
    assert (found.open_places, found.places, found.most_places) == (6, 4, 4)
    assert (len(found.posts), found.fewest_posts, found.proven) == (2, 2, True)


def test_a_post_that_takes_what_two_others_need_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The urgent need goes with the nearest; with another each, all four would be in posts."""
    of = problem(
        towns=tuple(town(f"T{k}", x=x) for k, x in enumerate((0, 35_000, 45_000, 80_000))),
        needs=tuple(
            need(f"N{k}", town=f"T{k}", half_days=20, onsite_pct=10, priority=priority)
            for k, priority in enumerate((1, 3, 1, 1))
        ),
        specialists=(),
    )
    found = pooling(of, greedy(of))
    assert [post.needs for post in found.posts] == [("N1", "N2")]
    assert (found.places, found.most_places, found.proven) == (2, 4, False)
    monkeypatch.setattr(engine_pooling, "MOST_EXACT", 1)
    assert pooling(of, greedy(of)).most_places == 4


def test_no_greedy_posts_pass_the_bounds() -> None:
    for seed in range(12):
        of = generate(towns=8, needs=24, specialists=1, seed=seed, rich=seed % 2 == 1)
        found = pooling(of, greedy(of))
        held = sum(len(post.needs) for post in found.posts)
        assert held == found.places <= found.most_places <= found.open_places
        assert found.fewest_posts <= len(found.posts)
