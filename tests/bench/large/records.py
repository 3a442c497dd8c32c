"""What a prefecture of that size has on record besides people, needs and looks: a million audit
events, sent mail, consultations with articles, engagements, and closed proposals."""

import os
import random
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from tests.bench.large.data import FIRST, WORDS, copy_in, multiply

EVENTS = int(os.environ.get("EVENTS", "1000000"))
MESSAGES = int(os.environ.get("MESSAGES", "200000"))
CONSULTATIONS = int(os.environ.get("CONSULTATIONS", "20000"))
ENGAGEMENTS = int(os.environ.get("ENGAGEMENTS", "5000"))
TIMES = 20  # how often what is made in Python comes, with other keys
ACTIONS = ["need.submit", "need.accept", "proposal.rank", "bundle.approve", "specialist.update"]


def fill_records(coordinator: Any, editor: Any) -> None:
    """Make all of it."""
    chance = random.Random(6)
    _events(chance, coordinator)
    _messages()
    _consultations(chance, coordinator, editor)
    _engagements(chance, coordinator)


def _events(chance: random.Random, coordinator: Any) -> None:
    """Events as they are kept; their chain is not a chain, which no list looks at."""
    from talentpool.audit.models import Event

    size = EVENTS // TIMES
    now = timezone.now()
    copy_in(
        Event,
        [
            Event(
                at=now - timedelta(days=400, minutes=-index),
                actor_id=coordinator.pk,
                actor_role="coordinator",
                action=chance.choice(ACTIONS),
                object_type=chance.choice(["vacancies.Need", "specialists.Specialist"]),
                object_id=str(chance.randrange(100_000)),
                previous_hash=f"{index:064}",
                hash=f"{index + 1:064}",
            )
            for index in range(size)
        ],
    )
    again = {"at": "t.at + n * interval '1 day'", "hash": "md5(t.hash || n) || md5(n || t.hash)"}
    multiply(Event, TIMES - 1, again, f"t.hash < '{size + 1:064}'")


def _messages() -> None:
    from talentpool.outbox.models import Message

    size = MESSAGES // TIMES
    now = timezone.now()
    copy_in(
        Message,
        [
            Message(
                kind="task" if index % 3 else "mail",
                key=f"sample-{index}",
                payload={},
                state="failed" if index % 1000 == 0 else "done",
                not_before=now,
                finished_at=now,
            )
            for index in range(size)
        ],
    )
    multiply(Message, TIMES - 1, {"key": "t.key || '-' || n"}, "t.key LIKE 'sample-%'")


def _consultations(chance: random.Random, coordinator: Any, editor: Any) -> None:
    """One in a hundred waits for the prefecture; one in four became an article."""
    from consultations.desk.models import Consultation
    from consultations.knowledge.models import Article
    from municipalities.registry.models import Municipality
    from talentpool.vocabulary.models import Skill

    now, today = timezone.now(), timezone.localdate()
    towns = list(Municipality.objects.in_prefecture().values_list("pk", flat=True))
    skills = list(Skill.objects.values_list("pk", flat=True))
    ids = range(FIRST, FIRST + CONSULTATIONS)
    copy_in(
        Consultation,
        [
            Consultation(
                pk=pk,
                municipality_id=chance.choice(towns),
                fiscal_year=2026,
                number=pk,
                topic_id=chance.choice(skills),
                stage="plan",
                title="".join(chance.choices(WORDS, k=5)),
                question="".join(chance.choices(WORDS, k=40)),
                answer_due=today + timedelta(days=pk % 9),
                secrecy="shareable",
                status="in_progress" if pk % 100 == 0 else "closed",
                turn="prefecture" if pk % 100 == 0 else "",
                assignee_id=coordinator.pk,
                asked_by_id=editor.pk,
                asked_at=now - timedelta(minutes=CONSULTATIONS - pk),
                answered_at=None if pk % 100 == 0 else now,
                closed_at=None if pk % 100 == 0 else now,
            )
            for pk in ids
        ],
    )

    def article(pk: int) -> Article:
        made = Article(
            consultation_id=pk,
            topic_id=chance.choice(skills),
            title="".join(chance.choices(WORDS, k=5)),
            question="".join(chance.choices(WORDS, k=60)),
            answer="".join(chance.choices(WORDS, k=150)) + ("琥珀" if pk % 1000 == 1 else ""),
            status="published",
            approval_due=today,
            proposed_by_id=coordinator.pk,
            proposed_at=now,
            decided_by_id=editor.pk,
            decided_at=now,
        )
        made.fold()
        return made

    copy_in(Article, [article(pk) for pk in ids if pk % 4 == 1])


@transaction.atomic  # an engagement without its shares is refused at the end
def _engagements(chance: random.Random, coordinator: Any) -> None:
    """Engagements that have ended, and for each the proposal that was closed before it."""
    from matching.engagements.models import Engagement, Share
    from matching.proposals.models import Proposal, Run
    from municipalities.vacancies.models import Need
    from talentpool.conventions.months import add_months, first_of_month

    now, today = timezone.now(), timezone.localdate()
    months = [
        (add_months(last, -5), last)
        for last in (add_months(first_of_month(today), -12 * years - 3) for years in range(1, 9))
    ]  # of the last eight years in turn
    needs = list(
        Need.objects.filter(status="filled")
        .order_by("-pk")
        .values_list("pk", "municipality_id")[:ENGAGEMENTS]
    )
    begin = 100_000
    copy_in(
        Engagement,
        [
            Engagement(
                pk=begin + index,
                number=f"2025-{index:05}",
                specialist_id=FIRST + index,
                status="ended",
                first_month=months[index % 8][0],
                last_month=months[index % 8][1],
                half_day_rate_yen=10_000,
                total_yen=240_000,
                signed_on=months[index % 8][0],
                signed_by_id=coordinator.pk,
                ended_on=today,
            )
            for index in range(len(needs))
        ],
    )
    copy_in(
        Share,
        [
            Share(
                engagement_id=begin + index,
                municipality_id=town,
                need_id=need,
                half_days=4,
                first_month=months[index % 8][0],
                last_month=months[index % 8][1],
                cost_yen=240_000,
                document_number=f"見本第{index}号",
                decided_on=months[index % 8][0],
            )
            for index, (need, town) in enumerate(needs)
        ],
    )
    runs = [
        Run(number=100 + index, title=f"見本の回{index}", requested_by_id=coordinator.pk)
        for index in range(200)
    ]
    for run in runs:
        run.status, run.failure = Run.Status.FAILED, "見本のため計算していません"
    runs = Run.objects.bulk_create(runs)
    copy_in(
        Proposal,
        [
            Proposal(
                need_id=need,
                run=chance.choice(runs),
                rank_due=today,
                status="closed",
                close_reason="nobody_left",
                closed_at=now,
            )
            for need, _ in needs
        ],
    )
    with connection.cursor() as cursor:
        for model in (Engagement, Proposal):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
