"""What the town's home page asks for about its own contracts and procurements."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import PlannedProcurement
from municipalities.registry.queue import QueueItem

SHOWN = 5


def overdue_procurements(user: Any) -> Iterator[QueueItem]:
    """Procurements that were to be decided by now: until the town says what became of them they
    keep people away."""
    rows = PlannedProcurement.objects.visible_to(user).overdue(timezone.localdate())
    for row in rows.order_by("decided_on", "pk")[:SHOWN]:
        yield QueueItem(
            title=f"調達「{row.subject}」の決定の予定日を直す",
            detail="予定日を過ぎました。「決定済み」か「取りやめ」にするか、新しい予定日を入れて"
            "ください。それまでは、関わりのある専門人材を候補から外したままにします。",
            url=reverse("town:procurement_edit", args=[row.pk]),
            action="直す",
            label="予定日を過ぎた",
            kind="late",
        )
