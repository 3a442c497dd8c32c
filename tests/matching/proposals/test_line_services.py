"""The whole line by its verbs: what happens when somebody declines, is silent, leaves, changes."""

from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from matching.engagements.models import CapacityMonth, Hold
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.services import agreement, approaches, dates
from municipalities.vacancies import services as needs
from municipalities.vacancies.errors import NotAllowedNowError
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.specialists.models import Specialist
from tests.matching.concurrency import wrong_months
from tests.matching.world import CODES, World, make_world

pytestmark = pytest.mark.django_db


def booked(world: World, person: int = 0) -> tuple[int, int]:
    """The most half-days signed and held in a month of one of the people."""
    rows = CapacityMonth.objects.filter(specialist=world.people[person])
    return (
        max((row.signed for row in rows), default=0),
        max((row.held for row in rows), default=0),
    )


def statuses(world: World) -> list[str]:
    world.read()
    return [proposal.status for proposal in world.proposals]


def current(world: World, town: int = 0) -> Candidate:
    return Candidate.objects.select_related("bundle", "specialist").get(
        proposal=world.proposals[town], status__in=["approached", "accepted"]
    )


def test_two_towns_share_one_person_to_the_yen() -> None:
    world = make_world("agreed")
    assert booked(world) == (0, 8)
    engagement = world.sign()
    world.read()
    shares = list(engagement.shares.order_by("municipality_id"))
    assert [share.municipality_id for share in shares] == sorted(CODES)
    assert sum(share.cost_yen for share in shares) == engagement.total_yen
    # 6 months × (8 half-days × 20,000 + 30,000)
    assert engagement.total_yen == 6 * (8 * 20_000 + 30_000)
    assert (engagement.half_day_rate_yen, engagement.monthly_fixed_yen) == (20_000, 30_000)
    assert [need.status for need in world.needs] == ["filled", "filled"]
    assert booked(world) == (8, 0)
    assert set(Hold.objects.values_list("state", flat=True)) == {"signed"}
    assert wrong_months() == []
    actions = set(Event.objects.values_list("action", flat=True))
    assert {"start_run", "offer_candidates", "rank_candidates", "approach"} <= actions
    assert {"accept_approach", "ask_disclosure", "decide", "sign", "sign_engagement"} <= actions


def test_a_rate_changed_after_the_agreement_changes_no_terms() -> None:
    world = make_world("agreed")
    Specialist.objects.update(half_day_rate_yen=99_000, monthly_fixed_yen=0)
    engagement = world.sign()
    assert (engagement.half_day_rate_yen, engagement.monthly_fixed_yen) == (20_000, 30_000)
    assert engagement.total_yen == 6 * (8 * 20_000 + 30_000)


def test_next_in_line_moves_up_when_the_first_declines() -> None:
    world = make_world("approached")
    approaches.decline(world.the_bundle.pk, reason="terms", by=world.user())
    assert statuses(world) == ["approached", "approached"]
    assert [current(world, town).specialist for town in (0, 1)] == [world.people[1]] * 2
    assert current(world).bundle == current(world, 1).bundle
    assert booked(world) == (0, 0)
    assert booked(world, 1) == (0, 8)
    told = Message.objects.filter(key__startswith=f"bundle:{current(world).bundle_id}:approach")
    assert told.count() == 1


def test_when_everybody_declined_the_proposals_close_and_the_needs_stay() -> None:
    world = make_world("approached")
    for index in range(3):
        approaches.decline(current(world).bundle_id or 0, reason="schedule", by=world.user(index))
    assert statuses(world) == ["closed", "closed"]
    assert {row.close_reason for row in world.proposals} == {"nobody_left"}
    assert [need.status for need in world.needs] == ["accepted", "accepted"]
    assert sum(booked(world, index)[1] for index in range(3)) == 0


def test_silence_of_a_town_means_the_order_of_the_offer() -> None:
    world = make_world("offered")
    assert world.let_pass() == 2
    assert statuses(world) == ["ranked", "ranked"]
    assert all(row.ranked_by_default for row in world.proposals)
    rows = world.proposals[0].candidates.all()
    assert all(row.rank == row.position for row in rows)
    assert world.let_pass() == 0


@pytest.mark.parametrize("state", ["ranked", "agreed"])
def test_the_prefecture_is_told_each_week_of_what_waits_for_itself(state: str) -> None:
    world = make_world(state)
    Message.objects.all().delete()
    dates.sweep_dates()
    assert Message.objects.count() == 0
    (waiting, each) = {"ranked": ("打診の期限", 2), "agreed": ("締結の期限", 1)}[state]
    due = world.proposals[0].approach_due if state == "ranked" else world.the_bundle.sign_due
    assert due is not None
    for days, told in ((0, 0), (1, 1), (2, 1), (7, 1), (8, 2), (14, 2), (15, 3), (29, 4)):
        # Of the weeks in which nobody came by, what was missed is not made up for.
        dates.remind_prefecture(due + timedelta(days=days))
        dates.remind_prefecture(due + timedelta(days=days))
        subjects = [row.payload["subject"] for row in Message.objects.filter(kind="mail")]
        assert [subject.split("】")[1][:5] for subject in subjects] == [waiting] * told * each
    Message.objects.all().delete()
    if state == "ranked":
        world.approach()
    else:
        world.sign()
    Message.objects.all().delete()
    dates.remind_prefecture(due + timedelta(days=60))
    assert not Message.objects.filter(key__contains="overdue").exists()


def test_silence_of_the_person_means_the_next_in_line() -> None:
    world = make_world("approached")
    assert world.let_pass() == 1
    world.read()
    assert world.the_bundle.status == "expired"
    assert current(world).specialist == world.people[1]
    assert booked(world) == (0, 0)


def test_on_the_last_day_itself_nothing_passes() -> None:
    world = make_world("approached")
    Bundle.objects.update(answer_due=timezone.localdate())
    assert approaches.expire(world.the_bundle.pk) is False
    assert statuses(world) == ["approached", "approached"]


def test_silence_of_one_town_leaves_the_other_with_new_terms() -> None:
    world = make_world("half_decided")
    assert world.let_pass() == 1
    assert statuses(world) == ["accepted", "approached"]
    world.read()
    assert (world.the_bundle.status, world.the_bundle.terms_version) == ("accepted", 2)
    assert world.the_bundle.decide_due is not None
    assert world.the_bundle.decide_due > world.today
    assert current(world, 1).specialist == world.people[1]
    assert wrong_months() == []


def test_towns_that_are_silent_together_leave_together() -> None:
    world = make_world("disclosed")
    assert world.let_pass() == 1
    world.read()
    assert world.the_bundle.status == "dissolved"
    assert current(world).bundle == current(world, 1).bundle
    assert current(world).specialist == world.people[1]


def test_a_person_who_does_not_confirm_new_terms_loses_the_approach() -> None:
    world = make_world("agreed")
    world.step_back(1)
    assert world.let_pass() == 2  # the second person, asked for town 1, was silent as well
    world.read()
    assert world.the_bundle.status == "expired"
    assert current(world).specialist == world.people[1]
    assert current(world, 1).specialist == world.people[2]


# --- A town steps back ----------------------------------------------------------------------------
def test_a_town_steps_back_and_all_others_confirm_again() -> None:
    world = make_world("agreed")
    before = world.candidate(0)
    world.step_back(1)
    world.read()
    bundle, after = world.the_bundle, world.candidate(0)
    assert (bundle.status, bundle.terms_version, bundle.confirmed_version) == ("accepted", 2, 1)
    # The fixed cost, shared before, now falls on the one town.
    assert (before.fixed_yen, after.fixed_yen) == (90_000, 180_000)
    assert after.cost_yen == bundle.total_yen == 6 * (4 * 20_000 + 30_000)
    assert statuses(world)[0] == "accepted"
    with pytest.raises(Refused, match="全員の合意"):
        world.sign()
    with pytest.raises(Refused, match="条件が変わりました"):
        agreement.decide(
            world.proposals[0].pk,
            document_number="文書第1号",
            decided_on=world.today,
            terms_version=1,
            by=world.town(),
        )
    with pytest.raises(Refused, match="条件がさらに変わりました"):
        agreement.confirm_terms(bundle.pk, terms_version=1, by=world.user())
    world.decide(0)
    with pytest.raises(Refused, match="全員の合意"):
        world.sign()
    agreement.confirm_terms(bundle.pk, terms_version=2, by=world.user())
    engagement = world.sign()
    assert engagement.total_yen == 6 * (4 * 20_000 + 30_000)
    assert engagement.shares.count() == 1
    assert wrong_months() == []


def test_the_least_amount_raises_the_days_of_who_stays() -> None:
    world = make_world("agreed", least_half_days=6)
    assert world.candidate(0).agreed_half_days == 4
    world.step_back(1)
    assert world.candidate(0).agreed_half_days == 6
    assert booked(world) == (0, 6)


def test_a_bundle_ends_when_the_days_do_not_suffice_any_more() -> None:
    world = make_world("agreed", least_half_days=6, half_days=8)
    # Meanwhile the person declared only what the one town asks for.
    row = CapacityMonth.objects.filter(specialist=world.people[0])
    assert row.aggregate(most=Sum("held"))["most"]
    world.people[0].availability.update(half_days=4)
    world.step_back(1)
    world.read()
    assert world.the_bundle.status == "dissolved"
    assert world.candidate(0).status == "unavailable"
    assert current(world).specialist == world.people[1]
    assert booked(world) == (0, 0)
    assert wrong_months() == []


def test_an_answer_to_terms_that_changed_meanwhile_is_refused() -> None:
    world = make_world("approached")
    needs.withdraw_need(world.needs[1], by=world.town(1))
    world.read()
    assert (world.the_bundle.status, world.the_bundle.terms_version) == ("approached", 2)
    with pytest.raises(Refused, match="条件が変わりました"):
        approaches.accept(world.the_bundle.pk, agreed_codes=CODES, terms_version=1, by=world.user())
    world.accept()
    assert statuses(world) == ["accepted", "closed"]


def test_an_old_page_does_not_seem_to_change_who_reads_the_name() -> None:
    world = make_world("approached")
    world.accept(disclosed=False)
    world.accept(disclosed=False)  # a double click
    for codes in (CODES, CODES[:1]):
        with pytest.raises(Refused, match="市町ごとのボタン"):
            approaches.accept(
                world.the_bundle.pk, agreed_codes=codes, terms_version=1, by=world.user()
            )
    assert world.candidate().person_agreed_at is None


def test_a_page_left_open_does_not_touch_the_next_in_line() -> None:
    world = make_world("disclosed")
    stale = world.candidate(0).pk
    approaches.decline(world.the_bundle.pk, reason="schedule", by=world.user())
    second = current(world).bundle
    assert second is not None
    approaches.accept(second.pk, agreed_codes=CODES, terms_version=1, by=world.user(1))
    for verb in (
        lambda: agreement.step_back(
            world.proposals[0].pk, reason="interview", candidate_id=stale, by=world.town()
        ),
        lambda: agreement.ask_disclosure(
            world.proposals[0].pk, candidate_id=stale, by=world.town()
        ),
        lambda: agreement.decide(
            world.proposals[0].pk,
            document_number="第1号",
            decided_on=world.today,
            terms_version=1,
            candidate_id=stale,
            by=world.town(),
        ),
    ):
        with pytest.raises(Refused, match="次の候補へ移っています"):
            verb()


# --- A need is withdrawn --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "bundle_after"),
    [
        ("solved", ""),
        ("offered", ""),
        ("ranked", ""),
        ("approached", "approached"),
        ("accepted", "accepted"),
        ("disclosed", "accepted"),
        ("half_decided", "accepted"),
        ("agreed", "accepted"),
    ],
)
def test_a_need_is_withdrawn_at_any_step(state: str, bundle_after: str) -> None:
    world = make_world(state)
    needs.withdraw_need(world.needs[0], by=world.town())
    world.read()
    assert [need.status for need in world.needs] == ["withdrawn", "accepted"]
    if world.proposals:
        assert world.proposals[0].status == "closed"
        assert world.proposals[0].close_reason == "withdrawn"
        assert world.proposals[1].status not in {"closed", "signed"}
    if bundle_after:
        assert world.the_bundle.status == bundle_after
        assert world.the_bundle.terms_version == 2
        assert booked(world) == (0, 4)
        assert world.candidate(0).person_agreed_at is None
    assert wrong_months() == []


def test_a_signed_need_is_not_withdrawn() -> None:
    world = make_world("signed")
    with pytest.raises(NotAllowedNowError):
        needs.withdraw_need(world.needs[0], by=world.town())


@pytest.mark.parametrize("reason", ["budget", "need_changed", "withdrawn"])
def test_stepping_back_for_good_ends_the_proposal(reason: str) -> None:
    world = make_world("disclosed")
    world.step_back(0, reason)
    world.read()
    assert (world.proposals[0].status, world.proposals[0].close_reason) == ("closed", reason)
    assert world.needs[0].status == ("withdrawn" if reason == "withdrawn" else "accepted")
    assert current(world, 1).specialist == world.people[0]


# --- The name, and who may be asked ---------------------------------------------------------------
def test_the_name_opens_with_both_consents_and_closes_with_one() -> None:
    world = make_world("accepted")
    assert not world.candidate().is_open
    world.disclose()
    assert not world.candidate().is_open
    agreement.set_disclosure(world.candidate().pk, agreed=True, by=world.user())
    assert world.candidate().is_open
    assert not world.candidate(1).is_open  # each town for itself
    agreement.set_disclosure(world.candidate().pk, agreed=False, by=world.user())
    assert not world.candidate().is_open


def test_nothing_is_signed_once_a_consent_was_taken_back() -> None:
    world = make_world("agreed")
    agreement.set_disclosure(world.candidate().pk, agreed=False, by=world.user())
    with pytest.raises(Refused, match="取り消しています"):
        world.sign()


def test_a_person_is_not_asked_for_more_towns_than_wanted() -> None:
    world = make_world("ranked")
    Specialist.objects.update(max_towns=1)
    with pytest.raises(Refused, match="受け持てる市町は1まで"):
        world.approach()
    approaches.approach(
        proposal_ids=[world.proposals[0].pk],
        answer_due=world.today + timedelta(days=7),
        by=world.coordinator,
    )
    with pytest.raises(Refused, match="受け持てる市町は1まで"):
        approaches.approach(
            proposal_ids=[world.proposals[1].pk],
            answer_due=world.today + timedelta(days=7),
            by=world.coordinator,
        )


def test_a_person_who_left_the_pool_is_passed_over() -> None:
    world = make_world("skipped")
    assert world.candidate(0, 1).status == "unavailable"
    assert current(world).specialist == world.people[2]


def test_towns_that_want_different_people_are_approached_apart() -> None:
    world = make_world("offered")
    world.rank(0)
    world.people.reverse()
    world.rank(1)
    with pytest.raises(Refused, match="同じ人ではありません"):
        world.approach()
    assert Proposal.objects.filter(status="approached").count() == 0
