"""What waits for the prefecture: requests, by the day of the decision; alerts of unusual views."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from municipalities.registry.queue import QueueItem, Tag, due_tag
from talentpool.conventions.era import format_wareki
from talentpool.rights.models import RightsRequest, ViewAlert

SHOWN = 20
WAITS_FOR = {
    RightsRequest.Status.RECEIVED: ("本人確認をしてください", "確認する"),
    RightsRequest.Status.IDENTIFIED: ("決定の期限があります", "検討する"),
    RightsRequest.Status.DECIDED: ("決定しました。決定のとおり対応してください", "対応する"),
}


def for_coordinator(user: Any) -> Iterator[QueueItem]:
    """Open requests: what is past its day is red."""
    today = timezone.localdate()
    requests = RightsRequest.objects.visible_to(user).filter(status__in=list(WAITS_FOR))
    for request in requests.order_by("due_on", "pk")[:SHOWN]:
        words, action = WAITS_FOR[RightsRequest.Status(request.status)]
        is_open = request.is_open
        waiting: Tag = {"label": "対応待ち", "kind": "wait"}
        tag = due_tag(request.deadline, today) if is_open else waiting
        yield QueueItem(
            f"{request.get_kind_display()}の請求（第{request.pk}号）",
            words,
            reverse("admin:rights_rightsrequest_change", args=[request.pk]),
            action,
            due=request.deadline if is_open else None,
            **tag,
        )


def view_alerts(user: Any) -> Iterator[QueueItem]:
    """Accounts that looked at unusually many people; not for the account itself."""
    alerts = ViewAlert.objects.visible_to(user).open().exclude(viewer=user)
    for alert in alerts.order_by("day", "pk")[:SHOWN]:
        yield QueueItem(
            f"閲覧が多い：{alert.viewer_body}　{alert.viewer_role}",
            f"{format_wareki(alert.day)}に、{alert.people:,}人の登録内容を見ています。"
            "理由を確かめて、結果を記録してください",
            reverse("admin:rights_viewalert_change", args=[alert.pk]),
            "確かめる",
            label="警告",
            kind="late",
        )
