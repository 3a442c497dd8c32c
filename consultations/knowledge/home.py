"""What sharing puts on the home pages and on a consultation's page."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from consultations.desk.models import Consultation
from consultations.desk.sections import Section
from consultations.knowledge.models import Article
from consultations.knowledge.services import why_not_shareable
from municipalities.registry.querysets import is_coordinator, municipality_code_of
from municipalities.registry.queue import Panel, QueueItem, due_tag

MOST_ROWS = 50


def town_queue(user: Any) -> Iterator[QueueItem]:
    """Texts that wait for this town's word; other towns' proposals are not visible to it."""
    today = timezone.localdate()
    waiting = (
        Article.objects.visible_to(user)
        .filter(status=Article.Status.PROPOSED)
        .order_by("approval_due", "pk")[:MOST_ROWS]
    )
    for article in waiting:
        yield QueueItem(
            title=f"ナレッジ「{article.title}」の公開",
            detail="相談から県が作った文章です。答えがないうちは公開されません",
            url=reverse("town:article_review", args=[article.pk]),
            action="文章を確かめる",
            due=article.approval_due,
            **due_tag(article.approval_due, today),
        )


def coordinator_queue(user: Any) -> Iterator[QueueItem]:
    """Proposals that the town has left unanswered past the day."""
    today = timezone.localdate()
    overdue = (
        Article.objects.visible_to(user)
        .filter(status=Article.Status.PROPOSED, approval_due__lt=today)
        .select_related("consultation__municipality")
        .only("title", "approval_due", "consultation__municipality__name")
        .order_by("approval_due", "pk")[:MOST_ROWS]
    )
    for article in overdue:
        yield QueueItem(
            title=f"ナレッジ「{article.title}」の公開",
            detail=f"{article.consultation.municipality.name}の確認が期限を過ぎました。"
            "尋ねるか、取り下げてください",
            url=reverse("admin:knowledge_article_change", args=[article.pk]),
            action="内容を見る",
            due=article.approval_due,
            **due_tag(article.approval_due, today),
        )


def town_panels(user: Any) -> Iterator[Panel]:
    yield Panel(
        label="県内で共有しているナレッジ",
        rows=Article.objects.visible_to(user).published(),
        unit="件",
        url=reverse("town:articles"),
    )


def section_of(consultation: Consultation, user: Any) -> Section | None:
    """What a consultation's page says about sharing; nothing before there is an answer."""
    articles = list(
        Article.objects.visible_to(user).filter(consultation=consultation).order_by("-pk")
    )
    why_not = why_not_shareable(consultation)
    if not articles and consultation.answered_at is None:
        return None
    return Section(
        template="knowledge/section.html",
        context={
            "articles": articles,
            "why_not": why_not,
            "propose_url": reverse("admin:knowledge_article_propose", args=[consultation.pk])
            if is_coordinator(user) and not why_not
            else "",
            "for_town": municipality_code_of(user) is not None,
        },
    )
