"""One thing changes after a plan: the plan is mended with all else held, and kept on demand."""

import copy
import uuid
from typing import Any

import pytest

from matching import engine
from matching.engine.pack import replay
from matching.proposals.errors import Refused
from matching.proposals.mending import Mended, mend
from matching.proposals.models import Proposal, Run
from matching.proposals.packs import pack_of
from matching.proposals.services import approaches, mending
from talentpool.audit.models import Event
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db


def kept(world: World, found: Mended, **how: Any) -> Run:
    return mending.keep_mended(
        world.run, shown=found.fingerprint, request_key=uuid.uuid4(), by=world.coordinator, **how
    )


def kinds(found: Mended) -> set[tuple[str, int, str]]:
    return {(change.kind, int(change.need), change.specialist) for change in found.changes}


def only_one_offered(world: World) -> None:
    """The first person is offered, asked and declines for the first need, which nobody else was
    offered for: its proposal ends. The second need is planned still."""
    world.proposals = make.make_proposals(world.run, world.needs[:1], by=world.coordinator)
    world.rank(0, wanted=1)
    bundle = approaches.approach(
        proposal_ids=[world.proposals[0].pk], answer_due=world.today, by=world.coordinator
    )
    approaches.decline(bundle.pk, reason="content", by=world.user())


@pytest.fixture
def world() -> World:
    world = make_world(people=4)
    assert {a["specialist"] for a in world.run.plan["assignments"]} == {str(world.people[0].pk)}
    return world


def test_after_a_decline_the_next_best_comes_and_all_else_stays(world: World) -> None:
    only_one_offered(world)
    found = mend(world.run)
    first, second = (str(need.pk) for need in world.needs)
    assert kinds(found) == {("declined", world.needs[0].pk, str(world.people[0].pk))}
    assert found.moved == [first]
    assert found.after[first][0] != str(world.people[0].pk)
    assert found.after[second] == found.before[second]
    assert engine.verify(found.problem, found.plan) == ()
    assert Run.objects.count() == 1


def test_it_is_kept_as_a_run_from_which_is_offered(world: World) -> None:
    only_one_offered(world)
    visitor = Visitor(world.coordinator)
    visitor.get(f"/admin/proposals/proposal/{world.proposals[0].pk}/change/").must_say(
        "変わった分だけ組み直す"
    )
    page = visitor.get(f"/admin/proposals/run/{world.run.pk}/mend/")
    page.must_say("本人辞退", "ほかの1件の割当ては、人も日数もそのままです", "全体を組み直した")
    page = visitor.send_twice(page, page.form_with("shown"))
    page.must_say("組み直した案", "割当てのちがい")
    run = Run.objects.get(mends=world.run)
    assert page.url.endswith(f"/{run.pk}/change/")
    made = make.make_proposals(run, world.needs[:1], by=world.coordinator)
    assert made[0].candidates.get(planned=True).specialist_id != world.people[0].pk
    (event,) = Event.objects.filter(action="mend_run")
    assert event.detail["mends"] == world.run.number
    visitor.get(f"/admin/proposals/run/{world.run.pk}/change/").must_say("組み直した案があります")
    for row in (run, world.run):
        assert any("組み直した" in edit["what"] for edit in pack_of(row)["appendix"]["edits"])


def test_its_pack_is_made_again_elsewhere(world: World) -> None:
    only_one_offered(world)
    pack = pack_of(kept(world, mend(world.run)))
    assert replay(pack).same
    other = copy.deepcopy(pack)
    other["mending"]["needs"] = []
    with pytest.raises(engine.ProblemError, match="changed after it was made"):
        replay(other)


def test_what_changes_while_the_page_is_open_is_not_kept_unseen(world: World) -> None:
    only_one_offered(world)
    found = mend(world.run)
    for person in world.people[1:]:
        person.availability.update(half_days=0)
    with pytest.raises(Refused, match="表示したあとに変わった"):
        kept(world, found)
    assert Run.objects.count() == 1


def test_where_nobody_fits_it_says_so(world: World) -> None:
    only_one_offered(world)
    for person in world.people[1:]:
        person.availability.update(half_days=0)
    page = Visitor(world.coordinator).get(f"/admin/proposals/run/{world.run.pk}/mend/")
    page.must_say("届かない", "本人辞退")


def test_days_that_were_taken_back_free_what_fits_no_more(world: World) -> None:
    """The person declares half of what two needs take: the one worth more stays."""
    person = world.people[0]
    most = max(a["half_days"] for a in world.run.plan["assignments"])
    person.availability.update(half_days=most)
    found = mend(world.run)
    assert {change.kind for change in found.changes} == {"lost"}
    staying = [n for n, (who, _) in found.after.items() if who == str(person.pk)]
    assert len(staying) == 1
    assert len(found.after) == 2
    run = kept(world, found)
    Visitor(world.coordinator).get(f"/admin/proposals/run/{run.pk}/change/").must_say(
        "案のあとに変わったこと", "ほかの案件にあてると"
    )


def test_a_need_that_comes_is_given_to_who_has_room(world: World) -> None:
    need = make.make_need("accepted", coordinator=world.coordinator)
    visitor = Visitor(world.coordinator)
    visitor.get(f"/admin/vacancies/need/{need.pk}/review/").must_say("の案に加えてみる")
    open_need = make.make_need("accepted", skill="SEC", coordinator=world.coordinator)
    both = f"?need={need.pk}&need={open_need.pk}"
    page = visitor.get(f"/admin/proposals/run/{world.run.pk}/mend/{both}")
    page.must_say("届かない")
    page = visitor.get(f"/admin/proposals/run/{world.run.pk}/mend/?need={need.pk}")
    page.must_say("新しい案件", "ほかの2件の割当ては、人も日数もそのままです")
    visitor.send(page, page.form_with("shown"))
    run = Run.objects.get(mends=world.run)
    assert need in run.needs.all()
    assert len(run.plan["assignments"]) == 3


def test_who_is_offered_is_held_and_who_cannot_be_is_left_to_the_coordination() -> None:
    world = make_world("offered")
    planned = {
        p.need_id: str(p.candidates.get(planned=True).specialist_id) for p in world.proposals
    }
    found = mend(world.run)
    assert (found.changes, found.moved) == ([], [])
    world.people[0].availability.update(half_days=0)
    found = mend(world.run)
    assert kinds(found) == {("waits", need, person) for need, person in planned.items()}
    assert found.after == {}
    assert Proposal.objects.filter(status="offered").count() == 2


def test_a_second_change_goes_on_from_what_was_mended(world: World) -> None:
    only_one_offered(world)
    run = kept(world, mend(world.run))
    again = mend(world.run)
    assert (again.changes, again.moved) == ([], [])
    page = Visitor(world.coordinator).get(f"/admin/proposals/run/{world.run.pk}/mend/")
    page.must_say("変わったものはありません", f"第{run.number}回の案を")
