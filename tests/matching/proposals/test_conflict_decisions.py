"""A decision on a mild conflict does not silence a graver one with the same key."""

from datetime import timedelta

import pytest

from matching.engagements.watch import watch
from matching.proposals.conflicts import assess_needs
from municipalities.registry.deals import save_contract
from municipalities.registry.models import VendorContract
from talentpool.outbox.models import Message
from talentpool.specialists.conflicts.rules import Result
from talentpool.specialists.models import ConflictCase
from talentpool.specialists.services import CaseChanged, CaseClosed, decide_case
from tests.matching.proposals.test_conflicts import contract, tie
from tests.matching.visitor import Visitor
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db


def past_employee(state: str = "signed") -> tuple[World, VendorContract]:
    """The first person left a firm last month with which the first town has a contract."""
    world = make_world(state)
    found = contract(world)
    tie(world, until=world.today - timedelta(days=30))
    return world, found


def result(world: World) -> tuple[Result, bool]:
    need = world.needs[0]
    need.refresh_from_db()
    need = type(need).objects.prefetch_related("skills").get(pk=need.pk)
    (finding,) = assess_needs([(world.people[0].pk, need)])[(world.people[0].pk, need.pk)].findings
    assert finding.rule == "K5"
    return finding.result, finding.decided


def let_it_touch_buying(world: World) -> None:
    need = world.needs[0]
    need.involves_procurement = True
    need.save()


def decided(world: World, *, decision: str = "measures") -> ConflictCase:
    watch()
    case = ConflictCase.objects.get()
    return decide_case(case.pk, decision=decision, measures="資料を見せない", by=world.coordinator)


def test_what_was_settled_without_buying_opens_again_with_it() -> None:
    world, _ = past_employee()
    case = decided(world, decision="none")
    assert (case.result, case.decision) == ("measures", "none")
    assert result(world) == (Result.NONE, True)
    assert watch() == 0
    let_it_touch_buying(world)
    assert result(world) == (Result.CHECK, False)
    Message.objects.all().delete()
    assert watch() == 1
    case.refresh_from_db()
    assert (case.state, case.result, case.decision, case.decided_by) == ("open", "check", "", None)
    assert Message.objects.filter(key__startswith=f"conflict:{case.pk}:").exists()
    assert watch() == 0
    # Settled with buying, it is settled for work without it too.
    decide_case(case.pk, decision="measures", measures="外す", by=world.coordinator)
    assert result(world) == (Result.MEASURES, True)
    world.needs[0].involves_procurement = False
    world.needs[0].save()
    assert result(world) == (Result.MEASURES, True)
    assert watch() == 0


def test_an_extended_contract_is_settled_anew() -> None:
    world, found = past_employee()
    case = decided(world)
    assert case.deal_ends == found.ends
    found.ends -= timedelta(days=1)
    save_contract(found, by=world.coordinator)
    assert watch() == 0
    found.ends += timedelta(days=366)
    save_contract(found, by=world.coordinator)
    assert result(world) == (Result.MEASURES, False)
    assert watch() == 1
    case.refresh_from_db()
    assert (case.state, case.deal_ends) == ("open", found.ends)
    # What was refused stays refused, however long the contract goes on.
    decided(world, decision="no")
    found.ends += timedelta(days=366)
    save_contract(found, by=world.coordinator)
    assert result(world) == (Result.NO, True)
    assert watch() == 0


def test_what_was_known_at_the_signing_opens_when_it_grows() -> None:
    world, found = past_employee("agreed")
    world.sign()
    case = ConflictCase.objects.get()
    assert (case.state, case.result) == ("known", "measures")
    assert watch() == 0
    found.ends += timedelta(days=366)
    save_contract(found, by=world.coordinator)
    assert watch() == 1
    case.refresh_from_db()
    assert case.state == "open"


def test_an_open_case_says_what_is_gravest() -> None:
    world, _ = past_employee()
    assert watch() == 1
    let_it_touch_buying(world)
    assert watch() == 0
    assert ConflictCase.objects.get().result == "check"


def test_the_page_decides_on_what_it_shows() -> None:
    world, found = past_employee()
    watch()
    case = ConflictCase.objects.get()
    staff = Visitor(world.coordinator)
    page = staff.get(f"/admin/specialists/conflictcase/{case.pk}/change/")
    page.must_say("回避措置付き可", "調達に関わる仕事では「要確認」になります")
    form = page.form_with("measures")
    sent = {"decision": "measures", "measures": "外す"}
    found.ends += timedelta(days=366)
    save_contract(found, by=world.coordinator)
    again = staff.send(page, form, **sent)
    again.must_say("事実か判断が変わりました", "今の事実")
    case.refresh_from_db()
    assert case.state == "open"
    staff.send(again, again.form_with("measures"), **sent).must_say("判断を記録しました")
    # Somebody who decides on the page from before the decision is told of it.
    with pytest.raises(CaseChanged):
        decide_case(
            case.pk,
            decision="none",
            measures="x",
            by=world.coordinator,
            seen=dict(form.fields)["seen"],
        )


def test_a_ban_by_the_rules_is_still_no_matter_of_decision() -> None:
    world = make_world("signed")
    contract(world)
    tie(world)
    watch()
    with pytest.raises(CaseClosed):
        decided(world)
