"""Pages that use none of a run's large documents do not read them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matching import engine
from matching.proposals.freshness import accepted_since
from matching.proposals.models import Run
from matching.proposals.services import runs, studies
from tests.matching.visitor import Visitor
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: object) -> World:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    return make_world("offered")


def test_documents_stay_in_the_database(world: World) -> None:
    study = studies.start_study(
        world.run, kind="policies", asked={}, words="問い", by=world.coordinator
    )
    staff = Visitor(world.coordinator)
    pages = [
        "/admin/proposals/run/",
        f"/admin/proposals/run/{world.run.pk}/progress/",
        f"/admin/proposals/run/{world.run.pk}/studies/{study.pk}/",
        f"/admin/proposals/proposal/{world.proposals[0].pk}/change/",
        f"/admin/vacancies/need/{world.needs[0].pk}/change/",
    ]
    for page in pages:
        with CaptureQueriesContext(connection) as queries:
            staff.client.get(page, follow=True)
        told = [row["sql"] for row in queries if '"proposals_run"."greedy_plan"' in row["sql"]]
        assert told == [], page
        assert any('"proposals_run"' in row["sql"] for row in queries), page


def test_a_need_mended_before_the_freeze_is_not_one_changed_since(world: World) -> None:
    run, need = world.run, world.needs[0]
    need.accepted_at = run.created_at + timedelta(minutes=1)
    assert accepted_since(run, need)  # of an earlier version: when it was frozen is not known
    run.frozen_at = run.created_at + timedelta(minutes=2)
    assert not accepted_since(run, need)
    need.accepted_at = run.created_at + timedelta(minutes=3)
    assert accepted_since(run, need)


def test_an_attempt_keeps_nothing_of_a_lost_one_and_freezes_once(world: World) -> None:
    values = {"status": "running", "attempts": 1, "stage": "得点", "stages_done": 4, "stages_of": 5}
    Run.objects.filter(pk=world.run.pk).update(
        **values, problem={"schema": "talentpool-problem-0"}, plan=None, finished_at=None
    )
    with pytest.raises(engine.ProblemError):
        runs.solve_run(world.run.pk)
    run = Run.objects.get(pk=world.run.pk)
    assert (run.attempts, run.stage, run.stages_done, run.stages_of) == (2, "", 0, 0)


def test_a_run_whose_needs_were_all_offered_meanwhile_says_so(world: World) -> None:
    Run.objects.filter(pk=world.run.pk).update(status="queued", problem=None, plan=None)
    runs.solve_run(world.run.pk)
    run = Run.objects.get(pk=world.run.pk)
    assert (run.status, run.failure) == ("failed", runs.NO_NEEDS)
    assert "提示されました" in run.failure
