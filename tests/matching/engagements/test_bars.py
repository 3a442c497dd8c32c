"""Bars on bidding follow the real end of the work and the firms of today; ends move earlier."""

from datetime import date, timedelta

import pytest

from matching.engagements import ending
from matching.engagements.bars import keep_up
from matching.engagements.models import BiddingBar, CapacityMonth, Engagement, Share
from matching.engagements.tasks import watch_person
from municipalities.vacancies.models import Need
from talentpool.audit.models import Event
from talentpool.conventions import corporate_number
from talentpool.conventions.months import add_months, first_of_month, last_day
from talentpool.conventions.periods import years_after
from talentpool.outbox.models import Message
from talentpool.specialists.models import FirmRelation, Interest
from talentpool.specialists.services import interests
from tests.matching.concurrency import wrong_months
from tests.matching.visitor import Visitor, date_parts
from tests.matching.world import CODES, World, make_world

pytestmark = pytest.mark.django_db


def number(index: int) -> str:
    base = f"{90000000000 + index:012d}"
    return corporate_number.check_digit(base) + base


def tie(world: World, index: int = 1, since: date | None = None) -> None:
    found = Interest(
        specialist=world.people[0],
        kind="employer",
        corporate_number=number(index),
        name=f"会社{index}",
        since=since,
    )
    interests.save_interest(found, by=world.user())


def signed(*, buying: bool = True, tied: bool = True) -> tuple[World, Engagement]:
    """Signed for both towns, of which the first buys with the person's help."""
    world = make_world("agreed")
    Need.objects.filter(pk=world.needs[0].pk).update(involves_procurement=buying)
    if tied:
        tie(world)
    engagement: Engagement = world.sign()
    return world, engagement


def terminate(world: World, engagement: Engagement, day: date, number: str = "第1号") -> None:
    ending.terminate(
        engagement.pk, ended_on=day, reason="town", document_number=number, by=world.coordinator
    )


def test_a_bar_ends_by_the_real_end_and_by_one_that_is_moved_earlier() -> None:
    world, engagement = signed()
    bar = BiddingBar.objects.get()
    assert bar.until == years_after(ending.last_day(engagement), 2)
    first = engagement.first_month
    later, earlier = add_months(first, 3) + timedelta(days=4), add_months(first, 1)
    staff = Visitor(world.coordinator)
    address = f"/admin/engagements/engagement/{engagement.pk}/"
    terminate(world, engagement, later)
    bar.refresh_from_db()
    assert bar.until == years_after(later, 2)
    staff.get(f"{address}change/").must_say("解除日を早める")
    page = staff.get(f"{address}terminate/").must_say("解除日を早めますか", "いまの解除日は")
    form = page.form_with("reason", "document_number")
    staff.send(page, form, **date_parts("ended_on", add_months(first, 4))).must_say("より前の日")
    sent = {"document_number": "第2号", **date_parts("ended_on", earlier)}
    staff.send_twice(page, form, **sent).must_say("中途解除", "第2号")
    bar.refresh_from_db()
    engagement.refresh_from_db()
    assert (bar.until, engagement.ended_on) == (years_after(earlier, 2), earlier)
    months = CapacityMonth.objects.filter(signed__gt=0).order_by("month")
    assert list(months.values_list("month", flat=True)) == [first, earlier]
    assert wrong_months() == []
    event = Event.objects.filter(action="terminate_engagement").order_by("-pk").first()
    assert event is not None
    assert event.detail["before"] == later.isoformat()
    told = Message.objects.filter(key__contains=":terminated:", kind="mail")
    assert told.count() == 2 * 3  # both days, to two towns and the person


def test_a_part_that_never_began_bars_nobody() -> None:
    world, engagement = signed()
    assert first_of_month(world.today) < engagement.first_month
    terminate(world, engagement, engagement.first_month + timedelta(days=40))
    assert BiddingBar.objects.count() == 1
    for days in (1, 0):  # earlier, before it begins; and earlier once more
        terminate(world, engagement, world.today + timedelta(days=days))
        assert BiddingBar.objects.count() == 0
    assert set(Share.objects.values_list("active", flat=True)) == {False}
    assert wrong_months() == []


def test_an_end_that_has_passed_or_a_later_day_is_not_set() -> None:
    world, engagement = signed(tied=False)
    day = add_months(engagement.first_month, 1)
    terminate(world, engagement, day)
    with pytest.raises(ending.EndingRefused, match="より前の日"):
        terminate(world, engagement, day + timedelta(days=1))
    Engagement.objects.update(ended_on=world.today - timedelta(days=1))
    with pytest.raises(ending.EndingRefused, match="すでに終わって"):
        terminate(world, engagement, world.today - timedelta(days=2))


def test_firms_that_come_later_are_barred_and_the_town_is_told() -> None:
    world, engagement = signed()
    joined = engagement.first_month + timedelta(days=20)
    tie(world, 2, since=joined)
    watch = Message.objects.filter(kind="task", payload__name="engagements.watch_person")
    assert watch.exists()
    FirmRelation.objects.create(
        parent_number=number(3), parent_name="親会社", child_number=number(1), child_name="会社1"
    )
    Message.objects.filter(kind="mail").delete()
    watch_person(world.people[0].pk)
    assert keep_up() == 0  # twice adds nothing
    bars = {bar.corporate_number: bar for bar in BiddingBar.objects.all()}
    assert set(bars) == {number(1), number(2), number(3)}
    assert bars[number(2)].since == joined
    assert {bar.until for bar in bars.values()} == {years_after(ending.last_day(engagement), 2)}
    assert {bar.municipality_id for bar in bars.values()} == {CODES[0]}
    told = [row.payload["to"] for row in Message.objects.filter(key__startswith="bar:")]
    assert told == [world.town(0).email]  # one mail for both firms
    (event,) = Event.objects.filter(action="bar_firms")
    assert event.detail == {"towns": [CODES[0]], "bars": 2}
    # The work ends before the second firm is joined: nobody of it helped to buy.
    terminate(world, engagement, joined - timedelta(days=1))
    left = set(BiddingBar.objects.values_list("corporate_number", flat=True))
    assert left == {number(1), number(3)}
    ended = Event.objects.get(action="terminate_engagement")
    assert (ended.detail["bars_removed"], "bars" in ended.detail) == (1, False)


def test_nobody_is_barred_by_work_that_buys_nothing_or_is_over() -> None:
    world, engagement = signed(buying=False, tied=False)
    tie(world)
    assert keep_up() == 0
    Need.objects.update(involves_procurement=True)
    Engagement.objects.update(
        status="ended", ended_on=min(world.today - timedelta(days=1), last_day(world.today))
    )
    assert keep_up() == 0
    Engagement.objects.filter(pk=engagement.pk).update(status="signed", ended_on=None)
    assert keep_up({world.people[1].pk}) == 0
    assert keep_up({world.people[0].pk}) == 2  # one for each town
