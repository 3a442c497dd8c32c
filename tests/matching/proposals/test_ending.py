"""Nothing stays stuck: who cannot be approached is passed over, a proposal and an approach can be
ended by the prefecture, and an agreement without consent ends by its date."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from matching.engagements.models import CapacityMonth
from matching.proposals.errors import Refused
from matching.proposals.forms import StartRunForm
from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.services import agreement, approaches, dates, ending, offers
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.specialists.models import Specialist
from tests.matching.concurrency import wrong_months
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, World, make_world

pytestmark = pytest.mark.django_db


def stuck() -> World:
    """Both towns want the same person first, who serves one town only and is asked by the other."""
    world = make_world("ranked")
    Specialist.objects.filter(pk=world.people[0].pk).update(max_towns=1)
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
    return world


def mailed(key: str) -> list[str]:
    return [row.payload["to"] for row in Message.objects.filter(kind="mail", key__startswith=key)]


def held() -> int:
    return sum(CapacityMonth.objects.values_list("held", flat=True))


# --- A person who cannot be approached ------------------------------------------------------------
def test_a_need_goes_on_to_its_second_choice_by_the_page() -> None:
    world = stuck()
    staff, candidate = Visitor(world.coordinator), world.candidate(1)
    page = staff.get(f"/admin/proposals/proposal/{world.proposals[1].pk}/change/")
    page.must_say("次の候補へ進む", "候補提示を終える")
    page = staff.get(f"/admin/proposals/proposal/{world.proposals[1].pk}/skip/")
    form = page.form_with("candidate", "reason")
    page = staff.send(page, form, reason="")
    page.must_say("見送る理由")
    page = staff.send_twice(page, form, reason="towns")
    page.must_say("県が見送り", "受け持てる市町の数を超える")
    candidate.refresh_from_db()
    assert (candidate.status, candidate.aside_reason) == ("aside", "towns")
    following = Candidate.objects.get(proposal=world.proposals[1], status="approached")
    assert following.specialist == world.people[1]
    assert world.town(1).email in mailed(f"candidate:{candidate.pk}:aside")
    assert world.candidate(0).status == "approached"  # the other town's is left alone
    assert Event.objects.filter(action="set_aside").count() == 1
    town = Visitor(world.town(1)).get(f"/town/proposals/{world.proposals[1].pk}/")
    town.must_not_say("受け持てる市町の数")
    assert wrong_months() == []


@pytest.mark.parametrize(
    ("reason", "whose", "words"),
    [("", 0, "理由を選んで"), ("days", 1, "次の候補へ移っています")],
)
def test_only_the_next_in_line_is_skipped_and_with_a_reason(
    reason: str, whose: int, words: str
) -> None:
    world = make_world("ranked")
    other = world.candidate(0, whose)
    with pytest.raises(Refused, match=words):
        ending.skip_candidate(
            world.proposals[0].pk, candidate_id=other.pk, reason=reason, by=world.coordinator
        )


def test_without_a_second_choice_skipping_ends_the_proposal() -> None:
    world = make_world("offered")
    world.rank(0, wanted=1)
    ending.skip_candidate(
        world.proposals[0].pk,
        candidate_id=world.candidate().pk,
        reason="renewal",
        by=world.coordinator,
    )
    world.read()
    assert (world.proposals[0].status, world.proposals[0].close_reason) == ("closed", "nobody_left")


def test_the_database_wants_a_reason() -> None:
    world = make_world("offered")
    with (
        pytest.raises(IntegrityError, match="candidate_set_aside_has_reason"),
        transaction.atomic(),
    ):
        Candidate.objects.update(status="aside")
    assert world.candidate().status == "offered"


def test_who_is_skipped_by_the_line_itself_is_in_the_record() -> None:
    world = make_world("skipped")
    event = Event.objects.filter(action="skip_candidate").first()
    assert event is not None
    assert event.detail["proposal"] in {row.pk for row in world.proposals}


# --- A proposal is ended --------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["offered", "ranked"])
def test_an_ended_proposal_frees_its_need(state: str) -> None:
    world = make_world(state)
    proposal = world.proposals[0]
    staff = Visitor(world.coordinator)
    page = staff.get(f"/admin/proposals/proposal/{proposal.pk}/end/")
    page = staff.send_twice(page, page.form_with("reason"), reason="no_prospect")
    page.must_say("終了", "見込みがない")
    page.must_not_say("次の候補へ進む")
    world.read()
    assert (proposal.status, world.needs[0].status) == ("closed", "accepted")
    assert world.town().email in mailed(f"proposal:{proposal.pk}:ended")
    again: Any = StartRunForm(user=world.coordinator).fields["needs"]
    assert world.needs[0] in again.queryset
    assert offers.give_up(world.needs[0].pk, by=world.coordinator).need == world.needs[0]


def test_a_proposal_is_not_ended_while_somebody_is_approached() -> None:
    world = make_world("approached")
    staff = Visitor(world.coordinator)
    page = staff.get(f"/admin/proposals/proposal/{world.proposals[0].pk}/end/")
    page.must_say("この操作をする段階ではありません")
    with pytest.raises(Refused, match="打診をしている間"):
        ending.end_proposal(world.proposals[0].pk, reason="replan", by=world.coordinator)
    with pytest.raises(Refused, match="理由を選んで"):
        ending.end_proposal(world.proposals[0].pk, reason="withdrawn", by=world.coordinator)


# --- An approach is ended -------------------------------------------------------------------------
def take_back(world: World) -> None:
    agreement.set_disclosure(world.candidate().pk, agreed=False, by=world.user())


def test_an_agreement_without_consent_is_ended_by_the_page() -> None:
    world = make_world("agreed")
    take_back(world)
    closed = f"bundle:{world.the_bundle.pk}:name:{world.candidate().pk}:"
    assert world.coordinator.email in mailed(closed)
    before = held()
    staff = Visitor(world.coordinator)
    page = staff.get(f"/admin/proposals/bundle/{world.the_bundle.pk}/change/")
    page.must_say("打診を終える")
    page = staff.get(f"/admin/proposals/bundle/{world.the_bundle.pk}/end/")
    page = staff.send_twice(page, page.form_with("reason"), reason="consent")
    page.must_say("お名前の開示の同意がない")
    world.read()
    assert world.the_bundle.status == "dissolved"
    assert world.candidate().status == world.candidate(1).status == "aside"
    of_the_first = CapacityMonth.objects.filter(specialist=world.people[0])
    assert sum(of_the_first.values_list("held", flat=True)) == 0 < before
    following = Candidate.objects.filter(status="approached")
    assert {row.specialist_id for row in following} == {world.people[1].pk}
    told = mailed("candidate:") + mailed(f"bundle:{world.the_bundle.pk}:ended")
    assert {world.town(0).email, world.town(1).email, world.user().email} <= set(told)
    assert Event.objects.filter(action="end_approach").count() == 1
    Visitor(world.user()).get(f"/specialist/approaches/{world.the_bundle.pk}/")
    assert wrong_months() == []


def test_an_agreement_without_consent_ends_by_its_date() -> None:
    world = make_world("agreed")
    Bundle.objects.update(decide_due=world.today - timedelta(days=30))
    assert dates.sweep_dates() == 0  # the prefecture is late: it is reminded, nothing ends
    take_back(world)
    Bundle.objects.update(decide_due=world.today - timedelta(days=1))
    assert dates.sweep_dates() == 0  # until the day for signing
    Bundle.objects.update(decide_due=world.today - timedelta(days=30))
    assert dates.sweep_dates() == 1
    assert dates.sweep_dates() == 0
    world.read()
    assert world.the_bundle.status == "dissolved"
    assert world.candidate().aside_reason == "consent"


# --- The date of the answer -----------------------------------------------------------------------
def test_an_answer_past_its_day_is_refused() -> None:
    world = make_world("approached")

    def due(days: int) -> None:
        Bundle.objects.update(answer_due=timezone.localdate() + timedelta(days=days))

    def accept() -> Bundle:
        return approaches.accept(
            world.the_bundle.pk, agreed_codes=CODES, terms_version=1, by=world.user()
        )

    due(-1)
    with pytest.raises(Refused, match="期限が過ぎています"):
        accept()
    assert Proposal.objects.filter(status="accepted").count() == 0
    due(0)
    assert accept().status == "accepted"
    due(-1)
    assert accept().status == "accepted"  # the same answer again, later
