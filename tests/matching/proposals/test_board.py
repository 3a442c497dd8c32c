"""The board goes on where a step has more than one page holds."""

import re
from typing import Any

import pytest
from django.utils import timezone

from matching.proposals import board
from matching.proposals.board import _cut
from tests.matching.visitor import Visitor, date_parts
from tests.matching.world import make_world

BOARD = "/admin/proposals/proposal/board/"
FIFTY_ONE = list(range(1, 52))


@pytest.mark.parametrize(
    ("people", "skip", "first", "shown"),
    [
        (50, 0, 0, range(1, 51)),
        (51, 0, 0, FIFTY_ONE),  # the last one is not shown: it says that there are more
        (120, 0, 0, FIFTY_ONE),
        (120, 50, 0, range(51, 102)),
        (120, 100, 0, range(101, 121)),
        (120, 50, 120, [120, *range(51, 101)]),  # refused: before the others, in any page
        (120, 0, 3, [3, 1, 2, *range(4, 52)]),
        (120, 50, 999, range(51, 102)),  # nobody's turn any more
    ],
)
def test_a_page_is_cut_out_of_the_people_to_approach(
    people: int, skip: int, first: int, shown: list[int]
) -> None:
    pairs: Any = {person: [(None, person)] for person in range(1, people + 1)}
    found: Any = _cut(pairs, skip, first)
    assert [group[0][1] for group in found] == list(shown)


def titles(html: str) -> list[str]:
    return re.findall(r">打診する：(\S+) ", html)


@pytest.mark.django_db
def test_it_is_paged_to_the_last_person_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "MOST", 1)
    world = make_world("offered")
    world.people.reverse()
    world.rank(0)
    world.people.reverse()
    world.rank(1)
    last, _, first = (person.pool_number for person in world.people)
    staff = Visitor(world.coordinator)
    one = staff.client.get(BOARD).content.decode()
    assert titles(one) == [first]
    assert f'href="{BOARD}?after=1"' in one
    assert "はじめに戻る" not in one
    two = staff.client.get(f"{BOARD}?after=1").content.decode()
    assert titles(two) == [last]
    assert "?after=" not in two
    assert f'href="{BOARD}">打診する人のはじめに戻る' in two
    for odd in ["2", "9" * 30, "x", ""]:
        page = staff.client.get(BOARD, {"after": odd})
        assert (page.status_code, titles(page.content.decode())) == (200, [first]), odd
    # Who stands on the second page is refused there, not lost.
    sent = {"person": world.people[0].pk, **date_parts("answer_due", timezone.localdate())}
    refused = staff.client.post("/admin/proposals/proposal/approach/", sent)
    assert refused.status_code == 422
    assert titles(refused.content.decode()) == [last]
