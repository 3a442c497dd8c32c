"""How the year goes in each town: the tile map of the coordinators' home and its table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from matching.engagements.models import Share
from matching.proposals.models import Proposal
from municipalities.registry.models import Municipality
from municipalities.registry.queue import Section
from municipalities.vacancies.models import Need
from talentpool.conventions.months import first_of_month

STEP_X, STEP_Y = 84, 52  # px from tile to tile
WIDTH, HEIGHT = 80, 48
STATES = {
    "2": "稼働・契約済み",
    "1": "手続き・調整中",
    "x": "契約に至らず",  # nobody was found, or the months ran out
    "0": "案件なし",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One town: `state` is a key of STATES; x and y are px, None where the town has no place on
    the map (it is in the table all the same)."""

    name: str
    state: str
    needs: int
    half_days: int
    last: date | None
    x: int | None
    y: int | None

    @property
    def word(self) -> str:
        return STATES[self.state]

    @property
    def middle(self) -> int:
        return (self.x or 0) + WIDTH // 2

    @property
    def name_y(self) -> int:
        return (self.y or 0) + 21

    @property
    def word_y(self) -> int:
        return (self.y or 0) + 38


def town_map(user: Any) -> Section | None:
    """The map of the towns that `user` may see, or None without any."""
    tiles = _tiles(user)
    placed = [tile for tile in tiles if tile.x is not None and tile.y is not None]
    if not tiles:
        return None
    counts = {state: sum(tile.state == state for tile in tiles) for state in STATES}
    return Section(
        template="proposals/town_map.html",
        context={
            "tiles": tiles,
            "placed": placed,
            "counts": [(state, STATES[state], counts[state]) for state in STATES],
            "width": max((tile.x or 0 for tile in placed), default=0) + WIDTH + 2,
            "height": max((tile.y or 0 for tile in placed), default=0) + HEIGHT + 2,
        },
    )


def _tiles(user: Any) -> list[Tile]:
    month = first_of_month(timezone.localdate())
    served = (
        Share.objects.visible_to(user)
        .filter(active=True, last_month__gte=month, municipality=OuterRef("pk"))
        .order_by()
        .values("municipality")
        .annotate(total=Sum("half_days"))
    )
    going_on = Proposal.objects.visible_to(user).filter(status__in=Proposal.OPEN).order_by()
    needs = {
        row["municipality_id"]: row
        for row in Need.objects.visible_to(user)
        .values("municipality_id")
        .annotate(
            open=Count("pk", filter=Q(status__in=["submitted", "accepted"])),
            unfilled=Count("pk", filter=Q(status__in=["unfilled", "lapsed"])),
            coordinated=Count("pk", filter=Q(pk__in=going_on.values("need"))),
            last=Max("updated_at"),
        )
    }
    towns = Municipality.objects.visible_to(user).order_by("kana", "code")
    return [
        _tile(town, town.served, needs.get(town.code, {}))
        for town in towns.annotate(served=Subquery(served.values("total")))
    ]


def _tile(town: Municipality, served: int | None, row: Mapping[str, Any]) -> Tile:
    """`served` are the half-days a month of the shares that run or are to come."""
    if served is not None:
        state = "2"
    elif row.get("coordinated") or row.get("open"):
        state = "1"
    elif row.get("unfilled"):
        state = "x"
    else:
        state = "0"
    placed = town.tile_column is not None and town.tile_row is not None
    return Tile(
        name=town.name,
        state=state,
        needs=row.get("open") or 0,
        half_days=served or 0,
        last=timezone.localdate(row["last"]) if row.get("last") else None,
        x=(town.tile_column or 0) * STEP_X + 2 if placed else None,
        y=(town.tile_row or 0) * STEP_Y + 2 if placed else None,
    )
