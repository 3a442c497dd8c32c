"""A person's days: what is declared, what is booked, and who is told when they cross."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching.engagements import declaring
from matching.engagements import services as engagements
from matching.engagements.forms import DaysForm
from matching.engagements.models import CapacityMonth, Hold
from matching.engagements.services import BookingRefused
from municipalities.registry.queue import work_queue
from talentpool.conventions.era import format_month
from talentpool.conventions.months import add_months, first_of_month
from talentpool.specialists.models import Availability
from talentpool.users.models import User
from tests import factories as make
from tests.matching.concurrency import wrong_months
from tests.matching.visitor import Visitor
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db
APRIL, MAY = date(2027, 4, 1), date(2027, 5, 1)


def rows(user: User) -> list[str]:
    """The work queue's rows about days."""
    found = work_queue("coordinator", user)
    return [f"{item.title}: {item.detail}" for item in found if "稼働可能日" in item.title]


def months(world: World, count: int = 8) -> list[str]:
    start = first_of_month(world.today)
    return [f"{add_months(start, index):%Y-%m}" for index in range(count)]


def test_fewer_days_than_booked_are_told_to_the_person_and_the_coordinator() -> None:
    world = make_world("signed")  # 8 half-days a month in months 3 to 8
    person = Visitor(world.user())
    page = person.get("/specialist/days/")
    form = page.form_with(months(world)[0])
    # The page takes days, half a day apart: 8 half-days are 4 days.
    lowered = dict.fromkeys(months(world)[2:4], "2") | dict.fromkeys(months(world)[4:6], "4")
    check = person.send(page, form, **lowered)
    check.must_say("まだ保存していません")
    page = person.send_twice(check, check.form_with("confirmed"))
    third, fourth = (add_months(first_of_month(world.today), index) for index in (2, 3))
    named = f"{format_month(third)}、{format_month(fourth)}は"
    page.must_say(named, "県から連絡します")

    (row,) = rows(world.coordinator)
    assert row.startswith(f"人材 {world.people[0].pool_number} の稼働可能日: {named}")
    assert rows(world.town()) == []
    Visitor(world.coordinator).get("/admin/").must_say(named)
    assert wrong_months() == []

    # The bookings stand, and nothing more is booked there.
    booked = CapacityMonth.objects.get(specialist=world.people[0], month=third)
    assert (booked.signed, booked.limit) == (8, 8)
    with pytest.raises(BookingRefused):
        engagements.hold(
            world.people[0].pk, half_days=1, first_month=third, last_month=third, until=world.today
        )

    # Enough days again: the row goes by itself.
    declaring.declare_days(world.people[0], {third: 8, fourth: 9}, by=world.user())
    assert rows(world.coordinator) == []


def test_a_month_without_a_declaration_counts_as_none() -> None:
    world = make_world("signed")
    Availability.objects.filter(specialist=world.people[0]).delete()
    CapacityMonth.objects.update(declared=0, limit=F("signed") + F("held"))  # as the verbs do
    (row,) = rows(world.coordinator)
    assert "ほか3か月" in row


def test_enough_days_say_thank_you(client_of: Callable[[User], Client]) -> None:
    world = make_world("signed")
    person = Visitor(world.user())
    page = person.get("/specialist/days/")
    page = person.send(page, page.form_with(months(world)[0]))
    page.must_say("稼働可能日を確認しました")
    assert rows(world.coordinator) == []
    anonymous = Client()
    assert anonymous.get(reverse("specialist:days")).status_code == 302
    assert client_of(world.town()).get(reverse("specialist:days")).status_code == 404


# --- Booking --------------------------------------------------------------------------------------
def test_all_months_of_a_booking_or_none() -> None:
    person = make.make_specialist(half_days=4)
    start = first_of_month(timezone.localdate())
    user = person.user
    assert user is not None
    declaring.declare_days(person, {add_months(start, 2): 3}, by=user)
    with pytest.raises(BookingRefused) as refusal:
        engagements.hold(
            person.pk,
            half_days=4,
            first_month=start,
            last_month=add_months(start, 3),
            until=start,
        )
    assert refusal.value.months == (add_months(start, 2),)
    assert not Hold.objects.exists()
    assert not CapacityMonth.objects.filter(held__gt=0).exists()


def test_a_hold_is_given_back_once() -> None:
    person = make.make_specialist(half_days=4)
    start = first_of_month(timezone.localdate())
    kept = engagements.hold(
        person.pk, half_days=3, first_month=start, last_month=start, until=start
    )
    other = engagements.hold(
        person.pk, half_days=1, first_month=start, last_month=start, until=start
    )
    engagements.release(kept.pk)
    engagements.release(kept.pk)
    assert CapacityMonth.objects.get(month=start).held == other.half_days
    assert wrong_months() == []


def test_free_days_are_what_is_declared_less_what_is_taken() -> None:
    person = make.make_specialist(half_days=4, months=2)
    start = first_of_month(timezone.localdate())
    engagements.hold(person.pk, half_days=3, first_month=start, last_month=start, until=start)
    ahead = [add_months(start, index) for index in range(3)]
    assert engagements.free_half_days([person.pk], ahead) == {person.pk: [1, 4, 0]}


def test_a_month_left_empty_is_named_as_the_page_names_it() -> None:
    form = DaysForm({"weekdays": ["1"]}, months=[APRIL, MAY], declared={APRIL: 4})
    assert form.errors == {"2027-04": ["令和9年4月を入れてください。"]}


def test_a_month_that_was_never_answered_may_stay_so() -> None:
    """Pressing the button each month must not turn the new months into no time."""
    person = make.make_specialist(half_days=4, months=2)
    assert person.user is not None
    visitor = Visitor(person.user)
    page = visitor.get(reverse("specialist:days"))
    page.must_say("16か月分が、まだ入っていません")
    month = first_of_month(timezone.localdate())
    visitor.send(page, page.form_with(f"{month:%Y-%m}"), **{f"{add_months(month, 2):%Y-%m}": "0"})
    half_days = Availability.objects.filter(specialist=person).order_by("month")
    assert list(half_days.values_list("half_days", flat=True)) == [4, 4, 0]
    visitor.get(reverse("specialist:days")).must_say("15か月分が、まだ入っていません")
    nothing = DaysForm({"weekdays": ["1"]}, months=[APRIL], declared={})
    assert "1か月分は入れて" in str(nothing.non_field_errors())


def test_days_declared_on_another_page_are_not_overwritten_unseen() -> None:
    """A-23: the second page says what is declared now; sending it again overwrites knowingly."""
    person = make.make_specialist(half_days=20)
    assert person.user is not None
    one, other = Visitor(person.user), Visitor(person.user)
    url = reverse("specialist:days")
    first, second = one.get(url), other.get(url)
    month = f"{first_of_month(timezone.localdate()):%Y-%m}"
    one.send(first, first.form_with(month), **{month: "4"})
    page = other.send(second, second.form_with(month), **{month: "5"})
    page.must_say("いまの内容は「月4日")
    declared = Availability.objects.filter(specialist=person).order_by("month")
    assert declared[0].half_days == 8
    other.send(page, page.form_with(month), **{month: "5"})
    assert declared[0].half_days == 10
