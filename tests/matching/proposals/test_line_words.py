"""What the pages of the line say and lead to: impossible days, who was not asked, next steps."""

from dataclasses import replace
from datetime import timedelta

import pytest

from matching import engine
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Proposal
from matching.proposals.plan_page import PlanPage, page_of
from matching.proposals.services import agreement, signing
from tests import factories as make
from tests.matching.visitor import Visitor, date_parts
from tests.matching.world import make_world

pytestmark = pytest.mark.django_db


def test_nothing_is_signed_on_a_day_before_the_decisions() -> None:
    world = make_world("agreed")
    before = world.today - timedelta(days=1)
    with pytest.raises(Refused, match="最後の決裁日"):
        signing.sign(world.the_bundle.pk, signed_on=before, form_code="10", by=world.coordinator)
    staff = Visitor(world.coordinator)
    page = staff.get(f"/admin/proposals/bundle/{world.the_bundle.pk}/change/")
    form = page.form_with("form", "signed_on_0")
    page = staff.send(page, form, form="10", **date_parts("signed_on", before))
    page.must_say("最後の決裁日", "エラー")
    assert Bundle.objects.get().status == Bundle.Status.AGREED


def test_nobody_is_met_or_decided_on_before_being_offered() -> None:
    world = make_world("disclosed")
    before = world.today - timedelta(days=1)
    proposal = world.proposals[0]
    with pytest.raises(Refused, match="面接日は"):
        agreement.record_interview(proposal.pk, held_on=before, by=world.town())
    with pytest.raises(Refused, match="決裁日は"):
        agreement.decide(
            proposal.pk,
            document_number="第1号",
            decided_on=before,
            terms_version=1,
            by=world.town(),
        )
    town = Visitor(world.town())
    page = town.get(f"/town/proposals/{proposal.pk}/")
    form = page.form_with(action="/interview/")
    town.send(page, form, **date_parts("held_on", before)).must_say("面接日は、候補が届いた")
    form = page.form_with("document_number")
    decided = date_parts("decided_on", before)
    town.send(page, form, document_number="第1号", **decided).must_say("決裁日は、候補が届いた")
    proposal.refresh_from_db()
    assert (proposal.interview_on, proposal.decided_on) == (None, None)


@pytest.mark.parametrize(
    ("state", "said"),
    [("approached", "ご本人が同意すると"), ("disclosed", "ご本人が同意しているので")],
)
def test_the_town_reads_whether_the_name_is_open_at_once(state: str, said: str) -> None:
    world = make_world("approached")
    world.accept(disclosed=state == "disclosed")
    town = Visitor(world.town())
    page = town.get(f"/town/proposals/{world.proposals[0].pk}/")
    page = town.send(page, page.form_with("candidate", action="/disclosure/"))
    page.must_say(said)


def test_who_was_only_offered_is_not_on_offer_after_the_signature() -> None:
    world = make_world("signed")
    address = f"/town/proposals/{world.proposals[0].pk}/"
    Visitor(world.town()).get(address).must_say("打診なし").must_not_say("提示中")
    address = f"/admin/proposals/proposal/{world.proposals[0].pk}/change/"
    Visitor(world.coordinator).get(address).must_say("打診なし").must_not_say("提示中")


def test_a_need_leads_to_its_next_step_and_to_its_engagement() -> None:
    world = make_world("signed")
    need = world.needs[0].pk
    town, staff = Visitor(world.town()), Visitor(world.coordinator)
    engagement = Bundle.objects.get().engagement_id
    town.get(f"/town/needs/{need}/").link(f"/town/engagements/{engagement}/")
    staff.get(f"/admin/vacancies/need/{need}/review/").link(
        f"/admin/engagements/engagement/{engagement}/"
    )
    waiting = make.make_need("accepted", coordinator=world.coordinator)
    start = "/admin/proposals/run/add/"
    address = f"/admin/vacancies/need/{waiting.pk}/review/"
    assert start in staff.get(address).links
    assert start not in Visitor(make.make_member("auditor")).get(address).links


def test_lists_of_the_line_name_needs_and_write_yen_and_months_as_elsewhere() -> None:
    world = make_world("signed")
    staff = Visitor(world.coordinator)
    page = staff.get("/admin/proposals/proposal/")
    page.must_say(world.needs[0].title).must_not_say(">Pk<")
    total = f"{Bundle.objects.get().total_yen:,}円"
    staff.get("/admin/proposals/bundle/").must_say(total)
    first = f"{world.needs[0].first_month:%-m}月"
    page = staff.get("/admin/engagements/engagement/").must_say(total)
    page.must_say(first).must_not_say(f"{first}1日")


def test_the_gap_is_never_said_to_be_smaller_than_it_is() -> None:
    page = page_of(make_world("solved").run, {}, {})
    assert page is not None
    table = [
        (1000, 1000, "0.0"),
        (9999, 10_000, "0.1"),
        (990, 1000, "1.0"),
        (0, 7, "100.0"),
        (0, 0, "0.0"),
    ]
    for value, bound, words in table:
        stage = engine.StageValue("score", "適合の得点", value, bound, proven=False)
        plan = replace(page.plan, stages=(stage,))
        assert PlanPage(page.problem, plan, {}, {}, page.first_month).gap_percent == words


def test_only_a_town_that_has_decided_is_asked_to_confirm_again() -> None:
    world = make_world("half_decided")
    world.step_back(0, "budget")
    second, page = Visitor(world.town(1)), f"/town/proposals/{world.proposals[1].pk}/"
    second.get(page).must_say("条件の変更", "新しい条件で記録").must_not_say("もう一度決定を")
    second.get("/town/").must_say("面接を行い、決定").must_not_say("もう一度確認")
    Proposal.objects.filter(pk=world.proposals[1].pk).update(document_number="第1号")
    second.get(page).must_say("もう一度決定を記録")
    second.get("/town/").must_say("もう一度確認")


@pytest.mark.parametrize(
    ("reason", "said"), [("budget", "受付済みのまま"), ("withdrawn", "案件はいま「取下げ」")]
)
def test_the_prefecture_reads_what_became_of_the_need(reason: str, said: str) -> None:
    world = make_world("disclosed")
    world.step_back(0, reason)
    address = f"/admin/proposals/proposal/{world.proposals[0].pk}/change/"
    page = Visitor(world.coordinator).get(address).must_say(said)
    page.must_not_say("受付済みに戻り")
