"""Pinned pairs: a coordinator holds what a plan gives, and the next runs keep to it."""

import json
from typing import Any

import pytest
from django.utils import timezone

from matching import engine
from matching.engine.pack import replay
from matching.proposals.errors import Refused
from matching.proposals.freeze import freeze
from matching.proposals.models import Pin, Run, RunPin, Study
from matching.proposals.packs import pack_of
from matching.proposals.pin_pages import offered_otherwise
from matching.proposals.pinned import ANEW, hold
from matching.proposals.services import pinning, runs
from talentpool.audit.models import Event
from talentpool.rights.services.persons import package_json
from talentpool.specialists.models import ProfileView, Specialist
from talentpool.specialists.services import vetting
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db


def pinned(world: World, need: int = 0) -> Pin:
    """The plan's pair of a need, pinned."""
    return pinning.pin_pair(
        world.run, need_id=world.needs[need].pk, reason="wished", by=world.coordinator
    )


def started(world: World, **how: Any) -> Run:
    return runs.start_run(
        title="次の回", need_ids=[n.pk for n in world.needs], by=world.coordinator, **how
    )


def pairs(run: Run) -> dict[int, tuple[int, int]]:
    """By need, the person and the half-days of the plan."""
    run.refresh_from_db()
    assert run.plan is not None
    rows = run.plan["assignments"]
    return {int(r["need"]): (int(r["specialist"]), r["half_days"]) for r in rows}


@pytest.fixture
def world() -> World:
    return make_world()


def test_the_next_run_holds_what_is_pinned_though_another_is_better(world: World) -> None:
    pin = pinned(world)
    make.make_specialist(half_day_rate_yen=1_000)
    need = world.needs[0].pk
    type(world.needs[0]).objects.filter(pk=need).update(budget_yen=10_000_000)
    world.needs[0].refresh_from_db()
    free = engine.greedy(freeze(world.needs))
    (other,) = [a.specialist for a in free.assignments if a.need == str(need)]
    assert other != str(pin.specialist_id)
    run = started(world, wall_seconds=5)
    runs.solve_run(run.pk)
    assert pairs(run)[need] == (pin.specialist_id, pin.half_days)
    assert run.problem is not None
    assert run.problem["accepted"] == [
        {"need": str(need), "specialist": str(pin.specialist_id), "half_days": pin.half_days}
    ]
    pack = pack_of(run)
    assert any("固定した" in edit["what"] for edit in pack["appendix"]["edits"])
    assert replay(pack).same
    page = Visitor(world.coordinator).get(f"/admin/proposals/run/{run.pk}/change/")
    page.must_say("固定して計算", "固定した割当て", "市町がこの人を希望しているため")


def test_a_pin_is_given_once_and_let_go_with_a_reason(world: World) -> None:
    pin = pinned(world)
    assert pinned(world) == pin
    with pytest.raises(Refused, match="理由"):
        pinning.release_pin(pin.pk, reason="", by=world.coordinator)
    for _ in range(2):
        pinning.release_pin(pin.pk, reason="no_more", by=world.coordinator)
    assert list(Event.objects.filter(action__endswith="_pin").values_list("action", flat=True)) == [
        "release_pin"
    ]
    assert not Pin.objects.in_force().exists()
    assert not RunPin.objects.filter(run=started(world)).exists()


def test_somebody_elses_plan_does_not_pin_over_a_pin(world: World) -> None:
    pin = pinned(world)
    Pin.objects.filter(pk=pin.pk).update(specialist=world.people[2], half_days=1)
    with pytest.raises(Refused, match="先にその固定を解いて"):
        pinned(world)


def test_what_is_being_coordinated_is_neither_pinned_nor_in_a_run() -> None:
    world = make_world("approached")
    with pytest.raises(Refused, match="固定は要りません"):
        pinned(world)
    with pytest.raises(Refused, match="受付済みの案件を"):
        started(world)


def test_a_need_that_is_offered_before_the_input_is_frozen_is_left_out(world: World) -> None:
    run = started(world, wall_seconds=5)
    make.make_proposals(world.run, world.needs[:1], by=world.coordinator)
    runs.solve_run(run.pk)
    assert set(pairs(run)) == {world.needs[1].pk}


def leaves(world: World, person: Specialist) -> None:
    vetting.pause(person, by=world.coordinator)


def has_less_time(world: World, person: Specialist) -> None:
    person.availability.update(half_days=1)


def asks_too_much(world: World, person: Specialist) -> None:
    Specialist.objects.filter(pk=person.pk).update(half_day_rate_yen=10_000_000)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (leaves, "登録中ではありません"),
        (has_less_time, "半日"),
        (asks_too_much, "単価"),
    ],
)
def test_a_pin_that_became_impossible_is_told_before_the_run_and_left_out_on_demand(
    world: World, event: Any, why: str
) -> None:
    for need in world.needs:
        type(need).objects.filter(pk=need.pk).update(budget_yen=10_000_000)
    pin = pinned(world)
    event(world, pin.specialist)
    visitor = Visitor(world.coordinator)
    page = visitor.get("/admin/proposals/run/add/")
    page.must_say("固定した割当て", pin.specialist.pool_number)
    form = page.form_with("title")
    told = visitor.send(page, form, title="次の回")
    told.must_say("いまは守れないものがあります", why, "固定なしで計算する")
    assert Run.objects.count() == 1
    again = told.form_with("title")
    visitor.send(told, again, title="次の回", without_pins=str(pin.pk))
    run = Run.objects.latest("pk")
    runs.solve_run(run.pk)
    page = visitor.get(f"/admin/proposals/run/{run.pk}/change/")
    page.must_say("守らなかった固定", "固定なしで計算することを選びました", why)
    assert any("守らずに" in edit["what"] for edit in pack_of(run)["appendix"]["edits"])


def test_what_becomes_impossible_after_the_start_is_left_out_and_said(world: World) -> None:
    pin = pinned(world)
    run = started(world, wall_seconds=5)
    assert pin.specialist.user is not None
    vetting.pause(pin.specialist, by=pin.specialist.user)
    runs.solve_run(run.pk)
    assert "登録中ではありません" in run.held_pins.get().left_out
    assert pairs(run)[world.needs[0].pk][0] != pin.specialist_id


def test_two_pins_take_no_more_than_there_is(world: World) -> None:
    """Each fits alone; the second is told, not the first."""
    person = world.people[0]
    pins = [
        Pin.objects.create(
            need=need,
            specialist=person,
            run=world.run,
            half_days=need.least_half_days,
            reason="other",
            pinned_by=world.coordinator,
        )
        for need in world.needs
    ]
    person.availability.update(half_days=world.needs[0].least_half_days)
    problem, impossible = hold(freeze(world.needs), pins)
    assert [pair.need for pair in problem.accepted] == [str(world.needs[0].pk)]
    assert [(row.pin, "ほかの固定や提示中の候補と" in row.why) for row in impossible] == [
        (pins[1], True)
    ]


def test_the_pages_pin_and_let_go(world: World) -> None:
    visitor = Visitor(world.coordinator)
    page = visitor.get(f"/admin/proposals/run/{world.run.pk}/change/")
    page.must_say("固定する")
    at = f"/admin/proposals/run/{world.run.pk}/pin/{world.needs[0].pk}/"
    page = visitor.get(at)
    form = page.form_with("reason")
    page = visitor.send(page, form, reason="talked")
    page.must_say("固定しました", "固定中", "固定を解く")
    pin = Pin.objects.get()
    page = visitor.get(f"/admin/proposals/run/pins/{pin.pk}/release/?run={world.run.pk}")
    form = page.form_with("reason")
    visitor.send(page, form, reason="mistaken").must_say("固定を解きました").must_not_say("固定中")


def test_planning_anew_holds_what_the_next_run_would(world: World) -> None:
    pin = pinned(world)
    study = make.make_study(world.run, "replan", by=world.coordinator)
    assert pair_of(study, pin.need_id) is None  # nothing moves
    make.make_specialist(half_day_rate_yen=1_000)
    type(world.needs[0]).objects.filter(pk=pin.need_id).update(budget_yen=10_000_000)
    study = make.make_study(world.run, "replan", by=world.coordinator)
    assert pair_of(study, pin.need_id) is None
    pinning.release_pin(pin.pk, reason="no_more", by=world.coordinator)
    study = make.make_study(world.run, "replan", by=world.coordinator)
    assert pair_of(study, pin.need_id) is not None


def pair_of(study: Study, need: int) -> dict[str, Any] | None:
    """What a study says of a need: nothing where its pair stays."""
    assert study.answer is not None
    return next((pair for pair in study.answer["pairs"] if pair["need"] == str(need)), None)


def test_the_person_does_not_read_of_a_pin_before_anybody_asked(world: World) -> None:
    pin = pinned(world)
    run = started(world)
    RunPin.objects.filter(run=run).update(left_out="市町がこれから買うもののため")
    own = json.loads(package_json(pin.specialist, to_review=False))
    assert not [name for name in own["記録"] if "固定" in name]
    assert "市町がこれから買う" in package_json(pin.specialist, to_review=True).decode()


def test_a_page_that_comes_back_broken_says_what_to_do(world: World) -> None:
    vetting.pause(world.people[0], by=world.user())
    visitor = Visitor(world.coordinator)
    page = visitor.get(f"/admin/proposals/run/{world.run.pk}/mend/")
    visitor.send(page, page.form_with("shown"), shown="").must_say("内容が欠けています")


def test_a_pin_is_not_of_what_its_need_became_after_going_back(world: World) -> None:
    pin = pinned(world)
    type(pin.need).objects.filter(pk=pin.need_id).update(accepted_at=timezone.now())
    with pytest.raises(pinning.PinsImpossible) as told:
        started(world)
    assert [(row.pin, row.why) for row in told.value.impossible] == [(pin, ANEW)]
    with pytest.raises(Refused, match="前の固定を解いて"):
        pinned(world)


def test_another_plan_shows_who_is_pinned_and_its_offer_is_told_apart(world: World) -> None:
    pin, same = pinned(world), pinned(world, 1)
    other = next(person for person in world.people if person.pk != pin.specialist_id)
    Pin.objects.filter(pk=pin.pk).update(specialist=other)
    at = f"/admin/proposals/run/{world.run.pk}/change/"
    visitor = Visitor(world.coordinator)
    visitor.get(at).must_say("別の人を固定中", f"{other.pool_number} の固定を解く")
    assert ProfileView.objects.filter(specialist=other, scope="pool_number").exists()
    assert f"/pin/{pin.need_id}/" not in visitor.client.get(at).content.decode()
    made = make.make_proposals(world.run, world.needs, by=world.coordinator)
    assert same.specialist_id != other.pk
    assert offered_otherwise(made) == [world.needs[0].title]
    visitor.get(at).must_not_say("別の人を固定中")
