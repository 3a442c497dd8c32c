"""`make faults`: coordination by random clients while the worker is killed and the broker forgets
everything (A-26, A-36). Ten seeds; SECONDS=300 for the long run.

    python -m pytest tests/bench/faults_coordination.py -s

What was acknowledged is remembered by the clients; afterwards the books, the audit chain and every
acknowledged signature are checked, and every run that was asked for has been solved.
"""

import os
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from matching.engagements import declaring
from matching.engagements.models import Engagement
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate, Proposal, Run
from matching.proposals.services import agreement, approaches, runs, signing
from municipalities.vacancies import services as needs
from municipalities.vacancies.errors import NotAllowedNowError
from talentpool.audit.services import verify_chain
from talentpool.conventions.months import add_months, first_of_month
from talentpool.outbox.models import Message
from tests import factories as make
from tests.conftest import celery_worker_process  # noqa: F401  # the fixture
from tests.matching.concurrency import wrong_months
from tests.matching.world import CODES, World, make_world
from tests.worker import WorkerProcess

SEEDS = range(10)
SECONDS = float(os.environ.get("SECONDS", "30"))
CLIENTS = 6
PATIENCE = 180


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_acknowledged_is_lost(seed: int, request: pytest.FixtureRequest) -> None:
    worker: WorkerProcess = request.getfixturevalue("celery_worker_process")
    worlds = [make_world("offered", people=2) for _ in range(4)]
    end = time.monotonic() + SECONDS
    acknowledged: list[int] = []
    surprises: list[Exception] = []
    clients = [
        threading.Thread(
            target=client, args=(random.Random(f"{seed}/{n}"), worlds, end, acknowledged, surprises)
        )
        for n in range(CLIENTS)
    ]
    for thread in clients:
        thread.start()
    rng = random.Random(seed)
    kills = flushes = 0
    while time.monotonic() < end:
        time.sleep(rng.uniform(1, 5))
        worker.kill_hard()
        kills += 1
        if rng.random() < 0.5:
            worker.flush_broker()
            flushes += 1
        worker.start()
    for thread in clients:
        thread.join(PATIENCE)
    assert surprises == []
    limit = time.monotonic() + PATIENCE
    while Run.objects.filter(status__in=Run.GOING_ON).exists():
        assert time.monotonic() < limit, list(Run.objects.values("pk", "status", "attempts"))
        runs.sweep_runs()
        time.sleep(1)
    assert wrong_months() == []
    assert verify_chain()[1] is None
    assert set(acknowledged) == set(Engagement.objects.values_list("pk", flat=True))
    assert Bundle.objects.filter(engagement__in=acknowledged).count() == len(set(acknowledged))
    assert not Message.objects.filter(state="failed").exists()
    print(
        f"seed {seed}: {kills} kills, {flushes} times a forgetful broker,"
        f" {len(set(acknowledged))} engagements, {Run.objects.count()} runs, nothing lost"
    )


def client(
    rng: random.Random,
    worlds: list[World],
    end: float,
    acknowledged: list[int],
    surprises: list[Exception],
) -> None:
    """One client: random verbs until the end; only refusals are expected."""
    while time.monotonic() < end:
        world, town = rng.choice(worlds), rng.randrange(2)
        verb = rng.choice(VERBS)
        try:
            done = verb(world, town, rng)
            if isinstance(done, Engagement):
                acknowledged.append(done.pk)
        except (Refused, NotAllowedNowError):
            continue
        except Exception as error:
            surprises.append(error)
    connection.close()


def _bundle(world: World, town: int) -> Bundle:
    current = Candidate.objects.filter(
        proposal=world.proposals[town], status__in=Candidate.IN_BUNDLE
    ).select_related("bundle__specialist__user")
    found = current.first()
    if found is None or found.bundle is None:
        raise Refused("nobody is in it now")
    return found.bundle


def rank(world: World, town: int, rng: random.Random) -> Any:
    world.rank(town, wanted=2)


def approach(world: World, town: int, rng: random.Random) -> Any:
    ranked = Proposal.objects.filter(
        pk__in=[row.pk for row in world.proposals], status="ranked"
    ).values_list("pk", flat=True)
    return approaches.approach(
        proposal_ids=list(ranked), answer_due=world.today, by=world.coordinator
    )


def accept(world: World, town: int, rng: random.Random) -> Any:
    bundle = _bundle(world, town)
    return approaches.accept(
        bundle.pk,
        agreed_codes=CODES,
        terms_version=bundle.terms_version,
        by=bundle.specialist.user or world.user(),
    )


def decline(world: World, town: int, rng: random.Random) -> Any:
    if rng.random() < 0.8:
        return None
    bundle = _bundle(world, town)
    return approaches.decline(
        bundle.pk, reason="schedule", by=bundle.specialist.user or world.user()
    )


def confirm(world: World, town: int, rng: random.Random) -> Any:
    bundle = _bundle(world, town)
    return agreement.confirm_terms(
        bundle.pk,
        terms_version=bundle.terms_version,
        by=bundle.specialist.user or world.user(),
    )


def decide(world: World, town: int, rng: random.Random) -> Any:
    agreement.ask_disclosure(world.proposals[town].pk, by=world.town(town))
    return agreement.decide(
        world.proposals[town].pk,
        document_number="第1号",
        decided_on=world.today,
        terms_version=_bundle(world, town).terms_version,
        by=world.town(town),
    )


def sign(world: World, town: int, rng: random.Random) -> Any:
    return signing.sign(
        _bundle(world, town).pk, signed_on=world.today, form_code="10", by=world.coordinator
    )


def step_back(world: World, town: int, rng: random.Random) -> Any:
    return world.step_back(town) if rng.random() < 0.1 else None


def withdraw(world: World, town: int, rng: random.Random) -> Any:
    if rng.random() < 0.02:
        needs.withdraw_need(world.needs[town], by=world.town(town))


def declare(world: World, town: int, rng: random.Random) -> Any:
    person = rng.choice(world.people)
    start = first_of_month(world.today)
    days = {add_months(start, index): rng.randint(6, 20) for index in range(9)}
    return declaring.declare_days(person, days, by=person.user or world.user())


def start_run(world: World, town: int, rng: random.Random) -> Any:
    if rng.random() < 0.05:
        need = make.make_need("accepted", by=world.town(town), coordinator=world.coordinator)
        runs.start_run(title="試験", need_ids=[need.pk], wall_seconds=5, by=world.coordinator)


VERBS: list[Callable[[World, int, random.Random], Any]] = [
    rank, approach, accept, decline, confirm, decide, sign, step_back, withdraw, declare, start_run,
]  # fmt: skip
