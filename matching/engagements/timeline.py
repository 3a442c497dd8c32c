"""The year of shared engagements as a picture: one lane a person, one bar a share."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Min

from matching.engagements.models import Hold, Share
from municipalities.registry.querysets import is_prefectural
from talentpool.conventions.era import fiscal_year, fiscal_year_label, fiscal_year_span, is_usable
from talentpool.conventions.months import month_range, months_between
from talentpool.conventions.numbers import number_in

LEFT = 190  # px kept for the names of the lanes
MONTH_WIDTH = 64
BAR_HEIGHT = 26
LANE_GAP = 14
TOP = 30


@dataclass(slots=True)
class Bar:
    """One share (確定) or hold (仮) in a year; x, y and width in px."""

    town: str
    half_days: int
    first_month: date
    last_month: date
    sure: bool
    cost_yen: int | None = None
    number: str = ""
    engagement_id: int | None = None
    x: int = 0
    y: int = 0
    width: int = 0

    @property
    def text_x(self) -> int:
        return self.x + 8

    @property
    def text_y(self) -> int:
        return self.y + 18

    @property
    def word(self) -> str:
        return "確定" if self.sure else "仮"


@dataclass(slots=True)
class Lane:
    """A person with the bars of the year."""

    pk: int
    pool_number: str
    kind: str
    bars: list[Bar] = field(default_factory=list)
    y: int = 0

    @property
    def name_y(self) -> int:
        return self.y + 18


@dataclass(slots=True)
class Timeline:
    """The picture and, in the same rows, its table."""

    year: int
    label: str
    months: list[tuple[str, int, int]]
    people: list[Lane]
    width: int
    height: int
    today_x: int | None

    @property
    def bars(self) -> list[Bar]:
        return [bar for lane in self.people for bar in lane.bars]


def timeline(user: Any, year_text: str, today: date) -> Timeline:
    """The picture of a fiscal year (western year as text; where it is no year, the current one, or
    the next one in which somebody is booked when that is later)."""
    asked = number_in(year_text)
    year = asked if is_usable(asked) else _year_to_open(user, today)
    first, last = fiscal_year_span(year)
    months = month_range(first.replace(day=1), last.replace(day=1))
    lanes = _lanes(user, months[0], months[-1])
    y = TOP
    for lane in lanes:
        lane.y = y
        for bar in lane.bars:
            start = max(bar.first_month, months[0])
            end = min(bar.last_month, months[-1])
            bar.x = LEFT + (months_between(months[0], start) - 1) * MONTH_WIDTH
            bar.width = months_between(start, end) * MONTH_WIDTH - 4
            bar.y = y
            y += BAR_HEIGHT + 4
        y += LANE_GAP
    in_year = first <= today <= last
    return Timeline(
        year=year,
        label=fiscal_year_label(year),
        months=[
            (f"{month.month}月", LEFT + index * MONTH_WIDTH, LEFT + index * MONTH_WIDTH + 6)
            for index, month in enumerate(months)
        ],
        people=lanes,
        width=LEFT + 12 * MONTH_WIDTH,
        height=y + 6,
        today_x=LEFT
        + (months_between(months[0], today.replace(day=1)) - 1) * MONTH_WIDTH
        + today.day * MONTH_WIDTH // 31
        if in_year
        else None,
    )


def _year_to_open(user: Any, today: date) -> int:
    first, _ = fiscal_year_span(fiscal_year(today))
    booked = Share.objects.visible_to(user).filter(active=True, last_month__gte=first)
    starts = [booked.aggregate(first=Min("first_month"))["first"]]
    if is_prefectural(user):
        holds = Hold.objects.filter(state=Hold.State.ACTIVE, last_month__gte=first)
        starts.append(holds.aggregate(first=Min("first_month"))["first"])
    known = [start for start in starts if start is not None]
    return fiscal_year(max(min(known, default=first), first))


def _lanes(user: Any, first: date, last: date) -> list[Lane]:
    lanes: dict[int, Lane] = {}
    shares = (
        Share.objects.visible_to(user)
        .filter(active=True, first_month__lte=last, last_month__gte=first)
        .select_related("engagement__specialist", "municipality")
        .order_by("engagement__specialist__pool_number", "first_month", "municipality__kana")
    )
    for share in shares:
        person = share.engagement.specialist
        lane = lanes.setdefault(
            person.pk, Lane(person.pk, person.pool_number, person.get_kind_display())
        )
        lane.bars.append(
            Bar(
                town=share.municipality.name,
                half_days=share.half_days,
                first_month=share.first_month,
                last_month=share.last_month,
                sure=True,
                cost_yen=share.cost_yen,
                number=share.engagement.number,
                engagement_id=share.engagement_id,
            )
        )
    for hold in _holds(user, first, last):
        person = hold.specialist
        lane = lanes.setdefault(
            person.pk, Lane(person.pk, person.pool_number, person.get_kind_display())
        )
        lane.bars.append(
            Bar(
                town=hold.municipality.name if hold.municipality else "仮押さえ",
                half_days=hold.half_days,
                first_month=hold.first_month,
                last_month=hold.last_month,
                sure=False,
            )
        )
    return sorted(lanes.values(), key=lambda lane: lane.pool_number)


def _holds(user: Any, first: date, last: date) -> Any:
    if not is_prefectural(user):
        return []
    return (
        Hold.objects.filter(state=Hold.State.ACTIVE, first_month__lte=last, last_month__gte=first)
        .select_related("specialist", "municipality")
        .order_by("pk")
    )
