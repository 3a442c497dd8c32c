"""The walkthrough passes twice in a row against a live portal with a real worker, with and
without the second factor; and it names the step that fails."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from matching.engagements.models import Engagement
from municipalities.registry.services import load_reference
from municipalities.vacancies.services import load_shipped_forms
from talentpool.audit.models import Event
from talentpool.embedded.walkthrough.people import ADDRESSES, retire_left_over
from talentpool.specialists.models import Specialist, StatusChange
from talentpool.users.models import User
from tests.factories import make_specialist
from tests.worker import WorkerProcess


@pytest.mark.django_db(transaction=True)
def test_both_lines_pass_twice_in_a_row(
    live_server: LiveServer,
    celery_worker_process: WorkerProcess,
    settings: object,
    capsys: pytest.CaptureFixture[str],
) -> None:
    load_reference()
    load_shipped_forms()

    for run in (1, 2):
        # The second time staff have to set up a second factor first, as in production.
        settings.SECOND_FACTOR_REQUIRED = run == 2  # type: ignore[attr-defined]
        call_command("walkthrough", url=live_server.url)
        assert "walkthrough passed" in capsys.readouterr().out

    assert [e.shares.count() for e in Engagement.objects.all()] == [2, 2]
    for engagement in Engagement.objects.all():
        shares = engagement.shares.values_list("cost_yen", flat=True)
        assert sum(shares) == engagement.total_yen
    # Its people are taken out of the pool again.
    assert not Specialist.objects.registered().exists()
    assert not User.objects.filter(is_active=True).exists()
    assert StatusChange.objects.filter(verb="withdraw", after="withdrawn").count() == 4
    assert Event.objects.filter(action="end_membership").count() == 8
    assert Event.objects.filter(action="withdraw_specialist").count() == 4


@pytest.mark.django_db(transaction=True)
def test_the_failing_step_is_named(live_server: LiveServer, settings: object) -> None:
    load_reference()
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]

    with pytest.raises(CommandError, match=r"^sign_in failed: .*cannot be reached"):
        call_command("walkthrough", url="http://127.0.0.1:9")
    assert not User.objects.filter(is_active=True).exists()


NOBODY_LEAVES = """
    CREATE FUNCTION nobody_leaves() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RAISE EXCEPTION USING MESSAGE = ''nobody leaves''; END';
    CREATE TRIGGER nobody_leaves BEFORE UPDATE ON specialists_specialist FOR EACH ROW
        WHEN (NEW.status = 'withdrawn') EXECUTE FUNCTION nobody_leaves();
"""


@pytest.mark.django_db
def test_people_who_cannot_be_retired_hide_no_failing_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    load_reference()
    with connection.cursor() as cursor:
        cursor.execute(NOBODY_LEAVES)
    with pytest.raises(CommandError, match=r"^sign_in failed: "):
        call_command("walkthrough", url="http://127.0.0.1:9")
    said = capsys.readouterr().err
    assert "could not be retired: " in said
    assert "nobody leaves" in said


def test_people_of_a_killed_walkthrough_leave_the_pool(db: None) -> None:
    left, other = make_specialist(), make_specialist()
    User.objects.filter(pk=left.user_id).update(email=f"walk-x{ADDRESSES}")
    assert retire_left_over() == 0  # of a walkthrough that runs beside this one
    Specialist.objects.update(confirmed_at=timezone.now() - timedelta(hours=2))
    assert retire_left_over() == 1
    assert list(Specialist.objects.registered()) == [other]
