"""The audit pack: stored by the worker, handed out as it is, with what was changed since beside."""

import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from matching.engine.pack import appendix_sha256, replay
from matching.engine.planning import ENGINE_VERSION
from matching.proposals import retention
from matching.proposals.edits import edits_of
from matching.proposals.models import Bundle, Run
from matching.proposals.services import approaches, ending, offers
from municipalities.vacancies.models import Need
from talentpool.audit.models import Event
from talentpool.specialists.models import Specialist
from talentpool.users.models import User
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, make_world, solved_run

pytestmark = pytest.mark.django_db


def downloaded(run: Run, user: User) -> dict[str, Any]:
    answer = Visitor(user).client.get(f"/admin/proposals/run/{run.pk}/pack/")
    assert answer.status_code == 200
    pack: dict[str, Any] = json.loads(answer.content)
    return pack


def said(run: Run) -> list[str]:
    return [f"{edit.by}／{edit.what}／{edit.why}" for edit in edits_of(run)]


def test_the_worker_keeps_the_pack_and_its_hash_stands_in_the_audit_record() -> None:
    coordinator = make.make_coordinator()
    make.make_specialist()
    need = make.make_need("accepted", coordinator=coordinator)
    run = make.make_run([need], by=coordinator)
    told = Event.objects.get(action="finish_run").detail
    assert (told["plan_sha256"], told["pack_sha256"]) == (run.plan_sha256, run.pack_sha256)
    pack = downloaded(run, coordinator)
    assert (pack["plan_sha256"], pack["sha256"]) == (run.plan_sha256, run.pack_sha256)
    assert pack["appendix"]["edits"] == []
    assert pack["appendix"]["verified"] == {
        "made_by": ENGINE_VERSION,
        "engine": ENGINE_VERSION,
        "same_version": True,
        "violations": [],
        "says": "検算に通りました。",
    }
    handed = Event.objects.get(action="hand_out_pack")
    assert handed.detail == {
        "pack_sha256": run.pack_sha256,
        "appendix_sha256": appendix_sha256(pack["appendix"]),
    }
    again = replay(pack)
    assert (again.same, again.sha256) == (True, run.plan_sha256)
    # What is done by hand later stands in the appendix and leaves the pack as it is.
    offers.give_up(need.pk, by=coordinator)
    later = downloaded(run, coordinator)
    assert [edit["what"] for edit in later["appendix"]["edits"]] == [
        f"案件{need.pk}：人が見つからないものとして終え、募集情報にした"
    ]
    assert later["appendix"]["edits"][0]["by"] == coordinator.role_word
    assert later["sha256"] == run.pack_sha256
    assert replay(later).same
    forged = copy.deepcopy(later)
    forged["appendix"]["edits"] = []
    with pytest.raises(Exception, match="appendix_sha256: does not fit"):
        replay(forged)
    forged["alternates"] = {}
    with pytest.raises(Exception, match="sha256: does not fit"):
        replay(forged)


def test_what_was_decided_otherwise_is_told_with_who_when_and_why() -> None:
    world = make_world("ranked", least_half_days=10)
    bundle = world.approach()
    pool, needs = [person.pool_number for person in world.people], [need.pk for need in world.needs]
    for need in needs:
        assert f"自動／案件{need} {pool[0]}：月2日を月2.5日に増やした／本人の最低の量" in said(
            world.run
        )
    approaches.decline(bundle.pk, reason="schedule", by=world.user())
    for need in needs:
        line = f"specialist／案件{need} {pool[0]}：本人が打診を辞退した／日程が合わない"
        assert line in said(world.run)
    second = Bundle.objects.get(status="approached")
    ending.end_approach(second.pk, reason="conflict", by=world.coordinator)
    lines = said(world.run)
    assert any(f"{pool[1]}：県が打診を終えた／利益相反のおそれがある" in line for line in lines)
    times = [edit.at for edit in edits_of(world.run)]
    assert times == sorted(times)
    assert all(times)


def test_who_was_set_aside_or_skipped_and_what_ended_is_told() -> None:
    world = make_world("skipped")
    assert any("打診できず、次の候補へ進めた" in line for line in said(world.run))
    closed = make_world("closed")
    assert any(
        "候補提示が終わった／市町が候補を希望しなかった" in line for line in said(closed.run)
    )


def test_an_offer_other_than_the_plan_is_told() -> None:
    coordinator = make.make_coordinator()
    first, second = make.make_specialist(), make.make_specialist()
    need = make.make_need("accepted", code=CODES[0], coordinator=coordinator)
    run = solved_run([need], by=coordinator)
    planned = run.plan["assignments"][0]["specialist"]
    gone = first if planned == str(first.pk) else second
    Specialist.objects.filter(pk=gone.pk).update(status="paused")
    make.make_proposals(run, [need], by=coordinator)
    assert f"自動／案件{need.pk} {gone.pool_number}：案の人を示さなかった／提示の時の条件" in said(
        run
    )


def test_what_went_with_its_term_is_said_and_nothing_else_in_its_place() -> None:
    world = make_world("declined")
    run, later = world.run, timezone.now() + timedelta(days=1)
    assert any("本人が打診を辞退した" in line for line in said(run))
    for proposal in world.proposals:
        offers.close_proposal(proposal, reason="replan", by=world.coordinator)
    assert retention.remove_candidates(retention.closed_candidates(later)) == 4
    gone = "候補の記録を消したため、示した人と、その人についての変更は残っていない"
    lines = said(run)
    for need in world.needs:
        assert f"自動／案件{need.pk}：{gone}／候補の記録の保存期間が過ぎた" in lines
        ended = f"{world.coordinator.role_word}／案件{need.pk}：候補提示が終わった"
        assert f"{ended}／マッチングをやり直す" in lines
    assert len(lines) == 4


def test_a_pack_of_another_version_is_handed_out_and_says_so() -> None:
    coordinator = make.make_coordinator()
    make.make_specialist()
    need: Need = make.make_need("accepted", coordinator=coordinator)
    run = solved_run([need], by=coordinator)  # without a stored pack, as runs of before
    assert downloaded(run, coordinator)["appendix"]["verified"]["same_version"] is True
    run.plan["versions"]["engine"] = "1"
    run.save()
    assert downloaded(run, coordinator)["appendix"]["verified"]["same_version"] is False
    Run.objects.filter(pk=run.pk).update(problem={"schema": "talentpool-problem-0"})
    pack = downloaded(run, coordinator)
    assert pack["problem"] == {"schema": "talentpool-problem-0"}
    assert "検算していません" in pack["appendix"]["verified"]["says"]
