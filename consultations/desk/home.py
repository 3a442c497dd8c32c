"""What the desk puts on the home pages: questions to answer, answers to read."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from consultations.desk.models import Consultation
from municipalities.registry.queue import Panel, QueueItem, due_tag

NOBODY = "担当者がいません"
MOST_ROWS = 20  # of one kind on a home page; the list has them all


def coordinator_queue(user: Any) -> Iterator[QueueItem]:
    """Questions that wait for the prefecture: nobody's, one's own, and any past its day."""
    today = timezone.localdate()
    waiting = (
        Consultation.objects.visible_to(user)
        .waiting_for_prefecture()
        .concerning(user, today)
        .with_who_answers()
        .select_related("municipality", "topic", "assignee")
        .only(
            "number",
            "answer_due",
            "asked_at",
            "municipality__name",
            "topic__name",
            "assignee__name",
        )
        .order_by("answer_due", "pk")[:MOST_ROWS]
    )
    for consultation in waiting:
        waited = consultation.waited_business_days(today)
        since = f"届いてから{waited}開庁日" if waited else "届いてから1開庁日たっていません"
        assignee = consultation.assignee if consultation.has_assignee else None  # type: ignore[attr-defined]
        who = f"担当は{assignee.name}" if assignee else NOBODY
        yield QueueItem(
            title=f"相談 第{consultation.number}号"
            f"({consultation.municipality.name}・{consultation.topic.name})",
            detail=f"{who}。{since}",
            url=reverse("admin:desk_consultation_change", args=[consultation.pk]),
            action="回答する" if assignee else "担当を決める",
            due=consultation.answer_due,
            **due_tag(consultation.answer_due, today),
        )


def town_queue(user: Any) -> Iterator[QueueItem]:
    """Answers to read, questions of the prefecture to answer."""
    waiting = Consultation.objects.visible_to(user).waiting_for_town().order_by("-pk")[:MOST_ROWS]
    for consultation in waiting:
        answered = consultation.status == Consultation.Status.ANSWERED
        yield QueueItem(
            title=f"相談「{consultation.title}」",
            detail="回答が届きました。読んで、解決していれば相談を終えてください"
            if answered
            else "県から確認の質問です。答えるまで、県の回答は止まっています",
            url=reverse("town:consultation", args=[consultation.pk]),
            action="回答を読む" if answered else "質問に答える",
            label="回答" if answered else "確認の質問",
            kind="info" if answered else "wait",
        )


def coordinator_panels(user: Any) -> Iterator[Panel]:
    visible = Consultation.objects.visible_to(user)
    yield Panel(
        label="回答を待つ相談",
        rows=visible.waiting_for_prefecture(),
        unit="件",
        url=f"{reverse('admin:desk_consultation_changelist')}?turn__exact=prefecture",
    )


def town_panels(user: Any) -> Iterator[Panel]:
    visible = Consultation.objects.visible_to(user)
    yield Panel(
        label="終わっていない相談",
        rows=visible.open(),
        unit="件",
        url=reverse("town:consultations"),
    )
