"""The map of the towns on the coordinators' home: what runs, what is under way."""

import pytest

from matching.proposals.tiles import Tile, town_map
from municipalities.registry.services import load_reference
from municipalities.vacancies.models import Need
from talentpool.users.models import User
from tests import factories as make

pytestmark = pytest.mark.django_db


def tiles(user: User) -> dict[str, Tile]:
    section = town_map(user)
    assert section is not None
    return {tile.name: tile for tile in section.context["tiles"]}


def test_each_town_shows_how_far_it_is() -> None:
    load_reference()
    by = make.make_coordinator()
    editors = {
        name: make.make_editor(code) for name, code in (("江田島市", "342157"), ("坂町", "343099"))
    }
    make.make_specialist(half_days=62, max_towns=60)
    assert {tile.state for tile in tiles(by).values()} == {"0"}
    needs = [
        make.make_need(
            "accepted", code=code, by=editors[name], coordinator=by, half_days=2, least_half_days=2
        )
        for name, code in (("江田島市", "342157"), ("坂町", "343099"))
    ]
    first, second = make.make_proposals(make.make_run(needs, by=by), needs, by=by)
    make.make_bundle([first], "signed", by=by)
    found = tiles(by)
    assert (found["江田島市"].state, found["江田島市"].half_days) == ("2", 2)
    assert (found["坂町"].state, found["坂町"].half_days) == ("1", 0)
    Need.objects.filter(pk=second.need_id).update(status="filled", closed_at=by.joined_at)
    assert tiles(by)["坂町"].state == "1"  # its proposal is still open
    assert tiles(by)["三原市"].state == "0"


@pytest.mark.parametrize("status", ["unfilled", "lapsed"])
def test_a_town_whose_need_came_to_nothing_is_seen(status: str) -> None:
    need = make.make_need("accepted")
    Need.objects.filter(pk=need.pk).update(status=status, closed_at=need.accepted_at)
    (tile,) = tiles(make.make_coordinator()).values()
    assert (tile.state, tile.word) == ("x", "契約に至らず")
