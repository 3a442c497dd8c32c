"""What a declaration would do to bookings is shown first; pauses; what the pool can expect."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from matching.engagements import declaring, home
from matching.engagements import services as engagements
from matching.engagements.declaring import TownDays
from matching.engagements.models import CapacityMonth, SettledMonth
from matching.engagements.outlook import latest, renew_outlook
from matching.proposals.freeze import freeze
from matching.proposals.services import approaches
from municipalities.registry.queue import work_queue
from talentpool.audit.models import Event
from talentpool.conventions.months import add_months, first_of_month
from talentpool.outbox.models import Message
from talentpool.specialists.models import AvailabilitySignal, Pause, Specialist
from talentpool.specialists.services import confidence_by_person
from tests import factories as make
from tests.matching.concurrency import wrong_months
from tests.matching.visitor import Visitor
from tests.matching.world import make_world

pytestmark = pytest.mark.django_db


def test_towns_and_days_are_named_before_anything_is_saved() -> None:
    world = make_world("signed")  # two towns, 4 half-days each a month, in months 3 to 8
    person = Visitor(world.user())
    third = add_months(first_of_month(world.today), 2)
    page = person.get("/specialist/days/")
    check = person.send(page, page.form_with(f"{third:%Y-%m}"), **{f"{third:%Y-%m}": "1"})
    check.must_say("まだ保存していません", "江田島市", "坂町", "（契約）", "月3日(6半日)")
    assert engagements.free_half_days([world.people[0].pk], [third]) == {world.people[0].pk: [12]}
    assert not Message.objects.filter(key__startswith="short:").exists()

    done = person.send(check, check.form_with("confirmed"))
    done.must_say("申告を受け付けました", "県から連絡します")
    assert Message.objects.filter(key__startswith="short:").count() == 1
    capacity = Visitor(world.coordinator).get("/admin/engagements/engagement/capacity/")
    capacity.must_say(world.people[0].pool_number, "江田島市", "坂町", "月3日(6半日)")
    assert wrong_months() == []

    # The same again lowers nothing more: no question twice.
    page = person.get("/specialist/days/")
    person.send(page, page.form_with(f"{third:%Y-%m}")).must_say("申告を受け付けました")


def test_held_days_name_their_town_too() -> None:
    world = make_world("approached")
    third = add_months(first_of_month(world.today), 2)
    (hit,) = declaring.hits_of(world.people[0].pk, {third: 5})
    assert hit.short == 3
    assert hit.towns == (TownDays("江田島市", 4, False), TownDays("坂町", 4, False))
    assert declaring.hits_of(world.people[0].pk, {third: 8}) == []


def test_a_pause_takes_the_days_and_gives_them_back() -> None:
    person = make.make_specialist(half_days=6)
    assert person.user is not None
    start = first_of_month(timezone.localdate())
    months = [add_months(start, index) for index in range(4)]
    visitor = Visitor(person.user)
    form = visitor.get("/specialist/days/pause/")
    parts = {"first_month": months[1], "last_month": months[2]}
    data = {f"{name}_0": month.year for name, month in parts.items()}
    data |= {f"{name}_1": month.month for name, month in parts.items()}
    page = visitor.send(form, form.form_with("first_month_0"), **data)
    page.must_say("休止期間を受け付けました", "休止を取り消す")
    assert engagements.free_half_days([person.pk], months) == {person.pk: [6, 0, 0, 6]}
    with pytest.raises(engagements.BookingRefused):
        engagements.hold(
            person.pk, half_days=1, first_month=months[0], last_month=months[1], until=start
        )
    # Declaring days in it does not end it.
    declaring.declare_days(person, dict.fromkeys(months, 8), by=person.user)
    assert engagements.free_half_days([person.pk], months) == {person.pk: [8, 0, 0, 8]}

    again = visitor.send(form, form.form_with("first_month_0"), **data)
    again.must_say("ほかの休止期間と重なっています")
    page = visitor.get("/specialist/days/")
    ends = [one for one in page.forms if one.action.endswith("/end/")]
    visitor.send(page, ends[0])
    assert engagements.free_half_days([person.pk], months) == {person.pk: [8, 8, 8, 8]}
    assert CapacityMonth.objects.get(month=months[1]).limit == 8


def test_a_pause_over_bookings_asks_first_and_is_told_to_the_coordinators() -> None:
    world = make_world("signed")
    third = add_months(first_of_month(world.today), 2)
    visitor = Visitor(world.user())
    form = visitor.get("/specialist/days/pause/")
    data = {
        "first_month_0": third.year,
        "first_month_1": third.month,
        "last_month_0": third.year,
        "last_month_1": third.month,
    }
    check = visitor.send(form, form.form_with("first_month_0"), **data)
    check.must_say("まだ保存していません", "江田島市")
    assert not Pause.objects.exists()
    visitor.send(check, check.form_with("confirmed"))
    ((person, months),) = declaring.overbooked(since=first_of_month(world.today))
    assert (person, months) == (world.people[0], [third])
    assert wrong_months() == []


@pytest.mark.parametrize(
    ("months", "words"),
    [
        ((-1, 0), "今月より前の月は選べません"),
        ((2, 1), "最初の月より後の月"),
        ((0, 18), "までの月を入れてください"),
    ],
)
def test_months_of_a_pause(months: tuple[int, int], words: str) -> None:
    person = make.make_specialist()
    assert person.user is not None
    visitor = Visitor(person.user)
    start = first_of_month(timezone.localdate())
    first, last = (add_months(start, index) for index in months)
    form = visitor.get("/specialist/days/pause/")
    data = {
        "first_month_0": first.year,
        "first_month_1": first.month,
        "last_month_0": last.year,
        "last_month_1": last.month,
    }
    visitor.send(form, form.form_with("first_month_0"), **data).must_say(words)
    assert not Pause.objects.exists()


def test_weekdays_are_declared_with_the_days() -> None:
    person = make.make_specialist()
    assert person.user is not None
    visitor = Visitor(person.user)
    page = visitor.get("/specialist/days/")
    visitor.send(page, page.form_with("weekdays"), weekdays=["1", "16"])
    person.refresh_from_db()
    assert person.weekdays == 17


def test_answers_move_the_confidence_that_ranks() -> None:
    """Declining for want of time, declining for another reason, keeping silent."""
    world = make_world("approached")
    Specialist.objects.update(confirmed_at=timezone.now() - timedelta(days=60))
    first = world.people[0]
    before = confidence_by_person([first.pk])[first.pk]
    approaches.decline(world.the_bundle.pk, reason="schedule", by=world.user())
    after = confidence_by_person([first.pk])[first.pk]
    assert after < before
    frozen = {one.id: one.confidence for one in freeze(world.needs).specialists}
    assert frozen[str(first.pk)] == after
    assert list(AvailabilitySignal.objects.values_list("kind", flat=True)) == ["declined"]
    world.let_pass()  # the second person, approached next, says nothing
    assert set(AvailabilitySignal.objects.values_list("kind", flat=True)) >= {"unanswered"}


@pytest.mark.parametrize(("reason", "kind"), [("schedule", "declined"), ("terms", "replied")])
def test_the_reason_of_a_decline_decides_what_it_says_about_days(reason: str, kind: str) -> None:
    world = make_world("approached")
    approaches.decline(world.the_bundle.pk, reason=reason, by=world.user())
    assert AvailabilitySignal.objects.filter(specialist=world.people[0]).get().kind == kind


def test_accepting_is_a_signal() -> None:
    world = make_world("accepted")
    assert AvailabilitySignal.objects.get().kind == "accepted"
    assert AvailabilitySignal.objects.get().specialist == world.people[0]


def test_the_outlook_weighs_free_days_by_confidence() -> None:
    person = make.make_specialist(half_days=10)
    start = first_of_month(timezone.localdate())
    engagements.hold(person.pk, half_days=4, first_month=start, last_month=start, until=start)
    sure = confidence_by_person([person.pk])[person.pk]
    renew_outlook(timezone.localdate())
    kept = renew_outlook(timezone.localdate())
    again, rows = latest()
    assert again == kept
    assert rows[0] == {
        "month": start,
        "people": 1,
        "declared": 10,
        "booked": 4,
        "free": 6,
        "expected": 6 * sure // 1000,
    }
    assert rows[1]["free"] == 10
    coordinator = Visitor(make.make_coordinator())
    coordinator.get("/admin/engagements/engagement/capacity/").must_say("見込める空き")


def test_what_was_settled_with_the_towns_leaves_the_queue_until_the_numbers_change() -> None:
    world = make_world("signed")
    person, third = world.people[0], add_months(first_of_month(world.today), 2)
    fourth = add_months(third, 1)
    declaring.declare_days(person, {third: 2, fourth: 2}, by=world.user())
    staff = Visitor(world.coordinator)

    def waits() -> bool:
        return any("稼働可能日" in item.title for item in work_queue("coordinator", staff_user))

    staff_user = world.coordinator
    assert waits()
    page = staff.get("/admin/engagements/engagement/capacity/")
    form = page.form_with("note", "seen")
    empty = staff.client.post(page.url, {**dict(form.fields), "note": ""})
    assert empty.status_code == 422
    broken = staff.client.post(page.url, {**dict(form.fields), "note": "x", "seen": "2026/1"})
    assert broken.status_code == 422
    declaring.declare_days(person, {fourth: 1}, by=world.user())  # while the page was open
    page = staff.send(page, form, note="坂町が減らす")
    page.must_say("日数が変わった月", "1か月について", "坂町が減らす", staff_user.name)
    assert waits()  # the other month
    staff.send(page, page.form_with("note", "seen"), note="江田島市が減らす")
    assert not waits()
    assert len(declaring.overbooked(since=third)[0][1]) == 2  # the page still shows them
    assert Event.objects.filter(action="settle_months").count() == 2
    declaring.declare_days(person, {third: 3}, by=world.user())
    assert waits()
    declaring.declare_days(person, {third: 2}, by=world.user())
    assert not waits()
    with pytest.raises(declaring.DeclarationRefused):
        declaring.settle_months(person, {third: (2, 8)}, note="x", by=world.user())
    with pytest.raises(IntegrityError), transaction.atomic():
        SettledMonth.objects.filter(month=third).update(declared=8)


def test_a_home_page_names_the_first_of_the_people_who_are_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    month = first_of_month(timezone.localdate())
    people = [make.make_specialist(half_days=6) for _ in range(2)]
    for person in people:
        engagements.hold(
            person.pk, half_days=4, first_month=month, last_month=add_months(month, 1), until=month
        )
        assert person.user is not None
        declaring.declare_days(person, {month: 1, add_months(month, 1): 4}, by=person.user)
    short = sorted((person.pool_number, person.pk) for person in people)
    found = declaring.overbooked(since=month)
    assert [(person.pool_number, person.pk) for person, _ in found] == short
    assert [months for _, months in found] == [[month], [month]]  # who declares enough is not short
    assert declaring.overbooked(since=month, most=1) == found[:1]
    assert wrong_months() == []
    coordinator = make.make_coordinator()
    assert [item.action for item in home.for_coordinator(coordinator)] == ["市町と日数を見る"] * 2
    monkeypatch.setattr(home, "SHOWN", 1)
    actions = [item.action for item in home.for_coordinator(coordinator)]
    assert actions == ["市町と日数を見る", "一覧を見る"]
