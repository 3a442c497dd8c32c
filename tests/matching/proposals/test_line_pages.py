"""The whole line through the pages of all roles, each form as its page gives it, each sent twice:
a double click has one effect (A-25), and nothing of a person shows before the name is open (B-08).
"""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from matching.engagements.models import Engagement
from matching.proposals.models import Bundle, Candidate, Proposal, Run
from matching.proposals.services import agreement, offers, runs
from talentpool.audit.models import Event
from talentpool.embedded.walkthrough.browser import Page
from talentpool.specialists.models import Firm, ProfileView, Specialist
from tests import factories as make
from tests.matching.visitor import Visitor, date_parts
from tests.matching.world import make_world, solved_run

pytestmark = pytest.mark.django_db

CANARIES = {
    "name": "金糸雀 花子",
    "kana": "カナリア ハナコ",
    "employer": "カナリア商会",
    "pool_number": "H-CANARY",
}
FIRM = "株式会社カナリア情報"
RATE = 23_457  # a half-day; 46,914 a day


def canary(index: int) -> None:
    """Give somebody what must not show."""
    person = Specialist.objects.order_by("pk")[index]
    firm = Firm.objects.create(name=f"{FIRM}{index}", corporate_number=f"{index:013}")
    for name, text in CANARIES.items():
        setattr(person, name, f"{text}{index}")
    person.firm = firm
    person.half_day_rate_yen = RATE
    person.save()


def leaks(page: Page, user_email: str) -> list[str]:
    hidden = [*CANARIES.values(), FIRM, user_email, "23,457", "46,914", "23457", "46914"]
    costs = Candidate.objects.exclude(cost_yen=None).values_list("cost_yen", flat=True)
    hidden += [f"{cost:,}" for cost in costs]
    return [text for text in hidden if text in page.text]


def test_from_the_plan_to_the_signed_engagement() -> None:
    world = make_world("solved")
    for index in range(3):
        canary(index)
    staff = Visitor(world.coordinator)
    towns = [Visitor(need.created_by) for need in world.needs]
    person = Visitor(world.user())
    email = world.user().email
    today = timezone.localdate()

    # 県: start a run; the second click starts no second one.
    page = staff.get("/admin/proposals/run/add/")
    page = staff.send_twice(page, page.form_with("title", "needs"), title="通しの回")
    run = Run.objects.get(title="通しの回")
    runs.solve_run(run.pk)

    # 県: offer.
    page = staff.get(f"/admin/proposals/run/{run.pk}/change/")
    form = page.form_with("needs", action="/offer/")
    page = staff.send_twice(page, form, needs=[str(need.pk) for need in world.needs])
    world.proposals = list(Proposal.objects.order_by("need_id"))
    assert [row.need_id for row in world.proposals] == [need.pk for need in world.needs]

    # 市町: rank blind candidates.
    for town, proposal in zip(towns, world.proposals, strict=True):
        page = town.get(f"/town/proposals/{proposal.pk}/")
        assert leaks(page, email) == []
        rows = proposal.candidates.all()
        order = [row.pk for row in world.people]
        ranks = {f"rank_{row.blind_id}": order.index(row.specialist_id) + 1 for row in rows}
        page = town.send(page, page.form_with(action="/rank/"), **ranks)
        page = town.send_twice(page, page.form_with("confirmed"))
        page.must_say("意向を確かめています")
        assert leaks(page, email) == []

    # 県: approach both at once.
    page = staff.get("/admin/proposals/proposal/board/")
    form = page.form_with("proposals", action="/approach/")
    page = staff.send_twice(page, form, proposals=[row.pk for row in world.proposals])
    page.must_say("に打診しました")
    bundle = Bundle.objects.get()
    assert leaks(towns[0].get(f"/town/proposals/{world.proposals[0].pk}/"), email) == []

    # 専門人材: accept, both towns may see the name.
    page = person.get(f"/specialist/approaches/{bundle.pk}/")
    form = page.form_with("answer", "agreed")
    page = person.send_twice(page, form, answer="accept", agreed=form.options["agreed"])
    page.must_say("お引き受けいただきありがとうございます")

    for index, (town, proposal) in enumerate(zip(towns, world.proposals, strict=True), start=1):
        # 市町: ask for the name; until then nothing shows, not even the cost.
        address = f"/town/proposals/{proposal.pk}/"
        page = town.get(address)
        assert leaks(page, email) == []
        page = town.send_twice(page, page.form_with("candidate", action="/disclosure/"))
        page.must_say(CANARIES["name"], FIRM)
        page = town.send_twice(
            page, page.form_with(action="/interview/"), **date_parts("held_on", today)
        )
        page = town.send_twice(
            page,
            page.form_with("document_number"),
            document_number=f"総第{index}号",
            **date_parts("decided_on", today),
        )
        page.must_say("決定を記録しました", f"総第{index}号")

    # 県: sign.
    page = staff.get(f"/admin/proposals/bundle/{bundle.pk}/change/")
    page = staff.send_twice(page, page.form_with("form", "signed_on_0"), form="10")
    page.must_say("を締結しました")
    engagement = Engagement.objects.get()
    for visitor, area in ((towns[0], "town"), (towns[1], "town"), (person, "specialist")):
        page = visitor.get(f"/{area}/engagements/{engagement.pk}/")
        page.must_say("総第1号", "総第2号", f"{engagement.total_yen:,}")
    for action, times in (
        ("start_run", 2),
        ("offer_candidates", 2),
        ("rank_candidates", 2),
        ("approach", 1),
        ("accept_approach", 1),
        ("ask_disclosure", 2),
        ("record_interview", 2),
        ("decide", 2),
        ("sign", 1),
    ):
        assert Event.objects.filter(action=action).count() == times, action


def test_names_close_again_and_every_view_is_in_the_persons_record() -> None:
    """B-07 and B-09: what is shown is what is logged, and taking a consent back closes the name."""
    world = make_world("disclosed")
    town = Visitor(world.town())
    name = world.people[0].name
    address = f"/town/proposals/{world.proposals[0].pk}/"
    ProfileView.objects.all().delete()

    def logged() -> list[Any]:
        rows = ProfileView.objects.order_by("specialist_id", "scope")
        return list(rows.values_list("specialist_id", "viewer_id", "scope"))

    first, second, third = (person.pk for person in world.people)
    viewer = world.town().pk
    town.get(address).must_say(name)
    assert logged() == [
        (first, viewer, "name"),
        (second, viewer, "blind"),
        (third, viewer, "blind"),
    ]

    agreement.set_disclosure(world.candidate().pk, agreed=False, by=world.user())
    ProfileView.objects.all().delete()
    page = town.get(address)
    page.must_not_say(name)
    assert logged() == [(pk, viewer, "blind") for pk in (first, second, third)]

    Visitor(world.town(1)).get(address, status=404)  # another town's page shows and logs nothing
    assert ProfileView.objects.count() == 3

    record = Visitor(world.user()).get("/specialist/profile/views/")
    record.must_say("名前を伏せた条件", world.needs[0].municipality.name)
    assert ProfileView.objects.count() == 3  # looking at one's own record is no view


@pytest.mark.parametrize(
    ("address", "scope"),
    [
        ("/admin/proposals/proposal/board/", "pool_number"),
        ("/admin/proposals/bundle/", "pool_number"),
        ("/admin/proposals/bundle/{bundle}/change/", "name"),
        ("/admin/engagements/engagement/timeline/", "pool_number"),
    ],
)
def test_the_prefectures_pages_log_whom_they_show(address: str, scope: str) -> None:
    world = make_world("approached")
    ProfileView.objects.all().delete()
    Visitor(world.coordinator).get(address.format(bundle=world.the_bundle.pk))
    seen = ProfileView.objects.values_list("specialist_id", "scope")
    assert list(seen) == [(world.people[0].pk, scope)]


def test_a_conflict_is_shown_to_the_town_without_its_contract() -> None:
    """When a contract ended tells the town which firm it was: B-08."""
    world = make_world("offered")
    told = "勤務先・所属先「見本」／契約「保守」(2024年4月1日〜2026年3月31日)"
    Candidate.objects.update(conflict=told, conflict_result="check")
    page = Visitor(world.town()).get(f"/town/proposals/{world.proposals[0].pk}/")
    page.must_not_say("2026年3月", "2026年")
    page.must_say("県が確かめています")
    staff = Visitor(world.coordinator)
    staff.get(f"/admin/proposals/proposal/{world.proposals[0].pk}/change/").must_say(told)


def test_stale_pages_are_told_so() -> None:
    """A town confirms terms that changed while its page was open."""
    world = make_world("disclosed")
    town = Visitor(world.town())
    page = town.get(f"/town/proposals/{world.proposals[0].pk}/")
    form = page.form_with("document_number")
    world.step_back(1)
    page = town.send(page, form, document_number="第1号", **date_parts("decided_on", world.today))
    page.must_say("条件が変わりました")
    assert Proposal.objects.get(pk=world.proposals[0].pk).status == "accepted"
    form = page.form_with("document_number")
    page = town.send(page, form, document_number="第1号", **date_parts("decided_on", world.today))
    page.must_say("決定を記録しました")


def test_stepping_back_by_its_page_moves_the_need_on() -> None:
    world = make_world("disclosed")
    town = Visitor(world.town())
    page = town.get(f"/town/proposals/{world.proposals[0].pk}/step-back/")
    page.must_say(world.needs[1].municipality.name)  # who is touched by it
    page = town.send_twice(page, page.form_with("reason"), reason="interview")
    page.must_say("意向を確かめています")
    assert (
        Candidate.objects.get(proposal=world.proposals[0], status="approached").specialist
        == world.people[1]
    )
    page = Visitor(world.user()).get(f"/specialist/approaches/{world.the_bundle.pk}/")
    page.must_say("条件の変更")
    page = Visitor(world.user()).send_twice(
        page, page.form_with("terms_version", action="/confirm/")
    )
    page.must_say("新しい条件を確認しました")


def test_a_person_declines_by_the_page_and_must_say_why() -> None:
    world = make_world("approached")
    person = Visitor(world.user())
    page = person.get(f"/specialist/approaches/{world.the_bundle.pk}/")
    form = page.form_with("answer", "agreed")
    page = person.send(page, form, answer="decline", reason="")
    page.must_say("断る理由を選んでください")
    page = person.send_twice(page, form, answer="decline", reason="content")
    page.must_say("お返事を受け付けました")
    assert Bundle.objects.get(pk=world.the_bundle.pk).status == "declined"


def test_a_need_that_nobody_fits_becomes_a_vacancy_once_and_not_while_candidates_are_out() -> None:
    world = make_world("offered")
    staff = Visitor(world.coordinator)
    answer = staff.client.post(
        f"/admin/proposals/run/{world.run.pk}/vacancy/{world.needs[0].pk}/", follow=True
    )
    assert answer.status_code == 200
    assert "候補を提示しています" in answer.content.decode()
    world.read()
    assert world.needs[0].status == "accepted"


def test_a_vote_for_two_first_places_is_sent_back_with_its_answers() -> None:
    world = make_world("offered")
    town = Visitor(world.town())
    page = town.get(f"/town/proposals/{world.proposals[0].pk}/")
    form = page.form_with(action="/rank/")
    ranks = {name: "1" for name in form.names if name.startswith("rank_")}
    page = town.send(page, form, **ranks)
    page.must_say("同じ順位を2人に付けることはできません")
    assert Proposal.objects.get(pk=world.proposals[0].pk).status == "offered"


def test_as_many_queries_for_many_rows_as_for_few() -> None:
    """D-02: twice the rows in every list and every lane of the board, the same queries."""
    coordinator, editor = make.make_coordinator(), make.make_editor()
    person = make.make_specialist(half_days=40)
    user = person.user
    assert user is not None

    def fill() -> None:
        needs = [
            make.make_need("accepted", by=editor, coordinator=coordinator, half_days=2)
            for _ in range(6)
        ]
        proposals = make.make_proposals(solved_run(needs, by=coordinator), needs, by=coordinator)
        for proposal, state in zip(
            proposals, ("approached", "accepted", "agreed", "signed"), strict=False
        ):
            make.make_bundle([proposal], state, by=coordinator)
        ranks = {row.pk: row.position for row in proposals[4].candidates.all()}
        offers.rank_candidates(proposals[4].pk, ranks=ranks, by=editor)

    def count(visitor: Visitor, address: str) -> int:
        visitor.get(address)  # the first time something may be read into a cache
        with CaptureQueriesContext(connection) as queries:
            visitor.get(address)
        return len(queries)

    staff, town, specialist = Visitor(coordinator), Visitor(editor), Visitor(user)
    pages = [
        (staff, "/admin/proposals/proposal/board/", 25),
        (staff, "/admin/proposals/bundle/", 25),
        (staff, "/admin/engagements/engagement/timeline/", 25),
        (town, "/town/proposals/", 12),
        (town, "/town/engagements/", 12),
        (specialist, "/specialist/approaches/", 12),
        (specialist, "/specialist/engagements/", 12),
    ]
    fill()
    few = [count(visitor, address) for visitor, address, _ in pages]
    fill()
    many = [count(visitor, address) for visitor, address, _ in pages]
    assert many == few
    assert [
        (n, address) for n, (_, address, most) in zip(many, pages, strict=True) if n > most
    ] == []
