"""Conflicts of interest along the line: frozen, offered, refused, alerted, settled, barred."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from matching import engine
from matching.engagements.bars import barred_firms, set_bars
from matching.engagements.models import BiddingBar
from matching.engagements.watch import watch
from matching.proposals.conflicts import assess_needs
from matching.proposals.errors import Refused
from matching.proposals.freeze import freeze
from matching.proposals.models import Candidate
from municipalities.registry.deals import Party, save_contract, save_procurement
from municipalities.registry.models import PlannedProcurement, VendorContract
from municipalities.registry.queue import work_queue
from municipalities.vacancies.models import Need
from talentpool.conventions import corporate_number
from talentpool.conventions.periods import years_after
from talentpool.outbox.models import Message
from talentpool.specialists.conflicts.facts import ties_of
from talentpool.specialists.models import (
    BarTerm,
    ConflictCase,
    Firm,
    FirmRelation,
    Interest,
    InterestDeclaration,
    ProfileView,
)
from talentpool.specialists.services import CaseClosed, decide_case, save_interest
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, World, make_world, solved_run

pytestmark = pytest.mark.django_db
BASE = "99990000000"


def number(index: int) -> str:
    base = f"{BASE}{index}"
    return corporate_number.check_digit(base) + base


def contract(world: World, index: int = 1, code: str = CODES[0], **values: Any) -> VendorContract:
    given: dict[str, Any] = {
        "municipality_id": code,
        "corporate_number": number(index),
        "vendor_name": f"会社{index}",
        "subject": "庁内網の保守",
        "starts": world.today - timedelta(days=100),
        "ends": world.today + timedelta(days=800),
    }
    return save_contract(VendorContract(**{**given, **values}), by=world.coordinator)


def procurement(
    world: World, *parties: int, code: str = CODES[0], **values: Any
) -> PlannedProcurement:
    given: dict[str, Any] = {
        "municipality_id": code,
        "subject": "庁内網の更改",
        "skill_id": "NW",
        "prepared_from": world.today,
        "decided_on": world.today + timedelta(days=300),
    }
    return save_procurement(
        PlannedProcurement(**{**given, **values}),
        [Party(number(index), f"会社{index}") for index in parties],
        by=world.coordinator,
    )


def tie(world: World, person: int = 0, index: int = 1, **values: Any) -> Interest:
    given = {"kind": "employer", "corporate_number": number(index), "name": f"会社{index}"}
    interest = Interest(specialist=world.people[person], **{**given, **values})
    return save_interest(interest, by=world.user(person))


def pairs_left(world: World) -> set[tuple[str, str]]:
    """Pairs of need and person that the frozen problem allows, by town and person."""
    problem = freeze(world.needs)
    town_of = {str(need.pk): need.municipality_id for need in world.needs}
    return {
        (town_of[need.id], person.id)
        for need in problem.needs
        for person in problem.specialists
        if not engine.why_not(problem, need.id, person.id)
    }


# --- The run --------------------------------------------------------------------------------------
def test_a_ban_keeps_the_pair_out_of_the_run_with_its_rule() -> None:
    world = make_world()
    everybody = pairs_left(world)
    assert len(everybody) == 6
    contract(world)
    assert pairs_left(world) == everybody  # nobody has a tie
    tie(world)
    first = str(world.people[0].pk)
    assert everybody - pairs_left(world) == {(CODES[0], first)}
    problem = freeze(world.needs)
    (failed,) = engine.why_not(problem, str(world.needs[0].pk), first)
    assert failed.code == "R11"
    assert "庁内網の保守" in failed.text
    assert "会社1" not in failed.text
    assert number(1) not in str(engine.problem_to_json(problem))


def test_a_ban_for_one_need_of_a_town_leaves_the_other() -> None:
    world = make_world()
    other = make.make_need(
        "accepted",
        code=CODES[0],
        coordinator=world.coordinator,
        first_month=world.needs[0].last_month,
        last_month=world.needs[0].last_month,
    )
    world.needs.append(other)
    contract(world, ends=world.needs[0].first_month)  # over before the other need begins
    tie(world)
    problem = freeze(world.needs)
    first = str(world.people[0].pk)
    codes = [
        [rule.code for rule in engine.why_not(problem, str(need.pk), first)]
        for need in (world.needs[0], other)
    ]
    assert codes == [["R12"], []]


def test_what_is_less_than_a_ban_is_offered_and_says_so() -> None:
    world = make_world()
    contract(world, ends=world.needs[0].first_month - timedelta(days=1))
    tie(world)
    InterestDeclaration.objects.filter(specialist=world.people[1]).delete()
    world.offer()
    found = {
        row.specialist_id: (row.conflict_result, row.conflict)
        for row in Candidate.objects.filter(proposal=world.proposals[0])
    }
    first, second, third = (found[person.pk] for person in world.people)
    assert first[0] == "check"
    assert "会社1" in first[1]
    assert second == ("check", "今年度の利益相反の申告がない")
    assert third == ("none", "")
    # The prefecture reads the facts, the town that somebody looks into them.
    page = f"/admin/proposals/proposal/{world.proposals[0].pk}/change/"
    Visitor(world.coordinator).get(page).must_say("会社1", "要確認", "該当なし")
    town = Visitor(world.town()).get(f"/town/proposals/{world.proposals[0].pk}/")
    town.must_say("県が確かめています", "要確認", "利益相反なし")
    town.must_not_say("会社1", "庁内網の保守")


def test_the_plan_page_says_it_beside_each_person() -> None:
    world = make_world()
    contract(world, ends=world.needs[0].first_month - timedelta(days=1))
    for index in range(3):
        tie(world, person=index)
    run = solved_run(world.needs, by=world.coordinator)
    page = Visitor(world.coordinator).get(f"/admin/proposals/run/{run.pk}/change/")
    page.must_say("いまの所属先が、直前2年以内の契約者だった")


# --- Approaching and signing ------------------------------------------------------------------
def test_nobody_is_approached_against_a_ban_that_came_later() -> None:
    world = make_world("ranked")
    contract(world)
    tie(world)
    with pytest.raises(Refused, match="利益相反"):
        world.approach()
    assert not world.people[0].bundles.exists()


def test_nothing_is_signed_against_a_ban_that_came_later() -> None:
    world = make_world("agreed")
    tie(world)
    with_party = procurement(world, 1)
    with pytest.raises(Refused, match="利益相反"):
        world.sign()
    save_procurement(with_party, [], by=world.coordinator)
    assert world.sign().number


# --- Alerts -----------------------------------------------------------------------------------
def alerts(world: World) -> list[str]:
    return [
        item.title
        for item in work_queue("coordinator", world.coordinator)
        if "利益相反" in item.title
    ]


def asked() -> set[str]:
    rows = Message.objects.filter(kind=Message.Kind.TASK, key__startswith="watch:")
    return {row.payload["name"] for row in rows}


@pytest.mark.parametrize("state", ["approached", "signed"])
def test_a_conflict_that_arises_later_is_told_once_the_same_day(state: str) -> None:
    world = make_world(state)
    tie(world)
    assert asked() == {"engagements.watch_person"}
    assert watch() == 0
    contract(world)
    assert asked() == {"engagements.watch_person", "engagements.watch_town"}
    assert watch(codes={CODES[1]}) == 0
    assert watch(codes={CODES[0]}) == 1
    assert watch() == 0
    case = ConflictCase.objects.get()
    assert (case.specialist, case.municipality_id, case.rule) == (world.people[0], CODES[0], "K2")
    assert case.found_on == world.today
    assert Message.objects.filter(key__startswith=f"conflict:{case.pk}").count() == 1
    assert alerts(world) == [f"人材 {world.people[0].pool_number} と江田島市の利益相反"]
    mail = Message.objects.get(key__startswith=f"conflict:{case.pk}").payload
    assert "会社1" not in mail["body"] + mail["subject"]


def test_a_change_of_ties_is_looked_at_for_that_person() -> None:
    world = make_world("signed")
    contract(world)
    assert watch() == 0
    tie(world, kind="client")
    assert watch(people={world.people[1].pk}) == 0
    assert watch(people={world.people[0].pk}) == 1
    assert ConflictCase.objects.get().result == "measures"


def test_what_was_known_at_the_signing_is_no_alert() -> None:
    world = make_world("agreed")
    contract(world)
    tie(world, kind="client")
    world.sign()
    assert list(ConflictCase.objects.values_list("state", flat=True)) == ["known"]
    assert watch() == 0
    assert alerts(world) == []
    contract(world, subject="新しい保守")
    assert watch() == 1
    assert len(alerts(world)) == 1


def test_ended_engagements_are_not_watched() -> None:
    world = make_world("signed")
    engagement = make.engagement_of(world.the_bundle)
    engagement.status, engagement.ended_on = "ended", world.today - timedelta(days=1)
    engagement.save()
    contract(world)
    tie(world)
    assert watch() == 0


# --- Settling ---------------------------------------------------------------------------------
def test_a_coordinator_settles_a_conflict_with_measures() -> None:
    world = make_world("signed")
    contract(
        world,
        starts=world.today - timedelta(days=400),
        ends=world.today - timedelta(days=1),
    )
    tie(world)
    assert watch() == 1
    case = ConflictCase.objects.get()
    address = f"/admin/specialists/conflictcase/{case.pk}/change/"
    staff = Visitor(world.coordinator)
    ProfileView.objects.all().delete()
    page = staff.get(address)
    assert ProfileView.objects.filter(specialist=world.people[0]).count() == 1
    page.must_say("K3", "会社1", "未確認", "この契約に関する助言・評価と資料の閲覧から外す")
    form = page.form_with("measures")
    staff.send(page, form, decision="measures", measures="").must_say("入れてください")
    done = staff.send_twice(page, form, decision="measures", measures="旧契約の評価から外す")
    done.must_say("判断を記録しました", "旧契約の評価から外す")
    assert alerts(world) == []
    assert watch() == 0
    # From now on the result is what was decided.
    world2 = Visitor(world.coordinator).get(
        f"/admin/specialists/conflictcase/person/{world.people[0].pk}/"
    )
    world2.must_say("回避措置付き可", "県が判断", "旧契約の評価から外す")


def test_a_ban_cannot_be_settled_away() -> None:
    world = make_world("signed")
    contract(world)
    tie(world)
    watch()
    case = ConflictCase.objects.get()
    with pytest.raises(CaseClosed):
        decide_case(case.pk, decision="measures", measures="x", by=world.coordinator)
    staff = Visitor(world.coordinator)
    page = staff.get(f"/admin/specialists/conflictcase/{case.pk}/change/")
    sent = {"decision": "none", "measures": "問題ない"}
    staff.send(page, page.form_with("measures"), **sent).must_say("規則により不可です")
    case.refresh_from_db()
    assert case.state == "open"
    assert decide_case(case.pk, decision="no", measures="交代", by=world.coordinator).decision


def test_a_ban_whose_contract_was_corrected_is_settled_and_comes_back_with_it() -> None:
    world = make_world("signed")
    found = contract(world)
    tie(world)
    watch()
    case = ConflictCase.objects.get()
    found.corporate_number = number(2)  # it was typed wrongly
    save_contract(found, by=world.coordinator)
    staff = Visitor(world.coordinator)
    page = staff.get(f"/admin/specialists/conflictcase/{case.pk}/change/")
    page.must_say("今の契約と申告では、この利益相反は見つかりません")
    sent = {"decision": "none", "measures": "契約の入力の誤り"}
    staff.send(page, page.form_with("measures"), **sent).must_say("判断を記録しました")
    assert alerts(world) == []
    assert watch() == 0
    found.corporate_number = number(1)  # and was right after all
    save_contract(found, by=world.coordinator)
    assert watch() == 1
    case.refresh_from_db()
    assert (case.state, case.result, case.decision) == ("open", "no", "")
    assert len(alerts(world)) == 1
    with pytest.raises(CaseClosed):
        decide_case(case.pk, decision="none", measures="x", by=world.coordinator)


def test_an_auditor_reads_and_changes_nothing() -> None:
    world = make_world("signed")
    contract(world)
    tie(world)
    watch()
    case = ConflictCase.objects.get()
    client = Client()
    client.force_login(make.make_member("auditor"))
    page = reverse("admin:specialists_conflictcase_change", args=[case.pk])
    person = reverse("admin:specialists_conflictcase_person", args=[world.people[0].pk])
    for address, sent in (
        (page, {"decision": "no", "measures": "x"}),
        (person, {"town": CODES[0], "key": case.key}),
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "判断を記録する" not in answer.content.decode()
        assert client.post(address, sent).status_code == 404
    case.refresh_from_db()
    assert case.state == "open"


def test_the_page_of_a_person_compares_with_every_town() -> None:
    world = make_world()
    contract(world)
    procurement(world, 2, code=CODES[1])
    FirmRelation.objects.create(
        parent_number=number(1), parent_name="会社1", child_number=number(2), child_name="会社2"
    )
    tie(world)
    staff = Visitor(world.coordinator)
    page = staff.get(f"/admin/specialists/conflictcase/person/{world.people[0].pk}/")
    page.must_say("江田島市", "坂町", "不可", "会社1の関係会社", "今年度の申告あり", "K2", "K4")
    opened = staff.send_twice(page, next(f for f in page.forms if "key" in f.names))
    opened.must_say("の利益相反", "判断する")
    assert ConflictCase.objects.count() == 1
    bad = staff.send(page, next(f for f in page.forms if "key" in f.names), key="K2:x:y")
    bad.must_say("もう見つかりません")


def test_declared_ends_count_two_years_and_the_firm_of_the_registration_counts_now() -> None:
    person = make.make_specialist(kind="firm")
    assert person.firm is not None
    (registered,) = ties_of([person.pk])[person.pk]
    assert (registered.corporate_number, registered.until) == (person.firm.corporate_number, None)
    assert person.user is not None
    left = Interest(
        specialist=person,
        kind="employer",
        corporate_number=number(5),
        name="前の会社",
        until=date(2026, 3, 31),
    )
    save_interest(left, by=person.user)
    assert {one.until for one in ties_of([person.pk])[person.pk]} == {None, date(2026, 3, 31)}


# --- Bars on bidding ------------------------------------------------------------------------------
def test_a_tie_that_is_still_to_begin_hides_nothing_of_today() -> None:
    """Neither on the page, which refuses it, nor in rows that were entered before."""
    world = make_world()
    person = world.people[0]
    firm = Firm.objects.create(name="会社1", corporate_number=number(1))
    person.kind, person.firm, person.firm_agreed_at = "firm", firm, timezone.now()
    person.save()
    contract(world)
    banned = pairs_left(world)
    assert (CODES[0], str(person.pk)) not in banned
    tomorrow = world.today + timedelta(days=1)
    sent: dict[str, Any] = {"kind": "employer", "name": "会社1", "corporate_number": number(1)}
    sent |= {"since_0": tomorrow.year, "since_1": tomorrow.month, "since_2": tomorrow.day}
    page = Visitor(world.user()).client.post(reverse("specialist:interest_new"), sent)
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["since"])
    row = tie(world, since=years_after(world.today, 20))
    assert pairs_left(world) == banned
    Interest.objects.filter(pk=row.pk).update(since=world.today)
    assert [one.since for one in ties_of([person.pk])[person.pk]] == [world.today]


def test_helping_to_buy_bars_the_own_firms_for_a_term_after_the_engagement() -> None:
    world = make_world("agreed")
    Need.objects.filter(pk=world.needs[0].pk).update(involves_procurement=True)
    tie(world, index=1)
    tie(world, index=2, until=world.today - timedelta(days=30))
    tie(world, index=3, kind="client")
    tie(world, index=4, until=world.today - timedelta(days=1200))
    engagement = world.sign()
    bars = {bar.corporate_number: bar for bar in BiddingBar.objects.all()}
    assert set(bars) == {number(1), number(2)}
    bar = bars[number(1)]
    last_day = (world.needs[0].last_month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    assert (bar.municipality_id, bar.engagement) == (CODES[0], engagement)
    assert (bar.since, bar.until) == (world.today, years_after(last_day, 2))
    # The term is data: another one for what is signed from its day on.
    BarTerm.objects.create(in_force_from=world.today, years=3, basis="見本")
    BiddingBar.objects.all().delete()
    assert set_bars(engagement).made == 2
    assert set(BiddingBar.objects.values_list("until", flat=True)) == {years_after(last_day, 3)}
    town = world.needs[0].municipality
    assert [firm.name for firm in barred_firms(town)] == ["会社1", "会社2"]
    assert list(barred_firms(world.needs[1].municipality)) == []
    # The town reads it beside its procurements.
    procurement(world, 1)
    page = Visitor(world.town()).get("/town/deals/")
    page.must_say("入札に参加できない事業者", "会社1", "入札できない事業者")
    BiddingBar.objects.update(until=world.today - timedelta(days=1), since=date(2020, 1, 1))
    assert list(barred_firms(town)) == []


# --- Who sees what --------------------------------------------------------------------------------
def test_a_vendors_people_see_no_estimates_and_nobody_of_another_vendor() -> None:
    """Contracts, planned procurements with who gave an estimate, and people of other vendors are
    nowhere on any page of a vendor's person, approached or not."""
    world = make_world("approached", kind="firm")
    contract(world, subject="秘密の保守契約", vendor_name="他社の名前")
    planned = procurement(world, 7, subject="秘密の調達予定")
    planned.parties.update(role="estimate", name="見積を出した他社")
    tie(world)
    client = Client()
    client.force_login(world.user())
    pages = ["home", "profile", "views", "days", "interests", "interest_new", "approaches"]
    addresses = [reverse(f"specialist:{page}") for page in pages]
    addresses += [
        reverse("specialist:approach", args=[world.the_bundle.pk]),
        reverse("specialist:interest_edit", args=[Interest.objects.get().pk]),
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        words = answer.content.decode()
        for secret in ("秘密の", "他社", number(7), "見積を出した"):
            assert secret not in words, (address, secret)
        for other in world.people[1:]:
            assert other.firm is not None
            for secret in (other.name, other.pool_number, other.firm.name):
                assert secret not in words, (address, secret)
    closed = ["/town/deals/", f"/town/deals/procurements/{planned.pk}/", "/town/consultations/"]
    for address in closed:
        assert client.get(address).status_code == 404, address
    admin = reverse("admin:registry_plannedprocurement_change", args=[planned.pk])
    assert client.get(admin).status_code == 302
    for model in (PlannedProcurement, VendorContract, ConflictCase, FirmRelation, BiddingBar):
        assert not model.objects.visible_to(world.user()).exists(), model


def test_the_number_of_queries_does_not_grow_with_pairs() -> None:
    world = make_world()
    contract(world)
    for index in range(3):
        tie(world, person=index)
    needs = list(Need.objects.select_related("municipality").prefetch_related("skills"))

    def count(people: int) -> int:
        with CaptureQueriesContext(connection) as found:
            assess_needs((person.pk, need) for person in world.people[:people] for need in needs)
        return len(found)

    assert count(1) == count(3) <= 10
