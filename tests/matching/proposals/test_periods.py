"""Months pass while a need is coordinated: what has begun is agreed on from this month on, what is
over goes no further and ends."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from matching import engine
from matching.engagements.models import CapacityMonth, Engagement
from matching.pool.models import Demand
from matching.proposals import home
from matching.proposals.errors import Refused
from matching.proposals.forms import StartRunForm
from matching.proposals.freeze import freeze
from matching.proposals.models import Bundle, Candidate
from matching.proposals.services import agreement, approaches, dates, offers, periods, runs, signing
from municipalities.registry.queue import counted
from municipalities.vacancies.models import Need
from talentpool.audit.models import Event
from talentpool.conventions.business_days import add_business_days
from talentpool.conventions.months import add_months
from talentpool.outbox.models import Message
from talentpool.specialists.models import Specialist
from talentpool.users.models import User
from tests import factories as make
from tests.matching.concurrency import wrong_months
from tests.matching.visitor import Visitor, date_parts
from tests.matching.world import CODES, World, make_world, solved_run

pytestmark = pytest.mark.django_db


class Clock:
    """Today, as the portal reads it; `to` is a day to go on to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch = monkeypatch
        self.really = timezone.localdate

    def to(self, day: date) -> None:
        self.patch.setattr(
            timezone, "localdate", lambda value=None, tz=None: self.really(value) if value else day
        )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def third_month(world: World) -> date:
    """The first day of the third of the needs' six months."""
    return add_months(world.needs[0].first_month, 2)


def end(world: World) -> date:
    """The first day after the needs' last month."""
    return add_months(world.needs[0].last_month, 1)


def held(world: World, month: date) -> int:
    rows = CapacityMonth.objects.filter(specialist=world.people[0], month=month)
    return sum(rows.values_list("held", flat=True))


def mails(key: str) -> set[str]:
    return {row.payload["to"] for row in Message.objects.filter(kind="mail", key__startswith=key)}


# --- What has begun -------------------------------------------------------------------------------
def test_an_approach_begins_in_the_month_of_the_approach(clock: Clock) -> None:
    world = make_world("ranked")
    nexts = [world.candidate(0), world.candidate(1)]
    whole = approaches.terms_for(world.people[0], nexts)
    clock.to(third_month(world))
    bundle = approaches.approach(
        proposal_ids=[row.pk for row in world.proposals],
        answer_due=third_month(world),
        by=world.coordinator,
    )
    assert bundle.total_yen * 6 == whole.total_yen * 4  # four of six months
    assert {row.first_month for row in bundle.candidates.all()} == {third_month(world)}
    assert (held(world, third_month(world)), held(world, world.needs[0].first_month)) == (8, 0)
    assert wrong_months() == []


def test_near_its_last_day_the_next_in_line_is_asked_no_longer_than_the_need_lasts(
    clock: Clock,
) -> None:
    world = make_world("approached", max_towns=40)
    clock.to(end(world) - timedelta(days=2))
    approaches.decline(world.the_bundle.pk, reason="schedule", by=world.user())
    bundle = Bundle.objects.latest("pk")
    assert bundle.pk != world.the_bundle.pk
    assert bundle.answer_due == end(world) - timedelta(days=1)


def test_a_run_asks_for_what_is_left(clock: Clock) -> None:
    world = make_world("solved")
    Need.objects.update(budget_yen=960_000)
    world.read()
    assert freeze(world.needs).horizon == 6
    before = freeze(world.needs).needs[0].half_day_rate_cap_yen
    clock.to(third_month(world))
    problem = freeze(world.needs)
    assert (problem.first_month, problem.horizon) == (f"{third_month(world):%Y-%m}", 4)
    assert [(need.start, need.end) for need in problem.needs] == [(0, 4), (0, 4)]
    assert (before, problem.needs[0].half_day_rate_cap_yen) == (80_000, 120_000)


@pytest.mark.parametrize("state", ["approached", "disclosed", "half_decided"])
def test_terms_that_wait_are_worked_out_anew_when_a_month_has_passed(
    state: str, clock: Clock
) -> None:
    world = make_world(state)
    before = world.the_bundle.total_yen
    Bundle.objects.update(answer_due=end(world))
    if state != "approached":
        Bundle.objects.update(decide_due=end(world))
    clock.to(world.needs[0].first_month)
    assert dates.sweep_dates() == 0  # its first month still lies whole before it
    clock.to(add_months(world.needs[0].first_month, 1))
    assert dates.sweep_dates() == 1
    assert dates.sweep_dates() == 0
    world.read()
    bundle = world.the_bundle
    assert (bundle.total_yen * 6, bundle.terms_version) == (before * 5, 2)
    assert world.proposals[0].status == ("approached" if state == "approached" else "accepted")
    assert held(world, world.needs[0].first_month) == 0
    assert world.user().email in mails(f"bundle:{bundle.pk}:terms:2")
    if state != "approached":
        assert {world.town(0).email, world.town(1).email} <= mails(f"bundle:{bundle.pk}:terms:2")
    assert wrong_months() == []


@pytest.mark.parametrize(
    ("before_end", "waits"),
    [(45, None), (8, 7), (1, 0)],  # days before the end, days that are given
)
def test_the_towns_decide_by_the_last_day_of_the_need_at_the_latest(
    before_end: int, waits: int | None, clock: Clock
) -> None:
    """Until then, and no longer, the person's days are held; three weeks are usual."""
    world = make_world("approached")
    last = end(world) - timedelta(days=1)
    day = end(world) - timedelta(days=before_end)
    Bundle.objects.update(answer_due=last)
    clock.to(day)
    dates.sweep_dates()  # the terms count from this month on
    world.read()
    world.accept(disclosed=False)
    world.read()
    usual = add_business_days(day, 15)
    expected = usual if waits is None else day + timedelta(days=waits)
    assert world.the_bundle.decide_due == expected == min(usual, last)
    assert {row.hold.until for row in Candidate.objects.exclude(hold=None)} == {expected}
    world.step_back(1)  # terms change: five business days are usual, the end stays the end
    world.read()
    later = max(expected, min(add_business_days(day, 5), last))
    assert world.the_bundle.decide_due == later <= last


def test_what_all_agreed_on_waits_for_the_coordinator(clock: Clock) -> None:
    """It may have been signed on paper in time; signed later, it counts no month before."""
    world = make_world("agreed")
    key, before = world.the_bundle.pk, world.the_bundle.total_yen
    last_month = world.needs[0].first_month
    day = add_months(last_month, 1)
    clock.to(day)
    Bundle.objects.update(decide_due=day)
    assert dates.sweep_dates() == 0
    staff = Visitor(world.coordinator)
    page = staff.get(f"/admin/proposals/bundle/{key}/change/")
    page.must_say("過ぎた月があります")
    signing = {**date_parts("signed_on", day), "form": "10"}
    page = staff.send(page, page.form_with("form"), **signing)
    page.must_say("締結日より前の月です", "今月からの条件に改める")
    assert not Engagement.objects.exists()

    page = staff.get(f"/admin/proposals/bundle/{key}/renew/")
    page = staff.send_twice(page, page.form_with())
    world.read()
    assert (world.the_bundle.status, world.the_bundle.terms_version) == ("accepted", 2)
    assert (
        Event.objects.filter(action="renew_past_terms", actor_id=world.coordinator.pk).count() == 1
    )
    agreement.confirm_terms(key, terms_version=2, by=world.user())
    world.today = day
    world.decide(0)
    world.decide(1)
    engagement = world.sign()
    assert (engagement.first_month, engagement.total_yen * 6) == (day, before * 5)
    assert {share.first_month for share in engagement.shares.all()} == {day}
    assert wrong_months() == []


def test_terms_that_fit_no_more_are_not_said_to_be_renewed(clock: Clock) -> None:
    world = make_world("agreed")
    key, day = world.the_bundle.pk, add_months(world.needs[0].first_month, 1)
    clock.to(day)
    Bundle.objects.update(decide_due=day)
    Specialist.objects.filter(pk=world.people[0].pk).update(
        least_half_days=24
    )  # more than declared
    staff = Visitor(world.coordinator)
    page = staff.get(f"/admin/proposals/bundle/{key}/renew/")
    page = staff.send(page, page.form_with())
    page.must_say("収まらないため、打診を終えました")
    page.must_not_say("今月からの条件に改めました")
    world.read()
    assert world.the_bundle.status == "dissolved"
    assert not Event.objects.filter(action="renew_past_terms").exists()


def test_towns_of_months_that_are_over_do_not_count(clock: Clock) -> None:
    """Neither for who is matched nor for who is approached."""
    by = make.make_coordinator()
    person = make.make_specialist(max_towns=1)
    short, long = (make.make_need("accepted", code=code, coordinator=by) for code in CODES)
    Need.objects.filter(pk=short.pk).update(last_month=short.first_month)
    short.refresh_from_db()

    def kept_out_by() -> list[str]:
        return [rule.code for rule in engine.why_not(freeze([long]), str(long.pk), str(person.pk))]

    first = make.make_proposals(solved_run([short], by=by), [short], by=by)
    make.make_bundle(first, "signed", by=by)
    assert kept_out_by() == ["R15"]
    clock.to(add_months(long.first_month, 1))
    assert kept_out_by() == []
    offered = make.make_proposals(solved_run([long], by=by), [long], by=by)
    assert make.make_bundle(offered, by=by).specialist == person


def test_what_was_signed_on_paper_in_time_is_written_down_later(clock: Clock) -> None:
    world = make_world("agreed")
    in_time = world.needs[0].first_month
    clock.to(add_months(in_time, 1))
    engagement = signing.sign(
        world.the_bundle.pk, signed_on=in_time, form_code="10", by=world.coordinator
    )
    assert engagement.first_month == in_time


# --- What is over ---------------------------------------------------------------------------------
OVER_WORDS = "期間は.*で終わっています"


def test_what_is_over_is_neither_offered_nor_run(clock: Clock) -> None:
    world = make_world("solved")
    ids = [need.pk for need in world.needs]
    clock.to(end(world))
    with pytest.raises(Refused, match=OVER_WORDS):
        offers.make_proposals(world.run, need_ids=ids, rank_due=end(world), by=world.coordinator)
    with pytest.raises(Refused, match="案件を1つ以上"):
        runs.start_run(title="遅い", need_ids=ids, by=world.coordinator)


def test_what_is_over_is_not_approached(clock: Clock) -> None:
    world = make_world("ranked")
    ids = [row.pk for row in world.proposals]
    clock.to(end(world))
    with pytest.raises(Refused, match=OVER_WORDS):
        approaches.approach(proposal_ids=ids, answer_due=end(world), by=world.coordinator)


def test_what_is_over_is_not_signed(clock: Clock) -> None:
    world = make_world("agreed")
    clock.to(end(world))
    with pytest.raises(Refused, match=OVER_WORDS):
        signing.sign(
            world.the_bundle.pk, signed_on=end(world), form_code="10", by=world.coordinator
        )


def test_what_is_over_is_offered_to_no_run(clock: Clock) -> None:
    world = make_world("solved")

    def waiting() -> tuple[int, str]:
        field = StartRunForm(user=world.coordinator).fields["needs"]
        panel = counted(home.coordinator_facts(world.coordinator))[0]
        return field.queryset.count(), panel.value  # type: ignore[attr-defined]

    assert waiting() == (2, "2")
    clock.to(end(world))
    assert waiting() == (0, "0")


@pytest.mark.parametrize("state", ["solved", "offered", "ranked", "approached", "disclosed"])
def test_what_is_over_ends_and_its_town_is_told(state: str, clock: Clock) -> None:
    world = make_world(state)
    clock.to(end(world))
    periods.sweep_periods(end(world))
    assert periods.sweep_periods(end(world)) == 0
    world.read()
    assert [(need.status, bool(need.closing_note)) for need in world.needs] == [
        ("lapsed", True),
        ("lapsed", True),
    ]
    assert {(row.status, row.close_reason) for row in world.proposals} <= {("closed", "period")}
    assert CapacityMonth.objects.filter(held__gt=0).count() == 0
    demands = Demand.objects.order_by("pk")
    assert [row.need_id for row in demands] == [need.pk for need in world.needs]
    assert {row.created_by for row in demands} == {None}
    told = {
        row.payload["to"]
        for row in Message.objects.filter(kind="mail")
        if "期間が終わりました" in row.payload["subject"]
    }
    assert told == {world.needs[0].created_by.email, world.needs[1].created_by.email}
    page = Visitor(world.needs[0].created_by).get(f"/town/needs/{world.needs[0].pk}/")
    page.must_say("期間終了", "期間が終わりました", "契約に至らないまま期間が終わったので")
    page.must_not_say("合う人がいなかったので")


def test_what_was_not_met_in_time_is_told_as_that(clock: Clock) -> None:
    world = make_world("solved")
    clock.to(end(world))
    periods.sweep_periods(end(world))
    staff = Visitor(world.coordinator)
    page = staff.get("/admin/")
    page.must_say("契約に至らないまま期間が終わった案件です")
    page.must_not_say("合う人がいないという連絡です")
    demand = Demand.objects.latest("pk")
    staff.get(f"/admin/pool/demand/{demand.pk}/change/").must_say(
        "期間の終わりに自動で記録", "合う人がいなかったとは限りません"
    )


def test_who_shares_with_what_is_over_goes_on(clock: Clock) -> None:
    world = make_world("disclosed")
    Need.objects.filter(pk=world.needs[0].pk).update(last_month=world.needs[0].first_month)
    Bundle.objects.update(decide_due=end(world))
    clock.to(add_months(world.needs[0].first_month, 1))
    assert dates.sweep_dates() == 1
    assert dates.sweep_dates() == 0
    world.read()
    assert [need.status for need in world.needs] == ["lapsed", "accepted"]
    assert (world.the_bundle.status, world.the_bundle.terms_version) == ("accepted", 2)
    assert {row.first_month for row in world.the_bundle.candidates.filter(status="accepted")} == {
        add_months(world.needs[1].first_month, 1)
    }


def test_an_agreement_that_is_over_ends_with_the_day_for_signing(clock: Clock) -> None:
    world = make_world("agreed")
    Bundle.objects.update(decide_due=end(world))
    clock.to(end(world))
    assert dates.sweep_dates() == 0
    clock.to(add_months(end(world), 1))
    dates.sweep_dates()
    world.read()
    assert world.the_bundle.status == "dissolved"
    assert [need.status for need in world.needs] == ["lapsed", "lapsed"]
    assert CapacityMonth.objects.filter(held__gt=0).count() == 0


# --- One sweep ------------------------------------------------------------------------------------
def subjects(user: User) -> list[str]:
    rows = Message.objects.filter(kind="mail", payload__to=user.email).order_by("pk")
    return [row.payload["subject"].partition("】")[2] for row in rows]


@pytest.mark.parametrize(
    ("state", "person"),
    [("approached", ["打診を終えました"]), ("disclosed", ["打診を終えました"])],
)
def test_several_that_are_over_end_together_with_one_mail_each(
    state: str, person: list[str], clock: Clock
) -> None:
    """As on the first of April, when most of the year's needs are over at once."""
    world = make_world(state)
    Bundle.objects.update(answer_due=add_months(end(world), 1))
    if state != "approached":
        Bundle.objects.update(decide_due=add_months(end(world), 1))
    Message.objects.all().delete()
    clock.to(end(world))
    dates.sweep_dates()
    assert subjects(world.user()) == person
    assert subjects(world.town(0)) == subjects(world.town(1)) == ["案件の期間が終わりました"]
    world.read()
    assert (world.the_bundle.status, world.the_bundle.terms_version) == ("dissolved", 1)
    assert {row.close_reason for row in world.proposals} == {"period"}
    assert dates.sweep_dates() == 0


@pytest.mark.parametrize("state", ["offered", "approached", "disclosed"])
def test_what_is_over_on_a_day_that_passed_too_asks_nobody_else(state: str, clock: Clock) -> None:
    world = make_world(state)
    Message.objects.all().delete()
    clock.to(end(world))
    dates.sweep_dates()
    world.read()
    assert {row.close_reason for row in world.proposals} == {"period"}
    assert not Candidate.objects.filter(status="unavailable").exists()
    assert subjects(world.town(0)) == subjects(world.town(1)) == ["案件の期間が終わりました"]
    assert subjects(world.user()) == ([] if state == "offered" else ["打診を終えました"])
    assert {need.status for need in world.needs} == {"lapsed"}


@pytest.mark.parametrize("state", ["approached", "disclosed"])
def test_nobody_reads_new_terms_of_what_the_same_sweep_ends(state: str, clock: Clock) -> None:
    """A month and the day for answering (or deciding) have passed at once."""
    world = make_world(state)
    Message.objects.all().delete()
    clock.to(third_month(world))
    dates.sweep_dates()
    world.read()
    assert subjects(world.user()) == ["打診を終えました"]
    assert world.the_bundle.terms_version == 1
    assert "日数と負担額が変わりました" not in subjects(world.town(0))
    assert dates.sweep_dates() == 0


def test_who_missed_the_day_leaves_with_what_is_over(clock: Clock) -> None:
    """Of two towns one has decided and its need is over, the other has not decided in time."""
    world = make_world("half_decided")
    Need.objects.filter(pk=world.needs[0].pk).update(last_month=world.needs[0].first_month)
    Message.objects.all().delete()
    clock.to(third_month(world))
    dates.sweep_dates()
    world.read()
    assert subjects(world.user()) == ["打診を終えました"]
    assert [need.status for need in world.needs] == ["lapsed", "accepted"]
    assert [row.close_reason for row in world.proposals] == ["period", ""]
    assert world.proposals[1].status == "approached"  # the next in line, from this month on


def test_one_row_that_fails_does_not_keep_the_others(caplog: pytest.LogCaptureFixture) -> None:
    world = make_world("offered")
    broken, well = world.proposals
    with connection.cursor() as cursor:  # its row is refused when the sweep writes it
        cursor.execute(
            "ALTER TABLE proposals_proposal ADD CONSTRAINT refused"
            f" CHECK (id <> {broken.pk} OR NOT ranked_by_default)"
        )
    assert world.let_pass() == 1
    world.read()
    assert (broken.status, well.status) == ("offered", "ranked")
    (record,) = [row for row in caplog.records if "rank_by_default" in row.getMessage()]
    assert f"of {broken.pk}: IntegrityError" in record.getMessage()
    assert record.exc_info is None  # a database names the values in its words
