"""A coordinator gives more time; days stay held as long, and who waits is told."""

from datetime import date, timedelta
from typing import Any

import pytest

from matching.engagements.models import Hold
from matching.proposals.dates import refuse_extension
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Proposal
from matching.proposals.services import dates, extending
from municipalities.vacancies.models import Need
from talentpool.audit.models import Event
from talentpool.conventions.business_days import add_business_days, is_business_day
from talentpool.outbox.models import Message
from tests.matching.visitor import Visitor, date_parts
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db


def told(key: str) -> set[str]:
    return {row.payload["to"] for row in Message.objects.filter(key__contains=key)}


def closed_day(after: date) -> date:
    day = after
    while is_business_day(day):
        day += timedelta(days=1)
    return day


def due(world: World, state: str) -> date:
    world.read()
    return (
        world.proposals[0].rank_due
        if state == "offered"
        else extending.due_of(world.the_bundle) or date.min
    )


@pytest.mark.parametrize("state", ["offered", "approached", "disclosed"])
def test_more_time_by_the_page(state: str) -> None:
    world = make_world(state)
    before = due(world, state)
    staff = Visitor(world.coordinator)
    place, key = ("proposal", world.proposals[0].pk)
    if state != "offered":
        place, key = ("bundle", world.the_bundle.pk)
    page = staff.get(f"/admin/proposals/{place}/{key}/change/").must_say("期限を延ばす")
    page = staff.get(f"/admin/proposals/{place}/{key}/extend/").must_say("いまの期限")
    form = page.form_with("until_0", "shown")
    wrong = {
        "今日以後": world.today - timedelta(days=1),
        "より後の日": before - timedelta(days=1) if before > world.today else None,
        "開庁日": closed_day(before + timedelta(days=1)),
        "期間の最後の日": add_business_days(world.today, 2000),
    }
    for words, day in wrong.items():
        if day is not None:
            staff.send(page, form, **date_parts("until", day)).must_say(words)
    assert due(world, state) == before
    later = add_business_days(before, 7)
    page = staff.send_twice(page, form, **date_parts("until", later))
    assert due(world, state) == later
    everybody = {world.town(0).email, world.town(1).email, world.user().email}
    expected = {world.town(0).email} if state == "offered" else everybody
    assert told(":extended:") == expected
    (event,) = Event.objects.filter(action="extend_date")
    assert event.detail["before"] == before.isoformat()
    if state != "offered":
        assert set(Hold.objects.values_list("until", flat=True)) == {later}
    with pytest.raises(Refused, match="変わっています"):
        extend(world, state, until=add_business_days(later, 1), shown=before)


def extend(world: World, state: str, **given: Any) -> None:
    if state == "offered":
        extending.extend_ranking(world.proposals[0].pk, **given, by=world.coordinator)
    else:
        extending.extend_approach(world.the_bundle.pk, **given, by=world.coordinator)


@pytest.mark.parametrize("state", ["offered", "approached", "disclosed"])
def test_what_has_passed_but_was_not_swept_goes_on_to_the_new_day(state: str) -> None:
    world = make_world(state)
    yesterday = world.today - timedelta(days=1)
    Proposal.objects.update(rank_due=yesterday)
    Bundle.objects.update(answer_due=yesterday)
    Bundle.objects.filter(decide_due__isnull=False).update(decide_due=yesterday)
    later = add_business_days(world.today, 3)
    extend(world, state, until=later)
    dates.sweep_dates()
    world.read()
    assert world.proposals[0].status == ("accepted" if state == "disclosed" else state)
    # Only the proposal that was given more time.
    assert (world.proposals[1].status == "ranked") == (state == "offered")


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (date(2027, 3, 31), "今日以後"),
        (date(2027, 4, 9), "より後の日"),
        (date(2027, 4, 8), "より後の日"),
        (date(2027, 4, 10), "開庁日"),  # a Saturday
        (date(2027, 5, 3), "開庁日"),  # 憲法記念日
        (date(2027, 7, 1), "最後の日"),
        (date(2027, 6, 30), ""),
        (date(2027, 4, 12), ""),
    ],
)
def test_which_days_are_refused(until: date, words: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: date(2027, 4, 1))
    needs = [Need(last_month=date(2027, 6, 1)), Need(last_month=date(2027, 9, 1))]
    if words:
        with pytest.raises(Refused, match=words):
            refuse_extension(date(2027, 4, 9), until, needs)
    else:
        refuse_extension(date(2027, 4, 9), until, needs)


def test_an_approach_without_towns_is_not_extended() -> None:
    """The last town has just left: a sentence, no error."""
    with pytest.raises(Refused, match="期限を延ばせる段階ではありません"):
        refuse_extension(date(2027, 4, 9), date(2027, 4, 12), [])
