"""An engagement ends by itself after its last day, and early with a document."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from matching.engagements import ending, services
from matching.engagements.models import CapacityMonth, Engagement
from matching.engagements.obstacles import running_engagements
from matching.engagements.tasks import end_past
from matching.engagements.watch import engaged_pairs
from talentpool.audit.models import Event
from talentpool.conventions.era import fiscal_year
from talentpool.conventions.months import add_months, first_of_month
from talentpool.outbox.models import Message
from tests.matching.concurrency import wrong_months
from tests.matching.visitor import Visitor, date_parts
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db


def the_engagement(world: World) -> Engagement:
    engagement = world.the_bundle.engagement
    assert engagement is not None
    return engagement


def signed_months(world: World) -> list[date]:
    rows = CapacityMonth.objects.filter(specialist=world.people[0], signed__gt=0)
    return list(rows.order_by("month").values_list("month", flat=True))


def test_an_engagement_ends_after_its_last_day_once() -> None:
    world = make_world("signed")
    engagement = the_engagement(world)
    last = ending.last_day(engagement)
    assert end_past() == ending.end_past(last) == 0
    assert ending.end_past(last + timedelta(days=1)) == 1
    assert ending.end_past(last + timedelta(days=1)) == 0
    engagement.refresh_from_db()
    assert (engagement.status, engagement.ended_on) == ("ended", last)
    assert Event.objects.filter(action="end_engagement").count() == 1
    assert wrong_months() == []


def test_an_early_end_by_its_page_gives_the_days_after_it_back() -> None:
    world = make_world("signed")
    engagement = the_engagement(world)
    before = signed_months(world)
    address = f"/admin/engagements/engagement/{engagement.pk}/"
    staff = Visitor(world.coordinator)
    staff.get(f"{address}change/").must_say("中途で解除する")
    page = staff.get(f"{address}terminate/")
    form = page.form_with("reason", "document_number")
    too_late = date_parts("ended_on", ending.last_day(engagement))
    page = staff.send(page, form, reason="town", document_number="情政第45号", **too_late)
    page.must_say("契約の最後の日")
    day = before[1] + timedelta(days=9)  # in the second month
    answers = {"reason": "town", "document_number": "情政第45号", **date_parts("ended_on", day)}
    page = staff.send_twice(page, page.form_with("reason", "document_number"), **answers)
    page.must_say("中途解除", "市町の都合", "情政第45号")
    page.must_not_say("中途で解除する")
    engagement.refresh_from_db()
    assert (engagement.status, engagement.ended_on) == ("terminated", day)
    assert signed_months(world) == before[:2]
    assert {row.last_month for row in engagement.shares.all()} == {before[1]}
    assert sum(row.cost_yen for row in engagement.shares.all()) == engagement.total_yen
    told = {row.payload["to"] for row in Message.objects.filter(key__contains=":terminated")}
    assert told == {world.town(0).email, world.town(1).email, world.user().email}
    assert Event.objects.filter(action="terminate_engagement").count() == 1
    assert wrong_months() == []
    assert engaged_pairs(None, None)  # still at work until that day
    assert list(running_engagements(world.people[0].pk))
    assert ending.end_past(add_months(before[-1], 2)) == 0
    for area, user in (("town", world.town()), ("specialist", world.user())):
        page = Visitor(user).get(f"/{area}/engagements/{engagement.pk}/")
        page.must_say("中途解除")
    # The town is not left alone: its need says so and a new one begins with the same answers.
    own = engagement.shares.get(municipality=world.needs[0].municipality).need
    town = Visitor(world.town())
    again = f"/town/needs/{own.pk}/again/"
    for address in (f"/town/engagements/{engagement.pk}/", f"/town/needs/{own.pk}/"):
        town.get(address).must_say("中途", again)
    town.get(again).must_say(own.title, "前の案件の内容が入っています")


def test_before_it_begins_everything_is_given_back() -> None:
    world = make_world("signed")
    engagement = the_engagement(world)
    ending.terminate(
        engagement.pk,
        ended_on=world.today,
        reason="person",
        document_number="第1号",
        by=world.coordinator,
    )
    assert first_of_month(world.today) < engagement.first_month
    assert signed_months(world) == []
    assert set(engagement.shares.values_list("active", flat=True)) == {False}
    assert wrong_months() == []
    Engagement.objects.update(ended_on=timezone.localdate() - timedelta(days=1))
    assert engaged_pairs(None, None) == []
    assert list(running_engagements(world.people[0].pk)) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"reason": ""}, "理由と文書番号"),
        ({"document_number": " "}, "理由と文書番号"),
        ({"ended_on": date(2020, 1, 1)}, "解除日は"),
    ],
)
def test_what_is_missing_is_refused(changed: dict[str, object], words: str) -> None:
    world = make_world("signed")
    given = {"ended_on": world.today, "reason": "other", "document_number": "第1号", **changed}
    with pytest.raises(ending.EndingRefused, match=words):
        ending.terminate(the_engagement(world).pk, **given, by=world.coordinator)  # type: ignore[arg-type]


def test_the_database_wants_reason_and_document() -> None:
    make_world("signed")
    rule = "terminated_engagement_has_reason_and_document"
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Engagement.objects.update(status="terminated", ended_on=timezone.localdate())


def test_numbers_go_on_past_four_digits() -> None:
    world = make_world("signed")
    taken = the_engagement(world)
    year = fiscal_year(world.today)
    assert taken.number == f"{year}-0001"
    for number in ("9999", "10000"):
        taken.pk, taken.number = None, f"{year}-{number}"
        taken.total_yen = 0
        taken.save()
    with transaction.atomic():
        assert services._next_number(world.today) == f"{year}-10001"
